/* SPDX-License-Identifier: EUPL-1.2
 *
 * A thief has taken over the web, the status or the worker process: he has its channel to the keeper, and whatever went
 * through it and lies in the database (approvals that were used, certificates, requests). He gets no certificate for a
 * person without an agent's approval, no second one for an approval, and no signature that policy does not foresee.
 *
 * What each process may ask for stands here a second time, on purpose: who gives one of them a right has to say so
 * twice.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_support.h"
#include "keeper/protocol.h"

#include <stdio.h>

enum { THIEVES = 3, LAST_OPERATION = KEEPER_CERTIFY_SERVICE };

static const enum keeper_sender thieves[THIEVES] = {KEEPER_FROM_STATUS, KEEPER_FROM_WORKER, KEEPER_FROM_WEB};

#define MAY(operation) (1U << KEEPER_##operation)
static const unsigned rights[THIEVES] = {
    MAY(HELLO) | MAY(PUBLIC_KEY) | MAY(SIGN_OCSP) | MAY(SIGN_TIMESTAMP),
    MAY(HELLO) | MAY(PUBLIC_KEY) | MAY(SIGN_OCSP) | MAY(SIGN_SEAL) | MAY(SIGN_LOG_HEAD) | MAY(SIGN_CRL) | MAY(JOURNAL) |
        MAY(UNREGISTER) | MAY(ISSUE) | MAY(LIST_REGISTERED) | MAY(RENEW_SERVICE) | MAY(CERTIFY_SERVICE) |
        MAY(SIGN_CHECKPOINT) | MAY(LAST_CHECKPOINT) | MAY(SIGN_JWS) | MAY(OPEN) | MAY(NEW_BLOB_KEY) |
        MAY(UNWRAP_BLOB_KEY),
    MAY(HELLO) | MAY(PUBLIC_KEY) | MAY(SIGN_SEAL) | MAY(ISSUE) | MAY(JOURNAL) | MAY(LIST_REGISTERED) |
        MAY(LAST_CHECKPOINT) | MAY(SIGN_JWS) | MAY(OPEN) | MAY(NEW_BLOB_KEY) | MAY(UNWRAP_BLOB_KEY),
};

struct house {
    struct issue_world keeper;
    rfd_time now;
    struct identity agents, agent, thief;
    const struct certificate *authority;
    struct buf body, spki, own_spki, used, made;
    uint8_t certificate[KEY_CERTIFICATE_MAXIMUM]; /* that the used approval gave */
    size_t length;
};
static struct house h;

static rfd_status ask(enum keeper_sender thief, enum keeper_operation operation, struct message_reader *fields)
{
    return issue_ask_as(&h.keeper, thief, operation, &h.body, fields);
}

/** The web process asks for a certificate for `spki` with these approvals. */
static rfd_status issue(slice spki, slice approval, slice second)
{
    struct message_reader fields;
    issue_put_request(&h.body, spki, approval, second);
    return ask(KEEPER_FROM_WEB, KEEPER_ISSUE, &fields);
}

static int setup(void **state)
{
    struct message_reader fields;
    struct buf *const bufs[] = {&h.body, &h.spki, &h.own_spki, &h.used, &h.made};
    (void)state;
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) buf_init(bufs[i], ISSUE_BODY);
    assert_non_null(folder_new());
    h.now = clock_now() / RFD_SECOND * RFD_SECOND;
    clock_fix(h.now);
    issue_world_new(&h.keeper, folder_file("stolen"));
    issue_ceremony(&h.keeper.way, "P-256", 1);
    h.authority = issue_certificate_of(&h.keeper.way, "issuing-1");
    h.agents = identity_new("P-256", "Agents", NULL, NULL);
    h.agent = identity_new("P-256", "Agent", &h.agents, NULL);
    h.thief = identity_new("P-256", "Agent", &h.agents, NULL); /* the same name, a certificate of the same authority */
    assert_int_equal(issue_register(&h.keeper.way, KEEPER_AGENT, "agent", h.agent.certificate, "pe-natural-person"),
                     RFD_OK);
    issue_new_key(&h.spki);
    issue_new_key(&h.own_spki);
    const struct approval approval = issue_approval(h.authority, buf_slice(&h.spki), 1, h.now);
    issue_sign(&h.agent, &approval, &h.used);
    issue_put_request(&h.body, buf_slice(&h.spki), buf_slice(&h.used), SLICE_EMPTY);
    assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_ISSUE, &fields), RFD_OK);
    slice der = message_get_bytes(&fields, sizeof h.certificate);
    memcpy(h.certificate, der.data, der.length);
    h.length = der.length;
    return 0;
}

static int teardown(void **state)
{
    struct buf *const bufs[] = {&h.body, &h.spki, &h.own_spki, &h.used, &h.made};
    (void)state;
    issue_world_free(&h.keeper);
    certificate_unref(h.authority);
    identity_free(&h.agents);
    identity_free(&h.agent);
    identity_free(&h.thief);
    for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++) buf_dispose(bufs[i]);
    clock_fix(RFD_TIME_NONE);
    folder_remove();
    return 0;
}

