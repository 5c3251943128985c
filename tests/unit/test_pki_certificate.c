/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certificates of the NIST suite (PKITS) are read by us and by OpenSSL, and what both say is compared; a
 * certificate made here is then spoilt in every way that the parser must notice.
 */
#include "pki_fixture.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "pki/algorithm.h"
#include "pki/certificate/certificate.h"
#include "pki/oid.h"
#include "pki/certificate/pem.h"

#include <dirent.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* --- A small certificate ----------------------------------------------------------------------------------------- */

enum variant {
    GOOD,
    TWO_ALGORITHMS,
    UNKNOWN_VERSION,
    EXTENSIONS_IN_V1,
    EXTENSION_TWICE,
    EXTENSION_JUNK,
    BAD_KEY_USAGE,
    BAD_TIME,
    EMPTY_SERIAL,
    TRAILING_TBS,
    MANY_EXTENSIONS,
    VARIANTS
};

static EVP_PKEY *new_key(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

static void put_name(struct buf *b, const char *common_name)
{
    size_t name = der_open(b, DER_SEQUENCE);
    const struct {
        enum oid_name oid;
        uint8_t tag;
        const char *text;
    } parts[] = {{OID_COUNTRY, DER_PRINTABLE_STRING, "ES"},
                 {OID_ORGANIZATION, DER_T61_STRING, "Diputaci\xF3n, S.A. "},
                 {OID_COMMON_NAME, DER_UTF8_STRING, common_name}};
    for (size_t i = 0; i < 3; i++) {
        size_t set = der_open(b, DER_SET);
        size_t attribute = der_open(b, DER_SEQUENCE);
        der_put_oid(b, oid(parts[i].oid));
        der_put(b, parts[i].tag, slice_text(parts[i].text));
        der_close(b, attribute);
        der_close(b, set);
    }
    der_close(b, name);
}

static void put_extension(struct buf *b, enum oid_name id, bool critical, slice value)
{
    size_t extension = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(id));
    if (critical) der_put_boolean(b, true);
    der_put(b, DER_OCTET_STRING, value);
    der_close(b, extension);
}

static const char aia[] = "\x30\x38"
                          "\x30\x1a\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x0ehttp://o.test/"
                          "\x30\x1a\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x0eldap://o.test/";
static const char crl_points[] = "\x30\x2e"
                                 "\x30\x14\xa0\x12\xa0\x10\x86\x0ehttp://c.test/"
                                 "\x30\x16\xa0\x14\xa0\x12\x86\x10HTTPS://d.test/x";

static void put_extensions(struct buf *b, enum variant variant)
{
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(3));
    size_t list = der_open(b, DER_SEQUENCE);
    put_extension(b, OID_BASIC_CONSTRAINTS, true, SLICE("\x30\x06\x01\x01\xff\x02\x01\x00"));
    put_extension(b, OID_KEY_USAGE, true, variant == BAD_KEY_USAGE ? SLICE("\x03\x01") : SLICE("\x03\x02\x01\xC6"));
    put_extension(b, OID_SUBJECT_KEY_ID, false,
                  SLICE("\x04\x03"
                        "abc"));
    put_extension(b, OID_AUTHORITY_KEY_ID, false,
                  SLICE("\x30\x05\x80\x03"
                        "xyz"));
    put_extension(b, OID_EXTENDED_KEY_USAGE, true, SLICE("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08"));
    put_extension(b, OID_AUTHORITY_INFO_ACCESS, false, slice_of(aia, sizeof aia - 1));
    put_extension(b, OID_CRL_DISTRIBUTION_POINTS, false, slice_of(crl_points, sizeof crl_points - 1));
    if (variant == EXTENSION_TWICE)
        put_extension(b, OID_SUBJECT_KEY_ID, false,
                      SLICE("\x04\x03"
                            "abc"));
    if (variant == EXTENSION_JUNK) der_put_null(b);
    for (int i = 0; variant == MANY_EXTENSIONS && i < 100; i++) {
        size_t extension = der_open(b, DER_SEQUENCE);
        der_put(b, DER_OID, slice_of(&(uint8_t){(uint8_t)i}, 1));
        der_put(b, DER_OCTET_STRING, SLICE_EMPTY);
        der_close(b, extension);
    }
    der_close(b, list);
    der_close(b, tagged);
}

