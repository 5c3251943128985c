/* SPDX-License-Identifier: EUPL-1.2
 *
 * Wrong codes and passwords, what is repeated and what is for something else, clocks that step, and who may not ask.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "personal_desk.h"

#include <stdio.h>

enum { MINUTE = 60 };

static rfd_status wrong_password(const char *id)
{
    struct begun b;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin_sign(id, 0, 1, &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, code);
    return pdesk_activate(&b, "another password", code, NULL, NULL, NULL);
}

static rfd_status wrong_code(const char *id)
{
    struct begun b;
    char code[PERSONAL_CODE_SIZE];
    rfd_status status = pdesk_begin_sign(id, 0, 1, &b);
    if (status != RFD_OK) return status;
    pdesk_code(&b, 0, code);
    pdesk_other_code(code);
    return pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL);
}

static rfd_status adopt(const char *id)
{
    message_put_text(&pdesk.body, id);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    return pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ADOPT, NULL);
}

static void test_wrong_password(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    struct message_reader r;
    struct shown shown;
    uint8_t sad[PERSONAL_SAD_SIZE];
    pdesk_generate(1, id);
    /* Four wrong ones and a right one: all forgotten. The code holds for the operation. */
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    for (unsigned i = 4; i > 0; i--) {
        assert_int_equal(pdesk_activate(&b, "another password", code, NULL, NULL, &r), RFD_E_ACTIVATION_PASSWORD);
        assert_int_equal(pdesk_show(id, &shown), RFD_OK);
        assert_int_equal(shown.wrong_left, i);
    }
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, &r), RFD_OK);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.wrong_left, 5);
    /* Over a restart the count stays. */
    for (unsigned i = 0; i < 3; i++) assert_int_equal(wrong_password(id), RFD_E_ACTIVATION_PASSWORD);
    pdesk_reopen();
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.wrong_left, 2);
    assert_int_equal(pdesk_authorise(id, 50, 2, sad), RFD_OK);
    for (unsigned i = 0; i < 4; i++) assert_int_equal(wrong_password(id), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(wrong_password(id), RFD_E_CREDENTIAL_LOCKED);
    /* Locked: what was authorised has ended, the right password is of no use, time does not help. */
    assert_int_equal(pdesk_sign(sad, 50, 1, &r), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_E_CREDENTIAL_LOCKED);
    pdesk_wait(3600 * 24);
    pdesk_reopen();
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_LOCKED);
    assert_int_equal(shown.wrong_left, 0);
}

static void test_adoption_unlocks(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct shown shown;
    pdesk_generate(1, id);
    for (unsigned i = 0; i < 4; i++) assert_int_equal(wrong_password(id), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(wrong_password(id), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(adopt(id), RFD_E_APPROVAL); /* the one that holds already */
    pdesk_approve(2, pdesk.now + RFD_SECOND);
    assert_int_equal(adopt(id), RFD_E_APPROVAL); /* another holder's */
    pdesk_approve(1, pdesk.now + RFD_SECOND);
    struct approval a = pdesk.approval;
    a.mobile = SLICE("+51999000222");
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.other, &a, &pdesk.signed_data);
    assert_int_equal(adopt(id), RFD_E_APPROVAL); /* by nobody */
    assert_int_equal(
        pdesk_register(KEEPER_REGISTRATION_CLIENT, "bank", pdesk.other.certificate->der, "pe-natural-person", NULL),
        RFD_OK);
    assert_int_equal(adopt(id), RFD_E_APPROVAL); /* by no agent */
    buf_reset(&pdesk.signed_data);
    issue_sign(&pdesk.agent, &a, &pdesk.signed_data);
    assert_int_equal(adopt(id), RFD_OK);
    assert_int_equal(adopt(id), RFD_E_APPROVAL); /* once */
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_ACTIVE);
    assert_int_equal(shown.wrong_left, 5);
    assert_string_equal(shown.mobile, "+51******222");
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_OK);
    pdesk_reopen();
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_OK);
}

