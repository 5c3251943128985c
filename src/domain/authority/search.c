/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking for certificates, the newest first. What can be found by an index (a serial number, the beginning of an
 * identity number, what was revoked, what ends soon) is; only other texts walk the table.
 */
#include "domain/authority/register.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"

enum { TEXT_MAXIMUM = 200, SQL_MAXIMUM = 4096, PARAMETERS = 16, QUICK_DIGITS = 16 };

/** Serial numbers that begin with some hexadecimal digits: from `low` up to, not including, `high`. */
struct serial_range {
    uint8_t low[REGISTER_SERIAL_MAXIMUM + 1], high[REGISTER_SERIAL_MAXIMUM + 1];
    size_t length; /* 0: no such text */
};

struct searching {
    const struct authority_search *search;
    enum store_kind kind;
    struct arena *a;
    struct serial_range serials;
    struct buf pattern;   /* for LIKE */
    struct buf beginning; /* the first text above all that begin with the search's */
    struct buf sql;
    struct store_value values[PARAMETERS];
    size_t value_count;
    struct certificate_row *rows;
    size_t count, capacity;
};

/* --- The text ----------------------------------------------------------------------------------------------------- */

/** Adds one to a number of octets; false when it had only ones. */
static bool increment(uint8_t *octets, size_t length, uint8_t by)
{
    for (size_t i = length; i-- > 0; by = 1) {
        uint8_t before = octets[i];
        octets[i] = (uint8_t)(before + by);
        if (octets[i] > before) return true;
    }
    return false;
}

static void read_serial(struct serial_range *r, slice text)
{
    uint8_t even[2 * REGISTER_SERIAL_MAXIMUM];
    size_t digits = text.length;
    if (digits < 2 || digits > sizeof even) return;
    memcpy(even, text.data, digits);
    if (digits % 2 == 1) even[digits] = '0';
    size_t length = (digits + 1) / 2;
    if (!number_hex(slice_of(even, 2 * length), r->low)) return;
    memcpy(r->high, r->low, length);
    if (!increment(r->high, length, digits % 2 == 1 ? 0x10 : 1)) return;
    r->length = length;
}

/** %, _ and \ stand for themselves. */
static void put_pattern(struct buf *b, slice text)
{
    buf_put_byte(b, '%');
    for (size_t i = 0; i < text.length; i++) {
        if (memchr("%_\\", text.data[i], 3) != NULL) buf_put_byte(b, '\\');
        buf_put_byte(b, text.data[i]);
    }
    buf_put_byte(b, '%');
}

static rfd_status read_text(struct searching *s, struct rfd_error *error)
{
    slice text = s->search->text;
    if (text.length > TEXT_MAXIMUM || !text_is_utf8(text) || (text.length > 0 && memchr(text.data, 0, text.length)))
        return error_set(error, RFD_E_ARGUMENT, "the text to look for");
    read_serial(&s->serials, text);
    put_pattern(&s->pattern, text);
    buf_put_slice(&s->beginning, text);
    buf_put_text(&s->beginning, "\xF4\x8F\xBF\xBF"); /* the last code point */
    TRY(buf_check(&s->pattern, "pattern", error));
    return buf_check(&s->beginning, "pattern", error);
}

/* --- The statement ------------------------------------------------------------------------------------------------ */

/** Adds SQL in which each '?' is the next of the values. */
static void add(struct searching *s, const char *sql, const struct store_value *values)
{
    for (size_t n = 0; *sql != '\0'; sql++) {
        if (*sql != '?') {
            buf_put_byte(&s->sql, (uint8_t)*sql);
            continue;
        }
        s->values[s->value_count++] = values[n++];
        buf_print(&s->sql, "$%zu", s->value_count);
    }
}

#define ADD(s, sql, ...) add((s), (sql), (const struct store_value[]){__VA_ARGS__})

/* PostgreSQL compares text by a locale; by octets when it is told to. */
static const char *by_octets(const struct searching *s)
{
    return s->kind == STORE_POSTGRESQL ? "c.subject_id ~>=~ ? AND c.subject_id ~<~ ?"
                                       : "c.subject_id >= ? AND c.subject_id < ?";
}

static void add_quick_text(struct searching *s)
{
    slice low = slice_of(s->serials.low, s->serials.length), high = slice_of(s->serials.high, s->serials.length);
    if (s->serials.length * 2 >= QUICK_DIGITS) {
        ADD(s, " AND c.id IN (SELECT certificate FROM certificate_status WHERE serial >= ? AND serial < ?)",
            store_bytes(low), store_bytes(high));
        return;
    }
    buf_put_text(&s->sql, " AND c.subject_id <> '' AND ");
    ADD(s, by_octets(s), store_text(s->search->text), store_text(buf_slice(&s->beginning)));
}

