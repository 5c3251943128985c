/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that come later: from any thread, before or after the handler has returned, for clients that have gone, and
 * when the listener does not wait for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "http/listener.h"
#include "http/response.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "test_http_later.socket"
enum { SHELF = 256, CLIENTS = 4, ROUNDS = 150, PATIENCE = 60000 /* milliseconds */ };

/** What handlers took, for the tests' threads to answer. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_later *taken[SHELF];
    size_t count;
    bool ending;
} shelf = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
static atomic_uint taken, ended, unanswered;

static void answer(struct http_later *later, const char *text)
{
    struct http_response *response = http_later_response(later);
    http_response_header(response, "X-Later", SLICE("yes"));
    http_response_body(response, "text/plain", arena_copy(response->arena, slice_text(text)));
    http_later_done(later, NULL);
}

static void put(struct http_later *later)
{
    (void)pthread_mutex_lock(&shelf.lock);
    shelf.taken[shelf.count++] = later;
    atomic_fetch_add(&taken, 1);
    (void)pthread_cond_broadcast(&shelf.changed);
    (void)pthread_mutex_unlock(&shelf.lock);
}

/** The next, or NULL when there is none and none will come. */
static struct http_later *take(void)
{
    (void)pthread_mutex_lock(&shelf.lock);
    while (shelf.count == 0 && !shelf.ending) (void)pthread_cond_wait(&shelf.changed, &shelf.lock);
    struct http_later *later = shelf.count == 0 ? NULL : shelf.taken[--shelf.count];
    (void)pthread_mutex_unlock(&shelf.lock);
    return later;
}

static rfd_status on_later(struct http_request *request, struct http_response *response, void *context,
                           struct rfd_error *error)
{
    struct http_later *later = http_request_later(request);
    (void)response;
    (void)context;
    if (later == NULL) return error_set(error, RFD_E_BUSY, "stopping");
    if (http_request_later(request) != NULL) abort();
    put(later);
    return RFD_OK;
}

static rfd_status on_soon(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    struct http_later *later = http_request_later(request);
    (void)response;
    (void)context;
    if (later == NULL) return error_set(error, RFD_E_BUSY, "stopping");
    answer(later, "soon");
    return RFD_OK;
}

/** Not for handlers that may block anyway. */
static rfd_status on_pool(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)context;
    (void)error;
    http_response_body(response, "text/plain", http_request_later(request) == NULL ? SLICE("none") : SLICE("one"));
    return RFD_OK;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/later", 0, HTTP_IMMEDIATE, on_later, "later"},
    {HTTP_POST, "/later", 1000, HTTP_IMMEDIATE, on_later, "later"},
    {HTTP_GET, "/soon", 0, HTTP_IMMEDIATE, on_soon, "soon"},
    {HTTP_GET, "/pool", 0, 0, on_pool, "pool"},
};

static void log_request(void *context, const struct http_log *log)
{
    (void)context;
    if (log->status == 0) atomic_fetch_add(&unanswered, 1);
    atomic_fetch_add(&ended, 1);
}

struct stage {
    struct http_router *router;
    struct http_listener *listener;
};

static struct stage open_stage(unsigned threads)
{
    static const char *const addresses[] = {"unix:" SOCKET};
    struct stage stage = {0};
    assert_int_equal(http_router_new(routes, sizeof routes / sizeof *routes, &stage.router, NULL), RFD_OK);
    struct http_options options = {
        .addresses = addresses, .address_count = 1, .router = stage.router, .threads = threads, .log = log_request};
    assert_int_equal(http_listener_start(&options, &stage.listener, NULL), RFD_OK);
    shelf.count = 0;
    atomic_store(&taken, 0);
    shelf.ending = false;
    atomic_store(&ended, 0);
    atomic_store(&unanswered, 0);
    return stage;
}

static void close_stage(struct stage *stage, unsigned seconds)
{
    http_listener_stop(stage->listener, seconds);
    http_router_free(stage->router);
}

static int send_request(const char *request)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    return fd;
}

/** Until the other end closes, or `end` has come. */
static void receive(int fd, const char *end, char *text, size_t size)
{
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length + 1 < size && (length == 0 || end == NULL || strstr(text, end) == NULL)) {
        got = read(fd, text + length, size - 1 - length);
        if (got > 0) length += (size_t)got;
        text[length] = '\0';
    }
    text[length] = '\0';
}

static void assert_receives(int fd, const char *status, const char *holds)
{
    char text[4096];
    receive(fd, holds, text, sizeof text);
    if (strncmp(text, status, strlen(status)) != 0 || strstr(text, holds) == NULL) fail_msg("%s", text);
}

static void wait_for(atomic_uint *counter, unsigned value)
{
    for (int i = 0; i < PATIENCE && atomic_load(counter) < value; i++) (void)usleep(1000);
    assert_true(atomic_load(counter) >= value);
}

