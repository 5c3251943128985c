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
#include "base/memory.h"
#include "issue_support.h"
#include "keeper/batch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOUR = 3600, DAY = 24 * HOUR };

struct world {
    struct issue_world keeper;
    rfd_time now;
    struct identity agent, other;
    const struct certificate *authority;
    struct buf body, spki, approval, second;
};
static struct world w;
static struct identity agents, agent_one, agent_two; /* the agents' own authority, and two of its agents */
static int stores;

static rfd_status ask_as(enum keeper_sender sender, enum keeper_operation operation, struct buf *body,
                         struct message_reader *fields)
{
    return issue_ask_as(&w.keeper, sender, operation, body, fields);
}

static int setup(void **state)
{
    char path[256];
    (void)state;
    w = (struct world){.now = clock_now() / RFD_SECOND * RFD_SECOND};
    clock_fix(w.now);
    struct buf *const bufs[] = {&w.body, &w.spki, &w.approval, &w.second};
    for (size_t i = 0; i < 4; i++) buf_init(bufs[i], ISSUE_BODY);
    (void)snprintf(path, sizeof path, "%s-%d", folder_file("issue"), ++stores);
    issue_world_new(&w.keeper, path);
    issue_ceremony(&w.keeper.way, "P-256", 4);
    w.authority = issue_certificate_of(&w.keeper.way, "issuing-1");
    w.agent = agent_one;
    w.other = agent_two;
    issue_new_key(&w.spki);
    assert_int_equal(issue_register(&w.keeper.way, KEEPER_AGENT, "agent-1", w.agent.certificate,
                                    "pe-natural-person,pe-legal-person-seal"),
                     RFD_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    issue_world_free(&w.keeper);
    certificate_unref(w.authority);
    struct buf *const bufs[] = {&w.body, &w.spki, &w.approval, &w.second};
    for (size_t i = 0; i < 4; i++) buf_dispose(bufs[i]);
    clock_fix(RFD_TIME_NONE);
    return 0;
}

static void reopen(void)
{
    assert_int_equal(issue_world_reopen(&w.keeper), RFD_OK);
}

/* ---- Issuing ---- */

/** Asks for a certificate of `spki` with what is in w.approval and w.second. */
static rfd_status issue_for(slice spki, struct message_reader *fields)
{
    issue_put_request(&w.body, spki, buf_slice(&w.approval), buf_slice(&w.second));
    return ask_as(KEEPER_FROM_WEB, KEEPER_ISSUE, &w.body, fields);
}

static rfd_status issue(struct message_reader *fields)
{
    return issue_for(buf_slice(&w.spki), fields);
}

/** What is issued for an approval signed by the first agent. */
static rfd_status issue_approved(const struct approval *a)
{
    struct message_reader r;
    buf_reset(&w.approval);
    buf_reset(&w.second);
    issue_sign(&w.agent, a, &w.approval);
    return issue(&r);
}

struct given {
    uint8_t der[KEY_CERTIFICATE_MAXIMUM];
    size_t length;
    uint8_t serial[20];
    uint32_t partition;
    rfd_time time;
    bool repeated;
};

static struct given take_given(struct message_reader *r)
{
    struct given g = {.length = 0};
    slice der = message_get_bytes(r, sizeof g.der);
    slice serial = message_get_bytes(r, sizeof g.serial);
    g.partition = message_get_u32(r);
    g.time = message_get_i64(r);
    g.repeated = message_get_u8(r) == 1;
    assert_int_equal(message_end(r, "certificate", NULL), RFD_OK);
    assert_int_equal(serial.length, 17);
    memcpy(g.der, der.data, der.length);
    g.length = der.length;
    memcpy(g.serial, serial.data, serial.length);
    return g;
}

static struct approval usual_approval(unsigned number)
{
    return issue_approval(w.authority, buf_slice(&w.spki), number, w.now);
}

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
    struct approval a = usual_approval(1);
    const struct certificate *c = NULL;
    struct buf text;
    struct urls urls = {""};
    char expected[512];
    issue_sign(&w.agent, &a, &w.approval);
    assert_int_equal(issue(&r), RFD_OK);
    struct given g = take_given(&r);
    assert_false(g.repeated);
    assert_int_equal(g.time, w.now);
    assert_int_equal(g.serial[0], 0x11);
    assert_int_equal(certificate_parse(slice_of(g.der, g.length), &c, NULL), RFD_OK);
    assert_int_equal(certificate_verify_signature(c, w.authority, NULL), RFD_OK);
    assert_true(slice_equal(c->serial, slice_of(g.serial, 17)));
    assert_true(slice_equal(c->spki, buf_slice(&w.spki)));
    assert_true(slice_equal(c->issuer, w.authority->subject));
    assert_true(slice_equal(c->authority_key_id, w.authority->subject_key_id));
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
    struct approval a = usual_approval(2);
    issue_sign(&w.agent, &a, &w.approval);
    assert_int_equal(issue(&r), RFD_OK);
    struct given first = take_given(&r);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(issue(&r), RFD_OK);
        struct given again = take_given(&r);
        assert_true(again.repeated);
        assert_int_equal(again.time, first.time);
        assert_int_equal(again.partition, first.partition);
        assert_true(slice_equal(slice_of(first.der, first.length), slice_of(again.der, again.length)));
        clock_fix(w.now + (round + 1) * HOUR * 2 * RFD_SECOND);
        reopen();
    }
    /* With another key it is used. */
    struct buf other;
    buf_init(&other, 256);
    issue_new_key(&other);
    assert_int_equal(issue_for(buf_slice(&other), &r), RFD_E_APPROVAL_USED);
    buf_dispose(&other);
}

