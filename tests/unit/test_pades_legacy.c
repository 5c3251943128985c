/* SPDX-License-Identifier: EUPL-1.2
 *
 * Formats from before PAdES (ISO 32000-2 §12.8.3.2, §12.8.3.3), in documents written by hand and signed with OpenSSL:
 * adbe.x509.rsa_sha1, adbe.pkcs7.sha1, adbe.pkcs7.detached with Adobe's attribute.
 */
#include "verify_fixture.h"

#include "pki/digest.h"

#include <openssl/cms.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

enum { ROOM = 9000, SHA1_SIZE = 20 };

static struct {
    struct identity root, signer, other, elliptic;
    struct rfd_trust *trust, *without_list;
    struct buf list;
} made;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    made.root = identity_new("RSA", "Root", NULL, NULL);
    made.signer = identity_new("RSA", "Alba Ejemplo", &made.root, NULL);
    made.other = identity_new("RSA", "Other", &made.root, NULL);
    made.elliptic = identity_new("P-256", "Elliptic", &made.root, NULL);
    made.list = crl_new(&made.root, NULL, 0);
    made.trust = trust_new(&made.root, &made.list);
    made.without_list = trust_new(&made.root, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rfd_trust_free(made.trust);
    rfd_trust_free(made.without_list);
    identity_free(&made.elliptic);
    identity_free(&made.other);
    identity_free(&made.signer);
    identity_free(&made.root);
    buf_dispose(&made.list);
    folder_remove();
    return 0;
}

/* --- Documents ---------------------------------------------------------------------------------------------------- */

/* A document whose signature is still to be put in. */
struct draft {
    struct buf b;
    size_t hole; /* of '<' */
};

static void end_document(struct buf *b, const size_t offsets[6])
{
    size_t xref = b->length;
    buf_put_text(b, "xref\n0 6\n0000000000 65535 f \n");
    for (int i = 1; i < 6; i++) buf_print(b, "%010zu 00000 n \n", offsets[i]);
    buf_print(b, "trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", xref);
}