/* ---- What each may ask for ---- */

static void nobody_has_a_right_that_is_not_written_here(void **state)
{
    (void)state;
    for (size_t i = 0; i < THIEVES; i++) {
        for (unsigned operation = KEEPER_HELLO + 1; operation <= LAST_OPERATION; operation++) {
            struct message_reader fields;
            buf_reset(&h.body);
            message_put_text(&h.body, "issuing-1");
            rfd_status status = ask(thieves[i], (enum keeper_operation)operation, &fields);
            if ((rights[i] >> operation & 1) != 0) continue;
            if (status != RFD_E_KEY_REFUSED)
                print_message("%s, operation %u: %s\n", keeper_sender_name(thieves[i]), operation,
                              rfd_status_name(status));
            assert_int_equal(status, RFD_E_KEY_REFUSED);
        }
    }
}

/* ---- No certificate without an approval ---- */

static void nothing_is_issued_without_an_approval(void **state)
{
    struct message_reader fields;
    slice own = buf_slice(&h.own_spki);
    (void)state;
    for (size_t i = 0; i < THIEVES; i++) {
        buf_reset(&h.body);
        message_put_text(&h.body, "issuing-1");
        message_put_bytes(&h.body, own);
        message_put_u32(&h.body, 0);
        assert_int_not_equal(ask(thieves[i], KEEPER_ISSUE, &fields), RFD_OK);
    }
    assert_int_not_equal(issue(own, SLICE(""), SLICE_EMPTY), RFD_OK);
    assert_int_not_equal(issue(own, slice_of(h.certificate, h.length), SLICE_EMPTY), RFD_OK);
}

/** By the thief's own key, though its certificate has the agent's name and authority; by nobody. */
static void an_approval_of_ones_own_is_none(void **state)
{
    const struct approval approval = issue_approval(h.authority, buf_slice(&h.own_spki), 2, h.now);
    struct message_reader fields;
    (void)state;
    issue_sign(&h.thief, &approval, &h.made);
    assert_int_equal(issue(buf_slice(&h.own_spki), buf_slice(&h.made), SLICE_EMPTY), RFD_E_APPROVAL);
    assert_int_equal(issue(buf_slice(&h.own_spki), buf_slice(&h.made), buf_slice(&h.made)), RFD_E_APPROVAL);
    /* And he cannot make himself an agent. */
    for (size_t i = 0; i < THIEVES; i++) {
        buf_reset(&h.body);
        message_put_u8(&h.body, KEEPER_AGENT);
        message_put_text(&h.body, "thief");
        message_put_bytes(&h.body, h.thief.certificate->der);
        message_put_text(&h.body, "pe-natural-person");
        message_put_text(&h.body, "");
        message_put_u32(&h.body, 0);
        assert_int_equal(ask(thieves[i], KEEPER_REGISTER, &fields), RFD_E_KEY_REFUSED);
    }
    assert_int_equal(issue(buf_slice(&h.own_spki), buf_slice(&h.made), SLICE_EMPTY), RFD_E_APPROVAL);
}

/** A seal key signs what web and worker ask for: as CMS over the text of an approval, too. So its certificate must not
 * be one of those that approve, whatever the admin thinks. */
static void a_seal_of_the_keepers_own_is_no_approval(void **state)
{
    static const char *const subject[][2] = {
        {"c", "PE"}, {"o", "Office"}, {"organizationIdentifier", "VATPE-20131370645"}, {"cn", "Seal"}};
    const struct certificate *seal = NULL;
    struct message_reader fields;
    (void)state;
    issue_create_key(&h.keeper.way, "seal-1", "seal", "P-256", SLICE_EMPTY, &h.made);
    buf_reset(&h.body);
    message_put_text(&h.body, "issuing-1");
    message_put_text(&h.body, "seal");
    message_put_u32(&h.body, 4);
    for (size_t i = 0; i < 4; i++) {
        message_put_text(&h.body, subject[i][0]);
        message_put_text(&h.body, subject[i][1]);
    }
    message_put_u32(&h.body, 0);
    message_put_u32(&h.body, 0);
    message_put_bytes(&h.body, buf_slice(&h.made));
    assert_int_equal(ask(KEEPER_FROM_ADMIN, KEEPER_ISSUE_SERVICE, &fields), RFD_OK);
    assert_int_equal(certificate_parse(message_get_bytes(&fields, KEY_CERTIFICATE_MAXIMUM), &seal, NULL), RFD_OK);
    assert_int_equal(issue_register(&h.keeper.way, KEEPER_AGENT, "seal", seal, "pe-natural-person"), RFD_E_KEY_REFUSED);
    assert_int_equal(issue_register(&h.keeper.way, KEEPER_REGISTRATION_CLIENT, "seal", seal, "pe-natural-person"),
                     RFD_E_KEY_REFUSED);
    certificate_unref(seal);
}

