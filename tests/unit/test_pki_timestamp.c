/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "pki/oid.h"
#include "pki/cms/timestamp.h"
#include "pki_fixture.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <unistd.h>

static struct identity root, service, service_p256, plain, not_critical, not_alone;
static uint8_t digest_bytes[32];
static slice digest;

static const char configuration[] = "[tsa]\n"
                                    "default_tsa = service\n"
                                    "[service]\n"
                                    "serial = %s/serial\n"
                                    "default_policy = 1.2.3.4.1\n"
                                    "other_policies = 1.2.3.4.5\n"
                                    "signer_digest = sha256\n"
                                    "digests = sha256, sha384, sha512\n"
                                    "accuracy = secs:1, millisecs:500, microsecs:100\n"
                                    "clock_precision_digits = 3\n"
                                    "ess_cert_id_alg = %s\n";

static int set_up(void **state)
{
    (void)state;
    char text[1024];
    const char *folder = folder_new();
    root = identity_new("RSA", "Root", NULL, NULL);
    service = identity_new("RSA", "Clock", &root, "critical,timeStamping");
    service_p256 = identity_new("P-256", "Clock 2", &root, "critical,timeStamping");
    plain = identity_new("P-256", "Person", &root, NULL);
    not_critical = identity_new("P-256", "Clock 3", &root, "timeStamping");
    not_alone = identity_new("P-256", "Clock 4", &root, "critical,timeStamping,codeSigning");
    folder_write_identity(&service, "service.pem", "service.key");
    (void)snprintf(text, sizeof text, configuration, folder, "sha256");
    (void)folder_write("ts.conf", slice_text(text));
    (void)snprintf(text, sizeof text, configuration, folder, "sha1");
    (void)folder_write("ts-sha1.conf", slice_text(text));
    digest = slice_of(digest_bytes, sizeof digest_bytes);
    return digest_of(DIGEST_SHA256, SLICE("what is stamped"), digest_bytes, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    struct identity *all[] = {&root, &service, &service_p256, &plain, &not_critical, &not_alone};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) identity_free(all[i]);
    folder_remove();
    return 0;
}

/* --- OpenSSL as the service -------------------------------------------------------------------------------------- */

static int reply(const char *config, slice request, struct buf *response)
{
    const char *in = folder_write("request.tsq", request);
    const char *out = folder_file("response.tsr");
    (void)unlink(out);
    char conf[256], certificate[256], key[256];
    (void)snprintf(conf, sizeof conf, "%s", folder_file(config));
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("service.pem"));
    (void)snprintf(key, sizeof key, "%s", folder_file("service.key"));
    int status = RUN("openssl", "ts", "-reply", "-config", conf, "-section", "service", "-queryfile", in, "-signer",
                     certificate, "-inkey", key, "-out", out);
    assert_true(file_read(out, response));
    return status;
}

static const uint8_t nonce_bytes[16] = {0x00, 0xFF, 1, 2, 3};
static const slice nonce = {nonce_bytes, sizeof nonce_bytes};

static void ask(const char *config, enum digest_id id, slice imprint, slice with_nonce, slice policy,
                struct buf *response)
{
    struct buf request;
    buf_init(&request, 4096);
    timestamp_put_request(&request, id, imprint, with_nonce, policy);
    assert_int_equal(buf_status(&request), RFD_OK);
    (void)reply(config, buf_slice(&request), response);
    assert_true(response->length > 0);
    buf_dispose(&request);
}

static void test_request_is_understood(void **state)
{
    (void)state;
    struct buf request;
    buf_init(&request, 4096);
    timestamp_put_request(&request, DIGEST_SHA256, digest, nonce, slice_of("\x2a\x03\x04", 3));
    const char *path = folder_write("request.tsq", buf_slice(&request));
    assert_int_equal(RUN("openssl", "ts", "-query", "-in", path, "-text"), 0);
    buf_dispose(&request);
}

