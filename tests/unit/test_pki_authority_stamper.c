/* SPDX-License-Identifier: EUPL-1.2
 *
 * The time-stamp service: tokens judged by our own reader and by the openssl command, and a rejection with the right
 * bit for each fault of a request.
 */
#include "authority_support.h"

#include "base/clock.h"
#include "base/memory.h"
#include "pki/authority/stamper.h"
#include "pki/cms/timestamp.h"
#include "pki_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct hand root, service;
static struct stamper stamper;
static const struct certificate *chain[1];
static uint8_t hash[64];

#define POLICY_A    SLICE("\x2A\x03\x04\x01")
#define POLICY_B    SLICE("\x2A\x03\x04\x02")
#define SHA256_HASH slice_of(hash, 32)

static struct stamper_plan plan_of(struct hand *h)
{
    return (struct stamper_plan){.signer = &h->signer,
                                 .chain = chain,
                                 .chain_count = 1,
                                 .policies = {POLICY_A, POLICY_B},
                                 .policy_count = 2,
                                 .accuracy = RFD_SECOND + 2005,
                                 .fraction_digits = 3,
                                 .names_itself = true};
}

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    for (size_t i = 0; i < sizeof hash; i++) hash[i] = (uint8_t)i;
    hand_new(&root, &(struct make){.name = "Root", .extensions = AUTHORITY_EXTENSIONS});
    hand_new(&service, &(struct make){.name = "Service", .issuer = &root.made, .extensions = TSA_EXTENSIONS});
    made_write(&root.made, "root.pem", NULL);
    made_write(&service.made, "service.pem", NULL);
    chain[0] = root.made.certificate;
    struct stamper_plan plan = plan_of(&service);
    assert_int_equal(stamper_set(&stamper, &plan, NULL), RFD_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    stamper_dispose(&stamper);
    hand_free(&service);
    hand_free(&root);
    folder_remove();
    return 0;
}

/* --- Helpers ----------------------------------------------------------------------------------------------------- */

/* The response to a request, and whether it has a token. */
static bool respond(slice request, const char *iso, struct buf *out)
{
    bool granted = false;
    struct stamper_request read;
    buf_init(out, STAMPER_RESPONSE_MAXIMUM);
    rfd_time time = moment(iso) + 120000;
    assert_int_equal(stamper_respond(&stamper, request, SLICE("\x80\x01\x02\x03"), time, out, &read, &granted, NULL),
                     RFD_OK);
    return granted;
}

/* The failure's bit in a rejection, -1 when it is none. */
static int failure_in(slice response)
{
    slice in;
    slice information;
    slice status;
    slice ignored;
    slice bits;
    assert_int_equal(der_only(response, DER_SEQUENCE, &in, "", NULL), RFD_OK);
    assert_int_equal(der_only(in, DER_SEQUENCE, &information, "", NULL), RFD_OK);
    assert_true(der_take_optional(&information, DER_INTEGER, &status) && slice_equal(status, SLICE("\x02")));
    assert_true(der_take_optional(&information, DER_SEQUENCE, &ignored) && ignored.length > 2);
    assert_true(der_take_optional(&information, DER_BIT_STRING, &bits) && information.length == 0);
    for (int bit = 0; bit < 8 * (int)(bits.length - 1); bit++) {
        if ((bits.data[1 + bit / 8] & 0x80 >> bit % 8) != 0) {
            assert_int_equal(bits.data[0], 7 - bit % 8);
            return bit;
        }
    }
    return -1;
}

static int refused(const char *request)
{
    uint8_t bytes[512];
    struct buf out;
    assert_false(respond(hex(request, bytes, sizeof bytes), "2026-01-01", &out));
    int failure = failure_in(buf_slice(&out));
    buf_dispose(&out);
    return failure;
}

/* --- Tokens ------------------------------------------------------------------------------------------------------ */