/* `entries` go into the signature dictionary. */
static struct draft draft_new(const char *sub_filter, const struct buf *entries)
{
    static const char *const objects[] = {
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Annots[4 0 R]>>",
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature1)/V 5 0 R/Rect[0 0 0 0]/P 3 0 R/F 132>>"};
    struct draft d;
    char range[64];
    size_t offsets[6];
    buf_init(&d.b, 1 << 20);
    buf_put_text(&d.b, "%PDF-1.7\n");
    for (size_t i = 0; i < 4; i++) {
        offsets[i + 1] = d.b.length;
        buf_print(&d.b, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    offsets[5] = d.b.length;
    buf_print(&d.b, "5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%s", sub_filter);
    if (entries != NULL) buf_put_slice(&d.b, buf_slice(entries));
    size_t at = d.b.length;
    buf_print(&d.b, "/ByteRange[%040d]/Contents", 0);
    d.hole = d.b.length;
    buf_print(&d.b, "<%0*d>>>\nendobj\n", ROOM, 0);
    end_document(&d.b, offsets);
    assert_int_equal(d.b.status, RFD_OK);
    size_t behind = d.hole + ROOM + 2;
    (void)snprintf(range, sizeof range, "0 %zu %zu %zu", d.hole, behind, d.b.length - behind);
    memset(d.b.data + at + strlen("/ByteRange["), ' ', 40);
    memcpy(d.b.data + at + strlen("/ByteRange["), range, strlen(range));
    return d;
}

static struct buf covered(const struct draft *d)
{
    struct buf out;
    size_t behind = d->hole + ROOM + 2;
    buf_init(&out, d->b.length);
    buf_put(&out, d->b.data, d->hole);
    buf_put(&out, d->b.data + behind, d->b.length - behind);
    return out;
}

static void fill(struct draft *d, const struct buf *signature)
{
    struct buf hex;
    buf_init(&hex, ROOM);
    buf_put_hex(&hex, buf_slice(signature), false);
    assert_int_equal(hex.status, RFD_OK);
    memcpy(d->b.data + d->hole + 1, hex.data, hex.length);
    buf_dispose(&hex);
}

/* /Cert: one string, or an array of them. */
static struct buf certificates_entry(const struct identity *const *list, size_t count, bool array)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    buf_put_text(&out, array ? "/Cert[" : "/Cert ");
    for (size_t i = 0; i < count; i++) {
        buf_put_text(&out, "<");
        buf_put_hex(&out, list[i]->certificate->der, false);
        buf_put_text(&out, ">");
    }
    buf_put_text(&out, array ? "]" : "");
    return out;
}

/* --- Signatures ----------------------------------------------------------------------------------------------------
 */

/* PKCS#1 v1.5 over the covered bytes, in an OCTET STRING. */
static struct buf bare_rsa(const struct draft *d, const struct identity *by, enum digest_id id)
{
    struct buf data = covered(d);
    struct buf signature, out;
    struct signature_algorithm algorithm = {.scheme = SCHEME_RSA_PKCS1, .digest = id};
    buf_init(&signature, 1024);
    buf_init(&out, 2048);
    identity_sign(by, &algorithm, buf_slice(&data), &signature);
    der_put(&out, DER_OCTET_STRING, buf_slice(&signature));
    buf_dispose(&signature);
    buf_dispose(&data);
    return out;
}

static struct draft bare_document(const struct identity *certificate, const struct identity *by, enum digest_id id)
{
    struct buf entry = certificates_entry(&certificate, 1, false);
    struct draft d = draft_new("adbe.x509.rsa_sha1", certificate == NULL ? NULL : &entry);
    struct buf signature = bare_rsa(&d, by, id);
    fill(&d, &signature);
    buf_dispose(&signature);
    buf_dispose(&entry);
    return d;
}

/* A CMS over `data`; `attribute` (or empty) is the value of adbe-revocationInfoArchival. */
static struct buf make_cms(const struct buf *data, const EVP_MD *digest, unsigned flags, slice attribute)
{
    unsigned char *der = NULL;
    struct buf out;
    flags |= CMS_BINARY | CMS_PARTIAL;
    BIO *in = BIO_new_mem_buf(data->data, (int)data->length);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    CMS_SignerInfo *signer = CMS_add1_signer(cms, made.signer.x509, made.signer.key, digest, flags);
    assert_non_null(signer);
    if (attribute.length > 0) {
        assert_int_equal(CMS_signed_add1_attr_by_txt(signer, "1.2.840.113583.1.1.8", V_ASN1_SEQUENCE, attribute.data,
                                                     (int)attribute.length),
                         1);
    }
    assert_int_equal(CMS_final(cms, in, NULL, flags), 1);
    int length = i2d_CMS_ContentInfo(cms, &der);
    assert_true(length > 0);
    buf_init(&out, 1 << 20);
    buf_put(&out, der, (size_t)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(in);
    return out;
}

static struct draft detached_document(const struct buf *entries, const char *sub_filter, unsigned flags,
                                      slice attribute)
{
    struct draft d = draft_new(sub_filter, entries);
    struct buf data = covered(&d);
    struct buf cms = make_cms(&data, EVP_sha256(), flags | CMS_DETACHED, attribute);
    fill(&d, &cms);
    buf_dispose(&cms);
    buf_dispose(&data);
    return d;
}

static void expect_draft(struct draft *d, enum rfd_indication indication, enum rfd_sub_indication sub, bool intact,
                         int finding)
{
    struct rfd_verification *v = verify(buf_slice(&d->b), made.trust);
    assert_int_equal(rfd_verification_count(v), 1);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, indication, sub);
    assert_int_equal(s->intact, intact);
    assert_false(s->baseline);
    if (finding >= 0) assert_true(has_finding(s, (enum rfd_finding_code)finding));
    rfd_verification_free(v);
    buf_dispose(&d->b);
}

/* --- adbe.x509.rsa_sha1 --------------------------------------------------------------------------------------------
 */

static void bare_rsa_by_sha1_is_right_but_weak(void **state)
{
    (void)state;
    struct draft d = bare_document(&made.signer, &made.signer, DIGEST_SHA1);
    struct rfd_verification *v = verify(buf_slice(&d.b), made.trust);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    assert_string_equal(s->signer, "Alba Ejemplo");
    assert_string_equal(s->digest_algorithm, "SHA-1");
    assert_int_equal(s->path_count, 2);
    assert_int_equal(s->kind, RFD_KIND_APPROVAL);
    assert_true(s->covers_whole_file && s->claimed_time == RFD_TIME_NONE);
    rfd_verification_free(v);
    expect_draft(&d, RFD_INDETERMINATE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, true, RFD_FINDING_ALGORITHM_WEAK);
}

static void bare_rsa_by_sha256_passes(void **state)
{
    (void)state;
    struct draft d = bare_document(&made.signer, &made.signer, DIGEST_SHA256);
    expect_draft(&d, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, RFD_FINDING_SIGNING_CERTIFICATE_MISSING);
}

static void certificates_may_come_in_an_array(void **state)
{
    (void)state;
    const struct identity *const list[] = {&made.signer, &made.other, &made.root};
    struct buf entry = certificates_entry(list, 3, true);
    struct draft d = draft_new("adbe.x509.rsa_sha1", &entry);
    struct buf signature = bare_rsa(&d, &made.signer, DIGEST_SHA512);
    fill(&d, &signature);
    expect_draft(&d, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, -1);
    buf_dispose(&signature);
    buf_dispose(&entry);
}

/* Nothing but the signature tells that a byte was changed. */
static void a_changed_byte_breaks_bare_rsa(void **state)
{
    (void)state;
    struct draft d = bare_document(&made.signer, &made.signer, DIGEST_SHA256);
    uint8_t *at = memmem(d.b.data, d.b.length, "595", 3);
    at[0] = '6';
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_SIG_CRYPTO_FAILURE, false, RFD_FINDING_SIGNATURE_WRONG);
}