static void test_granted(void **state)
{
    (void)state;
    struct buf response;
    struct timestamp t;
    slice token;
    ask("ts.conf", DIGEST_SHA256, digest, nonce, SLICE_EMPTY, &response);
    rfd_time now = clock_now();
    assert_int_equal(timestamp_read_response(buf_slice(&response), DIGEST_SHA256, digest, nonce, &token, NULL), RFD_OK);
    assert_int_equal(timestamp_parse(token, &t, NULL), RFD_OK);
    assert_int_equal(timestamp_verify(&t, digest, NULL), RFD_OK);
    assert_true(t.time > now - 60 * RFD_SECOND && t.time < now + 60 * RFD_SECOND);
    assert_true(t.accuracy == 1500100);
    assert_int_equal(t.imprint_digest, DIGEST_SHA256);
    assert_true(slice_equal(t.imprint, digest) && t.serial.length > 0 && slice_equal(t.token, token));
    assert_true(slice_equal(t.policy, slice_of("\x2a\x03\x04\x01", 4)));
    assert_true(t.cms.has_signing_certificate_v2);
    uint8_t other[32] = {0};
    assert_int_equal(timestamp_verify(&t, slice_of(other, 32), NULL), RFD_E_TSP);
    timestamp_dispose(&t);
    buf_dispose(&response);
}

static void test_granted_otherwise(void **state)
{
    (void)state;
    struct buf response;
    struct timestamp t;
    slice token;
    uint8_t long_digest[64] = {3};
    ask("ts-sha1.conf", DIGEST_SHA512, slice_of(long_digest, 64), SLICE_EMPTY, slice_of("\x2a\x03\x04\x05", 4),
        &response);
    assert_int_equal(timestamp_read_response(buf_slice(&response), DIGEST_SHA512, slice_of(long_digest, 64),
                                             SLICE_EMPTY, &token, NULL),
                     RFD_OK);
    assert_int_equal(timestamp_parse(token, &t, NULL), RFD_OK);
    assert_int_equal(timestamp_verify(&t, slice_of(long_digest, 64), NULL), RFD_OK);
    assert_true(t.cms.has_signing_certificate && !t.cms.has_signing_certificate_v2 && t.nonce.length == 0);
    timestamp_dispose(&t);
    buf_dispose(&response);
}

static void test_echo(void **state)
{
    (void)state;
    struct buf response, bare;
    slice token = SLICE_EMPTY;
    uint8_t other[64] = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    ask("ts.conf", DIGEST_SHA256, digest, nonce, SLICE_EMPTY, &response);
    ask("ts.conf", DIGEST_SHA256, digest, SLICE_EMPTY, SLICE_EMPTY, &bare);
    slice r = buf_slice(&response);
    assert_int_equal(timestamp_read_response(r, DIGEST_SHA256, slice_of(other, 32), nonce, &token, NULL), RFD_E_TSP);
    assert_int_equal(timestamp_read_response(r, DIGEST_SHA384, slice_of(other, 48), nonce, &token, NULL), RFD_E_TSP);
    assert_int_equal(timestamp_read_response(r, DIGEST_SHA3_256, digest, nonce, &token, NULL), RFD_E_TSP);
    assert_int_equal(timestamp_read_response(r, DIGEST_SHA256, digest, slice_of(other, 16), &token, &error), RFD_E_TSP);
    assert_non_null(strstr(error.detail, "nonce"));
    assert_int_equal(timestamp_read_response(buf_slice(&bare), DIGEST_SHA256, digest, nonce, &token, &error),
                     RFD_E_TSP);
    assert_non_null(strstr(error.detail, "lacks the nonce"));
    assert_int_equal(token.length, 0);
    buf_dispose(&response);
    buf_dispose(&bare);
}

static void test_refused(void **state)
{
    (void)state;
    struct buf response;
    slice token;
    uint8_t sha1[20] = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    ask("ts.conf", DIGEST_SHA1, slice_of(sha1, 20), nonce, SLICE_EMPTY, &response);
    assert_int_equal(
        timestamp_read_response(buf_slice(&response), DIGEST_SHA1, slice_of(sha1, 20), nonce, &token, &error),
        RFD_E_TSP_REFUSED);
    assert_non_null(strstr(error.detail, "rejected"));
    assert_non_null(strstr(error.detail, "badAlg"));
    assert_non_null(strstr(error.detail, "\"")); /* the service's own words */
    buf_dispose(&response);
    ask("ts.conf", DIGEST_SHA256, digest, nonce, slice_of("\x2a\x09\x09", 3), &response);
    assert_int_equal(timestamp_read_response(buf_slice(&response), DIGEST_SHA256, digest, nonce, &token, &error),
                     RFD_E_TSP_REFUSED);
    assert_non_null(strstr(error.detail, "unacceptedPolicy"));
    buf_dispose(&response);
}

