/* SPDX-License-Identifier: EUPL-1.2
 *
 * The client of the keeper, against a peer that behaves as the test wants: operations stand for behaviours.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "ipc/sandbox.h"
#include "keeper/client.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAIT = 60000, SOON = 30, THREADS = 8, ROUNDS = 500, BIG = 100 << 10 };

/* What the peer does when it is asked. */
#define ECHOES       KEEPER_LIST_KEYS
#define KEEPS_SILENT KEEPER_PUBLIC_KEY
#define REFUSES      KEEPER_SIGN_SEAL
#define HANGS_UP     KEEPER_CREATE_KEY
#define READS_FILE   KEEPER_SIGN_CRL
#define ANSWERS_LATE KEEPER_JOURNAL /* with the next question that it gets */

struct peer {
    pthread_t thread;
    struct channel *channel;
    uint32_t version;
    _Atomic unsigned asked;
    uint64_t late;
};

/* ---- The peer ---- */

static void put_file(struct buf *b, int fd)
{
    char text[64];
    ssize_t got = pread(fd, text, sizeof text, 0);
    message_put_bytes(b, slice_of(text, got < 0 ? 0 : (size_t)got));
}

static void send_answer(struct peer *p, uint16_t type, uint64_t request, const struct buf *b)
{
    rfd_status status = channel_send(p->channel, type, request, buf_slice(b), NULL, 0, NULL);
    while (status == RFD_OK && channel_waiting(p->channel) > 0) {
        struct pollfd f = {.fd = channel_descriptor(p->channel), .events = POLLOUT};
        (void)poll(&f, 1, WAIT);
        status = channel_flush(p->channel, NULL);
    }
}

/** False when it is time to hang up. */
static bool answer(struct peer *p, struct message *m)
{
    struct buf b;
    buf_init(&b, KEEPER_MESSAGE_MAXIMUM);
    if (p->late != 0) {
        message_put_u32(&b, RFD_OK);
        message_put_text(&b, "late");
        send_answer(p, ANSWERS_LATE, p->late, &b);
        p->late = 0;
        buf_reset(&b);
    }
    message_put_u32(&b, m->type == REFUSES ? RFD_E_KEY_REFUSED : RFD_OK);
    if (m->type == KEEPER_HELLO) message_put_u32(&b, p->version);
    if (m->type == REFUSES) message_put_text(&b, "because");
    if (m->type == ECHOES) buf_put_slice(&b, m->body);
    if (m->type == READS_FILE) put_file(&b, m->descriptors[0]);
    if (m->type == ANSWERS_LATE) p->late = m->request;
    p->asked += m->type != KEEPER_HELLO;
    if (m->type != KEEPS_SILENT && m->type != ANSWERS_LATE) send_answer(p, m->type, m->request, &b);
    buf_dispose(&b);
    message_close_descriptors(m);
    return m->type != HANGS_UP;
}

static void *be_peer(void *context)
{
    struct peer *p = context;
    struct message m;
    bool going_on = true;
    while (going_on) {
        struct pollfd f = {.fd = channel_descriptor(p->channel), .events = POLLIN};
        (void)poll(&f, 1, -1);
        going_on = channel_receive(p->channel, NULL) == RFD_OK;
        while (going_on && channel_next(p->channel, &m)) going_on = answer(p, &m);
    }
    channel_free(p->channel);
    return NULL;
}

static void start_peer_at(struct peer *p, int fd, uint32_t version)
{
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM, .flags = CHANNEL_DESCRIPTORS};
    *p = (struct peer){.version = version};
    assert_int_equal(channel_new(fd, &options, &p->channel, NULL), RFD_OK);
    assert_int_equal(pthread_create(&p->thread, NULL, be_peer, p), 0);
}

/** Starts a peer and returns the client's end of the way to it. */
static int start_peer(struct peer *p, uint32_t version)
{
    int fds[2];
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    start_peer_at(p, fds[1], version);
    return fds[0];
}

