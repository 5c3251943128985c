/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests for certificates made by the openssl command; and keys that may not be certified: small, even, divisible,
 * with close factors, from a broken generator, off their curve, of small order, written oddly.
 */
#include "authority_support.h"

#include "pki/authority/request.h"
#include "pki_fixture.h"

#include <openssl/bn.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define ALL                                                                                                            \
    ((struct key_rules){KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521 | KEY_KIND_ED25519, 2048, 4096})

static int set_up(void **state)
{
    (void)state;
    (void)folder_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

static void make_request(const char *options, struct buf *der)
{
    char command[512];
    buf_init(der, 1 << 20);
    (void)snprintf(command, sizeof command,
                   "openssl req -new -nodes -keyout k -subj /CN=x -outform DER -out r %s && echo made", options);
    assert_true(shell_says("made", command));
    assert_true(file_read(folder_file("r"), der));
}

/* --- Requests ---------------------------------------------------------------------------------------------------- */

static void good_requests(void **state)
{
    (void)state;
    static const char *const options[] = {
        "-newkey rsa:2048",
        "-newkey rsa:3072 -sha512",
        "-newkey rsa:2048 -sigopt rsa_padding_mode:pss",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384",
        "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -addext subjectAltName=email:a@b",
        "-newkey ed25519",
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct buf der;
        struct request request;
        struct key_rules rules = ALL;
        struct rfd_error error = RFD_ERROR_INIT;
        make_request(options[i], &der);
        assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_OK);
        if (request_verify(&request, &rules, &error) != RFD_OK) fail_msg("%s: %s", options[i], error.detail);
        rules.kinds = 0;
        assert_int_equal(request_verify(&request, &rules, NULL), RFD_E_KEY_ALGORITHM);
        buf_dispose(&der);
    }
}

static void no_proof_of_possession(void **state)
{
    (void)state;
    struct buf der;
    struct request request;
    const struct key_rules rules = ALL;
    make_request("-newkey ec -pkeyopt ec_paramgen_curve:P-256", &der);
    size_t name = find_bytes(buf_slice(&der), SLICE("\x0C\x01x"));
    assert_int_not_equal(name, SIZE_MAX);
    der.data[name + 2] = 'y';
    assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_OK);
    assert_int_equal(request_verify(&request, &rules, NULL), RFD_E_POSSESSION);
    buf_dispose(&der);
    make_request("-newkey rsa:2048 -sha1", &der);
    assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_OK);
    assert_int_equal(request_verify(&request, &rules, NULL), RFD_E_KEY_WEAK);
    buf_dispose(&der);
    make_request("-newkey rsa:1024", &der);
    assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_OK);
    assert_int_equal(request_verify(&request, &rules, NULL), RFD_E_KEY_WEAK);
    /* Signed with RSA, said to be ECDSA. */
    static const uint8_t ecdsa[] = "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    request.signature_algorithm = slice_of(ecdsa, 12);
    const struct key_rules small = {KEY_KIND_RSA, 1024, 4096};
    assert_int_equal(request_verify(&request, &small, NULL), RFD_E_KEY_ALGORITHM);
    buf_dispose(&der);
}

/** What verified the request before this one is used again: it must not have kept that one's key. */
static void a_signature_by_the_key_before(void **state)
{
    (void)state;
    struct buf ders[2];
    struct request requests[2];
    const struct key_rules rules = ALL;
    for (size_t i = 0; i < 2; i++) {
        make_request("-newkey ec -pkeyopt ec_paramgen_curve:P-256", &ders[i]);
        assert_int_equal(request_parse(buf_slice(&ders[i]), &requests[i], NULL), RFD_OK);
    }
    struct request mixed = requests[1];
    mixed.spki = requests[0].spki;
    for (size_t round = 0; round < 3; round++) {
        assert_int_equal(request_verify(&requests[0], &rules, NULL), RFD_OK);
        assert_int_equal(request_verify(&requests[1], &rules, NULL), RFD_OK);
        assert_int_equal(request_verify(&mixed, &rules, NULL), RFD_E_POSSESSION);
    }
    buf_dispose(&ders[0]);
    buf_dispose(&ders[1]);
}

static void cut_requests(void **state)
{
    (void)state;
    struct buf der;
    struct request request;
    make_request("-newkey ec -pkeyopt ec_paramgen_curve:P-256", &der);
    for (size_t length = 0; length < der.length; length++) {
        assert_int_equal(request_parse(slice_of(der.data, length), &request, NULL), RFD_E_DER);
    }
    buf_put_byte(&der, 0);
    assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_E_DER);
    size_t version = find_bytes(buf_slice(&der), SLICE("\x02\x01\x00"));
    der.data[version + 2] = 1;
    assert_int_equal(request_parse(slice_of(der.data, der.length - 1), &request, NULL), RFD_E_DER);
    buf_fill(&der, 0, REQUEST_MAXIMUM);
    assert_int_equal(request_parse(buf_slice(&der), &request, NULL), RFD_E_LIMIT);
    buf_dispose(&der);
}

