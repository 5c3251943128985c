/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes and passwords tried out over many connections at once: however many there are, five are judged.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "personal_desk.h"

#include <pthread.h>
#include <stdio.h>

enum { CREDENTIALS = 4, OPERATIONS = 2 * CREDENTIALS /* so many are open */, TRIES = 6, JUDGED = 5 };

/** One connection, which tries what was encrypted for one operation. */
struct connection {
    pthread_t thread;
    struct begun operation;
    struct pressed tries[TRIES];
    size_t count;
    rfd_status statuses[TRIES];
};

static rfd_status ask(struct keeper_session *session, const struct begun *o, const struct pressed *p)
{
    struct buf body, answer;
    buf_init(&body, ISSUE_BODY);
    buf_init(&answer, ISSUE_BODY);
    message_put_bytes(&body, slice_of(o->id, sizeof o->id));
    message_put_bytes(&body, slice_of(p->encapsulated, sizeof p->encapsulated));
    message_put_bytes(&body, slice_of(p->sealed, p->length));
    const struct message m = {.type = PERSONAL_ACTIVATE, .body = buf_slice(&body)};
    rfd_status status = personal_handle(pdesk.personal, session, &m, &answer, NULL);
    struct message_reader r = message_read(buf_slice(&answer));
    if (status == RFD_OK) status = (rfd_status)message_get_u32(&r);
    buf_dispose(&body);
    buf_dispose(&answer);
    return status;
}

static void *try_all(void *context)
{
    struct connection *c = context;
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    for (size_t i = 0; i < c->count; i++) c->statuses[i] = ask(&session, &c->operation, &c->tries[i]);
    return NULL;
}

/** How often it was this answer. */
static unsigned count(const struct connection *all, size_t connections, rfd_status status)
{
    unsigned n = 0;
    for (size_t i = 0; i < connections; i++) {
        for (size_t k = 0; k < all[i].count; k++) n += all[i].statuses[k] == status;
    }
    return n;
}

static void run_all(struct connection *all, size_t connections)
{
    for (size_t i = 0; i < connections; i++)
        assert_int_equal(pthread_create(&all[i].thread, NULL, try_all, &all[i]), 0);
    for (size_t i = 0; i < connections; i++) assert_int_equal(pthread_join(all[i].thread, NULL), 0);
}

/* One holder's credentials, two operations of each, all at once: codes are the holder's. */
static void test_codes(void **state)
{
    static struct connection all[OPERATIONS];
    char id[CREDENTIALS][PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    (void)state;
    for (size_t i = 0; i < CREDENTIALS; i++) pdesk_generate(1, id[i]);
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct connection *c = &all[i];
        assert_int_equal(pdesk_begin_sign(id[i / 2], (unsigned)i, 1, &c->operation), RFD_OK);
        pdesk_code(&c->operation, 0, code);
        for (c->count = 0; c->count < TRIES; c->count++) {
            pdesk_other_code(code);
            c->tries[c->count] = pdesk_press(&c->operation, DESK_PASSWORD, code, NULL, NULL);
        }
    }
    run_all(all, OPERATIONS);
    assert_int_equal(count(all, OPERATIONS, RFD_E_ACTIVATION_CODE), JUDGED - 1);
    assert_int_equal(count(all, OPERATIONS, RFD_OK), 0);
    assert_true(count(all, OPERATIONS, RFD_E_CREDENTIAL_LOCKED) >= 1);
    struct begun b;
    for (size_t i = 0; i < CREDENTIALS; i++)
        assert_int_equal(pdesk_begin_sign(id[i], 0, 1, &b), RFD_E_CREDENTIAL_LOCKED);
}

/* Whoever has the telephone tries passwords: they are the credential's. */
static void test_passwords(void **state)
{
    static struct connection all[2];
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], password[32];
    struct shown shown;
    (void)state;
    pdesk_generate(1, id);
    for (size_t i = 0; i < 2; i++) {
        struct connection *c = &all[i];
        assert_int_equal(pdesk_begin_sign(id, (unsigned)i, 1, &c->operation), RFD_OK);
        pdesk_code(&c->operation, 0, code);
        for (c->count = 0; c->count < TRIES; c->count++) {
            (void)snprintf(password, sizeof password, "password %zu-%zu", i, c->count);
            c->tries[c->count] = pdesk_press(&c->operation, password, code, NULL, NULL);
        }
    }
    run_all(all, 2);
    assert_int_equal(count(all, 2, RFD_E_ACTIVATION_PASSWORD), JUDGED - 1);
    assert_int_equal(count(all, 2, RFD_OK), 0);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_LOCKED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_codes, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_passwords, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
