/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may revoke, or ask for it, and who decides. A certificate has at most one request to revoke it that was not
 * rejected: what is sent twice is that one again.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/i18n.h"
#include "domain/registration/holding_internal.h"

#define REVOKE_FAULTS(faults)                                                                                          \
    struct faults own_faults_ = {.count = 0};                                                                          \
    if ((faults) == NULL) (faults) = &own_faults_

static rfd_status check_state(const struct holding *h, struct rfd_error *error)
{
    if (h->row.state == CERTIFICATE_VALID || h->row.state == CERTIFICATE_HELD) return RFD_OK;
    return error_set(error, RFD_E_STATE, "a certificate that is %s cannot be revoked",
                     certificate_state_name(h->row.state));
}

static rfd_status is_there(const struct holding *h, struct rfd_error *error)
{
    return error_set(error, RFD_E_STATE, "%.*s is there for this certificate", (int)h->revocation_code.length,
                     (const char *)h->revocation_code.data);
}

/** Its holder, an agent of its unit, or the system itself. */
static rfd_status find_to_revoke(struct transaction *t, const struct actor *actor,
                                 const struct registration_settings *settings, int64_t certificate, struct holding *out,
                                 struct rfd_error *error)
{
    TRY(holding_find(t, actor, settings, certificate, out, error));
    return out->own ? RFD_OK : holding_check_actor(t, actor, ACTION_CERTIFICATE_REVOKE, out, error);
}

/* ---- Asking ---- */

rfd_status revocation_ask(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, const struct revocation_order *order,
                          struct faults *faults, int64_t *request, struct rfd_error *error)
{
    struct holding h;
    struct revoke_row there;
    struct revoke_reason reason;
    struct request entered;
    int64_t signer;
    REVOKE_FAULTS(faults);
    TRY(find_to_revoke(t, actor, settings, order->certificate, &h, error));
    TRY(revoke_row_of(t, order->certificate, &there, error));
    bool again = there.state == REQUEST_ASKED && !there.begun && there.requester == actor->person;
    if (again) {
        *request = there.request;
        return RFD_OK;
    }
    if (there.request != 0) return is_there(&h, error);
    TRY(check_state(&h, error));
    TRY(revoke_check_order(t, actor, settings, &h, order, false, &reason, &signer, faults, error));
    const struct revoke_entry entry = {
        .actor = actor, .settings = settings, .holding = &h, .order = order, .reason = &reason};
    TRY(revoke_enter(t, &entry, &entered, error));
    *request = entered.id;
    return RFD_OK;
}

/* ---- Revoking at once ---- */

struct doing {
    const struct actor *actor;
    const struct registration_settings *settings;
    const struct revocation_order *order;
    struct faults *faults;
    int64_t request; /* that is to be carried out, or was */
    bool revoke;     /* of a decision */
};

/** The holder's account alone, which a password may open, is not enough. */
static bool is_well_known(const struct actor *actor)
{
    return actor->level >= LEVEL_ADVANCED || (actor->methods & METHOD_CERTIFICATE) != 0;
}

bool revocation_alone(const struct registration_settings *settings, const struct actor *actor,
                      const struct holding *holding)
{
    return !revoke_needs_two(settings, holding) && (!holding->own || is_well_known(actor));
}

static rfd_status check_alone(const struct doing *d, const struct holding *h, struct rfd_error *error)
{
    if (revocation_alone(d->settings, d->actor, h)) return RFD_OK;
    if (revoke_needs_two(d->settings, h))
        return error_set(error, RFD_E_FORBIDDEN, "certificates of this profile are revoked by two: ask for it");
    return error_set(error, RFD_E_FORBIDDEN,
                     "revoking at once takes an account of the advanced level, or signing in by certificate");
}

/** Whether what is there is what is asked for: the same that was sent before. */
static bool is_again(const struct doing *d, const struct holding *h, const struct revoke_row *there)
{
    bool ordered = there->begun || there->state == REQUEST_REVOKED;
    return ordered && (h->own ? there->agent == 0 : there->agent == d->actor->person && there->agent != 0);
}

