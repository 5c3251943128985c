/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation, with OCSP responses by `openssl ocsp` and lists by `openssl ca -gencrl`. (RFC 5280 §6.3 in all its
 * cases is covered by test_pki_pkits.)
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "pki/revocation/revocation_internal.h"
#include "pki_fixture.h"
#include "pki_maker.h"

#include <openssl/pkcs7.h>

#define DAY (86400 * RFD_SECOND)

static struct made root, issuing, impostor, good, bad, held, stranger;
static struct made delegate, delegate_plain, delegate_old, delegate_foreign, delegate_pointing, delegate_person;
static struct rfd_trust *trust;
static rfd_time today;

/* --- Making evidence -----------------------------------------------------------------------------------------------
 */

static void put_serial(struct buf *b, const struct certificate *c)
{
    buf_put_hex(b, c->serial, true);
}

static void write_index(void)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_put_text(&b, "V\t400101000000Z\t\t");
    put_serial(&b, good.certificate);
    buf_put_text(&b, "\tunknown\t/CN=Good\nR\t400101000000Z\t250101120000Z,keyCompromise\t");
    put_serial(&b, bad.certificate);
    buf_put_text(&b, "\tunknown\t/CN=Bad\nR\t400101000000Z\t250201120000Z,certificateHold\t");
    put_serial(&b, held.certificate);
    buf_put_text(&b, "\tunknown\t/CN=Held\n");
    (void)folder_write("index.txt", buf_slice(&b));
    buf_dispose(&b);
}

static void write_configuration(void)
{
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "[ca]\ndefault_ca=c\n[c]\ndatabase=%s\ncrlnumber=%s\ndefault_md=sha256\ndefault_crl_days=1\n"
                   "[plain]\nauthorityKeyIdentifier=keyid\n"
                   "[users]\nissuingDistributionPoint=critical,@users_idp\n[users_idp]\nonlyuser=TRUE\n"
                   "[authorities]\nissuingDistributionPoint=critical,@authorities_idp\n[authorities_idp]\nonlyCA=TRUE\n"
                   "[elsewhere]\nissuingDistributionPoint=critical,@elsewhere_idp\n"
                   "[elsewhere_idp]\nfullname=URI:http://elsewhere.example/crl\n"
                   "[some]\nissuingDistributionPoint=critical,@some_idp\n[some_idp]\nonlysomereasons=keyCompromise\n"
                   "[strange]\n1.2.3.4.5=critical,DER:0500\n",
                   folder_file("index.txt"), folder_file("crlnumber"));
    (void)folder_write("ca.cnf", slice_text(text));
    (void)folder_write("crlnumber", SLICE("01\n"));
}

static int set_up(void **state)
{
    (void)state;
    today = clock_now();
    root = MAKE(.name = "Root", .extensions = AUTHORITY_EXTENSIONS);
    issuing = MAKE(.name = "Issuing", .issuer = &root, .extensions = AUTHORITY_EXTENSIONS);
    impostor = MAKE(.name = "Issuing", .extensions = AUTHORITY_EXTENSIONS);
    good = MAKE(.name = "Good", .issuer = &issuing,
                .extensions = {"authorityInfoAccess=OCSP;URI:http://test/ocsp,caIssuers;URI:http://test/issuing",
                               "crlDistributionPoints=URI:http://test/crl"});
    bad = MAKE(.name = "Bad", .issuer = &issuing);
    held = MAKE(.name = "Held", .issuer = &issuing);
    stranger = MAKE(.name = "Stranger", .issuer = &issuing);
    delegate =
        MAKE(.name = "Responder", .issuer = &issuing, .extensions = {"extendedKeyUsage=OCSPSigning", "noCheck=x"});
    delegate_person = MAKE(.name = "Responder 6", .issuer = &issuing,
                           .extensions = {"extendedKeyUsage=OCSPSigning,emailProtection", "noCheck=x"});
    delegate_plain = MAKE(.name = "Responder 2", .issuer = &issuing);
    delegate_old = MAKE(.name = "Responder 3", .issuer = &issuing, .from = "2020-01-01", .to = "2021-01-01",
                        .extensions = {"extendedKeyUsage=OCSPSigning", "noCheck=x"});
    delegate_foreign = MAKE(.name = "Responder 4", .issuer = &issuing, .signer = &impostor,
                            .extensions = {"extendedKeyUsage=OCSPSigning", "noCheck=x"});
    delegate_pointing =
        MAKE(.name = "Responder 5", .issuer = &issuing,
             .extensions = {"extendedKeyUsage=OCSPSigning", "crlDistributionPoints=URI:http://test/crl"});
    (void)folder_new();
    made_write(&issuing, "issuing.pem", "issuing.key");
    made_write(&impostor, "impostor.pem", "impostor.key");
    made_write(&delegate, "delegate.pem", "delegate.key");
    made_write(&delegate_plain, "plain.pem", "plain.key");
    made_write(&delegate_old, "old.pem", "old.key");
    made_write(&delegate_foreign, "foreign.pem", "foreign.key");
    made_write(&delegate_pointing, "pointing.pem", "pointing.key");
    made_write(&good, "good.pem", NULL);
    write_index();
    write_configuration();
    if (rfd_trust_new(&trust, NULL) != RFD_OK) return -1;
    return rfd_trust_add_anchors(trust, root.certificate->der, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct made *all[] = {&root,
                          &issuing,
                          &impostor,
                          &good,
                          &bad,
                          &held,
                          &stranger,
                          &delegate,
                          &delegate_old,
                          &delegate_plain,
                          &delegate_foreign,
                          &delegate_pointing,
                          &delegate_person};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) made_free(all[i]);
    rfd_trust_free(trust);
    folder_remove();
    return 0;
}

