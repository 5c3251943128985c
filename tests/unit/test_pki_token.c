/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys on tokens, with SoftHSM in a folder of its own. Skipped where SoftHSM or pkcs11-tool are not installed.
 */
#include "pki_fixture.h"

#include "base/error.h"
#include "pki/keys/key.h"
#include "pki/certificate/pem.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"

static struct identity root;
static struct identity rsa;
static struct identity p256;
static struct identity ed25519;
static bool ready;

static bool new_token(const char *label)
{
    return RUN("softhsm2-util", "--module", MODULE, "--init-token", "--free", "--label", label, "--pin", "123456",
               "--so-pin", "87654321") == 0;
}

static bool import_key(const char *token, const char *file, const char *label, const char *id)
{
    return RUN("softhsm2-util", "--module", MODULE, "--import", folder_file(file), "--token", token, "--label", label,
               "--id", id, "--pin", "123456") == 0;
}

static bool import_certificate(const char *token, const struct identity *i, const char *label, const char *id)
{
    const char *path = folder_write("certificate.der", i->certificate->der);
    return RUN("pkcs11-tool", "--module", MODULE, "--token-label", token, "--login", "--pin", "123456",
               "--write-object", path, "--type", "cert", "--label", label, "--id", id) == 0;
}

static bool make_tokens(void)
{
    char configuration[300];
    const char *tokens = folder_file("tokens");
    if (access(MODULE, R_OK) != 0 || mkdir(tokens, 0700) != 0) return false;
    (void)snprintf(configuration, sizeof configuration, "directories.tokendir = %s\nobjectstore.backend = file\n",
                   tokens);
    (void)setenv("SOFTHSM2_CONF", folder_write("softhsm2.conf", slice_text(configuration)), 1);
    return new_token("first") && new_token("second") && import_key("first", "rsa.key", "rosa", "A001") &&
           import_key("first", "p256.key", "pepa", "A002") && import_certificate("first", &rsa, "rosa", "A001") &&
           import_certificate("first", &p256, "pepa", "A002") && import_certificate("first", &root, "ca", "A0FF") &&
           import_key("second", "p256.key", "sola", "B001");
}

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    root = identity_new("P-256", "Root", NULL, NULL);
    rsa = identity_new("RSA", "Rosa", &root, NULL);
    p256 = identity_new("P-256", "Pepa", &root, NULL);
    ed25519 = identity_new("ED25519", "Eda", &root, NULL);
    folder_write_identity(&rsa, "rsa.pem", "rsa.key");
    folder_write_identity(&p256, "p256.pem", "p256.key");
    folder_write_identity(&ed25519, "ed25519.pem", "ed25519.key");
    ready = make_tokens();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    identity_free(&root);
    identity_free(&rsa);
    identity_free(&p256);
    identity_free(&ed25519);
    folder_remove();
    return 0;
}

static rfd_status open_token(const char *address, const char *pin, const char *chain, struct rfd_key **out,
                             struct rfd_error *error)
{
    char uri[400];
    (void)snprintf(uri, sizeof uri, "pkcs11:%s%smodule-path=" MODULE, address,
                   strchr(address, '?') == NULL ? "?" : "&");
    rfd_status status = rfd_key_open_pkcs11(uri, slice_text(pin), chain, out, error);
    if (status != RFD_OK) print_message("%s: %s: %s\n", address, rfd_status_name(status), error->detail);
    return status;
}

static void sign_and_verify(struct rfd_key *key, enum digest_id digest, bool pss)
{
    struct signature_algorithm a;
    struct buf signature;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&signature, 4096);
    assert_int_equal(signature_algorithm_choose(key_certificate(key), digest, pss, &a, &error), RFD_OK);
    rfd_status status = key_sign(key, &a, SLICE("message"), &signature, &error);
    if (status != RFD_OK) print_error("%s\n", error.detail);
    assert_int_equal(status, RFD_OK);
    assert_int_equal(signature_verify(&a, key_certificate(key), SLICE("message"), buf_slice(&signature), &error),
                     RFD_OK);
    buf_dispose(&signature);
}

static void refused(const char *address, const char *pin, rfd_status expected, const char *says)
{
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(open_token(address, pin, NULL, &key, &error), expected);
    assert_null(key);
    if (says != NULL) assert_non_null(strstr(error.detail, says));
}

static void signs_with_every_mechanism(void **state)
{
    (void)state;
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (!ready) skip();
    assert_int_equal(open_token("token=first;object=rosa", "123456", NULL, &key, &error), RFD_OK);
    assert_string_equal(rfd_key_kind(key), "RSA-2048");
    assert_int_equal(key_chain(key)->count, 2); /* with the root, without the other person */
    assert_true(certificate_equal(key_chain(key)->items[1], root.certificate));
    for (int i = DIGEST_SHA256; i <= DIGEST_SHA512; i++) {
        sign_and_verify(key, (enum digest_id)i, false);
        sign_and_verify(key, (enum digest_id)i, true);
    }
    rfd_key_free(key);
    assert_int_equal(open_token("token=first;id=%A0%02", "123456", NULL, &key, &error), RFD_OK);
    assert_string_equal(rfd_key_subject(key), "CN=Pepa,C=PE");
    for (int i = DIGEST_SHA256; i <= DIGEST_SHA512; i++) sign_and_verify(key, (enum digest_id)i, false);
    rfd_key_free(key);
}

