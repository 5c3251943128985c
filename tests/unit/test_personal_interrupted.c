/* SPDX-License-Identifier: EUPL-1.2
 *
 * Changes that end at any of their writes, and are done once more; and changes that come between two steps of something
 * else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "personal_desk.h"

#include <errno.h>

enum { WRITES = 8 /* more than any change has */, WRONG_CODES = 5 };
#define NEW_MOBILE "+51******222"

/* ---- A disk that ends, and a moment between two steps ---- */

rfd_status __real_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error);
rfd_status __wrap_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error);
rfd_status __real_record_read(struct personal *p, const char *id, struct record *out, struct rfd_error *error);
rfd_status __wrap_record_read(struct personal *p, const char *id, struct record *out, struct rfd_error *error);

static size_t writes = SIZE_MAX;        /* that are left; none comes after a failed one */
static bool written;                    /* the one that fails is on disk all the same */
static void (*meanwhile)(const char *); /* called once, after a record was read */

rfd_status __wrap_key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                                   struct rfd_error *error)
{
    if (writes == SIZE_MAX || writes-- > 0) return __real_key_folder_write(f, name, content, replace, error);
    writes = 0;
    if (written) assert_int_equal(__real_key_folder_write(f, name, content, replace, error), RFD_OK);
    written = false;
    return error_errno(error, RFD_E_IO_WRITE, EIO, "%s", name);
}

rfd_status __wrap_record_read(struct personal *p, const char *id, struct record *out, struct rfd_error *error)
{
    rfd_status status = __real_record_read(p, id, out, error);
    void (*then)(const char *) = meanwhile;
    meanwhile = NULL;
    if (then != NULL) then(id);
    return status;
}

/** The process ended there. */
static void reopen(void)
{
    writes = SIZE_MAX;
    pdesk_reopen();
}

/* ---- What people do ---- */

static void approve_another_mobile(void)
{
    pdesk_approve(1, pdesk.now + RFD_SECOND);
    pdesk.approval.mobile = SLICE("+51999000222");
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.agent, &pdesk.approval, &pdesk.signed_data);
}

/** In a message of its own: another one may be on its way. */
static rfd_status adopt(const char *id)
{
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct buf body, answer;
    buf_init(&body, ISSUE_BODY);
    buf_init(&answer, ISSUE_BODY);
    message_put_text(&body, id);
    message_put_u32(&body, 1);
    message_put_bytes(&body, buf_slice(&pdesk.signed_data));
    const struct message m = {.type = PERSONAL_ADOPT, .body = buf_slice(&body)};
    assert_int_equal(personal_handle(pdesk.personal, &session, &m, &answer, NULL), RFD_OK);
    struct message_reader r = message_read(buf_slice(&answer));
    rfd_status status = (rfd_status)message_get_u32(&r);
    buf_dispose(&body);
    buf_dispose(&answer);
    return status;
}

static void adopt_meanwhile(const char *id)
{
    assert_int_equal(adopt(id), RFD_OK);
}

static rfd_status give_code(const char *id, bool right)
{
    struct begun b;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin_sign(id, 0, 1, &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, code);
    if (!right) pdesk_other_code(code);
    return pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL);
}

static rfd_status change_mobile(const char *id)
{
    struct begun b;
    char first[PERSONAL_CODE_SIZE], second[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin(OPERATION_MOBILE, id, &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, first);
    pdesk_wait(10);
    pdesk_code(&b, 1, second);
    return pdesk_activate(&b, DESK_PASSWORD, first, NULL, second, NULL);
}

static void assert_mobile(const char *id, const char *mobile)
{
    struct shown shown;
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_string_equal(shown.mobile, mobile);
}

static void begin_anew(void **state)
{
    assert_int_equal(pdesk_clear(state), 0);
    assert_int_equal(pdesk_set(state), 0);
}

/* ---- Interrupted ---- */

/* Mobile and locks are the approval's in the end, though it is adopted once. */
static void test_adoption(void **state)
{
    for (size_t n = 0; n < WRITES; n++) {
        char id[PERSONAL_ID_SIZE];
        pdesk_generate(1, id);
        for (unsigned i = 0; i < WRONG_CODES; i++) (void)give_code(id, false);
        approve_another_mobile();
        writes = n;
        rfd_status first = adopt(id);
        reopen();
        rfd_status again = adopt(id);
        assert_true(again == RFD_OK || (again == RFD_E_APPROVAL && first == RFD_OK));
        assert_mobile(id, NEW_MOBILE);
        assert_int_equal(give_code(id, true), RFD_OK);
        begin_anew(state);
    }
}

/* People have one mobile, also when they had to ask twice. */
static void test_mobile(void **state)
{
    for (size_t n = 0; n < WRITES; n++) {
        char id[2][PERSONAL_ID_SIZE];
        for (size_t i = 0; i < 2; i++) pdesk_generate(1, id[i]);
        writes = n;
        rfd_status first = change_mobile(id[1]);
        reopen();
        if (first != RFD_OK) assert_int_equal(change_mobile(id[1]), RFD_OK);
        for (size_t i = 0; i < 2; i++) assert_mobile(id[i], "+51******112");
        begin_anew(state);
    }
}

/* Wrong codes that were forgotten, as far as anybody knows, are counted from the beginning: no try is only in memory.
 */
static void test_forgotten_codes(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct code_counters c;
    pdesk_generate(1, id);
    for (unsigned i = 0; i < 3; i++) assert_int_equal(give_code(id, false), RFD_E_ACTIVATION_CODE);
    writes = 1; /* the right one is counted as a wrong one first */
    written = true;
    assert_int_equal(give_code(id, true), RFD_E_IO_WRITE);
    writes = SIZE_MAX;
    assert_int_equal(record_read_counters(pdesk.personal, "IDCPE-00000001", &c, NULL), RFD_OK);
    assert_int_equal(c.wrong, 0);
    assert_int_equal(give_code(id, false), RFD_E_ACTIVATION_CODE);
    assert_int_equal(record_read_counters(pdesk.personal, "IDCPE-00000001", &c, NULL), RFD_OK);
    assert_true(c.wrong >= 1);
}

/* ---- Between two steps ---- */

/* Agents approve another mobile while an operation begins: the number that was given up gets no code. */
static void test_adopted_while_beginning(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    struct message_reader r;
    pdesk_generate(1, id);
    approve_another_mobile();
    meanwhile = adopt_meanwhile;
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_BUSY);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_TAKE_CODES, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 0);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    assert_string_equal(b.masked, NEW_MOBILE);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_OK);
}

/* A key that was begun with the old number is not made with it. */
static void test_mobile_changed_while_generating(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(change_mobile(id), RFD_OK);
    assert_int_equal(pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, NULL), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    assert_string_equal(b.masked, "+51******112");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pdesk_set, pdesk_clear)
    const struct CMUnitTest tests[] = {TEST(test_adoption), TEST(test_mobile), TEST(test_forgotten_codes),
                                       TEST(test_adopted_while_beginning), TEST(test_mobile_changed_while_generating)};
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
