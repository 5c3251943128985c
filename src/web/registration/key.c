/* SPDX-License-Identifier: EUPL-1.2
 *
 * The page that an applicant is handed at the desk, or mailed by an agency: they make their key on their own device,
 * and only the request (PKCS#10) comes here.
 */
#include "web/registration/asking.h"

#include "domain/organisation/organisation.h"

static const struct form_field fields[] = {
    {.name = "key", .kind = FORM_HIDDEN, .maximum = PKCS10_TEXT_MAXIMUM, .group = "hidden"},
    {.name = "key_name", .kind = FORM_HIDDEN, .group = "hidden"},
    {.name = "key_id", .kind = FORM_HIDDEN, .maximum = 64, .group = "hidden"},
    {.name = "pkcs10",
     .label = N_("Your own request of a certificate (PKCS#10)"),
     .hint = N_("A file in PEM or DER that another program made with your key"),
     .kind = FORM_FILE,
     .maximum = 2 * PKCS10_TEXT_MAXIMUM},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct making {
    struct page *page;
    slice token;
    int64_t applicant, request;
    const char *key_kind;
    slice pkcs10;
    struct faults faults;
};

static const struct applicant *find_applicant(const struct request *request, int64_t id)
{
    for (size_t i = 0; i < request->applicant_count; i++)
        if (request->applicants[i].id == id) return &request->applicants[i];
    return NULL;
}

static rfd_status put(struct transaction *t, const struct making *m, const struct request *request,
                      const struct applicant *p, struct rfd_error *error)
{
    struct page *page = m->page;
    struct entity entity = {0};
    struct view *facts = view_list(page->view, "facts");
    const struct pack_document *d = packs_document(page_packs(page), p->country, p->document);
    if (request->entity != 0) TRY(entity_find(t, request->entity, &entity, error));
    slice name = page_keep(page, applicant_name(p, page->arena));
    view_text(page->view, "name", name);
    view_text(page->view, "number", page_keep(page, p->number));
    view_flag(page->view, "again", p->spki.length > 0);
    page_fact(page, facts, N_("For whom"), name, NULL);
    page_fact(page, facts, d == NULL ? N_("Identity number") : d->label, p->number, NULL);
    page_fact(page, facts, N_("Asked for at"), entity.name, NULL);
    page_fact(page, facts, N_("Folio"), request->code, NULL);
    return RFD_OK;
}

static rfd_status look(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    struct request request;
    TRY(request_link_applicant(t, LINK_KEY, m->token, m->page->now, &m->applicant, error));
    if (m->applicant == 0) return RFD_OK;
    TRY(request_link_look(t, LINK_KEY, m->token, m->page->now, &m->request, error));
    TRY(request_find(t, m->request, &request, error));
    const struct applicant *p = find_applicant(&request, m->applicant);
    const struct pack_registration *pack = packs_registration(page_packs(m->page), request.country);
    if (p == NULL || pack == NULL) return error_set(error, RFD_E_NOT_FOUND, "the applicant is not there any more");
    m->key_kind = pack->key;
    return put(t, m, &request, p, error);
}

static rfd_status show_over(struct page *page, struct rfd_error *error)
{
    page->response->status = 404;
    return applicant_show(page, N_("This link is not in force"), "registration/key-over", error);
}

static rfd_status show(struct making *m, struct form *form, struct rfd_error *error)
{
    struct page *page = m->page;
    view_string(page->view, "key_kind", m->key_kind);
    form_show(page, form);
    if (form->wrong) page->response->status = 422;
    return applicant_show(page, N_("Make your key"), "registration/key", error);
}

rfd_status key_show(struct page *page, struct rfd_error *error)
{
    struct making m = {.page = page, .token = http_request_part(page->request, "token")};
    struct form form;
    TRY(page_read(page, look, &m, error));
    if (m.applicant == 0) return show_over(page, error);
    form_new(&form, fields, FIELDS);
    return show(&m, &form, error);
}

/** The link is looked at once more in the transaction that takes the key. */
static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct making *m = context;
    int64_t applicant;
    m->faults.count = 0;
    TRY(request_link_applicant(t, LINK_KEY, m->token, m->page->now, &applicant, error));
    if (applicant != m->applicant) return error_set(error, RFD_E_NOT_FOUND, "the link is over");
    return request_key(t, &m->page->actor, m->applicant, m->pkcs10, &m->faults, error);
}

rfd_status key_send(struct page *page, struct rfd_error *error)
{
    struct making m = {.page = page, .token = http_request_part(page->request, "token")};
    struct form form;
    TRY(page_read(page, look, &m, error));
    if (m.applicant == 0) return show_over(page, error);
    TRY(form_read(page, fields, FIELDS, &form, error));
    TRY(pkcs10_read(page, &form, &m.pkcs10, error));
    if (form.wrong) return show(&m, &form, error);
    rfd_status status = page_write(page, take, &m, error);
    if (status == RFD_E_NOT_FOUND || status == RFD_E_STATE) {
        error_clear(error);
        return show_over(page, error);
    }
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&form, &m.faults);
        return show(&m, &form, error);
    }
    if (status != RFD_OK) return status;
    view_text(page->view, "key_name", form_text(&form, "key_name"));
    view_text(page->view, "key_id", form_text(&form, "key_id"));
    return applicant_show(page, N_("Your key is made"), "registration/key-made", error);
}
