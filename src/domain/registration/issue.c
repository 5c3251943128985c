/* SPDX-License-Identifier: EUPL-1.2
 *
 * From an approval to the certificate, in steps each of which may be the last that this process does:
 *
 *   read     what is approved and has no certificate yet.
 *   issue    the authority issues under the idempotency key of the approval, or gives the same certificate again.
 *   finish   the certificate is the applicant's, the request goes on, the mail is put: in the transaction in which the
 *            register gets it, or, where it had it, in one that does nothing where another one was faster.
 *   undo     when the keeper refuses for good, the agent has the request again, with the reason.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/registration/columns.h"
#include "keeper/approval.h"

enum { ISSUING_MEMORY = 4 << 20 };

/** An approved applicant, and the request as it was then, which only steps from there change. */
struct order {
    struct request request;
    struct applicant applicant;
    slice number; /* of the approval */
    struct certificate_row row;
};
struct issuing {
    const struct registration_settings *settings;
    int64_t request;
    struct arena arena;
    bool fresh; /* they were approved just now, by us, for the issuer */
    struct registration_issuer issuer;
    struct order *orders;
    size_t count;
    const struct order *order; /* that is being finished or undone */
    bool finished;
    int64_t certificate; /* of the first applicant */
    const char *why;
};

/* ---- Reading ---- */

static rfd_status keep_order(struct issuing *i, const struct request *r, const struct applicant *p,
                             struct rfd_error *error)
{
    struct order *o = &i->orders[i->count];
    *o = (struct order){
        .request = *r, .applicant = *p, .number = applicant_approval_number(r, p, p->attempt, &i->arena)};
    if (o->number.data == NULL) return arena_failed(&i->arena, error);
    TRY(columns_keep(&request_columns, &o->request, &i->arena, error));
    TRY(columns_keep(&applicant_columns, &o->applicant, &i->arena, error));
    o->request.applicants = NULL;
    o->request.applicant_count = 0;
    i->count++;
    return RFD_OK;
}

static rfd_status keep_orders(struct issuing *i, const struct request *r, struct rfd_error *error)
{
    i->count = 0;
    i->orders = arena_zeroed(&i->arena, r->applicant_count + 1, sizeof *i->orders);
    if (i->orders == NULL) return arena_failed(&i->arena, error);
    if (r->state != REQUEST_APPROVED) return RFD_OK;
    for (size_t k = 0; k < r->applicant_count; k++) {
        const struct applicant *p = &r->applicants[k];
        /* The holder of a key that is kept here has it issued when they make it. */
        if (p->certificate == 0 && p->approved.length > 0 && !p->central) TRY(keep_order(i, r, p, error));
    }
    return RFD_OK;
}

static rfd_status read_orders(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    struct request r;
    TRY(request_find(t, i->request, &r, error));
    if (r.applicant_count > 0) i->certificate = r.applicants[0].certificate;
    return keep_orders(i, &r, error);
}

static rfd_status take_orders(const struct request *r, const struct registration_issuer *issuer, void *context,
                              struct rfd_error *error)
{
    struct issuing *i = context;
    i->fresh = true;
    i->issuer = *issuer;
    return keep_orders(i, r, error);
}

/* ---- Issuing ---- */

