/* SPDX-License-Identifier: EUPL-1.2
 *
 * The authorization endpoint. Who is not signed in does that first and comes back. The way back to the program is a
 * redirect; but when a form of ours led here (signing in), browsers forbid redirects to others under our policy
 * (form-action), so that a page leads on.
 */
#include "base/error.h"
#include "web/oidc/oidc_pages.h"

static rfd_status parameter(const struct page *page, const char *name, slice *out, struct rfd_error *error)
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
                      {"max_age", &r->max_age}};
    *r = (struct oidc_request){.client_id = SLICE_EMPTY};
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        TRY(parameter(page, parameters[i].name, parameters[i].value, error));
    return RFD_OK;
}

/* ---- The way back ---- */

static void add(struct page *page, struct buf *b, const char *name, slice value)
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

static rfd_status lead_on(struct page *page, slice address, slice program, struct rfd_error *error)
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
    view_text(page->view, "address", address);
    view_text(page->view, "program", program);
    return page_show(page, N_("Back to the program"), "oidc/lead-on", error);
}

static rfd_status go_back(struct page *page, const struct oidc_request *request, const struct oidc_client *client,
                          const char *name, slice value, struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, 4 * OIDC_PARAMETER_MAXIMUM);
    buf_put_slice(&b, request->redirect);
    add(page, &b, name, value);
    add(page, &b, "state", request->state);
    add(page, &b, "iss", slice_text(page_settings(page)->web.url)); /* RFC 9207 */
    slice address = buf_status(&b) == RFD_OK ? arena_copy(page->arena, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    if (address.data == NULL) return error_memory(error);
    return lead_on(page, address, client->name, error);
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
    w->client.name = arena_copy(w->page->arena, w->client.name);
    return w->client.name.data == NULL ? arena_failed(w->page->arena, error) : RFD_OK;
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

/** The same request once more, without what demanded signing in again. */
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
    slice all = buf_status(&b) == RFD_OK ? page_escape(page, buf_slice(&b)) : SLICE_EMPTY;
    buf_dispose(&b);
    return all;
}

rfd_status oidc_authorize_page(struct page *page, struct rfd_error *error)
{
    struct authorizing w = {.page = page};
    TRY(read_request(page, &w.request, error));
    TRY(page_write(page, authorize, &w, error));
    if (w.refused != NULL) return go_back(page, &w.request, &w.client, "error", slice_text(w.refused), error);
    if (!w.sign_in) return go_back(page, &w.request, &w.client, "code", slice_text(w.code), error);
    if (oidc_scope_has(w.request.prompt, "none"))
        return go_back(page, &w.request, &w.client, "error", SLICE("login_required"), error);
    slice back = this_request(page);
    return page_redirect(page, NULL, error, "/acceso?volver=%.*s", (int)back.length, (const char *)back.data);
}

/* ---- Signing out (OpenID Connect RP-Initiated Logout 1.0) ---- */

struct leaving {
    slice client_id, address;
    bool listed;
};

static rfd_status look_up(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leaving *l = context;
    struct oidc_client client;
    rfd_status status = oidc_client_by_name(t, l->client_id, &client, error);
    l->listed = status == RFD_OK && oidc_address_listed(client.logout_redirects, l->address);
    return status == RFD_E_NOT_FOUND ? RFD_OK : status;
}

/** Asks: nobody can be signed out by a link alone. The page's form is that of /salir. */
rfd_status oidc_logout_page(struct page *page, struct rfd_error *error)
{
    struct leaving l = {.listed = false};
    TRY(parameter(page, "client_id", &l.client_id, error));
    TRY(parameter(page, "post_logout_redirect_uri", &l.address, error));
    if (l.address.length > 0) TRY(page_read(page, look_up, &l, error));
    if (page->actor.account == 0 && l.listed) return lead_on(page, l.address, l.client_id, error);
    if (l.listed) view_text(page->view, "address", l.address);
    return page_show(page, N_("Sign out"), "oidc/logout", error);
}
