/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate as an agent sees it: whose it is, what it was used for, and what can be done with it: print its form,
 * mail it again, keep the form that its holder signed, revoke it.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"

#define SIGNED_FORM "signed-form"
enum { USES_SHOWN = 20 };

static const struct form_field fields[] = {
    {.name = "signed_form",
     .label = N_("Acceptance form, signed by the holder"),
     .hint = N_("The scan of the paper: PDF, JPEG or PNG, at most 10 MB"),
     .kind = FORM_FILE,
     .required = true},
};

struct holding_work {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct holding holding;
    struct evidence_file file;
};

/* ---- Facts ---- */

static void put_state(struct page *page, const struct certificate_row *row)
{
    slice name = slice_text(certificate_state_name(row->state));
    desk_badge(page, holding_state_title(name), holding_state_tone(name));
}

static slice issued_by(struct page *page, const struct holding *h)
{
    return h->agent_name.length > 0 ? h->agent_name
                                    : slice_text(page_text(page, N_("It did not come by a request here")));
}

static rfd_status put_facts(struct transaction *t, struct page *page, const struct holding *h, struct rfd_error *error)
{
    const struct certificate_row *row = &h->row;
    struct view *facts = view_list(page->view, "facts");
    slice revoker;
    page_fact(page, facts, N_("Serial number"), page_serial(page, row->serial), NULL); /* es: "Serie" */
    page_fact(page, facts, N_("Holder"), h->name, NULL);
    page_fact(page, facts, N_("Identity number"), h->number, NULL);
    page_fact(page, facts, N_("Mailed to"), row->mail, NULL);
    page_fact(page, facts, N_("Kind of certificate"), page_profile(page, row->profile), NULL);
    page_fact(page, facts, N_("Issued"), page_time(page, row->issued_at), NULL); /* es: "Fecha creación" */
    page_fact(page, facts, N_("Valid from"), page_time(page, row->not_before), NULL);
    page_fact(page, facts, N_("Valid until"), page_time(page, row->not_after), NULL);
    page_fact(page, facts, N_("Issued by the agent"), issued_by(page, h), NULL);
    if (h->code.length > 0)
        page_fact(page, facts, N_("Request"), h->code,
                  arena_print(page->arena, DESK_REQUESTS "/%lld", (long long)h->request));
    if (row->revoked_at == RFD_TIME_NONE) return RFD_OK;
    page_fact(page, facts, N_("Revoked at"), page_time(page, row->revoked_at), NULL); /* es: "Fecha revocación" */
    TRY(desk_person(t, page, h->revoker, &revoker, error));
    if (revoker.length > 0) page_fact(page, facts, N_("Revoked by"), revoker, NULL);
    return RFD_OK;
}

