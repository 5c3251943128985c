/* SPDX-License-Identifier: EUPL-1.2
 *
 * A person and what a portal asks of them: to see their certificates (scope "service"), or signatures (scope
 * "credential"). Who is not signed in does that first and comes back. At the end, and wherever one gives up, the way
 * leads back to the portal.
 */
#include "web/csc/agreement.h"

#include "base/error.h"
#include "base/number.h"
#include "base/secret.h"
#include "web/central/central_pages.h"
#include "web/oidc/oidc_pages.h"

enum { ADDRESS_MAXIMUM = 16 << 10, HASH_ENDS = 8 };

struct agreeing {
    struct page *page;
    slice token;
    struct csc_request request;
    slice asker; /* the portal's name */
    char code[CSC_TOKEN_SIZE];
};

/* ---- Back to the portal ---- */

slice agreement_address(struct page *page, const struct csc_request *request, const char *name, slice value,
                        const char *description)
{
    struct buf b;
    buf_init_secret(&b, ADDRESS_MAXIMUM);
    buf_put_slice(&b, request->redirect);
    oidc_add_parameter(page, &b, name, value);
    if (description != NULL) oidc_add_parameter(page, &b, "error_description", slice_text(description));
    oidc_add_parameter(page, &b, "state", request->state);
    oidc_add_parameter(page, &b, "iss", slice_text(csc_issuer(page, request->version))); /* RFC 9207 */
    slice address = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return address;
}

static rfd_status lead_back(struct page *page, slice address, slice portal, struct rfd_error *error)
{
    if (address.data == NULL) return error_memory(error);
    return oidc_lead_on(page, N_("Back to the portal"), address, portal, error);
}

rfd_status agreement_back(struct page *page, const struct csc_request *request, slice portal, const char *error_code,
                          const char *description, struct rfd_error *error)
{
    slice address = agreement_address(page, request, "error", slice_text(error_code), description);
    return lead_back(page, address, portal, error);
}

/* ---- The request ---- */

/** Who is signed in takes it; who is not may see who asks. */
static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agreeing *w = context;
    struct page *page = w->page;
    struct portal portal;
    const char *uri =
        arena_print(store_arena(t), CSC_REQUEST_URI "%.*s", (int)w->token.length, (const char *)w->token.data);
    if (uri == NULL) return arena_failed(store_arena(t), error);
    if (page->actor.account == 0)
        TRY(csc_request_find(t, slice_text(uri), 0, &w->request, error));
    else
        TRY(csc_request_open(t, &page->actor, slice_text(uri), &w->request, error));
    TRY(portal_find(t, w->request.portal, &portal, error));
    if (portal.closed) return error_set(error, RFD_E_NOT_FOUND, "this portal was closed");
    w->asker = page_keep(page, portal.name);
    return csc_ask_keep(page, &w->request, error);
}

static rfd_status open_request(struct agreeing *w, struct page *page, struct rfd_error *error)
{
    *w = (struct agreeing){.page = page, .token = http_request_part(page->request, "request")};
    return page->actor.account == 0 ? page_read(page, find, w, error) : page_write(page, find, w, error);
}

static const char *address_of(const struct agreeing *w, const char *step)
{
    return arena_print(w->page->arena, AGREEMENT "/%.*s%s", (int)w->token.length, (const char *)w->token.data, step);
}

/** Labels as people read them: "Document 2" where the portal gave none. */
static void name_documents(struct agreeing *w)
{
    for (size_t i = 0; i < w->request.count; i++) {
        if (w->request.hashes[i].label.length > 0) continue;
        const char *text = arena_print(w->page->arena, "%s %zu", page_text(w->page, N_("Document")), i + 1);
        if (text != NULL) w->request.hashes[i].label = slice_text(text);
    }
}

static void put_hash(const struct agreeing *w, size_t i, struct view *item)
{
    const struct csc_hash *h = &w->request.hashes[i];
    size_t length = 2 * h->hash.length;
    uint8_t *digits = arena_allocate(w->page->arena, length);
    if (digits == NULL) return;
    number_to_hex(h->hash, false, digits);
    slice hash = slice_of(digits, length);
    view_text(item, "title", h->label);
    view_text(item, "hash", hash);
    view_text(item, "hash_start", slice_part(hash, 0, HASH_ENDS));
    view_text(item, "hash_end", slice_from(hash, length - HASH_ENDS));
}

