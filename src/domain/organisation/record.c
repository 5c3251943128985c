/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/organisation/record.h"

#include "base/error.h"
#include "base/text.h"
#include "domain/audit/audit.h"

enum { SQL_MAXIMUM = 2048, FIELDS_MAXIMUM = 16, OBJECT_SIZE = 64, NAME_SIZE = 64 };

static void *member(const struct record_field *f, void *item)
{
    return (char *)item + f->offset;
}

static const void *look(const struct record_field *f, const void *item)
{
    return (const char *)item + f->offset;
}

static struct store_value value_of(const struct record_field *f, const void *item)
{
    const void *at = look(f, item);
    switch (f->kind) {
    case RECORD_TEXT: return store_text(*(const slice *)at);
    case RECORD_NUMBER: return store_integer(*(const int64_t *)at);
    case RECORD_REFERENCE: return store_reference(*(const int64_t *)at);
    case RECORD_FLAG: return store_boolean(*(const bool *)at);
    case RECORD_TIME: return store_moment(*(const rfd_time *)at);
    }
    return store_null();
}

static void take_value(const struct record_field *f, const struct store_value *v, void *item)
{
    void *at = member(f, item);
    switch (f->kind) {
    case RECORD_TEXT: *(slice *)at = v->bytes; break;
    case RECORD_NUMBER: *(int64_t *)at = v->integer; break;
    case RECORD_REFERENCE: *(int64_t *)at = store_reference_of(v); break;
    case RECORD_FLAG: *(bool *)at = v->integer != 0; break;
    case RECORD_TIME: *(rfd_time *)at = store_moment_of(v); break;
    }
}

/* ---- Reading ---- */

rfd_status record_find_by(struct transaction *t, const struct record *r, const char *where,
                          const struct store_value *values, size_t count, void *out, struct rfd_error *error)
{
    static const struct store_value nothing = {.type = STORE_NULL};
    struct store_rows rows;
    char text[SQL_MAXIMUM];
    struct buf sql = {.data = (uint8_t *)text, .capacity = sizeof text, .maximum = sizeof text};
    buf_put_text(&sql, "SELECT id");
    for (size_t i = 0; i < r->count; i++) {
        buf_put_text(&sql, ", ");
        buf_put_text(&sql, r->fields[i].name);
    }
    const char *const rest[] = {" FROM ", r->table, " WHERE ", where, " LIMIT 1"};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) buf_put_text(&sql, rest[i]);
    buf_put_byte(&sql, 0);
    TRY(buf_check(&sql, "SQL", error));
    TRY(store_run(t, text, values, count, &rows, error));
    *(int64_t *)out = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    for (size_t i = 0; i < r->count; i++)
        take_value(&r->fields[i], rows.count == 0 ? &nothing : store_cell(&rows, 0, i + 1), out);
    return RFD_OK;
}

rfd_status record_find(struct transaction *t, const struct record *r, int64_t id, void *out, struct rfd_error *error)
{
    const struct store_value value = store_integer(id);
    TRY(record_find_by(t, r, "id = $1", &value, 1, out, error));
    if (*(int64_t *)out == 0) return error_set(error, RFD_E_NOT_FOUND, "%s %lld", r->kind, (long long)id);
    return RFD_OK;
}

rfd_status record_number(struct transaction *t, const char *sql, const struct store_value *values, size_t count,
                         int64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    TRY(store_run(t, sql, values, count, &rows, error));
    *out = rows.count == 0 ? 0 : store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

rfd_status record_hold(struct transaction *t, const struct record *r, int64_t id, bool *open, struct rfd_error *error)
{
    char sql[NAME_SIZE * 2];
    struct store_rows rows;
    const struct store_value value = store_integer(id);
    (void)snprintf(sql, sizeof sql, "UPDATE %s SET changes = changes + 1 WHERE id = $1 AND NOT closed", r->table);
    TRY(store_run(t, sql, &value, 1, &rows, error));
    *open = rows.changed == 1;
    return RFD_OK;
}

/* ---- Checking ---- */

static slice trimmed(slice s)
{
    while (s.length > 0 && s.data[0] == ' ') s = slice_from(s, 1);
    while (s.length > 0 && s.data[s.length - 1] == ' ') s.length--;
    return s;
}

void record_check(const struct record *r, void *item, struct faults *faults)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if (f->kind != RECORD_TEXT) continue;
        slice *text = member(f, item);
        *text = trimmed(*text);
        if (text->length == 0 && (f->flags & RECORD_REQUIRED) != 0)
            fault_add(faults, f->name, N_("This is needed"));
        else if (!text_is_printable(*text))
            fault_add(faults, f->name, N_("This has characters that cannot be used"));
        else if (text->length > f->maximum && text_characters(*text) > f->maximum)
            fault_add(faults, f->name, N_("This is too long"));
    }
}

