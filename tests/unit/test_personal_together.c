/* SPDX-License-Identifier: EUPL-1.2
 *
 * PINs of one seal that are judged at once: how many, what is on disk meanwhile, what a power cut leaves, and what has
 * to wait. Argon2id stops where the test says, so that nothing depends on who is faster.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "keeper/argon.h"
#include "personal_desk.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

enum { CONNECTIONS = 100, OPERATIONS = 60 /* of a seal that are open */, TRIES = 5, TOGETHER = 2, CUTS = 3 };

/* ---- Argon2id, which waits ---- */

rfd_status __real_argon_hash(const struct argon_costs *costs, slice password, slice salt, struct argon_block *block,
                             uint8_t *hash, size_t length, struct rfd_error *error);
rfd_status __wrap_argon_hash(const struct argon_costs *costs, slice password, slice salt, struct argon_block *block,
                             uint8_t *hash, size_t length, struct rfd_error *error);

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const char *held; /* passwords that begin so wait; NULL: none does */
    unsigned waiting, most, computed;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static bool is_held(slice password)
{
    return gate.held != NULL && slice_starts(password, slice_text(gate.held));
}

rfd_status __wrap_argon_hash(const struct argon_costs *costs, slice password, slice salt, struct argon_block *block,
                             uint8_t *hash, size_t length, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.computed++;
    gate.waiting++;
    if (gate.waiting > gate.most) gate.most = gate.waiting;
    (void)pthread_cond_broadcast(&gate.changed);
    while (is_held(password)) (void)pthread_cond_wait(&gate.changed, &gate.lock);
    gate.waiting--;
    (void)pthread_mutex_unlock(&gate.lock);
    return __real_argon_hash(costs, password, salt, block, hash, length, error);
}

/** From now on these wait; what waits and is none of them goes on. */
static void hold(const char *held)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.held = held;
    if (held != NULL && gate.waiting == 0) gate.most = gate.computed = 0;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
}

static unsigned computed(void)
{
    (void)pthread_mutex_lock(&gate.lock);
    unsigned n = gate.computed;
    (void)pthread_mutex_unlock(&gate.lock);
    return n;
}

static void wait_for(unsigned waiting)
{
    (void)pthread_mutex_lock(&gate.lock);
    while (gate.waiting < waiting) (void)pthread_cond_wait(&gate.changed, &gate.lock);
    (void)pthread_mutex_unlock(&gate.lock);
}

/* ---- A disk that fails ---- */

rfd_status __real_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error);
rfd_status __wrap_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error);

static enum { DISK_WORKS, DISK_FAILS, DISK_FAILS_AFTERWARDS } disk;

rfd_status __wrap_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error)
{
    if (disk != DISK_FAILS) {
        rfd_status status = __real_key_folder_write(f, name, content, replace, error);
        if (disk == DISK_WORKS) return status;
    }
    return error_errno(error, RFD_E_IO_WRITE, EIO, "%s", name);
}

/* ---- Connections ---- */

/** One that sends one ciphertext, again while somebody else's for the same operation is judged. */
struct connection {
    pthread_t thread;
    struct begun operation;
    struct pressed try;
    rfd_status status;
};

static rfd_status ask(const struct connection *c)
{
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct buf body, answer;
    buf_init(&body, ISSUE_BODY);
    buf_init(&answer, ISSUE_BODY);
    message_put_bytes(&body, slice_of(c->operation.id, sizeof c->operation.id));
    message_put_bytes(&body, slice_of(c->try.encapsulated, sizeof c->try.encapsulated));
    message_put_bytes(&body, slice_of(c->try.sealed, c->try.length));
    const struct message m = {.type = PERSONAL_ACTIVATE, .body = buf_slice(&body)};
    rfd_status status = personal_handle(pdesk.personal, &session, &m, &answer, NULL);
    struct message_reader r = message_read(buf_slice(&answer));
    if (status == RFD_OK) status = (rfd_status)message_get_u32(&r);
    buf_dispose(&body);
    buf_dispose(&answer);
    return status;
}

static void *send_try(void *context)
{
    struct connection *c = context;
    do {
        c->status = ask(c);
    } while (c->status == RFD_E_BUSY && sched_yield() == 0);
    return NULL;
}

static void start(struct connection *c, const struct begun *operation, const char *password, const char *code)
{
    c->operation = *operation;
    c->try = pdesk_press(operation, password, code, NULL, NULL);
    assert_int_equal(pthread_create(&c->thread, NULL, send_try, c), 0);
}

