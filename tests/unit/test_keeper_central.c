/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates for keys that the personal keeper made: an approval for central keys and an attestation, once for each
 * key.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "issue_desk.h"
#include "keeper/attested.h"

#include <openssl/x509.h>
#include <stdio.h>

/* ---- A personal keeper that only attests ---- */

static EVP_PKEY *attester;

static void put_point(EVP_PKEY *key, struct buf *spki)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    assert_true(length > 0);
    buf_put(spki, der, (size_t)length);
    OPENSSL_free(der);
}

static rfd_status register_attester(EVP_PKEY *key, enum keeper_registered kind, const char *name)
{
    struct message_reader r;
    struct buf b, spki;
    buf_init(&b, ISSUE_BODY);
    buf_init(&spki, 256);
    put_point(key, &spki);
    message_put_u8(&b, (uint8_t)kind);
    message_put_text(&b, name);
    message_put_bytes(&b, buf_slice(&spki));
    message_put_text(&b, "");
    message_put_text(&b, "");
    message_put_u32(&b, 0);
    rfd_status status = desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_REGISTER, &b, &r);
    buf_dispose(&b);
    buf_dispose(&spki);
    return status;
}

static void sign_with(EVP_PKEY *key, slice text, struct buf *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char bytes[ATTESTATION_SIGNATURE_MAXIMUM];
    size_t length = sizeof bytes;
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, bytes, &length, text.data, text.length), 1);
    buf_put(signature, bytes, length);
    EVP_MD_CTX_free(context);
}

/* What is sent with the approval on the desk. */
static struct central {
    struct approval approval;
    struct attestation attestation;
    struct buf text, signature;
} order;

static void hash_approval(const struct approval *a, uint8_t hash[APPROVAL_HASH_SIZE])
{
    struct buf text;
    buf_init(&text, APPROVAL_MAXIMUM);
    assert_int_equal(approval_write(a, &text, NULL), RFD_OK);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&text), hash, NULL), RFD_OK);
    buf_dispose(&text);
}

/** Writes and signs what `order.attestation` says. */
static void attest(EVP_PKEY *key)
{
    buf_reset(&order.text);
    buf_reset(&order.signature);
    assert_int_equal(attestation_write(&order.attestation, &order.text, NULL), RFD_OK);
    sign_with(key, buf_slice(&order.text), &order.signature);
}

/** An approval of now for central keys, signed by the agent, and an attestation of the key on the desk. */
static void place(unsigned number)
{
    order.approval = desk_approval(number);
    order.approval.central = true;
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &order.approval, &desk.approval);
    order.attestation.time = desk.now;
    hash_approval(&order.approval, order.attestation.approval);
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&desk.spki), order.attestation.key, NULL), RFD_OK);
    attest(attester);
}

static rfd_status ask_for(slice spki, struct message_reader *r)
{
    issue_put_request(&desk.body, spki, buf_slice(&desk.approval), SLICE_EMPTY);
    message_put_bytes(&desk.body, buf_slice(&order.text));
    message_put_bytes(&desk.body, buf_slice(&order.signature));
    return desk_ask_as(KEEPER_FROM_WEB, KEEPER_ISSUE, &desk.body, r);
}

static rfd_status ask(void)
{
    struct message_reader r;
    return ask_for(buf_slice(&desk.spki), &r);
}

static void assert_refused(rfd_status status, const char *why)
{
    assert_int_equal(status, RFD_E_APPROVAL);
    if (strstr(desk.keeper.detail, why) == NULL) fail_msg("\"%s\" instead of \"%s\"", desk.keeper.detail, why);
}

static int set(void **state)
{
    assert_int_equal(desk_set(state), 0);
    attester = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    buf_init(&order.text, ATTESTATION_MAXIMUM);
    buf_init(&order.signature, ATTESTATION_SIGNATURE_MAXIMUM);
    assert_int_equal(register_attester(attester, KEEPER_PERSONAL, "personal"), RFD_OK);
    return 0;
}

static int clear(void **state)
{
    EVP_PKEY_free(attester);
    buf_dispose(&order.text);
    buf_dispose(&order.signature);
    return desk_clear(state);
}

