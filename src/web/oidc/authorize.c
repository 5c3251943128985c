/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authorization endpoint. Who is not signed in does that first and comes back. The way back to the program is a
 * redirect; but when a form of ours led here (signing in), browsers forbid redirects to others under our policy
 * (form-action), so that a page leads on.
 */
#include "base/error.h"
#include "web/oidc/oidc_pages.h"

rfd_status oidc_parameter(const struct page *page, const char *name, slice *out, struct rfd_error *error)
{
    TRY(http_request_query(page->request, name, out, error));
    if (out->length > OIDC_PARAMETER_MAXIMUM) return error_set(error, RFD_E_REQUEST, "%s: too long", name);
    return RFD_OK;
}

/** RFC 6749 §3.1: no parameter may be there twice. */
static rfd_status read_request(const struct page *page, struct oidc_request *r, struct rfd_error *error)
{
    const struct {
        const char *name;
        slice *value;
    } parameters[] = {{"client_id", &r->client_id},
                      {"redirect_uri", &r->redirect},
                      {"response_type", &r->response_type},
                      {"response_mode", &r->response_mode},
                      {"scope", &r->scope},
                      {"state", &r->state},
                      {"nonce", &r->nonce},
                      {"code_challenge", &r->challenge},
                      {"code_challenge_method", &r->challenge_method},
                      {"prompt", &r->prompt},
                      {"max_age", &r->max_age},
                      {"request", &r->object},
                      {"request_uri", &r->object_uri}};
    *r = (struct oidc_request){.client_id = SLICE_EMPTY};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        TRY(oidc_parameter(page, parameters[i].name, parameters[i].value, error));
    return RFD_OK;
}

/* ---- The way back ---- */

void oidc_add_parameter(struct page *page, struct buf *b, const char *name, slice value)
{
    if (value.length == 0) return;
    bool first = memchr(b->data, '?', b->length) == NULL;
    buf_print(b, "%c%s=", first ? '?' : '&', name);
    buf_put_slice(b, page_escape(page, value));
}

/** Came here through a form of our own: the browser says so. */
static bool came_by_form(const struct page *page)
{
    return slice_is(http_request_header(page->request, "sec-fetch-site", 0), "same-origin");
}

rfd_status oidc_lead_on(struct page *page, const char *title, slice address, slice program, struct rfd_error *error)
{
    http_response_cache(page->response, HTTP_NO_STORE, 0);
    if (!came_by_form(page)) {
        page->response->status = 302;
        http_response_header(page->response, "Location", address);
        return RFD_OK;
    }
    const char *refresh = arena_print(page->arena, "0;url=%.*s", (int)address.length, (const char *)address.data);
    if (refresh == NULL) return arena_failed(page->arena, error);
    http_response_header(page->response, "Refresh", slice_text(refresh));
    view_string(page->view, "heading", page_text(page, title));
    view_text(page->view, "address", address);
    view_flag(page->view, "narrow", true);
    view_text(page->view, "program", program);
    return page_show(page, title, "oidc/lead-on", error);
}

static rfd_status go_back(struct page *page, const struct oidc_request *request, const struct oidc_client *client,
                          const char *name, slice value, struct rfd_error *error)
{
    struct buf b;
    buf_init_secret(&b, 4 * OIDC_PARAMETER_MAXIMUM);
    buf_put_slice(&b, request->redirect);
    oidc_add_parameter(page, &b, name, value);
    oidc_add_parameter(page, &b, "state", request->state);
    oidc_add_parameter(page, &b, "iss", slice_text(page_settings(page)->web.url)); /* RFC 9207 */
    slice address = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    if (address.data == NULL) return error_memory(error);
    return oidc_lead_on(page, N_("Back to the program"), address, client->name, error);
}

/* ---- The endpoint ---- */

struct authorizing {
    struct page *page;
    struct oidc_request request;
    struct oidc_client client;
    const char *refused;
    bool sign_in; /* first */
    char code[ACCOUNT_TOKEN_SIZE];
};

/** Texts of a transaction that is over would be gone. */
static rfd_status keep_client(struct authorizing *w, struct rfd_error *error)
{
    return store_keep(w->page->arena, &w->client.name, error);
}

static rfd_status authorize(struct transaction *t, void *context, struct rfd_error *error)
{
    struct authorizing *w = context;
    struct page *page = w->page;
    TRY(oidc_check(t, &w->request, &w->client, &w->refused, error));
    w->sign_in = page->actor.account == 0 || oidc_wants_sign_in(&w->request, &page->session, page->now);
    if (w->refused == NULL && !w->sign_in)
        TRY(oidc_authorize(t, &w->request, &w->client, &page->session, &page->actor, w->code, error));
    return keep_client(w, error);
}

/** The same request once more, without what demanded signing in again: programs see in "auth_time" whether it was
 * done. */
static slice this_request(struct page *page)
{
    struct buf b;
    const struct http_fields *query = &page->request->query;
    char separator = '?';
    buf_init(&b, 64 << 10);
    buf_put_slice(&b, page->request->path);
    for (size_t i = 0; i < query->count; i++) {
        if (slice_is(query->items[i].name, "prompt") || slice_is(query->items[i].name, "max_age")) continue;
        buf_put_byte(&b, (uint8_t)separator);
        buf_put_slice(&b, page_escape(page, query->items[i].name));
        buf_put_byte(&b, '=');
        buf_put_slice(&b, page_escape(page, query->items[i].value));
        separator = '&';
    }
    slice all = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return all;
}

/** Whoever is signed in already signs out first, and says so by a form: no link signs anybody out. */
static rfd_status sign_in_first(struct page *page, const struct oidc_client *client, struct rfd_error *error)
{
    slice back = this_request(page);
    if (back.data == NULL) return error_memory(error);
    if (page->actor.account != 0) {
        view_text(page->view, "program", client->name);
        view_text(page->view, "code", page->actor.code);
        view_text(page->view, "back", back);
        view_flag(page->view, "narrow", true);
        return page_show(page, N_("Sign in again"), "oidc/again", error);
    }
    back = page_escape(page, back);
    return page_redirect(page, NULL, error, "/acceso?volver=%.*s", (int)back.length, (const char *)back.data);
}

/** Nobody is sent to an address that was not registered: the person is told, and why, for those who run the program. */
static rfd_status show_wrong(struct page *page, struct rfd_error *error)
{
    page->response->status = 400;
    view_text(page->view, "detail", arena_copy(page->arena, slice_text(error->detail)));
    view_flag(page->view, "narrow", true);
    *error = RFD_ERROR_INIT;
    return page_show(page, N_("This program cannot sign you in"), "oidc/wrong", error);
}

rfd_status oidc_authorize_page(struct page *page, struct rfd_error *error)
{
    struct authorizing w = {.page = page};
    rfd_status status = read_request(page, &w.request, error);
    if (status == RFD_OK) status = page_write(page, authorize, &w, error);
    if (status == RFD_E_REQUEST) return show_wrong(page, error);
    TRY(status);
    if (w.refused != NULL) return go_back(page, &w.request, &w.client, "error", slice_text(w.refused), error);
    if (!w.sign_in) return go_back(page, &w.request, &w.client, "code", slice_text(w.code), error);
    if (oidc_scope_has(w.request.prompt, "none"))
        return go_back(page, &w.request, &w.client, "error", SLICE("login_required"), error);
    return sign_in_first(page, &w.client, error);
}
