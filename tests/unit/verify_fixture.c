/* SPDX-License-Identifier: EUPL-1.2 */
#include "verify_fixture.h"

#include <openssl/x509v3.h>

/* --- What is signed and who is believed -------------------------------------------------------------------------- */

struct buf crl_new(const struct identity *issuer, const struct identity *revoked, long when)
{
    return crl_of_age(issuer, revoked, when, 60);
}

struct buf crl_of_age(const struct identity *issuer, const struct identity *revoked, long when, long age)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *now = ASN1_TIME_adj(NULL, time(NULL), 0, -age);
    ASN1_TIME *revocation = ASN1_TIME_adj(NULL, time(NULL), 0, when);
    ASN1_TIME *next = ASN1_TIME_adj(NULL, time(NULL), 30, 0);
    unsigned char *der = NULL;
    struct buf out;
    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, now), 1);
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, next), 1);
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_INTEGER *serial = X509_get_serialNumber(revoked->x509);
        assert_int_equal(X509_REVOKED_set_serialNumber(entry, serial), 1);
        assert_int_equal(X509_REVOKED_set_revocationDate(entry, revocation), 1);
        assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
    }
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509_CRL(crl, &der);
    buf_init(&out, 1 << 20);
    buf_put(&out, der, (size_t)length);
    OPENSSL_free(der);
    ASN1_TIME_free(now);
    ASN1_TIME_free(revocation);
    ASN1_TIME_free(next);
    X509_CRL_free(crl);
    return out;
}

struct rfd_trust *trust_new(const struct identity *root, const struct buf *crl)
{
    struct rfd_trust *trust;
    assert_int_equal(rfd_trust_new(&trust, NULL), RFD_OK);
    assert_int_equal(rfd_trust_add_anchors(trust, root->certificate->der, NULL), RFD_OK);
    if (crl != NULL) assert_int_equal(rfd_trust_add_crl(trust, buf_slice(crl), NULL), RFD_OK);
    return trust;
}

/* One page with a stream of `size` bytes and a classical cross-reference table. */
struct buf pdf_new(size_t size)
{
    struct buf b;
    size_t offsets[5];
    buf_init(&b, size + 4096);
    buf_put_text(&b, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    offsets[1] = b.length;
    buf_put_text(&b, "1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
    offsets[2] = b.length;
    buf_put_text(&b, "2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n");
    offsets[3] = b.length;
    buf_put_text(&b,
                 "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>\nendobj\n");
    offsets[4] = b.length;
    buf_print(&b, "4 0 obj\n<</Length %zu>>\nstream\n", size);
    for (size_t i = 0; i < size; i++) buf_put_byte(&b, i % 64 == 63 ? '\n' : ' ');
    buf_put_text(&b, "\nendstream\nendobj\n");
    size_t xref = b.length;
    buf_put_text(&b, "xref\n0 5\n0000000000 65535 f \n");
    for (int i = 1; i < 5; i++) buf_print(&b, "%010zu 00000 n \n", offsets[i]);
    buf_print(&b, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
    assert_int_equal(b.status, RFD_OK);
    return b;
}

struct buf pdf_sign_with(const struct buf *document, const struct rfd_sign_options *options)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_bytes update;
    struct buf out;
    rfd_status status = rfd_sign_memory(buf_slice(document), options, &update, NULL, &error);
    if (status != RFD_OK) fail_msg("signing: %s: %s", rfd_status_name(status), error.detail);
    buf_init(&out, 1 << 24);
    buf_put_slice(&out, buf_slice(document));
    buf_put(&out, update.data, update.length);
    rfd_bytes_free(&update);
    return out;
}

struct buf pdf_sign(const struct buf *document, struct rfd_key *key, int certify)
{
    struct rfd_sign_options options = RFD_SIGN_OPTIONS_INIT;
    options.key = key;
    options.offline = true;
    options.certify = certify;
    return pdf_sign_with(document, &options);
}

const char *seed_folder(const char *target)
{
    static char path[1024];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", REFRENDA_SOURCE_ROOT, target);
    return path;
}

/* --- Verifying --------------------------------------------------------------------------------------------------- */

rfd_status verify_at(slice bytes, const struct rfd_trust *trust, rfd_time at, struct rfd_verification **out,
                     struct rfd_error *error)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    options.trust = trust;
    options.offline = true;
    options.at = at;
    return rfd_verify_memory(bytes, &options, out, error);
}

struct rfd_verification *verify(slice bytes, const struct rfd_trust *trust)
{
    struct rfd_verification *v = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = verify_at(bytes, trust, RFD_TIME_NONE, &v, &error);
    if (status != RFD_OK) fail_msg("%s: %s", rfd_status_name(status), error.detail);
    return v;
}

void print_findings(const struct rfd_signature_report *s)
{
    for (size_t i = 0; i < s->finding_count; i++) {
        const struct rfd_finding *f = &s->findings[i];
        print_message("    %s (object %u, revision %u) %s\n", rfd_finding_name(f->code), f->object, f->revision,
                      f->detail);
    }
}

void expect(const struct rfd_signature_report *s, enum rfd_indication indication, enum rfd_sub_indication sub)
{
    if (s->indication == indication && s->sub_indication == sub) return;
    print_message("%s: %s %s\n", s->field, rfd_indication_name(s->indication),
                  rfd_sub_indication_name(s->sub_indication));
    print_findings(s);
    fail_msg("expected %s %s", rfd_indication_name(indication), rfd_sub_indication_name(sub));
}

void expect_one(slice bytes, const struct rfd_trust *trust, rfd_time at, enum rfd_indication indication,
                enum rfd_sub_indication sub)
{
    struct rfd_verification *v = NULL;
    assert_int_equal(verify_at(bytes, trust, at, &v, NULL), RFD_OK);
    assert_int_equal(rfd_verification_count(v), 1);
    expect(rfd_verification_signature(v, 0), indication, sub);
    rfd_verification_free(v);
}

bool has_finding(const struct rfd_signature_report *s, enum rfd_finding_code code)
{
    for (size_t i = 0; i < s->finding_count; i++) {
        if (s->findings[i].code == code) return true;
    }
    return false;
}
