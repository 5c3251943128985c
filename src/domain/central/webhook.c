/* SPDX-License-Identifier: EUPL-1.2
 *
 * Taking a notice moves its time to when the lease ends: who takes it and dies leaves it due again.
 */
#include "domain/central/webhook.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"

#include <jansson.h>
#include <stdlib.h>

enum { BODY_MAXIMUM = 32 << 10 };

static const struct {
    const char *name;
    enum signing_state state;
    const char *title; /* N_() */
} events[] = {
    {"operation.signed", SIGNING_SIGNED, N_("An operation was signed")},
    {"operation.partly", SIGNING_PARTLY, N_("An operation was signed in part")},
    {"operation.cancelled", SIGNING_CANCELLED, N_("An operation was cancelled")},
    {"operation.expired", SIGNING_EXPIRED, N_("An operation was not signed in time")},
    {"operation.failed", SIGNING_FAILED, N_("An operation failed")},
};
enum { EVENTS = sizeof events / sizeof *events };

static const char *event_of(enum signing_state state)
{
    for (size_t i = 0; i < EVENTS; i++) {
        if (events[i].state == state) return events[i].name;
    }
    return NULL;
}

const char *webhook_event_title(slice event)
{
    for (size_t i = 0; i < EVENTS; i++) {
        if (slice_is(event, events[i].name)) return events[i].title;
    }
    return "";
}

static const struct {
    const char *title, *tone;
} states[] = {
    {"", "neutral"}, {N_("On its way"), "warn"}, {N_("Taken by the portal"), "good"}, {N_("Given up"), "bad"}};

const char *webhook_state_title(enum webhook_state state)
{
    return (unsigned)state < 4 ? states[state].title : "";
}

const char *webhook_state_tone(enum webhook_state state)
{
    return (unsigned)state < 4 ? states[state].tone : "neutral";
}

/* ---- Putting ---- */

static json_t *text_json(slice text)
{
    return json_stringn(text.length == 0 ? "" : (const char *)text.data, text.length);
}

static json_t *documents_json(const struct signing *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->count; i++) {
        const struct signing_document *d = &s->documents[i];
        bool is_signed = d->result.length > 0;
        json_t *one = json_pack("{s:i, s:s}", "n", (int)d->place, "state", is_signed ? "signed" : "unsigned");
        if (is_signed) (void)json_object_set_new(one, "sha256", text_json(d->result));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static rfd_status make_body(const struct signing *s, enum signing_state state, const char *identity, rfd_time now,
                            struct arena *a, slice *out, struct rfd_error *error)
{
    char time[CLOCK_TEXT_SIZE];
    json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:s, s:s, s:o}", "delivery", identity, "event", event_of(state),
                               "operation", text_json(s->token), "reference", text_json(s->reference), "state",
                               signing_state_name(state), "time", clock_iso(now, time), "documents", documents_json(s));
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    *out = text == NULL ? SLICE_EMPTY : arena_copy(a, slice_text(text));
    free(text);
    json_decref(object);
    if (out->data == NULL) return arena_failed(a, error);
    return out->length <= BODY_MAXIMUM ? RFD_OK : error_set(error, RFD_E_LIMIT, "a notice to a portal");
}

rfd_status webhook_put(struct transaction *t, const struct signing *signing, enum signing_state state, rfd_time now,
                       struct rfd_error *error)
{
    struct portal portal;
    char identity[TOKEN_TEXT_SIZE];
    uint8_t hash[TOKEN_HASH_SIZE];
    slice body;
    if (signing->portal == 0 || event_of(state) == NULL) return RFD_OK;
    TRY(portal_find(t, signing->portal, &portal, error));
    if (portal.closed || portal.webhook.length == 0) return RFD_OK;
    TRY(token_make(identity, hash, error));
    TRY(make_body(signing, state, identity, now, store_arena(t), &body, error));
    const struct store_value values[] = {store_integer(portal.id),
                                         store_integer(signing->id),
                                         store_text(slice_text(identity)),
                                         store_text(slice_text(event_of(state))),
                                         store_text(body),
                                         store_integer(WEBHOOK_WAITS),
                                         store_integer(now)};
    return store_run(
        t,
        "INSERT INTO webhook(portal, signing, identity, event, body, state, tries, attempts, created, due, "
        "status) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $7, 0) ON CONFLICT(signing) DO NOTHING",
        values, sizeof values / sizeof *values, NULL, error);
}

/* ---- Taking ---- */

struct taking {
    rfd_time now, until;
    struct arena *a;
    struct webhook_item *items;
    size_t count;
};

static rfd_status keep_item(struct taking *w, const struct store_value *v, struct rfd_error *error)
{
    struct webhook_item *item = &w->items[w->count];
    *item = (struct webhook_item){.id = v[0].integer,
                                  .identity = v[1].bytes,
                                  .event = v[2].bytes,
                                  .body = v[3].bytes,
                                  .address = v[4].integer != 0 ? SLICE_EMPTY : v[5].bytes};
    slice *const texts[] = {&item->identity, &item->event, &item->body, &item->address};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(w->a, texts[i], error));
    w->count++;
    return RFD_OK;
}

