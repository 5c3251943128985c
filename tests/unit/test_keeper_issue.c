/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates from the keeper: what an approval gives, and each refusal by its name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "issue_desk.h"

#include <stdio.h>

/* ---- Issuing ---- */

struct urls {
    char text[512];
};

static bool add_url(void *context, slice url)
{
    struct urls *u = context;
    size_t length = strlen(u->text);
    (void)snprintf(u->text + length, sizeof u->text - length, "%.*s ", (int)url.length, (const char *)url.data);
    return true;
}

static void test_certificate_follows_from_approval_profile_and_policy(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(1);
    const struct certificate *c = NULL;
    struct buf text;
    struct urls urls = {""};
    char expected[512];
    issue_sign(&desk.agent, &a, &desk.approval);
    assert_int_equal(desk_issue(&r), RFD_OK);
    struct desk_given g = desk_take_given(&r);
    assert_false(g.repeated);
    assert_int_equal(g.time, desk.now);
    assert_int_equal(g.serial[0], 0x11);
    assert_int_equal(certificate_parse(slice_of(g.der, g.length), &c, NULL), RFD_OK);
    assert_int_equal(certificate_verify_signature(c, desk.authority, NULL), RFD_OK);
    assert_true(slice_equal(c->serial, slice_of(g.serial, 20)));
    assert_true(slice_equal(c->spki, buf_slice(&desk.spki)));
    assert_true(slice_equal(c->issuer, desk.authority->subject));
    assert_true(slice_equal(c->authority_key_id, desk.authority->subject_key_id));
    buf_init(&text, 4096);
    assert_true(certificate_name_attribute(c->subject, oid(OID_SERIAL_NUMBER), &text));
    assert_true(slice_is(buf_slice(&text), "IDCPE-00000001"));
    buf_reset(&text);
    assert_true(certificate_name_attribute(c->subject, oid(OID_COUNTRY), &text)); /* the profile's own */
    assert_true(slice_is(buf_slice(&text), "PE"));
    buf_dispose(&text);
    certificate_crl_urls(c, add_url, &urls);
    (void)snprintf(expected, sizeof expected, "http://crl.example/issuing-1-%u.crl ", g.partition);
    assert_string_equal(urls.text, expected);
    assert_true(g.partition < 4);
    urls.text[0] = '\0';
    certificate_aia_urls(c, oid(OID_AD_OCSP), add_url, &urls);
    assert_string_equal(urls.text, "http://ocsp.example/ ");
    certificate_unref(c);
}

/* The same again: octet for octet, also after a restart, also later, also without the agent. */
static void test_repeat(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(2);
    issue_sign(&desk.agent, &a, &desk.approval);
    assert_int_equal(desk_issue(&r), RFD_OK);
    struct desk_given first = desk_take_given(&r);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(desk_issue(&r), RFD_OK);
        struct desk_given again = desk_take_given(&r);
        assert_true(again.repeated);
        assert_int_equal(again.time, first.time);
        assert_int_equal(again.partition, first.partition);
        assert_true(slice_equal(slice_of(first.der, first.length), slice_of(again.der, again.length)));
        clock_fix(desk.now + (round + 1) * HOUR * 2 * RFD_SECOND);
        desk_reopen();
    }
    /* With another key it is used. */
    struct buf other;
    buf_init(&other, 256);
    issue_new_key(&other);
    assert_int_equal(desk_issue_for(buf_slice(&other), &r), RFD_E_APPROVAL_USED);
    buf_dispose(&other);
}

static void test_serials_differ(void **state)
{
    (void)state;
    struct message_reader r;
    struct desk_given last = {.length = 0};
    for (unsigned i = 10; i < 20; i++) {
        struct approval a = desk_approval(i);
        buf_reset(&desk.approval);
        issue_sign(&desk.agent, &a, &desk.approval);
        assert_int_equal(desk_issue(&r), RFD_OK);
        struct desk_given g = desk_take_given(&r);
        assert_memory_not_equal(g.serial + 4, last.serial + 4, 16);
        last = g;
    }
}

