/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sqlite_connection.h"

#include "base/error.h"
#include "store/sqlite_log.h"

#include <pthread.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 30000, SQL_MAXIMUM = 1 << 20 };

/* How long to wait for another process's transaction before looking again, in microseconds. Most are over in a
 * millisecond or a few, and everybody who issues waits for this one: SQLite's own handler would soon sleep 25 at a
 * time.
 */
enum { BUSY_FIRST = 100, BUSY_MOST = 1000 };

/* Pages of the table file are looked at where the system keeps them, instead of being copied: what is read at random
 * (one certificate of ten million) is copied for nothing. Of what the writer changes again and again (the leaves of
 * indexes by random numbers), much stays in its memory. Only the writer looks over all cells of a page before it
 * believes it: of a page that a reader needs one cell of, that was a quarter of the time. When the log is copied into
 * the tables, sqlite_checkpoint.h sees to. */
static const char *const common_settings[] = {"PRAGMA journal_mode=WAL",
                                              "PRAGMA synchronous=FULL",
                                              "PRAGMA foreign_keys=ON",
                                              "PRAGMA trusted_schema=OFF",
                                              "PRAGMA temp_store=MEMORY",
                                              "PRAGMA mmap_size=2147418112",
                                              NULL};
static const char *const writer_settings[] = {"PRAGMA cell_size_check=ON", "PRAGMA wal_autocheckpoint=0",
                                              "PRAGMA cache_size=-65536", NULL};
static const char *const reader_settings[] = {"PRAGMA query_only=ON", "PRAGMA cache_size=-8192", NULL};

/** No connection is used by two threads at once, and nobody asks how much memory there is: so no locks for either. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/** Sleeps a little, longer each time; 0 (give up) after BUSY_MILLISECONDS. */
static int wait_for_lock(void *context, int tries)
{
    int64_t pause = (int64_t)BUSY_FIRST * (tries + 1);
    if (pause > BUSY_MOST) pause = BUSY_MOST;
    int64_t waited = tries < BUSY_MOST / BUSY_FIRST ? (int64_t)BUSY_FIRST * tries * (tries + 1) / 2
                                                    : (int64_t)BUSY_MOST * (tries - BUSY_MOST / BUSY_FIRST / 2);
    (void)context;
    if (waited / 1000 >= BUSY_MILLISECONDS) return 0;
    (void)usleep((useconds_t)pause);
    return 1;
}

void sqlite_connection_wait(sqlite3 *database)
{
    (void)sqlite3_busy_handler(database, wait_for_lock, NULL);
}

/** What a result of SQLite means; the statement's text is ours and may be told. */
static rfd_status fail(const struct sqlite_connection *c, int code, const char *sql, struct rfd_error *error)
{
    if (code == SQLITE_NOMEM) return error_memory(error);
    rfd_status status = RFD_E_STORE;
    if ((code & 0xff) == SQLITE_CONSTRAINT) status = RFD_E_STORE_CONFLICT;
    if (code == SQLITE_FULL) status = RFD_E_NO_SPACE;
    const char *text = c->database == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(c->database);
    return error_set(error, status, "%s: %.160s", text, sql);
}

static rfd_status set_up(struct sqlite_connection *c, const char *const *settings, struct rfd_error *error)
{
    for (; *settings != NULL; settings++) {
        int code = sqlite3_exec(c->database, *settings, NULL, NULL, NULL);
        if (code != SQLITE_OK) return fail(c, code, *settings, error);
    }
    return RFD_OK;
}

rfd_status sqlite_connection_open(const char *path, bool writes, struct sqlite_connection *out, struct rfd_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sqlite_connection c = {0};
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    rfd_status status;
    if (writes) flags |= SQLITE_OPEN_CREATE; /* readers come later: a file that went shall not come back empty */
    (void)pthread_once(&once, configure);
    int code = sqlite3_open_v2(path, &c.database, flags, sqlite_log_system());
    if (code != SQLITE_OK) {
        status = fail(&c, code, path, error);
        goto out;
    }
    sqlite_connection_wait(c.database);
    TRY_OUT(set_up(&c, common_settings, error));
    TRY_OUT(set_up(&c, writes ? writer_settings : reader_settings, error));
    *out = c;
    return RFD_OK;
out:
    sqlite_connection_close(&c);
    return status;
}

static void release(void *connection, void *prepared)
{
    (void)connection;
    (void)sqlite3_finalize(prepared);
}

void sqlite_connection_close(struct sqlite_connection *c)
{
    statements_dispose(&c->statements, release, NULL);
    (void)sqlite3_close(c->database);
    c->database = NULL;
}

