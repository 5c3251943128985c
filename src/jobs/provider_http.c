/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/provider_http.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/url.h"
#include "jobs/this_machine.h"
#include "jobs/transfer.h"
#include "pki/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { CONNECT_SECONDS = 5, ALL_SECONDS = 10, BODY_MAXIMUM = 16 << 10, ERROR_TEXT = 64 };

struct provider_http {
    CURL *curl;
    struct provider_party party;
    struct buf answer;
    bool guarded;   /* another host than the issuer's: not inside of private networks */
    bool forbidden; /* that is why it failed */
    bool too_large;
};

/* ---- libcurl's questions ---- */

static size_t keep_answer(char *data, size_t size, size_t count, void *context)
{
    struct provider_http *h = context;
    size_t length = size * count;
    h->too_large = length > PROVIDER_HTTP_MAXIMUM - h->answer.length;
    if (h->too_large) return 0;
    buf_put_slice(&h->answer, slice_of(data, length));
    return buf_status(&h->answer) == RFD_OK ? length : 0;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct provider_http *h = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return h->party.stop != NULL && atomic_load(h->party.stop);
}

/** After names were resolved: what a name says now is what counts. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct provider_http *h = context;
    (void)purpose;
    if (h->guarded && fetch_address_is_internal(&address->addr)) {
        h->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_up(struct provider_http *h)
{
    CURL *c = h->curl;
    struct curl_blob authorities = {(void *)(uintptr_t)h->party.authorities.data, h->party.authorities.length,
                                    CURL_BLOB_COPY};
    const struct transfer transfer = {
        .look = look_at_stop, .context = h, .connect_seconds = CONNECT_SECONDS, .seconds = ALL_SECONDS};
    return c != NULL && transfer_set_up(c, &transfer) &&
           curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, h) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK && /* the guard is asked each time */
           curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           (authorities.len == 0 || curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &authorities) == CURLE_OK);
}

rfd_status provider_http_new(const struct provider_party *party, struct provider_http **out, struct rfd_error *error)
{
    struct provider_http *h = memory_zeroed(1, sizeof *h);
    if (h == NULL) return error_memory(error);
    h->party = *party;
    buf_init(&h->answer, PROVIDER_HTTP_MAXIMUM);
    h->curl = curl_easy_init();
    if (!set_up(h)) {
        provider_http_free(h);
        return error_set(error, RFD_E_NETWORK, "libcurl cannot be set up for %s", party->issuer);
    }
    *out = h;
    return RFD_OK;
}

void provider_http_free(struct provider_http *http)
{
    if (http == NULL) return;
    curl_easy_cleanup(http->curl);
    buf_dispose_secret(&http->answer);
    memory_free(http);
}

/* ---- One request ---- */

/** "https://host:port" of an address. */
static slice origin_of(const char *address)
{
    const char *host = strstr(address, "://");
    size_t length = host == NULL ? strlen(address) : (size_t)(host - address) + 3;
    return slice_of((const uint8_t *)address, length + strcspn(address + length, "/?"));
}

static rfd_status failure(const struct provider_http *h, const char *address, CURLcode result, struct rfd_error *error)
{
    if (h->forbidden) return error_set(error, RFD_E_NETWORK_FORBIDDEN, "%s is inside of a private network", address);
    if (h->too_large) return error_set(error, RFD_E_LIMIT, "%s: more than %d octets", address, PROVIDER_HTTP_MAXIMUM);
    return error_set(error, RFD_E_NETWORK, "%s: %s", address, curl_easy_strerror(result));
}

/** The error code of RFC 6749 §5.2, when there is one fit to be shown. */
static const char *error_text(const json_t *answer)
{
    const char *text = json_string_value(json_object_get(answer, "error"));
    bool fit = text != NULL && strlen(text) <= ERROR_TEXT && text_is_printable(slice_text(text));
    return fit ? text : "no reason";
}