/** Those that are issued one after the other lie in that order, whatever is approved: after the authority's octet comes
 * the time, bits 16 to 39 of its microseconds. */
static void test_serials_follow_time(void **state)
{
    (void)state;
    struct message_reader r;
    for (unsigned i = 20; i < 28; i++) {
        struct approval a = desk_approval(i);
        rfd_time time = desk.now + (i - 20) * RFD_SECOND / 10;
        const uint8_t start[] = {0x11, (uint8_t)(time >> 32), (uint8_t)(time >> 24), (uint8_t)(time >> 16)};
        buf_reset(&desk.approval);
        issue_sign(&desk.agent, &a, &desk.approval);
        clock_fix(time);
        assert_int_equal(desk_issue(&r), RFD_OK);
        assert_memory_equal(desk_take_given(&r).serial, start, sizeof start);
    }
    clock_fix(desk.now);
}

/* ---- Who approves ---- */

static void test_stranger(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(3);
    issue_sign(&desk.other, &a, &desk.approval);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "nobody"));
    /* Known, but for other profiles. */
    assert_int_equal(
        issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-2", desk.other.certificate, "agent,pe-legal-person-seal"),
        RFD_OK);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "may not approve"));
    assert_int_equal(
        issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-2", desk.other.certificate, "agent,pe-natural-person"),
        RFD_OK);
    assert_int_equal(desk_issue(&r), RFD_OK);
}

static void test_client_may_approve(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(3);
    assert_int_equal(issue_register(&desk.keeper.way, KEEPER_REGISTRATION_CLIENT, "bank", desk.other.certificate,
                                    "pe-natural-person"),
                     RFD_OK);
    issue_sign(&desk.other, &a, &desk.approval);
    assert_int_equal(desk_issue(&r), RFD_OK);
}

static void test_agent_is_taken_out(void **state)
{
    (void)state;
    struct message_reader r;
    message_put_u8(&desk.body, KEEPER_AGENT);
    message_put_text(&desk.body, "agent-1");
    assert_int_equal(desk_ask_as(KEEPER_FROM_WEB, KEEPER_UNREGISTER, &desk.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &desk.body, &r), RFD_OK);
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &desk.body, &r), RFD_E_NOT_FOUND);
    struct approval a = desk_approval(4);
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    desk_reopen();
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
}

static void test_agents_certificate_has_expired(void **state)
{
    (void)state;
    clock_fix(desk.now + 2 * DAY * RFD_SECOND);
    struct approval a = desk_approval(5);
    a.time = desk.now + 2 * DAY * RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "not valid now"));
}

static void test_four_eyes(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(6);
    a.profile = SLICE("pe-legal-person-seal");
    a.subject_count = 0;
    const struct approval_attribute subject[] = {{OID_ORGANIZATION, SLICE("Municipalidad de Prueba")},
                                                 {OID_ORGANIZATION_IDENTIFIER, SLICE("VATPE-20131370645")},
                                                 {OID_COMMON_NAME, SLICE("Municipalidad de Prueba")}};
    for (size_t i = 0; i < 3; i++) a.subject[a.subject_count++] = subject[i];
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL_FEW);
    /* Twice the same agent: the second signature is another one, but his as well. */
    issue_sign(&desk.agent, &a, &desk.second);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL_FEW);
    assert_non_null(strstr(desk.keeper.detail, "twice"));
    buf_reset(&desk.second);
    issue_sign(&desk.other, &a, &desk.second);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL); /* not registered */
    assert_int_equal(issue_register(&desk.keeper.way, KEEPER_REGISTRATION_CLIENT, "client", desk.other.certificate,
                                    "pe-legal-person-seal"),
                     RFD_OK);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL_FEW); /* no agent */
    assert_int_equal(
        issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-2", desk.other.certificate, "pe-legal-person-seal"),
        RFD_E_EXISTS); /* the same key under two names */
    message_put_u8(&desk.body, 0);
    buf_reset(&desk.body);
    message_put_u8(&desk.body, KEEPER_REGISTRATION_CLIENT);
    message_put_text(&desk.body, "client");
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &desk.body, &r), RFD_OK);
    assert_int_equal(
        issue_register(&desk.keeper.way, KEEPER_AGENT, "agent-2", desk.other.certificate, "pe-legal-person-seal"),
        RFD_OK);
    struct approval b = a;
    b.mobile = SLICE("+51999000112");
    buf_reset(&desk.second);
    issue_sign(&desk.other, &b, &desk.second);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL); /* not the same text */
    buf_reset(&desk.second);
    issue_sign(&desk.other, &a, &desk.second);
    assert_int_equal(desk_issue(&r), RFD_OK);
}

