/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pki/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- A small server on loopback: one thread, one connection after another ------------------------------------------
 */

static int listener;
static unsigned port;
static pthread_t thread;
static char last_request[4096]; /* read by tests only after their fetch has returned */

static void send_text(int fd, const char *text)
{
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void send_answer(int fd, const char *status, const char *header, const char *body)
{
    char text[2048];
    (void)snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
                   header, strlen(body), body);
    send_text(fd, text);
}

static void redirect(int fd, const char *status, const char *to)
{
    char header[512];
    (void)snprintf(header, sizeof header, "Location: %s\r\n", to);
    send_answer(fd, status, header, "elsewhere");
}

static void serve_large(int fd)
{
    static char piece[65536];
    send_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 64; i++) {
        if (send(fd, piece, sizeof piece, MSG_NOSIGNAL) < 0) return;
    }
}

static void serve_drip(int fd)
{
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 1000; i++) {
        if (send(fd, "x", 1, MSG_NOSIGNAL) < 0) return;
        (void)usleep(50000);
    }
}

static void serve(int fd, const char *path)
{
    char text[128];
    if (strcmp(path, "/ok") == 0) {
        send_answer(fd, "200 OK", "", "an answer");
    } else if (strcmp(path, "/chunked") == 0) {
        send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    } else if (strcmp(path, "/301") == 0) {
        (void)snprintf(text, sizeof text, "http://127.0.0.1:%u/ok", port);
        redirect(fd, "301 Moved Permanently", text);
    } else if (strcmp(path, "/relative") == 0) {
        redirect(fd, "307 Temporary Redirect", "/ok");
    } else if (strcmp(path, "/mapped") == 0) {
        (void)snprintf(text, sizeof text, "http://[::ffff:127.0.0.1]:%u/ok", port);
        redirect(fd, "302 Found", text);
    } else if (strcmp(path, "/metadata") == 0) {
        redirect(fd, "308 Permanent Redirect", "http://169.254.169.254/latest");
    } else if (strcmp(path, "/decimal") == 0) {
        (void)snprintf(text, sizeof text, "http://2130706433:%u/ok", port);
        redirect(fd, "302 Found", text);
    } else if (strcmp(path, "/file") == 0) {
        redirect(fd, "302 Found", "file:///etc/passwd");
    } else if (strcmp(path, "/303") == 0) {
        redirect(fd, "303 See Other", "/ok");
    } else if (strcmp(path, "/large") == 0) {
        serve_large(fd);
    } else if (strcmp(path, "/drip") == 0) {
        serve_drip(fd);
    } else if (strcmp(path, "/short") == 0) {
        send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    } else if (strcmp(path, "/garbage") == 0) {
        send_text(fd, "\x16\x03\x01 this is no HTTP\r\n\r\n");
    } else if (strcmp(path, "/silent") != 0) {
        send_answer(fd, "404 Not Found", "", "nothing here");
    }
}

/* Head and, as Content-Length says, body. */
static void read_request(int fd)
{
    size_t used = 0, wanted = SIZE_MAX;
    while (used < wanted && used + 1 < sizeof last_request) {
        ssize_t got = recv(fd, last_request + used, sizeof last_request - 1 - used, 0);
        if (got <= 0) break;
        used += (size_t)got;
        last_request[used] = '\0';
        const char *end = strstr(last_request, "\r\n\r\n");
        const char *length = strstr(last_request, "Content-Length: ");
        unsigned body = 0;
        if (end == NULL) continue;
        if (length != NULL) (void)sscanf(length, "Content-Length: %u", &body);
        wanted = (size_t)(end - last_request) + 4 + body;
    }
    last_request[used] = '\0';
}

static void *run_server(void *unused)
{
    (void)unused;
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) return NULL;
        char path[256] = "";
        read_request(fd);
        if (sscanf(last_request, "%*15s %255s", path) == 1) serve(fd, path);
        struct pollfd p = {.fd = fd, .events = POLLRDHUP};
        if (strcmp(path, "/silent") == 0) (void)poll(&p, 1, 50000); /* until who asks hangs up */
        (void)shutdown(fd, SHUT_WR);
        (void)close(fd);
    }
}

static int set_up(void **state)
{
    (void)state;
    static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"};
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++) (void)unsetenv(proxies[i]);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) return -1;
    if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) return -1;
    port = ntohs(address.sin_port);
    return pthread_create(&thread, NULL, run_server, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    (void)shutdown(listener, SHUT_RDWR);
    (void)close(listener);
    return pthread_join(thread, NULL);
}

