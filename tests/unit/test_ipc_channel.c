/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ipc/channel_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TYPE = 7, SMALL = 4096, WAIT = 60000 };

struct pair {
    struct channel *a, *b;
    int raw; /* the other end of `a` when there is no `b` */
};

static void open_pair(struct pair *p, size_t maximum, unsigned flags, bool raw)
{
    int fds[2];
    struct channel_options options = {.maximum = maximum, .flags = flags};
    *p = (struct pair){.raw = -1};
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[0], &options, &p->a, NULL), RFD_OK);
    if (raw)
        p->raw = fds[1];
    else
        assert_int_equal(channel_new(fds[1], &options, &p->b, NULL), RFD_OK);
}

static void close_pair(struct pair *p)
{
    channel_free(p->a);
    channel_free(p->b);
    if (p->raw >= 0) (void)close(p->raw);
}

static void send_raw(int fd, const void *bytes, size_t length)
{
    assert_int_equal(write(fd, bytes, length), length);
}

/* ---- Fields ---- */

static void test_fields_come_back(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, SMALL);
    message_put_u8(&b, 0xFE);
    message_put_u32(&b, 0x01020304);
    message_put_u64(&b, UINT64_MAX - 1);
    message_put_i64(&b, -5);
    message_put_bytes(&b, SLICE("\0\xFF"));
    message_put_text(&b, "señal");
    struct message_reader r = message_read(buf_slice(&b));
    assert_int_equal(message_get_u8(&r), 0xFE);
    assert_int_equal(message_get_u32(&r), 0x01020304);
    assert_true(message_get_u64(&r) == UINT64_MAX - 1);
    assert_int_equal(message_get_i64(&r), -5);
    assert_true(slice_equal(message_get_bytes(&r, 2), SLICE("\0\xFF")));
    assert_true(slice_is(message_get_text(&r, 16), "señal"));
    assert_int_equal(message_end(&r, "test", NULL), RFD_OK);
    buf_dispose(&b);
}

static void test_bad_fields_are_sticky(void **state)
{
    (void)state;
    static const struct {
        slice body;
        size_t maximum;
    } rows[] = {
        {{(const uint8_t *)"\0\0\0\5abcd", 8}, 16},     /* shorter than it says */
        {{(const uint8_t *)"\0\0\0\4abcd", 8}, 3},      /* longer than allowed */
        {{(const uint8_t *)"\xFF\xFF\xFF\xFF", 4}, 16}, /* absurd */
        {{(const uint8_t *)"\0\0\0\1\xFF", 5}, 16},     /* no UTF-8 */
        {{(const uint8_t *)"\0\0\0\2a\n", 6}, 16},      /* a control character */
        {{(const uint8_t *)"\0\0", 2}, 16},             /* not even a length */
        {{(const uint8_t *)"\0\0\0\1az", 6}, 16},       /* something left over */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        struct message_reader r = message_read(rows[i].body);
        (void)message_get_text(&r, rows[i].maximum);
        assert_int_equal(message_end(&r, "test", &error), RFD_E_PROTOCOL);
    }
    struct message_reader r = message_read(SLICE("\1\2"));
    assert_int_equal(message_get_u32(&r), 0);
    assert_int_equal(message_get_u8(&r), 0); /* although an octet is there */
}

/* ---- Frames and streams ---- */

static void test_octet_by_octet(void **state)
{
    (void)state;
    struct pair p;
    struct buf b;
    struct message m;
    open_pair(&p, SMALL, 0, true);
    buf_init(&b, SMALL);
    for (uint64_t i = 1; i <= 2; i++) {
        size_t begun = message_begin(&b, TYPE, i, 0);
        message_put_text(&b, "hello");
        message_finish(&b, begun);
    }
    size_t seen = 0;
    for (size_t i = 0; i < b.length; i++) {
        send_raw(p.raw, b.data + i, 1);
        assert_int_equal(channel_receive(p.a, NULL), RFD_OK);
        while (channel_next(p.a, &m)) {
            assert_int_equal(m.type, TYPE);
            assert_int_equal(m.request, ++seen);
            assert_int_equal(m.body.length, 9);
        }
    }
    assert_int_equal(seen, 2);
    buf_dispose(&b);
    close_pair(&p);
}