static void test_status_alone(void **state)
{
    (void)state;
    static const struct {
        slice response;
        rfd_status status;
        const char *words;
    } cases[] = {
        {SLICE("\x30\x05\x30\x03\x02\x01\x02"), RFD_E_TSP_REFUSED, "rejected"},
        {SLICE("\x30\x05\x30\x03\x02\x01\x03"), RFD_E_TSP_REFUSED, "waiting"},
        {SLICE("\x30\x05\x30\x03\x02\x01\x63"), RFD_E_TSP_REFUSED, "unknown status"},
        {SLICE("\x30\x05\x30\x03\x02\x01\xFF"), RFD_E_TSP, "PKIStatus"},
        {SLICE("\x30\x05\x30\x03\x02\x01\x00"), RFD_E_TSP, "no token"},
        {SLICE("\x30\x0C\x30\x0A\x02\x01\x02\x03\x05\x06\x00\x00\x00\x40"), RFD_E_TSP_REFUSED, "systemFailure"},
        {SLICE("\x30\x0B\x30\x09\x02\x01\x02\x30\x04\x0C\x02\x1B\x41"), RFD_E_TSP_REFUSED,
         "\"\xEF\xBF\xBD"
         "A\""},
        {SLICE("\x30\x05\x30\x03\x02\x01\x02\x00"), RFD_E_TSP, ""}, /* trailing data */
        {SLICE("<html>"), RFD_E_TSP, ""},
        {SLICE(""), RFD_E_TSP, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice token;
        struct rfd_error error = RFD_ERROR_INIT;
        rfd_status status = timestamp_read_response(cases[i].response, DIGEST_SHA256, digest, nonce, &token, &error);
        if (status != cases[i].status || strstr(error.detail, cases[i].words) == NULL) {
            fail_msg("case %zu: %s, %s", i, rfd_status_name(status), error.detail);
        }
    }
}

static void test_truncated(void **state)
{
    (void)state;
    struct buf response;
    slice token;
    ask("ts.conf", DIGEST_SHA256, digest, nonce, SLICE_EMPTY, &response);
    for (size_t length = 0; length < response.length; length++) {
        slice part = slice_of(response.data, length);
        assert_int_not_equal(timestamp_read_response(part, DIGEST_SHA256, digest, nonce, &token, NULL), RFD_OK);
    }
    buf_put_byte(&response, 0);
    assert_int_equal(timestamp_read_response(buf_slice(&response), DIGEST_SHA256, digest, nonce, &token, NULL),
                     RFD_E_TSP);
    buf_dispose(&response);
}

/* --- Tokens of our own making ------------------------------------------------------------------------------------ */

/* Signs `info` as eContent of type id-ct-TSTInfo with `flags` for OpenSSL's CMS. */
static void make_token(slice info, const struct identity *signer, unsigned flags, struct buf *out)
{
    BIO *in = BIO_new_mem_buf(info.data, (int)info.length);
    ASN1_OBJECT *type = OBJ_txt2obj("1.2.840.113549.1.9.16.1.4", 1);
    unsigned char *der = NULL;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY);
    assert_non_null(cms);
    assert_int_equal(CMS_set1_eContentType(cms, type), 1);
    assert_non_null(CMS_add1_signer(cms, signer->x509, signer->key, EVP_sha256(), flags));
    assert_int_equal(CMS_final(cms, in, NULL, CMS_BINARY), 1);
    int length = i2d_CMS_ContentInfo(cms, &der);
    assert_true(length > 0);
    buf_init(out, 1 << 20);
    buf_put(out, der, (size_t)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    ASN1_OBJECT_free(type);
    BIO_free(in);
}

struct info {
    const char *version, *time, *rest;
    size_t rest_length;
    slice imprint;
};

static void put_info(struct buf *b, struct info p)
{
    size_t info = der_open(b, DER_SEQUENCE);
    der_put(b, DER_INTEGER, slice_text(p.version == NULL ? "\x01" : p.version));
    der_put_oid(b, slice_of("\x2a\x03", 2));
    size_t imprint = der_open(b, DER_SEQUENCE);
    digest_put_algorithm(b, DIGEST_SHA256);
    der_put(b, DER_OCTET_STRING, p.imprint.length == 0 ? digest : p.imprint);
    der_close(b, imprint);
    der_put_unsigned(b, 77);
    der_put(b, DER_GENERALIZED_TIME, slice_text(p.time == NULL ? "20240229120000Z" : p.time));
    buf_put(b, p.rest, p.rest_length);
    der_close(b, info);
}

static rfd_status try_info(struct info p, const struct identity *signer, unsigned flags, struct timestamp *seen)
{
    struct buf info, token;
    struct timestamp t;
    buf_init(&info, 4096);
    put_info(&info, p);
    make_token(buf_slice(&info), signer, flags, &token);
    buf_fill(&token, 0, 64); /* as in /Contents */
    rfd_status status = timestamp_parse(buf_slice(&token), &t, NULL);
    if (status == RFD_OK) {
        if (seen != NULL) *seen = t;
        status = timestamp_verify(&t, digest, NULL);
        timestamp_dispose(&t);
    }
    buf_dispose(&info);
    buf_dispose(&token);
    return status;
}

#define REST(literal) .rest = literal, .rest_length = sizeof literal - 1

static void test_info(void **state)
{
    (void)state;
    static const uint8_t short_imprint[31];
    const struct {
        struct info info;
        bool good;
        rfd_time fraction, accuracy;
    } cases[] = {
        {{0}, true, 0, 0},
        {{.time = "20240229120000.5Z"}, true, 500000, 0},
        {{.time = "20240229120000.123456Z"}, true, 123456, 0},
        {{.time = "20240229120000"}, false, 0, 0},
        {{.time = "20240230120000Z"}, false, 0, 0},
        {{.time = "20240229120000+0000"}, false, 0, 0},
        {{.version = "\x02"}, false, 0, 0},
        {{.imprint = {short_imprint, 31}}, false, 0, 0},
        {{REST("\x30\x03\x02\x01\x01")}, true, 0, RFD_SECOND},
        {{REST("\x30\x07\x80\x02\x01\xF4\x81\x01\x07")}, true, 0, 500007},
        {{REST("\x30\x00")}, true, 0, 0},
        {{REST("\x30\x04\x80\x02\x03\xE8")}, false, 0, 0},                /* 1000 ms */
        {{REST("\x30\x03\x02\x01\xFF")}, false, 0, 0},                    /* negative */
        {{REST("\x30\x06\x81\x01\x07\x80\x01\x07")}, false, 0, 0},        /* wrong order */
        {{REST("\x01\x01\xFF\x02\x01\x05\xA0\x02\x82\x00")}, true, 0, 0}, /* ordering, nonce, tsa */
        {{REST("\x01\x00")}, false, 0, 0},
        {{REST("\xA1\x09\x30\x07\x06\x02\x2A\x03\x04\x01\x00")}, true, 0, 0},              /* an extension */
        {{REST("\xA1\x0C\x30\x0A\x06\x02\x2A\x03\x01\x01\xFF\x04\x01\x00")}, false, 0, 0}, /* critical */
        {{REST("\x05\x00")}, false, 0, 0},                                                 /* something more */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct timestamp t = {0};
        rfd_status status = try_info(cases[i].info, &service_p256, CMS_CADES | CMS_BINARY, &t);
        if ((status == RFD_OK) != cases[i].good) fail_msg("case %zu: %s", i, rfd_status_name(status));
        if (status != RFD_OK) continue;
        assert_true(t.time == 1709208000 * RFD_SECOND + cases[i].fraction);
        assert_true(t.accuracy == cases[i].accuracy);
    }
}

static void test_signer_rules(void **state)
{
    (void)state;
    const unsigned cades = CMS_CADES | CMS_BINARY;
    assert_int_equal(try_info((struct info){0}, &service, cades, NULL), RFD_OK);
    assert_int_equal(try_info((struct info){0}, &plain, cades, NULL), RFD_E_TSP);
    assert_int_equal(try_info((struct info){0}, &not_critical, cades, NULL), RFD_E_TSP);
    assert_int_equal(try_info((struct info){0}, &not_alone, cades, NULL), RFD_E_TSP);
    assert_int_equal(try_info((struct info){0}, &service, CMS_BINARY, NULL), RFD_E_TSP);              /* no ESS */
    assert_int_equal(try_info((struct info){0}, &service, CMS_BINARY | CMS_NOATTR, NULL), RFD_E_TSP); /* nothing */
    assert_int_equal(try_info((struct info){0}, &service, cades | CMS_NOCERTS, NULL), RFD_E_TSP);
}

static void test_not_a_token(void **state)
{
    (void)state;
    struct buf b;
    struct timestamp t;
    make_token(SLICE("\x04\x01\x00"), &service_p256, CMS_CADES | CMS_BINARY, &b);
    assert_int_equal(timestamp_parse(buf_slice(&b), &t, NULL), RFD_E_DER);
    assert_int_not_equal(timestamp_parse(SLICE("x"), &t, NULL), RFD_OK);
    buf_dispose(&b);
    BIO *in = BIO_new_mem_buf("x", 1);
    unsigned char *der = NULL;
    CMS_ContentInfo *cms = CMS_sign(service.x509, service.key, NULL, in, CMS_BINARY | CMS_CADES);
    int length = i2d_CMS_ContentInfo(cms, &der);
    assert_int_equal(timestamp_parse(slice_of(der, (size_t)length), &t, NULL), RFD_E_TSP);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
}

static void test_every_flip_is_noticed(void **state)
{
    (void)state;
    struct buf info, token;
    buf_init(&info, 4096);
    put_info(&info, (struct info){0});
    make_token(buf_slice(&info), &service_p256, CMS_CADES | CMS_BINARY, &token);
    for (size_t i = 0; i < token.length; i++) {
        struct timestamp t;
        token.data[i] ^= (uint8_t)(1U << i % 8);
        if (timestamp_parse(buf_slice(&token), &t, NULL) == RFD_OK) {
            slice version = slice_part(t.cms.before_signer_infos, 0, 3); /* no signature covers it */
            bool covered = token.data + i < version.data || token.data + i >= version.data + version.length;
            if (covered && timestamp_verify(&t, digest, NULL) == RFD_OK) fail_msg("offset %zu", i);
            timestamp_dispose(&t);
        }
        token.data[i] ^= (uint8_t)(1U << i % 8);
    }
    buf_dispose(&info);
    buf_dispose(&token);
}

/* --- The client -------------------------------------------------------------------------------------------------- */

struct served {
    const char *config;
    int calls;
    bool old; /* answers what it answered to the request before */
    struct buf last;
};

static rfd_status serve(void *context, const char *url, rfd_slice body, const char *content_type, const char *accept,
                        size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    struct served *s = context;
    (void)maximum;
    assert_string_equal(url, "http://tsa.example/");
    assert_string_equal(content_type, "application/timestamp-query");
    assert_string_equal(accept, "application/timestamp-reply");
    if (!s->old) {
        buf_dispose(&s->last);
        (void)reply(s->config, body, &s->last);
    }
    s->calls++;
    TRY(rfd_bytes_new(s->last.length, answer, error));
    memcpy(answer->data, s->last.data, s->last.length);
    return RFD_OK;
}

static void test_fetch(void **state)
{
    (void)state;
    struct served s = {.config = "ts.conf"};
    const struct rfd_fetcher fetcher = {&s, serve};
    struct buf token;
    struct timestamp t;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&token, 1 << 16);
    assert_int_equal(timestamp_fetch(&fetcher, "http://tsa.example/", DIGEST_SHA256, digest, &token, NULL), RFD_OK);
    assert_int_equal(timestamp_parse(buf_slice(&token), &t, NULL), RFD_OK);
    assert_int_equal(t.nonce.length > 8, 1);
    timestamp_dispose(&t);
    s.old = true; /* a replay */
    size_t length = token.length;
    assert_int_equal(timestamp_fetch(&fetcher, "http://tsa.example/", DIGEST_SHA256, digest, &token, &error),
                     RFD_E_TSP);
    assert_non_null(strstr(error.detail, "nonce"));
    assert_int_equal(token.length, length);
    assert_int_equal(s.calls, 2);
    buf_dispose(&token);
    buf_dispose(&s.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_is_understood),
        cmocka_unit_test(test_granted),
        cmocka_unit_test(test_granted_otherwise),
        cmocka_unit_test(test_echo),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_status_alone),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_signer_rules),
        cmocka_unit_test(test_not_a_token),
        cmocka_unit_test(test_every_flip_is_noticed),
        cmocka_unit_test(test_fetch),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