static void test_serials_differ(void **state)
{
    (void)state;
    struct message_reader r;
    struct given last = {.length = 0};
    for (unsigned i = 10; i < 20; i++) {
        struct approval a = usual_approval(i);
        buf_reset(&w.approval);
        issue_sign(&w.agent, &a, &w.approval);
        assert_int_equal(issue(&r), RFD_OK);
        struct given g = take_given(&r);
        assert_memory_not_equal(g.serial + 1, last.serial + 1, 16);
        last = g;
    }
}

/* ---- Who approves ---- */

static void test_stranger(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = usual_approval(3);
    issue_sign(&w.other, &a, &w.approval);
    assert_int_equal(issue(&r), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "nobody"));
    /* Known, but for other profiles. */
    assert_int_equal(
        issue_register(&w.keeper.way, KEEPER_AGENT, "agent-2", w.other.certificate, "agent,pe-legal-person-seal"),
        RFD_OK);
    assert_int_equal(issue(&r), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "may not approve"));
    assert_int_equal(
        issue_register(&w.keeper.way, KEEPER_AGENT, "agent-2", w.other.certificate, "agent,pe-natural-person"), RFD_OK);
    assert_int_equal(issue(&r), RFD_OK);
}

static void test_client_may_approve(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = usual_approval(3);
    assert_int_equal(
        issue_register(&w.keeper.way, KEEPER_REGISTRATION_CLIENT, "bank", w.other.certificate, "pe-natural-person"),
        RFD_OK);
    issue_sign(&w.other, &a, &w.approval);
    assert_int_equal(issue(&r), RFD_OK);
}

static void test_agent_is_taken_out(void **state)
{
    (void)state;
    struct message_reader r;
    message_put_u8(&w.body, KEEPER_AGENT);
    message_put_text(&w.body, "agent-1");
    assert_int_equal(ask_as(KEEPER_FROM_WEB, KEEPER_UNREGISTER, &w.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &w.body, &r), RFD_OK);
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &w.body, &r), RFD_E_NOT_FOUND);
    struct approval a = usual_approval(4);
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    reopen();
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
}

static void test_agents_certificate_has_expired(void **state)
{
    (void)state;
    clock_fix(w.now + 2 * DAY * RFD_SECOND);
    struct approval a = usual_approval(5);
    a.time = w.now + 2 * DAY * RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "not valid now"));
}

