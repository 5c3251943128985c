/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revoking a certificate, in two steps without turning back: whose it is (identity number, typed again) and why; then
 * the agent signs what that says. Or a request that somebody else decides about (four eyes).
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "domain/registration/catalogue.h"
#include "web/signature.h"

static const struct form_field fields[] = {
    {.name = "number",
     .label = N_("Identity number of the holder"),
     .hint = N_("Type it again, as it is in the certificate or in the holder's document"),
     .required = true,
     .maximum = 40,
     .autocomplete = "off"},
    {.name = "reason", .label = N_("Reason to revoke"), .kind = FORM_CHOICE, .required = true}, /* es: "Motivo" */
    {.name = "note",
     .label = N_("Remarks"),
     .hint = N_("Kept with the revocation; the holder does not read it"),
     .kind = FORM_LONG_TEXT,
     .maximum = 2000},
    SIGNATURE_FIELDS(SIGNATURE_FILE_HINT),
    {.name = "verdict", .kind = FORM_HIDDEN},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct revoking {
    struct page *page;
    int64_t id, request;
    struct registration_settings settings;
    struct holding holding;
    struct form_choice *reasons;
    size_t reason_count;
    slice reason, reason_title;
    struct buf text;
    struct revocation_order order;
    struct faults faults;
};

/* ---- What there is ---- */

static slice country_of(const struct revoking *r)
{
    const struct pack_profile *profile = packs_profile(r->settings.packs, r->holding.row.profile);
    bool common = profile == NULL || strcmp(profile->country, "common") == 0;
    return slice_text(common ? r->settings.country : profile->country);
}

/** Those that an agent may give. */
static rfd_status load_reasons(struct transaction *t, struct revoking *r, struct rfd_error *error)
{
    struct catalogue_entry *all = NULL;
    size_t count = 0;
    slice language = slice_text(language_code(r->page->language));
    TRY(catalogue_read(t, r->settings.packs, country_of(r), "revocation", false, &all, &count, error));
    r->reasons = arena_zeroed(r->page->arena, count + 1, sizeof *r->reasons);
    if (r->reasons == NULL) return arena_failed(r->page->arena, error);
    r->reason_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!catalogue_has(&all[i], "by", SLICE("agent"))) continue;
        r->reasons[r->reason_count++] = (struct form_choice){page_keep(r->page, all[i].code),
                                                             page_keep(r->page, catalogue_title(&all[i], language))};
        if (slice_equal(all[i].code, r->reason))
            r->reason_title = page_keep(r->page, catalogue_title(&all[i], language));
    }
    return RFD_OK;
}

static void keep(struct revoking *r)
{
    struct page *page = r->page;
    struct holding *h = &r->holding;
    h->name = page_keep(page, h->name);
    h->number = page_keep(page, h->number);
    h->row.serial = page_keep(page, h->row.serial);
    h->row.profile = page_keep(page, h->row.profile);
    h->row.subject_id = page_keep(page, h->row.subject_id);
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct revoking *r = context;
    TRY(holding_find(t, &r->page->actor, &r->settings, r->id, &r->holding, error));
    TRY(desk_check_unit(t, r->page, ACTION_CERTIFICATE_REVOKE, r->holding.entity, r->holding.unit, error));
    if (r->holding.row.state != CERTIFICATE_VALID && r->holding.row.state != CERTIFICATE_HELD)
        return error_set(error, RFD_E_STATE, "it is not in force");
    TRY(load_reasons(t, r, error));
    buf_reset(&r->text);
    if (r->reason.length > 0) TRY(revocation_text(t, &r->settings, r->id, r->reason, r->page->now, &r->text, error));
    keep(r);
    return RFD_OK;
}

static void put_facts(const struct revoking *r)
{
    struct page *page = r->page;
    struct view *facts = view_list(page->view, "facts");
    page_fact(page, facts, N_("Serial number"), page_serial(page, r->holding.row.serial), NULL);
    page_fact(page, facts, N_("Holder"), r->holding.name, NULL);
    page_fact(page, facts, N_("Valid until"), page_time(page, r->holding.row.not_after), NULL);
    if (r->reason_title.length > 0) page_fact(page, facts, N_("Reason to revoke"), r->reason_title, NULL);
}

/** The number as its document writes it; the domain looks once more when it revokes. */
static bool is_number(const struct revoking *r, slice typed)
{
    char normal[33] = "";
    slice number = r->holding.number;
    const struct pack_document *document =
        packs_identity_of_subject(r->settings.packs, r->holding.row.subject_id, &number);
    if (document == NULL) return slice_equal(typed, r->holding.number);
    enum identity_fault fault = packs_identity_check(document, typed, normal);
    return (fault == IDENTITY_FINE || fault == IDENTITY_DIGIT_WARNS) && slice_is(number, normal);
}

/* ---- The pages ---- */

static rfd_status show_form(struct revoking *r, struct form *form, struct rfd_error *error)
{
    struct page *page = r->page;
    r->reason = SLICE_EMPTY;
    TRY(page_read(page, load, r, error));
    put_facts(r);
    view_number(page->view, "id", r->id);
    form_choices(form, "reason", r->reasons, r->reason_count, form_text(form, "reason").length > 0);
    form_show(page, form);
    return page_show(page, N_("Revoke a certificate"), "desk/revoke", error); /* es: "Revocar" */
}

