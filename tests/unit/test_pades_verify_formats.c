/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signatures that our own signer never makes: OpenSSL writes the CMS, and it is put into a document in place of ours.
 */
#include "verify_fixture.h"

#include "pki/digest.h"

#include <openssl/cms.h>
#include <openssl/conf.h>
#include <openssl/x509v3.h>

static struct {
    struct identity root, signer, twin;
    struct rfd_key *key;
    struct rfd_trust *trust;
    struct buf plain, once;
} made;

/* Another certificate with the same issuer, number and key. */
static struct identity twin_of(const struct identity *i, const struct identity *issuer)
{
    unsigned char *der = NULL;
    struct identity twin = {.kind = i->kind, .key = i->key, .x509 = X509_dup(i->x509)};
    X509_NAME *name = X509_NAME_new();
    assert_int_equal(EVP_PKEY_up_ref(i->key), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"Twin", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_subject_name(twin.x509, name), 1);
    assert_true(X509_sign(twin.x509, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509(twin.x509, &der);
    assert_int_equal(certificate_parse(slice_of(der, (size_t)length), &twin.certificate, NULL), RFD_OK);
    OPENSSL_free(der);
    X509_NAME_free(name);
    return twin;
}

/* Our signer reserves what it needs and no more; further certificates make room for what others write. */
static void reserve_space(void)
{
    for (int i = 0; i < 6; i++) {
        struct identity filler = identity_new("RSA", "Filler", &made.root, NULL);
        assert_int_equal(rfd_key_add_chain(made.key, filler.certificate->der, NULL), RFD_OK);
        identity_free(&filler);
    }
}

/* Where its issuer's list is. */
static void point_to_list(struct identity *i, const struct identity *issuer)
{
    unsigned char *der = NULL;
    CONF *empty = NCONF_new(NULL);
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer->x509, i->x509, NULL, NULL, 0);
    X509V3_set_nconf(&context, empty);
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(empty, &context, NID_crl_distribution_points, "URI:http://ca.example/crl");
    assert_non_null(e);
    assert_int_equal(X509_add_ext(i->x509, e, -1), 1);
    assert_true(X509_sign(i->x509, issuer->key, EVP_sha256()) > 0);
    int length = i2d_X509(i->x509, &der);
    certificate_unref(i->certificate);
    assert_int_equal(certificate_parse(slice_of(der, (size_t)length), &i->certificate, NULL), RFD_OK);
    OPENSSL_free(der);
    X509_EXTENSION_free(e);
    NCONF_free(empty);
}

static int set_up(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)folder_new();
    made.root = identity_new("RSA", "Root", NULL, NULL);
    made.signer = identity_new("RSA", "Alba Ejemplo", &made.root, NULL);
    point_to_list(&made.signer, &made.root);
    made.twin = twin_of(&made.signer, &made.root);
    folder_write_identity(&made.signer, "signer.pem", "signer.key");
    if (rfd_key_open_pem(folder_file("signer.key"), folder_file("signer.pem"), NULL, SLICE_EMPTY, &made.key, &error) !=
        RFD_OK) {
        fail_msg("key: %s", error.detail);
    }
    reserve_space();
    struct buf crl = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &crl);
    buf_dispose(&crl);
    made.plain = pdf_new(1000);
    made.once = pdf_sign(&made.plain, made.key, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_key_free(made.key);
    rfd_trust_free(made.trust);
    identity_free(&made.signer);
    identity_free(&made.twin);
    identity_free(&made.root);
    buf_dispose(&made.plain);
    buf_dispose(&made.once);
    folder_remove();
    return 0;
}

/* --- Putting another CMS into the document ------------------------------------------------------------------------ */

struct wanted {
    const char *sub_filter; /* NULL: as it is */
    unsigned flags;
    const EVP_MD *digest;   /* NULL: SHA-256 */
    X509 *extra;            /* a certificate to add */
    const struct buf *list; /* a CRL to add */
    bool digest_inside;     /* sign the document's SHA-1 instead of its bytes */
    bool two_signers;
    const char *literal; /* /Contents in hexadecimal, no CMS at all */
};

