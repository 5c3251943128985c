/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proofs of time: what a time stamp saves, and what it does not. OpenSSL's own command is the service.
 */
#include "verify_fixture.h"

#include "base/clock.h"
#include "base/error.h"

#include <openssl/x509v3.h>
#include <unistd.h>

enum { DAY = 86400 };

static struct {
    struct identity root, other_root, signer, service;
    struct rfd_key *key;
    struct rfd_trust *trust;
    struct buf plain, stamped;
} made;

/* The same certificate, valid for `days` more. */
static void lengthen(struct identity *i, const struct identity *issuer, long days)
{
    unsigned char *der = NULL;
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(i->x509), days * DAY));
    assert_true(X509_sign(i->x509, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509(i->x509, &der);
    certificate_unref(i->certificate);
    assert_int_equal(certificate_parse(slice_of(der, (size_t)length), &i->certificate, NULL), RFD_OK);
    OPENSSL_free(der);
}

static const char configuration[] = "[tsa]\ndefault_tsa = service\n"
                                    "[service]\nserial = %s/serial\ndefault_policy = 1.2.3.4.1\n"
                                    "signer_digest = %s\ndigests = sha256, sha384, sha512\n"
                                    "ess_cert_id_alg = sha256\n";

static rfd_status stamp(void *context, const char *url, rfd_slice body, const char *type, const char *accept,
                        size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    (void)context, (void)url, (void)type, (void)accept, (void)maximum;
    struct buf response;
    char conf[256], certificate[256], key[256], in[256];
    (void)snprintf(conf, sizeof conf, "%s", folder_file("ts.conf"));
    (void)snprintf(certificate, sizeof certificate, "%s", folder_file("service.pem"));
    (void)snprintf(key, sizeof key, "%s", folder_file("service.key"));
    (void)snprintf(in, sizeof in, "%s", folder_write("request.tsq", body));
    const char *out = folder_file("response.tsr");
    (void)unlink(out);
    if (RUN("openssl", "ts", "-reply", "-config", conf, "-section", "service", "-queryfile", in, "-signer", certificate,
            "-inkey", key, "-out", out) != 0) {
        return error_set(error, RFD_E_NETWORK, "openssl ts");
    }
    buf_init(&response, 1 << 20);
    assert_true(file_read(out, &response));
    return buf_take(&response, answer, error);
}

static void configure(const char *folder, const char *digest)
{
    char text[512];
    (void)snprintf(text, sizeof text, configuration, folder, digest);
    (void)folder_write("ts.conf", slice_text(text));
}

static int set_up(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    const struct rfd_fetcher fetcher = {.fetch = stamp};
    const char *folder = folder_new();
    made.root = identity_new("P-256", "Root", NULL, NULL);
    made.other_root = identity_new("P-256", "Other root", NULL, NULL);
    made.signer = identity_new("P-256", "Alba Ejemplo", &made.root, NULL);
    made.service = identity_new("P-256", "Clock", &made.root, "critical,timeStamping");
    lengthen(&made.service, &made.root, 300);
    folder_write_identity(&made.signer, "signer.pem", "signer.key");
    folder_write_identity(&made.service, "service.pem", "service.key");
    configure(folder, "sha256");
    if (rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &made.key, &error) !=
        RFD_OK) {
        fail_msg("key: %s", error.detail);
    }
    struct buf crl = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &crl);
    buf_dispose(&crl);
    made.plain = pdf_new(2000);
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    options.key = made.key;
    options.level = RFD_LEVEL_B_T;
    options.tsa_url = "http://tsa.example/";
    options.fetcher = &fetcher;
    made.stamped = pdf_sign_with(&made.plain, &options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_key_free(made.key);
    rfd_trust_free(made.trust);
    identity_free(&made.signer);
    identity_free(&made.service);
    identity_free(&made.other_root);
    identity_free(&made.root);
    buf_dispose(&made.plain);
    buf_dispose(&made.stamped);
    folder_remove();
    return 0;
}

/* --- Time stamps inside ------------------------------------------------------------------------------------------ */