static void test_four_eyes(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = usual_approval(6);
    a.profile = SLICE("pe-legal-person-seal");
    a.subject_count = 0;
    const struct approval_attribute subject[] = {{OID_ORGANIZATION, SLICE("Municipalidad de Prueba")},
                                                 {OID_ORGANIZATION_IDENTIFIER, SLICE("VATPE-20131370645")},
                                                 {OID_COMMON_NAME, SLICE("Municipalidad de Prueba")}};
    for (size_t i = 0; i < 3; i++) a.subject[a.subject_count++] = subject[i];
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL_FEW);
    /* Twice the same agent: the second signature is another one, but his as well. */
    issue_sign(&w.agent, &a, &w.second);
    assert_int_equal(issue(&r), RFD_E_APPROVAL_FEW);
    assert_non_null(strstr(w.keeper.detail, "twice"));
    buf_reset(&w.second);
    issue_sign(&w.other, &a, &w.second);
    assert_int_equal(issue(&r), RFD_E_APPROVAL); /* not registered */
    assert_int_equal(issue_register(&w.keeper.way, KEEPER_REGISTRATION_CLIENT, "client", w.other.certificate,
                                    "pe-legal-person-seal"),
                     RFD_OK);
    assert_int_equal(issue(&r), RFD_E_APPROVAL_FEW); /* no agent */
    assert_int_equal(
        issue_register(&w.keeper.way, KEEPER_AGENT, "agent-2", w.other.certificate, "pe-legal-person-seal"),
        RFD_E_EXISTS); /* the same key under two names */
    message_put_u8(&w.body, 0);
    buf_reset(&w.body);
    message_put_u8(&w.body, KEEPER_REGISTRATION_CLIENT);
    message_put_text(&w.body, "client");
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, &w.body, &r), RFD_OK);
    assert_int_equal(
        issue_register(&w.keeper.way, KEEPER_AGENT, "agent-2", w.other.certificate, "pe-legal-person-seal"), RFD_OK);
    struct approval b = a;
    b.mobile = SLICE("+51999000112");
    buf_reset(&w.second);
    issue_sign(&w.other, &b, &w.second);
    assert_int_equal(issue(&r), RFD_E_APPROVAL); /* not the same text */
    buf_reset(&w.second);
    issue_sign(&w.other, &a, &w.second);
    assert_int_equal(issue(&r), RFD_OK);
}

/* ---- What is approved ---- */

static void test_for_something_else(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = usual_approval(7);
    struct buf other;
    a.authority[5] ^= 1;
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "another authority"));
    a = usual_approval(7);
    a.profile = SLICE("no-such-profile");
    assert_int_equal(issue_approved(&a), RFD_E_PROFILE);
    a.profile = SLICE("mx-advanced-signature"); /* there is one, but not of this authority */
    assert_int_equal(issue_approved(&a), RFD_E_KEY_REFUSED);
    a = usual_approval(7);
    a.central = true;
    assert_int_equal(issue_approved(&a), RFD_E_UNSUPPORTED);
    a = usual_approval(7);
    assert_true(issue_approved(&a) == RFD_OK);
    a = usual_approval(8);
    buf_reset(&w.approval);
    issue_sign(&w.agent, &a, &w.approval);
    buf_init(&other, 256);
    issue_new_key(&other);
    assert_int_equal(issue_for(buf_slice(&other), &r), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "another key"));
    buf_dispose(&other);
}

static void test_subject_that_the_profile_refuses(void **state)
{
    (void)state;
    struct approval a = usual_approval(9);
    a.subject[2].value = SLICE("PNOMX-70000016"); /* not as the profile begins */
    assert_int_equal(issue_approved(&a), RFD_E_PROFILE);
    a = usual_approval(9);
    a.subject_count = 3;
    assert_int_equal(issue_approved(&a), RFD_E_PROFILE);
    a = usual_approval(9);
    a.hosts[a.host_count++] = SLICE("host.example");
    assert_int_equal(issue_approved(&a), RFD_E_PROFILE);
    /* None of these was used up. */
    a = usual_approval(9);
    assert_int_equal(issue_approved(&a), RFD_OK);
}

static void test_old_and_future(void **state)
{
    (void)state;
    struct approval a = usual_approval(20);
    const rfd_time later = w.now + 2 * ISSUE_APPROVAL_SECONDS * RFD_SECOND;
    clock_fix(later);
    a.time = later - (ISSUE_APPROVAL_SECONDS + 1) * RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "too old"));
    a.time = later + 301 * RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "future"));
    a.time = later + 300 * RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_OK);
    a.time = later - ISSUE_APPROVAL_SECONDS * RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_OK);
}

/* A store that was restored begins a new journal, which does not know what had been used before. */
static void test_older_than_the_journal(void **state)
{
    (void)state;
    struct approval a = usual_approval(21);
    a.time = w.now - RFD_SECOND;
    assert_int_equal(issue_approved(&a), RFD_E_APPROVAL);
    assert_non_null(strstr(w.keeper.detail, "older than the journal"));
    a.time = w.now;
    assert_int_equal(issue_approved(&a), RFD_OK);
}