static void a_changed_signature_breaks_bare_rsa(void **state)
{
    (void)state;
    for (size_t at = 20; at < 500; at += 96) {
        struct draft d = bare_document(&made.signer, &made.signer, DIGEST_SHA1);
        d.b.data[d.hole + at] = d.b.data[d.hole + at] == '0' ? '1' : '0';
        expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_SIG_CRYPTO_FAILURE, false, RFD_FINDING_SIGNATURE_WRONG);
    }
}

static void anothers_certificate_breaks_bare_rsa(void **state)
{
    (void)state;
    struct draft d = bare_document(&made.other, &made.signer, DIGEST_SHA256);
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_SIG_CRYPTO_FAILURE, false, RFD_FINDING_SIGNATURE_WRONG);
    d = bare_document(&made.elliptic, &made.signer, DIGEST_SHA256);
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_SIG_CRYPTO_FAILURE, false, RFD_FINDING_SIGNATURE_WRONG);
}

static void without_cert_nobody_signed(void **state)
{
    (void)state;
    static const char *const entries[] = {"",        "/Cert null",     "/Cert<30820101>",
                                          "/Cert[]", "/Cert[/Name 1]", "/Cert(\\060)"};
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        struct buf entry;
        buf_init(&entry, 64);
        buf_put_text(&entry, entries[i]);
        struct draft d = draft_new("adbe.x509.rsa_sha1", &entry);
        struct buf signature = bare_rsa(&d, &made.signer, DIGEST_SHA1);
        fill(&d, &signature);
        expect_draft(&d, RFD_INDETERMINATE, RFD_SUB_NO_SIGNING_CERTIFICATE_FOUND, false,
                     RFD_FINDING_SIGNER_CERTIFICATE_MISSING);
        buf_dispose(&signature);
        buf_dispose(&entry);
    }
}

static void bare_rsa_is_one_octet_string(void **state)
{
    (void)state;
    struct draft d = bare_document(&made.signer, &made.signer, DIGEST_SHA1);
    d.b.data[d.hole + ROOM] = '1'; /* behind it */
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_PADDING_NOT_ZERO);
    d = bare_document(&made.signer, &made.signer, DIGEST_SHA1);
    d.b.data[d.hole + 2] = '3'; /* a BIT STRING */
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_CMS_MALFORMED);
    d = bare_document(&made.signer, &made.signer, DIGEST_SHA1);
    memset(d.b.data + d.hole + 3, 'f', 4); /* longer than the room */
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_CMS_MALFORMED);
}

static void a_cms_is_no_bare_rsa(void **state)
{
    (void)state;
    const struct identity *signer = &made.signer;
    struct buf entry = certificates_entry(&signer, 1, false);
    struct draft d = detached_document(&entry, "adbe.x509.rsa_sha1", 0, SLICE_EMPTY);
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_FORMAT_FAILURE, false, RFD_FINDING_CMS_MALFORMED);
    buf_dispose(&entry);
}

/* --- adbe.pkcs7.sha1 ------------------------------------------------------------------------------------------------
 */

/* `outer`: the digest of the CMS itself; that of the document is always SHA-1. */
static struct draft inside_document(const EVP_MD *outer)
{
    struct draft d = draft_new("adbe.pkcs7.sha1", NULL);
    struct buf data = covered(&d);
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    assert_int_equal(digest_of(DIGEST_SHA1, buf_slice(&data), digest, NULL), RFD_OK);
    buf_reset(&data);
    buf_put(&data, digest, SHA1_SIZE);
    struct buf cms = make_cms(&data, outer, 0, SLICE_EMPTY);
    fill(&d, &cms);
    buf_dispose(&cms);
    buf_dispose(&data);
    return d;
}