static rfd_status ask(struct provider_http *h, const char *address, struct curl_slist *headers, json_t **out,
                      struct rfd_error *error)
{
    long code = 0;
    if (strncmp(address, "https://", 8) != 0 && !is_this_machine(address))
        return error_set(error, RFD_E_NETWORK_FORBIDDEN, "%s is neither https nor this machine", address);
    h->guarded = !slice_equal(origin_of(address), origin_of(h->party.issuer));
    h->forbidden = h->too_large = false;
    buf_reset(&h->answer);
    if (curl_easy_setopt(h->curl, CURLOPT_URL, address) != CURLE_OK ||
        curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
        return error_memory(error);
    CURLcode result = curl_easy_perform(h->curl);
    (void)curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
    if (result != CURLE_OK) return failure(h, address, result, error);
    (void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &code);
    json_t *answer = json_loadb((const char *)h->answer.data, h->answer.length, JSON_REJECT_DUPLICATES, NULL);
    rfd_status status = RFD_OK;
    if (code != 200)
        status = error_set(error, RFD_E_NETWORK, "%s: HTTP status %ld, %s", address, code, error_text(answer));
    else if (!json_is_object(answer))
        status = error_set(error, RFD_E_INVALID, "%s: the answer is no JSON object", address);
    if (status == RFD_OK)
        *out = answer;
    else
        json_decref(answer);
    return status;
}

rfd_status provider_http_get(struct provider_http *http, const char *address, json_t **out, struct rfd_error *error)
{
    if (curl_easy_setopt(http->curl, CURLOPT_HTTPGET, 1L) != CURLE_OK) return error_memory(error);
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    if (headers == NULL) return error_memory(error);
    rfd_status status = ask(http, address, headers, out, error);
    curl_slist_free_all(headers);
    return status;
}

/* ---- Codes ---- */

static void put_field(struct buf *b, const char *name, slice value)
{
    buf_print(b, "%s%s=", b->length > 0 ? "&" : "", name);
    url_put_escaped(b, value, "");
}

/** RFC 8414 §2: without a list it is the header. */
static bool wants_body(const json_t *methods)
{
    bool body = false;
    for (size_t i = 0; i < json_array_size(methods); i++) {
        const char *method = json_string_value(json_array_get(methods, i));
        if (method != NULL && strcmp(method, "client_secret_basic") == 0) return false;
        body = body || (method != NULL && strcmp(method, "client_secret_post") == 0);
    }
    return body;
}

/** RFC 6749 §2.3.1: each encoded as in a form first. */
static bool put_basic(struct buf *header, const struct provider_party *party)
{
    struct buf pair;
    buf_init(&pair, BODY_MAXIMUM);
    url_put_escaped(&pair, slice_text(party->client_id), "");
    buf_put_byte(&pair, ':');
    url_put_escaped(&pair, party->secret, "");
    buf_put_text(header, "Authorization: Basic ");
    buf_put_base64(header, buf_slice(&pair));
    bool good = buf_status(&pair) == RFD_OK;
    buf_dispose_secret(&pair);
    return good;
}

static void put_body(struct buf *body, const struct provider_party *party, const struct provider_code *code,
                     bool in_body)
{
    put_field(body, "grant_type", SLICE("authorization_code"));
    put_field(body, "code", code->code);
    put_field(body, "redirect_uri", slice_text(code->redirect));
    put_field(body, "code_verifier", code->verifier);
    if (in_body || party->secret.length == 0) put_field(body, "client_id", slice_text(party->client_id));
    if (in_body && party->secret.length > 0) put_field(body, "client_secret", party->secret);
}

static struct curl_slist *make_headers(const struct buf *authorization)
{
    struct curl_slist *first = curl_slist_append(NULL, "Accept: application/json");
    struct curl_slist *more = first == NULL || authorization->length == 0
                                  ? first
                                  : curl_slist_append(first, (const char *)authorization->data);
    if (more == NULL) curl_slist_free_all(first);
    return more;
}

rfd_status provider_http_redeem(struct provider_http *http, const struct provider_code *code, json_t **out,
                                struct rfd_error *error)
{
    struct buf header, body;
    struct curl_slist *headers = NULL;
    bool in_body = wants_body(code->methods);
    rfd_status status;
    buf_init(&header, BODY_MAXIMUM);
    buf_init(&body, BODY_MAXIMUM);
    if (!in_body && http->party.secret.length > 0) {
        if (!put_basic(&header, &http->party)) {
            status = error_memory(error);
            goto out;
        }
        buf_put_byte(&header, '\0');
    }
    put_body(&body, &http->party, code, in_body);
    TRY_OUT(buf_check(&header, "header", error));
    TRY_OUT(buf_check(&body, "request", error));
    headers = make_headers(&header);
    if (headers == NULL || curl_easy_setopt(http->curl, CURLOPT_POST, 1L) != CURLE_OK ||
        curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.length) != CURLE_OK ||
        curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, (const char *)body.data) != CURLE_OK) {
        status = error_memory(error);
        goto out;
    }
    TRY_OUT(ask(http, code->endpoint, headers, out, error));
out:
    (void)curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(headers);
    buf_dispose_secret(&body);
    buf_dispose_secret(&header);
    return status;
}

rfd_status provider_json_text(const json_t *json, struct buf *out, struct rfd_error *error)
{
    char *text = json_dumps(json, JSON_COMPACT);
    if (text == NULL) return error_memory(error);
    buf_put_text(out, text);
    free(text);
    return buf_check(out, "JSON", error);
}
