/* SPDX-License-Identifier: EUPL-1.2
 *
 * Metrics and health over HTTP, and what is counted and logged of requests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/metrics.h"
#include "http/observe.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "test_http_observe.socket"

static atomic_bool is_ready;

static bool ready(void *context, const char **why)
{
    *why = context;
    return atomic_load(&is_ready);
}

static void assert_answer(const char *path, const char *status, const char *holds)
{
    char request[128];
    static char answer[128 * 1024];
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    size_t length = 0;
    ssize_t got = 1;
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while (got > 0) {
        got = read(fd, answer + length, sizeof answer - 1 - length);
        if (got > 0) length += (size_t)got;
    }
    (void)close(fd);
    answer[length] = '\0';
    assert_memory_equal(answer, status, strlen(status));
    if (strstr(answer, holds) == NULL) fail_msg("%s: %s", path, answer);
}

static void test_observer(void **state)
{
    static const char *const addresses[] = {"unix:" SOCKET};
    static char why[] = "the store does not answer";
    const struct http_observed observed = {.process = "web", .ready = ready, .context = why};
    struct http_observer *observer = NULL;
    (void)state;
    assert_int_equal(http_observer_start(addresses, 1, &observed, &observer, NULL), RFD_OK);
    assert_int_equal(http_observer_port(observer), 0);
    metrics_add(METRIC_ISSUED, 7);
    assert_answer("/metrics", "HTTP/1.1 200 ", "\nrefrenda_certificates_issued_total{process=\"web\"} 7\n");
    assert_answer("/metrics", "HTTP/1.1 200 ",
                  "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n");
    assert_answer("/metrics", "HTTP/1.1 200 ", "\n# EOF\n");
    assert_answer("/health/live", "HTTP/1.1 200 ", "\r\n\r\nalive\n");
    assert_answer("/health/ready", "HTTP/1.1 503 ", "\r\n\r\nthe store does not answer\n");
    atomic_store(&is_ready, true);
    assert_answer("/health/ready", "HTTP/1.1 200 ", "\r\n\r\nready\n");
    assert_answer("/other", "HTTP/1.1 404 ", "problem+json");
    http_observer_stop(observer);
    http_observer_stop(NULL);
    observer = NULL;
    static const char *const bad[] = {"nonsense"};
    assert_int_equal(http_observer_start(bad, 1, &observed, &observer, NULL), RFD_E_ARGUMENT);
    assert_null(observer);
}

static void assert_counted(const char *line)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    metrics_write("p", &text);
    if (memmem(text.data, text.length, line, strlen(line)) == NULL) fail_msg("%s", line);
    buf_dispose(&text);
}

static void test_requests(void **state)
{
    int ends[2];
    char line[2048];
    const struct http_route route = {.name = "ocsp"};
    struct http_request request = {
        .id = "0123456789abcdef", .method = HTTP_GET, .route = &route, .path = SLICE("/secret")};
    struct http_log log = {.request = &request,
                           .status = 404,
                           .error = RFD_E_NOT_FOUND,
                           .body_bytes = 5,
                           .answer_bytes = 9,
                           .duration = 300,
                           .complete = true};
    (void)state;
    assert_true(http_address_parse(SLICE("192.0.2.77"), &request.client));
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_INFO, "p");
    http_observe_request(NULL, &log);
    ssize_t got = read(ends[0], line, sizeof line - 1);
    assert_true(got > 24);
    line[got] = '\0';
    assert_string_equal(line + 24,
                        " info p http: answered request=0123456789abcdef client=192.0.2.0/24 method=GET route=ocsp "
                        "status=404 error=not-found microseconds=300 received=5 sent=9 complete=yes\n");
    request.route = NULL;
    request.client = (struct http_address){.family = HTTP_UNIX};
    log.status = 0;
    http_observe_request(NULL, &log);
    got = read(ends[0], line, sizeof line - 1);
    assert_true(got > 24);
    line[got] = '\0';
    assert_non_null(strstr(line, "the client went before the answer"));
    assert_non_null(strstr(line, " client=unix method=GET route=- status=0 "));
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_WARNING, "p");
    log.status = 200;
    http_observe_request(NULL, &log);
    assert_int_equal(read(ends[0], line, sizeof line), -1);
    log.status = 500;
    http_observe_request(NULL, &log);
    assert_true(read(ends[0], line, sizeof line) > 0);
    log_open(-1, LOG_FORMAT_TEXT, LOG_WARNING, "p");
    assert_counted("refrenda_http_requests_total{process=\"p\",status=\"4xx\"} 1\n");
    assert_counted("refrenda_http_requests_total{process=\"p\",status=\"2xx\"} 1\n");
    assert_counted("refrenda_http_seconds_count{process=\"p\"} 3\n");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void test_events(void **state)
{
    (void)state;
    for (int i = 0; i < HTTP_EVENT_COUNT; i++)
        for (int n = 0; n <= i; n++) http_observe_event(NULL, (enum http_event)i);
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"network\"} 3\n");
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"full\"} 4\n");
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"header\"} 5\n");
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"body\"} 6\n");
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"answer\"} 7\n");
    assert_counted("refrenda_http_refused_total{process=\"p\",reason=\"busy\"} 9\n");
}

static void test_networks(void **state)
{
    static const char *const pairs[][2] = {{"192.0.2.255", "192.0.2.0/24"},
                                           {"::ffff:10.1.2.3", "10.1.2.0/24"},
                                           {"2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"}};
    char text[HTTP_NETWORK_SIZE];
    struct http_address address;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(http_address_parse(slice_text(pairs[i][0]), &address));
        assert_string_equal(http_address_network_text(&address, text), pairs[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_observer), cmocka_unit_test(test_requests),
                                       cmocka_unit_test(test_events), cmocka_unit_test(test_networks)};
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(SOCKET);
    return failed;
}
