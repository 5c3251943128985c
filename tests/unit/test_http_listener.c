/* SPDX-License-Identifier: EUPL-1.2
 *
 * Starting and stopping, without memory and with wrong options; an answer of each kind over a Unix socket. What needs
 * many clients is in tests/scenario/22-http.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "http/listener.h"
#include "http/response.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "test_http_listener.socket"

static rfd_status greet(struct http_request *request, struct http_response *response, void *context,
                        struct rfd_error *error)
{
    (void)error;
    (void)context;
    http_response_etag(response, SLICE("a-1"));
    http_response_body(response, "text/plain", arena_copy(request->arena, SLICE("hello")));
    return RFD_OK;
}

static rfd_status fail_on_purpose(struct http_request *request, struct http_response *response, void *context,
                                  struct rfd_error *error)
{
    (void)request;
    (void)context;
    http_response_header(response, "X-Half-Made", SLICE("yes"));
    return error_set(error, RFD_E_STORE_CONFLICT, "the \"detail\"");
}

static rfd_status want_too_much(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error)
{
    (void)context;
    (void)error;
    http_response_body(response, "text/plain", arena_copy(request->arena, SLICE("x")));
    for (int i = 0; i < HTTP_RESPONSE_HEADERS + 1; i++) http_response_header(response, "X-Many", SLICE("y"));
    return RFD_OK;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/now", 0, HTTP_IMMEDIATE, greet, "now"},
    {HTTP_GET, "/pool", 0, 0, greet, "pool"},
    {HTTP_GET, "/fail", 0, 0, fail_on_purpose, "fail"},
    {HTTP_GET, "/much", 0, 0, want_too_much, "much"},
};

static const char *const addresses[] = {"unix:" SOCKET};

static struct http_router *make_router(void)
{
    struct http_router *router = NULL;
    assert_int_equal(http_router_new(routes, sizeof routes / sizeof *routes, &router, NULL), RFD_OK);
    return router;
}

/** The whole answer to one request on a connection of its own. */
static void ask(const char *request, char *answer, size_t size)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    size_t length = 0;
    ssize_t got = 1;
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while (got > 0 && length + 1 < size) {
        got = read(fd, answer + length, size - 1 - length);
        if (got > 0) length += (size_t)got;
    }
    answer[length] = '\0';
    (void)close(fd);
}

static void assert_answer(const char *path, const char *more, const char *status, const char *holds)
{
    char request[256];
    char answer[4096];
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, more);
    ask(request, answer, sizeof answer);
    assert_memory_equal(answer, status, strlen(status));
    if (strstr(answer, holds) == NULL) fail_msg("%s: %s", path, answer);
    assert_null(strstr(answer, "X-Half-Made"));
}

static void test_answers(void **state)
{
    struct http_router *router = make_router();
    struct http_listener *listener = NULL;
    struct rfd_language *language = NULL;
    (void)state;
    assert_int_equal(rfd_language_open("es", NULL, &language, NULL), RFD_OK);
    const struct rfd_language *languages[] = {language};
    struct http_options options = {.addresses = addresses,
                                   .address_count = 1,
                                   .router = router,
                                   .threads = 1,
                                   .languages = languages,
                                   .language_count = 1};
    assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_OK);
    assert_int_equal(http_listener_port(listener, 0), 0);
    assert_answer("/now", "", "HTTP/1.1 200 ", "\r\n\r\nhello");
    assert_answer("/pool", "", "HTTP/1.1 200 ", "ETag: \"a-1\"\r\n");
    assert_answer("/pool", "If-None-Match: \"a-1\"\r\n", "HTTP/1.1 304 ", "ETag: \"a-1\"\r\n");
    assert_answer("/fail", "", "HTTP/1.1 409 ", "\"code\":\"store-conflict\",\"detail\":\"the \\\"detail\\\"\"");
    assert_answer("/fail", "", "HTTP/1.1 409 ", "Content-Language: es\r\n");
    assert_answer("/much", "", "HTTP/1.1 500 ", "application/problem+json");
    http_listener_stop(listener, 1);
    http_router_free(router);
    rfd_language_close(language);
}

static void test_options_that_are_wrong(void **state)
{
    static const char *const bad[] = {
        "",       "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "[::1]", "[::1:80",
        "::1:80", "unix:",        "fd:",       "fd:0",       "fd:100000",       "fd:-1"};
    struct http_router *router = make_router();
    struct http_listener *listener = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_options options = {.addresses = &bad[i], .address_count = 1, .router = router};
        assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_E_ARGUMENT);
    }
    const char *nowhere = "unix:/nowhere/at/all";
    struct http_options options = {.addresses = &nowhere, .address_count = 1, .router = router};
    assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_E_NETWORK);
    const char *proxy = "10.0.0.0/40";
    options = (struct http_options){
        .addresses = addresses, .address_count = 1, .router = router, .proxies = &proxy, .proxy_count = 1};
    assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_E_ARGUMENT);
    options = (struct http_options){.router = router};
    assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_E_ARGUMENT);
    assert_null(listener);
    http_router_free(router);
}

static void test_without_memory(void **state)
{
    struct http_router *router = make_router();
    bool started = false;
    (void)state;
    for (unsigned long n = 1; n < 40 && !started; n++) {
        struct http_listener *listener = NULL;
        struct http_options options = {.addresses = addresses, .address_count = 1, .router = router, .threads = 1};
        (void)memory_fail_after(n);
        rfd_status status = http_listener_start(&options, &listener, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        started = status == RFD_OK;
        http_listener_stop(listener, 0);
    }
    assert_true(started);
    http_router_free(router);
}

static void test_prepared(void **state)
{
    struct http_prepared_options options = {
        .content_type = "text/plain", .body = SLICE("x"), .last_modified = RFD_TIME_NONE, .expires = RFD_TIME_NONE};
    struct http_prepared *prepared = NULL;
    char tag[100];
    (void)state;
    memset(tag, 'a', sizeof tag);
    assert_int_equal(http_prepared_new(&options, &prepared, NULL), RFD_OK);
    http_prepared_release(http_prepared_hold(prepared));
    http_prepared_release(prepared);
    http_prepared_release(NULL);
    prepared = NULL;
    options.etag = slice_of(tag, sizeof tag);
    assert_int_equal(http_prepared_new(&options, &prepared, NULL), RFD_E_ARGUMENT);
    assert_null(prepared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_options_that_are_wrong),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_prepared),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(SOCKET);
    return failed;
}
