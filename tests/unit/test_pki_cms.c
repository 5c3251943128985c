/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "pki/oid.h"
#include "pki_fixture.h"

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>

static const char *const kinds[] = {"RSA", "RSA-PSS", "P-256", "P-384", "P-521", "ED25519"};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct identity root, ca, signers[KINDS];
static const char document[] = "%PDF-2.0 stands for a whole document\n";
static slice content;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    content = slice_text(document);
    root = identity_new("P-256", "Root", NULL, NULL);
    ca = identity_new("RSA", "Intermediate", &root, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        signers[i] = identity_new(strcmp(kinds[i], "RSA-PSS") == 0 ? "RSA" : kinds[i], "Signer", &ca, NULL);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) identity_free(&signers[i]);
    identity_free(&ca);
    identity_free(&root);
    folder_remove();
    return 0;
}

/* --- Making ------------------------------------------------------------------------------------------------------ */

struct made {
    struct certificate_list list;
    struct buf attributes, signature, cms;
    struct cms_signed s;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    slice digest_of_content;
};

static void begin(struct made *m, size_t kind)
{
    const struct certificate *signer = signers[kind].certificate;
    *m = (struct made){.s = {.signer = signer}};
    buf_init(&m->attributes, 1 << 16);
    buf_init(&m->signature, 1 << 16);
    buf_init(&m->cms, 1 << 20);
    assert_int_equal(certificate_list_add(&m->list, signer, NULL), RFD_OK);
    assert_int_equal(certificate_list_add(&m->list, ca.certificate, NULL), RFD_OK);
    assert_int_equal(certificate_list_add(&m->list, root.certificate, NULL), RFD_OK);
    m->s.certificates = &m->list;
    bool pss = strcmp(kinds[kind], "RSA-PSS") == 0;
    assert_int_equal(signature_algorithm_choose(signer, DIGEST_NONE, pss, &m->s.algorithm, NULL), RFD_OK);
    assert_int_equal(digest_of(m->s.algorithm.digest, content, m->digest, NULL), RFD_OK);
    m->digest_of_content = slice_of(m->digest, digest_size(m->s.algorithm.digest));
}

static void put_attributes(struct made *m, struct cms_attributes a)
{
    a.digest = m->digest_of_content;
    a.algorithm = m->s.algorithm;
    a.signer = m->s.signer;
    cms_put_signed_attributes(&m->attributes, &a);
    assert_int_equal(buf_status(&m->attributes), RFD_OK);
    m->s.signed_attributes = buf_slice(&m->attributes);
}

static void finish(struct made *m, size_t kind, slice token)
{
    identity_sign(&signers[kind], &m->s.algorithm, m->s.signed_attributes, &m->signature);
    m->s.signature = buf_slice(&m->signature);
    m->s.timestamp_token = token;
    cms_put_signed_data(&m->cms, &m->s);
    assert_int_equal(buf_status(&m->cms), RFD_OK);
}

static void make(struct made *m, size_t kind)
{
    begin(m, kind);
    put_attributes(m, (struct cms_attributes){.signing_time = RFD_TIME_NONE});
    finish(m, kind, SLICE_EMPTY);
}

static void dispose(struct made *m)
{
    buf_dispose(&m->attributes);
    buf_dispose(&m->signature);
    buf_dispose(&m->cms);
    certificate_list_dispose(&m->list);
}

static bool all_good(const struct cms_check *k)
{
    return k->digest_matches && k->signature_matches && k->signing_certificate_matches && k->content_type_matches &&
           k->algorithms_consistent && k->signing_certificate_present;
}

/* Parses and verifies against `document`'s digest by whatever algorithm the CMS names. */
static bool verifies(slice bytes, slice over)
{
    struct cms c;
    struct cms_check check;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    if (cms_parse(bytes, &c, NULL) != RFD_OK) return false;
    bool good = digest_of(c.digest, over, digest, NULL) == RFD_OK;
    if (good) {
        cms_verify(&c, c.signer, slice_of(digest, digest_size(c.digest)), &check);
        good = all_good(&check);
    }
    cms_dispose(&c);
    return good;
}

/* --- Against OpenSSL --------------------------------------------------------------------------------------------- */

static bool openssl_verifies(slice bytes, slice over)
{
    const unsigned char *at = bytes.data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.length);
    BIO *in = BIO_new_mem_buf(over.data, (int)over.length);
    bool good = cms != NULL && CMS_verify(cms, NULL, NULL, in, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    BIO_free(in);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return good;
}

