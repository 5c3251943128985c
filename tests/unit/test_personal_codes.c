/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes of seals, which are asked for before it is known what is signed: once, of one portal and seal, counted as all
 * codes; and no other code is one of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "personal_desk.h"

#include <stdio.h>

#define OTHER_PORTAL "Otra sede"

/** A seal whose approval wants codes, or not. */
static void make_seal(bool code, char id[PERSONAL_ID_SIZE])
{
    pdesk_want_code(code);
    pdesk_generate_seal(id);
    pdesk_want_code(false);
}

static rfd_status begin_of(enum operation_kind kind, const char *id, const char *portal, unsigned hash, struct begun *b)
{
    uint8_t octets[OPERATION_HASH_SIZE];
    struct operation_document document = {.title = SLICE("Licencia"), .hash = slice_of(octets, sizeof octets)};
    pdesk_hash(hash, octets);
    bool sign = kind == OPERATION_SIGN;
    const struct operation_text o = {.kind = kind,
                                     .credential = slice_text(id),
                                     .portal = slice_text(portal),
                                     .digest = sign ? DIGEST_SHA256 : DIGEST_NONE,
                                     .documents = &document,
                                     .count = sign ? 1 : 0,
                                     .time = pdesk.now};
    return pdesk_begin_text(&o, PERSONAL_NO_CHANNEL, SLICE_EMPTY, b);
}

static void send_code(const char *id, const char *portal, char code[PERSONAL_CODE_SIZE])
{
    struct begun b;
    assert_int_equal(begin_of(OPERATION_CODE, id, portal, 0, &b), RFD_OK);
    assert_int_equal(b.proofs, 0);
    assert_int_equal(b.channel, PERSONAL_SMS);
    pdesk_code(&b, 0, code);
    assert_int_equal(strlen(code), PERSONAL_CODE_SIZE - 1);
    /* It is of no activation of its own. */
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ARGUMENT);
}

static rfd_status use(const char *id, const char *portal, const char *password, const char *code, unsigned hash)
{
    struct begun b;
    rfd_status status = begin_of(OPERATION_SIGN, id, portal, hash, &b);
    if (status != RFD_OK) return status;
    assert_int_equal(b.proofs, PERSONAL_PROOF_PASSWORD | PERSONAL_PROOF_CODE);
    assert_int_equal(b.channel, PERSONAL_NO_CHANNEL);
    return pdesk_activate(&b, password, code, NULL, NULL, NULL);
}

static void test_pin_and_code(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    uint8_t sad[PERSONAL_SAD_SIZE];
    struct message_reader r;
    make_seal(true, id);
    send_code(id, DESK_PORTAL, code);
    assert_int_equal(begin_of(OPERATION_SIGN, id, DESK_PORTAL, 1, &b), RFD_OK);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, &r), RFD_OK);
    memcpy(sad, message_get_bytes(&r, PERSONAL_SAD_SIZE).data, sizeof sad);
    assert_int_equal(pdesk_sign(sad, 2, 1, NULL), RFD_E_HASH_NOT_AUTHORISED);
    assert_int_equal(pdesk_sign(sad, 1, 1, NULL), RFD_OK);
    /* Once; and not without. */
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 3), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, "", 3), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, NULL, 3), RFD_E_ACTIVATION_CODE);
    /* It stays a seal with codes on the disk. */
    pdesk_reopen();
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, NULL, 3), RFD_E_ACTIVATION_CODE);
}

/* Right code, wrong password: the code is used up all the same. */
static void test_used_up(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    make_seal(true, id);
    send_code(id, DESK_PORTAL, code);
    assert_int_equal(use(id, DESK_PORTAL, "otra cosa 1", code, 1), RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_E_ACTIVATION_CODE);
}

static void test_of_one_portal_and_seal(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], other[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], later[PERSONAL_CODE_SIZE];
    make_seal(true, id);
    pdesk_wait(10);
    make_seal(true, other);
    send_code(id, DESK_PORTAL, code);
    assert_int_equal(use(id, OTHER_PORTAL, DESK_PASSWORD, code, 1), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(other, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_OK);
    /* The newest counts. */
    send_code(id, DESK_PORTAL, code);
    do {
        pdesk_wait(1);
        send_code(id, DESK_PORTAL, later);
    } while (strcmp(code, later) == 0);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 2), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, later, 2), RFD_OK);
    /* And for so long. */
    send_code(id, DESK_PORTAL, code);
    pdesk_wait(pdesk.options.operation_seconds + 1);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 3), RFD_E_ACTIVATION_CODE);
}

/* Neither is a code of a seal one of a person's or of the seal's own operations, nor the other way round. */
static void test_apart_from_others(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], person[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], of_person[PERSONAL_CODE_SIZE];
    struct begun b;
    make_seal(true, id);
    pdesk_generate(7, person);
    assert_int_equal(begin_of(OPERATION_CODE, person, DESK_PORTAL, 0, &b), RFD_E_ARGUMENT);
    do {
        send_code(id, DESK_PORTAL, code);
        assert_int_equal(pdesk_begin_sign(person, 1, 1, &b), RFD_OK);
        pdesk_code(&b, 0, of_person);
    } while (strcmp(code, of_person) == 0);
    assert_int_equal(pdesk_activate(&b, DESK_PASSWORD, code, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, of_person, 1), RFD_E_ACTIVATION_CODE);
    assert_int_equal(pdesk_begin(OPERATION_DESTROY, id, &b), RFD_OK);
    assert_int_equal(pdesk_activate(&b, NULL, code, NULL, NULL, NULL), RFD_E_ACTIVATION_CODE);
    pdesk_code(&b, 0, of_person);
    if (strcmp(code, of_person) != 0)
        assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, of_person, 1), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_OK);
}

