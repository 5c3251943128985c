/* SPDX-License-Identifier: EUPL-1.2
 *
 * Sending a request to who decides, and taking it back.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"

/* ---- What must hold ---- */

static rfd_status check_people(struct transaction *t, const struct access_request *r, rfd_time now,
                               struct faults *faults, struct rfd_error *error)
{
    bool works = true;
    if (request_adds(r)) TRY(access_works_at(t, r->subject, r->unit, now, &works, error));
    if (!works) fault_add(faults, "subject", N_("This person has no post in the unit now"));
    return RFD_OK;
}

static rfd_status check_withdrawn(struct transaction *t, const struct access_request *r, rfd_time now,
                                  struct faults *faults, struct rfd_error *error)
{
    for (unsigned i = 0; i < r->line_count; i++) {
        struct role_assignment has;
        if (!r->lines[i].withdraw) continue;
        TRY(assignment_find(t, r->lines[i].assignment, &has, error));
        if (has.to != RFD_TIME_NONE && has.to <= now)
            fault_add(faults, "lines", N_("They do not have this role in the unit any more"));
    }
    return RFD_OK;
}

rfd_status request_check(struct transaction *t, const struct access_request *request, rfd_time now,
                         struct faults *faults, struct rfd_error *error)
{
    const char *rule;
    if (request->line_count == 0) fault_add(faults, "lines", N_("Tick at least one role to add or to withdraw"));
    if (request->reason.length == 0) fault_add(faults, "reason", N_("Say why the roles are needed"));
    if (request->agent && request->letter.length == 0)
        fault_add(faults, "letter",
                  N_("To become a certifying agent, the letter and the documents have to be attached"));
    for (unsigned i = 0; i < request->line_count; i++) {
        const struct access_line *line = &request->lines[i];
        if (!line->withdraw && line->to != RFD_TIME_NONE && line->to <= now)
            fault_add(faults, "lines", N_("The last day is before the first, or has passed"));
    }
    TRY(check_people(t, request, now, faults, error));
    TRY(check_withdrawn(t, request, now, faults, error));
    TRY(assignment_conflict(t, request->subject, request->lines, request->line_count, now, &rule, error));
    if (rule != NULL) fault_add(faults, "lines", rule);
    return RFD_OK;
}

/* ---- Sending ---- */

/** Roles that reach beyond their unit are decided at the top of the entity. */
static rfd_status find_tray(struct transaction *t, const struct access_request *r, rfd_time now, struct approvers *out,
                            struct rfd_error *error)
{
    const int64_t except[] = {r->requester, r->subject};
    int64_t unit = r->unit;
    if (r->agent) return approvers_of_agents(t, r->entity, except, now, out, error);
    for (unsigned i = 0; i < r->line_count; i++) {
        if (role_reaches_beyond(r->lines[i].role)) TRY(approvers_top(t, r->unit, &unit, error));
    }
    return approvers_of_unit(t, unit, false, except, now, out, error);
}

/** The next number of the year: the row is this transaction's until it commits. */
static rfd_status make_code(struct transaction *t, int year, slice *out, struct rfd_error *error)
{
    struct arena *a = store_arena(t);
    struct store_rows rows;
    const struct store_value values[] = {store_integer(year)};
    TRY(store_run(t,
                  "INSERT INTO access_number(year, number) VALUES ($1, 1) "
                  "ON CONFLICT(year) DO UPDATE SET number = access_number.number + 1 RETURNING number",
                  values, 1, &rows, error));
    const char *code = arena_print(a, "A-%04lld-%d", (long long)store_cell(&rows, 0, 0)->integer, year);
    if (code == NULL) return arena_failed(a, error);
    *out = slice_text(code);
    return RFD_OK;
}

static rfd_status write_sent(struct transaction *t, const struct access_request *r,
                             const struct access_settings *settings, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(r->id),
        store_text(r->code),
        store_integer(r->sent),
        store_reference(r->approver),
        store_reference(r->tray),
        store_integer(access_deadline(settings, r->sent, settings->reminder_days)),
        r->agent ? store_null() : store_integer(access_deadline(settings, r->sent, settings->escalation_days)),
        store_integer(access_deadline(settings, r->sent, settings->denial_days)),
    };
    struct store_rows rows;
    TRY(store_run(
        t,
        "UPDATE access_request SET state = 'sent', code = $2, sent = $3, approver = $4, tray = $5, remind = $6, "
        "escalate = $7, deny = $8 WHERE id = $1 AND state = 'draft'",
        values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was sent already");
    return RFD_OK;
}

static rfd_status index_code(struct transaction *t, const struct access_request *r, struct rfd_error *error)
{
    struct list_words words;
    list_words(&r->code, 1, &words);
    for (size_t i = 0; i < words.count; i++) {
        const struct store_value values[] = {store_text(slice_text(words.words[i])), store_integer(r->id)};
        TRY(store_run(t, "INSERT INTO access_request_word(word, id) VALUES ($1, $2) ON CONFLICT DO NOTHING", values, 2,
                      NULL, error));
    }
    return RFD_OK;
}

static rfd_status own_request(struct transaction *t, const struct actor *actor, int64_t id, struct access_request *out,
                              struct rfd_error *error)
{
    TRY(request_load(t, id, out, error));
    if (actor->person == 0 || actor->person != out->requester)
        return error_set(error, RFD_E_FORBIDDEN, "it is somebody else's request");
    return RFD_OK;
}

rfd_status access_request_send(struct transaction *t, const struct actor *actor, int64_t id,
                               const struct access_settings *settings, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct access_request r;
    struct approvers tray = {.unit = 0};
    const struct access_way *way;
    rfd_time now = clock_now();
    if (faults == NULL) faults = &own;
    TRY(own_request(t, actor, id, &r, error));
    const struct access_object object = {.entity = r.entity, .unit = r.unit};
    TRY(actor_check(actor, ACTION_ACCESS_REQUEST, &object, error));
    TRY(access_way_needed(ACCESS_EVENT_SEND, r.state, &way, error));
    TRY(request_check(t, &r, now, faults, error));
    TRY(find_tray(t, &r, now, &tray, error));
    if (tray.count == 0)
        fault_add(
            faults, "",
            N_("Nobody can decide about this request: neither the unit nor those above it have a head with this role"));
    TRY(faults_end(faults, error));
    r.sent = now;
    r.tray = tray.unit;
    r.approver = tray.first;
    TRY(make_code(t, access_year(settings, now), &r.code, error));
    TRY(write_sent(t, &r, settings, error));
    TRY(index_code(t, &r, error));
    TRY(request_note(t, actor, way, &r, SLICE(""), error));
    return tell_request(t, "access-sent", &r, tray.people, tray.count, 0, now, error);
}

rfd_status access_request_cancel(struct transaction *t, const struct actor *actor, int64_t id, struct rfd_error *error)
{
    struct access_request r;
    const struct access_way *way;
    struct store_rows rows;
    TRY(own_request(t, actor, id, &r, error));
    TRY(access_way_needed(ACCESS_EVENT_CANCEL, r.state, &way, error));
    const struct store_value values[] = {store_integer(id), store_integer(clock_now())};
    TRY(store_run(t,
                  "UPDATE access_request SET state = 'cancelled', decided = $2 "
                  "WHERE id = $1 AND state IN ('draft', 'sent')",
                  values, 2, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was decided meanwhile");
    return request_note(t, actor, way, &r, SLICE(""), error);
}
