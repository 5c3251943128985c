/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki_fixture.h"

#include "base/error.h"
#include "pki/algorithm.h"
#include "pki/oid.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct identity rsa;
static struct identity p256;
static struct identity p384;
static struct identity p521;
static struct identity ed25519;
static struct identity ed448;

static int set_up(void **state)
{
    (void)state;
    rsa = identity_new("RSA", "Rosa", NULL, NULL);
    p256 = identity_new("P-256", "Pepa", NULL, NULL);
    p384 = identity_new("P-384", "Pili", NULL, NULL);
    p521 = identity_new("P-521", "Pura", NULL, NULL);
    ed25519 = identity_new("ED25519", "Eda", NULL, NULL);
    ed448 = identity_new("ED448", "Edu", NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    struct identity *all[] = {&rsa, &p256, &p384, &p521, &ed25519, &ed448};
    for (size_t i = 0; i < 6; i++) identity_free(all[i]);
    return 0;
}

static void assert_encoded(struct signature_algorithm a, slice expected)
{
    struct buf b;
    struct signature_algorithm again;
    buf_init(&b, 200);
    signature_algorithm_put(&b, &a);
    assert_true(slice_equal(buf_slice(&b), expected));
    assert_int_equal(signature_algorithm_read(buf_slice(&b), DIGEST_NONE, &again, NULL), RFD_OK);
    assert_int_equal(again.scheme, a.scheme);
    assert_int_equal(again.digest, a.digest);
    assert_int_equal(again.salt_length, a.salt_length);
    assert_int_equal(again.mgf_digest, a.mgf_digest);
    buf_dispose(&b);
}

static void known_encodings(void **state)
{
    (void)state;
    assert_encoded((struct signature_algorithm){.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256},
                   SLICE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"));
    assert_encoded((struct signature_algorithm){.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA384},
                   SLICE("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"));
    assert_encoded((struct signature_algorithm){.scheme = SCHEME_ED25519, .digest = DIGEST_SHA512},
                   SLICE("\x30\x05\x06\x03\x2b\x65\x70"));
    assert_encoded(
        (struct signature_algorithm){
            .scheme = SCHEME_RSA_PSS, .digest = DIGEST_SHA256, .salt_length = 32, .mgf_digest = DIGEST_SHA256},
        SLICE("\x30\x41\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x34\xa0\x0f\x30\x0d\x06\x09\x60\x86\x48"
              "\x01\x65\x03\x04\x02\x01\x05\x00\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08\x30"
              "\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\xa2\x03\x02\x01\x20"));
}

static void every_pair_comes_back(void **state)
{
    (void)state;
    const enum signature_scheme schemes[] = {SCHEME_RSA_PKCS1, SCHEME_ECDSA};
    for (size_t s = 0; s < 2; s++) {
        for (int d = DIGEST_SHA256; d <= DIGEST_SHA3_512; d++) {
            struct signature_algorithm a = {.scheme = schemes[s], .digest = (enum digest_id)d};
            struct signature_algorithm again;
            struct buf b;
            buf_init(&b, 200);
            signature_algorithm_put(&b, &a);
            assert_int_equal(signature_algorithm_read(buf_slice(&b), a.digest, &again, NULL), RFD_OK);
            assert_int_equal(again.digest, d);
            assert_non_null(strstr(signature_algorithm_name(&again), digest_name(again.digest)));
            enum digest_id other = d == DIGEST_SHA256 ? DIGEST_SHA512 : DIGEST_SHA256;
            assert_int_equal(signature_algorithm_read(buf_slice(&b), other, &again, NULL), RFD_E_KEY_ALGORITHM);
            buf_dispose(&b);
        }
    }
}

static rfd_status read_text(slice der, enum digest_id digest, struct signature_algorithm *out)
{
    return signature_algorithm_read(der, digest, out, NULL);
}

static void plain_key_identifiers_take_the_other_digest(void **state)
{
    (void)state;
    struct signature_algorithm a;
    slice plain_rsa = SLICE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
    slice plain_ec = SLICE("\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07");
    assert_int_equal(read_text(plain_rsa, DIGEST_SHA384, &a), RFD_OK);
    assert_int_equal(a.digest, DIGEST_SHA384);
    assert_int_equal(read_text(plain_rsa, DIGEST_NONE, &a), RFD_E_KEY_ALGORITHM);
    assert_int_equal(read_text(plain_ec, DIGEST_SHA256, &a), RFD_OK);
    assert_int_equal(a.scheme, SCHEME_ECDSA);
}

static void parameters_are_checked(void **state)
{
    (void)state;
    struct signature_algorithm a;
    /* RSA without NULL is taken (RFC 4055 §5), with something else it is not. */
    assert_int_equal(read_text(SLICE("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), DIGEST_NONE, &a), RFD_OK);
    assert_int_equal(
        read_text(SLICE("\x30\x0e\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x02\x01\x00"), DIGEST_NONE, &a),
        RFD_E_KEY_ALGORITHM);
    assert_int_equal(read_text(SLICE("\x30\x07\x06\x03\x2b\x65\x70\x05\x00"), DIGEST_NONE, &a), RFD_E_KEY_ALGORITHM);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x70"), DIGEST_SHA256, &a), RFD_E_KEY_ALGORITHM);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x70"), DIGEST_SHA512, &a), RFD_OK);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x71"), DIGEST_SHAKE256_512, &a), RFD_OK);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x71"), DIGEST_SHA512, &a), RFD_E_KEY_ALGORITHM);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x6e"), DIGEST_NONE, &a),
                     RFD_E_KEY_ALGORITHM); /* X25519 */
    assert_int_equal(read_text(SLICE("\x30\x00"), DIGEST_NONE, &a), RFD_E_DER);
    assert_int_equal(read_text(SLICE("\x30\x05\x06\x03\x2b\x65\x70\x00"), DIGEST_NONE, &a), RFD_E_DER);
    assert_int_equal(read_text(SLICE_EMPTY, DIGEST_NONE, &a), RFD_E_DER);
}

