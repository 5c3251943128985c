/* SPDX-License-Identifier: EUPL-1.2
 *
 * What programs ask for themselves: tokens, and who the person is.
 */
#include "base/error.h"
#include "base/secret.h"
#include "keeper/ask.h"
#include "web/oidc/oidc_pages.h"
#include "web/program.h"

#include <jansson.h>
#include <stdlib.h>

enum { CLAIMS_MAXIMUM = 32 << 10, TOKEN_MAXIMUM = 64 << 10 };

static void answer(struct page *page, slice json)
{
    http_response_body(page->response, "application/json", json);
    http_response_cache(page->response, HTTP_NO_STORE, 0);
}

void oidc_answer_error(struct page *page, int status, const char *code)
{
    const char *text = arena_print(page->arena, "{\"error\":\"%s\"}", code);
    page->response->status = status;
    if (status == 401 && strcmp(code, "invalid_client") == 0)
        http_response_header(page->response, "WWW-Authenticate", SLICE("Basic realm=\"refrenda\""));
    answer(page, slice_text(text == NULL ? "{}" : text));
}

/* ---- Tokens ---- */

struct exchanging {
    struct page *page;
    struct oidc_exchange exchange;
    struct oidc_grant grant;
    const char *refused;
    struct buf identity; /* claims */
};

static rfd_status exchange(struct transaction *t, void *context, struct rfd_error *error)
{
    struct exchanging *w = context;
    TRY(oidc_exchange(t, &w->exchange, &w->grant, &w->refused, error));
    if (w->refused != NULL) return RFD_OK;
    buf_reset(&w->identity);
    return oidc_identity(t, &w->grant, page_settings(w->page)->web.url, w->page->now, &w->identity, error);
}

static rfd_status answer_tokens(struct page *page, struct exchanging *w, struct rfd_error *error)
{
    struct buf token;
    buf_init_secret(&token, TOKEN_MAXIMUM);
    rfd_status status = ask_sign_token(page_keeper(page), page_settings(page)->keys.seal_key, "JWT",
                                       buf_slice(&w->identity), &token, error);
    const char *text =
        status != RFD_OK ? NULL
                         : arena_print(page->arena,
                                       "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":%d,"
                                       "\"id_token\":\"%.*s\"}",
                                       w->grant.token, OIDC_TOKEN_SECONDS, (int)token.length, (const char *)token.data);
    buf_dispose(&token);
    if (status == RFD_OK && text == NULL) status = arena_failed(page->arena, error);
    if (status == RFD_OK) answer(page, slice_text(text));
    return status;
}

rfd_status oidc_token_answer(struct page *page, struct rfd_error *error)
{
    struct exchanging w = {.page = page};
    struct http_fields form;
    TRY(http_request_form(page->request, &form, error));
    if (!slice_is(program_field(&form, "grant_type"), "authorization_code")) {
        oidc_answer_error(page, 400, "unsupported_grant_type");
        return RFD_OK;
    }
    w.exchange = (struct oidc_exchange){.client_id = program_field(&form, "client_id"),
                                        .secret = program_field(&form, "client_secret"),
                                        .code = program_field(&form, "code"),
                                        .redirect = program_field(&form, "redirect_uri"),
                                        .verifier = program_field(&form, "code_verifier")};
    (void)program_basic(page, &w.exchange.client_id, &w.exchange.secret);
    buf_init(&w.identity, CLAIMS_MAXIMUM);
    rfd_status status = page_write(page, exchange, &w, error);
    if (status == RFD_OK && w.refused != NULL)
        oidc_answer_error(page, strcmp(w.refused, "invalid_client") == 0 ? 401 : 400, w.refused);
    else if (status == RFD_OK)
        status = answer_tokens(page, &w, error);
    buf_dispose(&w.identity);
    secret_wipe(w.grant.token, sizeof w.grant.token);
    return status;
}

/* ---- Who it is ---- */

struct asking {
    slice token;
    int64_t account;
    struct buf claims;
};

static rfd_status ask_person(struct transaction *t, void *context, struct rfd_error *error)
{
    struct asking *w = context;
    slice scope = SLICE_EMPTY;
    TRY(oidc_token_find(t, w->token, &w->account, &scope, error));
    buf_reset(&w->claims);
    return w->account == 0 ? RFD_OK : oidc_claims(t, w->account, scope, &w->claims, error);
}

rfd_status oidc_person_answer(struct page *page, struct rfd_error *error)
{
    struct asking w = {.token = program_bearer(page)};
    buf_init(&w.claims, CLAIMS_MAXIMUM);
    rfd_status status = page_read(page, ask_person, &w, error);
    slice copy = status == RFD_OK ? arena_copy(page->arena, buf_slice(&w.claims)) : SLICE_EMPTY;
    buf_dispose(&w.claims);
    TRY(status);
    if (w.account != 0) {
        answer(page, copy);
        return RFD_OK;
    }
    oidc_answer_error(page, 401, "invalid_token");
    http_response_header(page->response, "WWW-Authenticate", SLICE("Bearer error=\"invalid_token\"")); /* RFC 6750 §3 */
    return RFD_OK;
}

/* ---- Taking a token back (RFC 7009) ---- */

static rfd_status revoke(struct transaction *t, void *context, struct rfd_error *error)
{
    return oidc_token_revoke(t, *(const slice *)context, error);
}

rfd_status oidc_revoke_answer(struct page *page, struct rfd_error *error)
{
    struct http_fields form;
    TRY(http_request_form(page->request, &form, error));
    slice token = program_field(&form, "token");
    TRY(page_write(page, revoke, &token, error));
    answer(page, SLICE("{}"));
    return RFD_OK;
}
