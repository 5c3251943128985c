/* SPDX-License-Identifier: EUPL-1.2
 *
 * Records: STATE_VERSION, i64 the last migration; STATE_TABLE, text name, u32 count, each text column; STATE_ROW, for
 * each column u8 its type (enum store_type) and i64 or bytes; STATE_END, u64 rows in all.
 */
#include "domain/state/tables.h"

#include "base/error.h"
#include "ipc/message.h"

enum { TABLES_MAXIMUM = 128, COLUMNS_MAXIMUM = 48, NAME_MAXIMUM = 64, SQL_MAXIMUM = 8192 };

struct column {
    const char *name;
    bool boolean, identity;
};
struct table {
    const char *name;
    struct column *columns;
    size_t count;
};
struct tables {
    struct table items[TABLES_MAXIMUM];
    size_t count;
};

/* ---- What there is ---- */

/* Not of the state: which migrations ran, which processes live, who works at what now. */
static const char *const left_out[] = {"migration", "status_node", "lease"};

static bool is_left_out(const char *name)
{
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
        if (strcmp(name, left_out[i]) == 0) return true;
    }
    return false;
}

static const char *const tables_sql[] = {
    [STORE_SQLITE] = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    [STORE_POSTGRESQL] = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                         "WHERE c.relkind = 'r' AND n.nspname = current_schema() ORDER BY c.oid"};
/* Name; whether it is a boolean; whether the database itself counts it. */
static const char *const columns_sql[] = {
    [STORE_SQLITE] = "SELECT name, 0, 0 FROM pragma_table_info($1) ORDER BY cid",
    [STORE_POSTGRESQL] =
        "SELECT column_name::text, (data_type = 'boolean')::int::bigint, (is_identity = 'YES')::int::bigint "
        "FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1::text "
        "ORDER BY ordinal_position"};

/** Names of tables and columns are pasted into SQL: they are plain words, or nothing is done. */
static bool is_word(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        bool letter = (s.data[i] >= 'a' && s.data[i] <= 'z') || (i > 0 && s.data[i] >= '0' && s.data[i] <= '9');
        if (!letter && s.data[i] != '_') return false;
    }
    return s.length > 0 && s.length <= NAME_MAXIMUM;
}

static rfd_status keep_word(struct transaction *t, slice s, const char **out, struct rfd_error *error)
{
    if (!is_word(s)) return error_set(error, RFD_E_STORE_VERSION, "a table or column with an odd name");
    *out = arena_text(store_arena(t), s);
    return *out == NULL ? arena_failed(store_arena(t), error) : RFD_OK;
}

static rfd_status describe_table(struct transaction *t, enum store_kind kind, struct table *table,
                                 struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value name = store_text(slice_text(table->name));
    TRY(store_run(t, columns_sql[kind], &name, 1, &rows, error));
    if (rows.count == 0 || rows.count > COLUMNS_MAXIMUM)
        return error_set(error, RFD_E_STORE_VERSION, "%s: %zu columns", table->name, rows.count);
    table->columns = arena_zeroed(store_arena(t), rows.count, sizeof *table->columns);
    if (table->columns == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        struct column *column = &table->columns[i];
        TRY(keep_word(t, store_cell(&rows, i, 0)->bytes, &column->name, error));
        column->boolean = store_cell(&rows, i, 1)->integer != 0;
        column->identity = store_cell(&rows, i, 2)->integer != 0;
    }
    table->count = rows.count;
    return RFD_OK;
}

static rfd_status describe(struct transaction *t, enum store_kind kind, struct tables *out, struct rfd_error *error)
{
    struct store_rows rows;
    out->count = 0;
    TRY(store_run(t, tables_sql[kind], NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        const char *name;
        TRY(keep_word(t, store_cell(&rows, i, 0)->bytes, &name, error));
        if (is_left_out(name)) continue;
        if (out->count == TABLES_MAXIMUM) return error_set(error, RFD_E_LIMIT, "tables");
        out->items[out->count] = (struct table){.name = name};
        TRY(describe_table(t, kind, &out->items[out->count++], error));
    }
    return RFD_OK;
}

static rfd_status last_migration(struct transaction *t, int64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, "SELECT MAX(number) FROM migration", NULL, 0, &rows, error));
    *out = store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static void put_columns(struct buf *b, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++) buf_print(b, "%s%s", i == 0 ? "" : ", ", table->columns[i].name);
}

/* ---- Writing ---- */

struct dumping {
    enum store_kind kind;
    struct state_writer *to;
    struct buf record;
    uint64_t rows;
};

static rfd_status put_record(struct dumping *d, struct rfd_error *error)
{
    TRY(buf_check(&d->record, "row of a backup", error));
    return state_writer_put(d->to, buf_slice(&d->record), error);
}