static bool same_field(const struct record_field *f, const void *a, const void *b)
{
    struct store_value one = value_of(f, a), other = value_of(f, b);
    if (f->kind == RECORD_TEXT) return slice_equal(one.bytes, other.bytes);
    return one.type == other.type && one.integer == other.integer;
}

bool record_same(const struct record *r, const void *a, const void *b)
{
    for (size_t i = 0; i < r->count; i++) {
        if ((r->fields[i].flags & RECORD_KEPT) == 0 && !same_field(&r->fields[i], a, b)) return false;
    }
    return true;
}

/* The letter after n comes after all that begins with n. */
static void put_sorted(struct buf *b, const char *word)
{
    for (; *word != '\0'; word++) {
        bool is_enye = (uint8_t)word[0] == 0xC3 && (uint8_t)word[1] == 0xB1;
        if (is_enye)
            buf_put_text(b, "n~");
        else
            buf_put_byte(b, (uint8_t)*word);
        word += is_enye;
    }
}

rfd_status record_sort_name(struct transaction *t, const slice *texts, size_t count, slice *out,
                            struct rfd_error *error)
{
    struct list_words words;
    struct buf b;
    buf_init(&b, (size_t)LIST_WORDS * (LIST_WORD_SIZE + 1));
    list_words(texts, count, &words);
    for (size_t i = 0; i < words.count; i++) {
        if (i > 0) buf_put_byte(&b, ' ');
        put_sorted(&b, words.words[i]);
    }
    rfd_status status = buf_check(&b, "sort name", error);
    slice copy = arena_copy(store_arena(t), buf_slice(&b));
    buf_dispose(&b);
    TRY(status);
    if (copy.data == NULL) return arena_failed(store_arena(t), error);
    *out = copy;
    return RFD_OK;
}

/* ---- Auditing ---- */

void record_put_json(struct buf *b, slice text)
{
    buf_put_byte(b, '"');
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        if (c == '"' || c == '\\') buf_put_byte(b, '\\');
        if (c < 0x20)
            buf_print(b, "\\u%04x", c);
        else
            buf_put_byte(b, c);
    }
    buf_put_byte(b, '"');
}

static void put_json_value(struct buf *b, const struct record_field *f, const void *item)
{
    struct store_value v = value_of(f, item);
    if (v.type == STORE_TEXT)
        record_put_json(b, v.bytes);
    else if (v.type == STORE_NULL)
        buf_put_text(b, "null");
    else if (v.type == STORE_BOOLEAN)
        buf_put_text(b, v.integer != 0 ? "true" : "false");
    else
        buf_put_signed(b, v.integer);
}

/* A new one: {"name":"A"}; a changed one, what is other: {"name":["A","B"]}. */
static void put_change(struct buf *b, const struct record *r, const void *before, const void *after)
{
    bool is_new = *(const int64_t *)before == 0;
    const char *separator = "";
    buf_put_byte(b, '{');
    for (size_t i = 0; i < r->count; i++) {
        const struct record_field *f = &r->fields[i];
        if ((f->flags & RECORD_KEPT) != 0 || (!is_new && same_field(f, before, after))) continue;
        buf_print(b, "%s\"%s\":", separator, f->name);
        separator = ",";
        if (!is_new) {
            buf_put_byte(b, '[');
            put_json_value(b, f, before);
            buf_put_byte(b, ',');
        }
        put_json_value(b, f, after);
        if (!is_new) buf_put_byte(b, ']');
    }
    buf_put_byte(b, '}');
}

