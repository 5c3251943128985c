/* SPDX-License-Identifier: EUPL-1.2
 *
 * "Solicitud de firma en línea": the form, and what comes of it. A form that is sent twice is one request, by its
 * token; files that were taken are not lost when something else is wrong (kept.c).
 */
#include "web/registration/asking.h"

#include "base/url.h"
#include "web/printed.h"

#include <sys/random.h>

enum { TOKEN_OCTETS = 18 };

/* ---- Opening ---- */

rfd_status asking_begin(struct page *page, struct asking **out, struct rfd_error *error)
{
    struct asking *a = arena_zeroed(page->arena, 1, sizeof *a);
    if (a == NULL) return arena_failed(page->arena, error);
    a->page = page;
    a->settings = page_registration(page);
    a->country = slice_text(page_settings(page)->web.country);
    a->pack = packs_registration(page_packs(page), a->country);
    if (a->pack == NULL) return error_set(error, RFD_E_NOT_FOUND, "nothing is issued in this country");
    *out = a;
    return RFD_OK;
}

static rfd_status load(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *a = context;
    if (a->renews != 0) TRY(asking_renewal(t, a, error));
    return asking_load(t, a, error);
}

/* ---- Showing ---- */

slice asking_token(struct page *page)
{
    uint8_t random[TOKEN_OCTETS];
    struct buf b;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) return SLICE_EMPTY;
    buf_init(&b, 64);
    url_put_base64(&b, slice_of(random, sizeof random));
    slice copy = buf_status(&b) == RFD_OK ? page_keep(page, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return copy;
}

static rfd_status show(struct asking *a, struct rfd_error *error)
{
    struct page *page = a->page;
    kept_fields(page, a->files, a->file_count, true, a->fields + a->first_file);
    TRY(kept_show(page, a->files, a->file_count, error));
    view_string(page->view, "key_kind", a->pack->key);
    view_flag(page->view, "renewal", a->renews != 0);
    form_show(page, &a->form);
    if (a->form.wrong) page->response->status = 422;
    return applicant_show(page, N_("Request of a signature on line"), /* es: "Solicitud de firma en línea" */
                          "registration/ask", error);
}

rfd_status ask_show(struct page *page, struct rfd_error *error)
{
    struct asking *a;
    TRY(asking_begin(page, &a, error));
    a->renews = page_number(http_field_get(&page->request->query, "renueva", 0));
    a->link = http_field_get(&page->request->query, "enlace", 0);
    if (a->renews != 0 && a->link.length == 0 && page->actor.account == 0)
        return page_redirect(page, NULL, error, "/acceso?volver=/firma/solicitud%%3Frenueva%%3D%lld",
                             (long long)a->renews);
    TRY(page_read(page, load, a, error));
    asking_fields(a);
    form_new(&a->form, a->fields, a->field_count);
    form_set(&a->form, "token", asking_token(page));
    if (a->renews != 0) asking_renewal_fill(a);
    asking_choose(a, false);
    return show(a, error);
}

/* ---- The security code ---- */

/** Whoever comes without it (no script) may send a few in a minute. */
static rfd_status check_code(struct page *page, struct rfd_error *error)
{
    bool right = false;
    TRY(page_security_code(page, &right, error));
    if (right) return RFD_OK;
    unsigned wait = limit_take(page->web->unproved_limit, &page->request->client, page->now);
    if (wait == 0) return RFD_OK;
    page->retry_after = wait;
    return error_set(error, RFD_E_SLOW_DOWN, "requests without security code");
}

/* ---- Sending ---- */

struct sending {
    struct asking *asking;
    slice pkcs10, locality, token;
};

struct applicant asking_applicant(struct asking *a, const struct unit *unit, slice locality, slice pkcs10)
{
    struct form *f = &a->form;
    const struct pack_registration *pack = a->pack;
    slice second = pack->second[0] == '\0' ? SLICE_EMPTY : form_text(f, "second_number");
    return (struct applicant){.place = 1,
                              .country = a->country,
                              .document = form_text(f, "document"),
                              .number = form_text(f, "number"),
                              .second_document = second.length > 0 ? slice_text(pack->second) : SLICE_EMPTY,
                              .second_number = second,
                              .document_issued = RFD_TIME_NONE,
                              .given_names = form_text(f, "given_names"),
                              .surname = form_text(f, "surname"),
                              .second_surname = form_text(f, "second_surname"),
                              .mail = form_text(f, "mail"),
                              .mail_again = form_text(f, "mail_again"),
                              .mobile = form_text(f, "mobile"),
                              .unit = unit->id,
                              .locality = locality,
                              .address = form_text(f, "address"),
                              .profile = slice_text(pack->profile),
                              .pkcs10 = pkcs10,
                              .renews = a->renews,
                              .installation_at = RFD_TIME_NONE};
}

struct request asking_request(struct asking *a, const struct unit *unit, struct applicant *applicant, slice token)
{
    struct request request = {.token = token,
                              .way = WAY_ONLINE,
                              .country = a->country,
                              .entity = unit->entity != 0 ? unit->entity : a->entity,
                              .unit = unit->id,
                              .requester = a->page->actor.person,
                              .language = slice_text(language_code(a->page->language)),
                              .applicants = applicant,
                              .applicant_count = 1};
    asking_motive(form_text(&a->form, "motive"), &request.kind, &request.motive);
    return request;
}

