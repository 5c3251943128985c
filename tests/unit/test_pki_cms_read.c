/* SPDX-License-Identifier: EUPL-1.2
 *
 * CMS that others made: written by hand, in PDF files of third parties, among the seeds of the fuzz target.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base/number.h"
#include "pki/oid.h"
#include "pki_fixture.h"

/* --- Written by hand --------------------------------------------------------------------------------------------- */

/* A SignedData written by hand, each part replaceable; hexadecimal. */
struct crafted {
    const char *version, *digests, *content, *certificates, *signer_infos;
};
#define SHA256_ALGORITHM "300B0609608648016503040201"
#define DATA_CONTENT     "300B06092A864886F70D010701"
#define SIGNER_ID        "30053000020101"
#define TYPE_ATTRIBUTE   "301806092A864886F70D010903310B06092A864886F70D010701"
#define ECDSA_ALGORITHM  "300A06082A8648CE3D040302"
#define SIGNER_TAIL      ECDSA_ALGORITHM "0401AA"
#define PLAIN_SIGNER     "020101" SIGNER_ID SHA256_ALGORITHM SIGNER_TAIL

static void put_hex_element(struct buf *b, uint8_t tag, const char *hex)
{
    uint8_t bytes[2048];
    slice text = slice_text(hex);
    assert_true(text.length / 2 <= sizeof bytes && number_hex(text, bytes));
    if (tag == 0) {
        buf_put(b, bytes, text.length / 2);
    } else {
        der_put(b, tag, slice_of(bytes, text.length / 2));
    }
}

static rfd_status parse_crafted(struct crafted p, struct cms *c)
{
    static struct buf b;
    buf_dispose(&b);
    buf_init(&b, 1 << 16);
    size_t content_info = der_open(&b, DER_SEQUENCE);
    der_put_oid(&b, oid(OID_SIGNED_DATA));
    size_t wrapped = der_open(&b, DER_CONTEXT_CONSTRUCTED(0));
    size_t signed_data = der_open(&b, DER_SEQUENCE);
    put_hex_element(&b, DER_INTEGER, p.version != NULL ? p.version : "01");
    put_hex_element(&b, DER_SET, p.digests != NULL ? p.digests : SHA256_ALGORITHM);
    put_hex_element(&b, 0, p.content != NULL ? p.content : DATA_CONTENT);
    if (p.certificates != NULL) put_hex_element(&b, DER_CONTEXT_CONSTRUCTED(0), p.certificates);
    size_t signer_infos = der_open(&b, DER_SET);
    if (p.signer_infos == NULL) {
        put_hex_element(&b, DER_SEQUENCE, PLAIN_SIGNER);
    } else {
        put_hex_element(&b, p.signer_infos[0] == '!' ? 0 : DER_SEQUENCE, p.signer_infos + (p.signer_infos[0] == '!'));
    }
    der_close(&b, signer_infos);
    der_close(&b, signed_data);
    der_close(&b, wrapped);
    der_close(&b, content_info);
    rfd_status status = cms_parse(buf_slice(&b), c, NULL);
    if (status == RFD_OK) cms_dispose(c);
    return status;
}

/* A SignerInfo with these signed attributes. */
static rfd_status parse_attributes(const char *attributes)
{
    char hex[4096];
    struct cms c;
    size_t length = strlen(attributes) / 2;
    char tag[32];
    if (length < 0x80) {
        (void)snprintf(tag, sizeof tag, "A0%02zX", length);
    } else {
        (void)snprintf(tag, sizeof tag, "A082%04zX", length);
        if (length < 0x100) (void)snprintf(tag, sizeof tag, "A081%02zX", length);
    }
    (void)snprintf(hex, sizeof hex, "020101" SIGNER_ID SHA256_ALGORITHM "%s%s" SIGNER_TAIL, tag, attributes);
    return parse_crafted((struct crafted){.signer_infos = hex}, &c);
}

