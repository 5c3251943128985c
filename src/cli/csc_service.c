/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a signing service says of itself (CSC API 1.0.4 and 2.0 §11.1), and the addresses that follow from it.
 */
#include "base/error.h"
#include "cli/csc.h"
#include "cli/messages.h"

enum { ARENA_MAXIMUM = 8 << 20, ADDRESS_MAXIMUM = 2048, METHODS_MAXIMUM = 64, NOT_FOUND = 404 };

/* ---- Asking ---- */

rfd_status csc_call(const struct csc_service *s, const char *method, json_t *body, const struct secret *bearer,
                    long *http, json_t **out, struct rfd_error *error)
{
    struct buf url;
    if (body == NULL) return error_memory(error);
    buf_init(&url, 2 * ADDRESS_MAXIMUM);
    buf_print(&url, "%s/%s", s->base, method);
    buf_put_byte(&url, '\0');
    rfd_status status = buf_check(&url, "address", error);
    if (status == RFD_OK) {
        const struct csc_question q = {.url = (const char *)url.data,
                                       .json = body,
                                       .bearer = bearer != NULL ? secret_slice(bearer) : secret_slice(&s->token)};
        status = csc_http_ask(&s->http, &q, http, out, error);
    }
    buf_dispose(&url);
    json_decref(body);
    return status;
}

rfd_status csc_keep_token(const json_t *answer, const char *name, struct secret *out, struct rfd_error *error)
{
    enum { TOKEN_MAXIMUM = 8 << 10 };
    const char *text = csc_text(answer, name, TOKEN_MAXIMUM);
    if (text == NULL || text[0] == '\0') return error_set(error, RFD_E_REMOTE_ANSWER, "it has no %s", name);
    return secret_set(out, slice_text(text), error);
}

rfd_status csc_secret(const char *file, const char *option, const char *question, struct secret *out,
                      struct rfd_error *error)
{
    if (file != NULL) return secret_read_file(out, file, error);
    rfd_status status = secret_prompt(out, question, error);
    if (status != RFD_E_IO_READ) return status;
    return error_set(error, RFD_E_ARGUMENT, "there is no terminal to ask on: %s", option);
}

/* ---- info ---- */

static bool has_text(const json_t *list, const char *wanted)
{
    for (size_t i = 0; i < json_array_size(list) && i < METHODS_MAXIMUM; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL && strcmp(text, wanted) == 0) return true;
    }
    return false;
}

static const char *join(struct csc_service *s, const char *base, const char *more, struct rfd_error *error)
{
    size_t length = strlen(base);
    while (length > 0 && base[length - 1] == '/') length--;
    const char *made = arena_print(&s->arena, "%.*s%s", (int)length, base, more);
    if (made == NULL) (void)arena_failed(&s->arena, error);
    return made;
}

/** An address that the service named: that it is none is the service's mistake, not that of who calls. */
static rfd_status check_named(const char *url, const char *name, struct rfd_error *error)
{
    if (csc_http_check(url, error) == RFD_OK) return RFD_OK;
    return error_set(error, RFD_E_REMOTE_ANSWER, "%s: an address that nobody may be asked at", name);
}

/** "[oauth2]/oauth2/authorize" (§8.3); some services name the folder itself. */
static rfd_status take_base(struct csc_service *s, const char *base, struct rfd_error *error)
{
    slice text = slice_text(base);
    while (slice_ends(text, SLICE("/"))) text.length--;
    bool whole = slice_ends(text, SLICE("/oauth2"));
    TRY(check_named(base, "oauth2", error));
    s->authorize = join(s, base, whole ? "/authorize" : "/oauth2/authorize", error);
    s->token_url = join(s, base, whole ? "/token" : "/oauth2/token", error);
    return s->authorize == NULL || s->token_url == NULL ? arena_failed(&s->arena, error) : RFD_OK;
}

static rfd_status keep_address(struct csc_service *s, const json_t *object, const char *name, const char **out,
                               struct rfd_error *error)
{
    const char *text = csc_text(object, name, ADDRESS_MAXIMUM);
    if (text == NULL) return error_set(error, RFD_E_REMOTE_ANSWER, "its metadata has no %s", name);
    TRY(check_named(text, name, error));
    *out = arena_text(&s->arena, slice_text(text));
    return *out == NULL ? arena_failed(&s->arena, error) : RFD_OK;
}

