/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where the applicant at the desk makes their key: a page of their own, by a link that the agent shows as a QR code, or
 * opens in a second window. This page waits until the key is there. Or they have brought a PKCS#10.
 */
#include "web/desk/desk_pages.h"

#include "base/error.h"
#include "web/qr.h"
#include "web/registration/asking.h"

enum { LINK_HOURS = 2 };

static const struct form_field fields[] = {
    {.name = "pkcs10",
     .label = N_("Request of a certificate that the applicant brought (PKCS#10)"),
     .hint = N_("A file in PEM or DER that another program made with their key"),
     .kind = FORM_FILE,
     .required = true},
    {.name = "key", .kind = FORM_HIDDEN, .maximum = PKCS10_TEXT_MAXIMUM},
    {.name = "key_name", .kind = FORM_HIDDEN},
    {.name = "key_id", .kind = FORM_HIDDEN},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct handing {
    struct page *page;
    int64_t id, applicant;
    slice code, name, link, pkcs10;
    bool waits, in_force;
    char token[REQUEST_TOKEN_SIZE];
    struct faults faults;
};

/** Whether it is the agent's, and waits for its key. */
static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing *h = context;
    struct request r;
    int64_t of = 0;
    TRY(desk_request(h->page, t, h->id, &r, error));
    h->code = page_keep(h->page, r.code);
    h->waits = r.way == WAY_ONLINE && r.state == REQUEST_TAKEN && r.taker == h->page->actor.person &&
               r.applicant_count == 1 && !r.applicants[0].central && r.applicants[0].spki.length == 0;
    h->in_force = false;
    if (!h->waits) return RFD_OK;
    h->applicant = r.applicants[0].id;
    h->name = applicant_name(&r.applicants[0], h->page->arena);
    if (h->link.length > 0) TRY(request_link_look(t, LINK_KEY, h->link, h->page->now, &of, error));
    h->in_force = of == h->id;
    return RFD_OK;
}

static rfd_status to_request(const struct handing *h, const char *notice, struct rfd_error *error)
{
    return page_redirect(h->page, notice, error, DESK_REQUESTS "/%lld", (long long)h->id);
}

static rfd_status show_link(struct handing *h, struct rfd_error *error)
{
    struct page *page = h->page;
    const char *address = arena_print(page->arena, "%s" REGISTRATION_PAGE_KEY "%.*s", page_settings(page)->web.url,
                                      (int)h->link.length, (const char *)h->link.data);
    if (address == NULL) return arena_failed(page->arena, error);
    view_string(page->view, "address", address);
    return page_qr(page, "qr", slice_text(address), error);
}

static rfd_status show(struct handing *h, struct form *form, struct rfd_error *error)
{
    struct page *page = h->page;
    if (h->in_force) TRY(show_link(h, error));
    view_number(page->view, "id", h->id);
    view_text(page->view, "code", h->code);
    view_text(page->view, "name", h->name);
    view_flag(page->view, "in_force", h->in_force);
    view_text(page->view, "again", page_link(page, page->request->path, "lang", SLICE_EMPTY));
    form_show(page, form);
    return page_show(page, N_("The applicant makes the key"), "desk/key", error);
}

static rfd_status begin(struct handing *h, struct page *page, struct rfd_error *error)
{
    *h = (struct handing){.page = page, .link = http_field_get(&page->request->query, "enlace", 0)};
    TRY(page_id(page, "id", &h->id, error));
    return page_read(page, load, h, error);
}

rfd_status desk_key_show(struct page *page, struct rfd_error *error)
{
    struct handing h;
    struct form form;
    TRY(begin(&h, page, error));
    if (!h.waits) return to_request(&h, NULL, error);
    form_new(&form, fields, FIELDS);
    return show(&h, &form, error);
}

/** For the script of the page that waits. */
rfd_status desk_key_state(struct page *page, struct rfd_error *error)
{
    struct handing h;
    TRY(begin(&h, page, error));
    page_json(page, h.waits ? SLICE("{\"ready\":false}") : SLICE("{\"ready\":true}"));
    return RFD_OK;
}

/* ---- A link ---- */

rfd_status desk_key_token(struct transaction *t, const struct page *page, int64_t request,
                          char token[REQUEST_TOKEN_SIZE], struct rfd_error *error)
{
    rfd_time ends = page->now + (rfd_time)LINK_HOURS * 3600 * RFD_SECOND;
    return request_link(t, LINK_KEY, request, ends, token, error);
}

static rfd_status make_link(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing *h = context;
    TRY(load(t, h, error));
    return h->waits ? desk_key_token(t, h->page, h->id, h->token, error) : RFD_OK;
}

rfd_status desk_key_link(struct page *page, struct rfd_error *error)
{
    struct handing h = {.page = page};
    TRY(page_id(page, "id", &h.id, error));
    TRY(page_write(page, make_link, &h, error));
    if (!h.waits) return to_request(&h, NULL, error);
    return page_redirect(page, NULL, error, DESK_REQUESTS "/%lld/llave?enlace=%s", (long long)h.id, h.token);
}

/* ---- What they have brought ---- */

static rfd_status bring(struct transaction *t, void *context, struct rfd_error *error)
{
    struct handing *h = context;
    h->faults.count = 0;
    return request_key(t, &h->page->actor, h->applicant, h->pkcs10, &h->faults, error);
}

rfd_status desk_key_send(struct page *page, struct rfd_error *error)
{
    struct handing h;
    struct form form;
    rfd_status status = RFD_E_INVALID;
    TRY(begin(&h, page, error));
    if (!h.waits) return to_request(&h, NULL, error);
    TRY(form_read(page, fields, FIELDS, &form, error));
    if (!form.wrong) TRY(pkcs10_read(page, &form, &h.pkcs10, error));
    if (!form.wrong) status = page_write(page, bring, &h, error);
    if (status != RFD_E_INVALID) {
        TRY(status);
        return to_request(&h, N_("The key is there: check the files, and issue"), error);
    }
    form_faults_at(&form, "pkcs10", &h.faults);
    error_clear(error);
    page->response->status = 422;
    return show(&h, &form, error);
}