static void put_tbs(struct buf *b, slice spki, const struct signature_algorithm *algorithm, enum variant variant)
{
    size_t tbs = der_open(b, DER_SEQUENCE);
    if (variant != EXTENSIONS_IN_V1) {
        size_t version = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
        der_put_unsigned(b, variant == UNKNOWN_VERSION ? 3 : 2);
        der_close(b, version);
    }
    der_put(b, DER_INTEGER, variant == EMPTY_SERIAL ? SLICE_EMPTY : SLICE("\x12\x34"));
    signature_algorithm_put(b, algorithm);
    put_name(b, "Issuer");
    size_t validity = der_open(b, DER_SEQUENCE);
    der_put(b, DER_UTC_TIME, SLICE("250101000000Z"));
    der_put(b, DER_GENERALIZED_TIME, variant == BAD_TIME ? SLICE("20520101000060") : SLICE("20520101000000Z"));
    der_close(b, validity);
    put_name(b, "Ana \xE2\x80\xAE\x1b[31m");
    buf_put_slice(b, spki);
    put_extensions(b, variant);
    if (variant == TRAILING_TBS) der_put_null(b);
    der_close(b, tbs);
}

static void make(struct buf *out, EVP_PKEY *key, enum variant variant)
{
    const struct signature_algorithm sha256 = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    const struct signature_algorithm sha384 = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA384};
    uint8_t *spki = NULL;
    int spki_length = i2d_PUBKEY(key, &spki);
    uint8_t signature[80];
    size_t length = sizeof signature;
    struct buf tbs;
    assert_true(spki_length > 0);
    buf_init(&tbs, 1 << 16);
    put_tbs(&tbs, slice_of(spki, (size_t)spki_length), &sha256, variant);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, digest_md(DIGEST_SHA256), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &length, tbs.data, tbs.length), 1);
    EVP_MD_CTX_free(context);
    size_t certificate = der_open(out, DER_SEQUENCE);
    buf_put_slice(out, buf_slice(&tbs));
    signature_algorithm_put(out, variant == TWO_ALGORITHMS ? &sha384 : &sha256);
    der_put_bits(out, slice_of(signature, length));
    der_close(out, certificate);
    assert_int_equal(buf_status(out), RFD_OK);
    buf_dispose(&tbs);
    OPENSSL_free(spki);
}

struct fixture {
    EVP_PKEY *key;
    struct buf der;
    const struct certificate *c;
};

static int set_up(void **state)
{
    struct fixture *f = memory_zeroed(1, sizeof *f);
    struct rfd_error error = RFD_ERROR_INIT;
    f->key = new_key();
    buf_init(&f->der, 1 << 16);
    make(&f->der, f->key, GOOD);
    *state = f;
    return certificate_parse(buf_slice(&f->der), &f->c, &error) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    certificate_unref(f->c);
    buf_dispose(&f->der);
    EVP_PKEY_free(f->key);
    memory_free(f);
    return 0;
}

static void fields_are_read(void **state)
{
    const struct fixture *f = *state;
    const struct certificate *c = f->c;
    char text[CLOCK_TEXT_SIZE];
    assert_true(slice_equal(c->serial, SLICE("\x12\x34")));
    assert_true(slice_is(c->subject_key_id, "abc"));
    assert_true(slice_is(c->authority_key_id, "xyz"));
    assert_string_equal(clock_iso(c->not_before, text), "2025-01-01T00:00:00Z");
    assert_string_equal(clock_iso(c->not_after, text), "2052-01-01T00:00:00Z");
    assert_int_equal(c->key_type, KEY_EC);
    assert_int_equal(c->key_bits_size, 256);
    assert_string_equal(c->curve, "P-256");
    assert_true(c->has_key_usage && c->is_ca && !c->self_issued);
    assert_int_equal(c->key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION | KEY_USAGE_CERT_SIGN |
                                       KEY_USAGE_CRL_SIGN);
    assert_int_equal(c->key_bits.length, 65);
}

static bool keep_url(void *context, slice url)
{
    struct buf *b = context;
    buf_put_slice(b, url);
    buf_put_byte(b, ' ');
    return true;
}

static void extensions_and_addresses(void **state)
{
    const struct fixture *f = *state;
    slice value;
    bool present;
    bool critical;
    bool only;
    struct buf b;
    buf_init(&b, 1000);
    assert_true(certificate_extension(f->c, oid(OID_KEY_USAGE), &value, &critical));
    assert_true(critical);
    assert_false(certificate_extension(f->c, oid(OID_NAME_CONSTRAINTS), &value, &critical));
    assert_true(certificate_has_eku(f->c, oid(OID_EKU_TIME_STAMPING), &present, &critical, &only));
    assert_true(present && critical && only);
    assert_false(certificate_has_eku(f->c, oid(OID_EKU_OCSP_SIGNING), &present, &critical, &only));
    assert_true(present && !only);
    certificate_aia_urls(f->c, oid(OID_AD_OCSP), keep_url, &b);
    certificate_aia_urls(f->c, oid(OID_AD_CA_ISSUERS), keep_url, &b); /* ldap: passed over */
    certificate_crl_urls(f->c, keep_url, &b);
    assert_true(slice_is(buf_slice(&b), "http://o.test/ http://c.test/ HTTPS://d.test/x "));
    buf_dispose(&b);
}