/* --- RSA keys ---------------------------------------------------------------------------------------------------- */

static rfd_status judge(slice spki)
{
    const struct key_rules rules = ALL;
    struct rfd_error error = RFD_ERROR_INIT;
    EVP_PKEY *key = NULL;
    rfd_status status = key_check(spki, &rules, &key, &error);
    assert_int_equal(key != NULL, status == RFD_OK);
    assert_int_equal(error.detail[0] != '\0', status != RFD_OK);
    EVP_PKEY_free(key);
    return status;
}

static void put_spki(struct buf *b, slice algorithm, slice bits)
{
    size_t spki = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, algorithm);
    der_put_bits(b, bits);
    der_close(b, spki);
}

#define RSA_ALGORITHM SLICE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00")

static rfd_status judge_rsa(const BIGNUM *n, slice exponent)
{
    uint8_t bytes[1024];
    struct buf bits;
    struct buf spki;
    buf_init(&bits, 4096);
    buf_init(&spki, 4096);
    size_t opened = der_open(&bits, DER_SEQUENCE);
    der_put_integer(&bits, slice_of(bytes, (size_t)BN_bn2bin(n, bytes)));
    der_put(&bits, DER_INTEGER, exponent);
    der_close(&bits, opened);
    put_spki(&spki, RSA_ALGORITHM, buf_slice(&bits));
    rfd_status status = judge(buf_slice(&spki));
    buf_dispose(&bits);
    buf_dispose(&spki);
    return status;
}

#define F4 SLICE("\x01\x00\x01")

static BIGNUM *prime(int bits)
{
    BIGNUM *p = BN_new();
    assert_int_equal(BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL), 1);
    return p;
}

static BIGNUM *product(const BIGNUM *p, const BIGNUM *q)
{
    BIGNUM *n = BN_new();
    BN_CTX *context = BN_CTX_new();
    assert_int_equal(BN_mul(n, p, q, context), 1);
    BN_CTX_free(context);
    return n;
}

static void rsa_sizes_and_exponents(void **state)
{
    (void)state;
    BIGNUM *p = prime(1024);
    BIGNUM *q = prime(1024);
    BIGNUM *n = product(p, q);
    assert_int_equal(judge_rsa(n, F4), RFD_OK);
    assert_int_equal(judge_rsa(n, SLICE("\x01\x00\x03")), RFD_OK);
    assert_int_equal(judge_rsa(n, SLICE("\x7F\x00\x00\x00\x00\x00\x00\x00\x01")), RFD_OK);
    assert_int_equal(judge_rsa(n, SLICE("\x03")), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(n, SLICE("\x00\xFF\xFF")), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(n, SLICE("\x01\x00\x00")), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(n, SLICE("\x01\x00\x02")), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(n, SLICE("\x01")), RFD_E_KEY_WEAK);
    uint8_t huge[33];
    memset(huge, 0x55, sizeof huge);
    assert_int_equal(judge_rsa(n, slice_of(huge, 33)), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(n, slice_of(huge, 32)), RFD_OK);
    assert_int_equal(judge_rsa(n, SLICE("\x00\x01\x00\x01")), RFD_E_DER);
    assert_int_equal(judge_rsa(n, SLICE("\x81\x00\x01")), RFD_E_DER);
    assert_int_equal(judge_rsa(n, SLICE("")), RFD_E_DER);
    assert_int_equal(judge_rsa(p, F4), RFD_E_KEY_WEAK); /* 1,024 bits */
    BIGNUM *large = product(n, n);
    BIGNUM *larger = product(large, p);
    assert_int_equal(judge_rsa(larger, F4), RFD_E_KEY_WEAK);
    BN_free(larger);
    BN_free(large);
    BN_free(n);
    BN_free(p);
    BN_free(q);
}

static void broken_moduli(void **state)
{
    (void)state;
    BIGNUM *p = prime(1030);
    BIGNUM *q = prime(1030);
    BIGNUM *n = product(p, q);
    static const BN_ULONG factors[] = {2, 3, 5, 751, 991, 997};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        BIGNUM *weak = BN_dup(n);
        assert_int_equal(BN_mul_word(weak, factors[i]), 1);
        assert_int_equal(judge_rsa(weak, F4), RFD_E_KEY_WEAK);
        BN_free(weak);
    }
    /* The next prime but a few: Fermat's first steps; and the same factor twice. */
    BIGNUM *next = BN_dup(p);
    do {
        assert_int_equal(BN_add_word(next, 2), 1);
    } while (BN_check_prime(next, NULL, NULL) != 1);
    BIGNUM *close = product(p, next);
    BIGNUM *square = product(p, p);
    assert_int_equal(judge_rsa(close, F4), RFD_E_KEY_WEAK);
    assert_int_equal(judge_rsa(square, F4), RFD_E_KEY_WEAK);
    BN_free(square);
    BN_free(close);
    BN_free(next);
    BN_free(n);
    BN_free(p);
    BN_free(q);
}