static void end_peer(struct peer *p)
{
    assert_int_equal(pthread_join(p->thread, NULL), 0);
}

/* ---- Asking ---- */

static struct keeper_client *new_client(unsigned peers)
{
    struct keeper_client *c = NULL;
    assert_int_equal(keeper_client_new(peers, &c, NULL), RFD_OK);
    return c;
}

static void connect_peer(struct keeper_client *c, unsigned index, struct peer *p)
{
    assert_int_equal(keeper_client_connect(c, index, start_peer(p, KEEPER_VERSION), NULL), RFD_OK);
}

static rfd_status ask(struct keeper_client *c, enum keeper_operation operation, slice body, unsigned milliseconds)
{
    return keeper_client_ask(c, operation, body, -1, milliseconds, NULL, NULL);
}

/** Counts what is called back. */
struct tally {
    _Atomic unsigned good, gone, late, other;
};

static void count(void *context, rfd_status status, struct message_reader *fields, const struct rfd_error *error)
{
    struct tally *t = context;
    if (status == RFD_OK && fields != NULL)
        t->good++;
    else if (status == RFD_E_PEER_GONE && error->code == status)
        t->gone++;
    else if (status == RFD_E_DEADLINE)
        t->late++;
    else
        t->other++;
}

static void post(struct keeper_client *c, enum keeper_operation operation, slice body, struct tally *t)
{
    assert_int_equal(keeper_client_send(c, operation, body, WAIT, count, t, NULL), RFD_OK);
}

static void wait_for(const _Atomic unsigned *number, unsigned value)
{
    for (int i = 0; *number < value && i < WAIT; i++) (void)usleep(1000);
    assert_int_equal(*number, value);
}

/* ---- Tests ---- */

static void test_answers_and_refusals(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(1);
    struct keeper_reply reply = {.fields = {.failed = false}};
    struct rfd_error error = RFD_ERROR_INIT;
    struct peer p;
    assert_false(keeper_client_ready(c));
    assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_E_PEER_GONE);
    connect_peer(c, 0, &p);
    assert_true(keeper_client_ready(c));
    assert_int_equal(keeper_client_ask(c, ECHOES, SLICE("\0\0\0\x02hi"), -1, WAIT, &reply, NULL), RFD_OK);
    assert_true(slice_is(message_get_text(&reply.fields, 8), "hi"));
    assert_int_equal(message_end(&reply.fields, "echo", NULL), RFD_OK);
    assert_int_equal(keeper_client_ask(c, ECHOES, SLICE_EMPTY, -1, WAIT, &reply, NULL), RFD_OK);
    assert_int_equal(message_end(&reply.fields, "echo", NULL), RFD_OK);
    assert_int_equal(keeper_client_ask(c, REFUSES, SLICE_EMPTY, -1, WAIT, &reply, &error), RFD_E_KEY_REFUSED);
    assert_string_equal(error.detail, "keeper: because");
    keeper_reply_dispose(&reply);
    keeper_client_free(c);
    end_peer(&p);
}

static void test_descriptors_travel(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(1);
    struct keeper_reply reply = {.fields = {.failed = false}};
    struct peer p;
    int fd = memfd_create("test", MFD_CLOEXEC);
    connect_peer(c, 0, &p);
    for (int i = 0; i < 20; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "list %d", i);
        assert_int_equal(pwrite(fd, text, (size_t)length, 0), length);
        assert_int_equal(ftruncate(fd, length), 0);
        assert_int_equal(keeper_client_ask(c, READS_FILE, SLICE_EMPTY, fd, WAIT, &reply, NULL), RFD_OK);
        assert_true(slice_is(message_get_bytes(&reply.fields, 64), text));
    }
    (void)close(fd);
    keeper_reply_dispose(&reply);
    keeper_client_free(c);
    end_peer(&p);
}

