/* SPDX-License-Identifier: EUPL-1.2
 *
 * HTTP by libcurl, one handle a request. Redirects are followed here and not by libcurl, so that every hop after the
 * first can refuse addresses inside our own network: the check is on the address that is about to be connected to,
 * after name resolution, so that a name cannot be swapped in between. Proxies of the environment are honoured; one on a
 * private address therefore ends redirects, since what lies behind it cannot be checked.
 */
#include "pki/fetch.h"

#include "base/error.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/socket.h>

enum {
    MAXIMUM_DEFAULT = 16 << 20,
    TIMEOUT_DEFAULT = 20000, /* milliseconds */
    CONNECT_TIMEOUT = 5000,
    SLOW_BYTES = 64, /* a second, */
    SLOW_SECONDS = 10,
    REDIRECTS_MAXIMUM = 3,
    TEXT_SIZE = 200
};

struct transfer {
    CURL *curl;
    struct curl_slist *headers;
    const struct fetch_request *request;
    struct buf *answer;
    size_t start; /* what was in `answer` before */
    size_t maximum;
    bool redirected; /* an address of ours is forbidden from now on */
    bool forbidden;
    bool too_large;
    rfd_status stored; /* of `answer`, when its memory or maximum ended */
};

static pthread_once_t initialised = PTHREAD_ONCE_INIT;
static CURLcode initialise_result = CURLE_FAILED_INIT;

static void initialise(void)
{
    initialise_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- The address for error texts --------------------------------------------------------------------------------- */

/* "scheme://host:port" only: userinfo and query may hold secrets. */
static const char *safe_url(const char *url, char text[TEXT_SIZE])
{
    CURLU *parsed = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    (void)snprintf(text, TEXT_SIZE, "the address");
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        bool has_port = curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK;
        (void)snprintf(text, TEXT_SIZE, "%s://%s%s%s", scheme, host, has_port ? ":" : "", has_port ? port : "");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return text;
}

/* --- Called by libcurl ------------------------------------------------------------------------------------------- */

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t length = size * count; /* libcurl: size is 1 */
    if (length > t->maximum - (t->answer->length - t->start)) {
        t->too_large = true;
        return 0;
    }
    buf_put(t->answer, data, length);
    t->stored = buf_status(t->answer);
    return t->stored == RFD_OK ? length : 0;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *t = context;
    (void)purpose;
    if (t->redirected && fetch_address_is_internal(&address->addr)) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* --- One request ------------------------------------------------------------------------------------------------- */

static bool add_header(struct transfer *t, const char *name, const char *value)
{
    char line[TEXT_SIZE];
    if (value == NULL) return true;
    int length = snprintf(line, sizeof line, "%s: %s", name, value);
    if (length < 0 || (size_t)length >= sizeof line) return false;
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (longer != NULL) t->headers = longer;
    return longer != NULL;
}

#define SET(option, value) (curl_easy_setopt(t->curl, option, value) == CURLE_OK)

static bool set_limits(struct transfer *t)
{
    long timeout = t->request->timeout > 0 ? t->request->timeout : (long)TIMEOUT_DEFAULT;
    long connect = timeout < CONNECT_TIMEOUT ? timeout : (long)CONNECT_TIMEOUT;
    return SET(CURLOPT_NOSIGNAL, 1L) && SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(CURLOPT_CONNECTTIMEOUT_MS, connect) && SET(CURLOPT_TIMEOUT_MS, timeout) &&
           SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES) && SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
}

static bool set_request(struct transfer *t)
{
    char agent[64];
    const struct fetch_request *r = t->request;
    (void)snprintf(agent, sizeof agent, "Refrenda/%s", rfd_version());
    if (!SET(CURLOPT_USERAGENT, agent) || !SET(CURLOPT_WRITEFUNCTION, take_body) || !SET(CURLOPT_WRITEDATA, t) ||
        !SET(CURLOPT_OPENSOCKETFUNCTION, open_socket) || !SET(CURLOPT_OPENSOCKETDATA, t)) {
        return false;
    }
    if (!add_header(t, "Accept", r->accept)) return false;
    if (r->body.length > 0) {
        /* "Expect:" off: small bodies, and many responders do not know it. */
        if (!add_header(t, "Content-Type", r->content_type) || !add_header(t, "Expect", "")) return false;
        if (!SET(CURLOPT_POST, 1L) || !SET(CURLOPT_POSTFIELDS, r->body.data) ||
            !SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.length)) {
            return false;
        }
    }
    return SET(CURLOPT_HTTPHEADER, t->headers);
}

/* The address of the hop at hand, fit for an error text. */
static const char *where(const struct transfer *t, char text[TEXT_SIZE])
{
    const char *url = NULL;
    (void)curl_easy_getinfo(t->curl, CURLINFO_EFFECTIVE_URL, &url);
    return safe_url(url == NULL ? "" : url, text);
}