/** RFC 8414 §3: the well-known name goes between host and path; what it says must be of this issuer. */
static rfd_status take_issuer(struct csc_service *s, const char *issuer, struct rfd_error *error)
{
    json_t *answer = NULL;
    TRY(check_named(issuer, "oauth2Issuer", error));
    const char *host = strstr(issuer, "://") + 3;
    size_t head = (size_t)(host - issuer) + strcspn(host, "/");
    slice path = slice_text(issuer + head);
    while (slice_ends(path, SLICE("/"))) path.length--;
    const char *url = arena_print(&s->arena, "%.*s/.well-known/oauth-authorization-server%.*s", (int)head, issuer,
                                  (int)path.length, (const char *)path.data);
    if (url == NULL) return arena_failed(&s->arena, error);
    const struct csc_question q = {.url = url};
    TRY(csc_http_ask(&s->http, &q, NULL, &answer, error));
    const char *named = csc_text(answer, "issuer", ADDRESS_MAXIMUM);
    rfd_status status = named != NULL && strcmp(named, issuer) == 0
                            ? RFD_OK
                            : error_set(error, RFD_E_REMOTE_ANSWER, "its metadata is of another issuer");
    if (status == RFD_OK) status = keep_address(s, answer, "token_endpoint", &s->token_url, error);
    /* Who has no people in browsers need not name where they agree (RFC 8414 §2). */
    if (status == RFD_OK && (s->browser || json_object_get(answer, "authorization_endpoint") != NULL))
        status = keep_address(s, answer, "authorization_endpoint", &s->authorize, error);
    json_decref(answer);
    return status;
}

static rfd_status take_info(struct csc_service *s, const json_t *info, struct rfd_error *error)
{
    const json_t *ways = json_object_get(info, "authType");
    const json_t *methods = json_object_get(info, "methods");
    const char *specs = csc_text(info, "specs", 32);
    const char *base = csc_text(info, "oauth2", ADDRESS_MAXIMUM);
    const char *issuer = csc_text(info, "oauth2Issuer", ADDRESS_MAXIMUM);
    if (specs == NULL || (specs[0] != '1' && specs[0] != '2') || specs[1] != '.')
        return error_set(error, RFD_E_REMOTE_ANSWER, "info: no version 1 or 2 of the interface");
    s->version = (unsigned)(specs[0] - '0');
    if (!has_text(methods, "signatures/signHash") || !has_text(methods, "credentials/info"))
        return error_set(error, RFD_E_UNSUPPORTED, "the service does not sign hashes");
    s->client_credentials = has_text(ways, "oauth2client");
    s->browser = has_text(ways, "oauth2code");
    s->login = has_text(ways, "basic");
    if (issuer != NULL) return take_issuer(s, issuer, error);
    return base != NULL ? take_base(s, base, error) : RFD_OK;
}

/** The address may be of the service, of the interface, or of one of its versions. */
static rfd_status find_info(struct csc_service *s, json_t **info, struct rfd_error *error)
{
    static const char *const below[] = {"", "/v2", "/v1", "/csc/v2", "/csc/v1"};
    rfd_status status = RFD_OK;
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        long http = 0;
        error_clear(error);
        s->base = join(s, s->arguments->csc, below[i], error);
        if (s->base == NULL) return arena_failed(&s->arena, error);
        status = csc_call(s, "info", json_object(), NULL, &http, info, error);
        if (status == RFD_OK && csc_text(*info, "specs", 32) != NULL) return RFD_OK;
        json_decref(*info);
        *info = NULL;
        if (status != RFD_OK && http != NOT_FOUND) return status;
    }
    return status != RFD_OK ? status : error_set(error, RFD_E_REMOTE_ANSWER, "info: it does not say its version");
}

rfd_status csc_open(const struct arguments *a, struct csc_service *s, struct rfd_error *error)
{
    json_t *info = NULL;
    *s = (struct csc_service){.arguments = a, .http = {.authorities = a->csc_authorities}};
    csc_http_start();
    arena_init(&s->arena, ARENA_MAXIMUM);
    TRY(csc_http_check(a->csc, error));
    TRY(find_info(s, &info, error));
    rfd_status status = take_info(s, info, error);
    json_decref(info);
    return status;
}

void csc_close(struct csc_service *s)
{
    secret_dispose(&s->client_secret);
    secret_dispose(&s->token);
    secret_dispose(&s->pin);
    certificate_unref(s->credential.certificate);
    buf_dispose(&s->credential.chain);
    arena_dispose(&s->arena);
}