/* OpenSSL writes DER: what it reads and writes again must come out the same. */
static void assert_is_der(slice bytes)
{
    const unsigned char *at = bytes.data;
    unsigned char *again = NULL;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.length);
    assert_non_null(cms);
    assert_ptr_equal(at, bytes.data + bytes.length);
    int length = i2d_CMS_ContentInfo(cms, &again);
    assert_int_equal(length, bytes.length);
    assert_memory_equal(again, bytes.data, bytes.length);
    OPENSSL_free(again);
    CMS_ContentInfo_free(cms);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct made m;
        make(&m, kind);
        assert_true(verifies(buf_slice(&m.cms), content));
        assert_false(verifies(buf_slice(&m.cms), SLICE("another document")));
        assert_is_der(buf_slice(&m.cms));
        /* OpenSSL 3.0's CMS does not know Ed25519. */
        if (strcmp(kinds[kind], "ED25519") != 0) {
            assert_true(openssl_verifies(buf_slice(&m.cms), content));
            assert_false(openssl_verifies(buf_slice(&m.cms), SLICE("another document")));
        }
        dispose(&m);
    }
}

static void test_openssl_command(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (strcmp(kinds[kind], "ED25519") == 0) continue;
        struct made m;
        make(&m, kind);
        const char *data = folder_write("document", content);
        const char *cms = folder_write("cms.der", buf_slice(&m.cms));
        assert_int_equal(
            RUN("openssl", "cms", "-verify", "-binary", "-content", data, "-in", cms, "-inform", "DER", "-noverify"),
            0);
        dispose(&m);
    }
}

/* Ed25519 signs the attributes themselves: `openssl pkeyutl` over them. */
static void test_ed25519_command(void **state)
{
    (void)state;
    struct made m;
    make(&m, KINDS - 1);
    folder_write_identity(&signers[KINDS - 1], "ed.pem", "ed.key");
    const char *attributes = folder_write("attributes", m.s.signed_attributes);
    const char *signature = folder_write("signature", m.s.signature);
    assert_int_equal(RUN("openssl", "pkeyutl", "-verify", "-certin", "-inkey", folder_file("ed.pem"), "-rawin", "-in",
                         attributes, "-sigfile", signature),
                     0);
    dispose(&m);
}

/* --- Attributes -------------------------------------------------------------------------------------------------- */

static size_t attribute_count(const struct cms *c)
{
    size_t count = 0;
    slice rest = c->signed_attributes;
    struct der_item item;
    while (der_next(&rest, &item)) count++;
    return count;
}

static void test_attributes(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    make(&m, 2);
    assert_int_equal(cms_parse(buf_slice(&m.cms), &c, NULL), RFD_OK);
    assert_int_equal(attribute_count(&c), 3);
    assert_true(c.attributes_sorted && c.has_signed_attributes && c.digest_listed && !c.was_ber && !c.has_content);
    assert_true(c.has_signing_certificate_v2 && !c.has_signing_certificate);
    assert_true(c.signing_time == RFD_TIME_NONE && c.signature_timestamp_count == 0 && c.policy_oid.length == 0);
    assert_true(slice_equal(c.message_digest, m.digest_of_content));
    assert_true(slice_equal(c.attribute_content_type, oid(OID_DATA)));
    assert_int_equal(c.certificates.count, 2); /* the root stays out */
    assert_true(certificate_equal(c.signer, signers[2].certificate));
    assert_int_equal(c.version, 1);
    assert_int_equal(c.signer_count, 1);
    cms_dispose(&c);
    dispose(&m);
}

static void test_all_attributes(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    uint8_t hash[64] = {7};
    const rfd_time moment = 1700000000 * RFD_SECOND;
    for (size_t kind = 0; kind < KINDS; kind++) {
        begin(&m, kind);
        put_attributes(&m, (struct cms_attributes){.commitment = CMS_COMMITMENT_APPROVAL,
                                                   .policy_oid = slice_of("\x2a\x03\x04", 3),
                                                   .policy_hash = slice_of(hash, 32 + 32 * (kind % 2)),
                                                   .policy_digest = kind % 2 ? DIGEST_SHA512 : DIGEST_SHA256,
                                                   .policy_uri = SLICE("https://example.org/policy.pdf"),
                                                   .signing_time = moment});
        finish(&m, kind, SLICE_EMPTY);
        assert_is_der(buf_slice(&m.cms));
        assert_true(verifies(buf_slice(&m.cms), content));
        assert_int_equal(cms_parse(buf_slice(&m.cms), &c, NULL), RFD_OK);
        assert_int_equal(attribute_count(&c), 6);
        assert_true(c.attributes_sorted && c.signing_time == moment && c.commitment == CMS_COMMITMENT_APPROVAL);
        assert_true(slice_equal(c.policy_oid, slice_of("\x2a\x03\x04", 3)));
        assert_true(slice_equal(c.commitment_oid, oid(OID_COMMITMENT_APPROVAL)));
        cms_dispose(&c);
        dispose(&m);
    }
}