static rfd_status show_sign(struct revoking *r, struct form *form, struct rfd_error *error)
{
    struct page *page = r->page;
    slice serial = page_serial(page, r->holding.row.serial);
    put_facts(r);
    signature_add(page, signature_begin(page, "revocation"), "signature", serial, buf_slice(&r->text),
                  arena_print(page->arena, DESK_ISSUED "/%lld/revocacion.txt?motivo=%.*s", (long long)r->id,
                              (int)r->reason.length, (const char *)r->reason.data));
    view_number(page->view, "id", r->id);
    form_set(form, "signature", SLICE_EMPTY);
    form_choices(form, "reason", r->reasons, r->reason_count, false);
    form_show(page, form);
    return page_show(page, N_("Sign the revocation"), "desk/revoke-sign", error);
}

static void begin(struct revoking *r, struct page *page)
{
    *r = (struct revoking){.page = page, .settings = page_registration(page)};
    buf_init(&r->text, DESK_TEXT_MAXIMUM);
}

rfd_status desk_revoke_show(struct page *page, struct rfd_error *error)
{
    struct revoking r;
    struct form form;
    begin(&r, page);
    form_new(&form, fields, FIELDS);
    rfd_status status = page_id(page, "id", &r.id, error);
    if (status == RFD_OK) status = show_form(&r, &form, error);
    buf_dispose(&r.text);
    return status;
}

rfd_status desk_revoke_text(struct page *page, struct rfd_error *error)
{
    struct revoking r;
    begin(&r, page);
    r.reason = http_field_get(&page->request->query, "motivo", 0);
    rfd_status status = page_id(page, "id", &r.id, error);
    if (status == RFD_OK) status = page_read(page, load, &r, error);
    if (status == RFD_OK && r.reason_title.length == 0) status = error_set(error, RFD_E_NOT_FOUND, "no such reason");
    if (status == RFD_OK) status = page_attach(page, DESK_TEXT_TYPE, buf_slice(&r.text), "revocacion.txt", error);
    buf_dispose(&r.text);
    return status;
}

/* ---- What is done ---- */

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct revoking *r = context;
    r->faults.count = 0;
    return revocation_ask(t, &r->page->actor, &r->settings, &r->order, &r->faults, &r->request, error);
}

static rfd_status again(struct revoking *r, struct form *form, struct rfd_error *error)
{
    bool other = false;
    for (unsigned i = 0; i < r->faults.count; i++) other = other || strcmp(r->faults.items[i].field, "signature") != 0;
    signature_faults(form, &r->faults);
    error_clear(error);
    r->page->response->status = 422;
    if (other) return show_form(r, form, error);
    r->reason = form_text(form, "reason");
    TRY(page_read(r->page, load, r, error));
    return show_sign(r, form, error);
}

static rfd_status done(const struct revoking *r, const char *notice, struct rfd_error *error)
{
    return page_redirect(r->page, notice, error, DESK_REVOKED "/%lld", (long long)r->request);
}

static rfd_status file_request(struct revoking *r, struct form *form, struct rfd_error *error)
{
    rfd_status status = page_write(r->page, ask, r, error);
    if (status == RFD_E_INVALID) return again(r, form, error);
    TRY(status);
    return done(r, N_("The request to revoke is filed: somebody else decides about it"), error);
}

static rfd_status revoke(struct revoking *r, struct form *form, struct rfd_error *error)
{
    struct authority_domain authority = desk_authority(r->page);
    rfd_status status = RFD_E_INVALID;
    TRY(signature_take(r->page, form, "signature", "signature_file", &r->order.signature, error));
    r->order.signed_text = signature_text(r->page, r->order.signature);
    if (r->order.signature.length == 0)
        signature_missing(form, "signature_file");
    else
        status = revocation_do(&authority, &r->page->actor, &r->settings, &r->order, &r->faults, &r->request, error);
    if (status == RFD_E_INVALID) return again(r, form, error);
    TRY(status);
    return done(r, N_("The certificate is revoked, and its holder told"), error);
}

static rfd_status handle(struct revoking *r, struct rfd_error *error)
{
    struct form form;
    struct page *page = r->page;
    TRY(page_id(page, "id", &r->id, error));
    TRY(form_read(page, fields, FIELDS, &form, error));
    r->reason = form_text(&form, "reason");
    rfd_status status = page_read(page, load, r, error);
    if (status == RFD_E_STATE && r->holding.revocation != 0) { /* sent twice, or somebody else was faster */
        error_clear(error);
        r->request = r->holding.revocation;
        return done(r, N_("It was revoked already"), error);
    }
    TRY(status);
    if (r->reason.length > 0 && r->reason_title.length == 0)
        form_fail(&form, "reason", N_("Choose one of those that are offered"));
    if (form_text(&form, "number").length > 0 && !is_number(r, form_text(&form, "number")))
        form_fail(&form, "number", N_("This is not the holder's identity number"));
    if (form.wrong) {
        page->response->status = 422;
        return show_form(r, &form, error);
    }
    r->order = (struct revocation_order){.certificate = r->id,
                                         .number = form_text(&form, "number"),
                                         .reason = r->reason,
                                         .note = form_text(&form, "note")};
    if (slice_is(form_text(&form, "verdict"), "ask")) return file_request(r, &form, error);
    if (slice_is(form_text(&form, "verdict"), "revoke")) return revoke(r, &form, error);
    return show_sign(r, &form, error);
}

rfd_status desk_revoke_send(struct page *page, struct rfd_error *error)
{
    struct revoking r;
    begin(&r, page);
    rfd_status status = handle(&r, error);
    buf_dispose(&r.text);
    return status;
}
