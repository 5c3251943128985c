/* SPDX-License-Identifier: EUPL-1.2
 *
 * From an approval to the certificate, in steps each of which may be the last that this process does:
 *
 *   read     what is approved and has no certificate yet.
 *   issue    the authority issues under the idempotency key of the approval, or gives the same certificate again.
 *   finish   the certificate is the applicant's, the request goes on, the mail is put: one transaction, which does
 *            nothing where another one was faster.
 *   undo     when the keeper refuses for good, the agent has the request again, with the reason.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/authority/register.h"
#include "domain/registration/internal.h"
#include "keeper/approval.h"

enum { ISSUING_MEMORY = 4 << 20 };

/** An approved applicant. */
struct order {
    int64_t applicant;
    unsigned attempt;
    slice number; /* of the approval */
    slice spki, approved, approved_again;
    struct certificate_row row;
};
struct issuing {
    const struct registration_settings *settings;
    int64_t request;
    struct arena arena;
    struct order *orders;
    size_t count;
    const struct order *order; /* that is being finished or undone */
    const char *why;
};

/* ---- Reading ---- */

static rfd_status keep(struct arena *a, slice *text, struct rfd_error *error)
{
    slice copy = arena_copy(a, *text);
    if (copy.data == NULL) return arena_failed(a, error);
    *text = copy;
    return RFD_OK;
}

static rfd_status keep_order(struct issuing *i, const struct request *r, const struct applicant *p,
                             struct rfd_error *error)
{
    struct order o = {.applicant = p->id,
                      .attempt = p->attempt,
                      .number = applicant_approval_number(r, p, p->attempt, &i->arena),
                      .spki = p->spki,
                      .approved = p->approved,
                      .approved_again = p->approved_again};
    if (o.number.data == NULL) return arena_failed(&i->arena, error);
    TRY(keep(&i->arena, &o.spki, error));
    TRY(keep(&i->arena, &o.approved, error));
    TRY(keep(&i->arena, &o.approved_again, error));
    i->orders[i->count++] = o;
    return RFD_OK;
}

static rfd_status read_orders(struct transaction *t, void *context, struct rfd_error *error)
{
    struct issuing *i = context;
    struct request r;
    TRY(request_find(t, i->request, &r, error));
    i->count = 0;
    i->orders = arena_zeroed(&i->arena, r.applicant_count + 1, sizeof *i->orders);
    if (i->orders == NULL) return arena_failed(&i->arena, error);
    if (r.state != REQUEST_APPROVED) return RFD_OK;
    for (size_t k = 0; k < r.applicant_count; k++) {
        const struct applicant *p = &r.applicants[k];
        if (p->certificate == 0 && p->approved.length > 0) TRY(keep_order(i, &r, p, error));
    }
    return RFD_OK;
}

/* ---- Issuing ---- */

/** The authority that the approval names, by the hash of its key. */
static rfd_status find_authority(struct authority_domain *d, struct arena *a, slice approved, int64_t *id,
                                 struct rfd_error *error)
{
    struct authority_list list;
    struct approval approval;
    slice text;
    TRY(approval_content(approved, &text, error));
    TRY(approval_read(text, &approval, error));
    TRY(authority_list(d, a, &list, error));
    for (size_t i = 0; i < list.count; i++) {
        const struct certificate *c = NULL;
        uint8_t hash[APPROVAL_HASH_SIZE];
        TRY(certificate_parse(list.items[i].certificate, &c, error));
        rfd_status status = digest_of(DIGEST_SHA256, c->spki, hash, error);
        certificate_unref(c);
        TRY(status);
        if (memcmp(hash, approval.authority, sizeof hash) != 0) continue;
        *id = list.items[i].id;
        return RFD_OK;
    }
    return error_set(error, RFD_E_APPROVAL, "it is for an authority that is not here");
}

static rfd_status issue(struct authority_domain *d, struct issuing *i, struct order *o, struct rfd_error *error)
{
    const slice approvals[] = {o->approved, o->approved_again};
    const char *key = arena_print(&i->arena, "registration:%.*s", (int)o->number.length, (const char *)o->number.data);
    struct authority_issue order = {.actor = SLICE("system:registration"),
                                    .spki = o->spki,
                                    .approvals = approvals,
                                    .approval_count = o->approved_again.length > 0 ? 2 : 1};
    bool again;
    if (key == NULL) return arena_failed(&i->arena, error);
    order.idempotency = slice_text(key);
    TRY(find_authority(d, &i->arena, o->approved, &order.authority, error));
    return authority_issue(d, &order, &i->arena, &o->row, &again, error);
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
    TRY(request_find(t, i->request, r, error));
    struct applicant *p = request_applicant(r, i->order->applicant);
    bool still = p != NULL && r->state == REQUEST_APPROVED && p->certificate == 0 && p->attempt == i->order->attempt;
    *out = still ? p : NULL;
    return RFD_OK;
}

static rfd_status finish(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct issuing *i = context;
    const struct actor itself = actor_system("registration");
    const struct request_step step = {.event = REQUEST_EVENT_ISSUE, .actor = &itself, .is_public = true};
    struct request r;
    struct applicant *p;
    TRY(find_waiting(t, i, &r, &p, error));
    if (p == NULL) return RFD_OK; /* somebody else finished it */
    p->certificate = i->order->row.id;
    TRY(applicant_put_row(t, p, error));
    TRY(request_step(t, &r, &step, error));
    TRY(holding_enter(t, &r, p, &i->order->row, r.taker, error));
    const char *once = arena_print(store_arena(t), "%lld", (long long)i->order->row.id);
    if (once == NULL) return arena_failed(store_arena(t), error);
    return holding_mail(t, i->settings, &r, p, &i->order->row, once, error);
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
    TRY(applicant_put_row(t, p, error));
    TRY(request_step(t, &r, &step, error));
    return tell_agent(t, &r, i->why, error);
}

static rfd_status carry_out(struct authority_domain *d, struct issuing *i, struct order *o, struct rfd_error *error)
{
    rfd_status status = issue(d, i, o, error);
    i->order = o;
    if (status == RFD_OK) return store_write(d->store, finish, i, error);
    if (!for_good(status)) return status;
    i->why = rfd_status_message(status);
    return store_write(d->store, undo, i, error);
}

rfd_status request_issue(struct authority_domain *authority, const struct registration_settings *settings, int64_t id,
                         const char **why, struct rfd_error *error)
{
    struct issuing i = {.settings = settings, .request = id};
    rfd_status status;
    arena_init(&i.arena, ISSUING_MEMORY);
    TRY_OUT(store_read(authority->store, read_orders, &i, error));
    for (size_t k = 0; k < i.count && i.why == NULL; k++) TRY_OUT(carry_out(authority, &i, &i.orders[k], error));
    if (why != NULL) *why = i.why;
    if (i.why != NULL) error_clear(error);
out:
    arena_dispose(&i.arena);
    return status;
}
