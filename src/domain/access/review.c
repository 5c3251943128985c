/* SPDX-License-Identifier: EUPL-1.2
 *
 * Periodic review: every so many months, those who approve in a unit are asked about each role that its people have.
 * Nobody is asked about their own: that is for the unit above.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit.h"

/* ---- Opening ---- */

/** One tray of a round: those in it are mailed once. */
struct trays {
    int64_t units[16];
    struct approvers people[16];
    size_t count;
};

static void add_tray(struct trays *trays, const struct approvers *people)
{
    for (size_t i = 0; i < trays->count; i++) {
        if (trays->units[i] == people->unit) return;
    }
    if (trays->count == sizeof trays->units / sizeof *trays->units) return;
    trays->units[trays->count] = people->unit;
    trays->people[trays->count++] = *people;
}

static rfd_status put_item(struct transaction *t, const struct tick_step *o, const struct store_value *row,
                           rfd_time until, struct trays *trays, struct rfd_error *error)
{
    const int64_t except[] = {row[1].integer, 0};
    struct approvers people;
    enum role role;
    int64_t unit = o->id;
    /* What reaches beyond its unit is confirmed where it is decided: at the top. */
    if (role_from_name(row[3].bytes, &role) && role_reaches_beyond(role)) TRY(approvers_top(t, o->id, &unit, error));
    TRY(approvers_of_unit(t, unit, false, except, o->now, &people, error));
    if (people.count == 0) return RFD_OK; /* nobody who could be asked */
    const struct store_value values[] = {
        row[0], row[1], store_integer(o->id), store_integer(people.unit), store_integer(o->now), store_integer(until),
        row[2]};
    TRY(store_run(t,
                  "INSERT INTO access_review(assignment, person, unit, tray, state, opened, until, remind, sort_name) "
                  "VALUES ($1, $2, $3, $4, 'open', $5, $6, $6, $7) ON CONFLICT DO NOTHING",
                  values, 7, NULL, error));
    add_tray(trays, &people);
    return RFD_OK;
}

static rfd_status audit_round(struct transaction *t, const struct actor *actor, const char *action, const char *kind,
                              int64_t id, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "%s:%lld", kind, (long long)id);
    if (object == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, a), .object = slice_text(object), .detail = SLICE("")};
    return audit_put(t, &event, error);
}

static rfd_status open_items(struct transaction *t, const struct tick_step *o, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(o->id), store_integer(o->now)};
    rfd_time until = access_deadline(o->settings, o->now, o->settings->denial_days);
    struct actor worker = actor_system("worker");
    struct trays trays = {.count = 0};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT id, person, sort_name, role FROM role_assignment WHERE home = $1 AND starts <= $2 "
                  "AND (ends IS NULL OR ends > $2) ORDER BY id",
                  values, 2, &rows, error));
    for (size_t i = 0; i < rows.count; i++) TRY(put_item(t, o, store_cell(&rows, i, 0), until, &trays, error));
    if (rows.count > 0) TRY(audit_round(t, &worker, "review.open", "unit", o->id, error));
    for (size_t i = 0; i < trays.count; i++)
        TRY(tell_review(t, o->id, access_day(o->settings, until - 1, store_arena(t)), o->now, trays.people[i].people,
                        trays.people[i].count, error));
    return RFD_OK;
}

static rfd_status open_review(struct transaction *t, void *context, struct rfd_error *error)
{
    struct tick_step *o = context;
    struct store_rows rows;
    const struct store_value values[] = {
        store_integer(o->id), store_integer(o->now),
        store_integer(access_add_months(o->settings, o->now, -(int)o->settings->review_months))};
    TRY(store_run(t, "UPDATE access_review_unit SET since = $2 WHERE unit = $1 AND since <= $3", values, 3, &rows,
                  error));
    o->done = rows.changed > 0;
    return o->done ? open_items(t, o, error) : RFD_OK;
}

/* ---- Reminding ---- */

static rfd_status remind_tray(struct transaction *t, void *context, struct rfd_error *error)
{
    static const int64_t nobody[2];
    struct tick_step *o = context;
    struct approvers people;
    struct store_rows rows;
    rfd_time next = access_deadline(o->settings, o->now, o->settings->reminder_days);
    const struct store_value values[] = {store_integer(o->id), store_integer(o->now), store_integer(next)};
    TRY(store_run(t, "UPDATE access_review SET remind = $3 WHERE tray = $1 AND state = 'open' AND remind <= $2", values,
                  3, &rows, error));
    o->done = rows.changed > 0;
    if (!o->done) return RFD_OK;
    TRY(approvers_at_unit(t, o->id, nobody, o->now, &people, error));
    return tell_review(t, o->id, access_day(o->settings, next - 1, store_arena(t)), o->now, people.people, people.count,
                       error);
}

rfd_status review_tick(struct store *store, const struct access_settings *settings, rfd_time now, unsigned *done,
                       struct rfd_error *error)
{
    struct tick_step o = {.settings = settings, .now = now};
    rfd_time since = access_add_months(settings, now, -(int)settings->review_months);
    const struct tick opened = {"SELECT unit FROM access_review_unit WHERE since <= $1 ORDER BY since LIMIT $2", since,
                                open_review};
    const struct tick reminded = {
        "SELECT DISTINCT tray FROM access_review WHERE state = 'open' AND remind <= $1 LIMIT $2", now, remind_tray};
    rfd_status first = tick_run(store, &opened, &o, done, error);
    rfd_status status = tick_run(store, &reminded, &o, done, first == RFD_OK ? error : NULL);
    return first == RFD_OK ? status : first;
}

/* ---- Deciding ---- */

static rfd_status write_item(struct transaction *t, const struct actor *actor, int64_t item, const char *state,
                             struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(item), store_text(slice_text(state)), store_integer(clock_now()),
                                         store_integer(actor->person)};
    struct store_rows rows;
    TRY(store_run(t, "UPDATE access_review SET state = $2, decided = $3, decider = $4 WHERE id = $1 AND state = 'open'",
                  values, 4, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was decided already");
    return RFD_OK;
}

rfd_status access_review_decide(struct transaction *t, const struct actor *actor, int64_t item, bool keep,
                                struct rfd_error *error)
{
    const struct store_value id = store_integer(item);
    struct store_rows rows;
    TRY(store_run(t, "SELECT assignment, person, tray FROM access_review WHERE id = $1", &id, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "review %lld", (long long)item);
    const struct store_value *v = store_cell(&rows, 0, 0);
    const struct access_object object = {.unit = v[2].integer};
    TRY(actor_check(actor, ACTION_ACCESS_REVIEW, &object, error));
    if (actor->person == 0 || actor->person == v[1].integer)
        return error_set(error, RFD_E_FORBIDDEN, "nobody confirms their own roles");
    TRY(write_item(t, actor, item, keep ? "kept" : "ended", error));
    TRY(audit_round(t, actor, keep ? "review.keep" : "review.end", "role", v[0].integer, error));
    if (keep) return RFD_OK;
    TRY(assignment_hold(t, v[1].integer, error));
    const struct assignment_end end = {.assignment = v[0].integer, .moment = clock_now(), .reason = SLICE("review")};
    return assignment_close(t, actor, &end, error);
}