static void put_request(struct agreeing *w)
{
    struct view *view = w->page->view;
    struct view *documents = view_list(view, "documents");
    name_documents(w);
    for (size_t i = 0; i < w->request.count; i++) put_hash(w, i, view_item(documents));
    view_text(view, "request", w->token);
    view_text(view, "asker", w->asker);
    view_text(view, "host", address_host(w->request.redirect));
    view_text(view, "description", w->request.description);
    view_string(view, "digest", w->request.credential_scope ? digest_name(w->request.digest) : "");
    view_number(view, "count", (int64_t)w->request.count);
    view_flag(view, "signatures", w->request.credential_scope);
    view_text(view, "csrf", csrf_token(w->page));
}

/* ---- Its pages ---- */

/** Only the one that the portal named, where it did. */
static size_t filter(const struct agreeing *w, struct central_credential *all, size_t count)
{
    size_t kept = 0;
    slice wanted = w->request.credential;
    for (size_t i = 0; i < count; i++)
        if (wanted.length == 0 || slice_is(wanted, all[i].id)) all[kept++] = all[i];
    return kept;
}

static rfd_status show_signatures(struct agreeing *w, const char *wrong, struct rfd_error *error)
{
    struct page *page = w->page;
    struct central_credential *all;
    size_t count;
    slice chosen = http_field_get(&page->request->query, "con", 0);
    TRY(page_credentials(page, &all, &count, error));
    count = filter(w, all, count);
    size_t usable = credentials_choice(page, all, count, chosen.data == NULL ? SLICE_EMPTY : chosen);
    if (w->request.credential.length == 0) TRY(credentials_way(page, address_of(w, ""), error));
    put_request(w);
    view_flag(page->view, "one", usable == 1 && count == 1);
    view_flag(page->view, "named", w->request.credential.length > 0);
    view_flag(page->view, "not_yours", w->request.credential.length > 0 && count == 0);
    view_string(page->view, "wrong", wrong == NULL ? "" : page_text(page, wrong));
    if (wrong != NULL) page->response->status = 422;
    return page_show(page, N_("Authorise signatures"), "csc/signatures", error); /* es: "Autorizar firmas" */
}

static rfd_status show_service(struct agreeing *w, struct rfd_error *error)
{
    slice holder;
    TRY(page_holder(w->page, &holder, error));
    put_request(w);
    view_text(w->page->view, "holder", holder);
    view_flag(w->page->view, "narrow", true);
    return page_show(w->page, N_("Let a portal see your certificates?"), "csc/service", error);
}

static rfd_status show_sign_in(struct agreeing *w, struct rfd_error *error)
{
    struct page *page = w->page;
    put_request(w);
    view_text(page->view, "back", page_escape(page, page->request->path));
    view_flag(page->view, "narrow", true);
    return page_show(
        page, w->request.credential_scope ? N_("Authorise signatures") : N_("Let a portal see your certificates?"),
        "csc/sign-in", error);
}

rfd_status agreement_show(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    TRY(open_request(&w, page, error));
    if (page->actor.account == 0) return show_sign_in(&w, error);
    return w.request.credential_scope ? show_signatures(&w, NULL, error) : show_service(&w, error);
}

/* ---- Giving up ---- */

rfd_status agreement_cancel(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    struct central c;
    TRY(open_request(&w, page, error));
    TRY(page_central(page, &c, error));
    TRY(csc_request_give_up(&c, &page->actor, &w.request, error));
    const struct csc_oauth_row *row = &csc_oauth_rows[CSC_OAUTH_DENIED];
    return agreement_back(page, &w.request, w.asker, row->error, row->description, error);
}

/* ---- Scope "service" ---- */

static rfd_status agree(struct transaction *t, void *context, struct rfd_error *error)
{
    struct agreeing *w = context;
    return csc_agree_service(t, &w->page->actor, page_packs(w->page), &w->request, w->code, error);
}

