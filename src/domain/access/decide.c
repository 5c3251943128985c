/* SPDX-License-Identifier: EUPL-1.2
 *
 * The decision about a request: by who may, once, and what it does acts at once.
 */
#include "domain/access/access_internal.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/text.h"

enum { DECISION_MAXIMUM = 4000, SIGNATURE_MAXIMUM = 64 << 10, TEXT_MAXIMUM = 64 << 10 };

static rfd_status check_decider(const struct actor *actor, const struct access_request *r, struct rfd_error *error)
{
    const struct access_object object = {.unit = r->tray, .entity = r->entity};
    if (slice_is(r->state, access_state_text(ACCESS_DRAFT)))
        return error_set(error, RFD_E_NOT_FOUND, "access request %lld", (long long)r->id);
    TRY(actor_check(actor, r->agent ? ACTION_ACCESS_AGENT_APPROVE : ACTION_ACCESS_APPROVE, &object, error));
    if (actor->person == 0 || actor->person == r->requester || actor->person == r->subject)
        return error_set(error, RFD_E_FORBIDDEN, "nobody decides about what they asked for, or what is for them");
    return RFD_OK;
}

/** Of a sensitive role, the approval is signed: the text is kept with it. */
static rfd_status check_signature(struct transaction *t, const struct actor *actor, const struct access_decision *d,
                                  struct access_request *r, rfd_time now, struct faults *faults,
                                  struct rfd_error *error)
{
    const char *why = NULL;
    struct buf text;
    if (!access_request_sensitive(r)) return RFD_OK;
    if (d->signature.length == 0 || d->signature.length > SIGNATURE_MAXIMUM) {
        fault_add(faults, "signature",
                  N_("This role is sensitive: its approval has to be signed with your certificate"));
        return RFD_OK;
    }
    buf_init(&text, TEXT_MAXIMUM);
    rfd_status status = access_approval_text(t, r, &text, error);
    if (status == RFD_OK)
        status =
            approval_signature_check(t, d->settings, actor->person, buf_slice(&text), d->signature, now, &why, error);
    if (status == RFD_OK) r->signed_text = arena_copy(store_arena(t), buf_slice(&text));
    buf_dispose(&text);
    TRY(status);
    if (r->signed_text.data == NULL) return arena_failed(store_arena(t), error);
    if (why != NULL) fault_add(faults, "signature", why);
    r->signature = d->signature;
    return RFD_OK;
}

static rfd_status write_decision(struct transaction *t, const struct access_request *r, const struct access_way *way,
                                 rfd_time now, struct rfd_error *error)
{
    const struct store_value values[] = {
        store_integer(r->id),      store_text(slice_text(access_state_text(way->to))),
        store_integer(now),        store_integer(r->approver),
        store_text(r->decision),   store_text(r->signed_text),
        store_bytes(r->signature),
    };
    struct store_rows rows;
    TRY(store_run(t,
                  "UPDATE access_request SET state = $2, decided = $3, approver = $4, decision = $5, signed_text = $6, "
                  "signature = $7 WHERE id = $1 AND state = 'sent'",
                  values, sizeof values / sizeof *values, &rows, error));
    if (rows.changed == 0) return error_set(error, RFD_E_STATE, "it was decided already");
    return RFD_OK;
}

/** At once, or from the day that was asked for. */
static rfd_time begins(const struct access_line *line, rfd_time now)
{
    return line->from == RFD_TIME_NONE || line->from < now ? now : line->from;
}

static rfd_status apply_line(struct transaction *t, const struct actor *actor, const struct access_request *r,
                             const struct access_line *line, rfd_time now, struct rfd_error *error)
{
    int64_t id;
    if (line->withdraw) {
        const struct assignment_end end = {
            .assignment = line->assignment, .request = r->id, .moment = begins(line, now), .reason = r->code};
        return assignment_close(t, actor, &end, error);
    }
    bool everywhere = role_info(line->role)->everywhere;
    const struct role_assignment given = {.person = r->subject,
                                          .role = line->role,
                                          .entity = everywhere ? 0 : r->entity,
                                          .unit = line->unit,
                                          .from = begins(line, now),
                                          .to = line->to,
                                          .request = r->id,
                                          .home = r->unit};
    return assignment_open(t, actor, &given, &id, error);
}

static rfd_status approve(struct transaction *t, const struct actor *actor, const struct access_decision *d,
                          struct access_request *r, const struct access_way *way, struct faults *faults,
                          struct rfd_error *error)
{
    rfd_time now = clock_now();
    TRY(assignment_hold(t, r->subject, error));
    TRY(request_check(t, r, now, faults, error));
    TRY(check_signature(t, actor, d, r, now, faults, error));
    TRY(faults_end(faults, error));
    TRY(write_decision(t, r, way, now, error));
    for (unsigned i = 0; i < r->line_count; i++) TRY(apply_line(t, actor, r, &r->lines[i], now, error));
    TRY(request_note(t, actor, way, r, r->decision, error));
    return tell_request(t, "access-approved", r, &r->subject, 1, 0, now, error);
}

static rfd_status reject(struct transaction *t, const struct actor *actor, struct access_request *r,
                         const struct access_way *way, struct faults *faults, struct rfd_error *error)
{
    rfd_time now = clock_now();
    if (r->decision.length == 0) fault_add(faults, "reason", N_("Say why you reject it: the requester reads it"));
    TRY(faults_end(faults, error));
    TRY(write_decision(t, r, way, now, error));
    TRY(request_note(t, actor, way, r, r->decision, error));
    return tell_request(t, "access-rejected", r, &r->requester, 1, 0, now, error);
}

rfd_status access_request_decide(struct transaction *t, const struct actor *actor,
                                 const struct access_decision *decision, struct faults *faults, struct rfd_error *error)
{
    struct faults own = {.count = 0};
    struct access_request r;
    const struct access_way *way;
    if (faults == NULL) faults = &own;
    TRY(request_load(t, decision->request, &r, error));
    TRY(check_decider(actor, &r, error));
    TRY(access_way_needed(decision->approve ? ACCESS_EVENT_APPROVE : ACCESS_EVENT_REJECT, r.state, &way, error));
    if (decision->reason.length > DECISION_MAXIMUM || !text_is_utf8(decision->reason))
        fault_add(faults, "reason", N_("This is too long"));
    r.decision = decision->reason;
    r.approver = actor->person;
    if (decision->approve) return approve(t, actor, decision, &r, way, faults, error);
    return reject(t, actor, &r, way, faults, error);
}