/** One that waits for a decision: it is what is decided now, but by who asked only as the holder. */
static rfd_status check_adoption(const struct doing *d, const struct holding *h, const struct revoke_row *there,
                                 struct rfd_error *error)
{
    if (there->request == 0) return RFD_OK;
    if (there->state != REQUEST_ASKED || there->begun) return is_there(h, error);
    if (!h->own && there->requester == d->actor->person)
        return error_set(error, RFD_E_FORBIDDEN, "who asked for a revocation does not decide about it");
    return RFD_OK;
}

static rfd_status order_now(struct transaction *t, void *context, struct rfd_error *error)
{
    struct doing *d = context;
    struct holding h;
    struct revoke_row there;
    struct revoke_reason reason;
    struct request entered;
    int64_t signer;
    d->faults->count = 0;
    TRY(find_to_revoke(t, d->actor, d->settings, d->order->certificate, &h, error));
    TRY(revoke_row_of(t, d->order->certificate, &there, error));
    d->request = there.request;
    if (is_again(d, &h, &there)) return RFD_OK;
    TRY(check_alone(d, &h, error));
    TRY(check_adoption(d, &h, &there, error));
    TRY(check_state(&h, error));
    TRY(revoke_check_order(t, d->actor, d->settings, &h, d->order, !h.own, &reason, &signer, d->faults, error));
    const struct revoke_entry entry = {.actor = d->actor,
                                       .settings = d->settings,
                                       .holding = &h,
                                       .order = d->order,
                                       .reason = &reason,
                                       .signer = signer,
                                       .begin = true};
    if (there.request != 0) return revoke_begin(t, &entry, there.request, error);
    TRY(revoke_enter(t, &entry, &entered, error));
    d->request = entered.id;
    return RFD_OK;
}

/** Two at once meet at the certificate's one request: who comes second looks again, and finds what the first did. */
static rfd_status write_order(struct store *store, store_work *work, struct doing *d, struct rfd_error *error)
{
    rfd_status status = store_write(store, work, d, error);
    if (status != RFD_E_STORE_CONFLICT) return status;
    error_clear(error);
    return store_write(store, work, d, error);
}

rfd_status revocation_do(struct authority_domain *authority, const struct actor *actor,
                         const struct registration_settings *settings, const struct revocation_order *order,
                         struct faults *faults, int64_t *request, struct rfd_error *error)
{
    REVOKE_FAULTS(faults);
    struct doing d = {.actor = actor, .settings = settings, .order = order, .faults = faults};
    *request = 0;
    TRY(write_order(authority->store, order_now, &d, error));
    *request = d.request;
    return revoke_carry_out(authority, actor, settings, d.request, error);
}

/* ---- Deciding ---- */

static rfd_status check_decider(const struct doing *d, const struct request *r, const struct holding *h,
                                struct rfd_error *error)
{
    if (d->actor->person == 0 || d->actor->person == r->requester)
        return error_set(error, RFD_E_FORBIDDEN, "who asked for a revocation does not decide about it");
    if (h->own) return error_set(error, RFD_E_FORBIDDEN, "nobody decides about their own certificate");
    return RFD_OK;
}

static rfd_status tell_asker(struct transaction *t, const struct request *r, slice note, struct rfd_error *error)
{
    struct view *view = NULL;
    slice subject = applicant_name(&r->applicants[0], store_arena(t));
    if (subject.data == NULL) return arena_failed(store_arena(t), error);
    TRY(request_view(t, r, "/certificados", &view, error));
    view_text(view, "subject", subject);
    view_text(view, "reason", note);
    return request_mail_person(t, "revocation-rejected", r->requester, view, "once", error);
}

static rfd_status reject(struct transaction *t, const struct doing *d, struct request *r, struct rfd_error *error)
{
    const struct store_value row[] = {store_integer(r->id), store_reference(d->actor->person), store_boolean(true)};
    const struct request_step step = {
        .event = REQUEST_EVENT_REJECT, .to = REQUEST_REJECTED, .actor = d->actor, .note = d->order->note};
    if (d->order->note.length == 0) fault_add(d->faults, "note", N_("Say why you reject it: who asked reads it"));
    if (d->order->note.length > REQUEST_NOTE_MAXIMUM) fault_add(d->faults, "note", N_("This is too long"));
    TRY(faults_end(d->faults, error));
    r->taker = d->actor->person;
    TRY(request_step(t, r, &step, error));
    TRY(store_run(t, "UPDATE revocation SET agent = $2, rejected = $3 WHERE request = $1", row, 3, NULL, error));
    return tell_asker(t, r, d->order->note, error);
}