static void a_token(void **state)
{
    (void)state;
    struct buf request;
    struct buf response;
    struct timestamp t;
    slice token;
    buf_init(&request, 4096);
    timestamp_put_request(&request, DIGEST_SHA256, SHA256_HASH, SLICE("\x7F\x01\x02\x03\x04\x05\x06\x07"), POLICY_B);
    assert_true(respond(buf_slice(&request), "2026-01-02T03:04:05Z", &response));
    assert_int_equal(timestamp_read_response(buf_slice(&response), DIGEST_SHA256, SHA256_HASH,
                                             SLICE("\x7F\x01\x02\x03\x04\x05\x06\x07"), &token, NULL),
                     RFD_OK);
    assert_int_equal(timestamp_parse(token, &t, NULL), RFD_OK);
    assert_int_equal(timestamp_verify(&t, SHA256_HASH, NULL), RFD_OK);
    assert_int_equal(t.time, moment("2026-01-02T03:04:05Z") + 120000);
    assert_int_equal(t.accuracy, RFD_SECOND + 2005);
    assert_true(slice_equal(t.policy, POLICY_B));
    assert_true(slice_equal(t.serial, SLICE("\0\x80\x01\x02\x03")));
    assert_true(t.cms.has_signing_certificate_v2 && !t.cms.has_signing_certificate && t.cms.attributes_sorted);
    assert_int_equal(t.cms.certificates.count, 2);
    assert_int_not_equal(find_bytes(token, SLICE("20260102030405.12Z")), SIZE_MAX); /* no trailing zero */
    timestamp_dispose(&t);
    buf_dispose(&response);
    buf_dispose(&request);
}

/* All kinds of key, digest and imprint, each judged by openssl ts -verify and by us. */
static void judged_by_openssl(const char *name, const char *digest, bool with_certificate)
{
    char command[700];
    struct buf request;
    struct buf response;
    buf_init(&request, 1 << 16);
    (void)snprintf(command, sizeof command,
                   "echo hello >data && openssl ts -query -data data %s %s -out request && echo made", digest,
                   with_certificate ? "-cert" : "");
    assert_true(shell_says("made", command));
    assert_true(file_read(folder_file("request"), &request));
    if (!respond(buf_slice(&request), "2026-11-01", &response)) fail_msg("%s %s", name, digest);
    (void)folder_write("response", buf_slice(&response));
    assert_true(shell_says("Verification: OK",
                           with_certificate ? "openssl ts -verify -queryfile request -in response -CAfile root.pem"
                                            : "openssl ts -verify -queryfile request -in response -CAfile root.pem "
                                              "-untrusted service.pem"));
    assert_true(shell_says("Accuracy: 0x01 seconds, 0x02 millis, 0x05 micros", "openssl ts -reply -in response -text"));
    assert_true(shell_says("Ordering: no", "openssl ts -reply -in response -text"));
    assert_true(shell_says("CN=Service", "openssl ts -reply -in response -text"));
    buf_dispose(&response);
    buf_dispose(&request);
}

static void openssl_judges(void **state)
{
    (void)state;
    static const char *const digests[] = {"-sha256", "-sha384", "-sha512", "-sha3-256"};
    for (size_t i = 0; i < 4; i++) judged_by_openssl("P-256", digests[i], true);
    judged_by_openssl("P-256", "-sha256 -no_nonce -tspolicy 1.2.3.4.2", true);
    judged_by_openssl("P-256", "-sha256", false);
    stamper_dispose(&stamper);
    struct hand rsa;
    hand_new(&rsa,
             &(struct make){.name = "Service", .issuer = &root.made, .rsa_bits = 2048, .extensions = TSA_EXTENSIONS});
    struct stamper_plan plan = plan_of(&rsa);
    assert_int_equal(stamper_set(&stamper, &plan, NULL), RFD_OK);
    judged_by_openssl("RSA", "-sha256", true);
    stamper_dispose(&stamper);
    rsa.signer.algorithm = (struct signature_algorithm){.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA512};
    assert_int_equal(stamper_set(&stamper, &plan, NULL), RFD_OK);
    judged_by_openssl("RSA with SHA-512", "-sha512", true);
    stamper_dispose(&stamper);
    hand_free(&rsa);
    plan = plan_of(&service);
    assert_int_equal(stamper_set(&stamper, &plan, NULL), RFD_OK);
}

static void without_what_is_optional(void **state)
{
    (void)state;
    struct stamper_plan plan = plan_of(&service);
    struct stamper s;
    struct stamper_request request;
    struct buf out;
    struct timestamp t;
    slice token;
    uint8_t bytes[128];
    enum stamper_failure failure;
    plan.accuracy = RFD_SECOND;
    plan.fraction_digits = 0;
    plan.names_itself = false;
    assert_int_equal(stamper_set(&s, &plan, NULL), RFD_OK);
    /* NULL parameters, no policy, no nonce, certReq written as FALSE. */
    slice der = hex("303C 020101 3031 300D 0609608648016503040201 0500 0420 "
                    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F 010100",
                    bytes, sizeof bytes);
    bytes[1] = (uint8_t)(der.length - 2);
    assert_int_equal(stamper_request_parse(&s, der, &request, &failure, NULL), RFD_OK);
    buf_init(&out, STAMPER_RESPONSE_MAXIMUM);
    assert_int_equal(stamper_answer(&s, &request, SLICE("\x01"), moment("2026-01-01") + 999999, &out, NULL), RFD_OK);
    assert_int_equal(timestamp_read_response(buf_slice(&out), DIGEST_SHA256, SHA256_HASH, SLICE_EMPTY, &token, NULL),
                     RFD_OK);
    assert_int_equal(timestamp_parse(token, &t, NULL), RFD_OK);
    assert_int_equal(t.time, moment("2026-01-01"));
    assert_int_equal(t.cms.certificates.count, 0);
    assert_true(slice_equal(t.policy, POLICY_A));
    assert_int_not_equal(find_bytes(token, request.imprint), SIZE_MAX); /* as it was sent, NULL and all */
    timestamp_dispose(&t);
    buf_dispose(&out);
    stamper_dispose(&s);
}