/* ---- No second use ---- */

static void a_used_approval_gives_nothing_new(void **state)
{
    struct message_reader fields;
    (void)state;
    /* For the thief's key: it names another one. */
    assert_int_not_equal(issue(buf_slice(&h.own_spki), buf_slice(&h.used), SLICE_EMPTY), RFD_OK);
    /* For the same key, later, after the keeper was started again: the same certificate, octet by octet but for the
     * signature, with the same serial number. */
    assert_int_equal(issue_world_reopen(&h.keeper), RFD_OK);
    clock_fix(h.now + 60 * RFD_SECOND);
    issue_put_request(&h.body, buf_slice(&h.spki), buf_slice(&h.used), SLICE_EMPTY);
    assert_int_equal(ask(KEEPER_FROM_WEB, KEEPER_ISSUE, &fields), RFD_OK);
    const struct certificate *first = NULL;
    const struct certificate *again = NULL;
    assert_int_equal(certificate_parse(slice_of(h.certificate, h.length), &first, NULL), RFD_OK);
    assert_int_equal(certificate_parse(message_get_bytes(&fields, KEY_CERTIFICATE_MAXIMUM), &again, NULL), RFD_OK);
    assert_true(slice_equal(first->tbs, again->tbs));
    certificate_unref(first);
    certificate_unref(again);
    clock_fix(h.now);
}

/** Every octet of a used approval, altered: none gives a certificate for the thief's key, nor another for the old one.
 */
static void altering_a_used_approval_gives_nothing(void **state)
{
    size_t length = h.used.length;
    (void)state;
    buf_put_slice(&h.made, buf_slice(&h.used));
    size_t from = h.made.length - length;
    for (size_t i = 0; i < length; i++) {
        uint8_t *octet = h.made.data + from + i;
        *octet ^= 0x01;
        slice altered = slice_of(h.made.data + from, length);
        assert_int_not_equal(issue(buf_slice(&h.own_spki), altered, SLICE_EMPTY), RFD_OK);
        struct message_reader fields;
        issue_put_request(&h.body, buf_slice(&h.spki), altered, SLICE_EMPTY);
        if (ask(KEEPER_FROM_WEB, KEEPER_ISSUE, &fields) == RFD_OK) {
            /* What is not signed may differ (the agent's certificate beside it); then it is the same certificate. */
            const struct certificate *c = NULL;
            const struct certificate *first = NULL;
            assert_int_equal(certificate_parse(message_get_bytes(&fields, KEY_CERTIFICATE_MAXIMUM), &c, NULL), RFD_OK);
            assert_int_equal(certificate_parse(slice_of(h.certificate, h.length), &first, NULL), RFD_OK);
            assert_true(slice_equal(c->tbs, first->tbs));
            certificate_unref(c);
            certificate_unref(first);
        }
        *octet ^= 0x01;
    }
}

/* ---- No signature outside policy ---- */

/** A CA key signs no digest, no seal, no OCSP answer, no time stamp, for whoever asks. */
static void an_authoritys_key_signs_nothing_else(void **state)
{
    static const enum keeper_operation others[] = {KEEPER_SIGN_OCSP,     KEEPER_SIGN_TIMESTAMP,  KEEPER_SIGN_SEAL,
                                                   KEEPER_SIGN_LOG_HEAD, KEEPER_SIGN_CHECKPOINT, KEEPER_SIGN_JWS,
                                                   KEEPER_NEW_BLOB_KEY,  KEEPER_UNWRAP_BLOB_KEY, KEEPER_OPEN};
    (void)state;
    for (size_t i = 0; i < THIEVES; i++) {
        for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
            struct message_reader fields;
            buf_reset(&h.body);
            message_put_text(&h.body, "issuing-1");
            message_put_text(&h.body, "SHA-256");
            message_put_bytes(&h.body, slice_of(h.certificate, 32));
            message_put_u8(&h.body, 0);
            assert_int_equal(ask(thieves[i], others[k], &fields), RFD_E_KEY_REFUSED);
        }
    }
}

/** The worker has services renewed, but only those that were registered at a ceremony, with their own keys. */
static void no_service_that_nobody_registered(void **state)
{
    struct message_reader fields;
    (void)state;
    buf_reset(&h.body);
    message_put_text(&h.body, "issuing-1");
    message_put_text(&h.body, "ocsp-of-the-thief");
    assert_int_not_equal(ask(KEEPER_FROM_WORKER, KEEPER_RENEW_SERVICE, &fields), RFD_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_has_a_right_that_is_not_written_here),
        TEST(nothing_is_issued_without_an_approval),
        TEST(an_approval_of_ones_own_is_none),
        TEST(a_seal_of_the_keepers_own_is_no_approval),
        TEST(a_used_approval_gives_nothing_new),
        TEST(altering_a_used_approval_gives_nothing),
        TEST(an_authoritys_key_signs_nothing_else),
        TEST(no_service_that_nobody_registered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
