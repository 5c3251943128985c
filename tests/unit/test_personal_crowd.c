/* SPDX-License-Identifier: EUPL-1.2
 *
 * Many who try PINs of one seal at once, at the process with its threads, also while it is killed: five tries, and
 * nobody who had the right one is locked out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "keeper_running.h"
#include "personal/process.h"
#include "personal_desk.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum { CONNECTIONS = 60 /* operations of a seal that are open */, PORTALS = 8, TRIES = 5, ROUNDS = 4, THREADS = 8 };

static struct running process;
static char seal[PERSONAL_ID_SIZE];

static int be_personal(const struct running *k, struct supervised *self)
{
    struct personal_process_options options = {.store = k->store,
                                               .master = running_master(),
                                               .audit = k->audit,
                                               .threads = THREADS,
                                               .personal = personal_defaults};
    options.personal.algorithm = KEY_ALGORITHM_P256;
    self->context = &options;
    return personal_process_run(self);
}

/** A process on a copy of the desk's store, which has a seal: the desk still knows the key that PINs are encrypted to.
 */
static int set(void **state)
{
    if (pdesk_set(state) != 0) return 1;
    pdesk.personal->options.memory_kib = 4 << 10;
    pdesk_generate_seal(seal);
    clock_fix(RFD_TIME_NONE);
    process = (struct running){.be = be_personal, .audit = open("/dev/null", O_WRONLY | O_CLOEXEC)};
    (void)snprintf(process.store, sizeof process.store, "%.240s-process", pdesk.path);
    if (RUN("cp", "-a", pdesk.path, process.store) != 0) return 1;
    if (geteuid() == 0 && RUN("chown", "-R", "nobody:nogroup", process.store) != 0) return 1;
    running_start(&process);
    return 0;
}

static int clear(void **state)
{
    running_kill(&process);
    (void)close(process.audit);
    return pdesk_clear(state);
}

/* ---- A connection ---- */

struct connection {
    struct channel *channel;
    struct begun operation;
};

static void take_begun(struct connection *c, const struct operation_text *o, struct message_reader *r)
{
    struct begun *b = &c->operation;
    struct buf info = {.data = b->info, .capacity = sizeof b->info, .maximum = sizeof b->info};
    memcpy(b->id, message_get_bytes(r, sizeof b->id).data, sizeof b->id);
    memcpy(b->nonce, message_get_bytes(r, sizeof b->nonce).data, sizeof b->nonce);
    assert_int_equal(personal_activation_info(buf_slice(&pdesk.text), o, b->nonce, &info, NULL), RFD_OK);
    b->info_length = info.length;
}

static rfd_status begin(struct connection *c, unsigned number)
{
    struct message_reader r;
    uint8_t hash[OPERATION_HASH_SIZE];
    struct operation_document document = {.title = SLICE("Oficio"), .hash = slice_of(hash, sizeof hash)};
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(seal),
                                     .portal = SLICE(DESK_PORTAL),
                                     .digest = DIGEST_SHA256,
                                     .documents = &document,
                                     .count = 1,
                                     .time = clock_now() / RFD_SECOND * RFD_SECOND};
    pdesk_hash(number, hash);
    buf_reset(&pdesk.text);
    buf_reset(&pdesk.body);
    assert_int_equal(operation_write(&o, &pdesk.text, NULL), RFD_OK);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.text));
    message_put_u32(&pdesk.body, 0);
    message_put_u8(&pdesk.body, 0);
    message_put_text(&pdesk.body, "es");
    message_put_bytes(&pdesk.body, SLICE_EMPTY);
    message_put_bytes(&pdesk.body, SLICE_EMPTY);
    rfd_status status = keeper_ask(c->channel, PERSONAL_BEGIN, buf_slice(&pdesk.body), RUNNING_WAIT, &r, NULL);
    if (status == RFD_OK) take_begun(c, &o, &r);
    return status;
}

/** Sends a password, and waits for nothing. */
static void send_try(const struct connection *c, const char *password)
{
    const struct pressed p = pdesk_press(&c->operation, password, NULL, NULL, NULL);
    buf_reset(&pdesk.body);
    message_put_bytes(&pdesk.body, slice_of(c->operation.id, sizeof c->operation.id));
    message_put_bytes(&pdesk.body, slice_of(p.encapsulated, sizeof p.encapsulated));
    message_put_bytes(&pdesk.body, slice_of(p.sealed, p.length));
    assert_int_equal(channel_send(c->channel, PERSONAL_ACTIVATE, 7, buf_slice(&pdesk.body), NULL, 0, NULL), RFD_OK);
}

static rfd_status wait_for_answer(const struct connection *c)
{
    struct message m;
    running_wait(c->channel, &m);
    struct message_reader r = message_read(m.body);
    return (rfd_status)message_get_u32(&r);
}

/** So many connections that begin; false when it is refused to one of them, as to all that come. */
static bool begin_all(struct connection *all, size_t count)
{
    bool begun = true;
    for (size_t i = 0; i < count; i++) all[i].channel = running_greet(&process, "web", 0);
    for (size_t i = 0; i < count && begun; i++) begun = begin(&all[i], (unsigned)i) == RFD_OK;
    return begun;
}

static void hang_up(struct connection *all, size_t count)
{
    for (size_t i = 0; i < count; i++) channel_free(all[i].channel);
}