static void test_structure(void **state)
{
    (void)state;
    static const struct {
        struct crafted crafted;
        bool good;
    } cases[] = {
        {{0}, true},
        {{.version = "03"}, false}, /* nothing in it asks for 3, 4 or 5 */
        {{.version = "04"}, false},
        {{.version = "05"}, false},
        {{.version = "04", .certificates = "A203020101"}, true},
        {{.version = "05", .certificates = "A303020101"}, true},
        {{.version = "00"}, false},
        {{.version = "02"}, false},
        {{.version = "06"}, false},
        {{.version = "FF"}, false},
        {{.version = "0001"}, false},
        {{.signer_infos = "!"}, false},                                             /* none */
        {{.signer_infos = "!300530000201013005300002010130003000"}, false},         /* several */
        {{.signer_infos = "020103" SIGNER_ID SHA256_ALGORITHM SIGNER_TAIL}, false}, /* 3 with issuer and serial */
        {{.signer_infos = "0201038003010203" SHA256_ALGORITHM SIGNER_TAIL}, true},
        {{.signer_infos = "0201018003010203" SHA256_ALGORITHM SIGNER_TAIL}, false}, /* 1 with key identifier */
        {{.signer_infos = "0201038000" SHA256_ALGORITHM SIGNER_TAIL}, false},       /* empty identifier */
        {{.signer_infos = PLAIN_SIGNER "0500"}, false},                             /* something after it */
        {{.signer_infos = PLAIN_SIGNER "A100"}, true},
        {{.signer_infos = PLAIN_SIGNER "A1020500"}, false}, /* no attribute */
        {{.digests = ""}, true},                            /* told by digest_listed */
        {{.digests = "0500"}, false},
        {{.digests = "300D06096086480165030402010501"
                     "00"},
         false},
        {{.content = "301106092A864886F70D010701A00404020102"}, true},
        {{.content = "301106092A864886F70D010701A00405020102"}, false},
        {{.content = "300F06092A864886F70D010701A0020400"}, true},
        {{.content = "300F06092A864886F70D010701A0020500"}, false},
        {{.certificates = ""}, true},
        {{.certificates = "3000"}, true}, /* unreadable */
        {{.certificates = "A203020101"}, true},
        {{.certificates = "3001"}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cms c;
        rfd_status status = parse_crafted(cases[i].crafted, &c);
        if ((status == RFD_OK) != cases[i].good) fail_msg("case %zu: %s", i, rfd_status_name(status));
        if (status != RFD_OK) assert_true(status == RFD_E_CMS || status == RFD_E_DER);
    }
}

#define DIGEST_ATTRIBUTE  "301106092A864886F70D010904310404020102"
#define UNKNOWN_ATTRIBUTE "300706032A03043100"

static void test_attribute_rules(void **state)
{
    (void)state;
    static const struct {
        const char *attributes;
        bool good;
    } cases[] = {
        {TYPE_ATTRIBUTE DIGEST_ATTRIBUTE, true},
        {DIGEST_ATTRIBUTE TYPE_ATTRIBUTE, true}, /* unsorted: noted only */
        {TYPE_ATTRIBUTE, true},                  /* the lack shows when verifying */
        {UNKNOWN_ATTRIBUTE, true},
        {"", false},
        {UNKNOWN_ATTRIBUTE UNKNOWN_ATTRIBUTE, false},
        {TYPE_ATTRIBUTE DIGEST_ATTRIBUTE TYPE_ATTRIBUTE, false},
        {DIGEST_ATTRIBUTE DIGEST_ATTRIBUTE, false},
        {"301506092A864886F70D0109043108040201020402"
         "0102",
         false},                                       /* two digests */
        {"300D06092A864886F70D0109043100", false},     /* none */
        {"300F06092A864886F70D01090431020500", false}, /* of another type */
        {"300D06092A864886F70D0109053100", false},     /* no signing time */
        {"301406092A864886F70D01090531071705323031303130", false},
        {"300F06092A864886F70D010905310217"
         "00",
         false},
        {"301006092A864886F70D010904310404020102", false}, /* wrong lengths */
        {"0500", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rfd_status status = parse_attributes(cases[i].attributes);
        if ((status == RFD_OK) != cases[i].good) fail_msg("case %zu: %s", i, rfd_status_name(status));
    }
}

static void test_too_many_attributes(void **state)
{
    (void)state;
    char hex[4000] = "";
    size_t used = 0;
    for (unsigned i = 0; i < 100; i++) {
        used += (size_t)snprintf(hex + used, sizeof hex - used, "300706032A03%02X3100", i);
    }
    assert_int_equal(parse_attributes(hex), RFD_E_CMS);
}

/* --- Third-party PDFs -------------------------------------------------------------------------------------------- */

/* The next "/Contents <hex>" from `at`, decoded into `der`; false at the end. */
static bool next_contents(slice file, size_t *at, struct buf *der, size_t *from, size_t *to)
{
    for (; *at + 16 < file.length; (*at)++) {
        if (memcmp(file.data + *at, "/Contents", 9) != 0) continue;
        size_t i = *at + 9;
        while (i < file.length && file.data[i] == ' ') i++;
        if (i >= file.length || file.data[i] != '<') continue;
        *from = i++;
        buf_reset(der);
        for (; i + 1 < file.length && file.data[i] != '>'; i += 2) {
            int high = number_hex_digit(file.data[i]), low = number_hex_digit(file.data[i + 1]);
            if (high < 0 || low < 0) break;
            buf_put_byte(der, (uint8_t)(high << 4 | low));
        }
        *to = i + 1;
        *at = i;
        if (der->length > 100) return true;
    }
    return false;
}

/* Where the revision ends that the signature with the hole [from, to) covers: by its /ByteRange. */
static size_t end_of_range(slice file, size_t from, size_t to)
{
    for (size_t i = 0; i + 80 < file.length; i++) {
        if (memcmp(file.data + i, "/ByteRange", 10) != 0) continue;
        size_t numbers[4] = {0};
        size_t k = i + 10;
        for (int n = 0; n < 4; n++) {
            while (k < file.length && (file.data[k] == ' ' || file.data[k] == '[')) k++;
            for (; k < file.length && file.data[k] >= '0' && file.data[k] <= '9'; k++) {
                numbers[n] = numbers[n] * 10 + (size_t)(file.data[k] - '0');
            }
        }
        if (numbers[1] == from && numbers[2] == to) return to + numbers[3];
    }
    return 0;
}

struct verdict {
    const char *file;
    size_t signatures;
    bool good, essential, has_content, key_id, attributes, v1, consistent;
};

static void check_signature(const struct verdict *v, slice file, slice der, size_t from, size_t to)
{
    struct cms c;
    struct cms_check k;
    struct buf covered;
    struct rfd_error error = RFD_ERROR_INIT;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    size_t end = end_of_range(file, from, to);
    if (cms_parse(der, &c, &error) != RFD_OK) fail_msg("%s: %s", v->file, error.detail);
    if (slice_equal(c.content_type, oid(OID_TST_INFO))) { /* a document time-stamp: see test_pki_timestamp */
        cms_dispose(&c);
        return;
    }
    assert_true(end > to && end <= file.length);
    buf_init(&covered, file.length);
    buf_put(&covered, file.data, from);
    buf_put(&covered, file.data + to, end - to);
    assert_int_equal(digest_of(c.digest, buf_slice(&covered), digest, NULL), RFD_OK);
    cms_verify(&c, c.signer, slice_of(digest, digest_size(c.digest)), &k);
    if ((k.digest_matches && k.signature_matches) != v->good) fail_msg("%s: %s", v->file, k.detail);
    assert_int_equal(k.algorithms_consistent, v->consistent);
    if (k.signing_certificate_matches != v->essential) fail_msg("%s: %s", v->file, k.detail);
    assert_int_equal(c.has_content, v->has_content);
    assert_int_equal(c.signer_key_id.length > 0, v->key_id);
    assert_int_equal(c.has_signed_attributes, v->attributes);
    assert_int_equal(c.has_signing_certificate, v->v1);
    buf_dispose(&covered);
    cms_dispose(&c);
}

static void test_third_party_files(void **state)
{
    (void)state;
    static const struct verdict verdicts[] = {
        /* file, signatures, good, essential, has_content, key_id, attributes, v1, consistent */
        {"pdf-sig-with-econtent", 1, true, true, true, false, true, false, true},
        {"sig-no-signed-attrs", 1, true, false, false, false, false, false, true},
        {"sig-with-ski-sid", 1, true, true, false, true, true, true, true},
        {"ed448-disallowed-hash", 1, true, true, false, false, true, false, false},
        {"ed448-shake256-nolen", 1, true, true, false, false, true, false, true},
        {"pades-with-old-style-signing-cert-attr", 1, true, true, false, false, true, true, true},
        {"pades-with-old-style-signing-cert-attr-issser", 1, true, true, false, false, true, true, true},
        {"minimal-signed-twice-both-created", 2, true, false, false, false, true, false, true},
        {"minimal-signed-twice-no-sig-type", 2, true, true, false, false, true, false, true},
        {"minimal-signed-twice-second-created", 2, true, false, false, false, true, false, true},
        {"pades-lta-dss-indirect-arrs-test-2", 3, true, true, false, false, true, false, true},
    };
    if (corpora() == NULL) skip();
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        char path[1024];
        struct buf file, der;
        size_t at = 0, from, to, count = 0;
        (void)snprintf(path, sizeof path, "%s/pdf/%s.pdf", corpora(), verdicts[i].file);
        assert_true(file_read(path, &file));
        buf_init(&der, 1 << 20);
        while (next_contents(buf_slice(&file), &at, &der, &from, &to)) {
            check_signature(&verdicts[i], buf_slice(&file), buf_slice(&der), from, to);
            count++;
        }
        assert_int_equal(count, verdicts[i].signatures);
        buf_dispose(&file);
        buf_dispose(&der);
    }
}

/* The fuzzer's seeds (tests/fuzz/make-seeds-pki). */
static void test_seeds(void **state)
{
    (void)state;
    static const char *const seeds[] = {"ber",           "cades",         "embedded", "key-identifier",
                                        "no-attributes", "no-certificate"};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        char path[1024];
        struct buf b;
        struct cms c;
        struct cms_check k;
        uint8_t digest[32];
        (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/fuzz_cms/%s", source_root(), seeds[i]);
        assert_true(file_read(path, &b));
        assert_int_equal(cms_parse(buf_slice(&b), &c, NULL), RFD_OK);
        assert_int_equal(digest_of(DIGEST_SHA256, SLICE("%PDF-2.0 seed\n"), digest, NULL), RFD_OK);
        cms_verify(&c, c.signer, slice_of(digest, 32), &k);
        assert_int_equal(k.signature_matches, strcmp(seeds[i], "no-certificate") != 0);
        assert_true(k.digest_matches && k.content_type_matches && k.algorithms_consistent);
        cms_dispose(&c);
        buf_dispose(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_attribute_rules),
        cmocka_unit_test(test_too_many_attributes),
        cmocka_unit_test(test_third_party_files),
        cmocka_unit_test(test_seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