#define GET(path)   "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define CLOSE(path) "GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void test_answers(void **state)
{
    struct stage stage = open_stage(1);
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    int fd = send_request(GET("/later"));
    answer(take(), "late");
    assert_receives(fd, "HTTP/1.1 200 ", "X-Later: yes\r\n");
    assert_int_equal(write(fd, CLOSE("/later"), strlen(CLOSE("/later"))), (ssize_t)strlen(CLOSE("/later")));
    (void)error_set(&error, RFD_E_NOT_FOUND, "a detail");
    http_later_done(take(), &error);
    assert_receives(fd, "HTTP/1.1 404 ", "\"detail\":\"a detail\"");
    (void)close(fd);
    fd = send_request(CLOSE("/soon"));
    assert_receives(fd, "HTTP/1.1 200 ", "soon");
    (void)close(fd);
    fd = send_request(CLOSE("/pool"));
    assert_receives(fd, "HTTP/1.1 200 ", "none");
    (void)close(fd);
    fd = send_request("POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody");
    answer(take(), "posted");
    assert_receives(fd, "HTTP/1.1 200 ", "posted");
    (void)close(fd);
    close_stage(&stage, 1);
}

/** All rest at once on one event loop, which goes on serving others; then all are answered. */
static void test_many_rest(void **state)
{
    struct stage stage = open_stage(1);
    int fds[SHELF];
    (void)state;
    for (int i = 0; i < SHELF; i++) fds[i] = send_request(GET("/later"));
    wait_for(&taken, SHELF);
    int other = send_request(CLOSE("/soon"));
    assert_receives(other, "HTTP/1.1 200 ", "soon");
    (void)close(other);
    for (int i = 0; i < SHELF; i++) answer(take(), "together");
    for (int i = 0; i < SHELF; i++) {
        assert_receives(fds[i], "HTTP/1.1 200 ", "together");
        (void)close(fds[i]);
    }
    close_stage(&stage, 1);
}

static void test_client_goes(void **state)
{
    struct stage stage = open_stage(1);
    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = send_request(GET("/later"));
        struct http_later *later = take();
        (void)close(fd);
        answer(later, "to nobody");
    }
    wait_for(&ended, 20);
    close_stage(&stage, 1);
    assert_int_equal(atomic_load(&ended), 20);
}

static void *stop_listener(void *context)
{
    http_listener_stop(context, 10);
    return NULL;
}

/** The listener waits; a pipelined request, too, is answered. */
static void test_stop_waits(void **state)
{
    struct stage stage = open_stage(2);
    pthread_t thread;
    (void)state;
    int fd = send_request(GET("/later") GET("/soon"));
    struct http_later *later = take();
    assert_int_equal(pthread_create(&thread, NULL, stop_listener, stage.listener), 0);
    (void)usleep(100000);
    answer(later, "waited for");
    assert_receives(fd, "HTTP/1.1 200 ", "waited for");
    (void)close(fd);
    (void)pthread_join(thread, NULL);
    http_router_free(stage.router);
}

/** The listener has gone when the answer comes: nobody gets it, and nothing of it is left. */
static void test_stop_cuts(void **state)
{
    struct stage stage = open_stage(2);
    struct http_later *later[8];
    struct rfd_error error = RFD_ERROR_INIT;
    int fds[8];
    char text[64];
    (void)state;
    for (int i = 0; i < 8; i++) {
        fds[i] = send_request(GET("/later"));
        later[i] = take();
    }
    close_stage(&stage, 0);
    assert_int_equal(atomic_load(&unanswered), 8);
    (void)error_set(&error, RFD_E_BUSY, NULL);
    for (int i = 0; i < 8; i++) {
        receive(fds[i], NULL, text, sizeof text);
        assert_string_equal(text, "");
        (void)close(fds[i]);
        if (i % 2 == 0)
            answer(later[i], "too late");
        else
            http_later_done(later[i], &error);
    }
}

static void *answer_all(void *context)
{
    (void)context;
    for (struct http_later *later; (later = take()) != NULL;) answer(later, "stress");
    return NULL;
}

static void *ask_often(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        int fd = send_request(GET("/later"));
        if (i % 3 != 0) assert_receives(fd, "HTTP/1.1 200 ", "stress");
        (void)close(fd);
    }
    return NULL;
}

static void test_many_threads(void **state)
{
    struct stage stage = open_stage(2);
    pthread_t askers[CLIENTS];
    pthread_t answerers[2];
    (void)state;
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&answerers[i], NULL, answer_all, NULL), 0);
    for (int i = 0; i < CLIENTS; i++) assert_int_equal(pthread_create(&askers[i], NULL, ask_often, NULL), 0);
    for (int i = 0; i < CLIENTS; i++) (void)pthread_join(askers[i], NULL);
    http_listener_stop(stage.listener, 5);
    (void)pthread_mutex_lock(&shelf.lock);
    shelf.ending = true;
    (void)pthread_cond_broadcast(&shelf.changed);
    (void)pthread_mutex_unlock(&shelf.lock);
    for (int i = 0; i < 2; i++) (void)pthread_join(answerers[i], NULL);
    http_router_free(stage.router);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),    cmocka_unit_test(test_many_rest), cmocka_unit_test(test_client_goes),
        cmocka_unit_test(test_stop_waits), cmocka_unit_test(test_stop_cuts), cmocka_unit_test(test_many_threads),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(SOCKET);
    return failed;
}