rfd_status registration_approved_authority(struct authority_domain *d, struct arena *a, slice approved, int64_t *id,
                                           struct rfd_error *error)
{
    struct authority_list list;
    struct approval approval;
    slice text;
    TRY(approval_content(approved, &text, error));
    TRY(approval_read(text, &approval, error));
    TRY(authority_list(d, a, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        uint8_t hash[REGISTRATION_HASH_SIZE];
        TRY(registration_hash_authority(list.items[i].certificate, hash, error));
        if (memcmp(hash, approval.authority, sizeof hash) != 0) continue;
        *id = list.items[i].id;
        return RFD_OK;
    }
    return error_set(error, RFD_E_APPROVAL, "it is for an authority that is not here");
}

/** Refusals that stay the same however often one asks; all others are tried again. */
static bool for_good(rfd_status status)
{
    static const rfd_status refusals[] = {
        RFD_E_ARGUMENT,    RFD_E_UNSUPPORTED,   RFD_E_LIMIT,        RFD_E_DER,        RFD_E_CMS,
        RFD_E_KEY_WEAK,    RFD_E_KEY_ALGORITHM, RFD_E_KEY_REFUSED,  RFD_E_KEY_REUSED, RFD_E_POSSESSION,
        RFD_E_APPROVAL,    RFD_E_APPROVAL_USED, RFD_E_APPROVAL_FEW, RFD_E_PROFILE,    RFD_E_LINT,
        RFD_E_IDEMPOTENCY, RFD_E_STATE,         RFD_E_FORBIDDEN,
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (refusals[i] == status) return true;
    }
    return false;
}

/* ---- What came of it ---- */

/** The request as it is now, and the applicant if it still waits for this order. */
static rfd_status find_waiting(struct transaction *t, const struct issuing *i, struct request *r,
                               struct applicant **out, struct rfd_error *error)
{
    const struct applicant *ordered = &i->order->applicant;
    TRY(request_find(t, i->request, r, error));
    struct applicant *p = request_applicant(r, ordered->id);
    bool still = p != NULL && r->state == REQUEST_APPROVED && p->certificate == 0 && p->attempt == ordered->attempt;
    *out = still ? p : NULL;
    return RFD_OK;
}

static rfd_status conclude(struct transaction *t, const struct issuing *i, struct request *r, struct applicant *p,
                           const struct certificate_row *row, struct rfd_error *error)
{
    const struct actor itself = actor_system("registration");
    const struct request_step step = {.event = REQUEST_EVENT_ISSUE, .actor = &itself, .is_public = true};
    p->certificate = row->id;
    TRY(applicant_put_certificate(t, p, error));
    TRY(request_step(t, r, &step, error));
    TRY(holding_enter(t, r, p, row, r->taker, error));
    const char *once = arena_print(store_arena(t), "%lld", (long long)row->id);
    if (once == NULL) return arena_failed(store_arena(t), error);
    return holding_mail(t, i->settings, r, p, row, once, error);
}

/** With the certificate. What is written is written where nothing has changed: else it fails, and finish() looks. */
static rfd_status finish_with(struct transaction *t, const struct certificate_row *row, void *context,
                              struct rfd_error *error)
{
    const struct issuing *i = context;
    struct request r = i->order->request;
    struct applicant p = i->order->applicant;
    return conclude(t, i, &r, &p, row, error);
}

static rfd_status finish(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct issuing *i = context;
    struct request r;
    struct applicant *p;
    TRY(find_waiting(t, i, &r, &p, error));
    if (p == NULL) return RFD_OK; /* somebody else finished it */
    return conclude(t, i, &r, p, &i->order->row, error);
}

static rfd_status issue(struct authority_domain *d, struct issuing *i, struct order *o, struct rfd_error *error)
{
    const struct applicant *p = &o->applicant;
    const slice approvals[] = {p->approved, p->approved_again};
    const char *key = arena_print(&i->arena, "registration:%.*s", (int)o->number.length, (const char *)o->number.data);
    struct authority_issue order = {.actor = SLICE("system:registration"),
                                    .spki = p->spki,
                                    .approvals = approvals,
                                    .approval_count = p->approved_again.length > 0 ? 2 : 1,
                                    .also = finish_with,
                                    .also_context = i,
                                    .also_done = &i->finished};
    bool again;
    if (key == NULL) return arena_failed(&i->arena, error);
    order.idempotency = slice_text(key);
    if (i->fresh) { /* whose name the approval was seen to have */
        order.authority = i->issuer.id;
        order.key = slice_text(i->issuer.key);
    } else {
        TRY(registration_approved_authority(d, &i->arena, p->approved, &order.authority, error));
    }
    return authority_issue(d, &order, &i->arena, &o->row, &again, error);
}

static rfd_status tell_agent(struct transaction *t, const struct request *r, const char *why, struct rfd_error *error)
{
    struct view *view;
    struct person agent;
    const char *link = arena_print(store_arena(t), REGISTRATION_PAGE_DESK "%lld", (long long)r->id);
    if (link == NULL) return arena_failed(store_arena(t), error);
    if (r->taker == 0) return RFD_OK;
    TRY(person_find(t, r->taker, &agent, error));
    TRY(request_view(t, r, link, &view, error));
    view_string(view, "step", request_event_word(REQUEST_EVENT_UNDO, agent.language));
    view_string(view, "note", why);
    return request_mail_person(t, "request-step", r->taker, view, NULL, error);
}

static rfd_status undo(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct issuing *i = context;
    const struct actor itself = actor_system("registration");
    struct request r;
    struct applicant *p;
    TRY(find_waiting(t, i, &r, &p, error));
    if (p == NULL) return RFD_OK;
    const struct request_step step = {
        .event = REQUEST_EVENT_UNDO, .actor = &itself, .note = slice_text(i->why), .is_public = false};
    p->approved = p->approved_again = SLICE_EMPTY;
    TRY(applicant_put_approval(t, p, error));
    TRY(request_step(t, &r, &step, error));
    return tell_agent(t, &r, i->why, error);
}

static rfd_status carry_out(struct authority_domain *d, struct issuing *i, struct order *o, struct rfd_error *error)
{
    i->order = o;
    rfd_status status = issue(d, i, o, error);
    if (status == RFD_OK) {
        if (!i->finished) TRY(store_write(d->store, finish, i, error));
        if (o->applicant.place == 1) i->certificate = o->row.id;
        return RFD_OK;
    }
    if (!for_good(status)) return status;
    i->why = rfd_status_message(status);
    return store_write(d->store, undo, i, error);
}

static rfd_status carry_out_all(struct authority_domain *d, struct issuing *i, struct rfd_error *error)
{
    for (size_t k = 0; k < i->count && i->why == NULL; k++) TRY(carry_out(d, i, &i->orders[k], error));
    if (i->why != NULL) error_clear(error);
    return RFD_OK;
}

rfd_status request_issue(struct authority_domain *authority, const struct registration_settings *settings, int64_t id,
                         const char **why, struct rfd_error *error)
{
    struct issuing i = {.settings = settings, .request = id};
    arena_init(&i.arena, ISSUING_MEMORY);
    rfd_status status = store_read(authority->store, read_orders, &i, error);
    if (status == RFD_OK) status = carry_out_all(authority, &i, error);
    if (status == RFD_OK && why != NULL) *why = i.why;
    arena_dispose(&i.arena);
    return status;
}

rfd_status request_generate(struct authority_domain *authority, const struct actor *actor,
                            const struct registration_settings *settings, int64_t id,
                            const struct request_approval *approvals, size_t count, struct faults *faults,
                            struct request_outcome *out, struct rfd_error *error)
{
    struct issuing i = {.settings = settings, .request = id};
    struct request_outcome o = {.issued = RFD_OK};
    rfd_status status;
    arena_init(&i.arena, ISSUING_MEMORY);
    TRY_OUT(request_approve_checked(authority->store, actor, settings, id, approvals, count, take_orders, &i, faults,
                                    error));
    if (!i.fresh) o.issued = store_read(authority->store, read_orders, &i, error); /* the same form once more */
    if (o.issued == RFD_OK) o.issued = carry_out_all(authority, &i, error);
    if (o.issued != RFD_OK) error_clear(error);
    o.why = i.why;
    o.certificate = i.certificate;
    *out = o;
out:
    arena_dispose(&i.arena);
    return status;
}
