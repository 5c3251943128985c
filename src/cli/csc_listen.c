/* SPDX-License-Identifier: EUPL-1.2 */
#include "cli/csc_listen.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/csc_http.h"
#include "cli/messages.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_SECONDS = 300, CLIENT_MILLISECONDS = 5000, REQUEST_MAXIMUM = 16 << 10, BACKLOG = 8, REASON_MAXIMUM = 200 };

static int64_t milliseconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- The port ---- */

/** Of an address of this machine; 0 when it is none. */
static unsigned port_of(const char *redirect)
{
    CURLU *url = curl_url();
    char *host = NULL, *port = NULL, *scheme = NULL;
    uint64_t number = 0;
    if (url != NULL && csc_http_begins(redirect) && curl_url_set(url, CURLUPART_URL, redirect, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && strcmp(scheme, "http") == 0 &&
        curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        (strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0) &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        (void)number_unsigned(slice_text(port), UINT16_MAX, &number);
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
    return (unsigned)number;
}

rfd_status csc_listen_open(const char *redirect, int *descriptor, unsigned *port, struct rfd_error *error)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof own;
    const int on = 1;
    unsigned wanted = redirect == NULL ? 0 : port_of(redirect);
    if (redirect != NULL && (wanted == 0 || wanted > UINT16_MAX))
        return error_set(error, RFD_E_ARGUMENT, "--csc-redirect: %s is not of this machine; --csc-no-browser",
                         redirect);
    own.sin_port = htons((uint16_t)wanted);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)&own, sizeof own) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)&own, &length) == 0) {
        *port = ntohs(own.sin_port);
        *descriptor = fd;
        return RFD_OK;
    }
    rfd_status status = error_set(error, RFD_E_NETWORK, "port %u of this machine is not free", wanted);
    if (fd >= 0) (void)close(fd);
    return status;
}

/* ---- What came ---- */

/** The value of a parameter, decoded; NULL when it is not there. To be freed by curl_free(). */
static char *parameter(slice query, const char *name)
{
    size_t length = strlen(name);
    while (query.length > 0) {
        const uint8_t *end = memchr(query.data, '&', query.length);
        slice pair = end == NULL ? query : slice_part(query, 0, (size_t)(end - query.data));
        query = slice_from(query, pair.length + (end != NULL));
        if (pair.length <= length || memcmp(pair.data, name, length) != 0 || pair.data[length] != '=') continue;
        slice value = slice_from(pair, length + 1);
        return curl_easy_unescape(NULL, (const char *)value.data, (int)value.length, NULL);
    }
    return NULL;
}

static rfd_status refused(slice query, struct rfd_error *error)
{
    char *code = parameter(query, "error"), *why = parameter(query, "error_description");
    rfd_status status = code != NULL && strcmp(code, "access_denied") == 0 ? RFD_E_CANCELLED : RFD_E_REMOTE_REFUSED;
    bool printable = code != NULL && text_is_printable(slice_text(code)) && strlen(code) < REASON_MAXIMUM;
    bool has_why = why != NULL && text_is_printable(slice_text(why)) && strlen(why) < REASON_MAXIMUM;
    status = error_set(error, status, "%s%s%s", printable ? code : "?", has_why ? ": " : "", has_why ? why : "");
    curl_free(code);
    curl_free(why);
    return status;
}

/** `*ours` when it has the state. */
static rfd_status take_query(slice query, const char *state, bool *ours, struct secret *code, struct rfd_error *error)
{
    char *given = parameter(query, "state"), *value = parameter(query, "code");
    rfd_status status = RFD_OK;
    *ours = given != NULL && secret_equal(slice_text(given), slice_text(state));
    if (*ours && value != NULL)
        status = secret_set(code, slice_text(value), error);
    else if (*ours)
        status = refused(query, error);
    if (value != NULL) secret_wipe(value, strlen(value));
    curl_free(given);
    curl_free(value);
    return status;
}

rfd_status csc_listen_take(slice address, const char *state, struct secret *code, struct rfd_error *error)
{
    bool ours = false;
    const uint8_t *mark = memchr(address.data, '?', address.length);
    if (mark == NULL) return secret_set(code, address, error); /* the code alone; PKCE binds it to us */
    rfd_status status = take_query(slice_from(address, (size_t)(mark - address.data) + 1), state, &ours, code, error);
    return ours ? status : error_set(error, RFD_E_ARGUMENT, "the address is of another try");
}

/* ---- Connections ---- */

/** The request's first line and headers; false when it is too long or too slow. */
static bool read_request(int client, struct buf *request)
{
    int64_t until = milliseconds() + CLIENT_MILLISECONDS;
    while (request->length < 4 || memmem(request->data, request->length, "\r\n\r\n", 4) == NULL) {
        struct pollfd wait = {.fd = client, .events = POLLIN};
        int64_t left = until - milliseconds();
        char piece[1024];
        if (left <= 0 || poll(&wait, 1, (int)left) <= 0) return false;
        ssize_t got = recv(client, piece, sizeof piece, 0);
        if (got <= 0) return false;
        buf_put(request, piece, (size_t)got);
        secret_wipe(piece, sizeof piece);
        if (buf_status(request) != RFD_OK) return false;
    }
    return true;
}

/** "GET /path?query HTTP/1.1" */
static slice query_of(const struct buf *request, const char *redirect)
{
    const slice method = SLICE("GET ");
    slice line = buf_slice(request);
    const char *path = strchr(strstr(redirect, "://") + 3, '/');
    slice wanted = path == NULL ? SLICE("/") : slice_text(path);
    if (!slice_starts(line, method)) return SLICE_EMPTY;
    line = slice_from(line, method.length);
    const uint8_t *end = memchr(line.data, ' ', line.length);
    line = slice_part(line, 0, end == NULL ? 0 : (size_t)(end - line.data));
    if (!slice_starts(line, wanted) || line.length <= wanted.length || line.data[wanted.length] != '?')
        return SLICE_EMPTY;
    return slice_from(line, wanted.length + 1);
}

static void answer(int client, bool ours)
{
    struct buf page;
    const char *text =
        ours ? tr(N_("You can close this window and go back to the terminal.")) : tr(N_("Nothing is waited for here."));
    buf_init(&page, 4096);
    buf_print(&page,
              "HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
              "Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n"
              "Connection: close\r\n\r\n<!DOCTYPE html><title>Refrenda</title><p>",
              ours ? "200 OK" : "404 Not Found");
    text_put_markup(&page, slice_text(text));
    (void)send(client, page.data, page.length, MSG_NOSIGNAL);
    buf_dispose(&page);
}

rfd_status csc_listen_wait(int descriptor, const char *redirect, const char *state, struct secret *code,
                           struct rfd_error *error)
{
    int64_t until = milliseconds() + (int64_t)WAIT_SECONDS * 1000;
    rfd_status status = RFD_OK;
    bool ours = false;
    while (!ours) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        int64_t left = until - milliseconds();
        if (left <= 0) return error_set(error, RFD_E_DEADLINE, "nobody came back from the browser");
        if (poll(&wait, 1, (int)left) <= 0) continue;
        int client = accept4(descriptor, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) continue;
        struct buf request;
        buf_init_secret(&request, REQUEST_MAXIMUM);
        if (read_request(client, &request))
            status = take_query(query_of(&request, redirect), state, &ours, code, error);
        answer(client, ours);
        buf_dispose(&request);
        (void)close(client);
    }
    return status;
}
