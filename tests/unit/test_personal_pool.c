/* SPDX-License-Identifier: EUPL-1.2
 *
 * The personal keeper's process: its channels, its threads, and what becomes of answers. What it does is made up here:
 * a slow question waits until somebody opens the gate, a quick one tells how many wait at it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper_running.h"
#include "personal/pool.h"
#include "personal/process.h"
#include "pki_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { THREADS = 2, TRIES = 12000, GATE_SECONDS = 60 };
enum { ASK_QUICK = PERSONAL_KEYS, ASK_OPEN = PERSONAL_CANCEL, ASK_SHUT = PERSONAL_LIST, ASK_SLOW = PERSONAL_SIGN };

/* ---- What it does ---- */

const struct personal_options personal_defaults = {.passes = 1};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static uint32_t waiting;
static bool is_open;

rfd_status personal_new(struct keystore *store, const struct personal_options *options, keeper_audit *audit,
                        void *context, struct personal **out, struct rfd_error *error)
{
    (void)store;
    (void)options;
    (void)audit;
    (void)error;
    *out = context;
    return RFD_OK;
}

void personal_free(struct personal *p)
{
    (void)p;
}

bool personal_is_slow(const struct message *message)
{
    return message->type == ASK_SLOW;
}

/** Those above are of one lane, for one at a time. */
enum { LANE_FROM = 10000 };

uint64_t personal_lane(struct personal *p, const struct message *message, unsigned *most)
{
    struct message_reader r = message_read(message->body);
    (void)p;
    *most = 1;
    return message_get_u32(&r) >= LANE_FROM;
}

static void wait_at_gate(void)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += GATE_SECONDS;
    waiting++;
    while (!is_open && pthread_cond_timedwait(&opened, &gate, &until) == 0) continue;
    waiting--;
}

rfd_status personal_handle(struct personal *p, struct keeper_session *session, const struct message *message,
                           struct buf *answer, struct rfd_error *error)
{
    (void)p;
    (void)error;
    if (message->type != KEEPER_HELLO && !session->greeted) return RFD_E_PROTOCOL;
    message_put_u32(answer, RFD_OK);
    (void)pthread_mutex_lock(&gate);
    if (message->type == KEEPER_HELLO) {
        message_put_u32(answer, KEEPER_VERSION);
        session->greeted = true;
    } else if (message->type == ASK_SLOW) {
        wait_at_gate();
        buf_put_slice(answer, message->body); /* what came goes back */
    } else {
        if (message->type != ASK_QUICK) is_open = message->type == ASK_OPEN;
        (void)pthread_cond_broadcast(&opened);
        message_put_u32(answer, waiting);
    }
    (void)pthread_mutex_unlock(&gate);
    return RFD_OK;
}

/* ---- The process ---- */

static struct running process;

static int be_personal(const struct running *k, struct supervised *self)
{
    struct personal_process_options options = {
        .store = k->store, .master = running_master(), .audit = k->audit, .threads = THREADS};
    self->context = &options;
    return personal_process_run(self);
}

static int set(void **state)
{
    static int number;
    char name[32];
    (void)state;
    (void)snprintf(name, sizeof name, "pool-%d", ++number);
    running_new(&process, folder_file(name));
    process.be = be_personal;
    running_start(&process);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    running_kill(&process);
    return 0;
}

static void send_slow(struct channel *c, uint32_t number)
{
    struct buf b;
    buf_init(&b, 16);
    message_put_u32(&b, number);
    assert_int_equal(channel_send(c, ASK_SLOW, number, buf_slice(&b), NULL, 0, NULL), RFD_OK);
    buf_dispose(&b);
}

/** The answer to one of them; its request number. */
static uint64_t take_answer(struct channel *c, rfd_status *status)
{
    struct message m;
    running_wait(c, &m);
    assert_int_equal(m.type, ASK_SLOW);
    struct message_reader r = message_read(m.body);
    *status = (rfd_status)message_get_u32(&r);
    if (*status == RFD_OK) assert_int_equal(message_get_u32(&r), m.request);
    return m.request;
}

static uint32_t ask_quick(struct channel *c, unsigned operation)
{
    struct message_reader r;
    assert_int_equal(keeper_ask(c, operation, SLICE_EMPTY, RUNNING_WAIT, &r, NULL), RFD_OK);
    return message_get_u32(&r);
}

static void until_waiting(struct channel *c, uint32_t wanted)
{
    for (int i = 0; i < TRIES && ask_quick(c, ASK_QUICK) != wanted; i++) (void)usleep(5000);
    assert_int_equal(ask_quick(c, ASK_QUICK), wanted);
}

/* ---- Tests ---- */