static uint8_t *find(struct buf *b, const char *text)
{
    uint8_t *at = memmem(b->data, b->length, text, strlen(text));
    assert_non_null(at);
    return at;
}

static void set_sub_filter(struct buf *b, const char *name)
{
    static const char ours[] = "/ETSI.CAdES.detached";
    uint8_t *at = find(b, ours);
    assert_true(strlen(name) < sizeof ours - 1);
    memset(at, ' ', sizeof ours - 1);
    at[0] = '/';
    memcpy(at + 1, name, strlen(name));
}

static struct buf signed_bytes(struct buf *b, size_t range[4])
{
    struct buf out;
    const char *text = (const char *)find(b, "/ByteRange");
    text = strchr(text, '[') + 1;
    assert_int_equal(sscanf(text, "%zu %zu %zu %zu", &range[0], &range[1], &range[2], &range[3]), 4);
    buf_init(&out, b->length);
    buf_put(&out, b->data + range[0], range[1]);
    buf_put(&out, b->data + range[2], range[3]);
    return out;
}

static void use_digest_inside(struct buf *data)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    assert_int_equal(digest_of(DIGEST_SHA1, buf_slice(data), digest, NULL), RFD_OK);
    buf_reset(data);
    buf_put(data, digest, 20);
}

static unsigned char *make_cms(const struct wanted *w, const struct buf *data, size_t *length)
{
    unsigned flags = w->flags | CMS_BINARY | CMS_PARTIAL;
    unsigned char *der = NULL;
    BIO *in = BIO_new_mem_buf(data->data, (int)data->length);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    const EVP_MD *digest = w->digest == NULL ? EVP_sha256() : w->digest;
    assert_non_null(CMS_add1_signer(cms, made.signer.x509, made.signer.key, digest, flags));
    if (w->two_signers)
        assert_non_null(CMS_add1_signer(cms, made.signer.x509, made.signer.key, EVP_sha384(), flags | CMS_NOCERTS));
    if (w->extra != NULL) assert_int_equal(CMS_add1_cert(cms, w->extra), 1);
    if (w->list != NULL) {
        const unsigned char *bytes = w->list->data;
        X509_CRL *crl = d2i_X509_CRL(NULL, &bytes, (long)w->list->length);
        assert_int_equal(CMS_add0_crl(cms, crl), 1);
    }
    assert_int_equal(CMS_final(cms, in, NULL, flags), 1);
    int size = i2d_CMS_ContentInfo(cms, &der);
    assert_true(size > 0);
    *length = (size_t)size;
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return der;
}

static struct buf resign(const struct wanted *w)
{
    struct buf b, data, hex;
    size_t range[4], length = 0;
    buf_init(&b, 1 << 24);
    buf_init(&hex, 1 << 24);
    buf_put_slice(&b, buf_slice(&made.once));
    if (w->sub_filter != NULL) set_sub_filter(&b, w->sub_filter);
    data = signed_bytes(&b, range);
    if (w->digest_inside) use_digest_inside(&data);
    if (w->literal != NULL) {
        buf_put_text(&hex, w->literal);
    } else {
        unsigned char *der = make_cms(w, &data, &length);
        buf_put_hex(&hex, slice_of(der, length), false);
        OPENSSL_free(der);
    }
    assert_true(hex.length + 2 <= range[2] - range[1]);
    memset(b.data + range[1] + 1, '0', range[2] - range[1] - 2);
    if (hex.length > 0) memcpy(b.data + range[1] + 1, hex.data, hex.length);
    buf_dispose(&data);
    buf_dispose(&hex);
    return b;
}

/* --- What comes of it -------------------------------------------------------------------------------------------- */

static void expect_of(const struct wanted *w, enum rfd_indication indication, enum rfd_sub_indication sub, bool intact,
                      int finding)
{
    struct buf b = resign(w);
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, indication, sub);
    assert_int_equal(s->intact, intact);
    if (finding >= 0) assert_true(has_finding(s, (enum rfd_finding_code)finding));
    rfd_verification_free(v);
    buf_dispose(&b);
}