/* A SignedData with one octet changed: refused, unless it is in the agent's certificate, which is not taken from
 * there. */
static void test_altered(void **state)
{
    (void)state;
    struct message_reader r;
    const slice own = w.agent.certificate->der;
    size_t length = SIZE_MAX;
    for (size_t at = 0; at < length; at += 2) {
        struct approval a = usual_approval(1000 + (unsigned)at);
        buf_reset(&w.approval);
        issue_sign(&w.agent, &a, &w.approval);
        length = w.approval.length;
        const uint8_t *found = memmem(w.approval.data, length, own.data, own.length);
        assert_non_null(found);
        size_t start = (size_t)(found - w.approval.data);
        if (at >= length) break;
        w.approval.data[at] ^= 0x01;
        rfd_status status = issue(&r);
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
    struct approval a = usual_approval(22);
    buf_init(&text, APPROVAL_MAXIMUM);
    assert_int_equal(approval_write(&a, &text, NULL), RFD_OK);
    buf_put_byte(&text, '\n');
    issue_sign_text(&w.agent, buf_slice(&text), &w.approval);
    assert_int_equal(issue(&r), RFD_E_APPROVAL);
    buf_reset(&w.approval);
    buf_put_text(&w.approval, "no SignedData");
    assert_int_equal(issue(&r), RFD_E_APPROVAL);
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
    struct approval a = issue_approval(w.authority, spki, 23, w.now);
    issue_sign(&w.agent, &a, &w.approval);
    assert_int_equal(issue_for(spki, &r), RFD_E_KEY_WEAK);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

/* ---- Who may ask ---- */

static void test_senders(void **state)
{
    (void)state;
    struct message_reader r;
    struct approval a = usual_approval(24);
    issue_sign(&w.agent, &a, &w.approval);
    static const enum keeper_sender no[] = {KEEPER_FROM_WORKER, KEEPER_FROM_STATUS};
    for (size_t i = 0; i < 2; i++) {
        issue_put_request(&w.body, buf_slice(&w.spki), buf_slice(&w.approval), SLICE_EMPTY);
        assert_int_equal(ask_as(no[i], KEEPER_ISSUE, &w.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(ask_as(no[i], KEEPER_ISSUE_SERVICE, &w.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(ask_as(no[i], KEEPER_ISSUE_AUTHORITY, &w.body, &r), RFD_E_KEY_REFUSED);
        assert_int_equal(ask_as(no[i], KEEPER_REGISTER, &w.body, &r), RFD_E_KEY_REFUSED);
    }
    assert_int_equal(ask_as(KEEPER_FROM_WEB, KEEPER_ISSUE_SERVICE, &w.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask_as(KEEPER_FROM_WEB, KEEPER_REGISTER, &w.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask_as(KEEPER_FROM_WEB, KEEPER_SIGN_CRL, &w.body, &r), RFD_E_KEY_REFUSED);
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE, &w.body, &r), RFD_OK);
}

/* ---- Services ---- */

static rfd_status issue_service(const char *profile, const char *host)
{
    struct message_reader r;
    buf_reset(&w.body);
    message_put_text(&w.body, "issuing-1");
    message_put_text(&w.body, profile);
    message_put_u32(&w.body, 2);
    message_put_text(&w.body, "o");
    message_put_text(&w.body, "Office");
    message_put_text(&w.body, "cn");
    message_put_text(&w.body, "firma.example");
    message_put_u32(&w.body, 0);
    message_put_u32(&w.body, 1);
    message_put_text(&w.body, host);
    message_put_bytes(&w.body, buf_slice(&w.spki));
    rfd_status status = ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE_SERVICE, &w.body, &r);
    if (status == RFD_OK) assert_false(take_given(&r).repeated);
    return status;
}

static void test_services(void **state)
{
    (void)state;
    assert_int_equal(issue_service("tls-server", "firma.example"), RFD_OK);
    assert_int_equal(issue_service("pe-natural-person", "firma.example"), RFD_E_APPROVAL_FEW);
    assert_int_equal(issue_service("agent", "firma.example"), RFD_E_APPROVAL_FEW);
    assert_int_equal(issue_service("issuing", "firma.example"), RFD_E_KEY_REFUSED);
    assert_int_equal(issue_service("nothing", "firma.example"), RFD_E_PROFILE);
}

static rfd_status register_service(const char *name, const char *key, const char *profile)
{
    struct message_reader r;
    buf_reset(&w.body);
    message_put_u8(&w.body, KEEPER_SERVICE);
    message_put_text(&w.body, name);
    message_put_bytes(&w.body, buf_slice(&w.spki));
    message_put_text(&w.body, profile);
    message_put_text(&w.body, key);
    message_put_u32(&w.body, 3);
    message_put_text(&w.body, "c");
    message_put_text(&w.body, "PE");
    message_put_text(&w.body, "o");
    message_put_text(&w.body, "Office");
    message_put_text(&w.body, "cn");
    message_put_text(&w.body, name);
    return ask_as(KEEPER_FROM_ADMIN, KEEPER_REGISTER, &w.body, &r);
}

static rfd_status renew(const char *key, const char *name, struct message_reader *r)
{
    buf_reset(&w.body);
    message_put_text(&w.body, key);
    message_put_text(&w.body, name);
    return ask_as(KEEPER_FROM_WORKER, KEEPER_RENEW_SERVICE, &w.body, r);
}

static void test_renewal(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *c = NULL;
    assert_int_equal(register_service("ocsp-1", "issuing-1", "ocsp,tsa"), RFD_E_ARGUMENT);
    assert_int_equal(register_service("ocsp-1", "", "ocsp"), RFD_E_ARGUMENT);
    assert_int_equal(register_service("ocsp-1", "issuing-1", "ocsp"), RFD_OK);
    assert_int_equal(renew("issuing-1", "ocsp-1", &r), RFD_OK);
    assert_int_equal(certificate_parse(message_get_bytes(&r, ISSUE_BODY), &c, NULL), RFD_OK);
    assert_true(slice_equal(c->spki, buf_slice(&w.spki)));
    assert_true(certificate_has_eku(c, oid(OID_EKU_OCSP_SIGNING), &(bool){false}, &(bool){false}, &(bool){false}));
    certificate_unref(c);
    assert_int_equal(renew("root-1", "ocsp-1", &r), RFD_E_KEY_REFUSED);
    assert_int_equal(renew("issuing-1", "ocsp-2", &r), RFD_E_NOT_FOUND);
    assert_int_equal(register_service("person", "issuing-1", "pe-natural-person"), RFD_OK);
    assert_int_equal(renew("issuing-1", "person", &r), RFD_E_APPROVAL_FEW);
    reopen();
    assert_int_equal(renew("issuing-1", "ocsp-1", &r), RFD_OK);
}

/* ---- Journal and register ---- */

static void test_journal(void **state)
{
    (void)state;
    struct message_reader r;
    struct given given[5];
    for (unsigned i = 0; i < 5; i++) {
        struct approval a = usual_approval(30 + i);
        buf_reset(&w.approval);
        issue_sign(&w.agent, &a, &w.approval);
        assert_int_equal(issue(&r), RFD_OK);
        given[i] = take_given(&r);
    }
    for (int round = 0; round < 2; round++) {
        buf_reset(&w.body);
        message_put_text(&w.body, "issuing-1");
        message_put_u64(&w.body, 0);
        assert_int_equal(ask_as(KEEPER_FROM_WORKER, KEEPER_JOURNAL, &w.body, &r), RFD_OK);
        assert_int_equal(message_get_u32(&r), 5);
        for (unsigned i = 0; i < 5; i++) {
            const struct certificate *c = NULL;
            uint8_t hash[32];
            assert_int_equal(message_get_u64(&r), 3 + i); /* after the two of the ceremony */
            assert_true(slice_equal(message_get_bytes(&r, 20), slice_of(given[i].serial, 17)));
            assert_int_equal(message_get_i64(&r), given[i].time);
            assert_int_equal(certificate_parse(slice_of(given[i].der, given[i].length), &c, NULL), RFD_OK);
            assert_int_equal(digest_of(DIGEST_SHA256, c->tbs, hash, NULL), RFD_OK);
            assert_true(slice_equal(message_get_bytes(&r, 32), slice_of(hash, 32)));
            assert_int_equal(message_get_bytes(&r, 32).length, 32);
            certificate_unref(c);
        }
        assert_int_equal(message_end(&r, "journal", NULL), RFD_OK);
        reopen();
    }
    message_put_u8(&w.body, 0);
    buf_reset(&w.body);
    message_put_text(&w.body, "root-1");
    message_put_u64(&w.body, 2);
    assert_int_equal(ask_as(KEEPER_FROM_WORKER, KEEPER_JOURNAL, &w.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
    assert_int_equal(ask_as(KEEPER_FROM_STATUS, KEEPER_JOURNAL, &w.body, &r), RFD_E_KEY_REFUSED);
}

static void test_list_of_registered(void **state)
{
    (void)state;
    struct message_reader r;
    char name[32];
    for (int i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, "service-%d", i);
        assert_int_equal(register_service(name, "issuing-1", "ocsp"), RFD_OK);
    }
    buf_reset(&w.body);
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_LIST_REGISTERED, &w.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 4);
    assert_int_equal(message_get_u8(&r), KEEPER_AGENT);
    assert_true(slice_is(message_get_text(&r, 64), "agent-1"));
    assert_true(slice_is(message_get_text(&r, 256), "pe-natural-person,pe-legal-person-seal"));
    assert_true(slice_equal(message_get_bytes(&r, ISSUE_BODY), w.agent.certificate->der));
    message_put_u8(&w.body, KEEPER_SERVICE);
    message_put_text(&w.body, "service-1");
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_LIST_REGISTERED, &w.body, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 1);
}

static void write_file(const char *path, slice content)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(content.data, 1, content.length, f), content.length);
    assert_int_equal(fclose(f), 0);
}

/* A record that was edited, or put there by somebody without the store's key. */
static void test_edited_records(void **state)
{
    (void)state;
    char path[512];
    static const char *const files[] = {"agent-1.agent", "journal-00000001"};
    struct buf content;
    struct approval a = usual_approval(40);
    assert_int_equal(issue_approved(&a), RFD_OK);
    for (size_t i = 0; i < 2; i++) {
        buf_init(&content, 1 << 20);
        (void)snprintf(path, sizeof path, "%s/%s", w.keeper.path, files[i]);
        assert_true(file_read(path, &content));
        content.data[20] ^= 1;
        write_file(path, buf_slice(&content));
        assert_int_equal(issue_world_reopen(&w.keeper), RFD_E_KEYSTORE_DAMAGED);
        content.data[20] ^= 1;
        write_file(path, buf_slice(&content));
        reopen();
        buf_dispose(&content);
    }
}

static void limit_files(rlim_t octets)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = octets;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full: nothing is handed out, nothing is used up, and it goes on when there is room again. */
static void test_no_room_for_the_journal(void **state)
{
    (void)state;
    struct message_reader r;
    struct stat st;
    char path[512];
    struct approval a = usual_approval(50);
    assert_int_equal(issue_approved(&a), RFD_OK);
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.keeper.path);
    assert_int_equal(stat(path, &st), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    struct approval b = usual_approval(51);
    for (rlim_t more = 0; more < 300; more += 100) {
        limit_files((rlim_t)st.st_size + more);
        assert_int_not_equal(issue_approved(&b), RFD_OK);
    }
    limit_files(RLIM_INFINITY);
    assert_int_equal(issue(&r), RFD_OK);
    assert_false(take_given(&r).repeated);
    assert_int_equal(issue_approved(&a), RFD_OK);
    reopen();
    assert_int_equal(issue_approved(&b), RFD_OK);
}

/* A record that waits is lost in the middle of a batch: what was taken before may not leave either. */
static void test_batch_that_cannot_be_recorded(void **state)
{
    (void)state;
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct stat st;
    char path[512];
    struct approval a = usual_approval(60);
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.keeper.path);
    (void)signal(SIGXFSZ, SIG_IGN);
    issue_sign(&w.agent, &a, &w.approval);
    issue_put_request(&w.body, buf_slice(&w.spki), buf_slice(&w.approval), SLICE_EMPTY);
    const struct message m = {.type = KEEPER_ISSUE, .body = buf_slice(&w.body)};
    assert_int_equal(stat(path, &st), 0);
    limit_files((rlim_t)st.st_size);
    for (int i = 0; i < 3; i++) {
        /* The second time the record is looked for and has to be flushed first. */
        assert_int_equal(keeper_take(w.keeper.keeper, &session, &m, &w.keeper.answer, NULL), RFD_OK);
        assert_int_equal(w.keeper.status == RFD_OK, i == 0);
    }
    assert_true(keeper_owes(w.keeper.keeper));
    assert_int_not_equal(keeper_settle(w.keeper.keeper, NULL), RFD_OK);
    assert_false(keeper_owes(w.keeper.keeper));
    limit_files(RLIM_INFINITY);
    assert_int_equal(keeper_settle(w.keeper.keeper, NULL), RFD_OK);
    assert_int_equal(issue_approved(&a), RFD_OK);
}

/** Takes the orders from number `from` on in one batch and sends; how many were issued. */
static unsigned issue_in_batch(struct batch *b, struct channel *keepers, struct channel *ours, unsigned from,
                               unsigned count)
{
    struct keeper_session session = {.sender = KEEPER_FROM_WEB, .greeted = true};
    struct message m;
    unsigned issued = 0;
    for (unsigned i = from; i < from + count; i++) {
        struct approval a = usual_approval(i);
        buf_reset(&w.approval);
        issue_sign(&w.agent, &a, &w.approval);
        issue_put_request(&w.body, buf_slice(&w.spki), buf_slice(&w.approval), SLICE_EMPTY);
        const struct message asked = {.type = KEEPER_ISSUE, .request = i, .body = buf_slice(&w.body)};
        assert_int_equal(batch_take(b, &session, keepers, &asked, NULL), RFD_OK);
        assert_int_equal(channel_receive(ours, NULL), RFD_OK);
        assert_false(channel_next(ours, &m)); /* nothing leaves yet */
    }
    batch_send(b);
    for (unsigned i = from; i < from + count; i++) {
        while (!channel_next(ours, &m)) assert_int_equal(channel_receive(ours, NULL), RFD_OK);
        struct message_reader r = message_read(m.body);
        assert_int_equal(m.request, i);
        issued += message_get_u32(&r) == RFD_OK;
    }
    return issued;
}

/* Answers leave together. When the records cannot be written, all are refused, the audit is told so, and they may be
 * asked for again. */
static void test_batch(void **state)
{
    (void)state;
    const struct channel_options options = {.maximum = KEEPER_MESSAGE_MAXIMUM};
    struct channel *keepers = NULL;
    struct channel *ours = NULL;
    struct stat st;
    struct buf lines;
    char path[512], audit[256];
    int fds[2];
    static struct batch b;
    (void)signal(SIGXFSZ, SIG_IGN);
    (void)snprintf(audit, sizeof audit, "%s", folder_file("audit"));
    (void)snprintf(path, sizeof path, "%s/journal-00000001", w.keeper.path);
    assert_int_equal(channel_pair(fds, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[0], &options, &keepers, NULL), RFD_OK);
    assert_int_equal(channel_new(fds[1], &options, &ours, NULL), RFD_OK);
    int file = open(audit, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    batch_init(&b, file);
    b.keeper = w.keeper.keeper;
    assert_int_equal(issue_in_batch(&b, keepers, ours, 100, 20), 20);
    assert_int_equal(stat(path, &st), 0);
    limit_files((rlim_t)st.st_size + 500);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 200, 20), 0);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 100, 20), 20); /* what is recorded is given again */
    limit_files(RLIM_INFINITY);
    assert_int_equal(issue_in_batch(&b, keepers, ours, 200, 20), 20);
    assert_true(file_read(audit, &lines));
    buf_put_byte(&lines, 0);
    assert_non_null(strstr((const char *)lines.data, "\"operation\":\"withheld\",\"uses\":20"));
    buf_dispose(&lines);
    batch_dispose(&b);
    channel_free(keepers);
    channel_free(ours);
    (void)close(file);
}