/* ---- What is given ---- */

static void test_one_certificate_for_each_key(void **state)
{
    (void)state;
    struct message_reader r;
    struct buf second;
    place(1);
    assert_int_equal(ask_for(buf_slice(&desk.spki), &r), RFD_OK);
    struct desk_given first = desk_take_given(&r);
    assert_false(first.repeated);
    /* Whoever lost the answer gets the same, also after a restart, also when attestation and agent are gone since. */
    for (int round = 0; round < 3; round++) {
        assert_int_equal(ask_for(buf_slice(&desk.spki), &r), RFD_OK);
        struct desk_given again = desk_take_given(&r);
        assert_true(again.repeated);
        assert_true(slice_equal(slice_of(first.der, first.length), slice_of(again.der, again.length)));
        clock_fix(desk.now + (round + 1) * (rfd_time)30 * HOUR * RFD_SECOND);
        desk_reopen();
    }
    clock_fix(desk.now + HOUR * RFD_SECOND);
    desk_reopen();
    /* The same approval, another key. */
    buf_init(&second, 256);
    issue_new_key(&second);
    assert_refused(ask_for(buf_slice(&second), &r), "another key");
    assert_int_equal(digest_of(DIGEST_SHA256, buf_slice(&second), order.attestation.key, NULL), RFD_OK);
    attest(attester);
    assert_int_equal(ask_for(buf_slice(&second), &r), RFD_OK);
    struct desk_given other = desk_take_given(&r);
    assert_false(other.repeated);
    assert_memory_not_equal(other.serial + 4, first.serial + 4, 16);
    buf_dispose(&second);
}

/* The approval holds for years; the agent's certificate does in this test for a day. */
static void test_long_after_the_approval(void **state)
{
    (void)state;
    const rfd_time later = desk.now + 20 * (rfd_time)HOUR * RFD_SECOND;
    place(2);
    clock_fix(later);
    order.attestation.time = later;
    attest(attester);
    assert_int_equal(ask(), RFD_OK);
}

/* ---- What is refused ---- */

static void test_nobody_attests(void **state)
{
    (void)state;
    struct message_reader r;
    place(3);
    assert_refused(desk_issue(&r), "nobody attests");
    buf_reset(&order.signature);
    assert_refused(ask(), "registered");
    buf_reset(&order.text);
    assert_int_equal(ask(), RFD_E_APPROVAL);
}

static void test_attestation_where_none_belongs(void **state)
{
    (void)state;
    place(4);
    order.approval.central = false;
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &order.approval, &desk.approval);
    assert_int_equal(ask(), RFD_E_PROTOCOL);
    struct message_reader r;
    assert_int_equal(desk_issue(&r), RFD_OK);
}

static void test_of_something_else(void **state)
{
    (void)state;
    place(5);
    order.attestation.key[7] ^= 1;
    attest(attester);
    assert_refused(ask(), "another key");
    place(5);
    order.attestation.approval[7] ^= 1;
    attest(attester);
    assert_refused(ask(), "another approval");
    place(5);
    assert_int_equal(ask(), RFD_OK);
}

static void test_signed_by_somebody_else(void **state)
{
    (void)state;
    EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    place(6);
    attest(stranger);
    assert_refused(ask(), "no personal keeper that is registered");
    /* A portal is no personal keeper. */
    assert_int_equal(register_attester(stranger, KEEPER_PORTAL, "sede"), RFD_OK);
    assert_refused(ask(), "no personal keeper that is registered");
    EVP_PKEY_free(stranger);
    place(6);
    buf_reset(&desk.body);
    message_put_u8(&desk.body, KEEPER_PERSONAL);
    message_put_text(&desk.body, "personal");
    struct message_reader r;
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &desk.body, &r), RFD_OK);
    assert_refused(ask(), "no personal keeper that is registered");
    desk_reopen();
    assert_refused(ask(), "no personal keeper that is registered");
    assert_int_equal(register_attester(attester, KEEPER_PERSONAL, "personal"), RFD_OK);
    assert_int_equal(ask(), RFD_OK);
}

