/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and certificates that do not fit, and starting without memory. Handshakes are in tests/scenario/22-http.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "http/tls.h"

#include <gnutls/x509.h>

enum { PEM_SIZE = 4096 };

struct pair {
    char certificate[PEM_SIZE], key[PEM_SIZE];
};

/** A key with a certificate signed by itself. */
static void make_pair(struct pair *pair)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t certificate;
    size_t size = PEM_SIZE;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
    assert_int_equal(gnutls_x509_privkey_export(key, GNUTLS_X509_FMT_PEM, pair->key, &size), 0);
    assert_int_equal(gnutls_x509_crt_init(&certificate), 0);
    assert_int_equal(gnutls_x509_crt_set_version(certificate, 3), 0);
    assert_int_equal(gnutls_x509_crt_set_serial(certificate, "\x01", 1), 0);
    assert_int_equal(gnutls_x509_crt_set_dn(certificate, "CN=test", NULL), 0);
    assert_int_equal(gnutls_x509_crt_set_activation_time(certificate, 1000000000), 0);
    assert_int_equal(gnutls_x509_crt_set_expiration_time(certificate, 2000000000), 0);
    assert_int_equal(gnutls_x509_crt_set_key(certificate, key), 0);
    assert_int_equal(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0), 0);
    size = PEM_SIZE;
    assert_int_equal(gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_PEM, pair->certificate, &size), 0);
    gnutls_x509_crt_deinit(certificate);
    gnutls_x509_privkey_deinit(key);
}

static struct pair pairs[2];

static int make_pairs(void **state)
{
    (void)state;
    make_pair(&pairs[0]);
    make_pair(&pairs[1]);
    return 0;
}

static struct http_tls good(void)
{
    return (struct http_tls){.certificate = slice_text(pairs[0].certificate), .key = slice_text(pairs[0].key)};
}

static void test_good(void **state)
{
    struct http_tls options = good();
    struct tls *tls = NULL;
    (void)state;
    assert_int_equal(tls_new(&options, &tls, NULL), RFD_OK);
    assert_false(tls->asks || tls->demands);
    tls_free(tls);
    options.clients = slice_text(pairs[1].certificate);
    options.demand = true;
    assert_int_equal(tls_new(&options, &tls, NULL), RFD_OK);
    assert_true(tls->asks && tls->demands);
    tls_free(tls);
    tls_free(NULL);
}

static void assert_refused(const struct http_tls *options)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct tls *tls = NULL;
    assert_int_equal(tls_new(options, &tls, &error), RFD_E_ARGUMENT);
    assert_null(tls);
    assert_memory_equal(error.detail, "TLS: ", 5);
}

static void test_wrong(void **state)
{
    struct http_tls options = {0};
    (void)state;
    assert_refused(&options);
    options = good();
    options.key = slice_text(pairs[1].key); /* of another certificate */
    assert_refused(&options);
    options = good();
    options.key = SLICE("-----BEGIN PRIVATE KEY-----\n");
    assert_refused(&options);
    options = good();
    options.certificate = options.key;
    assert_refused(&options);
    options = good();
    options.clients = SLICE("nobody");
    assert_refused(&options);
    options = good();
    options.demand = true; /* of nobody */
    assert_refused(&options);
}

static void test_without_memory(void **state)
{
    struct http_tls options = good();
    struct tls *tls = NULL;
    (void)state;
    (void)memory_fail_after(1);
    assert_int_equal(tls_new(&options, &tls, NULL), RFD_E_MEMORY);
    (void)memory_fail_after(0);
    assert_null(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_wrong),
                                       cmocka_unit_test(test_without_memory)};
    return cmocka_run_group_tests(tests, make_pairs, NULL);
}