static void test_wrong_frames_end_the_channel(void **state)
{
    (void)state;
    static const char *const frames[] = {
        "\xFF\xFF\xFF\xFF",                                 /* 4 GiB */
        "\x00\x00\x10\x00",                                 /* four octets beyond the maximum */
        "\x00\x00\x00\x0B",                                 /* shorter than a header */
        "\x00\x00\x00\x0C\x00\x07\x00\x05\0\0\0\0\0\0\0\1", /* five descriptors */
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct pair p;
        struct message m;
        open_pair(&p, SMALL, 0, true);
        send_raw(p.raw, frames[i], i < 3 ? 4 : MESSAGE_HEADER_SIZE);
        assert_int_equal(channel_receive(p.a, NULL), RFD_E_PROTOCOL);
        assert_false(channel_next(p.a, &m));
        assert_int_equal(channel_receive(p.a, NULL), RFD_E_PROTOCOL);
        close_pair(&p);
    }
}

static void test_longest_message(void **state)
{
    (void)state;
    struct pair p;
    struct message m;
    static uint8_t bytes[MESSAGE_MAXIMUM];
    open_pair(&p, MESSAGE_MAXIMUM, 0, false);
    size_t longest = MESSAGE_MAXIMUM - MESSAGE_HEADER_SIZE;
    assert_int_equal(channel_send(p.a, TYPE, 1, slice_of(bytes, longest + 1), NULL, 0, NULL), RFD_E_LIMIT);
    assert_int_equal(channel_send(p.a, TYPE, 1, slice_of(bytes, longest), NULL, 0, NULL), RFD_OK);
    assert_true(channel_waiting(p.a) > 0);
    bool whole = false;
    for (int i = 0; i < 1000 && !whole; i++) {
        assert_int_equal(channel_receive(p.b, NULL), RFD_OK);
        whole = channel_next(p.b, &m);
        assert_int_equal(channel_flush(p.a, NULL), RFD_OK);
    }
    assert_true(whole && m.body.length == longest);
    assert_int_equal(channel_waiting(p.a), 0);
    close_pair(&p);
}

static void test_backlog_is_bounded(void **state)
{
    (void)state;
    struct pair p;
    static const uint8_t bytes[SMALL / 2];
    open_pair(&p, SMALL, 0, true);
    rfd_status status = RFD_OK;
    size_t sent = 0;
    while (status == RFD_OK && sent < 10000) {
        status = channel_send(p.a, TYPE, 1, slice_of(bytes, sizeof bytes), NULL, 0, NULL);
        if (status == RFD_OK) sent++;
    }
    assert_int_equal(status, RFD_E_LIMIT);
    assert_true(channel_waiting(p.a) <= 4 * (size_t)SMALL);
    assert_int_equal(channel_events(p.a), POLLOUT); /* not read from until it reads */
    /* What was queued arrives whole, nothing of what was refused. */
    size_t octets = 0;
    static uint8_t sink[1 << 16];
    for (ssize_t got = 1; got > 0;) {
        assert_int_equal(channel_flush(p.a, NULL), RFD_OK);
        got = recv(p.raw, sink, sizeof sink, MSG_DONTWAIT);
        if (got > 0) octets += (size_t)got;
    }
    assert_int_equal(octets, sent * (sizeof bytes + MESSAGE_HEADER_SIZE));
    assert_int_equal(channel_events(p.a), POLLIN);
    close_pair(&p);
}

static void test_vanished_peer(void **state)
{
    (void)state;
    struct pair p;
    struct message m;
    open_pair(&p, SMALL, 0, false);
    assert_int_equal(channel_send(p.b, TYPE, 1, SLICE("last words"), NULL, 0, NULL), RFD_OK);
    channel_free(p.b);
    p.b = NULL;
    assert_int_equal(channel_receive(p.a, NULL), RFD_OK);
    assert_int_equal(channel_receive(p.a, NULL), RFD_E_PEER_GONE);
    assert_true(channel_next(p.a, &m));
    assert_true(slice_is(m.body, "last words"));
    assert_int_equal(channel_send(p.a, TYPE, 2, SLICE_EMPTY, NULL, 0, NULL), RFD_E_PEER_GONE);
    close_pair(&p);
}

