/* SPDX-License-Identifier: EUPL-1.2
 *
 * The holder revokes their own certificate: the identity number typed again, and why. Who is not known well enough, or
 * whose certificate takes two to be revoked, asks for it here.
 */
#include "base/error.h"
#include "domain/registration/catalogue.h"
#include "web/holding/holding_pages.h"

static const struct form_field fields[] = {
    {.name = "number",
     .label = N_("Your identity number"),
     .hint = N_("Type it again, as it is in your document: so that nobody revokes the wrong certificate"),
     .required = true,
     .maximum = 40,
     .autocomplete = "off"},
    {.name = "reason", .label = N_("Why you revoke it"), .kind = FORM_CHOICE, .required = true},
    {.name = "note", .label = N_("Remarks"), .kind = FORM_LONG_TEXT, .maximum = 2000},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct revoking {
    struct holding_page p;
    struct form_choice *reasons;
    size_t reason_count;
    struct revocation_order order;
    struct faults faults;
    int64_t request;
};

static slice country_of(const struct revoking *r)
{
    const struct pack_profile *profile = packs_profile(r->p.settings.packs, r->p.holding.row.profile);
    bool has = profile != NULL && packs_registration(r->p.settings.packs, slice_text(profile->country)) != NULL;
    return slice_text(has ? profile->country : r->p.settings.country);
}

/** Those that a holder may give. */
static rfd_status load_reasons(struct transaction *t, void *context, struct rfd_error *error)
{
    struct revoking *r = context;
    struct page *page = r->p.page;
    struct catalogue_entry *all = NULL;
    size_t count = 0;
    slice language = slice_text(language_code(page->language));
    TRY(catalogue_read(t, r->p.settings.packs, country_of(r), "revocation", false, &all, &count, error));
    r->reasons = arena_zeroed(page->arena, count + 1, sizeof *r->reasons);
    if (r->reasons == NULL) return arena_failed(page->arena, error);
    r->reason_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!catalogue_has(&all[i], "by", SLICE("holder"))) continue;
        r->reasons[r->reason_count++] =
            (struct form_choice){page_keep(page, all[i].code), page_keep(page, catalogue_title(&all[i], language))};
    }
    return RFD_OK;
}

static rfd_status open(struct page *page, struct revoking *r, struct rfd_error *error)
{
    *r = (struct revoking){.request = 0};
    TRY(holding_page_open(page, &r->p, error));
    enum certificate_state state = r->p.holding.row.state;
    if (state != CERTIFICATE_VALID && state != CERTIFICATE_HELD)
        return error_set(error, RFD_E_STATE, "a certificate that is %s is not revoked", certificate_state_name(state));
    return page_read(page, load_reasons, r, error);
}

static rfd_status show(struct revoking *r, struct form *form, struct rfd_error *error)
{
    struct page *page = r->p.page;
    holding_page_put(page, &r->p.settings, &r->p.holding, page->view);
    form_choices(form, "reason", r->reasons, r->reason_count, form_text(form, "reason").length > 0);
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return page_show(page, N_("Revoke your certificate"), "holding/revoke", error);
}

rfd_status holding_revoke_show(struct page *page, struct rfd_error *error)
{
    struct revoking r;
    struct form form;
    TRY(open(page, &r, error));
    form_new(&form, fields, FIELDS);
    return show(&r, &form, error);
}

/* ---- Doing it ---- */

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct revoking *r = context;
    r->faults.count = 0;
    return revocation_ask(t, &r->p.page->actor, &r->p.settings, &r->order, &r->faults, &r->request, error);
}

static rfd_status revoke(struct revoking *r, const char **notice, struct rfd_error *error)
{
    struct page *page = r->p.page;
    struct authority_domain authority = {
        .store = page_store(page), .keeper = page_keeper(page), .packs = page_packs(page)};
    rfd_status status =
        revocation_do(&authority, &page->actor, &r->p.settings, &r->order, &r->faults, &r->request, error);
    *notice = N_("The certificate is revoked. The receipt is below");
    if (status == RFD_OK || r->request == 0) return status;
    /* It is entered, and the worker goes on with it. */
    error_clear(error);
    *notice = N_("The revocation is on its way: in a moment the certificate is revoked");
    return RFD_OK;
}

/** Who sends the form again, of what has been done by then, is led to what came of it. */
static rfd_status is_done(struct page *page, int64_t *id, bool *done, struct rfd_error *error)
{
    struct holding_page p;
    TRY(holding_page_open(page, &p, error));
    *id = p.id;
    *done = p.holding.revocation_state == REQUEST_REVOKED;
    return RFD_OK;
}

rfd_status holding_revoke_send(struct page *page, struct rfd_error *error)
{
    struct revoking r;
    struct form form;
    bool done;
    int64_t id;
    const char *notice = N_("Your request to revoke it is filed: an agent decides about it");
    TRY(is_done(page, &id, &done, error));
    if (done) return page_redirect(page, NULL, error, HOLDINGS "/%lld", (long long)id);
    TRY(open(page, &r, error));
    TRY(form_read(page, fields, FIELDS, &form, error));
    if (form.wrong) return show(&r, &form, error);
    r.order = (struct revocation_order){.certificate = r.p.id,
                                        .number = form_text(&form, "number"),
                                        .reason = form_text(&form, "reason"),
                                        .note = form_text(&form, "note")};
    bool alone = revocation_alone(&r.p.settings, &page->actor, &r.p.holding);
    rfd_status status = alone ? revoke(&r, &notice, error) : page_write(page, ask, &r, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&form, &r.faults);
        return show(&r, &form, error);
    }
    TRY(status);
    return page_redirect(page, notice, error, HOLDINGS "/%lld", (long long)r.p.id);
}