static void a_digest_inside_is_right_but_weak(void **state)
{
    (void)state;
    struct draft d = inside_document(EVP_sha1());
    expect_draft(&d, RFD_INDETERMINATE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, true, RFD_FINDING_ALGORITHM_WEAK);
    d = inside_document(EVP_sha256());
    expect_draft(&d, RFD_INDETERMINATE, RFD_SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE, true, RFD_FINDING_ALGORITHM_WEAK);
}

static void a_changed_byte_breaks_the_digest_inside(void **state)
{
    (void)state;
    struct draft d = inside_document(EVP_sha1());
    uint8_t *at = memmem(d.b.data, d.b.length, "595", 3);
    at[0] = '6';
    expect_draft(&d, RFD_TOTAL_FAILED, RFD_SUB_HASH_FAILURE, false, RFD_FINDING_DIGEST_MISMATCH);
}

/* --- adbe.pkcs7.detached --------------------------------------------------------------------------------------------
 */

static void detached_without_attributes_of_pades_passes(void **state)
{
    (void)state;
    struct draft d = detached_document(NULL, "adbe.pkcs7.detached", 0, SLICE_EMPTY);
    expect_draft(&d, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, RFD_FINDING_SIGNING_CERTIFICATE_MISSING);
}

/* Table 255: /M is optional; the CMS attribute then tells what the signer claims. */
static void signing_time_is_claimed_when_m_is_missing(void **state)
{
    (void)state;
    struct buf entry;
    struct draft d = detached_document(NULL, "adbe.pkcs7.detached", 0, SLICE_EMPTY);
    struct rfd_verification *v = verify(buf_slice(&d.b), made.trust);
    rfd_time claimed = rfd_verification_signature(v, 0)->claimed_time;
    rfd_time now = rfd_verification_time(v);
    assert_true(claimed <= now && claimed > now - 3600 * RFD_SECOND);
    rfd_verification_free(v);
    buf_dispose(&d.b);
    buf_init(&entry, 64);
    buf_put_text(&entry, "/M(D:20200102030405Z)");
    d = detached_document(&entry, "adbe.pkcs7.detached", 0, SLICE_EMPTY);
    v = verify(buf_slice(&d.b), made.trust);
    assert_true(rfd_verification_signature(v, 0)->claimed_time == INT64_C(1577934245) * RFD_SECOND);
    rfd_verification_free(v);
    buf_dispose(&d.b);
    buf_dispose(&entry);
}

/* RevocationInfoArchival { crl [0] SEQUENCE OF CertificateList } (ISO 32000-2 §12.8.3.3.2). */
static struct buf archival(const struct buf *list)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    size_t opened = der_open(&out, DER_SEQUENCE);
    size_t tagged = der_open(&out, DER_CONTEXT_CONSTRUCTED(0));
    der_put(&out, DER_SEQUENCE, buf_slice(list));
    der_close(&out, tagged);
    der_close(&out, opened);
    return out;
}

static void expect_archival(const struct buf *list, enum rfd_indication indication, enum rfd_sub_indication sub)
{
    struct buf value = archival(list);
    struct draft d = detached_document(NULL, "adbe.pkcs7.detached", 0, buf_slice(&value));
    struct rfd_verification *v = verify(buf_slice(&d.b), made.without_list);
    const struct rfd_signature_report *s = rfd_verification_signature(v, 0);
    expect(s, indication, sub);
    assert_string_equal(s->path[0].revocation_source, "crl, signature");
    rfd_verification_free(v);
    buf_dispose(&d.b);
    buf_dispose(&value);
}

static void adobes_archive_is_evidence(void **state)
{
    (void)state;
    struct buf revoked = crl_new(&made.root, &made.signer, -3600);
    struct draft d = detached_document(NULL, "adbe.pkcs7.detached", 0, SLICE_EMPTY);
    expect_one(buf_slice(&d.b), made.without_list, RFD_TIME_NONE, RFD_INDETERMINATE, RFD_SUB_TRY_LATER);
    expect_archival(&made.list, RFD_TOTAL_PASSED, RFD_SUB_NONE);
    expect_archival(&revoked, RFD_INDETERMINATE, RFD_SUB_REVOKED_NO_POE);
    buf_dispose(&revoked);
    buf_dispose(&d.b);
}