static void test_another_certificate(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    struct cms_check check;
    make(&m, 0);
    assert_int_equal(cms_parse(buf_slice(&m.cms), &c, NULL), RFD_OK);
    cms_verify(&c, signers[1].certificate, m.digest_of_content, &check);
    assert_false(check.signature_matches || check.signing_certificate_matches);
    assert_true(check.digest_matches && check.signing_certificate_present);
    cms_verify(&c, NULL, m.digest_of_content, &check);
    assert_false(check.signature_matches || check.signing_certificate_matches);
    assert_true(check.detail[0] != '\0');
    cms_verify(&c, c.signer, slice_part(m.digest_of_content, 0, 31), &check);
    assert_true(check.signature_matches && !check.digest_matches);
    cms_dispose(&c);
    dispose(&m);
}

/* --- Size -------------------------------------------------------------------------------------------------------- */

static void test_size_bound_is_exact(void **state)
{
    (void)state;
    static const size_t token_sizes[] = {0, 1, 100, 127, 128, 200, 255, 256, 5000, 65536};
    uint8_t *token = calloc(1, 65536);
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof token_sizes / sizeof *token_sizes; i++) {
            struct made m;
            uint8_t longest[1024] = {0};
            begin(&m, kind);
            put_attributes(&m, (struct cms_attributes){.signing_time = RFD_TIME_NONE});
            m.s.signature = slice_of(longest, signature_size_maximum(m.s.signer));
            size_t bound = cms_size_bound(&m.s, m.s.signed_attributes.length, token_sizes[i]);
            m.s.timestamp_token = slice_of(token, token_sizes[i]);
            cms_put_signed_data(&m.cms, &m.s);
            assert_int_equal(m.cms.length, bound);
            dispose(&m);
        }
    }
    free(token);
}

static void test_bound_holds_for_p521(void **state)
{
    (void)state;
    struct made m;
    size_t longest = 0;
    begin(&m, 4);
    put_attributes(&m, (struct cms_attributes){.signing_time = RFD_TIME_NONE});
    size_t bound = cms_size_bound(&m.s, m.s.signed_attributes.length, 0);
    for (int i = 0; i < 2000; i++) {
        buf_reset(&m.signature);
        buf_reset(&m.cms);
        finish(&m, 4, SLICE_EMPTY);
        if (m.cms.length > longest) longest = m.cms.length;
        assert_true(m.cms.length <= bound);
    }
    assert_true(bound - longest <= 4);
    dispose(&m);
}

static void test_limit_and_truncation(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    make(&m, 0);
    struct buf small;
    buf_init(&small, 1000);
    cms_put_signed_data(&small, &m.s);
    assert_int_equal(buf_status(&small), RFD_E_LIMIT);
    buf_dispose(&small);
    for (size_t length = 0; length < m.cms.length; length++) {
        assert_int_not_equal(cms_parse(slice_of(m.cms.data, length), &c, NULL), RFD_OK);
    }
    dispose(&m);
}