static rfd_status failure(const struct transfer *t, CURLcode code, struct rfd_error *error)
{
    char text[TEXT_SIZE];
    if (code == CURLE_OUT_OF_MEMORY || t->stored == RFD_E_MEMORY) return error_memory(error);
    (void)where(t, text);
    if (t->forbidden) {
        return error_set(error, RFD_E_NETWORK_FORBIDDEN, "redirected to %s, which is inside a private network", text);
    }
    if (t->too_large || t->stored != RFD_OK) {
        return error_set(error, RFD_E_LIMIT, "%s: the answer is larger than %zu bytes", text,
                         t->too_large ? t->maximum : t->answer->maximum);
    }
    /* libcurl says so of HTTP/0.9 answers as well. */
    if (code == CURLE_UNSUPPORTED_PROTOCOL && strncmp(text, "http", 4) != 0) {
        return error_set(error, RFD_E_NETWORK_FORBIDDEN, "%s: only http and https are fetched", text);
    }
    /* libcurl's fixed sentence: its longer message may repeat the address with its password. */
    return error_set(error, RFD_E_NETWORK, "%s: %s", text, curl_easy_strerror(code));
}

/* One hop. `*next` becomes the address to go on to, or NULL; it lives until the next hop begins. */
static rfd_status hop(struct transfer *t, const char *url, const char **next, struct rfd_error *error)
{
    char text[TEXT_SIZE];
    long http = 0;
    char *redirect = NULL;
    t->answer->length = t->start;
    if (!SET(CURLOPT_URL, url) || !SET(CURLOPT_FRESH_CONNECT, t->redirected ? 1L : 0L)) return error_memory(error);
    CURLcode code = curl_easy_perform(t->curl);
    if (code != CURLE_OK) return failure(t, code, error);
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
    if (t->request->http_status != NULL) *t->request->http_status = http;
    (void)curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &redirect);
    /* 303 would have us GET something else than the answer to what was posted (RFC 9110 §15.4.4). */
    bool moved =
        http == 301 || http == 302 || http == 307 || http == 308 || (http == 303 && t->request->body.length == 0);
    *next = moved ? redirect : NULL;
    if (http == 200 || *next != NULL) return RFD_OK;
    return error_set(error, RFD_E_NETWORK, "%s: HTTP status %ld", where(t, text), http);
}
#undef SET

static rfd_status follow(struct transfer *t, struct rfd_error *error)
{
    char text[TEXT_SIZE];
    const char *url = t->request->url;
    for (int hops = 0; hops <= REDIRECTS_MAXIMUM; hops++) {
        t->redirected = hops > 0;
        TRY(hop(t, url, &url, error));
        if (url == NULL) return RFD_OK;
    }
    return error_set(error, RFD_E_NETWORK, "%s: more than %d redirects", where(t, text), REDIRECTS_MAXIMUM);
}

static rfd_status fetch_by_curl(const struct fetch_request *request, size_t maximum, struct buf *answer,
                                struct rfd_error *error)
{
    struct transfer t = {.request = request, .answer = answer, .start = answer->length, .maximum = maximum};
    rfd_status status;
    (void)pthread_once(&initialised, initialise);
    if (initialise_result != CURLE_OK) return error_set(error, RFD_E_NETWORK, "libcurl cannot be initialised");
    t.curl = curl_easy_init();
    if (t.curl == NULL) return error_memory(error);
    if (set_limits(&t) && set_request(&t)) {
        status = follow(&t, error);
    } else {
        status = error_set(error, RFD_E_INTERNAL, "libcurl refuses an option");
    }
    curl_slist_free_all(t.headers);
    curl_easy_cleanup(t.curl);
    return status;
}

/* --- Somebody else's fetcher ------------------------------------------------------------------------------------- */

static rfd_status fetch_by_other(const struct rfd_fetcher *fetcher, const struct fetch_request *request, size_t maximum,
                                 struct buf *answer, struct rfd_error *error)
{
    rfd_bytes bytes = {0};
    TRY(fetcher->fetch(fetcher->context, request->url, request->body, request->content_type, request->accept, maximum,
                       &bytes, error));
    rfd_status status = RFD_OK;
    if (bytes.length > maximum) {
        status = error_set(error, RFD_E_LIMIT, "the answer is larger than %zu bytes", maximum);
    } else {
        buf_put_slice(answer, slice_bytes(bytes));
        status = buf_check(answer, "answer", error);
    }
    rfd_bytes_free(&bytes);
    return status;
}

rfd_status fetch(const struct rfd_fetcher *fetcher, const struct fetch_request *request, struct buf *answer,
                 struct rfd_error *error)
{
    size_t maximum = request->maximum == 0 ? (size_t)MAXIMUM_DEFAULT : request->maximum;
    size_t start = answer->length;
    rfd_status status = fetcher != NULL ? fetch_by_other(fetcher, request, maximum, answer, error)
                                        : fetch_by_curl(request, maximum, answer, error);
    if (status != RFD_OK) answer->length = start;
    return status;
}