/* ---- Authorities ---- */

static void test_authorities(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *root = issue_certificate_of(&w.keeper.way, "root-1");
    assert_true(root->is_ca && root->self_issued);
    assert_int_equal(certificate_verify_signature(w.authority, root, NULL), RFD_OK);
    certificate_unref(root);
    /* An issuing authority makes no authorities, and no key becomes a root by somebody else's signature. */
    static const struct {
        const char *signer, *profile, *key;
        rfd_status status;
    } rows[] = {{"issuing-1", "issuing", "root-1", RFD_E_KEY_REFUSED},
                {"root-1", "root", "issuing-1", RFD_E_KEY_REFUSED},
                {"root-1", "tls-server", "issuing-1", RFD_E_KEY_REFUSED},
                {"issuing-1", "issuing", "issuing-1", RFD_E_KEY_REFUSED},
                {"root-1", "issuing", "nobody", RFD_E_KEY_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_reset(&w.body);
        message_put_text(&w.body, rows[i].signer);
        message_put_text(&w.body, rows[i].profile);
        message_put_u32(&w.body, 0);
        message_put_u32(&w.body, 0);
        message_put_text(&w.body, rows[i].key);
        message_put_bytes(&w.body, SLICE_EMPTY);
        message_put_bytes(&w.body, SLICE_EMPTY);
        assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE_AUTHORITY, &w.body, &r), rows[i].status);
    }
}