/** One of each portal, so that none that is slow keeps the others waiting. */
static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct taking *w = context;
    const struct store_value due[] = {store_integer(w->now), store_integer(WEBHOOK_AT_ONCE)};
    struct store_rows rows;
    w->count = 0;
    TRY(store_run(
        t,
        "SELECT w.id, w.identity, w.event, w.body, p.closed, p.webhook, w.due FROM webhook w JOIN portal p ON "
        "p.id = w.portal WHERE w.id IN (SELECT min(id) FROM webhook WHERE state = 1 AND due <= $1 GROUP BY "
        "portal) ORDER BY w.due, w.id LIMIT $2",
        due, 2, &rows, error));
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        const struct store_value values[] = {v[0], store_integer(w->until), v[6]};
        struct store_rows changed;
        TRY(store_run(t, "UPDATE webhook SET due = $2 WHERE id = $1 AND state = 1 AND due = $3", values, 3, &changed,
                      error));
        if (changed.changed > 0) TRY(keep_item(w, v, error));
    }
    return RFD_OK;
}

static rfd_status is_any_due(struct transaction *t, void *context, struct rfd_error *error)
{
    struct taking *w = context;
    const struct store_value now = store_integer(w->now);
    struct store_rows rows;
    TRY(store_run(t, "SELECT 1 FROM webhook WHERE state = 1 AND due <= $1 LIMIT 1", &now, 1, &rows, error));
    w->count = rows.count;
    return RFD_OK;
}

rfd_status webhook_take(struct store *store, unsigned seconds, struct arena *a,
                        struct webhook_item items[WEBHOOK_AT_ONCE], size_t *count, struct rfd_error *error)
{
    rfd_time now = clock_now();
    struct taking w = {.now = now, .until = now + (rfd_time)seconds * RFD_SECOND, .a = a, .items = items};
    TRY(store_look(store, is_any_due, &w, error));
    if (w.count > 0) TRY(store_write(store, take, &w, error));
    *count = w.count;
    return RFD_OK;
}

/* ---- How it went ---- */

struct settling {
    const struct webhook_outcome *outcome;
    rfd_time now;
};

/** Minutes until the next try, by how many there were. */
static const unsigned short delays[] = {1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60};
enum { DELAYS = sizeof delays / sizeof *delays };

static rfd_status remember(struct transaction *t, const struct settling *s, int64_t number, struct rfd_error *error)
{
    const struct webhook_outcome *o = s->outcome;
    slice why = slice_part(o->why, 0, WEBHOOK_WHY);
    if (!text_is_printable(why)) why = SLICE("it cannot be told");
    const struct store_value values[] = {store_integer(o->id), store_integer(number), store_integer(s->now),
                                         store_integer(o->status), store_text(why)};
    const struct store_value old[] = {store_integer(o->id), store_integer(number - WEBHOOK_ATTEMPTS)};
    TRY(store_run(t, "INSERT INTO webhook_attempt(webhook, number, time, status, why) VALUES ($1, $2, $3, $4, $5)",
                  values, 5, NULL, error));
    return store_run(t, "DELETE FROM webhook_attempt WHERE webhook = $1 AND number <= $2", old, 2, NULL, error);
}

/** A portal that does not answer holds up all who are told in the same round: its other notices wait a minute, as they
 * would not fare better. */
static rfd_status hold_others(struct transaction *t, const struct settling *s, int64_t portal, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(portal), store_integer(s->now),
                                         store_integer(s->now + (rfd_time)WEBHOOK_SILENCE_SECONDS * RFD_SECOND)};
    return store_run(t, "UPDATE webhook SET due = $3 WHERE portal = $1 AND state = 1 AND due <= $2", values, 3, NULL,
                     error);
}

static rfd_status settle(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct settling *s = context;
    const struct webhook_outcome *o = s->outcome;
    const struct store_value id = store_integer(o->id);
    struct store_rows rows;
    TRY(store_run(t, "SELECT tries, attempts, portal FROM webhook WHERE id = $1", &id, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "there is no such notice");
    int64_t tries = store_cell(&rows, 0, 0)->integer, attempts = store_cell(&rows, 0, 1)->integer;
    bool taken = o->why.length == 0, last = o->for_good || tries >= DELAYS;
    enum webhook_state state = taken ? WEBHOOK_TAKEN : last ? WEBHOOK_GIVEN_UP : WEBHOOK_WAITS;
    rfd_time pause = taken || last ? 0 : (rfd_time)delays[tries] * 60 * RFD_SECOND;
    const struct store_value values[] = {id,
                                         store_integer(state),
                                         store_integer(attempts + 1),
                                         store_integer(s->now + pause),
                                         store_moment(taken ? s->now : RFD_TIME_NONE),
                                         store_integer(o->status)};
    TRY(store_run(t,
                  "UPDATE webhook SET state = $2, tries = tries + 1, attempts = $3, due = $4, sent = $5, status = $6 "
                  "WHERE id = $1",
                  values, sizeof values / sizeof *values, NULL, error));
    if (!taken && !o->for_good && o->status == 0) TRY(hold_others(t, s, store_cell(&rows, 0, 2)->integer, error));
    return remember(t, s, attempts + 1, error);
}

rfd_status webhook_settle(struct store *store, const struct webhook_outcome *outcome, struct rfd_error *error)
{
    struct settling s = {outcome, clock_now()};
    return store_write(store, settle, &s, error);
}

static rfd_status release(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(*(const int64_t *)context), store_integer(clock_now())};
    return store_run(t, "UPDATE webhook SET due = $2 WHERE id = $1 AND state = 1", values, 2, NULL, error);
}

rfd_status webhook_release(struct store *store, int64_t id, struct rfd_error *error)
{
    return store_write(store, release, &id, error);
}