static void test_only_stream_sockets(void **state)
{
    (void)state;
    int fds[2];
    struct channel *c = NULL;
    struct channel_options options = {0};
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(channel_new(fds[0], &options, &c, NULL), RFD_E_ARGUMENT);
    (void)close(fds[0]);
    (void)close(fds[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
    assert_int_equal(channel_new(fds[0], &options, &c, NULL), RFD_E_ARGUMENT);
    (void)close(fds[0]);
    (void)close(fds[1]);
    assert_null(c);
}

/* ---- Descriptors ---- */

static size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 256; fd++) count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void test_descriptors_travel(void **state)
{
    (void)state;
    size_t before = open_descriptors();
    struct pair p;
    struct message m;
    int ends[2];
    char got[4] = "";
    open_pair(&p, SMALL, CHANNEL_DESCRIPTORS, false);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(channel_send(p.a, TYPE, 1, SLICE("none"), NULL, 0, NULL), RFD_OK);
    assert_int_equal(channel_send(p.a, TYPE, 2, SLICE("both"), ends, 2, NULL), RFD_OK);
    assert_int_equal(channel_send(p.a, TYPE, 3, SLICE("one"), ends, 1, NULL), RFD_OK);
    for (size_t expected = 0, i = 0; i < 3; i++) {
        static const size_t counts[] = {0, 2, 1};
        while (!channel_next(p.b, &m)) assert_int_equal(channel_receive(p.b, NULL), RFD_OK);
        assert_int_equal(m.request, ++expected);
        assert_int_equal(m.descriptor_count, counts[i]);
        if (i == 1) {
            assert_int_equal(fcntl(m.descriptors[1], F_GETFD), FD_CLOEXEC);
            assert_int_equal(write(m.descriptors[1], "abc", 3), 3);
            assert_int_equal(read(ends[0], got, 3), 3);
            assert_string_equal(got, "abc");
        }
        message_close_descriptors(&m);
    }
    (void)close(ends[0]);
    (void)close(ends[1]);
    close_pair(&p);
    assert_int_equal(open_descriptors(), before);
}

static void send_descriptors(int socket, slice bytes, int fd, size_t count)
{
    char control[CMSG_SPACE(64 * sizeof(int))] = {0};
    struct iovec part = {(void *)(uintptr_t)bytes.data, bytes.length};
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (size_t i = 0; i < count; i++) memcpy(CMSG_DATA(h) + i * sizeof fd, &fd, sizeof fd);
    assert_int_equal(sendmsg(socket, &m, 0), bytes.length);
}

#define PLAIN_FRAME  SLICE("\0\0\0\x0C\0\7\0\0\0\0\0\0\0\0\0\1")
#define FRAME_OF_ONE SLICE("\0\0\0\x0C\0\7\0\1\0\0\0\0\0\0\0\1")

static void test_unwelcome_descriptors(void **state)
{
    (void)state;
    size_t before = open_descriptors();
    struct pair p;
    struct message m;
    /* More than a message may have. */
    open_pair(&p, SMALL, CHANNEL_DESCRIPTORS, true);
    send_descriptors(p.raw, PLAIN_FRAME, STDIN_FILENO, 20);
    assert_int_equal(channel_receive(p.a, NULL), RFD_E_PROTOCOL);
    close_pair(&p);
    assert_int_equal(open_descriptors(), before);
    /* Unannounced ones, again and again: bounded. */
    open_pair(&p, SMALL, CHANNEL_DESCRIPTORS, true);
    rfd_status status = RFD_OK;
    for (int i = 0; i < 10 && status == RFD_OK; i++) {
        send_descriptors(p.raw, PLAIN_FRAME, STDIN_FILENO, MESSAGE_DESCRIPTORS);
        status = channel_receive(p.a, NULL);
        while (channel_next(p.a, &m)) assert_int_equal(m.descriptor_count, 0);
    }
    assert_int_equal(status, RFD_E_PROTOCOL);
    close_pair(&p);
    assert_int_equal(open_descriptors(), before);
    /* Announced, but not sent. */
    open_pair(&p, SMALL, CHANNEL_DESCRIPTORS, true);
    send_raw(p.raw, FRAME_OF_ONE.data, MESSAGE_HEADER_SIZE);
    assert_int_equal(channel_receive(p.a, NULL), RFD_OK);
    assert_false(channel_next(p.a, &m));
    assert_int_equal(channel_receive(p.a, NULL), RFD_E_PROTOCOL);
    close_pair(&p);
    /* To a channel that takes none: the kernel closes them. */
    open_pair(&p, SMALL, 0, true);
    send_descriptors(p.raw, PLAIN_FRAME, STDIN_FILENO, 3);
    assert_int_equal(channel_receive(p.a, NULL), RFD_OK);
    assert_true(channel_next(p.a, &m));
    close_pair(&p);
    assert_int_equal(open_descriptors(), before);
}

/* ---- Asking ---- */

static void test_call_and_late_answer(void **state)
{
    (void)state;
    struct pair p;
    struct message m, answer;
    open_pair(&p, SMALL, 0, false);
    assert_int_equal(channel_call(p.a, TYPE, SLICE("first"), 20, &answer, NULL), RFD_E_DEADLINE);
    /* The first answer comes late, that of the second right after. */
    for (int i = 0; i < 2; i++) {
        if (i == 1) assert_int_equal(channel_call(p.a, TYPE, SLICE("second"), 20, &answer, NULL), RFD_E_DEADLINE);
        assert_int_equal(channel_receive(p.b, NULL), RFD_OK);
        assert_true(channel_next(p.b, &m));
        assert_int_equal(channel_send(p.b, TYPE, m.request, m.body, NULL, 0, NULL), RFD_OK);
    }
    assert_int_equal(channel_send(p.b, TYPE, 3, SLICE("ready"), NULL, 0, NULL), RFD_OK); /* for the third */
    assert_int_equal(channel_call(p.a, TYPE, SLICE("third"), WAIT, &answer, NULL), RFD_OK);
    assert_true(slice_is(answer.body, "ready"));
    channel_free(p.b);
    p.b = NULL;
    assert_int_equal(channel_call(p.a, TYPE, SLICE_EMPTY, WAIT, &answer, NULL), RFD_E_PEER_GONE);
    close_pair(&p);
}

/* ---- The server ---- */

struct echo {
    size_t messages, gone, wrong;
};

static rfd_status echo_message(void *context, void *peer, struct channel *channel, struct message *m,
                               struct rfd_error *error)
{
    struct echo *e = context;
    (void)peer;
    e->messages++;
    return channel_send(channel, m->type, m->request, m->body, NULL, 0, error);
}

static void echo_gone(void *context, void *peer, const struct rfd_error *why)
{
    struct echo *e = context;
    (void)peer;
    e->gone++;
    e->wrong += why->code == RFD_E_PROTOCOL;
}

enum { CLIENTS = 20 };

static struct channel_server *echo_server(struct echo *e, struct pair clients[CLIENTS], bool raw)
{
    struct channel_server *server = NULL;
    struct channel_handlers handlers = {e, echo_message, echo_gone};
    assert_int_equal(channel_server_new(&handlers, CLIENTS, &server, NULL), RFD_OK);
    for (size_t i = 0; i < CLIENTS; i++) {
        open_pair(&clients[i], SMALL, 0, raw);
        assert_int_equal(channel_server_add(server, clients[i].a, NULL, NULL), RFD_OK);
        clients[i].a = NULL;
    }
    return server;
}

static void round_of(struct channel_server *server)
{
    assert_int_equal(channel_server_round(server, 0, NULL, NULL), RFD_OK);
}

static void test_server_serves_many(void **state)
{
    (void)state;
    struct echo e = {0};
    struct pair clients[CLIENTS];
    struct message m;
    struct channel_server *server = echo_server(&e, clients, false);
    struct pair one_more;
    open_pair(&one_more, SMALL, 0, false);
    assert_int_equal(channel_server_add(server, one_more.a, NULL, NULL), RFD_E_LIMIT);
    close_pair(&one_more);
    for (uint64_t n = 1; n <= 50; n++) {
        for (size_t i = 0; i < CLIENTS; i++)
            assert_int_equal(channel_send(clients[i].b, TYPE, n, SLICE("x"), NULL, 0, NULL), RFD_OK);
    }
    for (int i = 0; i < 10; i++) round_of(server);
    assert_int_equal(e.messages, 50 * CLIENTS);
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(channel_receive(clients[i].b, NULL), RFD_OK);
        for (uint64_t n = 1; n <= 50; n++) assert_true(channel_next(clients[i].b, &m) && m.request == n);
        close_pair(&clients[i]);
    }
    round_of(server);
    assert_int_equal(channel_server_count(server), 0);
    assert_int_equal(e.gone, CLIENTS);
    channel_server_free(server);
}