/* Answers the request in req.der with the responder's key; the result is in `out`. */
static void answer(const char *responder, const char *option, struct buf *out)
{
    char certificate[64];
    char key[64];
    (void)snprintf(certificate, sizeof certificate, "%s.pem", responder);
    (void)snprintf(key, sizeof key, "%s.key", responder);
    assert_int_equal(RUN("openssl", "ocsp", "-index", folder_file("index.txt"), "-CA", folder_file("issuing.pem"),
                         "-rsigner", folder_file(certificate), "-rkey", folder_file(key), "-reqin",
                         folder_file("req.der"), "-respout", folder_file("resp.der"), "-ndays", "1", option),
                     0);
    assert_true(file_read(folder_file("resp.der"), out));
    assert_true(out->length > 0);
}

static void ask(const struct made *about, const struct made *issuer, const char *responder, const char *option,
                struct buf *out)
{
    struct buf request;
    buf_init(&request, 4096);
    assert_int_equal(ocsp_put_request(&request, about->certificate, issuer->certificate, SLICE("12345678"), NULL),
                     RFD_OK);
    (void)folder_write("req.der", buf_slice(&request));
    buf_dispose(&request);
    answer(responder, option, out);
}

static void make_list(const char *authority, const char *section, struct buf *out)
{
    char certificate[64];
    char key[64];
    (void)snprintf(certificate, sizeof certificate, "%s.pem", authority);
    (void)snprintf(key, sizeof key, "%s.key", authority);
    assert_int_equal(RUN("openssl", "ca", "-gencrl", "-config", folder_file("ca.cnf"), "-cert",
                         folder_file(certificate), "-keyfile", folder_file(key), "-crlexts", section, "-out",
                         folder_file("crl.pem")),
                     0);
    assert_int_equal(
        RUN("openssl", "crl", "-in", folder_file("crl.pem"), "-outform", "DER", "-out", folder_file("crl.der")), 0);
    assert_true(file_read(folder_file("crl.der"), out));
}

/* --- Checking ------------------------------------------------------------------------------------------------------
 */

static struct revocation_result check_with(struct revocation_options options, const struct made *about)
{
    struct revocation_result result;
    struct rfd_error error = RFD_ERROR_INIT;
    options.trust = trust;
    assert_int_equal(revocation_check(&options, about->certificate, issuing.certificate, &result, &error), RFD_OK);
    revocation_result_dispose(&result);
    return result;
}