static void test_deadlines(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(1);
    struct keeper_reply reply = {.fields = {.failed = false}};
    struct peer p;
    connect_peer(c, 0, &p);
    assert_int_equal(ask(c, KEEPS_SILENT, SLICE_EMPTY, SOON), RFD_E_DEADLINE);
    /* The answer that comes too late is not taken for that of the next question. */
    assert_int_equal(ask(c, ANSWERS_LATE, SLICE_EMPTY, SOON), RFD_E_DEADLINE);
    assert_int_equal(keeper_client_ask(c, ECHOES, SLICE("\0\0\0\x02hi"), -1, WAIT, &reply, NULL), RFD_OK);
    assert_true(slice_is(message_get_text(&reply.fields, 8), "hi"));
    /* A short wait while a long one is under way. */
    struct tally t = {0};
    post(c, KEEPS_SILENT, SLICE_EMPTY, &t);
    assert_int_equal(ask(c, KEEPS_SILENT, SLICE_EMPTY, SOON), RFD_E_DEADLINE);
    keeper_reply_dispose(&reply);
    keeper_client_free(c);
    assert_int_equal(t.gone, 1);
    end_peer(&p);
}

static void *ask_silent(void *context)
{
    return (void *)(intptr_t)ask(context, KEEPS_SILENT, SLICE_EMPTY, WAIT);
}

static void test_dead_peer_and_reconnection(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(1);
    struct tally t = {0};
    struct peer p, q;
    pthread_t threads[THREADS];
    connect_peer(c, 0, &p);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, ask_silent, c), 0);
    for (int i = 0; i < 100; i++) post(c, KEEPS_SILENT, SLICE_EMPTY, &t);
    (void)ask(c, HANGS_UP, SLICE_EMPTY, WAIT);
    wait_for(&t.gone, 100);
    end_peer(&p);
    /* Threads that asked after it hung up were told so at once. */
    for (int i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_int_equal((intptr_t)result, RFD_E_PEER_GONE);
    }
    assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_E_PEER_GONE);
    assert_false(keeper_client_ready(c));
    connect_peer(c, 0, &p);
    assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_OK);
    /* A new way to the same peer ends the old one. */
    post(c, KEEPS_SILENT, SLICE_EMPTY, &t);
    connect_peer(c, 0, &q);
    wait_for(&t.gone, 101);
    end_peer(&p);
    assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_OK);
    post(c, KEEPS_SILENT, SLICE_EMPTY, &t);
    keeper_client_free(c);
    assert_int_equal(t.gone, 102);
    assert_int_equal(t.other + t.good + t.late, 0);
    end_peer(&q);
}

static void test_another_version_is_hung_up_on(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(1);
    struct peer p;
    assert_int_equal(keeper_client_connect(c, 0, start_peer(&p, KEEPER_VERSION + 1), NULL), RFD_OK);
    assert_int_equal(ask(c, KEEPS_SILENT, SLICE_EMPTY, WAIT), RFD_E_PEER_GONE);
    end_peer(&p);
    assert_int_equal(keeper_client_connect(c, 1, dup(0), NULL), RFD_E_ARGUMENT);
    assert_int_equal(keeper_client_connect(c, 0, memfd_create("none", 0), NULL), RFD_E_ARGUMENT);
    keeper_client_free(c);
}

struct asker {
    struct keeper_client *client;
    struct tally tally;
    pthread_t thread;
    unsigned number, wrong;
};

static void *ask_many(void *context)
{
    struct asker *a = context;
    struct keeper_reply reply = {.fields = {.failed = false}};
    struct buf b;
    buf_init(&b, 64);
    for (unsigned i = 0; i < ROUNDS; i++) {
        buf_reset(&b);
        message_put_u32(&b, a->number);
        message_put_u32(&b, i);
        if (keeper_client_send(a->client, ECHOES, buf_slice(&b), WAIT, count, &a->tally, NULL) != RFD_OK) a->wrong++;
        rfd_status status = keeper_client_ask(a->client, ECHOES, buf_slice(&b), -1, WAIT, &reply, NULL);
        if (status != RFD_OK || message_get_u32(&reply.fields) != a->number || message_get_u32(&reply.fields) != i)
            a->wrong++;
    }
    buf_dispose(&b);
    keeper_reply_dispose(&reply);
    return NULL;
}