/* ---- What is approved ---- */

static void test_for_something_else(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(7);
    struct buf other;
    a.authority[5] ^= 1;
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "another authority"));
    a = desk_approval(7);
    a.profile = SLICE("no-such-profile");
    assert_int_equal(desk_issue_approved(&a), RFD_E_PROFILE);
    a.profile = SLICE("mx-advanced-signature"); /* there is one, but not of this authority */
    assert_int_equal(desk_issue_approved(&a), RFD_E_KEY_REFUSED);
    a = desk_approval(7);
    a.central = true; /* and nobody attests the key: test_keeper_central.c */
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    a = desk_approval(7);
    assert_true(desk_issue_approved(&a) == RFD_OK);
    a = desk_approval(8);
    buf_reset(&desk.approval);
    issue_sign(&desk.agent, &a, &desk.approval);
    buf_init(&other, 256);
    issue_new_key(&other);
    assert_int_equal(desk_issue_for(buf_slice(&other), &r), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "another key"));
    buf_dispose(&other);
}

static void test_subject_that_the_profile_refuses(void **state)
{
    (void)state;
    struct approval a = desk_approval(9);
    a.subject[2].value = SLICE("PNOMX-70000016"); /* not as the profile begins */
    assert_int_equal(desk_issue_approved(&a), RFD_E_PROFILE);
    a = desk_approval(9);
    a.subject_count = 3;
    assert_int_equal(desk_issue_approved(&a), RFD_E_PROFILE);
    a = desk_approval(9);
    a.hosts[a.host_count++] = SLICE("host.example");
    assert_int_equal(desk_issue_approved(&a), RFD_E_PROFILE);
    /* None of these was used up. */
    a = desk_approval(9);
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
}

static void test_old_and_future(void **state)
{
    (void)state;
    struct approval a = desk_approval(20);
    const rfd_time later = desk.now + 2 * ISSUE_APPROVAL_SECONDS * RFD_SECOND;
    clock_fix(later);
    a.time = later - (ISSUE_APPROVAL_SECONDS + 1) * RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "too old"));
    a.time = later + 301 * RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "future"));
    a.time = later + 300 * RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
    a.time = later - ISSUE_APPROVAL_SECONDS * RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
}

/* A store that was restored begins a new journal, which does not know what had been used before. */
static void test_older_than_the_journal(void **state)
{
    (void)state;
    struct approval a = desk_approval(21);
    a.time = desk.now - RFD_SECOND;
    assert_int_equal(desk_issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(desk.keeper.detail, "older than the journal"));
    a.time = desk.now;
    assert_int_equal(desk_issue_approved(&a), RFD_OK);
}

/* A SignedData with one octet changed: refused, unless it is in the agent's certificate, which is not taken from
 * there. */
