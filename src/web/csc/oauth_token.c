/* SPDX-License-Identifier: EUPL-1.2
 *
 * What portals ask for themselves: who they are, tokens, and taking them back.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "web/csc/csc_pages.h"

/* ---- Who asks ---- */

struct proving {
    struct page *page;
    struct portal_proof proof;
    struct portal *portal;
};

/** In the page's arena: what of a portal programs' requests need. */
static rfd_status keep_portal(struct page *page, struct portal *p, struct rfd_error *error)
{
    struct arena *a = page->arena;
    for (size_t i = 0; i < p->return_count; i++) TRY(store_keep(a, &p->returns[i], error));
    TRY(store_keep(a, &p->key, error));
    TRY(store_keep(a, &p->name, error));
    TRY(store_keep(a, &p->client, error));
    TRY(store_keep(a, &p->webhook, error));
    TRY(store_keep(a, &p->certificate_hash, error));
    return store_keep(a, &p->secret_hash, error);
}

static rfd_status prove(struct transaction *t, void *context, struct rfd_error *error)
{
    struct proving *w = context;
    TRY(portal_prove(t, &w->proof, w->portal, error));
    return keep_portal(w->page, w->portal, error);
}

static bool says_nothing(const struct portal_proof *p)
{
    return p->client.length == 0 && p->assertion.length == 0 && p->certificate.length == 0;
}

rfd_status csc_client(struct page *page, const struct http_fields *form, const char *endpoint, struct portal *out,
                      bool *refused, struct rfd_error *error)
{
    struct proving w = {.page = page, .portal = out};
    const char *issuer = csc_issuer(page, csc_version(page));
    const char *address = arena_print(page->arena, "%s%s", page_settings(page)->web.url, endpoint);
    const char *token_endpoint = arena_print(page->arena, "%s/oauth2/token", issuer);
    if (address == NULL || token_endpoint == NULL) return arena_failed(page->arena, error);
    *refused = true;
    rfd_status status = program_proof(page, form, issuer, address, &w.proof, error);
    if (status == RFD_E_REQUEST) {
        csc_oauth_refuse(page, CSC_OAUTH_CLIENT_TWICE);
        error_clear(error);
        return RFD_OK;
    }
    TRY(status);
    w.proof.token_endpoint = slice_text(token_endpoint);
    if (says_nothing(&w.proof)) {
        csc_oauth_refuse(page, CSC_OAUTH_CLIENT_MISSING);
        return RFD_OK;
    }
    status = page_write(page, prove, &w, error);
    if (status == RFD_E_UNAUTHORISED) {
        log_failure(LOG_NOTICE, "portal-proof", "a program did not prove to be a portal; the request's line follows",
                    error);
        error_clear(error);
        csc_oauth_refuse(page, CSC_OAUTH_CLIENT);
        return RFD_OK;
    }
    TRY(status);
    unsigned wait = csc_wait(page, out->id);
    *refused = wait > 0;
    if (!*refused) return RFD_OK;
    csc_oauth_refuse(page, CSC_OAUTH_TOO_MANY);
    http_response_retry_after(page->response, wait);
    return RFD_OK;
}

/* ---- Tokens ---- */

struct exchanging {
    struct csc_exchange x;
    struct csc_token token;
    char text[CSC_TOKEN_SIZE];
    const char *refused, *why;
    struct page *page;
};

static rfd_status exchange(struct transaction *t, void *context, struct rfd_error *error)
{
    struct exchanging *w = context;
    w->refused = NULL;
    TRY(csc_token_exchange(t, &w->x, &w->token, w->text, &w->refused, &w->why, error));
    if (w->refused != NULL) return RFD_OK;
    TRY(store_keep(w->page->arena, &w->token.credential, error));
    return store_keep(w->page->arena, &w->token.details, error);
}

/** As they came, with the credential that was chosen (RFC 9396 §7). */
static void put_details(json_t *answer, const struct csc_token *token)
{
    slice text = token->details;
    json_t *details = text.length == 0 ? NULL : json_loadb((const char *)text.data, text.length, 0, NULL);
    json_t *one = json_array_get(details, 0);
    slice id = token->credential;
    if (json_is_object(one))
        (void)json_object_set_new(one, "credentialID", json_stringn((const char *)id.data, id.length));
    if (details != NULL) (void)json_object_set_new(answer, "authorization_details", details);
}