static enum revocation_state state_with(slice der, bool is_crl, const struct made *about, rfd_time at)
{
    struct revocation_store store = {0};
    assert_int_equal(revocation_store_add(&store, der, is_crl, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    struct revocation_options options = {.store = &store, .at = at, .not_older_than = RFD_TIME_NONE};
    struct revocation_result result = check_with(options, about);
    if (result.state == REVOCATION_UNKNOWN) assert_true(result.detail[0] != '\0');
    if (result.state != REVOCATION_UNKNOWN) assert_int_equal(result.item, 0);
    revocation_store_dispose(&store);
    return result.state;
}

/* --- OCSP ----------------------------------------------------------------------------------------------------------
 */

static void test_ocsp(void **state)
{
    (void)state;
    static const struct {
        const struct made *about;
        const struct made *asked_of; /* the issuer named in the request */
        const char *responder;
        const char *option;
        int days; /* later */
        enum revocation_state state;
    } cases[] = {
        {&good, &issuing, "issuing", NULL, 0, REVOCATION_GOOD},
        {&good, &issuing, "issuing", "-resp_key_id", 0, REVOCATION_GOOD},
        {&good, &issuing, "issuing", "-resp_no_certs", 0, REVOCATION_GOOD},
        {&bad, &issuing, "issuing", NULL, 0, REVOCATION_REVOKED},
        {&held, &issuing, "issuing", NULL, 0, REVOCATION_HELD},
        {&stranger, &issuing, "issuing", NULL, 0, REVOCATION_UNKNOWN},
        {&good, &issuing, "issuing", NULL, 3, REVOCATION_UNKNOWN}, /* out of date */
        {&good, &issuing, "delegate", NULL, 0, REVOCATION_GOOD},
        {&good, &issuing, "delegate", "-resp_key_id", 0, REVOCATION_GOOD},
        {&good, &issuing, "delegate", "-resp_no_certs", 0, REVOCATION_UNKNOWN}, /* its certificate is not at hand */
        {&good, &issuing, "plain", NULL, 0, REVOCATION_UNKNOWN},                /* no OCSPSigning */
        {&good, &issuing, "old", NULL, 0, REVOCATION_UNKNOWN},                  /* expired */
        {&good, &issuing, "foreign", NULL, 0, REVOCATION_UNKNOWN},              /* not issued by the authority */
        {&good, &issuing, "impostor", NULL, 0, REVOCATION_UNKNOWN},             /* the authority's name, another key */
        {&bad, &issuing, "impostor", NULL, 0, REVOCATION_UNKNOWN},
        {&good, &issuing, "pointing", NULL, 0, REVOCATION_UNKNOWN}, /* its own status cannot be had */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf response;
        ask(cases[i].about, cases[i].asked_of, cases[i].responder, cases[i].option, &response);
        enum revocation_state got =
            state_with(buf_slice(&response), false, cases[i].about, today + cases[i].days * DAY);
        if (got != cases[i].state) fail_msg("case %zu: state %d", i, (int)got);
        buf_dispose(&response);
    }
}

static void test_ocsp_details(void **state)
{
    (void)state;
    struct buf response;
    struct revocation_store store = {0};
    struct revocation_result result;
    ask(&bad, &issuing, "delegate", NULL, &response);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_SIGNATURE, NULL),
                     RFD_OK);
    struct revocation_options options = {.trust = trust, .store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
    assert_int_equal(revocation_check(&options, bad.certificate, issuing.certificate, &result, NULL), RFD_OK);
    assert_int_equal(result.state, REVOCATION_REVOKED);
    assert_int_equal(result.source, REVOCATION_FROM_SIGNATURE);
    assert_false(result.from_crl);
    assert_int_equal(result.reason, 1);
    assert_int_equal(result.revoked_at, moment("2025-01-01T12:00:00Z"));
    assert_true(certificate_equal(result.issuer, delegate.certificate));
    assert_true(result.next_update > result.this_update);
    revocation_result_dispose(&result);
    /* About somebody else it says nothing. */
    assert_int_equal(check_with(options, &good).state, REVOCATION_UNKNOWN);
    /* Too old for who wants newer. */
    options.not_older_than = today + DAY;
    assert_int_equal(check_with(options, &bad).state, REVOCATION_UNKNOWN);
    /* An anchor needs none, a responder with nocheck neither. */
    assert_int_equal(check_with(options, &root).state, REVOCATION_NOT_NEEDED);
    assert_int_equal(check_with(options, &delegate).state, REVOCATION_NOT_NEEDED);
    assert_int_equal(check_with(options, &delegate_person).state, REVOCATION_UNKNOWN);
    revocation_store_dispose(&store);
    buf_dispose(&response);
}

/* Eleven years later the responder's certificate has ended: its answer counts when it is proven to be older. */
static void test_ocsp_in_the_past(void **state)
{
    (void)state;
    enum { YEAR = 365 };
    const rfd_time later = today + 11 * YEAR * DAY;
    const struct {
        enum revocation_source source;
        rfd_time proven;
        struct revocation_past past;
        enum revocation_state state;
        bool unproven;
    } cases[] = {
        {REVOCATION_FROM_DOCUMENT, RFD_TIME_NONE, {.known_by = later, .any_age = true}, REVOCATION_UNKNOWN, true},
        {REVOCATION_FROM_DOCUMENT,
         RFD_TIME_NONE,
         {.known_by = later, .any_age = true, .believe = true},
         REVOCATION_GOOD,
         false},
        {REVOCATION_FROM_DOCUMENT, today + YEAR * DAY, {.known_by = later, .any_age = true}, REVOCATION_GOOD, false},
        {REVOCATION_FROM_DOCUMENT,
         today + YEAR * DAY,
         {.known_by = today + 2 * YEAR * DAY, .any_age = true},
         REVOCATION_GOOD,
         false},
        {REVOCATION_FROM_DOCUMENT,
         today + YEAR * DAY,
         {.known_by = today + DAY, .any_age = true},
         REVOCATION_UNKNOWN,
         true},
        {REVOCATION_FROM_DOCUMENT,
         today + 10 * YEAR * DAY + DAY,
         {.known_by = later, .any_age = true},
         REVOCATION_UNKNOWN,
         true},
        {REVOCATION_FROM_DOCUMENT, today + YEAR * DAY, {.known_by = later}, REVOCATION_UNKNOWN, false},
        {REVOCATION_FROM_DOCUMENT,
         RFD_TIME_NONE,
         {.known_by = later, .any_age = true, .believe = true, .proven = true},
         REVOCATION_UNKNOWN,
         true},
        {REVOCATION_FROM_NETWORK,
         today + YEAR * DAY,
         {.known_by = later, .any_age = true, .of_file = true},
         REVOCATION_UNKNOWN,
         false},
    };
    struct buf response;
    ask(&good, &issuing, "delegate", NULL, &response);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct revocation_store store = {0};
        struct revocation_past past = cases[i].past;
        past.now = later;
        assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, cases[i].source, NULL), RFD_OK);
        store.items[0].proven = cases[i].proven;
        struct revocation_options options = {
            .store = &store, .at = later, .not_older_than = RFD_TIME_NONE, .past = &past};
        struct revocation_result result = check_with(options, &good);
        if (result.state != cases[i].state || result.unproven != cases[i].unproven)
            fail_msg("case %zu: state %d, %s", i, (int)result.state, result.detail);
        revocation_store_dispose(&store);
    }
    buf_dispose(&response);
}