static void cades_of_another_tool_passes(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES};
    expect_of(&w, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, RFD_FINDING_SIGNING_TIME_TWICE);
}

static void an_older_format_passes_but_is_no_baseline(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "adbe.pkcs7.detached", .flags = CMS_DETACHED};
    struct buf b = resign(&w);
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    assert_false(s->baseline);
    assert_true(has_finding(s, RFD_FINDING_SIGNING_CERTIFICATE_MISSING));
    rfd_verification_free(v);
    buf_dispose(&b);
}

static void cades_needs_its_signing_certificate_attribute(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_DETACHED};
    expect_of(&w, RFD_INDETERMINATE, RFD_SUB_SIG_CONSTRAINTS_FAILURE, true, RFD_FINDING_SIGNING_CERTIFICATE_MISSING);
}

static void no_attributes_is_an_older_way(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "adbe.pkcs7.detached", .flags = CMS_DETACHED | CMS_NOATTR};
    expect_of(&w, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, RFD_FINDING_SIGNED_ATTRIBUTES_MISSING);
}

static void a_detached_signature_carries_no_content(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_CADES};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, true, RFD_FINDING_CMS_HAS_CONTENT);
}

static void a_digest_inside_is_sha1_and_weak(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "adbe.pkcs7.sha1", .digest_inside = true};
    expect_of(&w, RFD_INDETERMINATE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, true, RFD_FINDING_ALGORITHM_WEAK);
}

static void a_digest_inside_of_something_else_fails(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "adbe.pkcs7.sha1"};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE, false, RFD_FINDING_DIGEST_MISMATCH);
    w.flags = CMS_DETACHED;
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE, false, RFD_FINDING_DIGEST_MISMATCH);
}

static void an_unknown_format_fails(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "Other.Format", .flags = CMS_DETACHED | CMS_CADES};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_SUB_FILTER_UNKNOWN);
}

static void a_signature_is_no_time_stamp(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "ETSI.RFC3161", .flags = CMS_DETACHED | CMS_CADES};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_CMS_MALFORMED);
}

static void sha1_is_weak(void **state)
{
    (void)state;
    struct wanted w = {.sub_filter = "adbe.pkcs7.detached", .flags = CMS_DETACHED, .digest = EVP_sha1()};
    expect_of(&w, RFD_INDETERMINATE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, true, RFD_FINDING_ALGORITHM_WEAK);
}

static void without_its_certificate_nobody_signed(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES | CMS_NOCERTS};
    expect_of(&w, RFD_INDETERMINATE, RFD_SUB_NO_SIGNING_CERTIFICATE_FOUND, false,
              RFD_FINDING_SIGNER_CERTIFICATE_MISSING);
}

static void a_swapped_certificate_fails(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES | CMS_NOCERTS, .extra = made.twin.x509};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, true, RFD_FINDING_SIGNING_CERTIFICATE_MISMATCH);
}

static void two_signers_are_not_read(void **state)
{
    (void)state;
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES, .two_signers = true};
    expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_CMS_MALFORMED);
}

static void what_is_no_cms_fails(void **state)
{
    (void)state;
    static const char *const literals[] = {"", "00", "3003020101", "30800201010000", "ffffffff", "308400000000"};
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        struct wanted w = {.literal = literals[i]};
        expect_of(&w, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, -1);
    }
}

static void something_after_the_signature_fails(void **state)
{
    (void)state;
    size_t range[4];
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES};
    struct buf b = resign(&w);
    struct buf data = signed_bytes(&b, range);
    b.data[range[2] - 2] = '1';
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    expect(rfd_verification_signature(v, 0), RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE);
    assert_true(has_finding(rfd_verification_signature(v, 0), RFD_FINDING_PADDING_NOT_ZERO));
    rfd_verification_free(v);
    buf_dispose(&data);
    buf_dispose(&b);
}

