/* SPDX-License-Identifier: EUPL-1.2
 *
 * What follows the approval, applicant by applicant: the certificate that an external authority issued, and its
 * installation.
 */
#include "web/agency/agency_pages.h"

#include "base/error.h"

static const struct form_field import_fields[] = {
    {.name = "approval",
     .label = N_("Number of the approval"),
     .hint = N_("As the external authority gave it"),
     .kind = FORM_TEXT,
     .required = true,
     .maximum = 60},
    {.name = "certificate",
     .label = N_("Certificate (PEM or DER, .cer, .crt, .pem)"),
     .hint = N_("Never a file with a key (.p12, .pfx)"),
     .kind = FORM_FILE,
     .required = true},
};
static const struct form_field install_fields[] = {
    {.name = "installation",
     .label = N_("How the applicant is reached for the installation"),
     .kind = FORM_RADIO,
     .required = true},
    {.name = "phone", .label = N_("Number to call"), .kind = FORM_TEXT, .required = true, .maximum = 20},
    {.name = "day", .label = N_("Day of the installation"), .kind = FORM_DAY, .required = true},
};

struct concluding {
    struct page *page;
    int64_t id; /* of the applicant */
    struct registration_settings settings;
    struct request request;
    struct applicant applicant;
    struct form form;
    slice certificate;
    struct faults faults;
};

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct concluding *c = context;
    struct request *r = &c->request;
    struct page *page = c->page;
    TRY(agency_find_applicant(t, &page->actor, c->id, r, &c->applicant, error));
    TRY(desk_check_unit(t, page, ACTION_AGENCY_ATTEND, r->entity, r->unit, error));
    if (r->state != REQUEST_APPROVED || r->taker != page->actor.person)
        return error_set(error, RFD_E_STATE, "it is not approved, or another agent has it");
    view_text(page->view, "name", applicant_name(&c->applicant, page->arena));
    view_text(page->view, "number", page_keep(page, c->applicant.number));
    view_text(page->view, "code", page_keep(page, r->code));
    view_string(page->view, "back", arena_print(page->arena, OFFICE "/%lld", (long long)r->id));
    slice *texts[] = {&c->applicant.mobile, &c->applicant.installation, &c->applicant.installation_phone,
                      &c->applicant.external_approval};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) *texts[i] = page_keep(page, *texts[i]);
    return RFD_OK;
}

static rfd_status begin(struct page *page, struct concluding *c, struct rfd_error *error)
{
    *c = (struct concluding){.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &c->id, error));
    return page_read(page, load, c, error);
}

static rfd_status again(struct concluding *c, struct rfd_error *error)
{
    form_faults(&c->form, &c->faults);
    error_clear(error);
    c->page->response->status = 422;
    return RFD_OK;
}

/* ---- The external certificate ---- */

static rfd_status show_import(struct concluding *c, struct rfd_error *error)
{
    form_show(c->page, &c->form);
    return page_show(c->page, N_("Enter the certificate of an external authority"), "agency/import", error);
}

rfd_status office_import_show(struct page *page, struct rfd_error *error)
{
    struct concluding c;
    TRY(begin(page, &c, error));
    form_new(&c.form, import_fields, sizeof import_fields / sizeof *import_fields);
    form_set(&c.form, "approval", c.applicant.external_approval);
    return show_import(&c, error);
}

static rfd_status import(struct transaction *t, void *context, struct rfd_error *error)
{
    struct concluding *c = context;
    c->faults.count = 0;
    return agency_import(t, &c->page->actor, &c->settings, c->id, form_text(&c->form, "approval"), c->certificate,
                         &c->faults, error);
}

rfd_status office_import_send(struct page *page, struct rfd_error *error)
{
    struct concluding c;
    rfd_status status = RFD_E_INVALID;
    TRY(begin(page, &c, error));
    TRY(form_read(page, import_fields, sizeof import_fields / sizeof *import_fields, &c.form, error));
    const struct http_part *file = form_value(&c.form, "certificate")->file;
    c.certificate = file == NULL ? SLICE_EMPTY : file->body;
    if (!c.form.wrong) status = page_write(page, import, &c, error);
    if (status == RFD_E_INVALID) {
        TRY(again(&c, error));
        return show_import(&c, error);
    }
    TRY(status);
    return page_redirect(page, N_("The certificate was entered, and mailed to its holder"), error, OFFICE "/%lld",
                         (long long)c.request.id);
}

/* ---- The installation ---- */

static void choose(struct concluding *c, bool sent)
{
    struct form_choice *choices = arena_zeroed(c->page->arena, 2, sizeof *choices);
    if (choices == NULL) return;
    choices[0] = (struct form_choice){SLICE("mobile"), slice_text(page_text(c->page, N_("Mobile phone")))};
    choices[1] =
        (struct form_choice){SLICE("extension"), slice_text(page_text(c->page, N_("Extension of the office")))};
    form_choices(&c->form, "installation", choices, 2, sent);
}

static rfd_status show_install(struct concluding *c, struct rfd_error *error)
{
    form_show(c->page, &c->form);
    return page_show(c->page, N_("Arrange the installation"), "agency/install", error);
}

rfd_status office_install_show(struct page *page, struct rfd_error *error)
{
    struct concluding c;
    TRY(begin(page, &c, error));
    bool known = c.applicant.installation.length > 0;
    form_new(&c.form, install_fields, sizeof install_fields / sizeof *install_fields);
    form_set(&c.form, "installation", known ? c.applicant.installation : SLICE("mobile"));
    form_set(&c.form, "phone", known ? c.applicant.installation_phone : c.applicant.mobile);
    if (known) form_set_day(page, &c.form, "day", c.applicant.installation_at);
    choose(&c, false);
    return show_install(&c, error);
}

static rfd_status install(struct transaction *t, void *context, struct rfd_error *error)
{
    struct concluding *c = context;
    c->faults.count = 0;
    return agency_install(t, &c->page->actor, c->id, form_text(&c->form, "installation"),
                          form_value(&c->form, "day")->day, form_text(&c->form, "phone"), &c->faults, error);
}

rfd_status office_install_send(struct page *page, struct rfd_error *error)
{
    struct concluding c;
    rfd_status status = RFD_E_INVALID;
    TRY(begin(page, &c, error));
    TRY(form_read(page, install_fields, sizeof install_fields / sizeof *install_fields, &c.form, error));
    choose(&c, true);
    if (!c.form.wrong) status = page_write(page, install, &c, error);
    if (status == RFD_E_INVALID) {
        TRY(again(&c, error));
        return show_install(&c, error);
    }
    TRY(status);
    return page_redirect(page, N_("The installation is arranged; the applicant was told"), error, OFFICE "/%lld",
                         (long long)c.request.id);
}