/** Begins and tries with this password. */
static void start_try(struct connection *c, const char *id, unsigned number, const char *password)
{
    struct begun b;
    assert_int_equal(pdesk_begin_sign(id, number, 1, &b), RFD_OK);
    start(c, &b, password, NULL);
}

static void start_tries(struct connection *all, size_t count, const char *id, const char *password)
{
    for (size_t i = 0; i < count; i++) start_try(&all[i], id, (unsigned)i, password);
}

static rfd_status end(const struct connection *c)
{
    assert_int_equal(pthread_join(c->thread, NULL), 0);
    return c->status;
}

static unsigned end_all(const struct connection *all, size_t count, rfd_status status)
{
    unsigned n = 0;
    for (size_t i = 0; i < count; i++) n += end(&all[i]) == status;
    return n;
}

/* ---- What is known ---- */

static unsigned left(const char *id)
{
    struct shown shown;
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    return shown.wrong_left;
}

static unsigned on_disk(const char *id)
{
    struct record r = {.state = 0};
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    unsigned wrong = r.wrong_passwords;
    record_dispose(&r);
    return wrong;
}

static rfd_status try_once(const char *id, const char *password)
{
    struct begun b;
    rfd_status status = pdesk_begin_sign(id, 1000, 1, &b);
    return status == RFD_OK ? pdesk_activate(&b, password, NULL, NULL, NULL, NULL) : status;
}

/** What the disk has now is the keeper's that comes; what goes on here goes on for nobody. */
static void cut_power(struct connection *all, size_t count)
{
    char path[sizeof pdesk.path];
    (void)snprintf(path, sizeof path, "%.240s-cut", pdesk.path);
    assert_int_equal(RUN("cp", "-a", pdesk.path, path), 0);
    hold(NULL);
    (void)end_all(all, count, RFD_OK);
    memcpy(pdesk.path, path, sizeof path);
    pdesk_reopen();
}

/** Until so many wait to have the holder for themselves. */
static void wait_for_claims(const char *id, unsigned claims)
{
    struct entry *e = NULL;
    for (unsigned now = claims + 1; now != claims; (void)sched_yield()) {
        (void)pthread_mutex_lock(&pdesk.personal->lock);
        assert_int_equal(holders_entry(pdesk.personal, slice_text(id), &e, NULL), RFD_OK);
        now = e->holder->claims;
        (void)pthread_mutex_unlock(&pdesk.personal->lock);
    }
}

/* ---- How many at once ---- */

/* Eight portals with the right PIN: two are judged at once, and nothing is left of it on disk. */
static void test_right(void **state)
{
    (void)state;
    enum { PORTALS = 8 };
    static struct connection all[PORTALS];
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    hold("");
    start_tries(all, PORTALS, id, DESK_PASSWORD);
    wait_for(TOGETHER);
    assert_int_equal(on_disk(id), TOGETHER); /* before they are judged */
    assert_int_equal(left(id), TRIES);       /* nobody was wrong */
    hold(NULL);
    assert_int_equal(end_all(all, PORTALS, RFD_OK), PORTALS);
    assert_int_equal(gate.most, TOGETHER);
    assert_int_equal(computed(), PORTALS);
    assert_int_equal(on_disk(id), 1);
    assert_int_equal(left(id), TRIES);
}

/* A hundred connections with a password of their own each: five are judged. */
static void test_hundred_wrong(void **state)
{
    (void)state;
    static struct connection all[CONNECTIONS];
    static struct begun operations[OPERATIONS];
    char id[PERSONAL_ID_SIZE], password[32];
    struct shown shown;
    pdesk_generate_seal(id);
    for (unsigned i = 0; i < OPERATIONS; i++) assert_int_equal(pdesk_begin_sign(id, i, 1, &operations[i]), RFD_OK);
    hold("");
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        (void)snprintf(password, sizeof password, "password %u", i);
        start(&all[i], &operations[i % OPERATIONS], password, NULL);
    }
    wait_for(TOGETHER); /* two as long as nobody knows */
    assert_int_equal(on_disk(id), TOGETHER);
    hold(NULL);
    unsigned wrong = end_all(all, CONNECTIONS, RFD_E_ACTIVATION_PASSWORD);
    unsigned locked = 0;
    for (size_t i = 0; i < CONNECTIONS; i++) locked += all[i].status == RFD_E_CREDENTIAL_LOCKED;
    assert_int_equal(computed(), TRIES);
    assert_int_equal(wrong, TRIES - 1);
    for (size_t i = 0; i < CONNECTIONS; i++) assert_int_not_equal(all[i].status, RFD_OK);
    assert_true(locked >= 1);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_LOCKED);
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
    pdesk_reopen();
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
}