static void add_slow_text(struct searching *s)
{
    static const char *const columns[] = {"c.subject", "c.subject_id", "c.mail", "c.request"};
    const char *like = s->kind == STORE_POSTGRESQL ? " ILIKE ? ESCAPE '\\'" : " LIKE ? ESCAPE '\\'";
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        buf_put_text(&s->sql, i == 0 ? " AND (" : " OR ");
        buf_put_text(&s->sql, columns[i]);
        ADD(s, like, store_text(buf_slice(&s->pattern)));
    }
    if (s->serials.length > 0)
        ADD(s, " OR (c.serial >= ? AND c.serial < ?)", store_bytes(slice_of(s->serials.low, s->serials.length)),
            store_bytes(slice_of(s->serials.high, s->serials.length)));
    buf_put_text(&s->sql, ")");
}

static void add_state(struct searching *s)
{
    const struct authority_search *q = s->search;
    bool ending = q->ends_before != RFD_TIME_NONE;
    struct store_value state = store_integer(q->state);
    if (q->state == CERTIFICATE_REVOKED || q->state == CERTIFICATE_HELD)
        ADD(s, " AND c.id IN (SELECT certificate FROM certificate_status WHERE revoked_at IS NOT NULL AND state = ?)",
            state);
    else if (q->state == CERTIFICATE_VALID && ending)
        ADD(s, " AND s.state = ? AND c.id IN (SELECT certificate FROM certificate_ending WHERE not_after < ?)", state,
            store_integer(q->ends_before));
    else if (q->state != CERTIFICATE_NONE)
        ADD(s, " AND s.state = ?", state);
    if (ending) ADD(s, " AND c.not_after < ?", store_integer(q->ends_before));
}

static void add_rest(struct searching *s, size_t limit)
{
    const struct authority_search *q = s->search;
    if (q->profile.length > 0) ADD(s, " AND c.profile = ?", store_text(q->profile));
    add_state(s);
    if (q->before > 0) ADD(s, " AND c.id < ?", store_integer(q->before));
    ADD(s, " ORDER BY c.id DESC LIMIT ?", store_integer((int64_t)limit));
}

static void begin(struct searching *s, const char *sql)
{
    buf_reset(&s->sql);
    s->value_count = 0;
    buf_put_text(&s->sql, sql);
}

static rfd_status end(struct searching *s, struct rfd_error *error)
{
    buf_put_byte(&s->sql, 0);
    return buf_check(&s->sql, "SQL", error);
}

/* --- Finding ------------------------------------------------------------------------------------------------------ */

/** Whether an index finds anything for the text; whatever the other conditions and the page, so that all pages of a
 * search are found in the same way. */
static rfd_status is_quick(struct transaction *t, struct searching *s, bool *out, struct rfd_error *error)
{
    struct store_rows rows;
    *out = false;
    if (s->search->text.length == 0) return RFD_OK;
    begin(s, "SELECT c.id FROM certificate c WHERE true");
    add_quick_text(s);
    buf_put_text(&s->sql, " LIMIT 1");
    TRY(end(s, error));
    TRY(store_run(t, (const char *)s->sql.data, s->values, s->value_count, &rows, error));
    *out = rows.count > 0;
    return RFD_OK;
}

static rfd_status take_row(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct searching *s = context;
    (void)columns;
    if (s->count == s->capacity) return error_set(error, RFD_E_INTERNAL, "more rows than asked for");
    TRY(register_read(values, s->a, &s->rows[s->count], error));
    s->count++;
    return RFD_OK;
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct searching *s = context;
    bool quick;
    s->count = 0;
    TRY(is_quick(t, s, &quick, error));
    begin(s, REGISTER_COLUMNS "FROM certificate c " REGISTER_JOINS "WHERE true");
    if (quick)
        add_quick_text(s);
    else if (s->search->text.length > 0)
        add_slow_text(s);
    add_rest(s, s->capacity);
    TRY(end(s, error));
    return store_each(t, (const char *)s->sql.data, s->values, s->value_count, take_row, s, error);
}

rfd_status authority_search(struct authority_domain *d, const struct authority_search *search, struct arena *a,
                            struct certificate_row **out, size_t *count, struct rfd_error *error)
{
    struct searching s = {.search = search, .kind = store_kind(d->store), .a = a};
    rfd_status status;
    buf_init(&s.pattern, 2 * TEXT_MAXIMUM + 2);
    buf_init(&s.beginning, TEXT_MAXIMUM + 4);
    buf_init(&s.sql, SQL_MAXIMUM);
    s.capacity = search->limit < REGISTER_ROWS_MAXIMUM ? search->limit : REGISTER_ROWS_MAXIMUM;
    s.rows = arena_zeroed(a, s.capacity + 1, sizeof *s.rows);
    TRY_OUT(s.rows == NULL ? arena_failed(a, error) : RFD_OK);
    TRY_OUT(read_text(&s, error));
    TRY_OUT(store_read(d->store, find, &s, error));
    *out = s.rows;
    *count = s.count;
out:
    buf_dispose(&s.pattern);
    buf_dispose(&s.beginning);
    buf_dispose(&s.sql);
    return status;
}
