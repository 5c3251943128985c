/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys from files, written by the openssl command in the forms that are met, and keys that sign by a caller's function.
 */
#include "pki_fixture.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/keys/key.h"
#include "pki/certificate/pem.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct identity root;
static struct identity rsa;
static struct identity p256;
static struct identity ed25519;

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    root = identity_new("P-256", "Root", NULL, NULL);
    rsa = identity_new("RSA", "Rosa", &root, NULL);
    p256 = identity_new("P-256", "Pepa", &root, NULL);
    ed25519 = identity_new("ED25519", "Eda", &root, NULL);
    folder_write_identity(&root, "root.pem", "root.key");
    folder_write_identity(&rsa, "rsa.pem", "rsa.key");
    folder_write_identity(&p256, "p256.pem", "p256.key");
    folder_write_identity(&ed25519, "ed25519.pem", "ed25519.key");
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

/* Signs in every way that suits, and verifies. */
static void assert_signs(struct rfd_key *key)
{
    const enum digest_id digests[] = {DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    for (size_t i = 0; i < 8; i++) {
        struct signature_algorithm a;
        struct rfd_error error = RFD_ERROR_INIT;
        struct buf signature;
        rfd_status status = signature_algorithm_choose(key_certificate(key), digests[i / 2], i % 2 == 1, &a, &error);
        bool bound = key_certificate(key)->key_type == KEY_ED25519 || key_certificate(key)->key_type == KEY_RSA_PSS;
        if (status == RFD_E_KEY_ALGORITHM && bound) continue;
        assert_int_equal(status, RFD_OK);
        buf_init(&signature, 4096);
        buf_put_text(&signature, "kept");
        assert_int_equal(key_sign(key, &a, SLICE("message"), &signature, &error), RFD_OK);
        slice made = slice_from(buf_slice(&signature), 4);
        assert_true(made.length <= signature_size_maximum(key_certificate(key)));
        assert_int_equal(signature_verify(&a, key_certificate(key), SLICE("message"), made, &error), RFD_OK);
        assert_int_equal(signature_verify(&a, key_certificate(key), SLICE("massage"), made, &error), RFD_E_SIGNING);
        buf_dispose(&signature);
    }
}

static void assert_opens_pem(const char *key_name, const char *certificate_name, const char *password, const char *kind)
{
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = rfd_key_open_pem(folder_file(key_name), folder_file(certificate_name), NULL,
                                         slice_text(password), &key, &error);
    if (status != RFD_OK) print_error("%s: %s / %s\n", key_name, error.detail, error.causes[0].detail);
    assert_int_equal(status, RFD_OK);
    assert_string_equal(rfd_key_kind(key), kind);
    assert_signs(key);
    rfd_key_free(key);
}

static void refused_pem(const char *key_name, const char *certificate_name, const char *password, rfd_status expected)
{
    struct rfd_key *key = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = rfd_key_open_pem(folder_file(key_name), folder_file(certificate_name), NULL,
                                         slice_text(password), &key, &error);
    if (status != expected) print_error("%s: %s / %s\n", key_name, error.detail, error.causes[0].detail);
    assert_int_equal(status, expected);
    assert_null(key);
}

static void pem_and_der_keys(void **state)
{
    (void)state;
    assert_opens_pem("rsa.key", "rsa.pem", "", "RSA-2048");
    assert_opens_pem("p256.key", "p256.pem", "", "P-256");
    assert_opens_pem("ed25519.key", "ed25519.pem", "", "Ed25519");
    assert_int_equal(
        RUN("openssl", "rsa", "-in", folder_file("rsa.key"), "-traditional", "-out", folder_file("rsa1.key")), 0);
    assert_opens_pem("rsa1.key", "rsa.pem", "", "RSA-2048");
    assert_int_equal(RUN("openssl", "ec", "-in", folder_file("p256.key"), "-out", folder_file("sec1.key")), 0);
    assert_opens_pem("sec1.key", "p256.pem", "", "P-256");
    assert_int_equal(RUN("openssl", "rsa", "-in", folder_file("rsa.key"), "-traditional", "-outform", "DER", "-out",
                         folder_file("rsa1.der")),
                     0);
    assert_opens_pem("rsa1.der", "rsa.pem", "", "RSA-2048");
    assert_int_equal(RUN("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", folder_file("p256.key"), "-outform", "DER",
                         "-out", folder_file("p256.der")),
                     0);
    assert_opens_pem("p256.der", "p256.pem", "", "P-256");
}

static void encrypted_keys(void **state)
{
    (void)state;
    assert_int_equal(RUN("openssl", "pkcs8", "-topk8", "-v2", "aes256", "-passout", "pass:secreto", "-in",
                         folder_file("rsa.key"), "-out", folder_file("enc.key")),
                     0);
    assert_opens_pem("enc.key", "rsa.pem", "secreto", "RSA-2048");
    refused_pem("enc.key", "rsa.pem", "secret0", RFD_E_KEY_PASSWORD);
    refused_pem("enc.key", "rsa.pem", "", RFD_E_KEY_PASSWORD);
    assert_int_equal(RUN("openssl", "pkcs8", "-topk8", "-v2", "aes256", "-passout", "pass:secreto", "-in",
                         folder_file("p256.key"), "-outform", "DER", "-out", folder_file("enc.der")),
                     0);
    assert_opens_pem("enc.der", "p256.pem", "secreto", "P-256");
    refused_pem("enc.der", "p256.pem", "x", RFD_E_KEY_PASSWORD);
    assert_int_equal(RUN("openssl", "rsa", "-aes128", "-traditional", "-passout", "pass:secreto", "-in",
                         folder_file("rsa.key"), "-out", folder_file("old.key")),
                     0);
    assert_opens_pem("old.key", "rsa.pem", "secreto", "RSA-2048");
    refused_pem("old.key", "rsa.pem", "x", RFD_E_KEY_PASSWORD);
}

static void key_file_without_end_of_rounds(void **state)
{
    (void)state;
    /* PBES2 with PBKDF2 of 2^31 rounds and an empty salt. */
    static const uint8_t der[] =
        "\x30\x41\x30\x3b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d\x30\x2e\x30\x15\x06\x09\x2a"
        "\x86\x48\x86\xf7\x0d\x01\x05\x0c\x30\x08\x04\x00\x02\x04\x7f\xff\xff\xff\x30\x15\x06\x09"
        "\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x04\x02\x00"
        "\x00";
    (void)folder_write("bomb.der", slice_of(der, sizeof der - 1));
    refused_pem("bomb.der", "rsa.pem", "x", RFD_E_LIMIT);
}

static void keys_that_do_not_fit(void **state)
{
    (void)state;
    refused_pem("rsa.key", "p256.pem", "", RFD_E_KEY_MISMATCH);
    refused_pem("p256.key", "root.pem", "", RFD_E_KEY_MISMATCH);
    refused_pem("rsa.pem", "rsa.pem", "", RFD_E_KEY_READ);
    refused_pem("rsa.key", "rsa.key", "", RFD_E_KEY_READ);
    refused_pem("missing.key", "rsa.pem", "", RFD_E_IO_READ);
    (void)folder_write("empty.key", SLICE("\n"));
    refused_pem("empty.key", "rsa.pem", "", RFD_E_KEY_READ);
    (void)folder_write("half.key", SLICE("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n"));
    refused_pem("half.key", "rsa.pem", "", RFD_E_KEY_READ);
}

static void self_signed(const char *name, const char *algorithm, const char *option, rfd_status expected)
{
    char key[32];
    char certificate[32];
    (void)snprintf(key, sizeof key, "%s.key", name);
    (void)snprintf(certificate, sizeof certificate, "%s.pem", name);
    assert_int_equal(RUN("openssl", "genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", folder_file(key)),
                     0);
    assert_int_equal(
        RUN("openssl", "req", "-x509", "-key", folder_file(key), "-subj", "/CN=x", "-out", folder_file(certificate)),
        0);
    if (expected == RFD_OK) {
        struct rfd_key *opened = NULL;
        assert_int_equal(rfd_key_open_pem(folder_file(key), folder_file(certificate), NULL, SLICE_EMPTY, &opened, NULL),
                         RFD_OK);
        assert_signs(opened);
        rfd_key_free(opened);
    } else {
        refused_pem(key, certificate, "", expected);
    }
}

static void weak_and_unsupported_keys(void **state)
{
    (void)state;
    self_signed("rsa1024", "RSA", "rsa_keygen_bits:1024", RFD_E_KEY_WEAK);
    self_signed("rsa2047", "RSA", "rsa_keygen_bits:2047", RFD_E_KEY_WEAK);
    self_signed("p224", "EC", "ec_paramgen_curve:P-224", RFD_E_KEY_WEAK);
    self_signed("k256", "EC", "ec_paramgen_curve:secp256k1", RFD_E_KEY_ALGORITHM);
    self_signed("brainpool", "EC", "ec_paramgen_curve:brainpoolP256r1", RFD_E_KEY_ALGORITHM);
    self_signed("p384", "EC", "ec_paramgen_curve:P-384", RFD_OK);
    self_signed("p521", "EC", "ec_paramgen_curve:P-521", RFD_OK);
    self_signed("pss", "RSA-PSS", "rsa_keygen_bits:2048", RFD_OK);
    self_signed("pss512", "RSA-PSS", "rsa_pss_keygen_md:sha512", RFD_OK); /* bound to one digest */
}

/* --- PKCS#12 ----------------------------------------------------------------------------------------------------- */

static rfd_status open_pkcs12(const char *name, slice password, struct rfd_key **out)
{
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_status status = rfd_key_open_pkcs12(folder_file(name), password, out, &error);
    if (status != RFD_OK) print_message("%s: %s / %s\n", name, error.detail, error.causes[0].detail);
    return status;
}

static void assert_opens_pkcs12(const char *name, const char *password, const struct identity *owner)
{
    struct rfd_key *key = NULL;
    assert_int_equal(open_pkcs12(name, slice_text(password), &key), RFD_OK);
    assert_true(certificate_equal(key_certificate(key), owner->certificate));
    assert_signs(key);
    rfd_key_free(key);
}

static void refused_pkcs12(const char *name, const char *password, rfd_status expected)
{
    struct rfd_key *key = NULL;
    assert_int_equal(open_pkcs12(name, slice_text(password), &key), expected);
    assert_null(key);
}

static void export(const char *name, const char *who, const char *password, const char *option, const char *value)
{
    char key[32];
    char certificate[32];
    char argument[64];
    (void)snprintf(key, sizeof key, "%s.key", who);
    (void)snprintf(certificate, sizeof certificate, "%s.pem", who);
    (void)snprintf(argument, sizeof argument, "pass:%s", password);
    assert_int_equal(RUN("openssl", "pkcs12", "-export", "-inkey", folder_file(key), "-in", folder_file(certificate),
                         "-certfile", folder_file("root.pem"), "-passout", argument, "-out", folder_file(name), option,
                         value),
                     0);
}

static void modern_and_old_pkcs12(void **state)
{
    (void)state;
    export("modern.p12", "rsa", "secreto", NULL, NULL);
    assert_opens_pkcs12("modern.p12", "secreto", &rsa);
    refused_pkcs12("modern.p12", "otro", RFD_E_KEY_PASSWORD);
    refused_pkcs12("modern.p12", "", RFD_E_KEY_PASSWORD);
    export("legacy.p12", "p256", "secreto", "-legacy", NULL);
    assert_opens_pkcs12("legacy.p12", "secreto", &p256);
    refused_pkcs12("legacy.p12", "otro", RFD_E_KEY_PASSWORD);
    export("3des.p12", "rsa", "secreto", "-keypbe", "PBE-SHA1-3DES");
    assert_opens_pkcs12("3des.p12", "secreto", &rsa);
    export("ed25519.p12", "ed25519", "secreto", "-keypbe", "NONE");
    assert_opens_pkcs12("ed25519.p12", "secreto", &ed25519);
    export("nomac.p12", "rsa", "secreto", "-nomac", NULL);
    assert_opens_pkcs12("nomac.p12", "secreto", &rsa);
    refused_pkcs12("nomac.p12", "otro", RFD_E_KEY_PASSWORD);
    /* The legacy provider stays out of the rest of the process. */
    EVP_CIPHER *rc2 = EVP_CIPHER_fetch(NULL, "RC2-40-CBC", NULL);
    assert_null(rc2);
}

static void passwords_beyond_ascii(void **state)
{
    (void)state;
    export("utf8.p12", "rsa",
           "contrase\xC3\xB1"
           "a-\xE2\x82\xAC-\xF0\x9F\x94\x91",
           NULL, NULL);
    assert_opens_pkcs12("utf8.p12",
                        "contrase\xC3\xB1"
                        "a-\xE2\x82\xAC-\xF0\x9F\x94\x91",
                        &rsa);
    export("utf8-old.p12", "rsa",
           "contrase\xC3\xB1"
           "a",
           "-legacy", NULL);
    assert_opens_pkcs12("utf8-old.p12",
                        "contrase\xC3\xB1"
                        "a",
                        &rsa);
    /* As OpenSSL before 1.1 wrote "ñ": C3 B1, each octet a character. */
    export("before11.p12", "rsa",
           "contrase\xC3\x83\xC2\xB1"
           "a",
           "-legacy", NULL);
    assert_opens_pkcs12("before11.p12",
                        "contrase\xC3\xB1"
                        "a",
                        &rsa);
    /* A Latin-1 terminal: the MAC's key is the same, that of PBES2 is not. */
    export("latin1.p12", "rsa",
           "contrase\xF1"
           "a",
           NULL, NULL);
    assert_opens_pkcs12("latin1.p12",
                        "contrase\xC3\xB1"
                        "a",
                        &rsa);
    refused_pkcs12("latin1.p12",
                   "contrase\xC3\xB3"
                   "a",
                   RFD_E_KEY_PASSWORD);
    export("empty.p12", "rsa", "", NULL, NULL);
    assert_opens_pkcs12("empty.p12", "", &rsa);
    refused_pkcs12("empty.p12", "x", RFD_E_KEY_PASSWORD);
}

static void chain_is_ordered(void **state)
{
    (void)state;
    struct identity issuing = identity_new("P-256", "Issuing", &root, NULL);
    struct identity person = identity_new("P-256", "Person", &issuing, NULL);
    struct rfd_key *key = NULL;
    struct buf both;
    folder_write_identity(&person, "person.pem", "person.key");
    buf_init(&both, 1 << 16);
    pem_put(&both, "CERTIFICATE", rsa.certificate->der);
    pem_put(&both, "CERTIFICATE", root.certificate->der);
    pem_put(&both, "CERTIFICATE", issuing.certificate->der);
    (void)folder_write("chain.pem", buf_slice(&both));
    assert_int_equal(RUN("openssl", "pkcs12", "-export", "-inkey", folder_file("person.key"), "-in",
                         folder_file("person.pem"), "-certfile", folder_file("chain.pem"), "-passout", "pass:x", "-out",
                         folder_file("chain.p12")),
                     0);
    assert_int_equal(open_pkcs12("chain.p12", SLICE("x"), &key), RFD_OK);
    const struct identity *order[] = {&person, &issuing, &root, &rsa};
    assert_int_equal(key_chain(key)->count, 4);
    for (size_t i = 0; i < 4; i++) assert_true(certificate_equal(key_chain(key)->items[i], order[i]->certificate));
    assert_string_equal(rfd_key_subject(key), "CN=Person,C=PE");
    assert_true(slice_equal(rfd_key_certificate(key), person.certificate->der));
    rfd_key_free(key);
    key = NULL;
    assert_int_equal(rfd_key_open_pem(folder_file("person.key"), folder_file("person.pem"), folder_file("chain.pem"),
                                      SLICE_EMPTY, &key, NULL),
                     RFD_OK);
    assert_int_equal(key_chain(key)->count, 4);
    assert_true(certificate_equal(key_chain(key)->items[1], issuing.certificate));
    rfd_key_free(key);
    key = NULL;
    /* The certificate's own file has all of the chain's already. */
    pem_put(&both, "CERTIFICATE", person.certificate->der);
    (void)folder_write("whole.pem", buf_slice(&both));
    assert_int_equal(rfd_key_open_pem(folder_file("person.key"), folder_file("whole.pem"), folder_file("chain.pem"),
                                      SLICE_EMPTY, &key, NULL),
                     RFD_OK);
    assert_int_equal(key_chain(key)->count, 4);
    rfd_key_free(key);
    identity_free(&issuing);
    identity_free(&person);
    buf_dispose(&both);
}

static void damaged_pkcs12(void **state)
{
    (void)state;
    struct buf bytes;
    buf_init(&bytes, 1 << 16);
    export("good.p12", "p256", "secreto", NULL, NULL);
    assert_true(file_read(folder_file("good.p12"), &bytes));
    for (size_t n = 0; n < bytes.length; n += bytes.length / 23) {
        (void)folder_write("bad.p12", slice_part(buf_slice(&bytes), 0, n));
        refused_pkcs12("bad.p12", "secreto", RFD_E_KEY_READ);
    }
    bytes.data[bytes.length / 2] ^= 0x40;
    (void)folder_write("bad.p12", buf_slice(&bytes));
    refused_pkcs12("bad.p12", "secreto", RFD_E_KEY_PASSWORD);
    assert_int_equal(RUN("openssl", "pkcs12", "-export", "-nokeys", "-in", folder_file("rsa.pem"), "-passout", "pass:x",
                         "-out", folder_file("nokey.p12")),
                     0);
    refused_pkcs12("nokey.p12", "x", RFD_E_KEY_READ);
    assert_int_equal(RUN("openssl", "pkcs12", "-export", "-nocerts", "-inkey", folder_file("rsa.key"), "-passout",
                         "pass:x", "-out", folder_file("nocert.p12")),
                     0);
    refused_pkcs12("nocert.p12", "x", RFD_E_KEY_READ);
    refused_pkcs12("missing.p12", "x", RFD_E_IO_READ);
    buf_dispose(&bytes);
}

/* --- A caller's function ----------------------------------------------------------------------------------------- */

enum manner { HONEST, WRONG, TOO_LONG, FAILING };
struct remote {
    const struct identity *identity;
    enum manner manner;
    bool pss_seen;
    size_t digest_length;
};

static rfd_status remote_sign(void *context, rfd_slice message, rfd_slice digest, bool pss, uint8_t *signature,
                              size_t *length, struct rfd_error *error)
{
    struct remote *r = context;
    struct signature_algorithm a;
    struct buf made;
    r->pss_seen = pss;
    r->digest_length = digest.length;
    if (r->manner == FAILING) return error_set(error, RFD_E_CANCELLED, "the person said no");
    TRY(signature_algorithm_choose(r->identity->certificate, DIGEST_NONE, pss, &a, error));
    buf_init(&made, 4096);
    identity_sign(r->identity, &a, message, &made);
    if (r->manner == WRONG) made.data[made.length - 1] ^= 1;
    if (made.length <= *length) memcpy(signature, made.data, made.length);
    *length = r->manner == TOO_LONG ? *length + 1 : made.length;
    buf_dispose(&made);
    return RFD_OK;
}

static void external_signers(void **state)
{
    (void)state;
    const struct identity *identities[] = {&rsa, &p256, &ed25519};
    for (size_t i = 0; i < 3; i++) {
        for (int manner = HONEST; manner <= FAILING; manner++) {
            struct remote remote = {.identity = identities[i], .manner = (enum manner)manner};
            struct rfd_key *key = NULL;
            struct signature_algorithm a;
            struct buf signature;
            const rfd_status expected[] = {RFD_OK, RFD_E_SIGNING, RFD_E_SIGNING, RFD_E_CANCELLED};
            buf_init(&signature, 4096);
            assert_int_equal(rfd_key_open_external(identities[i]->certificate->der, remote_sign, &remote, &key, NULL),
                             RFD_OK);
            assert_int_equal(signature_algorithm_choose(key_certificate(key), DIGEST_NONE, true, &a, NULL), RFD_OK);
            assert_int_equal(key_sign(key, &a, SLICE("message"), &signature, NULL), expected[manner]);
            assert_int_equal(signature.length > 0, manner == HONEST);
            assert_int_equal(remote.pss_seen, i == 0);
            assert_int_equal(remote.digest_length, i == 2 ? 0 : 32);
            assert_int_equal(rfd_key_add_chain(key, root.certificate->der, NULL), RFD_OK);
            assert_int_equal(key_chain(key)->count, 2);
            assert_int_equal(rfd_key_add_chain(key, SLICE("nothing"), NULL), RFD_E_KEY_READ);
            rfd_key_free(key);
            buf_dispose(&signature);
        }
    }
    struct rfd_key *none = NULL;
    assert_int_equal(rfd_key_open_external(SLICE(""), remote_sign, NULL, &none, NULL), RFD_E_KEY_READ);
    assert_int_equal(rfd_key_open_external(SLICE("\x30\x03\x01"), remote_sign, NULL, &none, NULL), RFD_E_KEY_READ);
    assert_null(none);
    rfd_key_free(NULL);
}

/* --- No memory --------------------------------------------------------------------------------------------------- */

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    export("memory.p12", "p256", "secreto", NULL, NULL);
    for (int kind = 0; kind < 2; kind++) {
        rfd_status status = RFD_E_MEMORY;
        for (unsigned long n = 1; status != RFD_OK; n++) {
            struct rfd_key *key = NULL;
            struct rfd_error error = RFD_ERROR_INIT;
            const char *path = folder_file(kind == 0 ? "memory.p12" : "p256.key");
            (void)memory_fail_after(n);
            status = kind == 0 ? rfd_key_open_pkcs12(path, SLICE("secreto"), &key, &error)
                               : rfd_key_open_pem(path, folder_file("p256.pem"), folder_file("root.pem"), SLICE_EMPTY,
                                                  &key, &error);
            (void)memory_fail_after(0);
            if (status != RFD_OK) assert_int_equal(status, RFD_E_MEMORY);
            assert_int_equal(key == NULL, status != RFD_OK);
            rfd_key_free(key);
            assert_true(n < 1000);
        }
    }
}