/* The fewer are left, the fewer at once: the last ones alone. */
static void test_alone_when_few_are_left(void **state)
{
    (void)state;
    static struct connection all[3];
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    for (unsigned i = 0; i < 2; i++) assert_int_equal(try_once(id, "wrong"), RFD_E_ACTIVATION_PASSWORD);
    hold("");
    start_tries(all, 3, id, DESK_PASSWORD);
    wait_for(1);
    assert_int_equal(on_disk(id), 3);
    /* When it was right, two at once again. */
    hold(NULL);
    assert_int_equal(end_all(all, 3, RFD_OK), 3);
    assert_int_equal(on_disk(id), 1);
    assert_int_equal(left(id), TRIES);
    /* As many tries at once as the operator allows, by halves. */
    static const uint8_t at_once[][2] = {{3, 1}, {4, 2}, {5, 2}, {6, 3}, {10, 5}};
    for (size_t i = 0; i < sizeof at_once / sizeof *at_once; i++) {
        struct entry e = {.wrong_passwords = 0};
        pdesk.personal->options.wrong_passwords = at_once[i][0];
        while (count_has_room(pdesk.personal, &e)) e.judging++;
        assert_int_equal(e.judging, at_once[i][1]);
    }
    pdesk.personal->options.wrong_passwords = TRIES;
}

/* What was right forgets what was wrong before, and nothing of what comes after it. */
static void test_right_and_wrong(void **state)
{
    (void)state;
    struct connection right, wrong;
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    for (unsigned first = 0; first < 2; first++) {
        assert_int_equal(try_once(id, "wrong 1"), RFD_E_ACTIVATION_PASSWORD);
        hold("");
        start_try(&right, id, 2 * first, DESK_PASSWORD);
        start_try(&wrong, id, 2 * first + 1, "wrong 2");
        wait_for(TOGETHER);
        assert_int_equal(on_disk(id), 3);
        hold(first == 0 ? "wrong" : DESK_PASSWORD);
        assert_int_equal(end(first == 0 ? &right : &wrong), first == 0 ? RFD_OK : RFD_E_ACTIVATION_PASSWORD);
        assert_int_equal(left(id), first == 0 ? 5 : 3);
        assert_int_equal(on_disk(id), 3); /* one is judged still */
        hold(NULL);
        assert_int_equal(end(first == 0 ? &wrong : &right), first == 0 ? RFD_E_ACTIVATION_PASSWORD : RFD_OK);
        assert_int_equal(left(id), first == 0 ? 4 : 5);
        assert_int_equal(on_disk(id), 1);
        assert_int_equal(try_once(id, DESK_PASSWORD), RFD_OK);
    }
}

/* People are there once: their passwords are judged one after the other. */
static void test_people(void **state)
{
    (void)state;
    struct connection all[2];
    struct begun b[2];
    char id[PERSONAL_ID_SIZE], code[2][PERSONAL_CODE_SIZE];
    pdesk_generate(1, id);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pdesk_begin_sign(id, i, 1, &b[i]), RFD_OK);
        pdesk_code(&b[i], 0, code[i]);
    }
    hold("");
    for (unsigned i = 0; i < 2; i++) start(&all[i], &b[i], DESK_PASSWORD, code[i]);
    wait_for(1);
    wait_for_claims(id, 1);
    hold(NULL);
    assert_int_equal(end_all(all, 2, RFD_OK), 2);
    assert_int_equal(gate.most, 1);
}

/* ---- The power goes ---- */

/* Eight portals are on their way each time: their seal is not locked, and the next right one forgets it all. */
static void test_cut_while_right(void **state)
{
    (void)state;
    enum { PORTALS = 8 };
    static struct connection all[PORTALS];
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    for (unsigned i = 0; i < 2; i++) {
        hold("");
        start_tries(all, PORTALS, id, DESK_PASSWORD);
        wait_for(TOGETHER);
        cut_power(all, PORTALS);
        assert_int_equal(left(id), TRIES - TOGETHER);
        assert_int_equal(try_once(id, DESK_PASSWORD), RFD_OK);
        assert_int_equal(left(id), TRIES);
        assert_int_equal(on_disk(id), 1);
    }
    /* Again and again before one of them is answered: half of what is left stays each time. */
    for (unsigned i = 0; i < CUTS; i++) {
        hold("");
        start_tries(all, PORTALS, id, DESK_PASSWORD);
        wait_for(i == 0 ? TOGETHER : 1);
        cut_power(all, PORTALS);
        assert_int_equal(left(id), TRIES - TOGETHER - i);
    }
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_OK);
    assert_int_equal(left(id), TRIES);
}