static rfd_status prepare(struct sqlite_connection *c, const char *sql, sqlite3_stmt **out, struct rfd_error *error)
{
    sqlite3_stmt *statement = statements_find(&c->statements, sql);
    struct buf text;
    rfd_status status;
    if (statement != NULL) {
        *out = statement;
        return RFD_OK;
    }
    buf_init(&text, SQL_MAXIMUM);
    statement_for_sqlite(sql, &text);
    TRY_OUT(buf_check(&text, "SQL", error));
    const char *rest = NULL;
    int code = sqlite3_prepare_v3(c->database, (const char *)text.data, (int)text.length, SQLITE_PREPARE_PERSISTENT,
                                  &statement, &rest);
    if (code != SQLITE_OK || statement == NULL) {
        status = fail(c, code == SQLITE_OK ? SQLITE_MISUSE : code, sql, error);
        goto out;
    }
    status = statements_keep(&c->statements, sql, statement, release, NULL, error);
    if (status != RFD_OK)
        release(NULL, statement);
    else
        *out = statement;
out:
    buf_dispose(&text);
    return status;
}

static int bind_one(sqlite3_stmt *s, int at, const struct store_value *v)
{
    switch (v->type) {
    case STORE_NULL: return sqlite3_bind_null(s, at);
    case STORE_INTEGER:
    case STORE_BOOLEAN: return sqlite3_bind_int64(s, at, v->integer);
    case STORE_TEXT:
        return sqlite3_bind_text64(s, at, v->bytes.length == 0 ? "" : (const char *)v->bytes.data, v->bytes.length,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case STORE_BYTES:
        return sqlite3_bind_blob64(s, at, v->bytes.length == 0 ? (const void *)"" : v->bytes.data, v->bytes.length,
                                   SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static void read_one(sqlite3_stmt *s, int at, struct store_value *out)
{
    *out = store_null();
    switch (sqlite3_column_type(s, at)) {
    case SQLITE_INTEGER: *out = store_integer(sqlite3_column_int64(s, at)); break;
    case SQLITE_TEXT: {
        const unsigned char *text = sqlite3_column_text(s, at);
        *out = store_text(slice_of(text, (size_t)sqlite3_column_bytes(s, at)));
        break;
    }
    case SQLITE_BLOB: {
        const void *bytes = sqlite3_column_blob(s, at);
        *out = store_bytes(slice_of(bytes, (size_t)sqlite3_column_bytes(s, at)));
        break;
    }
    default: break; /* NULL; there are no floating-point numbers here */
    }
}

static rfd_status step(struct sqlite_connection *c, sqlite3_stmt *s, const char *sql, store_row *row, void *context,
                       struct rfd_error *error)
{
    struct store_value values[STORE_COLUMNS];
    int columns = sqlite3_column_count(s);
    int code;
    if (columns > STORE_COLUMNS) return error_set(error, RFD_E_INTERNAL, "%d columns: %.160s", columns, sql);
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++) read_one(s, i, &values[i]);
        if (row != NULL) TRY(row(context, values, (size_t)columns, error));
    }
    return code == SQLITE_DONE ? RFD_OK : fail(c, code, sql, error);
}

rfd_status sqlite_connection_run(struct sqlite_connection *c, const char *sql, const struct store_value *values,
                                 size_t count, store_row *row, void *context, uint64_t *changed,
                                 struct rfd_error *error)
{
    sqlite3_stmt *s = NULL;
    TRY(prepare(c, sql, &s, error));
    if (sqlite3_bind_parameter_count(s) != (int)count)
        return error_set(error, RFD_E_INTERNAL, "%zu values for %d parameters: %.160s", count,
                         sqlite3_bind_parameter_count(s), sql);
    rfd_status status = RFD_OK;
    for (size_t i = 0; i < count && status == RFD_OK; i++) {
        int code = bind_one(s, (int)i + 1, &values[i]);
        if (code != SQLITE_OK) status = fail(c, code, sql, error);
    }
    sqlite3_int64 before = sqlite3_total_changes64(c->database);
    if (status == RFD_OK) status = step(c, s, sql, row, context, error);
    if (status == RFD_OK && changed != NULL) *changed = (uint64_t)(sqlite3_total_changes64(c->database) - before);
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    return status;
}

rfd_status sqlite_connection_do(struct sqlite_connection *c, const char *sql, struct rfd_error *error)
{
    return sqlite_connection_run(c, sql, NULL, 0, NULL, NULL, NULL, error);
}
