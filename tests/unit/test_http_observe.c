/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is counted and logged of requests.
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
#include <unistd.h>

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

static void test_failures(void **state)
{
    int ends[2];
    char line[2048];
    struct http_request request = {.id = "0123456789abcdef", .method = HTTP_POST};
    struct http_log log = {.request = &request, .status = 404, .error = RFD_E_NOT_FOUND};
    (void)state;
    assert_true(http_address_parse(SLICE("2001:db8:1:2ff::7"), &request.client));
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_INFO, "p");
    http_observe_failure(NULL, &log);
    assert_int_equal(read(ends[0], line, sizeof line), -1);
    log.status = 500;
    for (int i = 0; i < 100; i++) http_observe_failure(NULL, &log);
    ssize_t got = read(ends[0], line, sizeof line - 1);
    log_open(-1, LOG_FORMAT_TEXT, LOG_WARNING, "p");
    assert_true(got > 0);
    line[got] = '\0';
    assert_non_null(strstr(line, " warning p http: answered "));
    assert_non_null(strstr(line, " client=2001:db8:1:200::/56 "));
    if (strchr(line, '\n') != line + got - 1) print_message("it took more than a second: %s", line);
    assert_counted("refrenda_http_requests_total{process=\"p\",status=\"5xx\"} 101\n");
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_requests), cmocka_unit_test(test_failures),
                                       cmocka_unit_test(test_events), cmocka_unit_test(test_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