static void test_altered(void **state)
{
    (void)state;
    place(7);
    for (size_t at = 0; at < order.text.length; at++) {
        order.text.data[at] ^= 1;
        assert_int_equal(ask(), RFD_E_APPROVAL);
        order.text.data[at] ^= 1;
    }
    for (size_t at = 0; at < order.signature.length; at++) {
        order.signature.data[at] ^= 1;
        assert_int_equal(ask(), RFD_E_APPROVAL);
        order.signature.data[at] ^= 1;
    }
    assert_int_equal(ask(), RFD_OK);
}

static void test_old_and_future(void **state)
{
    (void)state;
    place(8);
    order.attestation.time = desk.now + (APPROVED_EARLY_SECONDS + 1) * RFD_SECOND;
    attest(attester);
    assert_refused(ask(), "future");
    order.attestation.time = desk.now;
    attest(attester);
    clock_fix(desk.now + (ATTESTED_SECONDS + 1) * RFD_SECOND);
    assert_refused(ask(), "too old");
    clock_fix(desk.now);
    desk_reopen();
    order.approval.time = desk.now - (APPROVAL_CENTRAL_SECONDS + (rfd_time)1) * RFD_SECOND;
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &order.approval, &desk.approval);
    hash_approval(&order.approval, order.attestation.approval);
    attest(attester);
    assert_refused(ask(), "too old");
    /* A key from before the journal may have been certified already. */
    order.approval.time = desk.now - DAY * (rfd_time)RFD_SECOND;
    order.attestation.time = desk.now - RFD_SECOND;
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &order.approval, &desk.approval);
    hash_approval(&order.approval, order.attestation.approval);
    attest(attester);
    assert_refused(ask(), "older than the journal");
    /* A key that was there before anybody approved. */
    order.approval.time = desk.now + APPROVED_EARLY_SECONDS * RFD_SECOND;
    order.attestation.time = desk.now - RFD_SECOND;
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &order.approval, &desk.approval);
    hash_approval(&order.approval, order.attestation.approval);
    attest(attester);
    assert_refused(ask(), "older than its approval");
}

/* An attestation does not replace the agent. */
static void test_without_an_agent(void **state)
{
    (void)state;
    place(9);
    buf_reset(&desk.approval);
    issue_sign(&desk.other, &order.approval, &desk.approval);
    assert_refused(ask(), "nobody");
    assert_int_equal(
        issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-2", desk.other.certificate, "pe-legal-person-seal"),
        RFD_OK);
    assert_refused(ask(), "may not approve");
}

/* Nobody but the admin says who attests. */
static void test_who_may_register(void **state)
{
    (void)state;
    static const enum keeper_sender senders[] = {KEEPER_FROM_WEB, KEEPER_FROM_WORKER, KEEPER_FROM_STATUS};
    struct message_reader r;
    struct buf b;
    buf_init(&b, ISSUE_BODY);
    message_put_u8(&b, KEEPER_PERSONAL);
    message_put_text(&b, "mine");
    message_put_bytes(&b, buf_slice(&desk.spki));
    message_put_text(&b, "");
    message_put_text(&b, "");
    message_put_u32(&b, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(desk_ask_as(senders[i], KEEPER_REGISTER, &b, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_REGISTER, &b, &r), RFD_OK);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_certificate_for_each_key, set, clear),
        cmocka_unit_test_setup_teardown(test_long_after_the_approval, set, clear),
        cmocka_unit_test_setup_teardown(test_nobody_attests, set, clear),
        cmocka_unit_test_setup_teardown(test_attestation_where_none_belongs, set, clear),
        cmocka_unit_test_setup_teardown(test_of_something_else, set, clear),
        cmocka_unit_test_setup_teardown(test_signed_by_somebody_else, set, clear),
        cmocka_unit_test_setup_teardown(test_altered, set, clear),
        cmocka_unit_test_setup_teardown(test_old_and_future, set, clear),
        cmocka_unit_test_setup_teardown(test_without_an_agent, set, clear),
        cmocka_unit_test_setup_teardown(test_who_may_register, set, clear),
    };
    return cmocka_run_group_tests(tests, desk_open_room, desk_close_room);
}