static void pss_parameters_are_checked(void **state)
{
    (void)state;
    struct signature_algorithm a;
#define PSS "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
    /* All defaults: SHA-1, which reads but is not strong. */
    assert_int_equal(read_text(SLICE("\x30\x0d" PSS "\x30\x00"), DIGEST_NONE, &a), RFD_OK);
    assert_int_equal(a.digest, DIGEST_SHA1);
    assert_int_equal(a.mgf_digest, DIGEST_SHA1);
    assert_int_equal(a.salt_length, 20);
    const slice bad[] = {
        SLICE("\x30\x0b" PSS),                                    /* none */
        SLICE("\x30\x0d" PSS "\x05\x00"),                         /* NULL */
        SLICE("\x30\x12" PSS "\x30\x05\xa2\x03\x02\x01\xff"),     /* negative salt */
        SLICE("\x30\x13" PSS "\x30\x06\xa2\x04\x02\x02\x7f\xff"), /* a salt beyond any key */
        SLICE("\x30\x12" PSS "\x30\x05\xa3\x03\x02\x01\x02"),     /* another trailer */
        SLICE("\x30\x11" PSS "\x30\x04\xa0\x02\x30\x00"),         /* empty digest */
        SLICE("\x30\x11" PSS "\x30\x04\xa1\x02\x30\x00"),         /* empty mask */
        SLICE("\x30\x11" PSS "\x30\x04\xa4\x02\x05\x00"),         /* unknown field */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_text(bad[i], DIGEST_NONE, &a), RFD_E_KEY_ALGORITHM);
    }
#undef PSS
}