static void test_many_threads_and_peers(void **state)
{
    (void)state;
    static struct asker askers[THREADS];
    struct keeper_client *c = new_client(2);
    struct peer p, q;
    connect_peer(c, 0, &p);
    connect_peer(c, 1, &q);
    for (unsigned i = 0; i < THREADS; i++) {
        askers[i] = (struct asker){.client = c, .number = i};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_many, &askers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(askers[i].thread, NULL), 0);
        assert_int_equal(askers[i].wrong, 0);
        wait_for(&askers[i].tally.good, ROUNDS);
    }
    keeper_client_free(c);
    end_peer(&p);
    end_peer(&q);
    assert_int_equal(p.asked + q.asked, 2 * THREADS * ROUNDS);
    assert_true(p.asked > 0 && q.asked > 0);
}

static void test_a_peer_with_nothing_to_do_is_asked(void **state)
{
    (void)state;
    struct keeper_client *c = new_client(2);
    struct tally t = {0};
    struct peer p, q;
    connect_peer(c, 0, &p);
    for (int i = 0; i < 50; i++) post(c, KEEPS_SILENT, SLICE_EMPTY, &t);
    wait_for(&p.asked, 50); /* or the last of them would be counted below */
    connect_peer(c, 1, &q);
    while (q.asked == 0) assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_OK); /* until it said hello */
    unsigned before = p.asked;
    for (int i = 0; i < 20; i++) assert_int_equal(ask(c, ECHOES, SLICE_EMPTY, WAIT), RFD_OK);
    assert_int_equal(p.asked, before);
    /* When it dies, the other one is left. */
    (void)ask(c, HANGS_UP, SLICE_EMPTY, WAIT);
    end_peer(&q);
    while (ask(c, ECHOES, SLICE_EMPTY, WAIT) != RFD_OK) continue;
    keeper_client_free(c);
    end_peer(&p);
}

/* A peer that does not read: questions wait, are refused when too many do, and leave when it reads again. */
static void test_a_peer_that_does_not_read(void **state)
{
    (void)state;
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM, .flags = CHANNEL_DESCRIPTORS};
    struct keeper_client *c = new_client(1);
    struct tally t = {0};
    struct peer p = {.version = KEEPER_VERSION};
    unsigned sent = 0;
    int fds[2];
    uint8_t *big = memory_zeroed(1, BIG);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[1], &options, &p.channel, NULL), RFD_OK);
    assert_int_equal(keeper_client_connect(c, 0, fds[0], NULL), RFD_OK);
    while (keeper_client_send(c, ECHOES, slice_of(big, BIG), WAIT, count, &t, NULL) == RFD_OK) sent++;
    assert_true(sent > 50);
    assert_int_equal(ask(c, ECHOES, slice_of(big, BIG), WAIT), RFD_E_BUSY);
    assert_int_equal(ask(c, ECHOES, slice_of(big, KEEPER_MESSAGE_MAXIMUM), WAIT), RFD_E_LIMIT);
    assert_int_equal(pthread_create(&p.thread, NULL, be_peer, &p), 0);
    wait_for(&t.good, sent);
    assert_int_equal(ask(c, ECHOES, slice_of(big, BIG), WAIT), RFD_OK);
    keeper_client_free(c);
    end_peer(&p);
    memory_free(big);
}

static rfd_status no_audit(void *context, const struct keeper_event *event, struct rfd_error *error)
{
    (void)context;
    (void)event;
    (void)error;
    return RFD_OK;
}

