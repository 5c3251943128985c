/* SPDX-License-Identifier: EUPL-1.2
 *
 * The one place where a request changes its state: the way of the table, the row where it is still as it was read, the
 * event, the audit.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit.h"
#include "domain/registration/columns.h"

enum { ISSUE_SECONDS = 60 }; /* how long whoever approved has to have it issued, before the worker does */

/* ---- What is told ---- */

static slice actor_of(const struct request *r, const struct request_step *step, struct arena *a)
{
    if (step->actor != NULL) return actor_audit(step->actor, a);
    const char *text = arena_print(a, "applicant:%.*s", (int)r->code.length, (const char *)r->code.data);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

static rfd_status audit(struct transaction *t, const struct request *r, const struct request_way_row *way,
                        const struct request_step *step, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "request:%lld", (long long)r->id);
    const char *detail =
        arena_print(a, "{\"code\":\"%.*s\",\"way\":\"%s\",\"state\":\"%s\",\"entity\":%lld,\"unit\":%lld}",
                    (int)r->code.length, (const char *)r->code.data, request_way_name(r->way),
                    request_state_name(way->to), (long long)r->entity, (long long)r->unit);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {.action = way->action,
                                      .actor = actor_of(r, step, a),
                                      .object = slice_text(object),
                                      .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status request_happened(struct transaction *t, const struct request *request, const struct request_way_row *way,
                            const struct request_step *step, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(request->id),
        store_integer(clock_now()),
        store_text(slice_text(request_event_name(way->event))),
        store_text(slice_text(request_state_name(way->to))),
        store_reference(step->actor == NULL ? 0 : step->actor->person),
        store_text(step->note),
        store_boolean(step->is_public),
    };
    TRY(store_run(t,
                  "INSERT INTO request_event(request, time, event, state, person, note, public) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                  values, sizeof values / sizeof *values, NULL, error));
    return audit(t, request, way, step, error);
}

/* ---- What a step changes ---- */

static bool is_end(enum request_state state)
{
    return state == REQUEST_ISSUED || state == REQUEST_REJECTED || state == REQUEST_CANCELLED ||
           state == REQUEST_ATTENDED || state == REQUEST_REVOKED;
}

/** When the worker looks at it next. Of revocations, revoke.c says so. */
static void set_due(struct request *r, const struct request_way_row *way, rfd_time now)
{
    if (r->way == WAY_REVOCATION) return;
    if (way->to == REQUEST_TAKEN) {
        r->due = now;
    } else if (way->to == REQUEST_APPROVED) {
        bool waits = r->external || request_is_central(r);
        if (way->from != REQUEST_APPROVED) r->due = waits ? RFD_TIME_NONE : now + ISSUE_SECONDS * RFD_SECOND;
    } else {
        r->due = RFD_TIME_NONE;
    }
}

static void set_columns(struct request *r, const struct request_way_row *way, const struct request_step *step,
                        rfd_time now)
{
    switch (way->event) {
    case REQUEST_EVENT_TAKE:
        r->taker = step->actor == NULL ? 0 : step->actor->person;
        r->taken = now;
        break;
    case REQUEST_EVENT_RELEASE:
    case REQUEST_EVENT_RETURN:
        r->taker = 0;
        r->taken = RFD_TIME_NONE;
        break;
    case REQUEST_EVENT_CONFIRM:
    case REQUEST_EVENT_SEND: r->sent = now; break;
    case REQUEST_EVENT_OBSERVE:
    case REQUEST_EVENT_REJECT:
    case REQUEST_EVENT_CANCEL:
    case REQUEST_EVENT_UNDO: r->note = step->note; break;
    default: break;
    }
    if (is_end(way->to)) r->concluded = now;
    set_due(r, way, now);
    r->state = way->to;
}

static rfd_status find_way(const struct request *r, const struct request_step *step, const struct request_way_row **out,
                           struct rfd_error *error)
{
    const struct request_way_row *way = request_way_find(r->way, step->event, r->state, step->to);
    if (way == NULL)
        return error_set(error, RFD_E_STATE, "%.*s is \"%s\" and cannot be %s", (int)r->code.length,
                         (const char *)r->code.data, request_state_name(r->state), request_event_name(step->event));
    *out = way;
    return RFD_OK;
}

rfd_status request_step(struct transaction *t, struct request *request, const struct request_step *step,
                        struct rfd_error *error)
{
    const struct request_way_row *way = NULL;
    struct request r = *request;
    struct store_rows rows;
    TRY(find_way(&r, step, &way, error));
    set_columns(&r, way, step, clock_now());
    const struct store_value values[] = {
        store_integer(r.id),
        store_text(slice_text(request_state_name(way->from))),
        store_text(slice_text(request_state_name(way->to))),
        store_moment(r.sent),
        store_moment(r.taken),
        store_reference(r.taker),
        store_moment(r.concluded),
        store_text(r.note),
        store_moment(r.due),
    };
    TRY(store_run(t,
                  "UPDATE request SET state = $3, sent = $4, taken = $5, taker = $6, concluded = $7, note = $8, "
                  "due = $9 WHERE id = $1 AND state = $2",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "somebody else was faster");
    TRY(request_happened(t, &r, way, step, error));
    *request = r;
    return RFD_OK;
}

rfd_status request_enter(struct transaction *t, const struct zone *zone, struct request *request,
                         const struct request_step *step, struct rfd_error *error)
{
    const struct request_way_row *way = NULL;
    struct request r = *request;
    r.state = REQUEST_NONE;
    r.code = SLICE("-");
    TRY(find_way(&r, step, &way, error));
    TRY(request_number(t, zone, r.way, &r.code, error));
    r.created = clock_now();
    set_columns(&r, way, step, r.created);
    TRY(columns_insert(t, &request_columns, &r, &r.id, error));
    for (size_t i = 0; i < r.applicant_count; i++) {
        r.applicants[i].id = 0;
        r.applicants[i].request = r.id;
        r.applicants[i].place = (unsigned)i + 1;
        TRY(applicant_put_row(t, &r.applicants[i], error));
    }
    TRY(request_index(t, r.id, error));
    TRY(request_happened(t, &r, way, step, error));
    *request = r;
    return RFD_OK;
}