static void test_wrong_codes(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct shown shown;
    pdesk_generate(1, id);
    for (unsigned lock = 0; lock < 3; lock++) {
        unsigned minutes = 15U << lock;
        for (unsigned i = 0; i < 4; i++) assert_int_equal(wrong_code(id), RFD_E_ACTIVATION_CODE);
        assert_int_equal(wrong_code(id), RFD_E_CREDENTIAL_LOCKED);
        assert_int_equal(wrong_code(id), RFD_E_CREDENTIAL_LOCKED);
        assert_int_equal(pdesk_show(id, &shown), RFD_OK);
        assert_int_equal(shown.refused_until, pdesk.now + minutes * MINUTE * RFD_SECOND);
        if (lock == 1) pdesk_reopen(); /* the times are kept */
        pdesk_wait(minutes * MINUTE - 1);
        assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_E_CREDENTIAL_LOCKED);
        pdesk_wait(1);
    }
    /* A right one, and it begins anew. */
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_OK);
    for (unsigned i = 0; i < 4; i++) assert_int_equal(wrong_code(id), RFD_E_ACTIVATION_CODE);
    assert_int_equal(wrong_code(id), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.refused_until, pdesk.now + 15 * MINUTE * RFD_SECOND);
}

/* Wrong codes are counted for the holder: other credentials and generations are no way around. */
static void test_codes_are_the_holders(void **state)
{
    (void)state;
    char first[PERSONAL_ID_SIZE], second[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate(1, first);
    pdesk_generate(1, second);
    assert_int_equal(wrong_code(first), RFD_E_ACTIVATION_CODE);
    assert_int_equal(wrong_code(second), RFD_E_ACTIVATION_CODE);
    pdesk_reopen();
    assert_int_equal(wrong_code(first), RFD_E_ACTIVATION_CODE);
    assert_int_equal(wrong_code(second), RFD_E_ACTIVATION_CODE);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_OK);
    pdesk_code(&b, 0, code);
    pdesk_other_code(code);
    assert_int_equal(pdesk_activate(&b, NULL, code, DESK_PASSWORD, NULL, NULL), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_begin(OPERATION_GENERATE, "", &b), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_begin_sign(first, 0, 1, &b), RFD_E_CREDENTIAL_LOCKED);
}

/* A process that dies while it judges has counted. */
static void test_counted_before_judged(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct record r = {.state = 0};
    struct code_counters c;
    pdesk_generate(1, id);
    assert_int_equal(wrong_password(id), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(record_read(pdesk.personal, id, &r, NULL), RFD_OK);
    assert_int_equal(r.wrong_passwords, 1);
    r.wrong_passwords = 5; /* as if it died while the fifth was judged */
    assert_int_equal(record_write(pdesk.personal, &r, true, NULL), RFD_OK);
    record_dispose(&r);
    pdesk_reopen();
    assert_int_equal(wrong_password(id), RFD_E_CREDENTIAL_LOCKED);
    c = (struct code_counters){.wrong = 5};
    assert_int_equal(record_write_counters(pdesk.personal, "IDCPE-00000001", &c, NULL), RFD_OK);
    pdesk_reopen();
    struct begun b;
    char code[PERSONAL_CODE_SIZE];
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, NULL, code, NULL, NULL, NULL), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_E_CREDENTIAL_LOCKED);
}

/* ---- What is repeated, and what is for something else ---- */