/* The request asked about a certificate with the same serial of another authority. */
static void test_ocsp_other_issuer(void **state)
{
    (void)state;
    struct buf response;
    struct ocsp *o = NULL;
    struct ocsp_single single;
    ask(&good, &issuing, "issuing", NULL, &response);
    assert_int_equal(ocsp_parse(buf_slice(&response), &o, NULL), RFD_OK);
    assert_true(ocsp_find(o, good.certificate, issuing.certificate, &single));
    assert_false(ocsp_find(o, good.certificate, impostor.certificate, &single));
    assert_false(ocsp_find(o, good.certificate, root.certificate, &single));
    assert_true(ocsp_nonce_matches(o, SLICE("12345678")));
    assert_false(ocsp_nonce_matches(o, SLICE("12345679")));
    ocsp_free(o);
    buf_dispose(&response);
}

static void test_ocsp_sha256_id(void **state)
{
    (void)state;
    struct buf response;
    assert_int_equal(RUN("openssl", "ocsp", "-sha256", "-issuer", folder_file("issuing.pem"), "-cert",
                         folder_file("good.pem"), "-reqout", folder_file("req.der")),
                     0);
    answer("issuing", NULL, &response);
    assert_int_equal(state_with(buf_slice(&response), false, &good, today), REVOCATION_GOOD);
    buf_dispose(&response);
}

/* With any byte changed it is unreadable, or says nothing, or (in what is not signed) still the same. */
static void test_ocsp_tampered(void **state)
{
    (void)state;
    struct buf response;
    ask(&bad, &issuing, "delegate", NULL, &response);
    for (size_t i = 0; i < response.length; i++) {
        struct revocation_store store = {0};
        response.data[i] ^= 0x01;
        if (revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL) == RFD_OK) {
            struct revocation_options options = {.store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
            enum revocation_state got = check_with(options, &bad).state;
            assert_true(got == REVOCATION_UNKNOWN || got == REVOCATION_REVOKED);
        }
        revocation_store_dispose(&store);
        response.data[i] ^= 0x01;
    }
    buf_dispose(&response);
}