static void test_five_wrong_ones(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE], wrong[PERSONAL_CODE_SIZE];
    struct shown shown;
    struct begun b;
    make_seal(true, id);
    send_code(id, DESK_PORTAL, code);
    memcpy(wrong, code, sizeof wrong);
    pdesk_other_code(wrong);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, wrong, 1), RFD_E_ACTIVATION_CODE);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, wrong, 1), RFD_E_CREDENTIAL_LOCKED);
    /* The right one is none now, none is sent, and who starts anew finds it so. */
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(begin_of(OPERATION_CODE, id, DESK_PORTAL, 0, &b), RFD_E_CREDENTIAL_LOCKED);
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.state, PERSONAL_ACTIVE);
    assert_int_equal(shown.refused_until, pdesk.now + (rfd_time)PERSONAL_REFUSE_SECONDS * RFD_SECOND);
    pdesk_wait(PERSONAL_REFUSE_SECONDS + 1);
    send_code(id, DESK_PORTAL, code);
    for (unsigned i = 0; i < 5; i++) {
        memcpy(wrong, code, sizeof wrong);
        pdesk_other_code(wrong);
        (void)use(id, DESK_PORTAL, DESK_PASSWORD, wrong, 1);
    }
    assert_int_equal(pdesk_show(id, &shown), RFD_OK);
    assert_int_equal(shown.refused_until, pdesk.now + 2 * (rfd_time)PERSONAL_REFUSE_SECONDS * RFD_SECOND);
}

static void test_so_many_messages(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], code[PERSONAL_CODE_SIZE];
    struct begun b;
    make_seal(true, id);
    for (unsigned i = 0; i < pdesk.options.messages - 1; i++) send_code(id, DESK_PORTAL, code);
    assert_int_equal(begin_of(OPERATION_CODE, id, DESK_PORTAL, 0, &b), RFD_E_SLOW_DOWN);
    assert_int_equal(use(id, DESK_PORTAL, DESK_PASSWORD, code, 1), RFD_OK); /* the last one is none the worse */
}

/** A later approval of the same entity, which unlocks. */
static void adopt(const char *id, bool code)
{
    pdesk_wait(10);
    pdesk_want_code(code);
    pdesk_approve_entity(pdesk.now);
    pdesk_want_code(false);
    message_put_text(&pdesk.body, id);
    message_put_u32(&pdesk.body, 1);
    message_put_bytes(&pdesk.body, buf_slice(&pdesk.signed_data));
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_ADOPT, NULL), RFD_OK);
}

/* What its key was made under says whether a seal has codes; an approval of another seal changes nothing of it. */
static void test_for_good(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE], coded[PERSONAL_ID_SIZE];
    struct begun b;
    make_seal(false, id);
    pdesk_wait(10);
    make_seal(true, coded);
    assert_int_equal(begin_of(OPERATION_CODE, id, DESK_PORTAL, 0, &b), RFD_E_ARGUMENT);
    adopt(id, true);
    assert_int_equal(begin_of(OPERATION_SIGN, id, DESK_PORTAL, 1, &b), RFD_OK);
    assert_int_equal(b.proofs, PERSONAL_PROOF_PASSWORD);
    adopt(coded, false);
    assert_int_equal(use(coded, DESK_PORTAL, DESK_PASSWORD, NULL, 1), RFD_E_ACTIVATION_CODE);
}

/* The worker gets portal and seal with the code, and the mobile of the approval. */
static void test_what_the_worker_gets(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct begun b;
    struct message_reader r;
    make_seal(true, id);
    assert_int_equal(begin_of(OPERATION_CODE, id, DESK_PORTAL, 0, &b), RFD_OK);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, PERSONAL_TAKE_CODES, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_memory_equal(message_get_bytes(&r, PERSONAL_OPERATION_SIZE).data, b.id, sizeof b.id);
    assert_int_equal(message_get_u8(&r), 0);
    assert_int_equal(message_get_u8(&r), PERSONAL_SMS);
    assert_true(slice_equal(message_get_text(&r, PERSONAL_ADDRESS_SIZE), pdesk.approval.mobile));
    assert_true(slice_is(message_get_text(&r, PERSONAL_LANGUAGE_SIZE), "es"));
    assert_true(slice_is(message_get_text(&r, PERSONAL_LANGUAGE_SIZE), "code"));
    assert_true(slice_is(message_get_text(&r, OPERATION_PORTAL_MAXIMUM), DESK_PORTAL));
    assert_true(message_get_text(&r, OPERATION_TITLE_MAXIMUM).length > 0);
    /* Nobody else gets it. */
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, PERSONAL_TAKE_CODES, &r), RFD_E_KEY_REFUSED);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pdesk_set, pdesk_clear)
    const struct CMUnitTest tests[] = {TEST(test_pin_and_code),
                                       TEST(test_used_up),
                                       TEST(test_of_one_portal_and_seal),
                                       TEST(test_apart_from_others),
                                       TEST(test_five_wrong_ones),
                                       TEST(test_so_many_messages),
                                       TEST(test_for_good),
                                       TEST(test_what_the_worker_gets)};
    return cmocka_run_group_tests(tests, pdesk_open_room, pdesk_close_room);
}
