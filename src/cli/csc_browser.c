/* SPDX-License-Identifier: EUPL-1.2
 *
 * A person agrees in their browser: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636), which comes back to a port
 * of this machine (RFC 8252 §7.3), or is typed where there is no browser here. Of what comes to the port, only an
 * answer with our own state is believed.
 */
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "cli/csc.h"
#include "cli/csc_listen.h"
#include "cli/messages.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <unistd.h>

enum { FORM_MAXIMUM = 64 << 10, RANDOM = 32, RANDOM_TEXT = 64, PORT_TEXT = 64 };
#define ANY_PORT "http://127.0.0.1:%u/"

struct browsing {
    const struct csc_service *s;
    const struct csc_consent *consent;
    char state[RANDOM_TEXT];
    struct secret verifier, code;
    int port; /* descriptor; -1: the answer is typed */
    const char *redirect;
    char own[PORT_TEXT];
};

/* ---- The address ---- */

static rfd_status make_random(char text[RANDOM_TEXT], struct rfd_error *error)
{
    uint8_t bytes[RANDOM];
    struct buf b;
    if (RAND_bytes(bytes, sizeof bytes) != 1) return error_set(error, RFD_E_INTERNAL, "no random octets");
    buf_init_secret(&b, RANDOM_TEXT - 1);
    url_put_base64(&b, slice_of(bytes, sizeof bytes));
    rfd_status status = buf_check(&b, "random", error);
    if (status == RFD_OK) (void)snprintf(text, RANDOM_TEXT, "%.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
    return status;
}

static rfd_status make_verifier(struct browsing *b, struct rfd_error *error)
{
    char text[RANDOM_TEXT];
    TRY(make_random(text, error));
    rfd_status status = secret_set(&b->verifier, slice_text(text), error);
    secret_wipe(text, sizeof text);
    return status;
}

static rfd_status put_challenge(const struct browsing *b, struct buf *form, struct rfd_error *error)
{
    uint8_t hash[DIGEST_SIZE_MAXIMUM];
    struct buf text;
    TRY(digest_of(DIGEST_SHA256, secret_slice(&b->verifier), hash, error));
    buf_init(&text, RANDOM_TEXT);
    url_put_base64(&text, slice_of(hash, digest_size(DIGEST_SHA256)));
    csc_form(form, "code_challenge", buf_slice(&text));
    csc_form(form, "code_challenge_method", SLICE("S256"));
    buf_dispose(&text);
    return RFD_OK;
}

static const char *digest_oid_text(enum digest_id digest)
{
    return digest == DIGEST_SHA384   ? "2.16.840.1.101.3.4.2.2"
           : digest == DIGEST_SHA512 ? "2.16.840.1.101.3.4.2.3"
                                     : "2.16.840.1.101.3.4.2.1";
}

/** Scope "credential" (§8.3.2): which, how many, and exactly these. */
static void put_hashes(const struct browsing *b, struct buf *form)
{
    struct buf list;
    char count[16];
    buf_init(&list, FORM_MAXIMUM);
    for (size_t i = 0; i < b->consent->count; i++) {
        if (i > 0) buf_put_byte(&list, ',');
        url_put_base64(&list, b->consent->hashes[i]);
    }
    (void)snprintf(count, sizeof count, "%zu", b->consent->count);
    csc_form(form, "credentialID", slice_text(b->s->credential.id));
    csc_form(form, "numSignatures", slice_text(count));
    csc_form(form, b->s->version == 1 ? "hash" : "hashes", buf_slice(&list));
    if (b->s->version == 2) csc_form(form, "hashAlgorithmOID", slice_text(digest_oid_text(b->consent->digest)));
    buf_dispose(&list);
}

static rfd_status put_address(const struct browsing *b, struct buf *url, struct rfd_error *error)
{
    struct buf form;
    buf_init(&form, FORM_MAXIMUM);
    csc_form(&form, "response_type", SLICE("code"));
    csc_form(&form, "client_id", slice_text(b->s->arguments->csc_client));
    csc_form(&form, "redirect_uri", slice_text(b->redirect));
    csc_form(&form, "scope", b->consent->credential ? SLICE("credential") : SLICE("service"));
    csc_form(&form, "state", slice_text(b->state));
    csc_form(&form, "lang", slice_text(messages_language()));
    if (b->consent->credential) put_hashes(b, &form);
    rfd_status status = put_challenge(b, &form, error);
    if (status == RFD_OK) status = buf_check(&form, "address", error);
    buf_put_text(url, b->s->authorize);
    buf_put_byte(url, strchr(b->s->authorize, '?') == NULL ? '?' : '&');
    buf_put_slice(url, buf_slice(&form));
    buf_put_byte(url, '\0');
    buf_dispose(&form);
    return status == RFD_OK ? buf_check(url, "address", error) : status;
}

/* ---- The browser ---- */

/** Its own process, of which we wait for nothing: the address is printed as well. */
static void open_browser(const char *url)
{
    pid_t child = fork();
    if (child != 0) return;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < 3 && null >= 0; i++) (void)dup2(null, i);
    (void)execlp("xdg-open", "xdg-open", url, (char *)NULL);
    _exit(127);
}