static rfd_status put_request(struct transaction *t, void *context, struct rfd_error *error)
{
    struct sending *s = context;
    struct asking *a = s->asking;
    struct evidence_file files[KEPT_FILES];
    struct unit unit;
    a->faults.count = 0;
    TRY(asking_unit(t, a, &unit, error));
    if (a->renews != 0) TRY(asking_renewal(t, a, error));
    struct applicant applicant = asking_applicant(a, &unit, s->locality, s->pkcs10);
    struct request request = asking_request(a, &unit, &applicant, s->token);
    size_t count = kept_files(a->files, a->file_count, files);
    /* What the form itself found is told together with what the domain finds. */
    rfd_status status =
        request_ask(t, &a->page->actor, &a->settings, &request, files, count, &a->faults, &a->id, error);
    if (status == RFD_OK && a->form.wrong) return error_set(error, RFD_E_INVALID, "the form");
    return status;
}

/** The form's token together with what it says: sent twice is one request, but somebody else's, in the same window gone
 * back to, is another. */
static rfd_status make_token(struct asking *a, struct sending *s, struct rfd_error *error)
{
    const slice parts[] = {form_text(&a->form, "token"), form_text(&a->form, "number"), form_text(&a->form, "mail"),
                           s->pkcs10};
    struct buf b;
    buf_init(&b, 2 * REQUEST_PKCS10_MAXIMUM);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_print(&b, "%zu ", parts[i].length);
        buf_put_slice(&b, parts[i]);
    }
    rfd_status status = buf_check(&b, "a form", error);
    if (status == RFD_OK) status = applicant_seal(a->page, "form", buf_slice(&b), &s->token, error);
    buf_dispose(&b);
    return status;
}

static rfd_status read_form(struct asking *a, struct sending *s, struct rfd_error *error)
{
    struct page *page = a->page;
    a->renews = page_number(page_field(page, "renueva"));
    a->link = page_field(page, "enlace");
    if (a->renews != 0 && a->link.length == 0 && page->actor.account == 0)
        return error_set(error, RFD_E_UNAUTHORISED, NULL);
    TRY(page_read(page, load, a, error));
    asking_fields(a);
    TRY(form_read(page, a->fields, a->field_count, &a->form, error));
    asking_choose(a, true);
    if (a->renews != 0) asking_renewal_check(a);
    TRY(kept_read(page, a->files, a->file_count, &a->form, error));
    TRY(pkcs10_read(page, &a->form, &s->pkcs10, error));
    s->locality = place_choices_read(page, a->country, &a->form, "locality");
    return make_token(a, s, error);
}

rfd_status ask_send(struct page *page, struct rfd_error *error)
{
    struct asking *a;
    TRY(asking_begin(page, &a, error));
    TRY(check_code(page, error));
    struct sending s = {.asking = a};
    TRY(read_form(a, &s, error));
    rfd_status status = page_write(page, put_request, &s, error);
    if (status == RFD_E_INVALID) {
        error_clear(error);
        form_faults(&a->form, &a->faults);
        return show(a, error);
    }
    if (status != RFD_OK) return status;
    TRY(applicant_let_in(page, &(struct applicant_pass){a->id, 0}, error));
    return page_redirect(page, NULL, error, "/firma/solicitud/recibida");
}

/* ---- Afterwards ---- */

struct received {
    struct page *page;
    struct applicant_pass pass;
    const char *code;
};

static rfd_status put_received(struct transaction *t, void *context, struct rfd_error *error)
{
    struct received *r = context;
    struct page *page = r->page;
    struct request request;
    const struct applicant *p;
    TRY(request_find(t, r->pass.request, &request, error));
    TRY(applicant_of_pass(&request, &r->pass, &p, error));
    if (request.way != WAY_ONLINE) return error_set(error, RFD_E_NOT_FOUND, "an agency's request");
    r->code = applicant_text(page, request.code);
    view_text(page->view, "code", page_keep(page, request.code));
    view_text(page->view, "mail", applicant_masked_mail(page, p->mail));
    view_number(page->view, "hours", page_settings(page)->requests.link_hours);
    view_flag(page->view, "unverified", request.state == REQUEST_UNVERIFIED);
    view_text(page->view, "key_id", applicant_key_id(page, p->spki));
    struct view *facts = view_list(page->view, "facts");
    const struct pack_document *d = packs_document(page_packs(page), p->country, p->document);
    page_fact(page, facts, N_("Name"), applicant_name(p, page->arena), NULL);
    page_fact(page, facts, d == NULL ? N_("Identity number") : d->label, p->number, NULL);
    page_fact(page, facts, N_("Asked for"), page_time(page, request.created), NULL);
    return RFD_OK;
}

static rfd_status no_pass(struct page *page, struct rfd_error *error)
{
    return page_redirect(page, NULL, error, "/firma/seguimiento");
}

rfd_status received_show(struct page *page, struct rfd_error *error)
{
    struct received r = {.page = page};
    TRY(applicant_request(page, &r.pass, error));
    if (r.pass.request == 0) return no_pass(page, error);
    TRY(page_read(page, put_received, &r, error));
    return applicant_show(page, N_("Your request was received"), "registration/received", error);
}

rfd_status received_form(struct page *page, struct rfd_error *error)
{
    struct received r = {.page = page};
    TRY(applicant_request(page, &r.pass, error));
    if (r.pass.request == 0) return no_pass(page, error);
    TRY(page_read(page, put_received, &r, error));
    const char *name = arena_print(page->arena, "%s.pdf", r.code);
    if (name == NULL) return arena_failed(page->arena, error);
    return page_send_printed(page, PRINTED_RECEIPT, r.pass.request, slice_text(name), error);
}