/* --- Refusals ---------------------------------------------------------------------------------------------------- */

#define IMPRINT "302F 300B 0609608648016503040201 0420 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static void rejections(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        enum stamper_failure failure;
    } cases[] = {
        {"", STAMPER_BAD_DATA_FORMAT},
        {"00", STAMPER_BAD_DATA_FORMAT},
        {"3000", STAMPER_BAD_DATA_FORMAT},
        {"3003 020101", STAMPER_BAD_DATA_FORMAT},
        {"3034 020102" IMPRINT, STAMPER_BAD_REQUEST},
        {"3034 020100" IMPRINT, STAMPER_BAD_REQUEST},
        {"3026 020101 3021 3009 06052B0E03021A0500 0414 000102030405060708090A0B0C0D0E0F10111213",
         STAMPER_BAD_ALGORITHM},
        {"3027 020101 3022 300C 06082A864886F70D02050500 0412 000102030405060708090A0B0C0D0E0F1011",
         STAMPER_BAD_ALGORITHM},
        {"3014 020101 300F 300B 0609608648016503040201 0400", STAMPER_BAD_DATA_FORMAT},
        {"3035 020101 3030 300B 0609608648016503040201 0421 "
         "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
         STAMPER_BAD_DATA_FORMAT},
        {"3039 020101" IMPRINT "06032A0304", STAMPER_UNACCEPTED_POLICY},
        {"3038 020101" IMPRINT "02020001", STAMPER_BAD_DATA_FORMAT}, /* not the shortest */
        {"3036 020101" IMPRINT "0200", STAMPER_BAD_DATA_FORMAT},
        {"3037 020101" IMPRINT "010101", STAMPER_BAD_DATA_FORMAT}, /* TRUE is FF */
        {"3043 020101" IMPRINT "A00D 300B 0603 2A0304 0101FF 0401 00", STAMPER_UNACCEPTED_EXTENSION},
        {"3040 020101" IMPRINT "A00A 3008 0603 2A0304 0401 00", STAMPER_UNACCEPTED_EXTENSION},
        {"3036 020101" IMPRINT "0500", STAMPER_BAD_DATA_FORMAT},
        {"3034 020101" IMPRINT "00", STAMPER_BAD_DATA_FORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int failure = refused(cases[i].request);
        if (failure != (int)cases[i].failure) fail_msg("case %zu: bit %d", i, failure);
    }
}

static void nonces(void **state)
{
    (void)state;
    static const struct {
        size_t octets;
        uint8_t first;
        bool good;
    } cases[] = {{1, 0, true},  {1, 0x7F, true}, {64, 0x80, true}, {64, 1, true},
                 {65, 0, true}, {65, 1, false},  {66, 0, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf request;
        struct buf response;
        uint8_t nonce[80];
        uint8_t bytes[64];
        memset(nonce, 0xAA, sizeof nonce);
        nonce[0] = cases[i].first;
        buf_init(&request, 4096);
        size_t opened = der_open(&request, DER_SEQUENCE);
        buf_put_slice(&request, hex("020101" IMPRINT, bytes, sizeof bytes));
        der_put(&request, DER_INTEGER, slice_of(nonce, cases[i].octets));
        der_close(&request, opened);
        assert_int_equal(respond(buf_slice(&request), "2026-01-01", &response), cases[i].good);
        if (cases[i].good)
            assert_int_not_equal(find_bytes(buf_slice(&response), slice_of(nonce, cases[i].octets)), SIZE_MAX);
        buf_dispose(&response);
        buf_dispose(&request);
    }
}

static void openssl_reads_rejections(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 4096);
    stamper_put_rejection(&out, STAMPER_TIME_NOT_AVAILABLE);
    (void)folder_write("rejection", buf_slice(&out));
    assert_true(shell_says("Status: Rejected.", "openssl ts -reply -in rejection -text"));
    assert_true(shell_says("the TSA's time source is not available", "openssl ts -reply -in rejection -text"));
    buf_dispose(&out);
}