static void test_store(void **state)
{
    (void)state;
    struct buf response;
    struct revocation_store store = {0};
    struct ocsp *o = NULL;
    ask(&good, &issuing, "issuing", NULL, &response);
    assert_int_equal(ocsp_parse(buf_slice(&response), &o, NULL), RFD_OK);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    assert_int_equal(revocation_store_add(&store, o->basic, false, REVOCATION_FROM_SIGNATURE, NULL), RFD_OK);
    assert_int_equal(store.count, 1); /* wrapped, the basic response is the same again */
    assert_true(slice_equal(revocation_item_der(&store.items[0]), buf_slice(&response)));
    assert_int_equal(revocation_store_add(&store, SLICE("\x30\x03\x0a\x01\x06"), false, REVOCATION_FROM_NETWORK, NULL),
                     RFD_E_OCSP);
    assert_int_equal(revocation_store_add(&store, SLICE("\x30\x00"), true, REVOCATION_FROM_NETWORK, NULL), RFD_E_CRL);
    assert_int_equal(revocation_store_add(&store, SLICE_EMPTY, false, REVOCATION_FROM_NETWORK, NULL), RFD_E_OCSP);
    assert_int_equal(store.count, 1);
    ocsp_free(o);
    revocation_store_dispose(&store);
    buf_dispose(&response);
}

/* --- Lists ---------------------------------------------------------------------------------------------------------
 */

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *authority;
        const char *section;
        const struct made *about;
        int days;
        enum revocation_state state;
    } cases[] = {
        {"issuing", "plain", &good, 0, REVOCATION_GOOD},       {"issuing", "plain", &bad, 0, REVOCATION_REVOKED},
        {"issuing", "plain", &held, 0, REVOCATION_HELD},       {"issuing", "plain", &good, 3, REVOCATION_UNKNOWN},
        {"impostor", "plain", &good, 0, REVOCATION_UNKNOWN},   {"impostor", "plain", &bad, 0, REVOCATION_UNKNOWN},
        {"issuing", "users", &bad, 0, REVOCATION_REVOKED},     {"issuing", "authorities", &bad, 0, REVOCATION_UNKNOWN},
        {"issuing", "elsewhere", &bad, 0, REVOCATION_UNKNOWN}, {"issuing", "some", &bad, 0, REVOCATION_REVOKED},
        {"issuing", "some", &good, 0, REVOCATION_UNKNOWN},     {"issuing", "strange", &bad, 0, REVOCATION_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf list;
        make_list(cases[i].authority, cases[i].section, &list);
        enum revocation_state got = state_with(buf_slice(&list), true, cases[i].about, today + cases[i].days * DAY);
        if (got != cases[i].state) fail_msg("case %zu: state %d", i, (int)got);
        buf_dispose(&list);
    }
}