static void an_odd_archive_is_no_evidence(void **state)
{
    (void)state;
    static const char *const values[] = {
        "\x30\x00",         "\x30\x02\xA0\x00", "\x30\x04\xA0\x02\x30\x00", "\x30\x06\xA0\x04\x30\x02\x05\x00",
        "\x30\x02\xA1\x00", "\x30\x02\x05\x00"};
    static const size_t sizes[] = {2, 4, 6, 8, 4, 4};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct draft d =
            detached_document(NULL, "adbe.pkcs7.detached", 0, slice_of((const uint8_t *)values[i], sizes[i]));
        expect_one(buf_slice(&d.b), made.without_list, RFD_TIME_NONE, RFD_INDETERMINATE, RFD_SUB_TRY_LATER);
        buf_dispose(&d.b);
    }
}

/* EN 319 142-1 §6.3: the certificates belong into the CMS. */
static void cades_has_no_cert(void **state)
{
    (void)state;
    const struct identity *signer = &made.signer;
    struct buf entry = certificates_entry(&signer, 1, false);
    struct draft d = detached_document(&entry, "ETSI.CAdES.detached", CMS_CADES, SLICE_EMPTY);
    expect_draft(&d, RFD_TOTAL_PASSED, RFD_SUB_NONE, true, RFD_FINDING_CERT_WITH_CADES);
    buf_dispose(&entry);
}

/* --- What another reader says ---------------------------------------------------------------------------------------
 */

/* poppler's pdfsig knows adbe.pkcs7.sha1 (when the CMS itself uses SHA-1, too) and adbe.pkcs7.detached. */
static void pdfsig_agrees(void **state)
{
    (void)state;
    if (RUN("pdfsig", "-v") != 0) skip();
    struct draft d = inside_document(EVP_sha1());
    (void)folder_write("inside.pdf", buf_slice(&d.b));
    buf_dispose(&d.b);
    d = detached_document(NULL, "adbe.pkcs7.detached", 0, SLICE_EMPTY);
    (void)folder_write("detached.pdf", buf_slice(&d.b));
    buf_dispose(&d.b);
    const char *const files[] = {"inside.pdf", "detached.pdf"};
    for (size_t i = 0; i < 2; i++) {
        char command[1024];
        (void)snprintf(command, sizeof command, "pdfsig -nocert '%s' | grep -q 'Signature is Valid'",
                       folder_file(files[i]));
        assert_int_equal(RUN("sh", "-c", command), 0);
    }
}

/* The documents as seeds of fuzz_verify. */
static int write_seeds(const char *folder)
{
    struct {
        const char *name;
        struct draft d;
    } seeds[] = {{"legacy-rsa", bare_document(&made.signer, &made.signer, DIGEST_SHA1)},
                 {"legacy-inside", inside_document(EVP_sha1())},
                 {"legacy-detached", detached_document(NULL, "adbe.pkcs7.detached", 0, SLICE_EMPTY)}};
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/%s", folder, seeds[i].name);
        FILE *f = fopen(path, "wbe");
        if (f == NULL || fwrite(seeds[i].d.b.data, 1, seeds[i].d.b.length, f) != seeds[i].d.b.length) return 1;
        (void)fclose(f);
        buf_dispose(&seeds[i].d.b);
    }
    return 0;
}

/* With a folder: writes seeds instead. */
int main(int count, char **arguments)
{
    if (count > 1) return set_up(NULL) | write_seeds(arguments[1]) | tear_down(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_rsa_by_sha1_is_right_but_weak),
        cmocka_unit_test(bare_rsa_by_sha256_passes),
        cmocka_unit_test(certificates_may_come_in_an_array),
        cmocka_unit_test(a_changed_byte_breaks_bare_rsa),
        cmocka_unit_test(a_changed_signature_breaks_bare_rsa),
        cmocka_unit_test(anothers_certificate_breaks_bare_rsa),
        cmocka_unit_test(without_cert_nobody_signed),
        cmocka_unit_test(bare_rsa_is_one_octet_string),
        cmocka_unit_test(a_cms_is_no_bare_rsa),
        cmocka_unit_test(a_digest_inside_is_right_but_weak),
        cmocka_unit_test(a_changed_byte_breaks_the_digest_inside),
        cmocka_unit_test(detached_without_attributes_of_pades_passes),
        cmocka_unit_test(signing_time_is_claimed_when_m_is_missing),
        cmocka_unit_test(adobes_archive_is_evidence),
        cmocka_unit_test(an_odd_archive_is_no_evidence),
        cmocka_unit_test(cades_has_no_cert),
        cmocka_unit_test(pdfsig_agrees),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