static void test_replays(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], second_code[PERSONAL_CODE_SIZE];
    struct begun first, second;
    struct shown shown;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &first), RFD_OK);
    pdesk_code(&first, 0, code);
    /* The same ciphertext uses up one try, however often it comes. */
    const struct pressed wrong = pdesk_press(&first, "another password", code, NULL, NULL);
    assert_int_equal(pdesk_send(&first, &wrong, NULL), RFD_E_ACTIVATION_PASSWORD);
    for (unsigned i = 0; i < 10; i++) assert_int_equal(pdesk_send(&first, &wrong, NULL), RFD_E_ARGUMENT);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.wrong_left, 4);
    /* What was encrypted for one operation opens for no other, and counts as a wrong code there. */
    const struct pressed right = pdesk_press(&first, DESK_PASSWORD, code, NULL, NULL);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &second), RFD_OK);
    pdesk_code(&second, 0, second_code);
    assert_int_equal(pdesk_send(&second, &right, NULL), RFD_E_ARGUMENT);
    /* The first one's code is no code of the second. */
    if (strcmp(code, second_code) != 0)
        assert_int_equal(pdesk_activate(&second, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    /* Another nonce, another kind: as if the web process had changed something. */
    struct begun changed = second;
    changed.info[changed.info_length - 1] ^= 1;
    assert_int_equal(pdesk_activate(&changed, DESK_PASSWORD, second_code, NULL, NULL, NULL), RFD_E_ARGUMENT);
    assert_int_equal(pdesk_send(&first, &right, NULL), RFD_OK);
    assert_int_equal(pdesk_send(&first, &right, NULL), RFD_E_ACTIVATION_ENDED);
    /* Afterwards, over a restart: nothing. */
    pdesk_reopen();
    assert_int_equal(pdesk_send(&first, &right, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(pdesk_send(&second, &right, NULL), RFD_E_NOT_FOUND);
}

static void test_proofs_that_are_none(void **state)
{
    (void)state;
    static const char *const passwords[] = {"a\",\"code\":\"1", "\\u12", "\\ud800", "\x01", "\\x"};
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate(1, id);
    for (size_t i = 0; i < sizeof passwords / sizeof *passwords; i++) {
        assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
        pdesk_code(&b, 0, code);
        assert_int_not_equal(pdesk_activate(&b, passwords[i], code, NULL, NULL, NULL), RFD_OK);
        if (i == 3) {
            uint8_t sad[PERSONAL_SAD_SIZE];
            assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_OK);
        }
    }
}

/* Escapes are read as what they mean (RFC 8259 §7). */
static void test_escapes(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_begin(OPERATION_PASSWORD, id, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, "contrase\\u00f1a\\u00201", code, "emoji \\ud83d\\ude00 \\\"\\/", NULL, NULL),
                     RFD_OK);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    assert_int_equal(pdesk_activate(&b, "emoji \xF0\x9F\x98\x80 \\u0022/", code, NULL, NULL, NULL), RFD_OK);
}

/* ---- Time ---- */

static void test_time(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    pdesk_generate(1, id);
    struct operation_text o = {
        .kind = OPERATION_DESTROY, .credential = slice_text(id), .portal = SLICE(DESK_PORTAL), .time = pdesk.now};
    o.time = pdesk.now - 301 * RFD_SECOND;
    assert_int_equal(pdesk_begin_text(&o, 0, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
    o.time = pdesk.now + 301 * RFD_SECOND;
    assert_int_equal(pdesk_begin_text(&o, 0, SLICE_EMPTY, &b), RFD_E_ARGUMENT);
    /* Out of time; the clock alone decides nothing. */
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    pdesk_code(&b, 0, code);
    clock_fix(pdesk.now + 3600 * RFD_SECOND);
    const struct pressed p = pdesk_press(&b, "another password", code, NULL, NULL);
    assert_int_equal(pdesk_send(&b, &p, NULL), RFD_E_ACTIVATION_PASSWORD);
    clock_fix(pdesk.now + 3600 * RFD_SECOND);
    pdesk.here += 300 * RFD_SECOND;
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ACTIVATION_ENDED);
    /* The clock went back: nothing is begun until it is right again. */
    clock_fix(pdesk.now);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_CLOCK);
    pdesk_wait(3600 - 200);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
}

/* A lock is as long as it is by the monotonic clock, and after a restart never longer than it was made. */
static void test_clock_steps_while_locked(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    uint8_t sad[PERSONAL_SAD_SIZE];
    pdesk_generate(1, id);
    for (unsigned i = 0; i < 5; i++) (void)wrong_code(id);
    clock_fix(pdesk.now + 24 * 3600 * RFD_SECOND);
    pdesk.now += 24 * 3600 * RFD_SECOND;
    assert_int_equal(pdesk_authorise(id, 0, 1, sad), RFD_E_CREDENTIAL_LOCKED);
    pdesk.now -= 24 * 3600 * RFD_SECOND;
    clock_fix(pdesk.now - 7 * 24 * 3600 * RFD_SECOND);
    pdesk_reopen();
    struct rfd_error why = RFD_ERROR_INIT;
    struct holder *h = holders_find(pdesk.personal, SLICE("IDCPE-00000001"));
    assert_non_null(h);
    assert_int_equal(holders_ready(pdesk.personal, h, &why), RFD_OK);
    assert_true(h->refused_until > pdesk.here);
    assert_true(h->refused_until <= pdesk.here + 2 * 15 * MINUTE * RFD_SECOND);
}

/* ---- Who may ask ---- */

static void test_senders(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        unsigned senders;
    } rows[] = {{PERSONAL_TAKE_CODES, KEEPER_FROM_WORKER},
                {PERSONAL_CODES_SENT, KEEPER_FROM_WORKER},
                {PERSONAL_BEGIN, KEEPER_FROM_WEB},
                {PERSONAL_ACTIVATE, KEEPER_FROM_WEB},
                {PERSONAL_SIGN, KEEPER_FROM_WEB},
                {PERSONAL_CANCEL, KEEPER_FROM_WEB},
                {PERSONAL_SEND_AGAIN, KEEPER_FROM_WEB},
                {KEEPER_REGISTER, KEEPER_FROM_ADMIN},
                {KEEPER_UNREGISTER, KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned sender = KEEPER_FROM_ADMIN; sender <= KEEPER_FROM_WEB; sender <<= 1) {
            rfd_status status = pdesk_ask((enum keeper_sender)sender, rows[i].type, NULL);
            if ((rows[i].senders & sender) == 0)
                assert_int_equal(status, RFD_E_KEY_REFUSED);
            else
                assert_int_not_equal(status, RFD_E_KEY_REFUSED);
        }
    }
    /* The keeper's other operations are none of ours, and nothing goes before hello. */
    struct keeper_session session = {.sender = KEEPER_FROM_ADMIN, .greeted = true};
    struct message m = {.type = KEEPER_SIGN_SEAL};
    assert_int_equal(personal_handle(pdesk.personal, &session, &m, &pdesk.answer, NULL), RFD_E_PROTOCOL);
    session.greeted = false;
    m.type = PERSONAL_KEYS;
    assert_int_equal(personal_handle(pdesk.personal, &session, &m, &pdesk.answer, NULL), RFD_E_PROTOCOL);
}