static rfd_status put_files(struct transaction *t, struct page *page, int64_t request, struct rfd_error *error)
{
    struct evidence *all = NULL;
    size_t count = 0;
    struct view *files = view_list(page->view, "files");
    if (request == 0) return RFD_OK;
    TRY(evidence_list(t, request, false, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (!slice_is(all[i].kind, SIGNED_FORM)) continue;
        struct view *item = view_item(files);
        bool pdf = slice_is(all[i].type, "application/pdf");
        view_string(item, "title", page_text(page, N_("Acceptance form, signed by the holder")));
        view_string(item, "link", arena_print(page->arena, "/evidencias/%lld", (long long)all[i].id));
        view_string(item, "type", pdf ? "PDF" : slice_is(all[i].type, "image/png") ? "PNG" : "JPEG");
        view_text(item, "note", page_time(page, all[i].added));
        view_string(item, "size", "");
        view_flag(item, "is_pdf", pdf);
        view_flag(item, "is_image", !pdf);
        view_flag(page->view, "has_files", true);
    }
    return RFD_OK;
}

/* ---- What can be done ---- */

static void put_acts(const struct holding_work *w)
{
    struct page *page = w->page;
    struct view *view = page->view;
    const struct holding *h = &w->holding;
    bool in_force = h->row.state == CERTIFICATE_VALID || h->row.state == CERTIFICATE_HELD;
    const char *refused = holding_resend_refused(&w->settings, h, page->now);
    view_number(view, "id", w->id);
    view_flag(view, "revocable", in_force && actor_may(&page->actor, ACTION_CERTIFICATE_REVOKE, NULL));
    view_flag(view, "resendable", refused == NULL);
    view_string(view, "resend_refused", refused == NULL ? "" : page_text(page, refused));
    view_flag(view, "has_request", h->request != 0);
    view_string(view, "revocation",
                h->revocation == 0 ? "" : arena_print(page->arena, DESK_REVOKED "/%lld", (long long)h->revocation));
    view_text(view, "revocation_code", page_keep(page, h->revocation_code));
    view_flag(view, "revocation_waits", h->revocation != 0 && h->revocation_state == REQUEST_ASKED);
    view_flag(view, "keeps_forms", h->request != 0 && actor_may(&page->actor, ACTION_REGISTRATION_ATTEND, NULL));
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_work *w = context;
    TRY(holding_find(t, &w->page->actor, &w->settings, w->id, &w->holding, error));
    TRY(put_facts(t, w->page, &w->holding, error));
    TRY(page_uses(t, w->page, w->id, USES_SHOWN, error));
    TRY(put_files(t, w->page, w->holding.request, error));
    put_state(w->page, &w->holding.row);
    put_acts(w);
    view_text(w->page->view, "serial", page_serial(w->page, w->holding.row.serial));
    view_text(w->page->view, "holder", page_keep(w->page, w->holding.name));
    return RFD_OK;
}

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    struct holding_work w = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &w.id, error));
    TRY(page_read(page, load, &w, error));
    form_show(page, form);
    return page_show(page, N_("Certificate of a person"), "desk/certificate", error);
}

rfd_status desk_issued_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, 1);
    return show(page, &form, error);
}

/* ---- By mail again ---- */

static rfd_status resend(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_work *w = context;
    return holding_resend(t, &w->page->actor, &w->settings, w->id, error);
}

rfd_status desk_issued_resend(struct page *page, struct rfd_error *error)
{
    struct holding_work w = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &w.id, error));
    rfd_status status = page_write(page, resend, &w, error);
    if (status != RFD_OK && status != RFD_E_STATE) return status;
    error_clear(error);
    return page_redirect(page,
                         status == RFD_OK ? N_("The certificate was mailed again")
                                          : N_("This certificate is not mailed again any more"),
                         error, DESK_ISSUED "/%lld", (long long)w.id);
}

/* ---- The signed form ---- */

static rfd_status keep_form(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holding_work *w = context;
    int64_t id = 0;
    TRY(holding_find(t, &w->page->actor, &w->settings, w->id, &w->holding, error));
    if (w->holding.request == 0) return error_set(error, RFD_E_NOT_FOUND, "no request that could keep it");
    TRY(desk_check_unit(t, w->page, ACTION_REGISTRATION_ATTEND, w->holding.entity, w->holding.unit, error));
    return evidence_add(t, actor_audit(&w->page->actor, store_arena(t)), w->holding.request, w->holding.applicant, 0,
                        &w->file, w->settings.scanner, &id, error);
}

rfd_status desk_issued_signed_form(struct page *page, struct rfd_error *error)
{
    struct holding_work w = {.page = page, .settings = page_registration(page)};
    struct form form;
    const char *why = NULL;
    TRY(page_id(page, "id", &w.id, error));
    TRY(form_read(page, fields, 1, &form, error));
    const struct http_part *file = form_value(&form, "signed_form")->file;
    if (file != NULL) TRY(evidence_check(file->body, NULL, &why, error));
    if (why != NULL) form_fail(&form, "signed_form", why);
    if (file == NULL || form.wrong) {
        page->response->status = 422;
        return show(page, &form, error);
    }
    w.file = (struct evidence_file){.kind = SLICE(SIGNED_FORM), .name = file->file_name};
    TRY(page_keep_file(page, file, &w.file.blob, error));
    TRY(page_write(page, keep_form, &w, error));
    return page_redirect(page, N_("The signed form is kept with the certificate"), error, DESK_ISSUED "/%lld",
                         (long long)w.id);
}