static void test_flood_and_garbage_hurt_nobody_else(void **state)
{
    (void)state;
    struct echo e = {0};
    struct pair clients[CLIENTS];
    static uint8_t flood[1 << 16];
    struct channel_server *server = echo_server(&e, clients, true);
    for (size_t at = 0; at + MESSAGE_HEADER_SIZE <= sizeof flood; at += MESSAGE_HEADER_SIZE)
        memcpy(flood + at, PLAIN_FRAME.data, MESSAGE_HEADER_SIZE);
    /* 0 floods and never reads, 1 sends garbage, 2 hangs up in the middle, 3 is honest. */
    send_raw(clients[1].raw, "GET / HTTP/1.1\r\n\r\n", 18);
    send_raw(clients[2].raw, PLAIN_FRAME.data, 10);
    (void)close(clients[2].raw);
    clients[2].raw = -1;
    size_t answered = 0;
    for (int i = 0; i < 300; i++) {
        (void)!send(clients[0].raw, flood, sizeof flood, MSG_DONTWAIT);
        send_raw(clients[3].raw, PLAIN_FRAME.data, MESSAGE_HEADER_SIZE);
        round_of(server);
        uint8_t answer[MESSAGE_HEADER_SIZE];
        answered += recv(clients[3].raw, answer, sizeof answer, MSG_DONTWAIT) == MESSAGE_HEADER_SIZE;
    }
    assert_int_equal(answered, 300);
    assert_int_equal(e.gone, 2);
    assert_int_equal(e.wrong, 1);
    assert_int_equal(channel_server_count(server), CLIENTS - 2);
    /* The flood was taken in turns, and no further than its answers were read. */
    assert_true(e.messages <= 300 + 300 * CHANNEL_SERVER_ROUND);
    channel_server_free(server);
    for (size_t i = 0; i < CLIENTS; i++) close_pair(&clients[i]);
}