/* Codes go to the approval's mobile with portal and documents, are given again when nobody said they were sent, and a
 * dead gateway is told of. */
static void test_codes_on_their_way(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], again[PERSONAL_CODE_SIZE];
    struct begun b;
    struct message_reader r;
    pdesk_generate(1, id);
    assert_int_equal(pdesk_begin_sign(id, 0, 3, &b), RFD_OK);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_TAKE_CODES, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    (void)message_get_bytes(&r, 16);
    assert_int_equal(message_get_u8(&r), 0);
    assert_int_equal(message_get_u8(&r), PERSONAL_SMS);
    assert_true(slice_is(message_get_text(&r, 64), "+51999000111"));
    assert_true(slice_is(message_get_text(&r, 64), "es"));
    assert_true(slice_is(message_get_text(&r, 64), "sign"));
    assert_true(slice_is(message_get_text(&r, 256), DESK_PORTAL));
    assert_true(slice_is(message_get_text(&r, 256), "Resolución \"1\""));
    assert_int_equal(message_get_u32(&r), 3);
    slice first = message_get_text(&r, 6);
    (void)snprintf(code, sizeof code, "%.*s", (int)first.length, (const char *)first.data);
    pdesk_code(&b, 0, again);
    assert_string_equal(again, ""); /* it was taken */
    pdesk_wait(10);
    pdesk_code(&b, 0, again);
    assert_string_equal(again, code);
    for (uint8_t sent = 0; sent < 2; sent++) {
        message_put_u32(&pdesk.body, 1);
        message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
        message_put_u8(&pdesk.body, 0);
        message_put_u8(&pdesk.body, sent);
        assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_CODES_SENT, NULL), RFD_OK);
        message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
        assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_PROGRESS, &r), RFD_OK);
        assert_int_equal(message_get_u8(&r), PERSONAL_BEGUN);
        assert_int_equal(message_get_u8(&r), sent == 1 ? PERSONAL_SENT : PERSONAL_NOT_SENT);
    }
    pdesk_wait(20);
    pdesk_code(&b, 0, again);
    assert_string_equal(again, ""); /* it was sent */
    for (unsigned i = 0; i < 4; i++) {
        message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
        assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SEND_AGAIN, NULL), i < 3 ? RFD_OK : RFD_E_LIMIT);
        if (i == 0) {
            message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
            assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SEND_AGAIN, NULL), RFD_E_BUSY);
            pdesk_code(&b, 0, again);
            assert_string_equal(again, code);
        }
        pdesk_wait(30);
    }
    message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_CANCEL, NULL), RFD_OK);
    pdesk_code(&b, 0, again);
    assert_string_equal(again, "");
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ACTIVATION_ENDED);
}