static rfd_status read_typed(struct browsing *b, struct rfd_error *error)
{
    struct secret typed = {0};
    rfd_status status;
    (void)fprintf(stderr, "%s\n", tr(N_("Then give the address that you were sent back to:")));
    if (isatty(STDIN_FILENO) == 1)
        status = secret_prompt(&typed, tr(N_("Address")), error);
    else
        status = secret_read_file(&typed, "-", error);
    if (status == RFD_OK) status = csc_listen_take(secret_slice(&typed), b->state, &b->code, error);
    secret_dispose(&typed);
    return status;
}

static rfd_status get_code(struct browsing *b, struct rfd_error *error)
{
    struct buf url;
    buf_init(&url, 2 * FORM_MAXIMUM);
    rfd_status status = put_address(b, &url, error);
    if (status == RFD_OK) {
        (void)fprintf(stderr, "%s\n%s\n", tr(N_("Open this address in your browser and agree there:")),
                      (const char *)url.data);
        if (b->port >= 0 && isatty(STDERR_FILENO) == 1) open_browser((const char *)url.data);
        status = b->port >= 0 ? csc_listen_wait(b->port, b->redirect, b->state, &b->code, error) : read_typed(b, error);
    }
    buf_dispose(&url);
    return status;
}

/* ---- The token ---- */

static rfd_status exchange(struct browsing *b, struct secret *token, struct rfd_error *error)
{
    const struct csc_service *s = b->s;
    struct secret client_secret = {0};
    json_t *answer = NULL;
    struct buf form;
    if (s->arguments->csc_secret_file != NULL)
        TRY(secret_read_file(&client_secret, s->arguments->csc_secret_file, error));
    buf_init_secret(&form, FORM_MAXIMUM);
    csc_form(&form, "grant_type", SLICE("authorization_code"));
    csc_form(&form, "code", secret_slice(&b->code));
    csc_form(&form, "redirect_uri", slice_text(b->redirect));
    csc_form(&form, "code_verifier", secret_slice(&b->verifier));
    csc_form(&form, "client_id", slice_text(s->arguments->csc_client));
    if (client_secret.data != NULL) csc_form(&form, "client_secret", secret_slice(&client_secret));
    const struct csc_question q = {.url = s->token_url, .form = &form};
    rfd_status status = buf_check(&form, "form", error);
    if (status == RFD_OK) status = csc_http_ask(&s->http, &q, NULL, &answer, error);
    if (status == RFD_OK) status = csc_keep_token(answer, "access_token", token, error);
    json_decref(answer);
    buf_dispose(&form);
    secret_dispose(&client_secret);
    return status;
}

static rfd_status choose_redirect(struct browsing *b, struct rfd_error *error)
{
    const struct arguments *a = b->s->arguments;
    unsigned port = 0;
    b->redirect = a->csc_redirect;
    if (a->csc_no_browser) {
        if (b->redirect == NULL) b->redirect = "http://localhost/";
        return RFD_OK;
    }
    TRY(csc_listen_open(b->redirect, &b->port, &port, error));
    (void)snprintf(b->own, sizeof b->own, ANY_PORT, port);
    if (b->redirect == NULL) b->redirect = b->own;
    return RFD_OK;
}

rfd_status csc_browse(const struct csc_service *s, const struct csc_consent *consent, struct secret *token,
                      struct rfd_error *error)
{
    struct browsing b = {.s = s, .consent = consent, .port = -1};
    rfd_status status = RFD_OK;
    if (s->arguments->csc_client == NULL) return error_set(error, RFD_E_ARGUMENT, "the service wants --csc-client");
    if (s->authorize == NULL || s->token_url == NULL)
        return error_set(error, RFD_E_REMOTE_ANSWER, "it names no place where people agree");
    TRY_OUT(make_random(b.state, error));
    TRY_OUT(make_verifier(&b, error));
    TRY_OUT(choose_redirect(&b, error));
    TRY_OUT(get_code(&b, error));
    status = exchange(&b, token, error);
out:
    if (b.port >= 0) (void)close(b.port);
    secret_dispose(&b.verifier);
    secret_dispose(&b.code);
    return status;
}