static rfd_status answer_token(struct page *page, const struct exchanging *w, struct rfd_error *error)
{
    const struct csc_token *k = &w->token;
    bool signs = k->kind == CSC_TOKEN_CREDENTIAL;
    json_int_t seconds = (k->ends - clock_now() + RFD_SECOND / 2) / RFD_SECOND;
    json_t *answer = json_pack("{s:s,s:s,s:I,s:s}", "access_token", w->text, "token_type",
                               signs && k->version == 1 ? "SAD" : "Bearer", "expires_in", seconds, "scope",
                               signs ? "credential" : "service");
    if (answer == NULL) return error_memory(error);
    if (k->refresh[0] != '\0') (void)json_object_set_new(answer, "refresh_token", json_string(k->refresh));
    if (signs)
        (void)json_object_set_new(answer, "credentialID",
                                  json_stringn((const char *)k->credential.data, k->credential.length));
    put_details(answer, k);
    return csc_answer(page, answer, error);
}

/** What a grant has to come with; CSC_OAUTH_REFUSALS: nothing is wrong. */
static enum csc_oauth_refusal read_grant(const struct http_fields *form, struct csc_exchange *x)
{
    slice grant = program_field(form, "grant_type");
    if (grant.length == 0) return CSC_OAUTH_GRANT_MISSING;
    if (slice_is(grant, "authorization_code")) {
        x->code = program_field(form, "code");
        x->redirect = program_field(form, "redirect_uri");
        x->verifier = program_field(form, "code_verifier");
        return x->code.length == 0 ? CSC_OAUTH_CODE_MISSING : CSC_OAUTH_REFUSALS;
    }
    if (slice_is(grant, "refresh_token")) {
        x->refresh = program_field(form, "refresh_token");
        return x->refresh.length == 0 ? CSC_OAUTH_REFRESH_MISSING : CSC_OAUTH_REFUSALS;
    }
    if (slice_is(grant, "client_credentials")) {
        slice scope = program_field(form, "scope");
        x->own = true;
        return scope.length == 0 || slice_is(scope, "service") ? CSC_OAUTH_REFUSALS : CSC_OAUTH_OWN_SCOPE;
    }
    return CSC_OAUTH_GRANT;
}

rfd_status csc_token_answer(struct page *page, struct rfd_error *error)
{
    struct exchanging w = {.page = page, .x = {.version = csc_version(page)}};
    struct portal portal = {.id = 0};
    bool refused = false;
    TRY(csc_client(page, &page->fields, page->route->pattern, &portal, &refused, error));
    if (refused) return RFD_OK;
    w.x.portal = &portal;
    enum csc_oauth_refusal wrong = read_grant(&page->fields, &w.x);
    if (wrong != CSC_OAUTH_REFUSALS) {
        csc_oauth_refuse(page, wrong);
        return RFD_OK;
    }
    rfd_status status = page_write(page, exchange, &w, error);
    if (status == RFD_OK && w.refused != NULL)
        csc_refuse(page, 400, w.refused, w.why);
    else if (status == RFD_OK)
        status = answer_token(page, &w, error);
    secret_wipe(&w.text, sizeof w.text);
    secret_wipe(&w.token.refresh, sizeof w.token.refresh);
    return status;
}

/* ---- Taking a token back (RFC 7009) ---- */

struct revoking {
    int64_t portal;
    slice token;
};

static rfd_status revoke(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct revoking *w = context;
    return csc_token_revoke(t, w->portal, w->token, error);
}

static bool is_hint(slice hint)
{
    return hint.length == 0 || slice_is(hint, "access_token") || slice_is(hint, "refresh_token");
}

rfd_status csc_oauth_revoke_answer(struct page *page, struct rfd_error *error)
{
    struct revoking w = {.token = program_field(&page->fields, "token")};
    struct portal portal = {.id = 0};
    bool refused = false;
    TRY(csc_client(page, &page->fields, page->route->pattern, &portal, &refused, error));
    if (refused) return RFD_OK;
    w.portal = portal.id;
    if (w.token.length == 0) {
        csc_oauth_refuse(page, CSC_OAUTH_TOKEN_MISSING);
        return RFD_OK;
    }
    if (!is_hint(program_field(&page->fields, "token_type_hint"))) {
        csc_oauth_refuse(page, CSC_OAUTH_HINT);
        return RFD_OK;
    }
    TRY(page_write(page, revoke, &w, error));
    csc_answer_nothing(page);
    return RFD_OK;
}