static void ed25519_where_the_token_can(void **state)
{
    (void)state;
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (!ready || !new_token("edwards") || !import_key("edwards", "ed25519.key", "eda", "C001")) skip();
    assert_int_equal(open_token("token=edwards", "123456", folder_file("ed25519.pem"), &key, &error), RFD_OK);
    sign_and_verify(key, DIGEST_NONE, false);
    rfd_key_free(key);
}

static void certificate_may_be_given(void **state)
{
    (void)state;
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    struct buf chain;
    if (!ready) skip();
    refused("token=second", "123456", RFD_E_KEY_READ, "no certificate");
    buf_init(&chain, 1 << 16);
    pem_put(&chain, "CERTIFICATE", root.certificate->der);
    pem_put(&chain, "CERTIFICATE", rsa.certificate->der);
    assert_int_equal(open_token("token=second", "123456", folder_write("chain.pem", buf_slice(&chain)), &key, &error),
                     RFD_E_KEY_MISMATCH);
    pem_put(&chain, "CERTIFICATE", p256.certificate->der);
    assert_int_equal(open_token("token=second", "123456", folder_write("chain.pem", buf_slice(&chain)), &key, &error),
                     RFD_OK);
    assert_true(certificate_equal(key_certificate(key), p256.certificate));
    sign_and_verify(key, DIGEST_NONE, false);
    rfd_key_free(key);
    buf_dispose(&chain);
}

static void pins(void **state)
{
    (void)state;
    char address[200];
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (!ready) skip();
    refused("token=first;object=rosa", "999999", RFD_E_TOKEN_PIN, NULL);
    refused("token=first;object=rosa", "1", RFD_E_TOKEN_PIN, NULL);
    refused("token=first;object=rosa", "", RFD_E_TOKEN_PIN, "none was given");
    refused("token=first;object=rosa?pin-value=000000", "", RFD_E_TOKEN_PIN, NULL);
    assert_int_equal(open_token("token=first;object=rosa?pin-value=123456", "", NULL, &key, &error), RFD_OK);
    rfd_key_free(key);
    const char *file = folder_write("pin.txt", SLICE("123456\n"));
    (void)snprintf(address, sizeof address, "token=first;object=rosa?pin-source=file:%s", file);
    assert_int_equal(open_token(address, "", NULL, &key, &error), RFD_OK);
    rfd_key_free(key);
    refused("token=first;object=rosa?pin-source=pin.txt", "", RFD_E_ARGUMENT, NULL);
    refused("token=first;object=rosa?pin-source=/nowhere/pin.txt", "", RFD_E_IO_READ, NULL);
}

static void choosing(void **state)
{
    (void)state;
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    if (!ready) skip();
    refused("token=first", "123456", RFD_E_TOKEN_AMBIGUOUS, "object=rosa;id=%A0%01");
    refused("", "123456", RFD_E_TOKEN_AMBIGUOUS, "\"second\"");
    refused("object=nobody", "123456", RFD_E_TOKEN_AMBIGUOUS, "\"first\"");
    refused("token=third", "123456", RFD_E_TOKEN_NOT_FOUND, NULL);
    refused("token=first;object=nobody", "123456", RFD_E_TOKEN_NOT_FOUND, NULL);
    refused("token=first;unknown=x", "123456", RFD_E_TOKEN_NOT_FOUND, NULL);
    refused("token=%zz", "123456", RFD_E_ARGUMENT, NULL);
    /* Of two tokens only one shows an object of that name before login. */
    assert_int_equal(open_token("object=pepa", "123456", NULL, &key, &error), RFD_OK);
    rfd_key_free(key);
    key = NULL;
    assert_int_equal(rfd_key_open_pkcs11("nonsense", SLICE_EMPTY, NULL, &key, &error), RFD_E_ARGUMENT);
    assert_int_equal(rfd_key_open_pkcs11("pkcs11:?module-path=/nowhere.so", SLICE_EMPTY, NULL, &key, &error),
                     RFD_E_TOKEN);
    assert_null(key);
}

static void mismatch_is_noticed(void **state)
{
    (void)state;
    if (!ready || !new_token("wrong") || !import_key("wrong", "p256.key", "pepa", "D001") ||
        !import_certificate("wrong", &root, "pepa", "D001"))
        skip();
    refused("token=wrong", "123456", RFD_E_KEY_MISMATCH, NULL);
}

static void *sign_many(void *context)
{
    struct rfd_key *key = context;
    struct signature_algorithm a;
    struct buf signature;
    buf_init(&signature, 4096);
    if (signature_algorithm_choose(key_certificate(key), DIGEST_NONE, false, &a, NULL) != RFD_OK) context = NULL;
    for (int i = 0; context != NULL && i < 50; i++) {
        buf_reset(&signature);
        if (key_sign(key, &a, slice_of(&i, sizeof i), &signature, NULL) != RFD_OK ||
            signature_verify(&a, key_certificate(key), slice_of(&i, sizeof i), buf_slice(&signature), NULL) != RFD_OK)
            context = NULL;
    }
    buf_dispose(&signature);
    return context;
}

static void several_threads(void **state)
{
    (void)state;
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    pthread_t threads[4];
    if (!ready) skip();
    assert_int_equal(open_token("token=first;object=pepa", "123456", NULL, &key, &error), RFD_OK);
    for (size_t i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, sign_many, key), 0);
    for (size_t i = 0; i < 4; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_non_null(result);
    }
    rfd_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_with_every_mechanism),
        cmocka_unit_test(ed25519_where_the_token_can),
        cmocka_unit_test(certificate_may_be_given),
        cmocka_unit_test(pins),
        cmocka_unit_test(choosing),
        cmocka_unit_test(mismatch_is_noticed),
        cmocka_unit_test(several_threads),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
