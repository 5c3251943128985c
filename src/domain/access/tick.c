/* SPDX-License-Identifier: EUPL-1.2
 *
 * What time does to requests and roles. Each step is one transaction that changes the row only where it is still as it
 * was seen, and writes what it tells beside it: so it happens once, whoever runs this, how often, and whatever kills.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit.h"

/* ---- Requests ---- */

/** `*due` is false when it is not due any more: somebody else was quicker. */
static rfd_status load_due(struct transaction *t, struct tick_step *s, const char *sql, struct access_request *r,
                           bool *due, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(s->id), store_integer(s->now)};
    struct store_rows rows;
    s->done = false;
    TRY(store_run(t, sql, values, 2, &rows, error));
    *due = rows.count > 0;
    return *due ? request_load(t, s->id, r, error) : RFD_OK;
}

static rfd_status people_of(struct transaction *t, const struct tick_step *s, const struct access_request *r,
                            struct approvers *out, struct rfd_error *error)
{
    const int64_t except[] = {r->requester, r->subject};
    if (r->agent) return approvers_of_agents(t, r->entity, except, s->now, out, error);
    return approvers_at_unit(t, r->tray, except, s->now, out, error);
}

static rfd_status remind(struct transaction *t, void *context, struct rfd_error *error)
{
    struct tick_step *s = context;
    struct access_request r;
    struct approvers people;
    const struct access_way *way;
    struct actor worker = actor_system("worker");
    struct store_rows rows;
    bool due;
    TRY(load_due(t, s, "SELECT 1 FROM access_request WHERE id = $1 AND state = 'sent' AND remind <= $2", &r, &due,
                 error));
    if (!due) return RFD_OK;
    TRY(access_way_needed(ACCESS_EVENT_REMIND, r.state, &way, error));
    const struct store_value values[] = {
        store_integer(s->id), store_integer(s->now),
        store_integer(access_deadline(s->settings, s->now, s->settings->reminder_days))};
    TRY(store_run(t, "UPDATE access_request SET remind = $3 WHERE id = $1 AND state = 'sent' AND remind <= $2", values,
                  3, &rows, error));
    if (rows.changed == 0) return RFD_OK;
    TRY(people_of(t, s, &r, &people, error));
    TRY(request_note(t, &worker, way, &r, SLICE(""), error));
    s->done = true;
    return tell_request(t, "access-reminder", &r, people.people, people.count,
                        access_days_waited(s->settings, r.sent, s->now), s->now, error);
}

/** Nobody above: it stays where it is, and is not tried again. */
static rfd_status stay(struct transaction *t, struct tick_step *s, struct rfd_error *error)
{
    const struct store_value id = store_integer(s->id);
    s->done = true;
    return store_run(t, "UPDATE access_request SET escalate = NULL WHERE id = $1 AND state = 'sent'", &id, 1, NULL,
                     error);
}

static rfd_status move_up(struct transaction *t, struct tick_step *s, const struct approvers *next,
                          struct rfd_error *error)
{
    const struct access_settings *settings = s->settings;
    const struct store_value values[] = {store_integer(s->id),
                                         store_integer(s->now),
                                         store_integer(next->unit),
                                         store_integer(next->first),
                                         store_integer(access_deadline(settings, s->now, settings->reminder_days)),
                                         store_integer(access_deadline(settings, s->now, settings->escalation_days))};
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE access_request SET tray = $3, approver = $4, escalated = escalated + 1, remind = $5, "
                  "escalate = $6 WHERE id = $1 AND state = 'sent' AND escalate <= $2",
                  values, 6, &rows, error));
    s->done = rows.changed > 0;
    return RFD_OK;
}

static rfd_status escalate(struct transaction *t, void *context, struct rfd_error *error)
{
    struct tick_step *s = context;
    struct access_request r;
    struct approvers next;
    const struct access_way *way;
    struct actor worker = actor_system("worker");
    bool due;
    TRY(load_due(t, s, "SELECT 1 FROM access_request WHERE id = $1 AND state = 'sent' AND escalate <= $2", &r, &due,
                 error));
    if (!due) return RFD_OK;
    const int64_t except[] = {r.requester, r.subject};
    TRY(access_way_needed(ACCESS_EVENT_ESCALATE, r.state, &way, error));
    TRY(approvers_of_unit(t, r.tray, true, except, s->now, &next, error));
    if (next.count == 0) return stay(t, s, error);
    TRY(move_up(t, s, &next, error));
    if (!s->done) return RFD_OK;
    r.tray = next.unit;
    r.approver = next.first;
    TRY(request_note(t, &worker, way, &r, SLICE(""), error));
    return tell_request(t, "access-escalated", &r, next.people, next.count, 0, s->now, error);
}