static void choices(void **state)
{
    (void)state;
    const struct {
        const struct identity *who;
        enum digest_id wanted;
        bool pss;
        rfd_status status;
        enum signature_scheme scheme;
        enum digest_id digest;
    } rows[] = {
        {&rsa, DIGEST_NONE, false, RFD_OK, SCHEME_RSA_PKCS1, DIGEST_SHA256},
        {&rsa, DIGEST_SHA512, true, RFD_OK, SCHEME_RSA_PSS, DIGEST_SHA512},
        {&rsa, DIGEST_SHA1, false, RFD_E_KEY_WEAK, SCHEME_NONE, DIGEST_NONE},
        {&rsa, DIGEST_SHAKE256_512, false, RFD_E_KEY_ALGORITHM, SCHEME_NONE, DIGEST_NONE},
        {&p256, DIGEST_NONE, true, RFD_OK, SCHEME_ECDSA, DIGEST_SHA256},
        {&p384, DIGEST_NONE, false, RFD_OK, SCHEME_ECDSA, DIGEST_SHA384},
        {&p384, DIGEST_SHA256, false, RFD_OK, SCHEME_ECDSA, DIGEST_SHA256},
        {&p521, DIGEST_NONE, false, RFD_OK, SCHEME_ECDSA, DIGEST_SHA512},
        {&ed25519, DIGEST_NONE, false, RFD_OK, SCHEME_ED25519, DIGEST_SHA512},
        {&ed25519, DIGEST_SHA256, false, RFD_E_KEY_ALGORITHM, SCHEME_NONE, DIGEST_NONE},
        {&ed448, DIGEST_NONE, false, RFD_E_KEY_ALGORITHM, SCHEME_NONE, DIGEST_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct signature_algorithm a = {.scheme = SCHEME_NONE};
        assert_int_equal(signature_algorithm_choose(rows[i].who->certificate, rows[i].wanted, rows[i].pss, &a, NULL),
                         rows[i].status);
        assert_int_equal(a.scheme, rows[i].scheme);
        assert_int_equal(a.digest, rows[i].digest);
        if (a.scheme == SCHEME_RSA_PSS) assert_int_equal(a.salt_length, digest_size(a.digest));
    }
}

/* A right signature verifies, from message and from digest; any change does not. */
static void assert_verifies(const struct identity *who, struct signature_algorithm a)
{
    struct buf signature;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&signature, 4096);
    identity_sign(who, &a, SLICE("message"), &signature);
    slice made = buf_slice(&signature);
    assert_true(made.length <= signature_size_maximum(who->certificate));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(signature_verify(&a, who->certificate, SLICE("message"), made, &error), RFD_OK);
        assert_int_equal(signature_verify(&a, who->certificate, SLICE("Message"), made, &error), RFD_E_SIGNING);
    }
    bool pure = a.scheme == SCHEME_ED25519 || a.scheme == SCHEME_ED448;
    assert_int_equal(digest_of(a.digest, SLICE("message"), digest, &error), RFD_OK);
    slice whole = slice_of(digest, digest_size(a.digest));
    assert_int_equal(signature_verify_digest(&a, who->certificate, whole, made, &error),
                     pure ? RFD_E_KEY_ALGORITHM : RFD_OK);
    assert_int_equal(signature_verify_digest(&a, who->certificate, slice_part(whole, 0, 20), made, &error),
                     RFD_E_KEY_ALGORITHM);
    assert_int_equal(
        signature_verify(&a, who->certificate, SLICE("message"), slice_part(made, 0, made.length - 1), &error),
        RFD_E_SIGNING);
    assert_int_equal(signature_verify(&a, who->certificate, SLICE("message"), SLICE_EMPTY, &error), RFD_E_SIGNING);
    signature.data[made.length / 2] ^= 1;
    assert_int_equal(signature_verify(&a, who->certificate, SLICE("message"), made, &error), RFD_E_SIGNING);
    buf_dispose(&signature);
}