static void test_altered(void **state)
{
    (void)state;
    struct message_reader r;
    const slice own = desk.agent.certificate->der;
    size_t length = SIZE_MAX;
    for (size_t at = 0; at < length; at += 2) {
        struct approval a = desk_approval(1000 + (unsigned)at);
        buf_reset(&desk.approval);
        issue_sign(&desk.agent, &a, &desk.approval);
        length = desk.approval.length;
        const uint8_t *found = memmem(desk.approval.data, length, own.data, own.length);
        assert_non_null(found);
        size_t start = (size_t)(found - desk.approval.data);
        if (at >= length) break;
        desk.approval.data[at] ^= 0x01;
        rfd_status status = desk_issue(&r);
        if (at + 4 >= start && at < start + own.length) continue; /* with tag and length of the set */
        /* A profile's name that became another one is not found. */
        if (status != RFD_E_APPROVAL && status != RFD_E_PROFILE) fail_msg("octet %zu: %s", at, rfd_status_name(status));
    }
}

static void test_other_content_and_no_attributes(void **state)
{
    (void)state;
    struct message_reader r;
    struct buf text;
    struct approval a = desk_approval(22);
    buf_init(&text, APPROVAL_MAXIMUM);
    assert_int_equal(approval_write(&a, &text, NULL), RFD_OK);
    buf_put_byte(&text, '\n');
    issue_sign_text(&desk.agent, buf_slice(&text), &desk.approval);
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL);
    buf_reset(&desk.approval);
    buf_put_text(&desk.approval, "no SignedData");
    assert_int_equal(desk_issue(&r), RFD_E_APPROVAL);
    buf_dispose(&text);
}

/* ---- Weak keys ---- */

static void test_weak_key(void **state)
{
    (void)state;
    struct message_reader r;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    slice spki = slice_of(der, (size_t)length);
    struct approval a = issue_approval(desk.authority, spki, 23, desk.now);
    issue_sign(&desk.agent, &a, &desk.approval);
    assert_int_equal(desk_issue_for(spki, &r), RFD_E_KEY_WEAK);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

/* ---- Who may ask ---- */

static void test_senders(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = desk_approval(24);
    issue_sign(&desk.agent, &a, &desk.approval);
    static const enum keeper_sender no[] = {KEEPER_FROM_WORKER, KEEPER_FROM_STATUS};
    for (size_t i = 0; i < 2; i++) {
        issue_put_request(&desk.body, buf_slice(&desk.spki), buf_slice(&desk.approval), SLICE_EMPTY);
        if (no[i] != KEEPER_FROM_WORKER) /* it finishes what a page began */
            assert_int_equal(desk_ask_as(no[i], KEEPER_ISSUE, &desk.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(desk_ask_as(no[i], KEEPER_ISSUE_SERVICE, &desk.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(desk_ask_as(no[i], KEEPER_ISSUE_AUTHORITY, &desk.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(desk_ask_as(no[i], KEEPER_REGISTER, &desk.body, &r), RFD_E_KEY_REFUSED);
    }
    assert_int_equal(desk_ask_as(KEEPER_FROM_WEB, KEEPER_ISSUE_SERVICE, &desk.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(desk_ask_as(KEEPER_FROM_WEB, KEEPER_REGISTER, &desk.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(desk_ask_as(KEEPER_FROM_WEB, KEEPER_SIGN_CRL, &desk.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(desk_ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE, &desk.body, &r), RFD_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set, desk_clear)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_certificate_follows_from_approval_profile_and_policy),
        TEST(test_repeat),
        TEST(test_serials_differ),
        TEST(test_serials_follow_time),
        TEST(test_stranger),
        TEST(test_client_may_approve),
        TEST(test_agent_is_taken_out),
        TEST(test_agents_certificate_has_expired),
        TEST(test_four_eyes),
        TEST(test_for_something_else),
        TEST(test_subject_that_the_profile_refuses),
        TEST(test_old_and_future),
        TEST(test_older_than_the_journal),
        TEST(test_altered),
        TEST(test_other_content_and_no_attributes),
        TEST(test_weak_key),
        TEST(test_senders),
    };
    return cmocka_run_group_tests(tests, desk_open_room, desk_close_room);
}