/** Decided before, in the same way by the same agent. */
static rfd_status decided_before(struct transaction *t, const struct doing *d, const struct request *r, bool *again,
                                 struct rfd_error *error)
{
    struct revocation v;
    *again = false;
    TRY(revocation_find(t, r->id, &v, error));
    enum request_state wanted = d->revoke ? REQUEST_REVOKED : REQUEST_REJECTED;
    bool done = r->state == wanted || (d->revoke && v.begun);
    *again = done && v.agent == d->actor->person;
    if (*again) return RFD_OK;
    if (r->state != REQUEST_ASKED || v.begun)
        return error_set(error, RFD_E_STATE, "%.*s was decided already", (int)r->code.length,
                         (const char *)r->code.data);
    return RFD_OK;
}

static rfd_status begin_decided(struct transaction *t, const struct doing *d, const struct request *r,
                                const struct holding *h, struct rfd_error *error)
{
    struct revoke_reason reason;
    struct revocation_order order = *d->order;
    int64_t signer;
    if (order.reason.length == 0) order.reason = r->motive;
    order.certificate = h->row.id;
    TRY(check_state(h, error));
    TRY(revoke_check_order(t, d->actor, d->settings, h, &order, true, &reason, &signer, d->faults, error));
    const struct revoke_entry entry = {.actor = d->actor,
                                       .settings = d->settings,
                                       .holding = h,
                                       .order = &order,
                                       .reason = &reason,
                                       .signer = signer,
                                       .begin = true};
    return revoke_begin(t, &entry, r->id, error);
}

static rfd_status decide(struct transaction *t, void *context, struct rfd_error *error)
{
    struct doing *d = context;
    struct request r;
    struct holding h;
    bool again;
    d->faults->count = 0;
    TRY(request_to_attend(t, d->actor, d->request, &r, error));
    if (r.way != WAY_REVOCATION) return error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)d->request);
    TRY(holding_load(t, d->settings, r.applicants[0].certificate, &h, error));
    TRY(holding_is_own(t, d->actor, d->settings->packs, h.row.id, &h.own, error));
    TRY(check_decider(d, &r, &h, error));
    TRY(decided_before(t, d, &r, &again, error));
    if (again) return RFD_OK;
    return d->revoke ? begin_decided(t, d, &r, &h, error) : reject(t, d, &r, error);
}

rfd_status revocation_request_decide(struct authority_domain *authority, const struct actor *actor,
                                     const struct registration_settings *settings, int64_t request, bool revoke,
                                     const struct revocation_order *order, struct faults *faults,
                                     struct rfd_error *error)
{
    REVOKE_FAULTS(faults);
    struct doing d = {
        .actor = actor, .settings = settings, .order = order, .faults = faults, .request = request, .revoke = revoke};
    TRY(write_order(authority->store, decide, &d, error));
    return revoke ? revoke_carry_out(authority, actor, settings, request, error) : RFD_OK;
}

rfd_status revocation_find(struct transaction *t, int64_t request, struct revocation *out, struct rfd_error *error)
{
    const struct store_value key = store_integer(request);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT v.certificate, v.reason, v.asker, coalesce(v.agent, 0), "
                  "coalesce(x.given_names || ' ' || x.surname, ''), v.revoked, v.serial, r.due IS NOT NULL "
                  "FROM revocation v JOIN request r ON r.id = v.request LEFT JOIN person x ON x.id = v.agent "
                  "WHERE v.request = $1",
                  &key, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "request %lld", (long long)request);
    const struct store_value *v = store_cell(&rows, 0, 0);
    *out = (struct revocation){.request = request,
                               .certificate = v[0].integer,
                               .reason = v[1].bytes,
                               .asker = v[2].bytes,
                               .agent = v[3].integer,
                               .agent_name = v[4].bytes,
                               .revoked = store_moment_of(&v[5]),
                               .serial = v[6].bytes,
                               .begun = v[7].integer != 0};
    return RFD_OK;
}