/* --- Threads ----------------------------------------------------------------------------------------------------- */

static void *sign_many(void *context)
{
    struct rfd_key *key = context;
    struct signature_algorithm a;
    struct buf signature;
    buf_init(&signature, 4096);
    if (signature_algorithm_choose(key_certificate(key), DIGEST_NONE, false, &a, NULL) != RFD_OK) context = NULL;
    for (int i = 0; context != NULL && i < 100; i++) {
        buf_reset(&signature);
        if (key_sign(key, &a, slice_of(&i, sizeof i), &signature, NULL) != RFD_OK ||
            signature_verify(&a, key_certificate(key), slice_of(&i, sizeof i), buf_slice(&signature), NULL) != RFD_OK)
            context = NULL;
    }
    buf_dispose(&signature);
    return context;
}

static void one_key_in_several_threads(void **state)
{
    (void)state;
    const char *names[] = {"rsa", "p256", "ed25519"};
    for (size_t n = 0; n < 3; n++) {
        char key_name[32];
        char certificate_name[32];
        pthread_t threads[6];
        struct rfd_key *key = NULL;
        (void)snprintf(key_name, sizeof key_name, "%s.key", names[n]);
        (void)snprintf(certificate_name, sizeof certificate_name, "%s.pem", names[n]);
        assert_int_equal(
            rfd_key_open_pem(folder_file(key_name), folder_file(certificate_name), NULL, SLICE_EMPTY, &key, NULL),
            RFD_OK);
        for (size_t i = 0; i < 6; i++) assert_int_equal(pthread_create(&threads[i], NULL, sign_many, key), 0);
        for (size_t i = 0; i < 6; i++) {
            void *result = NULL;
            assert_int_equal(pthread_join(threads[i], &result), 0);
            assert_non_null(result);
        }
        rfd_key_free(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pem_and_der_keys),
        cmocka_unit_test(encrypted_keys),
        cmocka_unit_test(key_file_without_end_of_rounds),
        cmocka_unit_test(keys_that_do_not_fit),
        cmocka_unit_test(weak_and_unsupported_keys),
        cmocka_unit_test(modern_and_old_pkcs12),
        cmocka_unit_test(passwords_beyond_ascii),
        cmocka_unit_test(chain_is_ordered),
        cmocka_unit_test(damaged_pkcs12),
        cmocka_unit_test(external_signers),
        cmocka_unit_test(one_key_in_several_threads),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