/* Nor does an approval make one, though an agent has the profile and the root's policy names it. */
static void test_no_authority_by_approval(void **state)
{
    (void)state;
    struct message_reader r;
    const struct certificate *root = issue_certificate_of(&w.keeper.way, "root-1");
    struct approval a = issue_approval(root, buf_slice(&w.spki), 70, w.now);
    a.profile = SLICE("issuing");
    assert_int_equal(issue_register(&w.keeper.way, KEEPER_AGENT, "agent-1", w.agent.certificate, "issuing"), RFD_OK);
    issue_sign(&w.agent, &a, &w.approval);
    message_put_text(&w.body, "root-1");
    message_put_bytes(&w.body, buf_slice(&w.spki));
    message_put_u32(&w.body, 1);
    message_put_bytes(&w.body, buf_slice(&w.approval));
    assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_ISSUE, &w.body, &r), RFD_E_KEY_REFUSED);
    assert_non_null(strstr(w.keeper.detail, "authorities"));
    certificate_unref(root);
}

/* What was made for a CA without policy signs nothing; policies of authorities are for authorities. */
static void test_policy_belongs_to_the_key(void **state)
{
    (void)state;
    struct message_reader r;
    issue_create_key(&w.keeper.way, "bare", "ca", "P-256", SLICE_EMPTY, NULL);
    message_put_text(&w.body, "bare");
    message_put_text(&w.body, "nobody");
    assert_int_equal(ask_as(KEEPER_FROM_WORKER, KEEPER_RENEW_SERVICE, &w.body, &r), RFD_E_KEY_REFUSED);
    static const char *const purposes[] = {"seal", "log", "ca"};
    for (size_t i = 0; i < 3; i++) {
        buf_reset(&w.body);
        message_put_text(&w.body, "with-policy");
        message_put_text(&w.body, purposes[i]);
        message_put_text(&w.body, "P-256");
        message_put_bytes(&w.body, SLICE_EMPTY);
        message_put_u32(&w.body, 0);
        message_put_bytes(&w.body, SLICE_EMPTY);
        message_put_u32(&w.body, 0);
        buf_reset(&w.spki);
        issue_policy(&w.spki, 1);
        if (i == 2) w.spki.data[w.spki.length - 1] = 0x80; /* no first octet of a serial number */
        message_put_bytes(&w.body, buf_slice(&w.spki));
        assert_int_equal(ask_as(KEEPER_FROM_ADMIN, KEEPER_CREATE_KEY, &w.body, &r), RFD_E_ARGUMENT);
    }
}

static int open_folder(void **state)
{
    (void)state;
    agents = identity_new("P-256", "Agents", NULL, NULL);
    agent_one = identity_new("P-256", "Agent one", &agents, NULL);
    agent_two = identity_new("RSA", "Agent two", &agents, NULL);
    return folder_new() == NULL;
}

static int close_folder(void **state)
{
    (void)state;
    identity_free(&agent_one);
    identity_free(&agent_two);
    identity_free(&agents);
    folder_remove();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_certificate_follows_from_approval_profile_and_policy),
        TEST(test_repeat),
        TEST(test_serials_differ),
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
        TEST(test_services),
        TEST(test_renewal),
        TEST(test_journal),
        TEST(test_list_of_registered),
        TEST(test_edited_records),
        TEST(test_no_room_for_the_journal),
        TEST(test_batch_that_cannot_be_recorded),
        TEST(test_batch),
        TEST(test_authorities),
        TEST(test_no_authority_by_approval),
        TEST(test_policy_belongs_to_the_key),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