static rfd_status try_once(const char *password)
{
    struct connection c = {.channel = running_greet(&process, "web", 0)};
    rfd_status status = begin(&c, 500);
    if (status == RFD_OK) {
        send_try(&c, password);
        status = wait_for_answer(&c);
    }
    channel_free(c.channel);
    return status;
}

static void kill_and_start(void)
{
    running_kill(&process);
    running_start(&process);
}

/* ---- Tests ---- */

/* A hundred and twenty passwords on their way at once. */
static void test_wrong(void **state)
{
    (void)state;
    static struct connection all[CONNECTIONS];
    unsigned wrong = 0, locked = 0;
    char password[32];
    assert_true(begin_all(all, CONNECTIONS));
    for (unsigned i = 0; i < 2 * CONNECTIONS; i++) {
        (void)snprintf(password, sizeof password, "password %u", i);
        send_try(&all[i % CONNECTIONS], password);
    }
    for (unsigned i = 0; i < 2 * CONNECTIONS; i++) {
        rfd_status status = wait_for_answer(&all[i % CONNECTIONS]);
        wrong += status == RFD_E_ACTIVATION_PASSWORD;
        locked += status == RFD_E_CREDENTIAL_LOCKED;
        assert_int_not_equal(status, RFD_OK);
    }
    assert_int_equal(wrong, TRIES - 1);
    assert_true(locked >= 1);
    hang_up(all, CONNECTIONS);
    assert_int_equal(try_once(DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
    kill_and_start();
    assert_int_equal(try_once(DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
}

/* The right one, many times at once. */
static void test_right(void **state)
{
    (void)state;
    static struct connection all[CONNECTIONS];
    assert_true(begin_all(all, CONNECTIONS));
    for (size_t i = 0; i < CONNECTIONS; i++) send_try(&all[i], DESK_PASSWORD);
    for (size_t i = 0; i < CONNECTIONS; i++) assert_int_equal(wait_for_answer(&all[i]), RFD_OK);
    hang_up(all, CONNECTIONS);
}

/** How many of them have their answer, which is not read yet. */
static size_t count_answered(const struct connection *all, size_t count)
{
    size_t answered = 0;
    for (size_t i = 0; i < count; i++) {
        struct pollfd p = {.fd = channel_descriptor(all[i].channel), .events = POLLIN};
        answered += poll(&p, 1, 0) == 1;
    }
    return answered;
}

/* Who wants something else is not behind all tries of the seal. */
static void test_others_go_before(void **state)
{
    (void)state;
    static struct connection all[CONNECTIONS];
    struct message_reader r;
    struct channel *other = running_greet(&process, "web", 0);
    assert_true(begin_all(all, CONNECTIONS));
    for (size_t i = 0; i < CONNECTIONS; i++) send_try(&all[i], DESK_PASSWORD);
    buf_reset(&pdesk.body);
    message_put_text(&pdesk.body, seal);
    assert_int_equal(keeper_ask(other, PERSONAL_SHOW, buf_slice(&pdesk.body), RUNNING_WAIT, &r, NULL), RFD_OK);
    assert_true(count_answered(all, CONNECTIONS) < CONNECTIONS / 2);
    for (size_t i = 0; i < CONNECTIONS; i++) assert_int_equal(wait_for_answer(&all[i]), RFD_OK);
    hang_up(all, CONNECTIONS);
    channel_free(other);
}

/* Killed while right ones are judged, with no answer read or a few: the next right one is right. */
static void test_killed_while_right(void **state)
{
    (void)state;
    struct connection all[PORTALS];
    for (size_t round = 0; round < ROUNDS; round++) {
        assert_true(begin_all(all, PORTALS));
        for (size_t i = 0; i < PORTALS; i++) send_try(&all[i], DESK_PASSWORD);
        for (size_t i = 0; i < round; i++) assert_int_equal(wait_for_answer(&all[i]), RFD_OK);
        hang_up(all, PORTALS);
        kill_and_start();
        assert_int_equal(try_once(DESK_PASSWORD), RFD_OK);
    }
}

/* Who kills it between his tries has no more of them. */
static void test_killed_while_wrong(void **state)
{
    (void)state;
    struct connection all[PORTALS];
    rfd_status status = RFD_OK;
    unsigned wrong = 0;
    char password[32];
    for (unsigned round = 0; status != RFD_E_CREDENTIAL_LOCKED; round++) {
        if (!begin_all(all, PORTALS)) status = RFD_E_CREDENTIAL_LOCKED;
        for (unsigned i = 0; i < PORTALS && status != RFD_E_CREDENTIAL_LOCKED; i++) {
            (void)snprintf(password, sizeof password, "password %u", PORTALS * round + i);
            send_try(&all[i], password);
        }
        for (unsigned i = 0; i < round % 3 && status != RFD_E_CREDENTIAL_LOCKED; i++) {
            status = wait_for_answer(&all[i]);
            wrong += status == RFD_E_ACTIVATION_PASSWORD;
            assert_int_not_equal(status, RFD_OK);
        }
        hang_up(all, PORTALS);
        kill_and_start();
    }
    assert_true(wrong < TRIES);
    assert_int_equal(try_once(DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
}

static int open_room(void **state)
{
    return pdesk_open_room(state) != 0 || RUN("chmod", "755", folder_file(".")) != 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set, clear)
    const struct CMUnitTest tests[] = {TEST(test_wrong), TEST(test_right), TEST(test_others_go_before),
                                       TEST(test_killed_while_right), TEST(test_killed_while_wrong)};
    return cmocka_run_group_tests(tests, open_room, pdesk_close_room);
}
