/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a client sends and is answered is nowhere in the server's memory afterwards: neither in the form that it was in,
 * nor in what was decoded, nor in libmicrohttpd's buffers. The client is another process, which alone knows the secret;
 * here it is only recognised, letter by letter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "http/listener.h"
#include "http/response.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET "test_http_secrets.socket"
enum { SECRETS = 4, LETTERS = 24, PIECE = 1 << 20, REGION_MAXIMUM = 1 << 29, PATIENCE = 100 };

/** Of the n-th secret. */
static uint8_t letter(unsigned n, size_t i)
{
    return (uint8_t)('a' + (i * 11 + n * 5 + (i * i) % 7) % 26);
}

/* ---- The server ---- */

/** Reads the form, and says what is in it. */
static rfd_status echo(struct http_request *request, struct http_response *response, void *context,
                       struct rfd_error *error)
{
    struct http_fields form;
    (void)context;
    TRY(http_request_form(request, &form, error));
    slice first = http_field_get(&form, "clave", 0);
    const char *text = arena_print(request->arena, "<p>%.*s</p>", (int)first.length, (const char *)first.data);
    http_response_body(response, "text/html", slice_text(text == NULL ? "" : text));
    return RFD_OK;
}

static const struct http_route routes[] = {
    {HTTP_POST, "/now", 1 << 20, HTTP_IMMEDIATE, echo, "now"},
    {HTTP_POST, "/pool", 1 << 20, 0, echo, "pool"},
};

/* ---- The client ---- */

struct ask {
    const char *path;
    bool chunked, stays;
    size_t filling; /* octets before the secret, so that the body grows */
};

static void put_secret(struct buf *b, unsigned n)
{
    for (size_t i = 0; i < LETTERS; i++) buf_put_byte(b, letter(n, i));
}

/** Secret 0 is in the form and the answer, 1 in a cookie, 2 is what authorises, 3 is in the address. */
static void put_request(struct buf *b, const struct ask *ask)
{
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_put_text(&body, "a=");
    buf_fill(&body, 'x', ask->filling);
    buf_put_text(&body, "&otra=%20");
    put_secret(&body, 0);
    buf_put_text(&body, "+1&clave=");
    put_secret(&body, 0);
    buf_print(b, "POST %s?codigo=", ask->path);
    put_secret(b, 3);
    buf_put_text(b,
                 "%20 HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nCookie: a=1; sesion=");
    put_secret(b, 1);
    buf_put_text(b, "\r\nAuthorization: Bearer ");
    put_secret(b, 2);
    buf_print(b, "\r\nConnection: %s\r\n", ask->stays ? "keep-alive" : "close");
    if (ask->chunked) {
        buf_print(b, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", body.length);
        buf_put_slice(b, buf_slice(&body));
        buf_put_text(b, "\r\n0\r\n\r\n");
    } else {
        buf_print(b, "Content-Length: %zu\r\n\r\n", body.length);
        buf_put_slice(b, buf_slice(&body));
    }
    buf_dispose(&body);
}

/** Exits with 0 when the answer held the secret. Over a connection that stays, it ends when it is told to. */
static void be_client(const struct ask *ask, int told, int tells)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SOCKET};
    struct buf request, answer, secret;
    buf_init(&request, 2 << 20);
    buf_init(&answer, 1 << 16);
    buf_init(&secret, LETTERS);
    put_secret(&secret, 0);
    put_request(&request, ask);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) _exit(2);
    for (size_t sent = 0; sent < request.length;) {
        ssize_t done = write(fd, request.data + sent, request.length - sent);
        if (done <= 0) _exit(3);
        sent += (size_t)done;
    }
    bool there = false;
    while (!there) {
        uint8_t *to_read = buf_reserve(&answer, 1024);
        ssize_t got = to_read == NULL ? -1 : read(fd, to_read, 1024);
        if (got <= 0) break;
        answer.length += (size_t)got;
        there = memmem(answer.data, answer.length, "</p>", 4) != NULL;
    }
    there = there && memmem(answer.data, answer.length, secret.data, secret.length) != NULL;
    char c = there ? 'y' : 'n';
    if (write(tells, &c, 1) != 1 || read(told, &c, 1) < 0) _exit(4);
    _exit(there ? 0 : 1);
}

/* ---- Looking ---- */

/** The number of a secret that is here, or -1. */
static int secret_in(const uint8_t *bytes, size_t length)
{
    bool begins[256] = {false};
    for (unsigned n = 0; n < SECRETS; n++) begins[letter(n, 0)] = true;
    for (size_t at = 0; at + LETTERS <= length; at++) {
        if (!begins[bytes[at]]) continue;
        for (unsigned n = 0; n < SECRETS; n++) {
            size_t same = 0;
            while (same < LETTERS && bytes[at + same] == letter(n, same)) same++;
            if (same == LETTERS) return (int)n;
        }
    }
    return -1;
}