static void test_a_keeper_in_this_process(void **state)
{
    (void)state;
    struct keystore store = {.backend = NULL};
    struct keeper *keeper = NULL;
    struct keeper_client *c = NULL;
    struct keeper_reply reply = {.fields = {.failed = false}};
    struct master m;
    struct tally t = {0};
    assert_int_equal(master_from_secret(MASTER_PASSPHRASE, SLICE("passphrase"), &m, NULL), RFD_OK);
    m.passes = 1;
    m.kibibytes = 64;
    assert_int_equal(keystore_files_init("direct", &m, NULL), RFD_OK);
    assert_int_equal(keystore_files_open("direct", &m, &store, NULL), RFD_OK);
    assert_int_equal(keeper_new(&store, NULL, no_audit, NULL, &keeper, NULL), RFD_OK);
    assert_int_equal(keeper_client_direct(keeper, &c, NULL), RFD_OK);
    assert_true(keeper_client_ready(c));
    assert_int_equal(keeper_client_ask(c, KEEPER_LIST_KEYS, SLICE_EMPTY, -1, WAIT, &reply, NULL), RFD_OK);
    assert_int_equal(message_get_u32(&reply.fields), 0);
    assert_int_equal(message_end(&reply.fields, "list", NULL), RFD_OK);
    assert_int_equal(ask(c, KEEPER_PUBLIC_KEY, SLICE("\0\0\0\1x"), WAIT), RFD_E_KEY_UNKNOWN);
    post(c, KEEPER_LIST_KEYS, SLICE_EMPTY, &t);
    assert_int_equal(t.good, 1);
    keeper_reply_dispose(&reply);
    keeper_client_free(c);
    keeper_free(keeper);
    keystore_close(&store);
    master_dispose(&m);
}

static int ask_from_sandbox(int socket)
{
    const struct sandbox sandbox = {.calls = SANDBOX_NETWORK | SANDBOX_THREADS};
    struct keeper_client *c = NULL;
    int fd = memfd_create("test", MFD_CLOEXEC);
    if (sandbox_enter(&sandbox, NULL, NULL) != RFD_OK) return 2;
    if (keeper_client_new(1, &c, NULL) != RFD_OK) return 3;
    if (keeper_client_connect(c, 0, socket, NULL) != RFD_OK) return 4;
    if (keeper_client_ask(c, ECHOES, SLICE_EMPTY, -1, WAIT, NULL, NULL) != RFD_OK) return 5;
    if (keeper_client_ask(c, READS_FILE, SLICE_EMPTY, fd, WAIT, NULL, NULL) != RFD_OK) return 6;
    if (keeper_client_ask(c, KEEPS_SILENT, SLICE_EMPTY, -1, SOON, NULL, NULL) != RFD_E_DEADLINE) return 7;
    keeper_client_free(c);
    return 0;
}

static void test_in_a_sandbox(void **state)
{
    (void)state;
    struct peer p;
    int how, fds[2];
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(fds[1]);
        _exit(ask_from_sandbox(fds[0]));
    }
    (void)close(fds[0]);
    start_peer_at(&p, fds[1], KEEPER_VERSION);
    assert_int_equal(waitpid(pid, &how, 0), pid);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    end_peer(&p);
}

static int open_folder(void **state)
{
    (void)signal(SIGPIPE, SIG_IGN);
    return folder_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_and_refusals),
        cmocka_unit_test(test_descriptors_travel),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_dead_peer_and_reconnection),
        cmocka_unit_test(test_another_version_is_hung_up_on),
        cmocka_unit_test(test_many_threads_and_peers),
        cmocka_unit_test(test_a_peer_with_nothing_to_do_is_asked),
        cmocka_unit_test(test_a_peer_that_does_not_read),
        cmocka_unit_test(test_a_keeper_in_this_process),
        cmocka_unit_test(test_in_a_sandbox),
    };
    return cmocka_run_group_tests(tests, open_folder, folder_teardown);
}