/* n = k * (product of the marked primes) + 65537^5, and no small factor. */
static void a_marked_modulus(void **state)
{
    (void)state;
    static const BN_ULONG primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    BIGNUM *all = BN_new();
    BIGNUM *power = BN_new();
    assert_true(BN_set_word(all, 2) == 1 && BN_set_word(power, 65537) == 1);
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) assert_int_equal(BN_mul_word(all, primes[i]), 1);
    for (int i = 0; i < 4; i++) assert_int_equal(BN_mul_word(power, 65537), 1);
    BIGNUM *k = prime(2048 - BN_num_bits(all));
    for (int tries = 0; tries < 200; tries++) {
        BIGNUM *n = product(k, all);
        assert_int_equal(BN_add(n, n, power), 1);
        assert_int_equal(judge_rsa(n, F4), RFD_E_KEY_WEAK);
        BN_free(n);
        assert_int_equal(BN_add_word(k, 1), 1);
    }
    BN_free(k);
    BN_free(power);
    BN_free(all);
}

/* --- Curves ------------------------------------------------------------------------------------------------------ */

static void points(void **state)
{
    (void)state;
    static const uint8_t p256[] =
        "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    static const uint8_t null[] = "\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
    const slice algorithm = slice_of(p256, 21);
    struct made made = MAKE(.name = "x");
    struct buf b;
    uint8_t point[66];
    memcpy(point, made.certificate->key_bits.data, 65);
    const struct {
        slice algorithm;
        size_t length;
        uint8_t first, flip; /* flips a bit of the last octet */
        rfd_status expected;
    } cases[] = {
        {algorithm, 65, 4, 0, RFD_OK},
        {algorithm, 65, 4, 1, RFD_E_KEY_ALGORITHM},
        {algorithm, 33, 2, 0, RFD_E_KEY_ALGORITHM},
        {algorithm, 65, 6, 0, RFD_E_KEY_ALGORITHM},
        {algorithm, 64, 4, 0, RFD_E_KEY_ALGORITHM},
        {algorithm, 1, 0, 0, RFD_E_KEY_ALGORITHM},
        {slice_of(null, 11), 65, 4, 0, RFD_E_KEY_ALGORITHM},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_init(&b, 4096);
        uint8_t changed[65];
        memcpy(changed, point, sizeof changed);
        changed[0] = cases[i].first;
        changed[64] ^= cases[i].flip;
        put_spki(&b, cases[i].algorithm, slice_of(changed, cases[i].length));
        if (judge(buf_slice(&b)) != cases[i].expected) fail_msg("case %zu", i);
        buf_dispose(&b);
    }
    made_free(&made);
}

static void edwards_points(void **state)
{
    (void)state;
    static const uint8_t ed25519[] = "\x30\x05\x06\x03\x2b\x65\x70";
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct buf b;
    uint8_t bytes[32];
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        buf_init(&b, 4096);
        put_spki(&b, slice_of(ed25519, 7), hex(small[i], bytes, sizeof bytes));
        assert_int_equal(judge(buf_slice(&b)), RFD_E_KEY_WEAK);
        buf_dispose(&b);
    }
    buf_init(&b, 4096);
    put_spki(&b, slice_of(ed25519, 7), slice_of(bytes, 31));
    assert_int_equal(judge(buf_slice(&b)), RFD_E_DER);
    buf_dispose(&b);
}

static void odd_algorithm_identifiers(void **state)
{
    (void)state;
    BIGNUM *p = prime(1024);
    BIGNUM *q = prime(1024);
    BIGNUM *n = product(p, q);
    uint8_t bytes[256];
    struct buf bits;
    struct buf b;
    buf_init(&bits, 4096);
    size_t opened = der_open(&bits, DER_SEQUENCE);
    der_put_integer(&bits, slice_of(bytes, (size_t)BN_bn2bin(n, bytes)));
    der_put(&bits, DER_INTEGER, F4);
    der_close(&bits, opened);
    buf_init(&b, 4096);
    put_spki(&b, SLICE("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), buf_slice(&bits)); /* no NULL */
    assert_int_equal(judge(buf_slice(&b)), RFD_E_DER);
    buf_dispose(&b);
    buf_init(&b, 4096);
    put_spki(&b, SLICE("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), buf_slice(&bits)); /* for PSS alone */
    assert_int_equal(judge(buf_slice(&b)), RFD_E_KEY_ALGORITHM);
    buf_dispose(&b);
    buf_dispose(&bits);
    BN_free(n);
    BN_free(q);
    BN_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests),
        cmocka_unit_test(no_proof_of_possession),
        cmocka_unit_test(a_signature_by_the_key_before),
        cmocka_unit_test(cut_requests),
        cmocka_unit_test(rsa_sizes_and_exponents),
        cmocka_unit_test(broken_moduli),
        cmocka_unit_test(a_marked_modulus),
        cmocka_unit_test(points),
        cmocka_unit_test(edwards_points),
        cmocka_unit_test(odd_algorithm_identifiers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
