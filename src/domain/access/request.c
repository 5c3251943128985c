/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request of roles: its rows, who sees it, and what happened to it.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/audit/audit.h"

/* ---- Questions about one ---- */

bool role_can_be_asked(enum role role)
{
    return role != ROLE_APPLICANT && role != ROLE_RECIPIENT;
}

bool request_asks(const struct access_request *request, enum role role)
{
    for (unsigned i = 0; i < request->line_count; i++) {
        if (!request->lines[i].withdraw && request->lines[i].role == role) return true;
    }
    return false;
}

bool request_adds(const struct access_request *request)
{
    for (unsigned i = 0; i < request->line_count; i++) {
        if (!request->lines[i].withdraw) return true;
    }
    return false;
}

bool access_request_sensitive(const struct access_request *request)
{
    for (unsigned i = 0; i < request->line_count; i++) {
        if (!request->lines[i].withdraw && role_info(request->lines[i].role)->sensitive) return true;
    }
    return false;
}

bool access_request_editable(const struct actor *actor, const struct access_request *request)
{
    return actor->person != 0 && actor->person == request->requester &&
           slice_is(request->state, access_state_text(ACCESS_DRAFT));
}

bool access_request_decidable(const struct actor *actor, const struct access_request *request)
{
    const struct access_object object = {.unit = request->tray, .entity = request->entity};
    bool own = actor->person == 0 || actor->person == request->requester || actor->person == request->subject;
    return !own && slice_is(request->state, access_state_text(ACCESS_SENT)) &&
           actor_may(actor, request->agent ? ACTION_ACCESS_AGENT_APPROVE : ACTION_ACCESS_APPROVE, &object);
}

/* ---- Reading ---- */

static rfd_status load_lines(struct transaction *t, struct access_request *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(out->id)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT withdraw, role, coalesce(unit, 0), starts, ends, coalesce(assignment, 0) FROM access_line "
                  "WHERE request = $1 ORDER BY place",
                  values, 1, &rows, error));
    for (size_t i = 0; i < rows.count && out->line_count < ACCESS_LINES; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        struct access_line line = {.withdraw = v[0].integer != 0,
                                   .unit = v[2].integer,
                                   .from = store_moment_of(&v[3]),
                                   .to = store_moment_of(&v[4]),
                                   .assignment = v[5].integer};
        if (!role_from_name(v[1].bytes, &line.role))
            return error_set(error, RFD_E_STORE_VERSION, "a role that this version does not know");
        out->lines[out->line_count++] = line;
    }
    return RFD_OK;
}

rfd_status request_load(struct transaction *t, int64_t id, struct access_request *out, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT code, state, requester, subject, entity, unit, reason, decision, created, sent, decided, "
                  "coalesce(approver, 0), agent, coalesce(tray, 0), escalated, letter, signed_text, signature "
                  "FROM access_request WHERE id = $1",
                  values, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "access request %lld", (long long)id);
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct access_request){.id = id,
                                   .code = v[0].bytes,
                                   .state = v[1].bytes,
                                   .requester = v[2].integer,
                                   .subject = v[3].integer,
                                   .entity = v[4].integer,
                                   .unit = v[5].integer,
                                   .reason = v[6].bytes,
                                   .decision = v[7].bytes,
                                   .created = v[8].integer,
                                   .sent = store_moment_of(&v[9]),
                                   .decided = store_moment_of(&v[10]),
                                   .approver = v[11].integer,
                                   .agent = v[12].integer != 0,
                                   .tray = v[13].integer,
                                   .escalated = (unsigned)v[14].integer,
                                   .letter = v[15].bytes,
                                   .signed_text = v[16].bytes,
                                   .signature = v[17].bytes};
    return load_lines(t, out, error);
}

static rfd_status may_see(struct transaction *t, const struct actor *actor, const struct access_request *request,
                          struct rfd_error *error)
{
    struct unit unit;
    if (actor->person != 0 && actor->person == request->requester) return RFD_OK;
    if (slice_is(request->state, access_state_text(ACCESS_DRAFT)))
        return error_set(error, RFD_E_NOT_FOUND, "access request %lld", (long long)request->id);
    const struct access_object tray = {.unit = request->tray, .entity = request->entity};
    if (actor_may(actor, request->agent ? ACTION_ACCESS_AGENT_APPROVE : ACTION_ACCESS_APPROVE, &tray)) return RFD_OK;
    TRY(unit_find(t, request->unit, &unit, error));
    const struct access_object object = {
        .person = request->subject, .entity = request->entity, .unit = request->unit, .path = unit.path};
    return actor_check(actor, ACTION_ACCESS_SEE, &object, error);
}

rfd_status access_request_find(struct transaction *t, const struct actor *actor, int64_t id, struct access_request *out,
                               struct rfd_error *error)
{
    struct access_request found;
    TRY(request_load(t, id, &found, error));
    TRY(may_see(t, actor, &found, error));
    *out = found;
    return RFD_OK;
}

rfd_status access_request_count(struct transaction *t, const struct actor *actor, slice state, uint64_t *count,
                                struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(actor->person), store_text(state),
                                         store_integer(LIST_COUNTED + 1)};
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT count(*) FROM (SELECT 1 AS one_ FROM access_request WHERE requester = $1 AND state = $2 "
                  "LIMIT $3) c_",
                  values, 3, &rows, error));
    *count = (uint64_t)store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

/* ---- What happened to it ---- */

static rfd_status audit_request(struct transaction *t, const struct actor *actor, const char *action,
                                const struct access_request *r, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    const char *object = arena_print(a, "access:%lld", (long long)r->id);
    const char *detail =
        arena_print(a, "{\"code\":\"%.*s\",\"requester\":%lld,\"subject\":%lld,\"unit\":%lld}", (int)r->code.length,
                    (const char *)r->code.data, (long long)r->requester, (long long)r->subject, (long long)r->unit);
    if (object == NULL || detail == NULL) return arena_failed(a, error);
    const struct audit_event event = {
        .action = action, .actor = actor_audit(actor, a), .object = slice_text(object), .detail = slice_text(detail)};
    return audit_put(t, &event, error);
}

rfd_status request_note(struct transaction *t, const struct actor *actor, const struct access_way *way,
                        const struct access_request *request, slice note, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(request->id), store_integer(clock_now()),
                                         store_text(slice_text(access_event_text(way->event))),
                                         store_reference(actor->person), store_text(note)};
    TRY(store_run(t, "INSERT INTO access_event(request, time, event, person, note) VALUES ($1, $2, $3, $4, $5)", values,
                  5, NULL, error));
    return audit_request(t, actor, way->action, request, error);
}

rfd_status access_request_events(struct transaction *t, int64_t id, struct access_event **out, size_t *count,
                                 struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(id)};
    struct store_rows rows;
    TRY(store_run(
        t,
        "SELECT e.time, e.event, coalesce(e.person, 0), e.note, coalesce(x.given_names || ' ' || x.surname, '') "
        "FROM access_event e LEFT JOIN person x ON x.id = e.person WHERE e.request = $1 ORDER BY e.id",
        values, 1, &rows, error));
    struct access_event *list = arena_zeroed(store_arena(t), rows.count + 1, sizeof *list);
    if (list == NULL) return arena_failed(store_arena(t), error);
    for (size_t i = 0; i < rows.count; i++) {
        const struct store_value *v = store_cell(&rows, i, 0);
        list[i] = (struct access_event){v[0].integer, v[1].bytes, v[2].integer, v[4].bytes, v[3].bytes};
    }
    *out = list;
    *count = rows.count;
    return RFD_OK;
}
