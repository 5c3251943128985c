/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log over HTTP, as a stranger sees it: answers, wrong parameters, what may be kept and for how long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/status/log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "base_support.h"
#include "domain/transparency/tree.h"
#include "domain_store.h"
#include "fake_keeper.h"
#include "log_server.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOW ((rfd_time)1795000000 * 1000000)

enum { ANSWER = 1 << 20, LEAVES = 700 };

struct world {
    struct domain_store *domain;
    struct log_server *server;
    struct buf answer;
    slice body;
};

static int start(void **state, int (*open)(void **state))
{
    struct world *w = memory_zeroed(1, sizeof *w);
    void *domain = NULL;
    (void)open(&domain);
    w->domain = domain;
    buf_init(&w->answer, ANSWER);
    *state = w;
    if (w->domain->store == NULL) return 0;
    fake_keeper_open("P-256");
    w->server = log_server_start(w->domain->store);
    return 0;
}

static int start_sqlite(void **state)
{
    return start(state, domain_store_sqlite);
}

static int start_postgresql(void **state)
{
    return start(state, domain_store_postgresql);
}

static int stop(void **state)
{
    struct world *w = *state;
    void *domain = w->domain;
    if (w->server != NULL) {
        log_server_stop(w->server);
        fake_keeper_close();
    }
    (void)domain_store_close(&domain);
    buf_dispose(&w->answer);
    memory_free(w);
    return 0;
}

static struct world *world_of(void **state)
{
    struct world *w = *state;
    if (w->server == NULL) skip();
    return w;
}

/** The status; the answer stays in `w`. `header` is one more line, or "". */
static unsigned get_with(struct world *w, const char *target, const char *header)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(w->server->port)};
    char request[1024];
    uint64_t status = 0;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    int length =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", target, header);
    assert_int_equal(write(fd, request, (size_t)length), length);
    buf_reset(&w->answer);
    for (ssize_t got = 1; got > 0;) {
        uint8_t *room = buf_reserve(&w->answer, 4096);
        assert_non_null(room);
        got = read(fd, room, 4096);
        if (got > 0) w->answer.length += (size_t)got;
    }
    (void)close(fd);
    buf_put_byte(&w->answer, 0);
    w->answer.length--;
    const char *end = strstr((const char *)w->answer.data, "\r\n\r\n");
    assert_non_null(end);
    w->body = slice_from(buf_slice(&w->answer), (size_t)(end + 4 - (const char *)w->answer.data));
    assert_true(number_unsigned(slice_part(buf_slice(&w->answer), 9, 3), 999, &status));
    return (unsigned)status;
}

static unsigned get(struct world *w, const char *target)
{
    return get_with(w, target, "");
}

static void says(const struct world *w, const char *text)
{
    if (strstr((const char *)w->answer.data, text) == NULL) fail_msg("no %s in %s", text, (const char *)w->answer.data);
}

static void test_empty(void **state)
{
    struct world *w = world_of(state);
    assert_int_equal(get(w, "/log/v1/head"), 404);
    says(w, "application/problem+json");
    assert_int_equal(get(w, "/log/v1/key"), 404);
    assert_int_equal(get(w, "/log/v1/leaves?from=0&count=10"), 200);
    assert_int_equal(w->body.length, 0);
    log_server_grow(w->server, 0, 0, NOW);
    assert_int_equal(get(w, "/log/v1/head"), 200);
    says(w, "{\"size\":0,\"timestamp\":1795000000000,"
            "\"root\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",\"algorithm\":\"");
}

static void test_head_and_key(void **state)
{
    struct world *w = world_of(state);
    char header[200];
    log_server_grow(w->server, 0, 3, NOW);
    assert_int_equal(get(w, "/log/v1/head"), 200);
    says(w, "{\"size\":3,\"timestamp\":1795000000000,\"root\":\"");
    says(w, "Cache-Control: public, max-age=5\r\n");
    says(w, "Content-Type: application/json\r\n");
    const char *tag = strstr((const char *)w->answer.data, "ETag: ");
    assert_non_null(tag);
    (void)snprintf(header, sizeof header, "If-None-Match: %.*s\r\n", (int)strcspn(tag + 6, "\r"), tag + 6);
    assert_int_equal(get_with(w, "/log/v1/head", header), 304);
    log_server_grow(w->server, 3, 4, NOW + 1000);
    assert_int_equal(get_with(w, "/log/v1/head", header), 200);
    says(w, "{\"size\":4,");
    assert_int_equal(get(w, "/log/v1/key"), 200);
    says(w, "-----BEGIN PUBLIC KEY-----");
    says(w, "max-age=3600");
}

/** Within a second the database is not asked again. */
static void test_head_is_kept(void **state)
{
    struct world *w = world_of(state);
    log_server_grow(w->server, 0, 3, NOW);
    unsigned kept = 0;
    for (unsigned tries = 0; tries < 20 && kept == 0; tries++) { /* a loaded machine may need more than a second */
        assert_int_equal(get(w, "/log/v1/head"), 200);
        domain_store_run(w->server->store, "UPDATE transparency_head SET size = size + 1");
        (void)get(w, "/log/v1/head");
        kept += strstr((const char *)w->body.data, "\"size\":3,") != NULL;
        domain_store_run(w->server->store, "UPDATE transparency_head SET size = 3");
        log_server_forget(w->server);
    }
    assert_int_equal(kept, 1);
}

