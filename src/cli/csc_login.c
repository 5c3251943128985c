/* SPDX-License-Identifier: EUPL-1.2
 *
 * The way in: a token that was brought along, client credentials (RFC 6749 §4.4), a name with its password
 * (auth/login), or the person's browser.
 */
#include "base/error.h"
#include "cli/csc.h"
#include "cli/messages.h"

enum { FORM_MAXIMUM = 16 << 10 };

static rfd_status read_client_secret(struct csc_service *s, struct rfd_error *error)
{
    const struct arguments *a = s->arguments;
    if (a->csc_client == NULL) return error_set(error, RFD_E_ARGUMENT, "the service wants --csc-client");
    return csc_secret(a->csc_secret_file, "--csc-secret-file", tr(N_("Secret of the service's client")),
                      &s->client_secret, error);
}

static rfd_status ask_for_token(struct csc_service *s, struct rfd_error *error)
{
    json_t *answer = NULL;
    struct buf form;
    TRY(read_client_secret(s, error));
    buf_init_secret(&form, FORM_MAXIMUM);
    csc_form(&form, "grant_type", SLICE("client_credentials"));
    csc_form(&form, "scope", SLICE("service"));
    csc_form(&form, "client_id", slice_text(s->arguments->csc_client));
    csc_form(&form, "client_secret", secret_slice(&s->client_secret));
    const struct csc_question q = {.url = s->token_url, .form = &form};
    rfd_status status = buf_check(&form, "form", error);
    if (status == RFD_OK) status = csc_http_ask(&s->http, &q, NULL, &answer, error);
    if (status == RFD_OK) status = csc_keep_token(answer, "access_token", &s->token, error);
    json_decref(answer);
    buf_dispose(&form);
    return status;
}

static rfd_status log_in_by_name(struct csc_service *s, struct rfd_error *error)
{
    json_t *answer = NULL;
    TRY(read_client_secret(s, error));
    const char *url = arena_print(&s->arena, "%s/auth/login", s->base);
    if (url == NULL) return arena_failed(&s->arena, error);
    json_t *body = json_object();
    if (body == NULL) return error_memory(error);
    const struct csc_question q = {.url = url,
                                   .json = body,
                                   .user = slice_text(s->arguments->csc_client),
                                   .password = secret_slice(&s->client_secret)};
    rfd_status status = csc_http_ask(&s->http, &q, NULL, &answer, error);
    json_decref(body);
    if (status == RFD_OK) status = csc_keep_token(answer, "access_token", &s->token, error);
    json_decref(answer);
    return status;
}

static rfd_status log_in_by_browser(struct csc_service *s, struct rfd_error *error)
{
    const struct csc_consent consent = {.credential = false};
    return csc_browse(s, &consent, &s->token, error);
}

rfd_status csc_log_in(struct csc_service *s, struct rfd_error *error)
{
    const struct arguments *a = s->arguments;
    /* Whoever wants the browser has a client without a secret, or persons' credentials. */
    bool has_secret = a->csc_secret_file != NULL;
    if (a->csc_token_file != NULL) return secret_read_file(&s->token, a->csc_token_file, error);
    if (a->csc_client == NULL) return error_set(error, RFD_E_ARGUMENT, "--csc needs --csc-client or --csc-token-file");
    if (s->client_credentials && has_secret && !a->csc_browser && s->token_url != NULL) return ask_for_token(s, error);
    if (s->login && has_secret && !a->csc_browser) return log_in_by_name(s, error);
    if (s->browser && s->authorize != NULL) return log_in_by_browser(s, error);
    if (s->client_credentials && s->token_url != NULL) return ask_for_token(s, error);
    if (s->login) return log_in_by_name(s, error);
    return error_set(error, RFD_E_UNSUPPORTED, "none of the service's ways to log in: bring --csc-token-file");
}