/* Fails each allocation in turn. */
static void test_no_memory(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    struct buf longer;
    make(&m, 2);
    unsigned long n = 0;
    rfd_status status;
    do {
        (void)memory_fail_after(++n);
        status = cms_parse(buf_slice(&m.cms), &c, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        if (status == RFD_OK) cms_dispose(&c);
    } while (status != RFD_OK);
    assert_true(n > 2);
    n = 0;
    do {
        buf_init(&longer, 1 << 16);
        (void)memory_fail_after(++n);
        status = cms_add_timestamp(buf_slice(&m.cms), SLICE("\x30\x00"), &longer, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY);
        assert_int_equal(longer.length > 0, status == RFD_OK);
        buf_dispose(&longer);
    } while (status != RFD_OK);
    dispose(&m);
}

/* --- Time-stamp added -------------------------------------------------------------------------------------------- */

static void test_add_timestamp(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    struct buf once, twice;
    const slice token = slice_of("\x30\x03\x02\x01\x05", 5);
    const slice other = slice_of("\x30\x03\x02\x01\x04", 5);
    make(&m, 2);
    buf_init(&once, 1 << 16);
    buf_init(&twice, 1 << 16);
    assert_int_equal(cms_add_timestamp(buf_slice(&m.cms), token, &once, NULL), RFD_OK);
    assert_is_der(buf_slice(&once));
    assert_true(verifies(buf_slice(&once), content));
    assert_true(openssl_verifies(buf_slice(&once), content));
    m.s.timestamp_token = token;
    buf_reset(&m.cms);
    cms_put_signed_data(&m.cms, &m.s);
    assert_true(slice_equal(buf_slice(&m.cms), buf_slice(&once)));
    assert_int_equal(cms_add_timestamp(buf_slice(&once), other, &twice, NULL), RFD_OK);
    assert_is_der(buf_slice(&twice));
    assert_int_equal(cms_parse(buf_slice(&twice), &c, NULL), RFD_OK);
    assert_int_equal(c.signature_timestamp_count, 2);
    assert_true(slice_equal(cms_signature_timestamp(&c, 0), other)); /* sorted */
    assert_true(slice_equal(cms_signature_timestamp(&c, 1), token));
    assert_true(slice_equal(c.signature_timestamp, other));
    assert_int_equal(cms_signature_timestamp(&c, 2).length, 0);
    cms_dispose(&c);
    assert_int_equal(cms_add_timestamp(SLICE("no CMS"), token, &twice, NULL), RFD_E_CMS);
    buf_dispose(&once);
    buf_dispose(&twice);
    dispose(&m);
}

/* --- Damage ------------------------------------------------------------------------------------------------------ */

static bool within(slice part, const uint8_t *at)
{
    return at >= part.data && at < part.data + part.length;
}

/* What no signature covers: the certificates of the chain. */
static bool is_free(slice bytes, size_t offset)
{
    const uint8_t *at = bytes.data + offset;
    size_t length = ca.certificate->der.length;
    for (size_t from = 0; from + length <= bytes.length; from++) {
        slice part = slice_part(bytes, from, length);
        if (slice_equal(part, ca.certificate->der)) return within(part, at);
    }
    return false;
}

static void test_every_flip_is_noticed(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < KINDS; kind++) {
        struct made m;
        struct cms c;
        make(&m, kind);
        slice bytes = buf_slice(&m.cms);
        assert_int_equal(cms_parse(bytes, &c, NULL), RFD_OK);
        for (size_t i = 0; i < bytes.length; i++) {
            if (is_free(bytes, i)) continue;
            const uint8_t changes[] = {(uint8_t)(1U << i % 8), 0xFF};
            for (size_t k = 0; k < sizeof changes; k++) {
                m.cms.data[i] ^= changes[k];
                if (verifies(bytes, content)) fail_msg("%s: offset %zu xor %02x", kinds[kind], i, changes[k]);
                m.cms.data[i] ^= changes[k];
            }
        }
        cms_dispose(&c);
        dispose(&m);
    }
}

static void test_padding(void **state)
{
    (void)state;
    struct made m;
    struct cms c;
    struct rfd_error error = RFD_ERROR_INIT;
    make(&m, 2);
    size_t length = m.cms.length;
    buf_fill(&m.cms, 0, 500);
    assert_true(verifies(buf_slice(&m.cms), content));
    assert_int_equal(cms_parse(buf_slice(&m.cms), &c, NULL), RFD_OK);
    assert_int_equal(c.der.length, length);
    cms_dispose(&c);
    m.cms.data[length + 499] = 1;
    assert_int_equal(cms_parse(buf_slice(&m.cms), &c, &error), RFD_E_CMS);
    assert_non_null(strstr(error.detail, "zero"));
    uint8_t zeros[64] = {0};
    assert_int_equal(cms_parse(slice_of(zeros, sizeof zeros), &c, NULL), RFD_E_DER);
    assert_int_equal(cms_parse(SLICE_EMPTY, &c, NULL), RFD_E_CMS);
    dispose(&m);
}

/* --- What others make -------------------------------------------------------------------------------------------- */