static rfd_status deny(struct transaction *t, void *context, struct rfd_error *error)
{
    struct tick_step *s = context;
    struct access_request r;
    const struct access_way *way;
    struct actor worker = actor_system("worker");
    struct store_rows rows;
    bool due;
    TRY(load_due(t, s, "SELECT 1 FROM access_request WHERE id = $1 AND state = 'sent' AND deny <= $2", &r, &due,
                 error));
    if (!due) return RFD_OK;
    TRY(access_way_needed(ACCESS_EVENT_DENY, r.state, &way, error));
    const struct store_value values[] = {store_integer(s->id), store_integer(s->now)};
    TRY(store_run(t,
                  "UPDATE access_request SET state = 'denied', decided = $2, approver = NULL "
                  "WHERE id = $1 AND state = 'sent' AND deny <= $2",
                  values, 2, &rows, error));
    if (rows.changed == 0) return RFD_OK;
    s->done = true;
    TRY(request_note(t, &worker, way, &r, SLICE(""), error));
    return tell_request(t, "access-denied", &r, &r.requester, 1, access_days_waited(s->settings, r.sent, s->now),
                        s->now, error);
}

/* ---- Temporary roles ---- */

/** The role is over by its date, whether this runs or not: here it is only told. */
static rfd_status tell_end(struct transaction *t, void *context, struct rfd_error *error)
{
    struct tick_step *s = context;
    struct role_assignment row;
    struct arena *a = store_arena(t);
    struct actor worker = actor_system("worker");
    struct store_rows rows;
    const struct store_value values[] = {store_integer(s->id), store_integer(s->now)};
    s->done = false;
    TRY(store_run(t, "UPDATE role_assignment SET told = TRUE WHERE id = $1 AND NOT told AND ends <= $2", values, 2,
                  &rows, error));
    if (rows.changed == 0) return RFD_OK;
    s->done = true;
    TRY(store_run(t, "UPDATE access_review SET state = 'over' WHERE assignment = $1 AND state = 'open'", values, 1,
                  NULL, error));
    TRY(assignment_find(t, s->id, &row, error));
    const char *object = arena_print(a, "role:%lld", (long long)s->id);
    if (object == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = "role.over", .actor = actor_audit(&worker, a), .object = slice_text(object), .detail = SLICE("")};
    TRY(audit_put(t, &event, error));
    return tell_role(t, "role-ended", &row, error);
}

/* ---- All ---- */

static const struct {
    const char *sql;
    store_work *work;
} steps[] = {
    {"SELECT id FROM access_request WHERE state = 'sent' AND deny <= $1 ORDER BY deny LIMIT $2", deny},
    {"SELECT id FROM access_request WHERE state = 'sent' AND escalate <= $1 ORDER BY escalate LIMIT $2", escalate},
    {"SELECT id FROM access_request WHERE state = 'sent' AND remind <= $1 ORDER BY remind LIMIT $2", remind},
    {"SELECT id FROM role_assignment WHERE NOT told AND ends <= $1 ORDER BY ends LIMIT $2", tell_end},
};

rfd_status access_tick(struct store *store, const struct access_settings *settings, rfd_time now, unsigned *done,
                       struct rfd_error *error)
{
    struct tick_step step = {.settings = settings, .now = now};
    rfd_status first = RFD_OK;
    *done = 0;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct tick tick = {steps[i].sql, now, steps[i].work};
        rfd_status status = tick_run(store, &tick, &step, done, first == RFD_OK ? error : NULL);
        if (first == RFD_OK) first = status;
    }
    rfd_status status = review_tick(store, settings, now, done, first == RFD_OK ? error : NULL);
    return first == RFD_OK ? status : first;
}