static void test_proof(void **state)
{
    struct world *w = world_of(state);
    uint8_t hash[32];
    char digits[65] = "";
    char target[200];
    log_server_grow(w->server, 0, LEAVES, NOW);
    log_server_hash(300, hash);
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)digits);
    (void)snprintf(target, sizeof target, "/log/v1/proof?hash=%s&size=700", digits);
    assert_int_equal(get(w, target), 200);
    says(w, "{\"index\":300,\"size\":700,\"path\":[\"");
    says(w, "Cache-Control: public, max-age=31536000, immutable\r\n");
    (void)snprintf(target, sizeof target, "/log/v1/proof?hash=%s&size=300", digits);
    assert_int_equal(get(w, target), 404); /* it came later */
    (void)snprintf(target, sizeof target, "/log/v1/proof?hash=%s&size=701", digits);
    assert_int_equal(get(w, target), 404); /* never was */
    digits[0] = digits[0] == '0' ? '1' : '0';
    (void)snprintf(target, sizeof target, "/log/v1/proof?hash=%s&size=700", digits);
    assert_int_equal(get(w, target), 404);
    says(w, "application/problem+json");
}

static void test_consistency(void **state)
{
    struct world *w = world_of(state);
    log_server_grow(w->server, 0, LEAVES, NOW);
    assert_int_equal(get(w, "/log/v1/consistency?from=100&to=700"), 200);
    says(w, "{\"from\":100,\"to\":700,\"path\":[\"");
    says(w, "immutable");
    assert_int_equal(get(w, "/log/v1/consistency?from=700&to=700"), 200);
    says(w, "\"path\":[]}");
    assert_int_equal(get(w, "/log/v1/consistency?from=0&to=1"), 200);
    assert_int_equal(get(w, "/log/v1/consistency?from=1&to=701"), 404);
}

static void test_leaves(void **state)
{
    struct world *w = world_of(state);
    uint8_t hash[32];
    log_server_grow(w->server, 0, LEAVES, NOW);
    assert_int_equal(get(w, "/log/v1/leaves?from=10&count=20"), 200);
    says(w, "application/octet-stream");
    says(w, "immutable");
    assert_int_equal(w->body.length, 20 * 32);
    log_server_hash(29, hash);
    assert_memory_equal(w->body.data + 19 * 32, hash, 32);
    assert_int_equal(get(w, "/log/v1/leaves?from=690&count=10000"), 200);
    assert_int_equal(w->body.length, 10 * 32);
    says(w, "Cache-Control: public, max-age=5\r\n");
    assert_int_equal(get(w, "/log/v1/leaves?from=9223372036854775807&count=1"), 200);
    assert_int_equal(w->body.length, 0);
}

static void test_wrong_parameters(void **state)
{
    static const char *const targets[] = {
        "/log/v1/leaves",
        "/log/v1/leaves?from=0",
        "/log/v1/leaves?from=-1&count=1",
        "/log/v1/leaves?from=0&count=10001",
        "/log/v1/leaves?from=0&count=1&count=2",
        "/log/v1/leaves?from=0x10&count=1",
        "/log/v1/leaves?from=9223372036854775808&count=1",
        "/log/v1/leaves?from=99999999999999999999999999&count=1",
        "/log/v1/leaves?from=%00&count=1",
        "/log/v1/consistency?from=2&to=1",
        "/log/v1/consistency?from=a&to=1",
        "/log/v1/consistency?to=1",
        "/log/v1/proof?hash=00&size=1",
        "/log/v1/proof?hash=zz3456789012345678901234567890123456789012345678901234567890123456&size=1",
        "/log/v1/proof?size=1",
        "/log/v1/proof?hash=0123456789012345678901234567890123456789012345678901234567890123&size=",
    };
    struct world *w = world_of(state);
    log_server_grow(w->server, 0, 3, NOW);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        unsigned status = get(w, targets[i]);
        if (status != 400) fail_msg("%s: %u", targets[i], status);
        says(w, "application/problem+json");
    }
}

/** A database that is damaged is said so, without telling strangers how. */
static void test_damage(void **state)
{
    struct world *w = world_of(state);
    log_server_grow(w->server, 0, 3, NOW);
    domain_store_run(w->server->store, "DELETE FROM transparency_tile");
    assert_int_equal(get(w, "/log/v1/consistency?from=1&to=3"), 503);
    assert_null(strstr((const char *)w->body.data, "tile"));
}

#define BOTH(test)                                                                                                     \
    cmocka_unit_test_setup_teardown(test, start_sqlite, stop),                                                         \
    {                                                                                                                  \
#test "_postgresql", test, start_postgresql, stop, NULL                                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_empty),       BOTH(test_head_and_key), BOTH(test_head_is_kept),     BOTH(test_proof),
        BOTH(test_consistency), BOTH(test_leaves),       BOTH(test_wrong_parameters), BOTH(test_damage),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
