/* SPDX-License-Identifier: EUPL-1.2
 *
 * "Generar Certificado": somebody came to the desk. The form is that of the on-line request (web/registration), filled
 * in by the agent, for the units that they serve; the key is made by the applicant on the page that key.c hands them,
 * or they have brought a PKCS#10.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "base/number.h"
#include "domain/organisation/organisation.h"
#include "web/registration/asking.h"

/* ---- What the form offers ---- */

/** Only units that the agent serves. */
static rfd_status serve(struct transaction *t, struct asking *a, struct rfd_error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < a->unit_count; i++) {
        struct unit unit;
        int64_t id = 0;
        if (!number_signed(a->units[i].value, &id)) continue;
        TRY(unit_find(t, id, &unit, error));
        const struct access_object object = {.entity = unit.entity, .unit = unit.id, .path = unit.path};
        if (actor_may(&a->page->actor, ACTION_REGISTRATION_ATTEND, &object)) a->units[kept++] = a->units[i];
    }
    a->unit_count = kept;
    return RFD_OK;
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    TRY(asking_load(t, a, error));
    return serve(t, a, error);
}

/* ---- The page ---- */

/** Words of the form that speak to who asks for themselves; here an agent fills it in for somebody. */
static const struct {
    const char *name, *label, *hint; /* N_(); hint NULL: as it is */
} words[] = {
    {"motive", N_("What is asked for"), NULL},
    {"unit", N_("Entity and unit in which they work"), NULL}, /* es: "Adscripción" */
    {"locality", N_("Municipality or district where they live"), NULL},
    {"mail", N_("Their e-mail address"), N_("The certificate is mailed to it")},
    {"pkcs10", N_("Their own request of a certificate (PKCS#10)"),
     N_("A file in PEM or DER that another program made with their key")},
};

static void name_fields(struct asking *a)
{
    const struct pack_profile *profile = packs_profile(page_packs(a->page), slice_text(a->pack->profile));
    a->keeps = a->settings.central && profile != NULL && profile->central;
    asking_fields(a);
    for (size_t i = 0; i < a->field_count; i++) {
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            if (strcmp(a->fields[i].name, words[w].name) != 0) continue;
            a->fields[i].label = words[w].label;
            if (words[w].hint != NULL) a->fields[i].hint = words[w].hint;
        }
    }
}

static rfd_status show(struct asking *a, struct rfd_error *error)
{
    struct page *page = a->page;
    kept_fields(page, a->files, a->file_count, true, a->fields + a->first_file);
    TRY(kept_show(page, a->files, a->file_count, error));
    form_show(page, &a->form);
    if (a->form.wrong) page->response->status = 422;
    return page_show(page, N_("Issue a certificate in person"), "desk/in-person",
                     error); /* es: "Generar Certificado" */
}

rfd_status desk_in_person_show(struct page *page, struct rfd_error *error)
{
    struct asking *a = NULL;
    TRY(asking_begin(page, &a, error));
    TRY(page_read(page, load, a, error));
    name_fields(a);
    form_new(&a->form, a->fields, a->field_count);
    form_set(&a->form, "token", asking_token(page));
    asking_choose(a, false);
    return show(a, error);
}

/* ---- Sending ---- */

struct sending {
    struct asking *asking;
    bool central;
    slice pkcs10, locality;
    char link[REQUEST_TOKEN_SIZE];
};

static rfd_status ask(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sending *s = context;
    struct asking *a = s->asking;
    struct evidence_file files[KEPT_FILES];
    struct unit unit;
    a->faults.count = 0;
    TRY(asking_unit(t, a, &unit, error));
    struct applicant applicant = asking_applicant(a, &unit, s->locality, s->pkcs10);
    applicant.central = s->central;
    struct request request = asking_request(a, &unit, &applicant, form_text(&a->form, "token"));
    request.in_person = true;
    size_t count = kept_files(a->files, a->file_count, files);
    rfd_status status =
        request_ask_in_person(t, &a->page->actor, &a->settings, &request, files, count, &a->faults, &a->id, error);
    /* What the form itself found is told together with what the domain finds. */
    if (status == RFD_OK && a->form.wrong) return error_set(error, RFD_E_INVALID, "the form");
    if (status != RFD_OK || s->pkcs10.length > 0 || s->central) return status;
    return desk_key_token(t, a->page, a->id, s->link, error);
}

static bool brings_key(struct form *form)
{
    return form_value(form, "pkcs10")->file != NULL || form_text(form, "key").length > 0;
}

rfd_status desk_in_person_send(struct page *page, struct rfd_error *error)
{
    struct asking *a = NULL;
    TRY(asking_begin(page, &a, error));
    struct sending s = {.asking = a};
    TRY(page_read(page, load, a, error));
    name_fields(a);
    TRY(form_read(page, a->fields, a->field_count, &a->form, error));
    asking_choose(a, true);
    TRY(kept_read(page, a->files, a->file_count, &a->form, error));
    s.central = a->keeps && form_value(&a->form, "central")->ticked;
    if (brings_key(&a->form) && !s.central) TRY(pkcs10_read(page, &a->form, &s.pkcs10, error));
    s.locality = place_choices_read(page, a->country, &a->form, "locality");
    if (!slice_equal(form_text(&a->form, "mail"), form_text(&a->form, "mail_again")))
        form_fail(&a->form, "mail_again", N_("This is not the same address"));
    rfd_status status = page_write(page, ask, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&a->form, &a->faults);
        return show(a, error);
    }
    TRY(status);
    if (s.pkcs10.length > 0 || s.central)
        return page_redirect(page, N_("The request is entered: check its files"), error, DESK_REQUESTS "/%lld",
                             (long long)a->id);
    return page_redirect(page, N_("The request is entered: now the applicant makes the key"), error,
                         DESK_REQUESTS "/%lld/llave?enlace=%s", (long long)a->id, s.link);
}