/* --- Fetching ------------------------------------------------------------------------------------------------------
 */

struct outcome {
    rfd_status status;
    struct rfd_error error;
    struct buf answer;
};

static void get(struct outcome *o, const char *path, struct fetch_request request)
{
    char url[256];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, path);
    request.url = url;
    *o = (struct outcome){0};
    buf_init(&o->answer, 1 << 24);
    buf_put_text(&o->answer, "kept:");
    o->status = fetch(NULL, &request, &o->answer, &o->error);
    if (o->status != RFD_OK) assert_true(slice_is(buf_slice(&o->answer), "kept:"));
}

static void assert_outcome(const char *path, struct fetch_request request, rfd_status status, const char *words)
{
    struct outcome o;
    get(&o, path, request);
    if (o.status != status || strstr(o.error.detail, words) == NULL) {
        fail_msg("%s: %s, %s", path, rfd_status_name(o.status), o.error.detail);
    }
    buf_dispose(&o.answer);
}

static void test_get(void **state)
{
    (void)state;
    struct outcome o;
    get(&o, "/ok", (struct fetch_request){.accept = "application/ocsp-response"});
    assert_int_equal(o.status, RFD_OK);
    assert_true(slice_is(buf_slice(&o.answer), "kept:an answer"));
    assert_non_null(strstr(last_request, "GET /ok HTTP/1.1\r\n"));
    assert_non_null(strstr(last_request, "User-Agent: Refrenda/"));
    assert_non_null(strstr(last_request, "Accept: application/ocsp-response\r\n"));
    assert_null(strstr(last_request, "Cookie"));
    buf_dispose(&o.answer);
    get(&o, "/chunked", (struct fetch_request){0});
    assert_true(slice_is(buf_slice(&o.answer), "kept:abcde"));
    buf_dispose(&o.answer);
}

static void test_post(void **state)
{
    (void)state;
    struct outcome o;
    get(&o, "/ok", (struct fetch_request){.body = SLICE("a question"), .content_type = "application/ocsp-request"});
    assert_int_equal(o.status, RFD_OK);
    assert_non_null(strstr(last_request, "POST /ok HTTP/1.1\r\n"));
    assert_non_null(strstr(last_request, "Content-Type: application/ocsp-request\r\n"));
    assert_non_null(strstr(last_request, "\r\n\r\na question"));
    assert_null(strstr(last_request, "Expect"));
    buf_dispose(&o.answer);
}

static void test_failures(void **state)
{
    (void)state;
    const struct fetch_request plain = {0};
    assert_outcome("/nothing", plain, RFD_E_NETWORK, "HTTP status 404");
    assert_outcome("/short", plain, RFD_E_NETWORK, "http://127.0.0.1");
    assert_outcome("/garbage", plain, RFD_E_NETWORK, "");
    assert_outcome("/large", plain, RFD_OK, "");
    assert_outcome("/large", (struct fetch_request){.maximum = 100000}, RFD_E_LIMIT, "100000");
    assert_outcome("/ok", (struct fetch_request){.maximum = 8}, RFD_E_LIMIT, "8 bytes");
    assert_outcome("/ok", (struct fetch_request){.maximum = 9}, RFD_OK, "");
    assert_outcome("/303", (struct fetch_request){.body = SLICE("x")}, RFD_E_NETWORK, "303");
}

static void test_redirects_inwards(void **state)
{
    (void)state;
    static const char *const paths[] = {"/301", "/relative", "/mapped", "/metadata", "/decimal", "/303"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_outcome(paths[i], (struct fetch_request){.timeout = 30000}, RFD_E_NETWORK_FORBIDDEN, "private network");
    }
    assert_outcome("/file", (struct fetch_request){0}, RFD_E_NETWORK_FORBIDDEN, "http");
}

static void test_time_out(void **state)
{
    (void)state;
    static const char *const paths[] = {"/drip", "/silent"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        rfd_time before = clock_now();
        assert_outcome(paths[i], (struct fetch_request){.timeout = 300}, RFD_E_NETWORK, "");
        assert_true(clock_now() - before < 30 * RFD_SECOND);
    }
}

static rfd_status fetch_url(const char *url, struct rfd_error *error)
{
    struct buf answer;
    const struct fetch_request request = {.url = url, .timeout = 30000};
    buf_init(&answer, 1 << 20);
    rfd_status status = fetch(NULL, &request, &answer, error);
    buf_dispose(&answer);
    return status;
}