static void test_random_octets(void **state)
{
    (void)state;
    uint32_t chance = 12345;
    for (int round = 0; round < 2000; round++) {
        uint8_t bytes[64];
        struct message m;
        struct pair p;
        for (size_t i = 0; i < sizeof bytes; i++) {
            chance = chance * 1664525 + 1013904223;
            bytes[i] = (chance >> 16 & 3) == 0 ? (uint8_t)(chance >> 24) : 0;
        }
        open_pair(&p, SMALL, round % 2 == 0 ? CHANNEL_DESCRIPTORS : 0, true);
        send_raw(p.raw, bytes, sizeof bytes);
        if (channel_receive(p.a, NULL) == RFD_OK) {
            while (channel_next(p.a, &m)) assert_true(m.body.length <= sizeof bytes);
        }
        close_pair(&p);
    }
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_come_back),
        cmocka_unit_test(test_bad_fields_are_sticky),
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_wrong_frames_end_the_channel),
        cmocka_unit_test(test_longest_message),
        cmocka_unit_test(test_backlog_is_bounded),
        cmocka_unit_test(test_vanished_peer),
        cmocka_unit_test(test_only_stream_sockets),
        cmocka_unit_test(test_descriptors_travel),
        cmocka_unit_test(test_unwelcome_descriptors),
        cmocka_unit_test(test_call_and_late_answer),
        cmocka_unit_test(test_server_serves_many),
        cmocka_unit_test(test_flood_and_garbage_hurt_nobody_else),
        cmocka_unit_test(test_random_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