static void names_are_printed_safely(void **state)
{
    const struct fixture *f = *state;
    struct buf b;
    buf_init(&b, 1000);
    certificate_put_name(&b, f->c->subject);
    assert_true(slice_is(buf_slice(&b), "CN=Ana \xEF\xBF\xBD\xEF\xBF\xBD[31m,O=Diputaci\xC3\xB3n\\, S.A.\\ ,C=ES"));
    buf_reset(&b);
    assert_true(certificate_name_attribute(f->c->issuer, oid(OID_COMMON_NAME), &b));
    assert_true(slice_is(buf_slice(&b), "Issuer"));
    assert_false(certificate_name_attribute(f->c->issuer, oid(OID_SURNAME), &b));
    assert_false(certificate_name_attribute(SLICE("\x02\x01\x00"), oid(OID_SURNAME), &b));
    buf_reset(&b);
    certificate_put_name(&b, SLICE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x99\x02\x01\x07"));
    assert_true(slice_is(buf_slice(&b), "?=#020107")); /* not an OID to its end */
    buf_dispose(&b);
}

static void signature_is_checked(void **state)
{
    struct fixture *f = *state;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(certificate_verify_signature(f->c, f->c, &error), RFD_OK);
    f->der.data[f->der.length / 2] ^= 1; /* somewhere in a name or the key */
    const struct certificate *other = NULL;
    EVP_PKEY *key = new_key();
    struct buf der;
    buf_init(&der, 1 << 16);
    make(&der, key, GOOD);
    assert_int_equal(certificate_parse(buf_slice(&der), &other, &error), RFD_OK);
    assert_int_equal(certificate_verify_signature(f->c, other, &error), RFD_E_SIGNING);
    assert_int_equal(certificate_verify_signature(f->c, f->c, &error), RFD_OK);
    certificate_unref(other);
    buf_dispose(&der);
    EVP_PKEY_free(key);
}

static void spoilt_certificates_are_refused(void **state)
{
    const struct fixture *f = *state;
    for (int variant = GOOD + 1; variant < VARIANTS; variant++) {
        struct buf der;
        const struct certificate *c = NULL;
        struct rfd_error error = RFD_ERROR_INIT;
        buf_init(&der, 1 << 16);
        make(&der, f->key, (enum variant)variant);
        assert_int_equal(certificate_parse(buf_slice(&der), &c, &error), RFD_E_DER);
        assert_null(c);
        assert_true(error.detail[0] != '\0');
        buf_dispose(&der);
    }
}

static void cut_and_flipped_bytes_do_no_harm(void **state)
{
    const struct fixture *f = *state;
    const struct certificate *c = NULL;
    for (size_t n = 0; n < f->der.length; n++) {
        assert_int_equal(certificate_parse(slice_part(buf_slice(&f->der), 0, n), &c, NULL), RFD_E_DER);
    }
    for (size_t n = 0; n < f->der.length * 8; n++) {
        f->der.data[n / 8] ^= (uint8_t)(1U << n % 8);
        if (certificate_parse(buf_slice(&f->der), &c, NULL) == RFD_OK) {
            struct buf name;
            buf_init(&name, 1000);
            certificate_put_name(&name, c->subject);
            assert_int_not_equal(certificate_verify_signature(c, f->c, NULL), RFD_OK);
            certificate_crl_urls(c, keep_url, &name);
            buf_dispose(&name);
            certificate_unref(c);
        }
        f->der.data[n / 8] ^= (uint8_t)(1U << n % 8);
    }
}

static void *use_from_thread(void *context)
{
    const struct certificate *c = certificate_ref(context);
    for (int i = 0; i < 50; i++) {
        if (certificate_x509(c, NULL) == NULL || certificate_verify_signature(c, c, NULL) != RFD_OK) context = NULL;
    }
    certificate_unref(c);
    return context;
}

static void may_be_used_by_several_threads(void **state)
{
    const struct fixture *f = *state;
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use_from_thread, (void *)(uintptr_t)f->c), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
}

