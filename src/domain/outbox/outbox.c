/* SPDX-License-Identifier: EUPL-1.2
 *
 * Taking an item moves its time to when the lease ends: who takes it and dies leaves it due again. Times are those of
 * the processes; nodes whose clocks differ by more than a lease would send a mail twice, which its identity tells.
 */
#include "domain/outbox/outbox.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

enum { STATE_WAITS = 1, STATE_SENT = 2, STATE_GIVEN_UP = 3 };
enum {
    ADDRESS_MAXIMUM = 254,
    SUBJECT_MAXIMUM = 500,
    TEXT_MAXIMUM = 64 << 10,
    WHY_MAXIMUM = 400,
    TAKE_MAXIMUM = 1000,
    SMS_MAXIMUM = 480
};
#define SECOND ((rfd_time)1000000)

/* --- Putting ------------------------------------------------------------------------------------------------------ */

/** An international number (E.164): "+" and 8 to 15 digits. */
static bool is_mobile(slice s)
{
    if (s.length < 9 || s.length > 16 || s.data[0] != '+') return false;
    for (size_t i = 1; i < s.length; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') return false;
    }
    return true;
}

/** One address for a header (RFC 5322 §3.4.1) and for SMTP (RFC 5321 §4.1.2): no quoted local parts, no names, no
 * lists, nothing that ends a line. */
static bool is_address(slice s)
{
    size_t at = 0;
    size_t ats = 0;
    if (s.length == 0 || s.length > ADDRESS_MAXIMUM || s.data[0] == '-') return false;
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        if (c <= ' ' || c >= 0x7F || memchr("\"(),:;<>[\\]", c, 11) != NULL) return false;
        if (c != '@') continue;
        at = i;
        ats++;
    }
    return ats == 1 && at > 0 && at + 1 < s.length;
}

static bool is_line(slice s, size_t maximum)
{
    if (s.length > maximum || !text_is_utf8(s)) return false;
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] < ' ' || s.data[i] == 0x7F) return false;
    }
    return true;
}

static bool is_text(slice s)
{
    if (s.length > TEXT_MAXIMUM || !text_is_utf8(s)) return false;
    return s.length == 0 || memchr(s.data, 0, s.length) == NULL;
}

static rfd_status put(struct transaction *t, enum outbox_channel channel, slice name, const struct outbox_mail *item,
                      struct rfd_error *error)
{
    rfd_time now = clock_now();
    const struct store_value values[] = {
        store_integer(channel),
        store_text(name),
        item->identity.length == 0 ? store_null() : store_text(item->identity),
        store_text(item->to),
        store_text(item->subject),
        store_text(item->text),
        store_integer(STATE_WAITS),
        store_integer(now),
    };
    return store_run(
        t,
        "INSERT INTO outbox(channel, name, identity, recipient, subject, body, state, attempts, created, due, "
        "why) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, '') ON CONFLICT(identity, channel) DO NOTHING",
        values, sizeof values / sizeof *values, NULL, error);
}

rfd_status outbox_put_named_mail(struct transaction *t, slice name, const struct outbox_mail *mail,
                                 struct rfd_error *error)
{
    if (!is_address(mail->to)) return error_set(error, RFD_E_ARGUMENT, "the address of a mail");
    if (mail->subject.length == 0 || !is_line(mail->subject, SUBJECT_MAXIMUM))
        return error_set(error, RFD_E_ARGUMENT, "the subject of a mail");
    if (!is_text(mail->text)) return error_set(error, RFD_E_ARGUMENT, "the text of a mail");
    if (!is_line(mail->identity, SUBJECT_MAXIMUM)) return error_set(error, RFD_E_ARGUMENT, "the identity of a mail");
    return put(t, OUTBOX_MAIL, name, mail, error);
}

rfd_status outbox_put_mail(struct transaction *t, const struct outbox_mail *mail, struct rfd_error *error)
{
    return outbox_put_named_mail(t, SLICE_EMPTY, mail, error);
}

rfd_status outbox_put_sms(struct transaction *t, slice name, const struct outbox_mail *sms, struct rfd_error *error)
{
    if (!is_mobile(sms->to)) return error_set(error, RFD_E_ARGUMENT, "the number of an SMS");
    if (sms->text.length == 0 || sms->text.length > SMS_MAXIMUM || !is_text(sms->text))
        return error_set(error, RFD_E_ARGUMENT, "the text of an SMS");
    if (!is_line(sms->identity, SUBJECT_MAXIMUM)) return error_set(error, RFD_E_ARGUMENT, "the identity of an SMS");
    return put(t, OUTBOX_SMS, name, sms, error);
}

/* --- Taking ------------------------------------------------------------------------------------------------------- */

struct taking {
    enum outbox_channel channel;
    rfd_time now, until;
    size_t limit;
    struct arena *arena;
    struct outbox_item *items;
    size_t count;
};