static void signatures_verify(void **state)
{
    (void)state;
    for (int d = DIGEST_SHA256; d <= DIGEST_SHA3_512; d++) {
        enum digest_id digest = (enum digest_id)d;
        assert_verifies(&rsa, (struct signature_algorithm){.scheme = SCHEME_RSA_PKCS1, .digest = digest});
        assert_verifies(&rsa, (struct signature_algorithm){.scheme = SCHEME_RSA_PSS,
                                                           .digest = digest,
                                                           .mgf_digest = digest,
                                                           .salt_length = (int)digest_size(digest)});
        assert_verifies(&p256, (struct signature_algorithm){.scheme = SCHEME_ECDSA, .digest = digest});
        assert_verifies(&p384, (struct signature_algorithm){.scheme = SCHEME_ECDSA, .digest = digest});
        assert_verifies(&p521, (struct signature_algorithm){.scheme = SCHEME_ECDSA, .digest = digest});
    }
    assert_verifies(&ed25519, (struct signature_algorithm){.scheme = SCHEME_ED25519, .digest = DIGEST_SHA512});
    assert_verifies(&ed448, (struct signature_algorithm){.scheme = SCHEME_ED448, .digest = DIGEST_SHAKE256_512});
}

static void another_kind_of_key_is_refused(void **state)
{
    (void)state;
    const struct signature_algorithm ecdsa = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    const struct signature_algorithm pkcs1 = {.scheme = SCHEME_RSA_PKCS1, .digest = DIGEST_SHA256};
    const struct signature_algorithm edwards = {.scheme = SCHEME_ED25519, .digest = DIGEST_SHA512};
    slice junk = SLICE("\x30\x06\x02\x01\x01\x02\x01\x01");
    assert_int_equal(signature_verify(&ecdsa, rsa.certificate, SLICE("m"), junk, NULL), RFD_E_KEY_ALGORITHM);
    assert_int_equal(signature_verify(&pkcs1, p256.certificate, SLICE("m"), junk, NULL), RFD_E_KEY_ALGORITHM);
    assert_int_equal(signature_verify(&edwards, ed448.certificate, SLICE("m"), junk, NULL), RFD_E_KEY_ALGORITHM);
    assert_int_equal(signature_verify(&ecdsa, p256.certificate, SLICE("m"), junk, NULL), RFD_E_SIGNING);
    /* A salt length that was not used. */
    struct buf signature;
    struct signature_algorithm pss = {
        .scheme = SCHEME_RSA_PSS, .digest = DIGEST_SHA256, .mgf_digest = DIGEST_SHA256, .salt_length = 32};
    buf_init(&signature, 4096);
    identity_sign(&rsa, &pss, SLICE("m"), &signature);
    pss.salt_length = 20;
    assert_int_equal(signature_verify(&pss, rsa.certificate, SLICE("m"), buf_slice(&signature), NULL), RFD_E_SIGNING);
    pss.salt_length = 32;
    pss.mgf_digest = DIGEST_SHA512;
    assert_int_equal(signature_verify(&pss, rsa.certificate, SLICE("m"), buf_slice(&signature), NULL), RFD_E_SIGNING);
    buf_dispose(&signature);
}

/* A certificate's first verification goes another way than those that follow. */
static void the_first_and_the_next_agree(void **state)
{
    (void)state;
    const struct signature_algorithm a = {.scheme = SCHEME_ECDSA, .digest = DIGEST_SHA256};
    struct buf signature;
    buf_init(&signature, 4096);
    identity_sign(&p256, &a, SLICE("message"), &signature);
    for (int wrong = 0; wrong < 2; wrong++) {
        const struct certificate *c = NULL;
        assert_int_equal(certificate_parse(p256.certificate->der, &c, NULL), RFD_OK);
        for (int i = 0; i < 4; i++) {
            bool right = i % 2 == wrong;
            assert_int_equal(
                signature_verify(&a, c, right ? SLICE("message") : SLICE("Message"), buf_slice(&signature), NULL),
                right ? RFD_OK : RFD_E_SIGNING);
        }
        certificate_unref(c);
    }
    buf_dispose(&signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_and_the_next_agree),
        cmocka_unit_test(known_encodings),
        cmocka_unit_test(every_pair_comes_back),
        cmocka_unit_test(plain_key_identifiers_take_the_other_digest),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(pss_parameters_are_checked),
        cmocka_unit_test(choices),
        cmocka_unit_test(signatures_verify),
        cmocka_unit_test(another_kind_of_key_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