static void begin_record(struct dumping *d, enum state_record kind)
{
    buf_reset(&d->record);
    message_put_u8(&d->record, (uint8_t)kind);
}

static rfd_status put_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct dumping *d = context;
    begin_record(d, STATE_ROW);
    for (size_t i = 0; i < columns; i++) {
        enum store_type type = values[i].type == STORE_BOOLEAN ? STORE_INTEGER : values[i].type;
        message_put_u8(&d->record, (uint8_t)type);
        if (type == STORE_INTEGER)
            message_put_i64(&d->record, values[i].integer);
        else if (type != STORE_NULL)
            message_put_bytes(&d->record, values[i].bytes);
    }
    d->rows++;
    return put_record(d, error);
}

static rfd_status put_table(struct dumping *d, struct transaction *t, const struct table *table,
                            struct rfd_error *error)
{
    char bytes[SQL_MAXIMUM];
    struct buf sql = {.data = (uint8_t *)bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    begin_record(d, STATE_TABLE);
    message_put_text(&d->record, table->name);
    message_put_u32(&d->record, (uint32_t)table->count);
    for (size_t i = 0; i < table->count; i++) message_put_text(&d->record, table->columns[i].name);
    TRY(put_record(d, error));
    buf_put_text(&sql, "SELECT ");
    put_columns(&sql, table);
    /* Rows that refer to others of their table come behind them. */
    buf_print(&sql, " FROM %s ORDER BY 1", table->name);
    buf_put_byte(&sql, 0);
    TRY(buf_check(&sql, "SQL", error));
    return store_each(t, bytes, NULL, 0, put_row, d, error);
}

static rfd_status dump(struct transaction *t, void *context, struct rfd_error *error)
{
    struct dumping *d = context;
    struct tables *tables = arena_zeroed(store_arena(t), 1, sizeof *tables);
    int64_t migration;
    if (tables == NULL) return arena_failed(store_arena(t), error);
    if (d->rows > 0) return error_set(error, RFD_E_STORE, "the database was not to be read in one go");
    TRY(last_migration(t, &migration, error));
    TRY(describe(t, d->kind, tables, error));
    begin_record(d, STATE_VERSION);
    message_put_i64(&d->record, migration);
    TRY(put_record(d, error));
    for (size_t i = 0; i < tables->count; i++) TRY(put_table(d, t, &tables->items[i], error));
    begin_record(d, STATE_END);
    message_put_u64(&d->record, d->rows);
    return put_record(d, error);
}

rfd_status tables_dump(struct store *store, struct state_writer *to, struct rfd_error *error)
{
    struct dumping d = {.kind = store_kind(store), .to = to};
    buf_init(&d.record, STATE_RECORD_MAXIMUM);
    rfd_status status = store_read(store, dump, &d, error);
    buf_dispose(&d.record);
    return status;
}

/* ---- Reading ---- */

struct restoring {
    enum store_kind kind;
    struct state_reader *from;
    struct tables *tables;
    const struct table *table;     /* whose rows come */
    size_t order[COLUMNS_MAXIMUM]; /* where a row's values belong */
    size_t columns;
    char sql[SQL_MAXIMUM];
    uint64_t rows;
    bool ended;
};

static rfd_status malformed(struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "backup: its rows are malformed");
}

static rfd_status other_version(const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_STORE_VERSION,
                     "%s: the backup is of another version of the program; restore it with that one", what);
}

/* A register that something was issued from is not written over. */
static rfd_status empty_tables(struct transaction *t, const struct restoring *r, struct rfd_error *error)
{
    struct store_rows rows;
    char sql[NAME_MAXIMUM + 32];
    TRY(store_run(t, "SELECT (SELECT COUNT(*) FROM authority) + (SELECT COUNT(*) FROM certificate)", NULL, 0, &rows,
                  error));
    if (store_cell(&rows, 0, 0)->integer > 0) return error_set(error, RFD_E_EXISTS, "the database is in use");
    for (size_t i = r->tables->count; i > 0; i--) {
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", r->tables->items[i - 1].name);
        TRY(store_run(t, sql, NULL, 0, NULL, error));
    }
    return RFD_OK;
}

static rfd_status make_insert(struct restoring *r, struct rfd_error *error)
{
    struct buf b = {.data = (uint8_t *)r->sql, .capacity = sizeof r->sql, .maximum = sizeof r->sql};
    bool identity = false;
    buf_print(&b, "INSERT INTO %s(", r->table->name);
    put_columns(&b, r->table);
    for (size_t i = 0; i < r->table->count; i++) identity = identity || r->table->columns[i].identity;
    buf_put_text(&b, identity ? ") OVERRIDING SYSTEM VALUE VALUES (" : ") VALUES (");
    for (size_t i = 0; i < r->table->count; i++) buf_print(&b, "%s$%zu", i == 0 ? "" : ", ", i + 1);
    buf_put_text(&b, ")");
    buf_put_byte(&b, 0);
    return buf_check(&b, "SQL", error);
}