static int secret_between(int memory, uint8_t *piece, uint64_t from, uint64_t to)
{
    for (uint64_t at = from; at < to; at += PIECE - LETTERS) {
        size_t size = to - at < PIECE ? (size_t)(to - at) : PIECE;
        ssize_t got = pread(memory, piece, size, (off_t)at);
        int found = got < LETTERS ? -1 : secret_in(piece, (size_t)got);
        if (found >= 0) return found;
    }
    return -1;
}

/** In all that this process can write to; what a sanitizer keeps books in is too large to be anybody's. */
static int secret_in_memory(void)
{
    char line[512];
    uint8_t *piece = memory_allocate(PIECE);
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    FILE *maps = fopen("/proc/self/maps", "re");
    int found = -1;
    assert_non_null(piece);
    assert_non_null(maps);
    assert_true(memory >= 0);
    while (found < 0 && fgets(line, sizeof line, maps) != NULL) {
        unsigned long long from, to;
        char rights[8];
        if (sscanf(line, "%llx-%llx %7s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0) continue;
        if (to - from <= REGION_MAXIMUM) found = secret_between(memory, piece, from, to);
    }
    (void)fclose(maps);
    (void)close(memory);
    secret_wipe(piece, PIECE); /* of which sanitizers keep a copy */
    memory_free(piece);
    return found;
}

/** The answer is with the client before its request is forgotten here. */
static int secret_that_stays(void)
{
    int found = secret_in_memory();
    for (int i = 0; found >= 0 && i < PATIENCE; i++) {
        (void)poll(NULL, 0, 100);
        found = secret_in_memory();
    }
    return found;
}

static void assert_forgotten(const struct ask *ask)
{
    int down[2], up[2], status;
    char c = 'n';
    assert_int_equal(pipe(down), 0);
    assert_int_equal(pipe(up), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) be_client(ask, down[0], up[1]);
    (void)close(up[1]);
    assert_int_equal(read(up[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    int found = secret_that_stays();
    assert_int_equal(write(down[1], &c, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    if (found >= 0) fail_msg("%s: secret %d is still there", ask->path, found);
    found = secret_that_stays();
    if (found >= 0) fail_msg("%s, its connection ended: secret %d is still there", ask->path, found);
    (void)close(up[0]);
    (void)close(down[0]);
    (void)close(down[1]);
}

static void test_nothing_is_kept(void **state)
{
    static const struct ask asks[] = {
        {"/now", false, false, 0},    {"/pool", false, false, 0},     {"/pool", false, true, 0},
        {"/now", true, false, 3000},  {"/pool", false, false, 40000}, {"/pool", true, true, 200000},
        {"/now", false, true, 10000},
    };
    enum { ASKS = sizeof asks / sizeof *asks };
    static const char *const addresses[] = {"unix:" SOCKET};
    struct http_router *router = NULL;
    struct http_listener *listener = NULL;
    (void)state;
    if (access("/proc/self/mem", R_OK) != 0) skip();
    assert_int_equal(http_router_new(routes, sizeof routes / sizeof *routes, &router, NULL), RFD_OK);
    struct http_options options = {.addresses = addresses, .address_count = 1, .router = router, .threads = 1};
    assert_int_equal(http_listener_start(&options, &listener, NULL), RFD_OK);
    for (size_t i = 0; i < ASKS; i++) assert_forgotten(&asks[i]);
    http_listener_stop(listener, 1);
    http_router_free(router);
}

/** That a secret would be seen. */
static void test_the_look_sees(void **state)
{
    struct buf b;
    (void)state;
    buf_init_secret(&b, LETTERS);
    put_secret(&b, 2);
    assert_int_equal(secret_in_memory(), 2);
    buf_dispose(&b);
    assert_int_equal(secret_in_memory(), -1);
}

/** When a function of a library is looked up at its first call, the linker saves vector registers, and with them
 * whatever was copied last, on the stack. So here, as in refrendad, they are all looked up before. */
static void look_up_before(char **arguments)
{
    if (getenv("LD_BIND_NOW") != NULL || setenv("LD_BIND_NOW", "1", 1) != 0) return;
    (void)execv("/proc/self/exe", arguments);
}

int main(int count, char **arguments)
{
    (void)count;
    look_up_before(arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_look_sees),
        cmocka_unit_test(test_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