/* A responder whose certificate points to a list: the list decides on the responder too. */
static void test_responder_checked_by_list(void **state)
{
    (void)state;
    struct buf response;
    struct buf list;
    struct revocation_store store = {0};
    ask(&held, &issuing, "pointing", NULL, &response);
    make_list("issuing", "users", &list);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    struct revocation_options options = {.store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
    assert_int_equal(check_with(options, &held).state, REVOCATION_UNKNOWN);
    assert_int_equal(revocation_store_add(&store, buf_slice(&list), true, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    assert_int_equal(check_with(options, &held).state, REVOCATION_HELD);
    revocation_store_dispose(&store);
    buf_dispose(&response);
    buf_dispose(&list);
}

static void test_list_of_trust_store(void **state)
{
    (void)state;
    struct buf list;
    struct rfd_trust *t = NULL;
    struct revocation_store store = {0};
    struct revocation_result result;
    make_list("issuing", "plain", &list);
    assert_int_equal(rfd_trust_new(&t, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_anchors(t, root.certificate->der, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_path(t, folder_file("issuing.pem"), NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_crl(t, buf_slice(&list), NULL), RFD_OK);
    assert_int_equal(trust_crl_count(t), 1);
    struct revocation_options options = {.trust = t, .store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
    assert_int_equal(revocation_check(&options, bad.certificate, issuing.certificate, &result, NULL), RFD_OK);
    assert_int_equal(result.state, REVOCATION_REVOKED);
    assert_int_equal(result.source, REVOCATION_FROM_TRUST);
    assert_true(result.from_crl && result.item == 0 && store.count == 1);
    revocation_result_dispose(&result);
    revocation_store_dispose(&store);
    options.store = NULL;
    assert_int_equal(revocation_check(&options, bad.certificate, issuing.certificate, &result, NULL), RFD_OK);
    assert_int_equal(result.state, REVOCATION_REVOKED);
    assert_true(result.item == SIZE_MAX);
    revocation_result_dispose(&result);
    rfd_trust_free(t);
    buf_dispose(&list);
}

static void put_big_list(struct buf *out, size_t entries, const struct certificate *last)
{
    static const uint8_t algorithm[] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
    struct signature_algorithm a = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    struct buf tbs;
    struct buf signature;
    struct identity signer = {.kind = "P-256", .key = issuing.key};
    buf_init(&tbs, (size_t)1 << 28);
    buf_init(&signature, 4096);
    size_t body = der_open(&tbs, DER_SEQUENCE);
    der_put_unsigned(&tbs, 1);
    buf_put(&tbs, algorithm, sizeof algorithm);
    buf_put_slice(&tbs, issuing.certificate->subject);
    der_put_time(&tbs, today - 3600 * RFD_SECOND);
    der_put_time(&tbs, today + DAY);
    size_t list = der_open(&tbs, DER_SEQUENCE);
    for (size_t i = 0; i < entries; i++) {
        size_t entry = der_open(&tbs, DER_SEQUENCE);
        der_put_unsigned(&tbs, UINT64_C(0x100000000000000) + i * 977);
        der_put_time(&tbs, today - 30 * DAY);
        der_close(&tbs, entry);
    }
    size_t entry = der_open(&tbs, DER_SEQUENCE);
    der_put(&tbs, DER_INTEGER, last->serial);
    der_put_time(&tbs, today - 30 * DAY);
    der_close(&tbs, entry);
    der_close(&tbs, list);
    der_close(&tbs, body);
    identity_sign(&signer, &a, buf_slice(&tbs), &signature);
    buf_init(out, (size_t)1 << 28);
    size_t whole = der_open(out, DER_SEQUENCE);
    buf_put_slice(out, buf_slice(&tbs));
    buf_put(out, algorithm, sizeof algorithm);
    der_put_bits(out, buf_slice(&signature));
    der_close(out, whole);
    assert_int_equal(buf_status(out), RFD_OK);
    buf_dispose(&tbs);
    buf_dispose(&signature);
}

static void test_million_entries(void **state)
{
    (void)state;
    enum { ENTRIES = 1000000 };
    struct buf list;
    struct revocation_store store = {0};
    put_big_list(&list, ENTRIES, bad.certificate);
    assert_int_equal(revocation_store_add(&store, buf_slice(&list), true, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    struct revocation_options options = {.store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
    rfd_time start = clock_now();
    assert_int_equal(check_with(options, &good).state, REVOCATION_GOOD);
    rfd_time first = clock_now();
    assert_int_equal(check_with(options, &bad).state, REVOCATION_REVOKED);
    rfd_time second = clock_now();
    print_message("%zu bytes: %d ms with signature, %d ms again\n", list.length, (int)((first - start) / 1000),
                  (int)((second - first) / 1000));
    assert_true(second - start < 20 * RFD_SECOND);
    revocation_store_dispose(&store);
    buf_dispose(&list);
}

static void test_list_tampered(void **state)
{
    (void)state;
    struct buf list;
    make_list("issuing", "plain", &list);
    for (size_t i = 0; i < list.length; i++) {
        struct revocation_store store = {0};
        list.data[i] ^= 0x01;
        if (revocation_store_add(&store, buf_slice(&list), true, REVOCATION_FROM_DOCUMENT, NULL) == RFD_OK) {
            struct revocation_options options = {.store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
            assert_int_equal(check_with(options, &bad).state, REVOCATION_UNKNOWN);
        }
        revocation_store_dispose(&store);
        list.data[i] ^= 0x01;
    }
    buf_dispose(&list);
}

/* Lists that look like the authority's, each of them somebody's invention. */
static size_t add_inventions(struct revocation_store *store, size_t count)
{
    struct buf list;
    size_t added = 0;
    make_list("issuing", "plain", &list);
    for (size_t i = 0; i < count; i++) {
        list.data[list.length - 1] = (uint8_t)i;
        list.data[list.length - 2] = (uint8_t)(i >> 8);
        added += revocation_store_add(store, buf_slice(&list), true, REVOCATION_FROM_DOCUMENT, NULL) == RFD_OK;
    }
    buf_dispose(&list);
    return added;
}

/* Among so much that is not verified could be the truth. */
static void test_flood_hides_nothing(void **state)
{
    (void)state;
    struct revocation_store store = {0};
    struct revocation_options options = {.store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
    struct buf response;
    ask(&good, &issuing, "delegate", NULL, &response);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL), RFD_OK);
    assert_int_equal(check_with(options, &good).state, REVOCATION_GOOD);
    assert_int_equal(add_inventions(&store, 200), 200);
    struct revocation_result result = check_with(options, &good);
    assert_true(result.state == REVOCATION_UNKNOWN && result.gave_up);
    revocation_store_dispose(&store);
    buf_dispose(&response);
}

static void test_file_leaves_room(void **state)
{
    (void)state;
    struct revocation_store store = {0};
    struct buf response;
    assert_int_equal(add_inventions(&store, 3000), 2048);
    ask(&good, &issuing, "delegate", NULL, &response);
    assert_int_equal(revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_NETWORK, NULL), RFD_OK);
    revocation_store_dispose(&store);
    buf_dispose(&response);
}

/* --- Network -------------------------------------------------------------------------------------------------------
 */

struct network {
    bool ocsp_down, ocsp_wrong_nonce;
    int ocsp_asked, crl_asked, issuers_asked;
    slice issuers;
};

static rfd_status give(slice bytes, rfd_bytes *out, struct rfd_error *error)
{
    rfd_status status = rfd_bytes_new(bytes.length, out, error);
    if (status == RFD_OK && bytes.length > 0) memcpy(out->data, bytes.data, bytes.length);
    return status;
}

static rfd_status fake_fetch(void *context, const char *url, rfd_slice body, const char *type, const char *accept,
                             size_t maximum, rfd_bytes *out, struct rfd_error *error)
{
    struct network *n = context;
    struct buf b;
    (void)maximum;
    assert_non_null(accept);
    if (strcmp(url, "http://test/issuing") == 0) {
        n->issuers_asked++;
        return give(n->issuers, out, error);
    }
    if (strcmp(url, "http://test/crl") == 0) {
        n->crl_asked++;
        make_list("issuing", "users", &b);
    } else {
        assert_string_equal(url, "http://test/ocsp");
        assert_string_equal(type, "application/ocsp-request");
        n->ocsp_asked++;
        if (n->ocsp_down) {
            if (error != NULL) *error = (struct rfd_error){.code = RFD_E_NETWORK, .detail = "HTTP 500"};
            return RFD_E_NETWORK;
        }
        if (n->ocsp_wrong_nonce) {
            ask(&good, &issuing, "delegate", NULL, &b);
        } else {
            (void)folder_write("req.der", body);
            answer("delegate", NULL, &b);
        }
    }
    rfd_status status = give(buf_slice(&b), out, error);
    buf_dispose(&b);
    return status;
}

static void test_network(void **state)
{
    (void)state;
    struct network network = {0};
    struct rfd_fetcher fetcher = {&network, fake_fetch};
    struct revocation_store store = {0};
    struct revocation_options options = {
        .store = &store, .fetcher = &fetcher, .online = true, .at = today, .not_older_than = RFD_TIME_NONE};
    struct revocation_result result = check_with(options, &good);
    assert_int_equal(result.state, REVOCATION_GOOD);
    assert_int_equal(result.source, REVOCATION_FROM_NETWORK);
    assert_true(store.count == 1 && network.ocsp_asked == 1 && network.crl_asked == 0);
    /* What was got is used again. */
    assert_int_equal(check_with(options, &good).state, REVOCATION_GOOD);
    assert_int_equal(network.ocsp_asked, 1);
    revocation_store_dispose(&store);
    /* Without OCSP, or with somebody else's answer, the list. */
    network.ocsp_down = true;
    result = check_with(options, &good);
    assert_true(result.state == REVOCATION_GOOD && result.from_crl && network.crl_asked == 1);
    revocation_store_dispose(&store);
    network = (struct network){.ocsp_wrong_nonce = true};
    result = check_with(options, &good);
    assert_true(result.state == REVOCATION_GOOD && result.from_crl && network.ocsp_asked == 1);
    revocation_store_dispose(&store);
    /* Off line nothing is asked. */
    network = (struct network){0};
    options.online = false;
    assert_int_equal(check_with(options, &good).state, REVOCATION_UNKNOWN);
    assert_true(network.ocsp_asked == 0 && network.crl_asked == 0);
}

static void test_issuers(void **state)
{
    (void)state;
    struct network network = {.issuers = issuing.certificate->der};
    struct rfd_fetcher fetcher = {&network, fake_fetch};
    struct certificate_list extra = {0};
    assert_int_equal(revocation_fetch_issuers(&fetcher, good.certificate, &extra, NULL), RFD_OK);
    assert_true(extra.count == 1 && certificate_equal(extra.items[0], issuing.certificate));
    assert_int_equal(revocation_fetch_issuers(&fetcher, good.certificate, &extra, NULL), RFD_OK);
    assert_int_equal(network.issuers_asked, 1);
    certificate_list_dispose(&extra);
    /* PKCS#7 with certificates only. */
    unsigned char *der = NULL;
    PKCS7 *p7 = PKCS7_new();
    assert_true(PKCS7_set_type(p7, NID_pkcs7_signed) == 1 && PKCS7_content_new(p7, NID_pkcs7_data) == 1);
    assert_true(PKCS7_add_certificate(p7, root.x509) == 1 && PKCS7_add_certificate(p7, issuing.x509) == 1);
    int length = i2d_PKCS7(p7, &der);
    assert_true(length > 0);
    network.issuers = slice_of(der, (size_t)length);
    assert_int_equal(revocation_fetch_issuers(&fetcher, good.certificate, &extra, NULL), RFD_OK);
    assert_int_equal(extra.count, 2);
    certificate_list_dispose(&extra);
    network.issuers = SLICE("garbage");
    assert_int_equal(revocation_fetch_issuers(&fetcher, good.certificate, &extra, NULL), RFD_OK);
    assert_int_equal(extra.count, 0);
    OPENSSL_free(der);
    PKCS7_free(p7);
}

/* --- Memory --------------------------------------------------------------------------------------------------------
 */

static void test_without_memory(void **state)
{
    (void)state;
    struct buf response;
    struct buf list;
    rfd_status status = RFD_E_MEMORY;
    unsigned long n;
    ask(&bad, &issuing, "pointing", NULL, &response);
    make_list("issuing", "users", &list);
    for (n = 1; status != RFD_OK && n < 1000; n++) {
        struct revocation_store store = {0};
        struct revocation_result result = {.state = REVOCATION_UNKNOWN};
        struct revocation_options options = {
            .trust = trust, .store = &store, .at = today, .not_older_than = RFD_TIME_NONE};
        (void)memory_fail_after(n);
        status = revocation_store_add(&store, buf_slice(&response), false, REVOCATION_FROM_DOCUMENT, NULL);
        if (status == RFD_OK)
            status = revocation_store_add(&store, buf_slice(&list), true, REVOCATION_FROM_DOCUMENT, NULL);
        if (status == RFD_OK) status = revocation_check(&options, bad.certificate, issuing.certificate, &result, NULL);
        (void)memory_fail_after(0);
        /* Without memory a piece of evidence may also count as unusable, but nothing ever as good. */
        assert_true(result.state == REVOCATION_UNKNOWN || result.state == REVOCATION_REVOKED);
        if (result.state == REVOCATION_UNKNOWN) status = RFD_E_MEMORY;
        revocation_result_dispose(&result);
        revocation_store_dispose(&store);
    }
    assert_true(n > 5 && status == RFD_OK);
    buf_dispose(&response);
    buf_dispose(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ocsp),
        cmocka_unit_test(test_ocsp_details),
        cmocka_unit_test(test_ocsp_in_the_past),
        cmocka_unit_test(test_ocsp_other_issuer),
        cmocka_unit_test(test_ocsp_sha256_id),
        cmocka_unit_test(test_ocsp_tampered),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_responder_checked_by_list),
        cmocka_unit_test(test_list_of_trust_store),
        cmocka_unit_test(test_million_entries),
        cmocka_unit_test(test_list_tampered),
        cmocka_unit_test(test_flood_hides_nothing),
        cmocka_unit_test(test_file_leaves_room),
        cmocka_unit_test(test_network),
        cmocka_unit_test(test_issuers),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
