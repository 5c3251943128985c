/* SPDX-License-Identifier: EUPL-1.2
 *
 * The demo hierarchy, judged by the openssl command; and the writer of certificates and CRLs below it.
 */
#include "pki_fixture.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/issue/issue.h"
#include "pki/keys/key.h"

#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static char demo[200];

static const char *in_demo(const char *name)
{
    static char paths[4][300];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", demo, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)folder_new();
    (void)snprintf(demo, sizeof demo, "%s", folder_file("demo"));
    rfd_status status = issue_demo(demo, "http://localhost:8088/", false, &error);
    if (status != RFD_OK) print_error("%s\n", error.detail);
    return status == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static const struct certificate *load(const char *name, struct certificate_list *list)
{
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    assert_true(file_read(in_demo(name), &bytes));
    assert_int_equal(certificate_list_read(list, buf_slice(&bytes), NULL), RFD_OK);
    buf_dispose(&bytes);
    return list->items[list->count - 1];
}

static void openssl_accepts_the_paths(void **state)
{
    (void)state;
    assert_int_equal(RUN("openssl", "verify", "-x509_strict", "-CAfile", in_demo("root.pem"), in_demo("issuing.pem")),
                     0);
    const struct {
        const char *file;
        const char *purpose;
    } leaves[] = {{"signer.pem", "smimesign"},
                  {"signer-p256.pem", "smimesign"},
                  {"tsa.pem", "timestampsign"},
                  {"ocsp.pem", "ocsphelper"}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(RUN("openssl", "verify", "-x509_strict", "-purpose", leaves[i].purpose, "-CAfile",
                             in_demo("root.pem"), "-untrusted", in_demo("issuing.pem"), in_demo(leaves[i].file)),
                         0);
    }
    assert_int_not_equal(RUN("openssl", "verify", "-x509_strict", "-purpose", "timestampsign", "-CAfile",
                             in_demo("root.pem"), "-untrusted", in_demo("issuing.pem"), in_demo("signer.pem")),
                         0);
}

static void openssl_accepts_the_lists(void **state)
{
    (void)state;
    assert_int_equal(
        RUN("openssl", "crl", "-inform", "DER", "-in", in_demo("root.crl"), "-CAfile", in_demo("root.pem"), "-noout"),
        0);
    assert_int_equal(
        RUN("openssl", "crl", "-inform", "DER", "-in", in_demo("issuing.crl"), "-out", folder_file("issuing.crl.pem")),
        0);
    assert_int_equal(
        RUN("openssl", "crl", "-inform", "DER", "-in", in_demo("root.crl"), "-out", folder_file("root.crl.pem")), 0);
    assert_int_equal(RUN("openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", folder_file("root.crl.pem"),
                         "-CRLfile", folder_file("issuing.crl.pem"), "-CAfile", in_demo("root.pem"), "-untrusted",
                         in_demo("issuing.pem"), in_demo("signer.pem")),
                     0);
}

static void openssl_serves_ocsp_from_the_index(void **state)
{
    (void)state;
    assert_int_equal(RUN("openssl", "ocsp", "-issuer", in_demo("issuing.pem"), "-cert", in_demo("signer.pem"),
                         "-reqout", folder_file("request.der"), "-no_nonce"),
                     0);
    assert_int_equal(RUN("openssl", "ocsp", "-index", in_demo("index.txt"), "-CA", in_demo("issuing.pem"), "-rsigner",
                         in_demo("ocsp.pem"), "-rkey", in_demo("ocsp.key"), "-reqin", folder_file("request.der"),
                         "-respout", folder_file("response.der")),
                     0);
    assert_int_equal(RUN("openssl", "ocsp", "-issuer", in_demo("issuing.pem"), "-cert", in_demo("signer.pem"),
                         "-no_nonce", "-respin", folder_file("response.der"), "-CAfile", in_demo("root.pem"),
                         "-verify_other", in_demo("chain.pem")),
                     0);
}

static void pkcs12_opens(void **state)
{
    (void)state;
    const struct {
        const char *file;
        const char *kind;
    } files[] = {{"signer.p12", "RSA-2048"}, {"signer-p256.p12", "P-256"}};
    char argument[300];
    struct buf password;
    buf_init(&password, 100);
    assert_true(file_read(in_demo("password.txt"), &password));
    assert_int_equal(password.length, 17);
    (void)snprintf(argument, sizeof argument, "file:%s", in_demo("password.txt"));
    for (size_t i = 0; i < 2; i++) {
        struct rfd_key *key = NULL;
        assert_int_equal(
            RUN("openssl", "pkcs12", "-in", in_demo(files[i].file), "-info", "-nodes", "-passin", argument), 0);
        assert_int_equal(
            rfd_key_open_pkcs12(in_demo(files[i].file), slice_part(buf_slice(&password), 0, 16), &key, NULL), RFD_OK);
        assert_string_equal(rfd_key_kind(key), files[i].kind);
        assert_int_equal(key_chain(key)->count, 3);
        assert_non_null(strstr(rfd_key_subject(key), "no legal value"));
        rfd_key_free(key);
    }
    struct rfd_key *key = NULL;
    assert_int_equal(
        rfd_key_open_pem(in_demo("tsa.key"), in_demo("tsa.pem"), in_demo("chain.pem"), SLICE_EMPTY, &key, NULL),
        RFD_OK);
    rfd_key_free(key);
    buf_dispose(&password);
}

static bool keep_url(void *context, slice url)
{
    struct buf *b = context;
    buf_put_slice(b, url);
    buf_put_byte(b, ' ');
    return true;
}

static void profiles(void **state)
{
    (void)state;
    struct certificate_list list = {0};
    bool present;
    bool critical;
    bool only;
    struct buf urls;
    char text[CLOCK_TEXT_SIZE];
    const struct certificate *root = load("root.pem", &list);
    const struct certificate *issuing = load("issuing.pem", &list);
    const struct certificate *signer = load("signer.pem", &list);
    const struct certificate *tsa = load("tsa.pem", &list);
    const struct certificate *ocsp = load("ocsp.pem", &list);
    assert_true(root->is_ca && root->self_issued && issuing->is_ca && !signer->is_ca);
    assert_true(clock_civil(root->not_after).year >= 2050); /* a GeneralizedTime, read back above */
    assert_int_equal(X509_get_pathlen(certificate_x509(issuing, NULL)), 0);
    assert_int_equal(signer->key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION);
    assert_true(slice_equal(signer->authority_key_id, issuing->subject_key_id));
    assert_true(slice_equal(issuing->authority_key_id, root->subject_key_id));
    assert_true(certificate_has_eku(tsa, oid(OID_EKU_TIME_STAMPING), &present, &critical, &only) && critical && only);
    assert_true(certificate_has_eku(ocsp, oid(OID_EKU_OCSP_SIGNING), &present, &critical, &only) && only);
    slice value;
    assert_true(certificate_extension(ocsp, oid(OID_OCSP_NOCHECK), &value, NULL));
    assert_true(certificate_extension(signer, oid(OID_CERTIFICATE_POLICIES), &value, NULL));
    for (size_t i = 0; i < list.count; i++) {
        const struct certificate *c = list.items[i];
        assert_int_equal(c->serial.length, ISSUE_SERIAL_SIZE);
        assert_true(c->not_before >= root->not_before && c->not_after <= root->not_after);
        assert_int_equal(c->not_after % RFD_SECOND, 0);
        assert_int_equal(strlen(clock_iso(c->not_after, text)), 20);
    }
    buf_init(&urls, 1000);
    certificate_aia_urls(signer, oid(OID_AD_OCSP), keep_url, &urls);
    certificate_aia_urls(signer, oid(OID_AD_CA_ISSUERS), keep_url, &urls);
    certificate_crl_urls(signer, keep_url, &urls);
    certificate_crl_urls(issuing, keep_url, &urls);
    assert_true(slice_is(buf_slice(&urls),
                         "http://localhost:8088/ocsp http://localhost:8088/ca/issuing.cer "
                         "http://localhost:8088/crl/issuing.crl http://localhost:8088/crl/root.crl "));
    buf_dispose(&urls);
    certificate_list_dispose(&list);
}

static void identity_number_has_its_letter(void **state)
{
    (void)state;
    struct certificate_list list = {0};
    const char *files[] = {"signer.pem", "signer-p256.pem"};
    for (size_t i = 0; i < 2; i++) {
        struct buf number;
        unsigned value = 0;
        buf_init(&number, 100);
        assert_true(certificate_name_attribute(load(files[i], &list)->subject, oid(OID_SERIAL_NUMBER), &number));
        assert_int_equal(number.length, 15);
        for (size_t at = 6; at < 14; at++) value = value * 10 + (unsigned)(number.data[at] - '0');
        assert_int_equal(number.data[14], "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23]);
        buf_dispose(&number);
    }
    certificate_list_dispose(&list);
}

static void private_files_are_the_owners(void **state)
{
    (void)state;
    const char *files[] = {"issuing.key", "signer.key", "signer.p12", "tsa.key", "ocsp.key", "password.txt"};
    for (size_t i = 0; i < 6; i++) {
        struct stat s;
        assert_int_equal(stat(in_demo(files[i]), &s), 0);
        assert_int_equal(s.st_mode & 0777, 0600);
    }
    assert_int_not_equal(access(in_demo("root.key"), F_OK), 0);
}

static void a_full_folder_is_refused(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    struct certificate_list list = {0};
    assert_int_equal(issue_demo(demo, NULL, false, &error), RFD_E_EXISTS);
    assert_int_equal(issue_demo(folder_file("no/such"), NULL, false, &error), RFD_E_IO_WRITE);
    assert_int_equal(issue_demo(folder_file("other"), "ftp://x", false, &error), RFD_E_ARGUMENT);
    assert_int_equal(issue_demo(folder_file("other"), "http://x y", false, &error), RFD_E_ARGUMENT);
    assert_int_not_equal(access(folder_file("other"), F_OK), 0);
    const struct certificate *before = load("signer.pem", &list);
    assert_int_equal(issue_demo(demo, NULL, true, &error), RFD_OK);
    assert_false(certificate_equal(load("signer.pem", &list), before));
    assert_int_equal(list.count, 2);
    certificate_list_dispose(&list);
}

static void lists_of_the_revoked(void **state)
{
    (void)state;
    struct identity authority = identity_new("P-256", "Authority", NULL, NULL);
    struct issuer issuer = {.key = authority.key,
                            .algorithm = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256},
                            .name = authority.certificate->subject,
                            .key_id = authority.certificate->subject_key_id};
    const struct issue_revoked revoked[] = {{SLICE("\x12\x34"), RFD_SECOND * 1700000000, 1},
                                            {SLICE("\x00\xff"), RFD_SECOND * 1700000001, 0}};
    struct buf der;
    buf_init(&der, 1 << 16);
    signature_pool_init(&issuer.pool);
    assert_int_equal(issue_crl(&issuer, 7, clock_now(), clock_now() + RFD_SECOND * 86400, revoked, 2, &der, NULL),
                     RFD_OK);
    const uint8_t *at = der.data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.length);
    assert_non_null(crl);
    assert_int_equal(X509_CRL_verify(crl, authority.key), 1);
    assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 2);
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    assert_int_equal(ASN1_INTEGER_get(number), 7);
    X509_REVOKED *entry = NULL;
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    assert_int_equal(ASN1_INTEGER_set(serial, 0x1234), 1);
    assert_int_equal(X509_CRL_get0_by_serial(crl, &entry, serial), 1);
    assert_int_equal(X509_REVOKED_get_ext_count(entry), 1);
    assert_int_equal(ASN1_INTEGER_set(serial, 0xFF), 1);
    assert_int_equal(X509_CRL_get0_by_serial(crl, &entry, serial), 1);
    assert_int_equal(X509_REVOKED_get_ext_count(entry), 0);
    ASN1_INTEGER_free(serial);
    ASN1_INTEGER_free(number);
    X509_CRL_free(crl);
    signature_pool_dispose(&issuer.pool);
    buf_dispose(&der);
    identity_free(&authority);
}

static void key_usage_bits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    issue_put_key_usage(&b, KEY_USAGE_NON_REPUDIATION);
    assert_true(slice_equal(buf_slice(&b), SLICE("\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x06\x40")));
    buf_reset(&b);
    issue_put_key_usage(&b, KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN);
    assert_true(slice_equal(buf_slice(&b), SLICE("\x30\x0e\x06\x03\x55\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x01\x06")));
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_accepts_the_paths),
        cmocka_unit_test(openssl_accepts_the_lists),
        cmocka_unit_test(openssl_serves_ocsp_from_the_index),
        cmocka_unit_test(pkcs12_opens),
        cmocka_unit_test(profiles),
        cmocka_unit_test(identity_number_has_its_letter),
        cmocka_unit_test(private_files_are_the_owners),
        cmocka_unit_test(a_full_folder_is_refused),
        cmocka_unit_test(lists_of_the_revoked),
        cmocka_unit_test(key_usage_bits),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