rfd_status agreement_service(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    TRY(open_request(&w, page, error));
    if (w.request.credential_scope) return error_set(error, RFD_E_NOT_FOUND, "it asks for signatures");
    TRY(page_write(page, agree, &w, error));
    slice address = agreement_address(page, &w.request, "code", slice_text(w.code), NULL);
    secret_wipe(w.code, sizeof w.code);
    return lead_back(page, address, w.asker, error);
}

/* ---- Scope "credential": password and code ---- */

/** The certificate stands in the address to which the browser's proofs are sent. */
static rfd_status show_activation(struct agreeing *w, slice credential, const struct central_authorisation *begun,
                                  struct rfd_error *error)
{
    struct page *page = w->page;
    const char *id = arena_text(page->arena, credential);
    const char *step = id == NULL ? NULL : arena_print(page->arena, "/firma/%s", id);
    const struct authorising what = {.title = N_("Authorise with password and code"),
                                     .lead = N_("Exactly these are signed for the portal, and nothing else."),
                                     .action = N_("Authorise"), /* es: "Autorizar" */
                                     .address = step == NULL ? NULL : address_of(w, step),
                                     .cancel = address_of(w, "")};
    if (what.address == NULL || what.cancel == NULL) return arena_failed(page->arena, error);
    view_string(page->view, "again_link", what.cancel);
    return authorise_show(page, &what, begun, error);
}

/** What is the portal's own fault is told to it. */
static const struct {
    rfd_status status;
    enum csc_oauth_refusal refusal;
} portals_faults[] = {
    {RFD_E_KEY_REFUSED, CSC_OAUTH_STATED},
    {RFD_E_ARGUMENT, CSC_OAUTH_SHOWN},
    {RFD_E_SLOW_DOWN, CSC_OAUTH_OPERATIONS},
};

static rfd_status tell_hindrance(struct agreeing *w, rfd_status status, struct rfd_error *error)
{
    const char *hindrance = signing_hindrance(status);
    for (size_t i = 0; i < sizeof portals_faults / sizeof *portals_faults; i++) {
        if (portals_faults[i].status != status) continue;
        const struct csc_oauth_row *row = &csc_oauth_rows[portals_faults[i].refusal];
        error_clear(error);
        return agreement_back(w->page, &w->request, w->asker, row->error, row->description, error);
    }
    if (hindrance == NULL) return status;
    error_clear(error);
    return show_signatures(w, hindrance, error);
}

rfd_status agreement_begin(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    struct central c;
    struct central_authorisation begun;
    slice credential = http_field_get(&page->fields, "certificado", 0);
    TRY(open_request(&w, page, error));
    if (!w.request.credential_scope) return error_set(error, RFD_E_NOT_FOUND, "it asks for no signatures");
    if (credential.data == NULL || credential.length == 0)
        return show_signatures(&w, N_("Choose a certificate"), error);
    TRY(page_central(page, &c, error));
    name_documents(&w);
    rfd_status status = csc_begin(&c, &page->actor, page->arena, &w.request, credential, PERSONAL_NO_CHANNEL,
                                  slice_text(language_code(page->language)), &begun, error);
    if (status != RFD_OK) return tell_hindrance(&w, status, error);
    return show_activation(&w, credential, &begun, error);
}

/** The page came of a form; who opens its address begins the step again. */
rfd_status agreement_again(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    TRY(open_request(&w, page, error));
    return page_redirect(page, NULL, error, AGREEMENT "/%.*s", (int)w.token.length, (const char *)w.token.data);
}

rfd_status agreement_finish(struct page *page, struct rfd_error *error)
{
    struct agreeing w;
    struct central c;
    struct authorise_form form;
    slice credential = http_request_part(page->request, "credential");
    TRY(authorise_read(page, &form, error));
    TRY(open_request(&w, page, error));
    TRY(page_central(page, &c, error));
    rfd_status status = csc_activate(&c, &page->actor, page->arena, &w.request, credential, form.operation,
                                     &form.proofs, w.code, error);
    slice address =
        status == RFD_OK ? agreement_address(page, &w.request, "code", slice_text(w.code), NULL) : SLICE_EMPTY;
    secret_wipe(w.code, sizeof w.code);
    return authorise_answer(page, &c, &form, status, address.data == NULL ? NULL : arena_text(page->arena, address),
                            error);
}
