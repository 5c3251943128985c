/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/json_http.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "jobs/this_machine.h"
#include "jobs/transfer.h"
#include "pki/fetch.h"

#include <curl/curl.h>
#include <sys/socket.h>

enum { ERROR_TEXT = 64 };

struct json_http {
    CURL *curl;
    struct json_http_service service;
    struct buf answer;
    bool guarded;   /* another host than the service's: not inside of private networks */
    bool forbidden; /* that is why it failed */
    bool too_large;
};

/* ---- libcurl's questions ---- */

static size_t keep_answer(char *data, size_t size, size_t count, void *context)
{
    struct json_http *h = context;
    size_t length = size * count;
    h->too_large = length > h->service.maximum - h->answer.length;
    if (h->too_large) return 0;
    buf_put_slice(&h->answer, slice_of(data, length));
    return buf_status(&h->answer) == RFD_OK ? length : 0;
}

static int look_at_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct json_http *h = context;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return h->service.stop != NULL && atomic_load(h->service.stop);
}

/** After names were resolved: what a name says now is what counts. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct json_http *h = context;
    (void)purpose;
    if (h->guarded && fetch_address_is_internal(&address->addr)) {
        h->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_up(struct json_http *h)
{
    CURL *c = h->curl;
    struct curl_blob authorities = {(void *)(uintptr_t)h->service.authorities.data, h->service.authorities.length,
                                    CURL_BLOB_COPY};
    const struct transfer transfer = {.look = look_at_stop,
                                      .context = h,
                                      .connect_seconds = h->service.connect_seconds,
                                      .seconds = h->service.seconds};
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

rfd_status json_http_new(const struct json_http_service *service, struct json_http **out, struct rfd_error *error)
{
    struct json_http *h = memory_zeroed(1, sizeof *h);
    if (h == NULL) return error_memory(error);
    h->service = *service;
    buf_init_secret(&h->answer, service->maximum);
    h->curl = curl_easy_init();
    if (!set_up(h)) {
        json_http_free(h);
        return error_set(error, RFD_E_NETWORK, "libcurl cannot be set up for %s", service->address);
    }
    *out = h;
    return RFD_OK;
}

void json_http_free(struct json_http *http)
{
    if (http == NULL) return;
    curl_easy_cleanup(http->curl);
    buf_dispose(&http->answer);
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

/** Whom a query asks for is nobody's business who reads the log. */
static int shown(const char *address)
{
    size_t length = strcspn(address, "?");
    return length > 200 ? 200 : (int)length;
}

static rfd_status failure(const struct json_http *h, const char *address, CURLcode result, struct rfd_error *error)
{
    if (h->forbidden)
        return error_set(error, RFD_E_NETWORK_FORBIDDEN, "%.*s is inside of a private network", shown(address),
                         address);
    if (h->too_large)
        return error_set(error, RFD_E_LIMIT, "%.*s: more than %zu octets", shown(address), address, h->service.maximum);
    return error_set(error, RFD_E_NETWORK, "%.*s: %s", shown(address), address, curl_easy_strerror(result));
}

/** The error code of RFC 6749 §5.2, when there is one fit to be shown. */
static const char *error_text(const json_t *answer)
{
    const char *text = json_string_value(json_object_get(answer, "error"));
    bool fit = text != NULL && strlen(text) <= ERROR_TEXT && text_is_printable(slice_text(text));
    return fit ? text : "no reason";
}

static rfd_status read_answer(struct json_http *h, const char *address, json_t **out, struct rfd_error *error)
{
    long code = 0;
    (void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &code);
    json_t *answer = json_loadb((const char *)h->answer.data, h->answer.length, JSON_REJECT_DUPLICATES, NULL);
    rfd_status status = RFD_OK;
    if (code == 404)
        status = error_set(error, RFD_E_NOT_FOUND, "%.*s: HTTP status 404", shown(address), address);
    else if (code != 200)
        status = error_set(error, RFD_E_NETWORK, "%.*s: HTTP status %ld, %s", shown(address), address, code,
                           error_text(answer));
    else if (!json_is_object(answer))
        status = error_set(error, RFD_E_INVALID, "%.*s: the answer is no JSON object", shown(address), address);
    if (status == RFD_OK)
        *out = answer;
    else
        json_decref(answer);
    return status;
}

static struct curl_slist *make_headers(const char *authorization)
{
    struct curl_slist *first = curl_slist_append(NULL, "Accept: application/json");
    struct curl_slist *more = first == NULL || authorization == NULL ? first : curl_slist_append(first, authorization);
    if (more == NULL) curl_slist_free_all(first);
    return more;
}

static bool prepare(struct json_http *h, const struct json_http_request *request, struct curl_slist *headers)
{
    CURL *c = h->curl;
    if (curl_easy_setopt(c, CURLOPT_URL, request->address) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) != CURLE_OK)
        return false;
    if (request->form == NULL) return curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->form->length) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_POSTFIELDS, (const char *)request->form->data) == CURLE_OK;
}

rfd_status json_http_ask(struct json_http *http, const struct json_http_request *request, json_t **out,
                         struct rfd_error *error)
{
    const char *address = request->address;
    if (strncmp(address, "https://", 8) != 0 && !is_this_machine(address))
        return error_set(error, RFD_E_NETWORK_FORBIDDEN, "%.*s is neither https nor this machine", shown(address),
                         address);
    struct curl_slist *headers = make_headers(request->authorization);
    http->guarded = !slice_equal(origin_of(address), origin_of(http->service.address));
    http->forbidden = http->too_large = false;
    rfd_status status;
    if (headers == NULL || !prepare(http, request, headers)) {
        status = error_memory(error);
        goto out;
    }
    CURLcode result = curl_easy_perform(http->curl);
    status = result == CURLE_OK ? read_answer(http, address, out, error) : failure(http, address, result, error);
out:
    (void)curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    (void)curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, NULL);
    (void)curl_easy_setopt(http->curl, CURLOPT_URL, NULL);
    curl_slist_free_all(headers);
    buf_dispose(&http->answer); /* nobody's data stay */
    return status;
}
