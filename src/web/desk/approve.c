/* SPDX-License-Identifier: EUPL-1.2
 *
 * Issuing ("Generar Certificado"): the agent signs the approval, which is stored; the authority issues by it. What is
 * signed is shown in plain words, which are read out of the very text, and as it is.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "keeper/approval.h"
#include "web/signature.h"

static const struct form_field fields[] = {
    SIGNATURE_FIELDS(SIGNATURE_FILE_HINT),
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct approving {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct request request;
    struct buf text;
    bool waits; /* it is the agent's, and nothing is missing */
    struct faults faults;
};

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct approving *a = context;
    const char *missing = NULL;
    struct request *r = &a->request;
    TRY(desk_request(a->page, t, a->id, r, error));
    r->code = page_keep(a->page, r->code);
    a->waits = r->way == WAY_ONLINE && r->state == REQUEST_TAKEN && r->taker == a->page->actor.person &&
               r->applicant_count > 0;
    if (!a->waits) return RFD_OK;
    TRY(request_missing(t, r, &missing, error));
    a->waits = missing == NULL;
    if (!a->waits) return RFD_OK;
    buf_reset(&a->text);
    return request_approval_text(t, &a->settings, r, &r->applicants[0], a->page->now, &a->text, error);
}

/* ---- In plain words ---- */

static const struct {
    enum oid_name type;
    const char *label; /* N_() */
} attributes[] = {
    {OID_COMMON_NAME, N_("Name in the certificate")},
    {OID_GIVEN_NAME, N_("Given names")},
    {OID_SURNAME, N_("Surnames")},
    {OID_SERIAL_NUMBER, N_("Identity number in the certificate")},
    {OID_ORGANIZATION, N_("Organisation")},
    {OID_ORGANIZATION_IDENTIFIER, N_("Tax number of the organisation")},
    {OID_ORGANIZATIONAL_UNIT, N_("Unit")},
    {OID_TITLE, N_("Post")},
    {OID_LOCALITY, N_("Municipality")},
    {OID_STATE, N_("Region")},
    {OID_COUNTRY, N_("Country")},
};

static void put_subject(const struct page *page, const struct approval *approval, struct view *facts)
{
    for (size_t k = 0; k < sizeof attributes / sizeof *attributes; k++) {
        for (size_t i = 0; i < approval->subject_count; i++) {
            if (approval->subject[i].type == attributes[k].type)
                page_fact(page, facts, attributes[k].label, approval->subject[i].value, NULL);
        }
    }
}

static rfd_status put_words(const struct approving *a, struct rfd_error *error)
{
    struct approval approval;
    struct page *page = a->page;
    struct view *facts = view_list(page->view, "facts");
    TRY(approval_read(buf_slice(&a->text), &approval, error));
    page_fact(page, facts, N_("Request"), a->request.code, NULL);
    put_subject(page, &approval, facts);
    for (size_t i = 0; i < approval.mail_count; i++) page_fact(page, facts, N_("Mailed to"), approval.mails[i], NULL);
    if (approval.mobile.length > 0) page_fact(page, facts, N_("Mobile"), approval.mobile, NULL);
    page_fact(page, facts, N_("Kind of certificate"), page_profile(page, approval.profile), NULL);
    page_fact(page, facts, N_("Time of the approval"), page_time(page, approval.time), NULL);
    return RFD_OK;
}

/* ---- The page ---- */

static rfd_status show_text(struct approving *a, struct form *form, struct rfd_error *error)
{
    struct page *page = a->page;
    TRY(put_words(a, error));
    signature_add(page, signature_begin(page, "approval"), "signature", a->request.code, buf_slice(&a->text),
                  arena_print(page->arena, DESK_REQUESTS "/%lld/aprobacion.txt", (long long)a->id));
    view_number(page->view, "id", a->id);
    view_text(page->view, "code", a->request.code);
    form_set(form, "signature", SLICE_EMPTY);
    form_show(page, form);
    return page_show(page, N_("Issue the certificate"), "desk/approve", error); /* es: "Generar Certificado" */
}

static rfd_status show(struct page *page, struct form *form, struct rfd_error *error)
{
    struct approving a = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &a.id, error));
    buf_init(&a.text, DESK_TEXT_MAXIMUM);
    rfd_status status = page_read(page, load, &a, error);
    if (status == RFD_OK)
        status = a.waits ? show_text(&a, form, error)
                         : page_redirect(page, NULL, error, DESK_REQUESTS "/%lld", (long long)a.id);
    buf_dispose(&a.text);
    return status;
}

rfd_status desk_approve_show(struct page *page, struct rfd_error *error)
{
    struct form form;
    form_new(&form, fields, FIELDS);
    return show(page, &form, error);
}

rfd_status desk_approve_text(struct page *page, struct rfd_error *error)
{
    struct approving a = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &a.id, error));
    buf_init(&a.text, DESK_TEXT_MAXIMUM);
    rfd_status status = page_read(page, load, &a, error);
    if (status == RFD_OK && !a.waits) status = error_set(error, RFD_E_STATE, "nothing to be approved now");
    if (status == RFD_OK) status = page_attach(page, DESK_TEXT_TYPE, buf_slice(&a.text), "aprobacion.txt", error);
    buf_dispose(&a.text);
    return status;
}

/* ---- Approving ---- */

/** The approval is stored: what cannot be done now, the worker does. */
static rfd_status leave(const struct approving *a, const struct request_outcome *o, struct rfd_error *error)
{
    const char *notice = N_("The certificate was issued, and mailed to its holder");
    if (o->why != NULL) notice = o->why;
    if (o->issued != RFD_OK) notice = N_("Approved: the certificate is issued and mailed in a moment");
    if (o->certificate == 0 && o->issued == RFD_OK && o->why == NULL) /* its holder makes the key, whenever that is */
        notice = N_("Approved: they can make the certificate with their account now; they were told by mail");
    if (o->certificate == 0) return page_redirect(a->page, notice, error, DESK_REQUESTS "/%lld", (long long)a->id);
    return page_redirect(a->page, notice, error, DESK_ISSUED "/%lld", (long long)o->certificate);
}

static rfd_status generate(struct approving *a, slice signature, struct request_outcome *out, struct rfd_error *error)
{
    struct authority_domain authority = desk_authority(a->page);
    const struct request_approval approval = {.signed_data = signature};
    return request_generate(&authority, &a->page->actor, &a->settings, a->id, &approval, 1, &a->faults, out, error);
}

rfd_status desk_approve_send(struct page *page, struct rfd_error *error)
{
    struct approving a = {.page = page, .settings = page_registration(page)};
    struct request_outcome outcome;
    struct form form;
    slice signature;
    rfd_status status = RFD_E_INVALID;
    TRY(page_id(page, "id", &a.id, error));
    TRY(form_read(page, fields, FIELDS, &form, error));
    TRY(signature_take(page, &form, "signature", "signature_file", &signature, error));
    if (signature.length == 0) signature_missing(&form, "signature_file");
    if (!form.wrong) status = generate(&a, signature, &outcome, error);
    if (status == RFD_OK) return leave(&a, &outcome, error);
    /* Sent twice: what became of the first is on the request's page. */
    if (status == RFD_E_STATE) {
        error_clear(error);
        return page_redirect(page, N_("The request is not waiting to be approved any more"), error,
                             DESK_REQUESTS "/%lld", (long long)a.id);
    }
    if (status != RFD_E_INVALID) return status;
    form_faults_at(&form, "signature_file", &a.faults);
    error_clear(error);
    page->response->status = 422;
    return show(page, &form, error);
}