rfd_status record_audit(struct transaction *t, const struct actor *actor, const struct record *r, int64_t id,
                        const char *what, slice detail, struct rfd_error *error)
{
    char action[NAME_SIZE], object[OBJECT_SIZE];
    (void)snprintf(action, sizeof action, "%s.%s", r->kind, what);
    (void)snprintf(object, sizeof object, "%s:%lld", r->kind, (long long)id);
    struct audit_event event = {
        .action = action, .actor = actor_audit(actor, store_arena(t)), .object = slice_text(object), .detail = detail};
    return audit_put(t, &event, error);
}

static rfd_status tell_change(struct transaction *t, const struct actor *actor, const struct record *r,
                              const void *before, const void *after, struct rfd_error *error)
{
    struct buf detail;
    bool is_new = *(const int64_t *)before == 0;
    buf_init(&detail, AUDIT_DETAIL_MAXIMUM);
    put_change(&detail, r, before, after);
    rfd_status status = buf_check(&detail, "audit detail", error);
    if (status == RFD_OK)
        status =
            record_audit(t, actor, r, *(const int64_t *)after, is_new ? "create" : "change", buf_slice(&detail), error);
    buf_dispose(&detail);
    return status;
}

/* ---- Writing ---- */

struct writing {
    const char *names[FIELDS_MAXIMUM];
    struct store_value values[FIELDS_MAXIMUM + 1];
    size_t count;
};

static void collect(const struct record *r, const void *item, const struct record_extra *extras, size_t extra_count,
                    struct writing *w)
{
    for (size_t i = 0; i < r->count; i++) {
        if ((r->fields[i].flags & RECORD_KEPT) != 0) continue;
        w->names[w->count] = r->fields[i].name;
        w->values[w->count++] = value_of(&r->fields[i], item);
    }
    for (size_t i = 0; i < extra_count; i++) {
        w->names[w->count] = extras[i].name;
        w->values[w->count++] = extras[i].value;
    }
}

static void put_insert(struct buf *sql, const struct record *r, const struct writing *w)
{
    buf_print(sql, "INSERT INTO %s(", r->table);
    for (size_t i = 0; i < w->count; i++) buf_print(sql, "%s%s", i == 0 ? "" : ", ", w->names[i]);
    buf_put_text(sql, ") VALUES (");
    for (size_t i = 0; i < w->count; i++) buf_print(sql, "%s$%zu", i == 0 ? "" : ", ", i + 1);
    buf_put_text(sql, ") RETURNING id");
}

static void put_update(struct buf *sql, const struct record *r, const struct writing *w)
{
    buf_print(sql, "UPDATE %s SET ", r->table);
    for (size_t i = 0; i < w->count; i++) buf_print(sql, "%s%s = $%zu", i == 0 ? "" : ", ", w->names[i], i + 1);
    buf_print(sql, " WHERE id = $%zu RETURNING id", w->count + 1);
}

rfd_status record_put(struct transaction *t, const struct actor *actor, const struct record *r, void *item,
                      const void *before, const struct record_extra *extras, size_t extra_count,
                      struct rfd_error *error)
{
    struct writing w = {.count = 0};
    struct store_rows rows;
    char text[SQL_MAXIMUM];
    struct buf sql = {.data = (uint8_t *)text, .capacity = sizeof text, .maximum = sizeof text};
    int64_t *id = item;
    size_t bound;
    collect(r, item, extras, extra_count, &w);
    bound = w.count;
    if (*id == 0) {
        put_insert(&sql, r, &w);
    } else {
        put_update(&sql, r, &w);
        w.values[bound++] = store_integer(*id);
    }
    buf_put_byte(&sql, 0);
    TRY(buf_check(&sql, "SQL", error));
    TRY(store_run(t, text, w.values, bound, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "%s %lld", r->kind, (long long)*id);
    *id = store_cell(&rows, 0, 0)->integer;
    return tell_change(t, actor, r, before, item, error);
}