static void sign_by_openssl(unsigned flags, bool stream, struct buf *out)
{
    BIO *in = BIO_new_mem_buf(content.data, (int)content.length);
    BIO *to = BIO_new(BIO_s_mem());
    CMS_ContentInfo *cms = CMS_sign(signers[0].x509, signers[0].key, NULL, in, flags);
    char *data;
    assert_non_null(cms);
    assert_int_equal(stream ? i2d_CMS_bio_stream(to, cms, in, (int)flags) : i2d_CMS_bio(to, cms), 1);
    long length = BIO_get_mem_data(to, &data);
    buf_init(out, 1 << 20);
    buf_put(out, data, (size_t)length);
    BIO_free(in);
    BIO_free(to);
    CMS_ContentInfo_free(cms);
}

static void test_openssl_makes(void **state)
{
    (void)state;
    static const struct {
        unsigned flags;
        bool ber, embedded;
    } cases[] = {
        {CMS_BINARY | CMS_DETACHED | CMS_CADES, false, false},
        {CMS_BINARY | CMS_DETACHED | CMS_CADES | CMS_USE_KEYID, false, false},
        {CMS_BINARY | CMS_CADES, false, true},
        {CMS_BINARY | CMS_CADES | CMS_STREAM, true, true},
        {CMS_BINARY | CMS_CADES | CMS_STREAM | CMS_USE_KEYID, true, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct cms c;
        sign_by_openssl(cases[i].flags, cases[i].ber, &b);
        buf_fill(&b, 0, 100);
        assert_true(verifies(buf_slice(&b), content));
        assert_int_equal(cms_parse(buf_slice(&b), &c, NULL), RFD_OK);
        assert_int_equal(c.was_ber, cases[i].ber);
        assert_int_equal(c.has_content, cases[i].embedded);
        if (c.has_content) assert_true(slice_equal(c.content, content));
        assert_int_equal(c.signer_key_id.length > 0, (cases[i].flags & CMS_USE_KEYID) != 0);
        cms_dispose(&c);
        buf_dispose(&b);
    }
}

/* Who only wants to know what is inside sees the same as who reads all of it, and BER and pieces are refused. */
static void test_peek(void **state)
{
    (void)state;
    static const struct {
        unsigned flags;
        bool ber, embedded;
    } cases[] = {{CMS_BINARY | CMS_DETACHED | CMS_CADES, false, false},
                 {CMS_BINARY | CMS_CADES, false, true},
                 {CMS_BINARY | CMS_CADES | CMS_STREAM, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf b;
        struct cms_peeked inside;
        sign_by_openssl(cases[i].flags, cases[i].ber, &b);
        assert_int_equal(cms_peek(buf_slice(&b), &inside, NULL), cases[i].ber ? RFD_E_CMS : RFD_OK);
        for (size_t n = 0; n < b.length; n++)
            assert_int_not_equal(cms_peek(slice_part(buf_slice(&b), 0, n), &inside, NULL), RFD_OK);
        if (!cases[i].ber) {
            assert_true(slice_equal(inside.content_type, oid(OID_DATA)));
            assert_int_equal(inside.has_content, cases[i].embedded);
            if (inside.has_content) assert_true(slice_equal(inside.content, content));
        }
        buf_put_byte(&b, 1);
        assert_int_equal(cms_peek(buf_slice(&b), &inside, NULL), RFD_E_CMS);
        buf_dispose(&b);
    }
}

static void test_without_attributes(void **state)
{
    (void)state;
    struct buf b;
    struct cms c;
    struct cms_check check;
    uint8_t digest[32];
    sign_by_openssl(CMS_BINARY | CMS_DETACHED | CMS_NOATTR, false, &b);
    assert_int_equal(digest_of(DIGEST_SHA256, content, digest, NULL), RFD_OK);
    assert_int_equal(cms_parse(buf_slice(&b), &c, NULL), RFD_OK);
    assert_false(c.has_signed_attributes);
    cms_verify(&c, c.signer, slice_of(digest, 32), &check);
    assert_true(check.digest_matches && check.signature_matches && check.content_type_matches);
    assert_false(check.signing_certificate_present);
    digest[0] ^= 1;
    cms_verify(&c, c.signer, slice_of(digest, 32), &check);
    assert_false(check.digest_matches || check.signature_matches);
    cms_dispose(&c);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_openssl_command),
        cmocka_unit_test(test_ed25519_command),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_all_attributes),
        cmocka_unit_test(test_another_certificate),
        cmocka_unit_test(test_size_bound_is_exact),
        cmocka_unit_test(test_bound_holds_for_p521),
        cmocka_unit_test(test_limit_and_truncation),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_add_timestamp),
        cmocka_unit_test(test_every_flip_is_noticed),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_openssl_makes),
        cmocka_unit_test(test_peek),
        cmocka_unit_test(test_without_attributes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