/* --- Evidence inside --------------------------------------------------------------------------------------------- */

static rfd_status fetch_list(void *context, const char *url, rfd_slice body, const char *type, const char *accept,
                             size_t maximum, rfd_bytes *answer, struct rfd_error *error)
{
    (void)url, (void)body, (void)type, (void)accept, (void)maximum;
    const struct buf *list = context;
    rfd_status status = rfd_bytes_new(list->length, answer, error);
    if (status == RFD_OK) memcpy(answer->data, list->data, list->length);
    return status;
}

static enum rfd_sub_indication verify_with(const struct buf *b, const struct rfd_trust *trust,
                                           const struct rfd_fetcher *fetcher)
{
    struct rfd_verify_options options = RFD_VERIFY_OPTIONS_INIT;
    struct rfd_verification *v;
    options.trust = trust;
    options.fetcher = fetcher;
    options.offline = fetcher == NULL;
    assert_int_equal(rfd_verify_memory(buf_slice(b), &options, &v, NULL), RFD_OK);
    enum rfd_sub_indication sub = rfd_verification_signature(v, 0)->sub_indication;
    rfd_verification_free(v);
    return sub;
}

/* The signer put in a list from before the revocation that would still be good today. */
static void old_evidence_inside_does_not_hide_a_revocation(void **state)
{
    (void)state;
    struct rfd_trust *trust = trust_new(&made.root, NULL);
    struct buf old = crl_of_age(&made.root, NULL, 0, 7200);
    struct buf current = crl_of_age(&made.root, &made.signer, -1800, 60);
    struct rfd_fetcher fetcher = {.context = &current, .fetch = fetch_list};
    struct rfd_fetcher stale = {.context = &old, .fetch = fetch_list};
    struct wanted w = {.flags = CMS_DETACHED | CMS_CADES, .list = &old};
    struct buf b = resign(&w);
    assert_int_equal(verify_with(&b, trust, NULL), RFD_SUB_NONE);
    assert_int_equal(verify_with(&b, trust, &stale), RFD_SUB_NONE);
    assert_int_equal(verify_with(&b, trust, &fetcher), RFD_SUB_REVOKED_NO_POE);
    buf_dispose(&b);
    buf_dispose(&old);
    buf_dispose(&current);
    rfd_trust_free(trust);
}

static void a_changed_word_is_a_hash_failure(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 24);
    buf_put_slice(&b, buf_slice(&made.once));
    find(&b, "MediaBox[0 0 595")[14] = '6';
    struct rfd_verification *v = verify(buf_slice(&b), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE);
    assert_true(!s->intact && has_finding(s, RFD_FINDING_DIGEST_MISMATCH));
    assert_false(has_finding(s, RFD_FINDING_SIGNATURE_WRONG));
    rfd_verification_free(v);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cades_of_another_tool_passes),
        cmocka_unit_test(an_older_format_passes_but_is_no_baseline),
        cmocka_unit_test(cades_needs_its_signing_certificate_attribute),
        cmocka_unit_test(no_attributes_is_an_older_way),
        cmocka_unit_test(a_detached_signature_carries_no_content),
        cmocka_unit_test(a_digest_inside_is_sha1_and_weak),
        cmocka_unit_test(a_digest_inside_of_something_else_fails),
        cmocka_unit_test(an_unknown_format_fails),
        cmocka_unit_test(a_signature_is_no_time_stamp),
        cmocka_unit_test(sha1_is_weak),
        cmocka_unit_test(without_its_certificate_nobody_signed),
        cmocka_unit_test(a_swapped_certificate_fails),
        cmocka_unit_test(two_signers_are_not_read),
        cmocka_unit_test(what_is_no_cms_fails),
        cmocka_unit_test(something_after_the_signature_fails),
        cmocka_unit_test(old_evidence_inside_does_not_hide_a_revocation),
        cmocka_unit_test(a_changed_word_is_a_hash_failure),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