static void a_failing_key(void **state)
{
    (void)state;
    struct buf request;
    struct buf response;
    buf_init(&request, 4096);
    timestamp_put_request(&request, DIGEST_SHA256, SHA256_HASH, SLICE_EMPTY, SLICE_EMPTY);
    service.refuses = RFD_E_TOKEN;
    assert_false(respond(buf_slice(&request), "2026-01-01", &response));
    service.refuses = RFD_OK;
    assert_int_equal(failure_in(buf_slice(&response)), STAMPER_SYSTEM_FAILURE);
    buf_dispose(&response);
    buf_dispose(&request);
}

static void impossible_plans(void **state)
{
    (void)state;
    struct stamper s;
    struct stamper_plan plan = plan_of(&service);
    plan.policy_count = 0;
    assert_int_equal(stamper_set(&s, &plan, NULL), RFD_E_ARGUMENT);
    plan = plan_of(&service);
    plan.accuracy = 0;
    assert_int_equal(stamper_set(&s, &plan, NULL), RFD_E_ARGUMENT);
    plan = plan_of(&service);
    plan.fraction_digits = 7;
    assert_int_equal(stamper_set(&s, &plan, NULL), RFD_E_ARGUMENT);
    plan = plan_of(&root);
    assert_int_equal(stamper_set(&s, &plan, NULL), RFD_E_CERTIFICATE_KEY_USAGE);
}

static void serials(void **state)
{
    (void)state;
    static const uint8_t serial[21] = {1};
    uint8_t bytes[64];
    struct stamper_request request;
    enum stamper_failure failure;
    struct buf out;
    buf_init(&out, STAMPER_RESPONSE_MAXIMUM);
    slice der = hex("3034 020101" IMPRINT, bytes, sizeof bytes);
    assert_int_equal(stamper_request_parse(&stamper, der, &request, &failure, NULL), RFD_OK);
    assert_int_equal(stamper_answer(&stamper, &request, slice_of(serial, 20), 0, &out, NULL), RFD_OK);
    assert_int_equal(stamper_answer(&stamper, &request, slice_of(serial, 21), 0, &out, NULL), RFD_E_ARGUMENT);
    assert_int_equal(stamper_answer(&stamper, &request, slice_of(serial + 1, 3), 0, &out, NULL), RFD_E_ARGUMENT);
    assert_int_equal(stamper_answer(&stamper, &request, SLICE_EMPTY, 0, &out, NULL), RFD_E_ARGUMENT);
    assert_int_equal(stamper_answer(&stamper, &request, SLICE("\x01"), -1, &out, NULL), RFD_E_ARGUMENT);
    assert_int_equal(stamper_answer(&stamper, &request, SLICE("\x01"), INT64_MAX, &out, NULL), RFD_E_ARGUMENT);
    buf_dispose(&out);
}

static void no_memory(void **state)
{
    (void)state;
    struct stamper_plan plan = plan_of(&service);
    struct buf request;
    bool granted = false;
    buf_init(&request, 4096);
    timestamp_put_request(&request, DIGEST_SHA256, SHA256_HASH, SLICE_EMPTY, SLICE_EMPTY);
    signature_pool_dispose(&service.pool);
    signature_pool_init(&service.pool);
    for (unsigned long n = 1; !granted; n++) {
        struct stamper s = {0};
        struct stamper_request read;
        struct buf out;
        buf_init(&out, STAMPER_RESPONSE_MAXIMUM);
        (void)memory_fail_after(n);
        rfd_status status = stamper_set(&s, &plan, NULL);
        if (status == RFD_OK) {
            status = stamper_respond(&s, buf_slice(&request), SLICE("\x01"), 0, &out, &read, &granted, NULL);
        }
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        /* A rejection needs memory too. */
        if (status == RFD_OK && !granted) assert_int_equal(failure_in(buf_slice(&out)), STAMPER_SYSTEM_FAILURE);
        stamper_dispose(&s);
        buf_dispose(&out);
        assert_true(n < 100);
    }
    buf_dispose(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token),       cmocka_unit_test(openssl_judges),   cmocka_unit_test(without_what_is_optional),
        cmocka_unit_test(rejections),    cmocka_unit_test(nonces),           cmocka_unit_test(openssl_reads_rejections),
        cmocka_unit_test(a_failing_key), cmocka_unit_test(impossible_plans), cmocka_unit_test(serials),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