/* ---- Bounds ---- */

static void test_two_are_open(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[3][PERSONAL_CODE_SIZE];
    struct begun b[3];
    pdesk_generate(1, id);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(pdesk_begin_sign(id, i, 1, &b[i]), RFD_OK);
        pdesk_code(&b[i], 0, code[i]);
        pdesk_wait(1);
    }
    assert_int_equal(pdesk_activate(&b[0], DESK_PASSWORD, code[0], NULL, NULL, NULL), RFD_E_ACTIVATION_ENDED);
    assert_int_equal(pdesk_activate(&b[1], DESK_PASSWORD, code[1], NULL, NULL, NULL), RFD_OK);
    assert_int_equal(pdesk_activate(&b[2], DESK_PASSWORD, code[2], NULL, NULL, NULL), RFD_OK);
}

/* A process that begins one operation after the other does not make a telephone ring all day. */
static void test_messages_are_bounded(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b, next;
    unsigned sent = 0;
    pdesk_generate(1, id);
    pdesk_wait(3600);
    for (; sent < 100 && pdesk_begin_sign(id, sent, 1, &next) == RFD_OK; sent++) b = next;
    assert_int_equal(sent, personal_defaults.messages);
    pdesk_wait(30);
    message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_SEND_AGAIN, NULL), RFD_E_SLOW_DOWN);
    pdesk_code(&b, 0, code); /* the last one still counts */
    pdesk_wait(31);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    assert_int_equal(pdesk_begin_sign(id, 1, 1, &b), RFD_E_SLOW_DOWN);
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct begun b;
    pdesk_generate(1, id);
    pdesk.personal->options.messages = 0;
    for (unsigned i = 0; i < 3000; i++) {
        assert_int_equal(pdesk_begin_sign(id, 0, 100, &b), RFD_OK);
        assert_true(pdesk.personal->pending->count <= PERSONAL_OPERATIONS_MAXIMUM);
        assert_true(pdesk.personal->pending->bytes <= PERSONAL_BYTES_MAXIMUM);
    }
    /* When all are open, the next one is refused. */
    pdesk.personal->pending->count += PERSONAL_OPERATIONS_MAXIMUM;
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_E_LIMIT);
    pdesk.personal->pending->count -= PERSONAL_OPERATIONS_MAXIMUM;
    pdesk_wait(3600);
    assert_int_equal(pdesk_begin_sign(id, 0, 1, &b), RFD_OK);
    pdesk_wait(2);
    message_put_bytes(&pdesk.body, slice_of(b.id, sizeof b.id));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_PROGRESS, NULL), RFD_OK);
    assert_int_equal(pdesk.personal->pending->count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wrong_password, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_adoption_unlocks, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_wrong_codes, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_codes_are_the_holders, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_counted_before_judged, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_replays, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_proofs_that_are_none, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_escapes, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_time, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_clock_steps_while_locked, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_senders, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_codes_on_their_way, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_two_are_open, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_messages_are_bounded, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_memory_is_bounded, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