static void test_addresses(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    char url[256];
    assert_int_equal(fetch_url("file:///etc/hostname", &error), RFD_E_NETWORK_FORBIDDEN);
    assert_int_equal(fetch_url("ldap://127.0.0.1/x", &error), RFD_E_NETWORK_FORBIDDEN);
    assert_int_equal(fetch_url("gopher://127.0.0.1/x", &error), RFD_E_NETWORK_FORBIDDEN);
    assert_int_equal(fetch_url("", &error), RFD_E_NETWORK);
    assert_int_equal(fetch_url("http://[::1", &error), RFD_E_NETWORK);
    assert_int_equal(fetch_url("http://127.0.0.1:1/", &error), RFD_E_NETWORK);
    (void)snprintf(url, sizeof url, "http://person:hidden@127.0.0.1:%u/nothing?token=hidden", port);
    assert_int_equal(fetch_url(url, &error), RFD_E_NETWORK);
    assert_null(strstr(error.detail, "hidden"));
    assert_null(strstr(error.detail, "person"));
    assert_int_equal(fetch_url("http://person:hidden@127.0.0.1:1/", &error), RFD_E_NETWORK);
    assert_null(strstr(error.detail, "hidden"));
    assert_int_equal(fetch_url("http://person:hidden@[::1", &error), RFD_E_NETWORK);
    assert_null(strstr(error.detail, "hidden"));
}

/* --- Internal addresses ----------------------------------------------------------------------------------------------
 */

static bool is_internal(const char *text)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return fetch_address_is_internal((const struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return fetch_address_is_internal((const struct sockaddr *)&v6);
}

static void test_internal_addresses(void **state)
{
    (void)state;
    static const char *const internal[] = {
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "::ffff:0:10.0.0.1",
        "2001:db8::1",
        "100::1",
    };
    static const char *const public[] = {
        "1.1.1.1",         "8.8.8.8",          "9.255.255.255",
        "11.0.0.1",        "100.63.255.255",   "100.128.0.1",
        "126.255.255.255", "128.0.0.1",        "169.253.0.1",
        "172.15.0.1",      "172.32.0.1",       "192.167.0.1",
        "192.169.0.1",     "198.17.0.1",       "198.20.0.1",
        "223.255.255.255", "2606:4700::1111",  "2001:4860:4860::8888",
        "::ffff:8.8.8.8",  "64:ff9b::808:808", "2002:808:808::1",
    };
    for (size_t i = 0; i < sizeof internal / sizeof *internal; i++) {
        if (!is_internal(internal[i])) fail_msg("%s is internal", internal[i]);
    }
    for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
        if (is_internal(public[i])) fail_msg("%s is public", public[i]);
    }
    const struct sockaddr other = {.sa_family = AF_UNIX};
    assert_true(fetch_address_is_internal(&other));
}

/* --- Somebody else's fetcher
 * ------------------------------------------------------------------------------------------ */

static rfd_status other_fetch(void *context, const char *url, rfd_slice body, const char *content_type,
                              const char *accept, size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    (void)content_type;
    (void)accept;
    if (*(int *)context != 0) return error_set(error, RFD_E_OFFLINE, "%s", url);
    assert_int_equal(maximum, body.length == 0 ? 16 << 20 : 4);
    TRY(rfd_bytes_new(5, answer, error));
    memcpy(answer->data, "other", 5);
    return RFD_OK;
}

static void test_other_fetcher(void **state)
{
    (void)state;
    int fails = 0;
    const struct rfd_fetcher fetcher = {&fails, other_fetch};
    struct buf answer;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&answer, 100);
    assert_int_equal(fetch(&fetcher, &(struct fetch_request){.url = "x:y"}, &answer, &error), RFD_OK);
    assert_true(slice_is(buf_slice(&answer), "other"));
    const struct fetch_request small = {.url = "x:y", .body = SLICE("b"), .maximum = 4};
    assert_int_equal(fetch(&fetcher, &small, &answer, &error), RFD_E_LIMIT);
    fails = 1;
    assert_int_equal(fetch(&fetcher, &(struct fetch_request){.url = "x:y"}, &answer, &error), RFD_E_OFFLINE);
    assert_true(slice_is(buf_slice(&answer), "other"));
    buf_dispose(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_post),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_redirects_inwards),
        cmocka_unit_test(test_time_out),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_internal_addresses),
        cmocka_unit_test(test_other_fetcher),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