static rfd_status take_table(struct restoring *r, struct message_reader *in, struct rfd_error *error)
{
    slice name = message_get_text(in, NAME_MAXIMUM);
    uint32_t count = message_get_u32(in);
    r->table = NULL;
    for (size_t i = 0; i < r->tables->count; i++) {
        if (slice_is(name, r->tables->items[i].name)) r->table = &r->tables->items[i];
    }
    if (r->table == NULL || count != r->table->count) return other_version("tables", error);
    for (uint32_t i = 0; i < count; i++) {
        slice column = message_get_text(in, NAME_MAXIMUM);
        size_t at = 0;
        while (at < r->table->count && !slice_is(column, r->table->columns[at].name)) at++;
        if (at == r->table->count) return other_version(r->table->name, error);
        r->order[i] = at;
    }
    if (message_end(in, "table", NULL) != RFD_OK) return malformed(error);
    return make_insert(r, error);
}

static bool take_value(struct message_reader *in, const struct column *column, struct store_value *out)
{
    unsigned type = message_get_u8(in);
    *out = (struct store_value){.type = (enum store_type)type};
    if (type == STORE_INTEGER) {
        out->integer = message_get_i64(in);
        if (column->boolean) *out = store_boolean(out->integer != 0);
        return true;
    }
    if (type == STORE_TEXT || type == STORE_BYTES) out->bytes = message_get_bytes(in, STATE_RECORD_MAXIMUM);
    return type == STORE_NULL || type == STORE_TEXT || type == STORE_BYTES;
}

static rfd_status take_row(struct restoring *r, struct transaction *t, struct message_reader *in,
                           struct rfd_error *error)
{
    struct store_value values[COLUMNS_MAXIMUM] = {{0}}; /* a column named twice leaves another NULL */
    if (r->table == NULL) return malformed(error);
    for (size_t i = 0; i < r->table->count; i++) {
        if (!take_value(in, &r->table->columns[r->order[i]], &values[r->order[i]])) return malformed(error);
    }
    if (message_end(in, "row", NULL) != RFD_OK) return malformed(error);
    r->rows++;
    return store_run(t, r->sql, values, r->table->count, NULL, error);
}

static rfd_status take_record(struct restoring *r, struct transaction *t, slice record, struct rfd_error *error)
{
    struct message_reader in = message_read(record);
    int64_t migration;
    switch (message_get_u8(&in)) {
    case STATE_VERSION:
        TRY(last_migration(t, &migration, error));
        return message_get_i64(&in) == migration ? RFD_OK : other_version("migrations", error);
    case STATE_TABLE: return take_table(r, &in, error);
    case STATE_ROW: return take_row(r, t, &in, error);
    case STATE_END: r->ended = message_get_u64(&in) == r->rows; return r->ended ? RFD_OK : malformed(error);
    default: return RFD_OK;
    }
}

/** Where the database counts itself, it goes on behind what was put in. */
static rfd_status set_counters(struct transaction *t, const struct restoring *r, struct rfd_error *error)
{
    char sql[SQL_MAXIMUM];
    for (size_t i = 0; i < r->tables->count; i++) {
        const struct table *table = &r->tables->items[i];
        for (size_t c = 0; c < table->count; c++) {
            const char *column = table->columns[c].name;
            if (!table->columns[c].identity) continue;
            (void)snprintf(sql, sizeof sql,
                           "SELECT setval(pg_get_serial_sequence('%s', '%s'), COALESCE(MAX(%s), 1), MAX(%s) IS NOT "
                           "NULL) FROM %s",
                           table->name, column, column, column, table->name);
            TRY(store_run(t, sql, NULL, 0, NULL, error));
        }
    }
    return RFD_OK;
}

static rfd_status restore(struct transaction *t, void *context, struct rfd_error *error)
{
    struct restoring *r = context;
    slice record;
    bool more = true;
    state_reader_rewind(r->from); /* this may be called again */
    r->table = NULL;
    r->rows = 0;
    r->ended = false;
    r->tables = arena_zeroed(store_arena(t), 1, sizeof *r->tables);
    if (r->tables == NULL) return arena_failed(store_arena(t), error);
    TRY(describe(t, r->kind, r->tables, error));
    TRY(empty_tables(t, r, error));
    for (;;) {
        TRY(state_reader_next(r->from, &record, &more, error));
        if (!more) break;
        TRY(take_record(r, t, record, error));
    }
    if (!r->ended) return malformed(error);
    return set_counters(t, r, error);
}

rfd_status tables_restore(struct store *store, struct state_reader *from, struct rfd_error *error)
{
    struct restoring r = {.kind = store_kind(store), .from = from};
    return store_write(store, restore, &r, error);
}