/* Who cuts the power as soon as something is judged has five tries all the same. */
static void test_cut_while_wrong(void **state)
{
    (void)state;
    enum { GUESSES = 8 };
    static struct connection all[GUESSES];
    char id[PERSONAL_ID_SIZE];
    unsigned judged = 0;
    pdesk_generate_seal(id);
    while (left(id) > 0) {
        hold("");
        start_tries(all, GUESSES, id, "wrong");
        wait_for(judged == 0 ? TOGETHER : 1);
        judged += computed();
        cut_power(all, GUESSES);
    }
    assert_int_equal(judged, TRIES);
    hold("");
    hold(NULL); /* counts anew */
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(computed(), 0);
}

/* ---- What waits ---- */

/* Who destroys the key waits for what is judged, and is waited for by what comes. */
static void test_destroyed_meanwhile(void **state)
{
    (void)state;
    struct connection early[TOGETHER], destroyer, late;
    struct begun b, last;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    pdesk_generate_seal(id);
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    hold("");
    start_tries(early, TOGETHER, id, DESK_PASSWORD);
    assert_int_equal(pdesk_begin_sign(id, 10, 1, &last), RFD_OK);
    wait_for(TOGETHER);
    start(&destroyer, &b, NULL, code);
    wait_for_claims(id, 1);
    start(&late, &last, DESK_PASSWORD, NULL);
    hold(NULL);
    assert_int_equal(end_all(early, TOGETHER, RFD_OK), TOGETHER);
    assert_int_equal(end(&destroyer), RFD_OK);
    assert_int_equal(end(&late), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(computed(), TOGETHER);
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_E_NOT_FOUND);
}

/* A new password waits for tries of the old one; none of those that come later is judged by the old key. */
static void test_password_changed_meanwhile(void **state)
{
    (void)state;
    struct connection early, changer;
    struct begun b;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    pdesk_generate_seal(id);
    assert_int_equal(pdesk_begin(OPERATION_PASSWORD, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    hold("");
    start_try(&early, id, 0, DESK_PASSWORD);
    wait_for(1);
    changer.operation = b;
    changer.try = pdesk_press(&b, DESK_PASSWORD, code, "otra clave 2", NULL);
    assert_int_equal(pthread_create(&changer.thread, NULL, send_try, &changer), 0);
    wait_for_claims(id, 1);
    hold(NULL);
    assert_int_equal(end(&early), RFD_OK);
    assert_int_equal(end(&changer), RFD_OK);
    assert_int_equal(try_once(id, DESK_PASSWORD), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(try_once(id, "otra clave 2"), RFD_OK);
}

/* ---- Disks that fail ---- */

/* What cannot be counted is not judged; what cannot be given back is counted again before the next. */
static void test_failing_disk(void **state)
{
    (void)state;
    struct connection all[TOGETHER];
    char id[PERSONAL_ID_SIZE];
    pdesk_generate_seal(id);
    assert_int_equal(try_once(id, "wrong"), RFD_E_ACTIVATION_PASSWORD);
    hold("");
    hold(NULL);
    disk = DISK_FAILS;
    assert_int_equal(try_once(id, "wrong"), RFD_E_IO_WRITE);
    assert_int_equal(computed(), 0);
    disk = DISK_WORKS;
    assert_int_equal(left(id), TRIES - 1);
    hold("");
    start_tries(all, TOGETHER, id, DESK_PASSWORD);
    wait_for(TOGETHER);
    disk = DISK_FAILS_AFTERWARDS; /* it has the lower number, and says that it has not */
    hold(NULL);
    assert_int_equal(end_all(all, TOGETHER, RFD_OK), TOGETHER - 1);
    disk = DISK_WORKS;
    assert_int_equal(on_disk(id), 1);
    hold("");
    start_tries(all, TOGETHER, id, "wrong");
    wait_for(TOGETHER);
    assert_int_equal(on_disk(id), TOGETHER);
    hold(NULL);
    assert_int_equal(end_all(all, TOGETHER, RFD_E_ACTIVATION_PASSWORD), TOGETHER);
    pdesk_reopen();
    assert_int_equal(left(id), TRIES - TOGETHER);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pdesk_set, pdesk_clear)
    const struct CMUnitTest tests[] = {TEST(test_right),
                                       TEST(test_hundred_wrong),
                                       TEST(test_alone_when_few_are_left),
                                       TEST(test_right_and_wrong),
                                       TEST(test_people),
                                       TEST(test_cut_while_right),
                                       TEST(test_cut_while_wrong),
                                       TEST(test_destroyed_meanwhile),
                                       TEST(test_password_changed_meanwhile),
                                       TEST(test_failing_disk)};
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