static void test_quick_ones_do_not_wait(void **state)
{
    (void)state;
    rfd_status status;
    struct channel *c = running_greet(&process, "web", 0);
    struct channel *other = running_greet(&process, "worker", 0);
    for (uint32_t i = 1; i <= THREADS + 3; i++) send_slow(c, i);
    until_waiting(other, THREADS); /* no more than there are threads */
    bool came[THREADS + 4] = {false};
    (void)ask_quick(other, ASK_OPEN);
    for (uint32_t i = 1; i <= THREADS + 3; i++) {
        uint64_t request = take_answer(c, &status);
        assert_int_equal(status, RFD_OK);
        assert_in_range(request, 1, THREADS + 3);
        assert_false(came[request]);
        came[request] = true;
    }
    channel_free(c);
    channel_free(other);
}

static void test_busy(void **state)
{
    (void)state;
    enum { MORE = 5, ALL = THREADS + POOL_WAITING };
    rfd_status status;
    struct channel *c = running_greet(&process, "web", 0);
    struct channel *other = running_greet(&process, "worker", 0);
    for (uint32_t i = 1; i <= THREADS; i++) send_slow(c, i);
    until_waiting(other, THREADS);
    for (uint32_t i = THREADS + 1; i <= ALL + MORE; i++) send_slow(c, i);
    for (uint32_t i = 0; i < MORE; i++) { /* they are told at once */
        assert_in_range(take_answer(c, &status), ALL + 1, ALL + MORE);
        assert_int_equal(status, RFD_E_BUSY);
    }
    (void)ask_quick(other, ASK_OPEN);
    for (uint32_t i = 0; i < ALL; i++) {
        (void)take_answer(c, &status);
        assert_int_equal(status, RFD_OK);
    }
    send_slow(c, 1); /* and there is room again */
    assert_int_equal(take_answer(c, &status), 1);
    assert_int_equal(status, RFD_OK);
    channel_free(c);
    channel_free(other);
}

/* Jobs of one lane take one thread, and half of the places: whoever else comes is served before them. */
static void test_lane(void **state)
{
    (void)state;
    enum { MORE = 5, PLACES = 1 + POOL_LANE_WAITING };
    rfd_status status;
    struct channel *c = running_greet(&process, "web", 0);
    struct channel *other = running_greet(&process, "worker", 0);
    send_slow(c, LANE_FROM);
    until_waiting(other, 1);
    for (uint32_t i = 1; i < PLACES + MORE; i++) send_slow(c, LANE_FROM + i);
    for (uint32_t i = 0; i < MORE; i++) {
        assert_in_range(take_answer(c, &status), LANE_FROM + PLACES, LANE_FROM + PLACES + MORE);
        assert_int_equal(status, RFD_E_BUSY);
    }
    send_slow(other, 1); /* at the gate, though so many were there before */
    until_waiting(c, 2);
    (void)ask_quick(c, ASK_OPEN);
    assert_int_equal(take_answer(other, &status), 1);
    for (uint32_t i = 0; i < PLACES; i++) { /* and of them each in its turn */
        assert_int_equal(take_answer(c, &status), LANE_FROM + i);
        assert_int_equal(status, RFD_OK);
    }
    channel_free(c);
    channel_free(other);
}

/* The place of a client that hung up is taken by another one, who must not get its answers. */
static void test_client_hangs_up(void **state)
{
    (void)state;
    rfd_status status;
    struct channel *watch = running_greet(&process, "worker", 0);
    for (int round = 0; round < 20; round++) {
        struct channel *c = running_greet(&process, "web", 0);
        for (uint32_t i = 1; i <= THREADS; i++) send_slow(c, 1000 + i);
        until_waiting(watch, THREADS);
        channel_free(c);
        c = running_greet(&process, "web", 0);
        send_slow(c, 7);
        (void)ask_quick(watch, ASK_OPEN);
        assert_int_equal(take_answer(c, &status), 7);
        assert_int_equal(status, RFD_OK);
        until_waiting(watch, 0);
        (void)ask_quick(watch, ASK_SHUT);
        channel_free(c);
    }
    channel_free(watch);
}

static void test_who_does_not_greet(void **state)
{
    (void)state;
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *watch = running_greet(&process, "worker", 0);
    struct channel *c = NULL;
    int fds[2];
    int64_t until = channel_clock() + RUNNING_WAIT;
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    running_give(&process, "web", fds[1]);
    assert_int_equal(channel_new(fds[0], &options, &c, NULL), RFD_OK);
    send_slow(c, 1);
    while (channel_receive(c, NULL) == RFD_OK && channel_clock() < until) (void)usleep(5000);
    struct message m;
    assert_false(channel_next(c, &m));
    assert_int_equal(channel_receive(c, NULL), RFD_E_PEER_GONE);
    assert_int_equal(ask_quick(watch, ASK_QUICK), 0);
    channel_free(c);
    channel_free(watch);
}

static int open_room(void **state)
{
    (void)state;
    return folder_new() == NULL;
}

static int close_room(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quick_ones_do_not_wait, set, clear),
        cmocka_unit_test_setup_teardown(test_busy, set, clear),
        cmocka_unit_test_setup_teardown(test_lane, set, clear),
        cmocka_unit_test_setup_teardown(test_client_hangs_up, set, clear),
        cmocka_unit_test_setup_teardown(test_who_does_not_greet, set, clear),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