static void a_time_stamp_gives_level_t(void **state)
{
    (void)state;
    struct rfd_verification *v = verify(buf_slice(&made.stamped), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_int_equal(s->level, RFD_LEVEL_B_T);
    assert_true(s->baseline && s->proven_time != RFD_TIME_NONE);
    assert_int_equal(s->timestamp_count, 1);
    assert_true(s->timestamps[0].valid && s->timestamps[0].time == s->proven_time);
    assert_int_equal(s->timestamps[0].path_count, 2);
    assert_false(has_finding(s, RFD_FINDING_NO_TIME_PROOF));
    rfd_verification_free(v);
}

/* The time stamp proves the signature, whatever became of the document. */
static void the_level_of_a_failed_signature_is_noted(void **state)
{
    (void)state;
    struct buf changed;
    buf_init(&changed, 1 << 24);
    buf_put_slice(&changed, buf_slice(&made.stamped));
    changed.data[made.plain.length / 2] ^= 1;
    struct rfd_verification *v = verify(buf_slice(&changed), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE);
    assert_true(s->level == RFD_LEVEL_B_T && has_finding(s, RFD_FINDING_LEVEL_OF_FAILED));
    assert_true(s->best_proof == RFD_PROOF_SIGNATURE_TIMESTAMP && s->best_time >= s->proven_time);
    rfd_verification_free(v);
    buf_dispose(&changed);
}

static void a_proof_outlives_the_signers_certificate(void **state)
{
    (void)state;
    rfd_time later = clock_now() + 5 * DAY * RFD_SECOND;
    struct rfd_verification *v = NULL;
    assert_int_equal(verify_at(buf_slice(&made.stamped), made.trust, later, &v, NULL), RFD_OK);
    expect(rfd_verification_signature(v, 0), RFD_TOTAL_PASSED, RFD_SUB_NONE);
    rfd_verification_free(v);
}

static void nothing_outlives_the_services_certificate(void **state)
{
    (void)state;
    rfd_time later = clock_now() + 400LL * DAY * RFD_SECOND;
    struct rfd_verification *v = NULL;
    assert_int_equal(verify_at(buf_slice(&made.stamped), made.trust, later, &v, NULL), RFD_OK);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_int_equal(s->indication, RFD_INDETERMINATE);
    assert_true(s->proven_time == RFD_TIME_NONE && s->level == RFD_LEVEL_B_B);
    assert_true(has_finding(s, RFD_FINDING_TIMESTAMP_UNTRUSTED));
    rfd_verification_free(v);
}

static void expect_revoked(long when, enum rfd_indication indication, enum rfd_sub_indication sub)
{
    struct buf crl = crl_new(&made.root, &made.signer, when);
    struct rfd_trust *trust = trust_new(&made.root, &crl);
    expect_one(buf_slice(&made.stamped), trust, RFD_TIME_NONE, indication, sub);
    rfd_trust_free(trust);
    buf_dispose(&crl);
}

static void revoked_after_the_proof_passes(void **state)
{
    (void)state;
    expect_revoked(120, RFD_TOTAL_PASSED, RFD_SUB_NONE);
}

static void revoked_before_the_proof_fails(void **state)
{
    (void)state;
    expect_revoked(-3600, RFD_INDETERMINATE, RFD_SUB_REVOKED_NO_POE);
}

/* The signature's chain is trusted, that of the time stamp is revoked. */
static void a_revoked_service_proves_nothing(void **state)
{
    (void)state;
    struct buf crl = crl_new(&made.root, &made.service, -3600);
    struct rfd_trust *trust = trust_new(&made.root, &crl);
    struct rfd_verification *v = verify(buf_slice(&made.stamped), trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_true(s->proven_time == RFD_TIME_NONE && !s->timestamps[0].valid && s->level == RFD_LEVEL_B_B);
    rfd_verification_free(v);
    rfd_trust_free(trust);
    buf_dispose(&crl);
}

static void an_untrusted_service_proves_nothing(void **state)
{
    (void)state;
    struct rfd_trust *trust = trust_new(&made.other_root, NULL);
    struct rfd_verification *v = verify(buf_slice(&made.stamped), trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_INDETERMINATE, RFD_SUB_NO_CERTIFICATE_CHAIN_FOUND);
    assert_true(s->proven_time == RFD_TIME_NONE && !s->timestamps[0].valid);
    rfd_verification_free(v);
    rfd_trust_free(trust);
}

static void a_time_stamp_from_the_future_proves_nothing(void **state)
{
    (void)state;
    struct rfd_verification *v = NULL;
    rfd_time earlier = clock_now() - 1800 * RFD_SECOND;
    assert_int_equal(verify_at(buf_slice(&made.stamped), made.trust, earlier, &v, NULL), RFD_OK);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_true(s->proven_time == RFD_TIME_NONE);
    assert_true(has_finding(s, RFD_FINDING_TIMESTAMP_INVALID));
    rfd_verification_free(v);
}

/* The imprint is by SHA-256, the token's own signature by SHA-1. */
static void a_weakly_signed_time_stamp_proves_nothing(void **state)
{
    (void)state;
    const struct rfd_fetcher fetcher = {.fetch = stamp};
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    char folder[256];
    (void)snprintf(folder, sizeof folder, "%s", folder_file(""));
    options.key = made.key;
    options.level = RFD_LEVEL_B_T;
    options.tsa_url = "http://tsa.example/";
    options.fetcher = &fetcher;
    configure(folder, "sha1");
    struct buf stamped = pdf_sign_with(&made.plain, &options);
    configure(folder, "sha256");
    struct rfd_verification *v = verify(buf_slice(&stamped), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_true(s->proven_time == RFD_TIME_NONE && s->level == RFD_LEVEL_B_B);
    assert_true(has_finding(s, RFD_FINDING_TIMESTAMP_INVALID));
    rfd_verification_free(v);
    buf_dispose(&stamped);
}

/* --- Document time stamps ---------------------------------------------------------------------------------------- */

static void stamp_document(const struct buf *document, struct buf *out)
{
    const struct rfd_fetcher fetcher = {.fetch = stamp};
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    struct rfd_error error = RFD_ERROR_INIT;
    char in[256], to[256];
    options.tsa_url = "http://tsa.example/";
    options.fetcher = &fetcher;
    options.replace = true;
    (void)snprintf(in, sizeof in, "%s", folder_write("in.pdf", buf_slice(document)));
    (void)snprintf(to, sizeof to, "%s", folder_file("out.pdf"));
    if (rfd_timestamp_file(in, to, &options, NULL, &error) != RFD_OK) fail_msg("time stamp: %s", error.detail);
    buf_init(out, 1 << 24);
    assert_true(file_read(to, out));
}

static void a_document_time_stamp_proves_what_is_before_it(void **state)
{
    (void)state;
    struct buf once = pdf_sign(&made.plain, made.key, 0);
    struct buf stamped;
    stamp_document(&once, &stamped);
    struct rfd_verification *v = verify(buf_slice(&stamped), made.trust);
    assert_int_equal(rfd_verification_count(v), 2);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    const struct rfd_signature_report *t = rfd_verification_signature(v, 1);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    expect(t, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_int_equal(t->kind, RFD_KIND_DOCUMENT_TIMESTAMP);
    assert_string_equal(t->signer, "Clock");
    assert_true(s->proven_time != RFD_TIME_NONE && s->proven_time == t->proven_time);
    assert_int_equal(s->changes, RFD_CHANGE_LTA);
    assert_int_equal(s->level, RFD_LEVEL_B_T);
    rfd_verification_free(v);
    buf_dispose(&once);
    buf_dispose(&stamped);
}

static void a_changed_byte_breaks_the_document_time_stamp(void **state)
{
    (void)state;
    struct buf once = pdf_sign(&made.plain, made.key, 0);
    struct buf stamped;
    stamp_document(&once, &stamped);
    stamped.data[made.plain.length / 2] ^= 1;
    struct rfd_verification *v = verify(buf_slice(&stamped), made.trust);
    expect(rfd_verification_signature(v, 0), RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE);
    expect(rfd_verification_signature(v, 1), RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE);
    assert_true(rfd_verification_signature(v, 0)->proven_time == RFD_TIME_NONE);
    rfd_verification_free(v);
    buf_dispose(&once);
    buf_dispose(&stamped);
}

static void a_document_time_stamp_does_not_prove_what_is_after_it(void **state)
{
    (void)state;
    struct buf stamped;
    stamp_document(&made.plain, &stamped);
    struct buf both = pdf_sign(&stamped, made.key, 0);
    struct rfd_verification *v = verify(buf_slice(&both), made.trust);
    assert_int_equal(rfd_verification_count(v), 2);
    expect(rfd_verification_signature(v, 0), RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_true(rfd_verification_signature(v, 1)->proven_time == RFD_TIME_NONE);
    rfd_verification_free(v);
    buf_dispose(&both);
    buf_dispose(&stamped);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_stamp_gives_level_t),
        cmocka_unit_test(the_level_of_a_failed_signature_is_noted),
        cmocka_unit_test(a_proof_outlives_the_signers_certificate),
        cmocka_unit_test(nothing_outlives_the_services_certificate),
        cmocka_unit_test(revoked_after_the_proof_passes),
        cmocka_unit_test(revoked_before_the_proof_fails),
        cmocka_unit_test(a_revoked_service_proves_nothing),
        cmocka_unit_test(an_untrusted_service_proves_nothing),
        cmocka_unit_test(a_time_stamp_from_the_future_proves_nothing),
        cmocka_unit_test(a_weakly_signed_time_stamp_proves_nothing),
        cmocka_unit_test(a_document_time_stamp_proves_what_is_before_it),
        cmocka_unit_test(a_changed_byte_breaks_the_document_time_stamp),
        cmocka_unit_test(a_document_time_stamp_does_not_prove_what_is_after_it),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