static void lists(void **state)
{
    const struct fixture *f = *state;
    struct certificate_list list = {0};
    struct buf pem;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&pem, 1 << 16);
    buf_put_text(&pem, "Bag Attributes\n    friendlyName: x\n-----BEGIN X-----\nAA==\n-----END X-----\n");
    pem_put(&pem, "CERTIFICATE", f->c->der);
    pem_put(&pem, "CERTIFICATE", f->c->der);
    assert_int_equal(certificate_list_read(&list, buf_slice(&pem), &error), RFD_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(certificate_list_read(&list, f->c->der, &error), RFD_OK);
    assert_int_equal(list.count, 1);
    assert_ptr_equal(certificate_list_find(&list, f->c->subject, SLICE_EMPTY), list.items[0]);
    assert_ptr_equal(certificate_list_find(&list, f->c->subject, SLICE("abc")), list.items[0]);
    assert_null(certificate_list_find(&list, f->c->subject, SLICE("abd")));
    assert_null(certificate_list_find(&list, f->c->issuer, SLICE_EMPTY));
    assert_int_equal(certificate_list_read(&list, SLICE("\x30\x05\x00"), &error), RFD_E_DER);
    assert_int_equal(
        certificate_list_read(&list, SLICE("-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----"), &error),
        RFD_E_DER);
    assert_int_equal(certificate_list_read(&list, SLICE("-----BEGIN CERTIFICATE-----\nMIIB"), &error), RFD_E_DER);
    assert_int_equal(certificate_list_read(&list, SLICE("nothing here"), &error), RFD_OK);
    assert_int_equal(list.count, 1);
    certificate_list_dispose(&list);
    buf_dispose(&pem);
}

/* --- PKITS ------------------------------------------------------------------------------------------------------- */

static void compare_numbers(const struct certificate *c, X509 *x)
{
    struct tm tm;
    struct civil civil = clock_civil(c->not_after);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    uint8_t *again = NULL;
    int length = i2d_ASN1_INTEGER(serial, &again);
    assert_true(length > 2);
    assert_true(slice_equal(slice_of(again + 2, (size_t)length - 2), c->serial));
    OPENSSL_free(again);
    assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm), 1);
    assert_int_equal(tm.tm_year + 1900, civil.year);
    assert_int_equal(tm.tm_min, civil.minute);
    assert_int_equal(tm.tm_mday, civil.day);
}

static void compare_key_id(slice ours, const ASN1_OCTET_STRING *theirs)
{
    if (theirs == NULL) {
        assert_int_equal(ours.length, 0);
    } else {
        assert_true(slice_equal(ours, slice_of(ASN1_STRING_get0_data(theirs), (size_t)ASN1_STRING_length(theirs))));
    }
}

static void compare_with_openssl(const struct certificate *c)
{
    X509 *x = certificate_x509(c, NULL);
    assert_non_null(x);
    uint8_t *name = NULL;
    int length = i2d_X509_NAME(X509_get_subject_name(x), &name);
    assert_true(slice_equal(slice_of(name, (size_t)length), c->subject));
    OPENSSL_free(name);
    compare_numbers(c, x);
    compare_key_id(c->subject_key_id, X509_get0_subject_key_id(x));
    compare_key_id(c->authority_key_id, X509_get0_authority_key_id(x));
    uint32_t usage = X509_get_key_usage(x);
    assert_int_equal(c->has_key_usage, usage != UINT32_MAX);
    if (c->has_key_usage)
        assert_int_equal((usage & KU_NON_REPUDIATION) != 0, (c->key_usage & KEY_USAGE_NON_REPUDIATION) != 0);
    if (c->has_key_usage) assert_int_equal((usage & KU_CRL_SIGN) != 0, (c->key_usage & KEY_USAGE_CRL_SIGN) != 0);
    assert_int_equal(c->is_ca, (X509_get_extension_flags(x) & EXFLAG_CA) != 0);
    EVP_PKEY *ours = certificate_public_key(c, NULL);
    EVP_PKEY *theirs = X509_get0_pubkey(x);
    if (ours != NULL && theirs != NULL) assert_int_equal(EVP_PKEY_eq(ours, theirs), 1);
}

static void pkits_certificates_agree_with_openssl(void **state)
{
    (void)state;
    char folder[1000];
    size_t good = 0;
    size_t refused = 0;
    struct dirent *entry;
    if (corpora() == NULL) skip();
    (void)snprintf(folder, sizeof folder, "%s/pkits/certs", corpora());
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[1300];
        uint8_t bytes[1 << 14];
        if (entry->d_name[0] == '.') continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        size_t length = fread(bytes, 1, sizeof bytes, file);
        (void)fclose(file);
        const struct certificate *c = NULL;
        if (certificate_parse(slice_of(bytes, length), &c, NULL) == RFD_OK) {
            compare_with_openssl(c);
            certificate_unref(c);
            good++;
        } else {
            refused++;
        }
    }
    (void)closedir(dir);
    print_message("PKITS: %zu read, %zu refused\n", good, refused);
    assert_int_equal(good + refused, 405);
    assert_in_range(refused, 0, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(extensions_and_addresses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_printed_safely, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signature_is_checked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(spoilt_certificates_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cut_and_flipped_bytes_do_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(may_be_used_by_several_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists, set_up, tear_down),
        cmocka_unit_test(pkits_certificates_agree_with_openssl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