static rfd_status keep_items(struct taking *w, const struct store_rows *rows, struct rfd_error *error)
{
    w->count = 0;
    w->items = arena_zeroed(w->arena, rows->count + 1, sizeof *w->items);
    if (w->items == NULL) return arena_failed(w->arena, error);
    for (size_t i = 0; i < rows->count; i++) {
        struct outbox_item *item = &w->items[i];
        item->id = store_cell(rows, i, 0)->integer;
        item->attempts = (unsigned)(store_cell(rows, i, 1)->integer - 1);
        slice *const texts[] = {&item->to, &item->subject, &item->text, &item->identity};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            *texts[k] = store_cell(rows, i, 2 + k)->bytes;
            TRY(store_keep(w->arena, texts[k], error));
        }
    }
    w->count = rows->count;
    return RFD_OK;
}

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct taking *w = context;
    struct store_rows rows;
    const struct store_value values[] = {store_integer(w->now), store_integer(w->until),
                                         store_integer((int64_t)w->limit), store_integer(w->channel)};
    TRY(store_run(t,
                  "UPDATE outbox SET due = $2, attempts = attempts + 1 WHERE id IN "
                  "(SELECT id FROM outbox WHERE state = 1 AND channel = $4 AND due <= $1 ORDER BY due LIMIT $3) "
                  "RETURNING id, attempts, recipient, subject, body, identity",
                  values, 4, &rows, error));
    return keep_items(w, &rows, error);
}

rfd_status outbox_take(struct store *store, enum outbox_channel channel, unsigned seconds, size_t limit,
                       struct arena *a, struct outbox_item **out, size_t *count, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct taking w = {.channel = channel,
                       .now = now,
                       .until = now + (rfd_time)seconds * SECOND,
                       .limit = limit > TAKE_MAXIMUM ? TAKE_MAXIMUM : limit,
                       .arena = a};
    TRY(store_write(store, take, &w, error));
    *out = w.items;
    *count = w.count;
    return RFD_OK;
}

/* --- How it went -------------------------------------------------------------------------------------------------- */

struct outcome {
    int64_t id;
    bool permanent, keep;
    slice why;
    rfd_time now;
};

/** Nobody needs the text of a sent mail any more; its identity stays, so that it is not sent again. */
static rfd_status mark_sent(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct outcome *o = context;
    const struct store_value values[] = {store_integer(o->id), store_integer(STATE_SENT)};
    return store_run(t,
                     o->keep ? "UPDATE outbox SET state = $2, why = '' WHERE id = $1"
                             : "UPDATE outbox SET state = $2, body = '', why = '' WHERE id = $1",
                     values, 2, NULL, error);
}

rfd_status outbox_sent(struct store *store, int64_t id, bool keep, struct rfd_error *error)
{
    struct outcome o = {.id = id, .keep = keep};
    return store_write(store, mark_sent, &o, error);
}

/** Minutes until the next attempt, by how many there were. */
static const unsigned short delays[] = {1, 5, 30, 2 * 60, 6 * 60, 24 * 60};

static rfd_status mark_failed(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct outcome *o = context;
    struct store_rows rows;
    struct store_value values[4] = {store_integer(o->id)};
    TRY(store_run(t, "SELECT attempts FROM outbox WHERE id = $1 AND state = 1", values, 1, &rows, error));
    if (rows.count == 0) return RFD_OK;
    uint64_t attempts = (uint64_t)store_cell(&rows, 0, 0)->integer;
    bool again = !o->permanent && attempts <= sizeof delays / sizeof *delays;
    rfd_time delay = again && attempts > 0 ? delays[attempts - 1] * 60 * SECOND : 0;
    values[1] = store_integer(again ? STATE_WAITS : STATE_GIVEN_UP);
    values[2] = store_integer(o->now + delay);
    values[3] = store_text(o->why);
    return store_run(t, "UPDATE outbox SET state = $2, due = $3, why = $4 WHERE id = $1", values, 4, NULL, error);
}

rfd_status outbox_failed(struct store *store, int64_t id, bool permanent, slice why, struct rfd_error *error)
{
    struct outcome o = {.id = id, .permanent = permanent, .now = clock_now()};
    struct buf text;
    buf_init(&text, 4 * (WHY_MAXIMUM + 1)); /* what a server says is a stranger's text; each octet may become three */
    text_put_printable(&text, slice_part(why, 0, WHY_MAXIMUM));
    rfd_status status = buf_check(&text, "why a mail failed", error);
    o.why = buf_slice(&text);
    if (status == RFD_OK) status = store_write(store, mark_failed, &o, error);
    buf_dispose(&text);
    return status;
}

static rfd_status mark_released(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct outcome *o = context;
    const struct store_value values[] = {store_integer(o->id), store_integer(o->now)};
    return store_run(t,
                     "UPDATE outbox SET due = $2, attempts = attempts - 1 "
                     "WHERE id = $1 AND state = 1 AND attempts > 0",
                     values, 2, NULL, error);
}

rfd_status outbox_release(struct store *store, int64_t id, struct rfd_error *error)
{
    struct outcome o = {.id = id, .now = clock_now()};
    return store_write(store, mark_released, &o, error);
}

/* --- Figures ------------------------------------------------------------------------------------------------------ */

static rfd_status count_states(struct transaction *t, void *context, struct rfd_error *error)
{
    struct outbox_counts *out = context;
    struct store_rows rows;
    *out = (struct outbox_counts){0};
    TRY(store_run(t, "SELECT state, count(*) FROM outbox GROUP BY state", NULL, 0, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        uint64_t n = (uint64_t)store_cell(&rows, i, 1)->integer;
        switch (store_cell(&rows, i, 0)->integer) {
        case STATE_WAITS: out->waiting = n; break;
        case STATE_SENT: out->sent = n; break;
        case STATE_GIVEN_UP: out->given_up = n; break;
        default: break;
        }
    }
    return RFD_OK;
}

rfd_status outbox_count(struct store *store, struct outbox_counts *out, struct rfd_error *error)
{
    struct outbox_counts counts;
    TRY(store_read(store, count_states, &counts, error));
    *out = counts;
    return RFD_OK;
}
