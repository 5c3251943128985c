/* SPDX-License-Identifier: EUPL-1.2
 *
 * Checkpoints, tokens (JWS), opening (HPKE) and keys of blobs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "keeper/checkpoint.h"
#include "keeper/hpke.h"
#include "keeper/seal.h"
#include "keeper_support.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <unistd.h>

enum { TOKEN_PARTS = 3, SMALL = 4096 };

/* ---- Checkpoints ---- */

static rfd_status sign_checkpoint(const char *key, const char *chain, uint64_t sequence, uint8_t octet,
                                  struct message_reader *r)
{
    uint8_t hash[CHECKPOINT_HASH_SIZE];
    struct buf b;
    memset(hash, octet, sizeof hash);
    buf_init(&b, SMALL);
    message_put_text(&b, key);
    message_put_text(&b, chain);
    message_put_u64(&b, sequence);
    message_put_bytes(&b, slice_of(hash, sizeof hash));
    rfd_status status = world_ask(KEEPER_FROM_WORKER, KEEPER_SIGN_CHECKPOINT, &b, r);
    buf_dispose(&b);
    return status;
}

static uint64_t last_checkpoint(const char *chain, uint8_t *octet)
{
    struct message_reader r;
    struct buf b;
    buf_init(&b, SMALL);
    message_put_text(&b, chain);
    assert_int_equal(world_ask(KEEPER_FROM_ADMIN, KEEPER_LAST_CHECKPOINT, &b, &r), RFD_OK);
    uint64_t sequence = message_get_u64(&r);
    slice hash = message_get_bytes(&r, CHECKPOINT_HASH_SIZE);
    assert_int_equal(hash.length, CHECKPOINT_HASH_SIZE);
    *octet = hash.data[5];
    assert_true((message_get_i64(&r) != 0) == (sequence != 0));
    assert_int_equal(message_end(&r, "last", NULL), RFD_OK);
    buf_dispose(&b);
    return sequence;
}

static void test_checkpoints(void **state)
{
    (void)state;
    struct message_reader r;
    struct checkpoint c;
    uint8_t octet;
    char copy[CHECKPOINT_MAXIMUM];
    assert_int_equal(world_create("seal-1", "seal", "P-256"), RFD_OK);
    const struct certificate *certificate = world_certify("seal-1");
    assert_int_equal(last_checkpoint("audit", &octet), 0);
    assert_int_equal(sign_checkpoint("seal-1", "audit", 4711, 0xAB, &r), RFD_OK);
    rfd_time time = message_get_i64(&r);
    slice text = message_get_bytes(&r, SMALL);
    slice algorithm = message_get_bytes(&r, SMALL);
    slice signature = message_get_bytes(&r, SMALL);
    assert_int_equal(message_end(&r, "answer", NULL), RFD_OK);
    assert_int_equal(checkpoint_verify(text, algorithm, signature, certificate, &c, NULL), RFD_OK);
    assert_string_equal(c.chain, "audit");
    assert_int_equal(c.sequence, 4711);
    assert_int_equal(c.hash[31], 0xAB);
    assert_true(c.time == time && time <= clock_now() && clock_now() - time < 100 * RFD_SECOND);
    memcpy(copy, text.data, text.length);
    copy[text.length / 2] ^= 1;
    assert_int_not_equal(checkpoint_verify(slice_of(copy, text.length), algorithm, signature, certificate, &c, NULL),
                         RFD_OK);
    assert_int_equal(checkpoint_verify(text, algorithm, signature, world.authority.certificate, &c, NULL),
                     RFD_E_SIGNING);
    certificate_unref(certificate);
}

static void test_checkpoints_never_go_back(void **state)
{
    (void)state;
    uint8_t octet;
    assert_int_equal(world_create("seal-1", "seal", "P-256"), RFD_OK);
    assert_int_equal(world_create("seal-2", "seal", "Ed25519"), RFD_OK);
    assert_int_equal(sign_checkpoint("seal-1", "audit", 10, 1, NULL), RFD_OK);
    assert_int_equal(sign_checkpoint("seal-1", "audit", 10, 1, NULL), RFD_OK);
    assert_int_equal(sign_checkpoint("seal-1", "audit", 10, 2, NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_checkpoint("seal-1", "audit", 9, 1, NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_checkpoint("seal-2", "audit", 9, 1, NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_checkpoint("seal-2", "other", 1, 1, NULL), RFD_OK);
    world_reopen();
    assert_int_equal(sign_checkpoint("seal-1", "audit", 9, 1, NULL), RFD_E_KEY_REFUSED);
    assert_int_equal(sign_checkpoint("seal-2", "audit", 11, 3, NULL), RFD_OK);
    assert_int_equal(last_checkpoint("audit", &octet), 11);
    assert_int_equal(octet, 3);
    assert_int_equal(last_checkpoint("other", &octet), 1);
    assert_int_equal(sign_checkpoint("seal-1", "../audit", 1, 1, NULL), RFD_E_ARGUMENT);
    assert_int_equal(sign_checkpoint("seal-1", "", 1, 1, NULL), RFD_E_ARGUMENT);
}

static void test_chains_are_not_without_number(void **state)
{
    (void)state;
    char name[16];
    rfd_status status = RFD_OK;
    int made = 0;
    assert_int_equal(world_create("seal-1", "seal", "Ed25519"), RFD_OK);
    for (; status == RFD_OK && made < 1000; made++) {
        (void)snprintf(name, sizeof name, "chain-%d", made);
        status = sign_checkpoint("seal-1", name, 1, 1, NULL);
    }
    assert_int_equal(status, RFD_E_LIMIT);
    assert_int_equal(sign_checkpoint("seal-1", "chain-0", 2, 1, NULL), RFD_OK);
}

static void test_text_of_checkpoints(void **state)
{
    (void)state;
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", true},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 0\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", true},
        {"", false},
        {"Refrenda checkpoint 1\n", false},
        {"Refrenda checkpoint 2\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", false},
        {"Refrenda checkpoint 1\nchain: Audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 07\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: -7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "00\ntime: 2026-11-22T01:02:03Z\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: A123456789abcdef0123456789abcdef0123456789abcdef0123"
         "456789abcdef\ntime: 2026-11-22T01:02:03Z\n",
         false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03.5Z\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03+00:00\n", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z", false},
        {"Refrenda checkpoint 1\nchain: audit\nsequence: 7\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n\n", false},
        {"Refrenda checkpoint 1\nsequence: 7\nchain: audit\nhash: " HASH "\ntime: 2026-11-22T01:02:03Z\n", false},
    };
    struct checkpoint c;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(checkpoint_read(slice_text(rows[i].text), &c, NULL) == RFD_OK, rows[i].good);
}

/* ---- Tokens ---- */

static rfd_status sign_jws(const char *key, const char *type, const char *claims, struct message_reader *r)
{
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, key);
    message_put_text(&b, type);
    message_put_bytes(&b, slice_text(claims));
    rfd_status status = world_ask(KEEPER_FROM_WEB, KEEPER_SIGN_JWS, &b, r);
    buf_dispose(&b);
    return status;
}

/** Decodes a part of a token. */
static slice decode(slice text, uint8_t memory[SMALL])
{
    uint8_t plain[SMALL];
    size_t length = 0;
    assert_true(text.length < SMALL && memchr(text.data, '=', text.length) == NULL);
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        plain[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    assert_true(number_base64(slice_of(plain, text.length), memory, &length));
    return slice_of(memory, length);
}

static void split(slice token, slice parts[TOKEN_PARTS], slice *input)
{
    for (int i = 0; i < TOKEN_PARTS; i++) {
        const uint8_t *dot = memchr(token.data, '.', token.length);
        assert_true((dot == NULL) == (i == TOKEN_PARTS - 1));
        size_t length = dot == NULL ? token.length : (size_t)(dot - token.data);
        parts[i] = slice_part(token, 0, length);
        token = slice_from(token, length + 1);
    }
    *input = slice_of(parts[0].data, parts[0].length + 1 + parts[1].length);
}

/** Both numbers as an ECDSA-Sig-Value again. */
static slice as_der(slice numbers, uint8_t *memory)
{
    size_t half = numbers.length / 2;
    unsigned char *at = memory;
    ECDSA_SIG *s = ECDSA_SIG_new();
    assert_int_equal(
        ECDSA_SIG_set0(s, BN_bin2bn(numbers.data, (int)half, NULL), BN_bin2bn(numbers.data + half, (int)half, NULL)),
        1);
    int length = i2d_ECDSA_SIG(s, &at);
    ECDSA_SIG_free(s);
    return slice_of(memory, (size_t)length);
}

static void check_header(slice header, const char *algorithm, const char *key, const struct certificate *certificate)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM], named[SMALL];
    json_t *read = json_loadb((const char *)header.data, header.length, 0, NULL);
    assert_true(json_is_object(read));
    assert_int_equal(json_object_size(read), 4);
    assert_string_equal(json_string_value(json_object_get(read, "alg")), algorithm);
    assert_string_equal(json_string_value(json_object_get(read, "typ")), "receipt+jwt");
    assert_string_equal(json_string_value(json_object_get(read, "kid")), key);
    assert_int_equal(digest_of(DIGEST_SHA256, certificate->der, digest, NULL), RFD_OK);
    slice thumb = decode(slice_text(json_string_value(json_object_get(read, "x5t#S256"))), named);
    assert_true(slice_equal(thumb, slice_of(digest, 32)));
    json_decref(read);
}

static void test_tokens_of_every_algorithm(void **state)
{
    (void)state;
    static const struct {
        const char *algorithm, *name;
        enum signature_scheme scheme;
        enum digest_id digest;
        size_t size;
    } rows[] = {{"P-256", "ES256", SCHEME_ECDSA, DIGEST_SHA256, 64},
                {"P-384", "ES384", SCHEME_ECDSA, DIGEST_SHA384, 96},
                {"RSA-2048", "RS256", SCHEME_RSA_PKCS1, DIGEST_SHA256, 256},
                {"Ed25519", "EdDSA", SCHEME_ED25519, DIGEST_SHA512, 64}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t header[SMALL], claims[SMALL], signature[SMALL], der[SMALL];
        const char *wanted = "{\"sub\":\"caf\xC3\xA9\", \"n\":[1,2,{}]}";
        struct message_reader r;
        slice parts[TOKEN_PARTS], input;
        char key[16];
        (void)snprintf(key, sizeof key, "seal-%zu", i);
        assert_int_equal(world_create(key, "seal", rows[i].algorithm), RFD_OK);
        const struct certificate *certificate = world_certify(key);
        for (int n = 0; n < 10; n++) {
            assert_int_equal(sign_jws(key, "receipt+jwt", wanted, &r), RFD_OK);
            slice token = message_get_bytes(&r, KEEPER_BODY);
            assert_int_equal(message_end(&r, "answer", NULL), RFD_OK);
            split(token, parts, &input);
            check_header(decode(parts[0], header), rows[i].name, key, certificate);
            assert_true(slice_is(decode(parts[1], claims), wanted));
            slice s = decode(parts[2], signature);
            assert_int_equal(s.length, rows[i].size);
            if (rows[i].scheme == SCHEME_ECDSA) s = as_der(s, der);
            const struct signature_algorithm a = {.scheme = rows[i].scheme, .digest = rows[i].digest};
            assert_int_equal(signature_verify(&a, certificate, input, s, NULL), RFD_OK);
        }
        certificate_unref(certificate);
    }
}

static void test_tokens_that_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *type, *claims;
        rfd_status expected;
    } rows[] = {
        {"at+jwt", "{}", RFD_E_KEY_REFUSED},
        {"", "{}", RFD_E_KEY_REFUSED},
        {"webhook+jwt", "{}", RFD_OK},
        {"evidence+jwt", "[]", RFD_E_ARGUMENT},
        {"evidence+jwt", "", RFD_E_ARGUMENT},
        {"evidence+jwt", "{\"a\":1,\"a\":2}", RFD_E_ARGUMENT},
        {"evidence+jwt", "{} {}", RFD_E_ARGUMENT},
        {"evidence+jwt", "{\"a\":\"\xFF\"}", RFD_E_ARGUMENT},
        {"evidence+jwt", "{\"a\":01}", RFD_E_ARGUMENT},
        {"evidence+jwt", "{a:1}", RFD_E_ARGUMENT},
        {"evidence+jwt", "{\"iat\":1000}", RFD_E_KEY_REFUSED},
        {"evidence+jwt", "{\"iat\":\"now\"}", RFD_E_KEY_REFUSED},
    };
    assert_int_equal(world_create("seal-1", "seal", "P-256"), RFD_OK);
    assert_int_equal(world_create("log-1", "log", "P-256"), RFD_OK);
    assert_int_equal(sign_jws("seal-1", "webhook+jwt", "{}", NULL), RFD_E_KEY_REFUSED); /* no certificate yet */
    certificate_unref(world_certify("seal-1"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sign_jws("seal-1", rows[i].type, rows[i].claims, NULL), rows[i].expected);
    assert_int_equal(sign_jws("log-1", "webhook+jwt", "{}", NULL), RFD_E_KEY_REFUSED);
    char issued[64];
    (void)snprintf(issued, sizeof issued, "{\"iat\":%lld}", (long long)(clock_now() / RFD_SECOND));
    assert_int_equal(sign_jws("seal-1", "webhook+jwt", issued, NULL), RFD_OK);
}

/* ---- Opening ---- */

static slice from_hex(const char *text, uint8_t *memory)
{
    assert_true(number_hex(slice_text(text), memory));
    return slice_of(memory, strlen(text) / 2);
}

static rfd_status agree_here(void *context, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error)
{
    return hpke_agree_with(context, point, shared, error);
}

static EVP_PKEY *private_key(slice point, slice scalar)
{
    EVP_PKEY *key = NULL;
    BIGNUM *number = BN_bin2bn(scalar.data, (int)scalar.length, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.length), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number), 1);
    OSSL_PARAM *p = OSSL_PARAM_BLD_to_param(builder);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, p), 1);
    OSSL_PARAM_free(p);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    return key;
}

/* From the test vectors of the HPKE specification: mode 0, KEM 16, KDF 1, AEAD 2, the first encryption. */
static void test_vector_of_the_specification(void **state)
{
    (void)state;
    uint8_t m[6][256];
    struct buf plain;
    slice own =
        from_hex("0421dc6b4cc0d2a73090cf944c9f1b8d0a700a153dcaf34721ec8fbb8baeea19e65fd71d34acdcfe1bceff9bde0f1f"
                 "5f73a2edb3599f533e703a2f42865a3ea819",
                 m[0]);
    EVP_PKEY *key =
        private_key(own, from_hex("01f59b0596c63d30c1956617095a4084dd8a62c754a7395069a56ab8aa9118fc", m[1]));
    struct hpke_message message = {
        .info = from_hex("4f6465206f6e2061204772656369616e2055726e", m[2]),
        .additional = from_hex("436f756e742d30", m[3]),
        .encapsulated =
            from_hex("0469f24d3b44c6741cce6660b1c72e05d6d9c615b64dca6947c3eeca104be0cda1d4b3e8b1978e1de88aba"
                     "437155df4fa9008ee3ad02a72f1ab6534cf7fcfadb51",
                     m[4]),
        .sealed = from_hex("59b14653f7a80bd228248c71df9caf21319aa29cc90ef8e51761ef91a1275f46653b1b056482b17e1cbe1cb1de",
                           m[5])};
    buf_init(&plain, SMALL);
    assert_int_equal(hpke_open(agree_here, key, own, &message, &plain, NULL), RFD_OK);
    assert_true(slice_is(buf_slice(&plain), "Beauty is truth, truth beauty"));
    buf_reset(&plain);
    for (size_t i = 2; i < 6; i++) {
        m[i][3] ^= 4; /* info, additional data, point, ciphertext */
        assert_int_equal(hpke_open(agree_here, key, own, &message, &plain, NULL), RFD_E_ARGUMENT);
        m[i][3] ^= 4;
    }
    message.sealed.length = HPKE_TAG_SIZE - 1;
    assert_int_equal(hpke_open(agree_here, key, own, &message, &plain, NULL), RFD_E_ARGUMENT);
    assert_int_equal(plain.length, 0);
    EVP_PKEY_free(key);
    buf_dispose(&plain);
}

static rfd_status open_by_keeper(const char *key, const char *info, slice encapsulated, slice sealed,
                                 struct message_reader *r)
{
    struct buf b;
    buf_init(&b, KEEPER_BODY);
    message_put_text(&b, key);
    message_put_text(&b, info);
    message_put_bytes(&b, encapsulated);
    message_put_bytes(&b, sealed);
    rfd_status status = world_ask(KEEPER_FROM_WEB, KEEPER_OPEN, &b, r);
    buf_dispose(&b);
    return status;
}

static void test_opening(void **state)
{
    (void)state;
    uint8_t point[HPKE_POINT_SIZE], encapsulated[HPKE_POINT_SIZE];
    struct message_reader r;
    struct buf sealed;
    slice spki, none;
    buf_init(&sealed, SMALL);
    assert_int_equal(world_create("opening-1", "opening", "P-384"), RFD_E_KEY_ALGORITHM);
    assert_int_equal(world_create("opening-1", "opening", "P-256"), RFD_OK);
    assert_int_equal(world_create("opening-2", "opening", "P-256"), RFD_OK);
    world_public_key("opening-1", &spki, &none);
    memcpy(point, spki.data + spki.length - sizeof point, sizeof point);
    for (int i = 0; i < 10; i++) {
        const slice to = slice_of(point, sizeof point);
        const slice from = slice_of(encapsulated, sizeof encapsulated);
        buf_reset(&sealed);
        assert_int_equal(
            hpke_seal(to, SLICE("info"), SLICE_EMPTY, slice_of("0123456789", (size_t)i), encapsulated, &sealed, NULL),
            RFD_OK);
        assert_int_equal(open_by_keeper("opening-1", "info", from, buf_slice(&sealed), &r), RFD_OK);
        assert_true(slice_equal(message_get_bytes(&r, SMALL), slice_of("0123456789", (size_t)i)));
        assert_int_equal(open_by_keeper("opening-2", "info", from, buf_slice(&sealed), &r), RFD_E_ARGUMENT);
        assert_int_equal(open_by_keeper("opening-1", "other", from, buf_slice(&sealed), &r), RFD_E_ARGUMENT);
    }
    encapsulated[7] ^= 1; /* a point beside the curve: what attacks on keys are made of */
    assert_int_equal(
        open_by_keeper("opening-1", "info", slice_of(encapsulated, sizeof encapsulated), buf_slice(&sealed), &r),
        RFD_E_ARGUMENT);
    buf_dispose(&sealed);
}

/* ---- Keys of blobs ---- */

static rfd_status unwrap(const char *key, const char *label, slice wrapped, struct message_reader *r)
{
    struct buf b;
    buf_init(&b, SMALL);
    message_put_text(&b, key);
    message_put_text(&b, label);
    message_put_bytes(&b, wrapped);
    rfd_status status = world_ask(KEEPER_FROM_WORKER, KEEPER_UNWRAP_BLOB_KEY, &b, r);
    buf_dispose(&b);
    return status;
}

static void test_keys_of_blobs(void **state)
{
    (void)state;
    enum { BLOB_KEY = 32, WRAPPED = BLOB_KEY + SEAL_OVERHEAD };
    uint8_t plain[BLOB_KEY], wrapped[WRAPPED];
    struct message_reader r;
    struct buf b;
    buf_init(&b, SMALL);
    assert_int_equal(world_create("wrapping-1", "wrapping", "P-256"), RFD_E_KEY_ALGORITHM);
    assert_int_equal(world_create("wrapping-1", "seal", "AES-256"), RFD_E_KEY_ALGORITHM);
    assert_int_equal(world_create("wrapping-1", "wrapping", "AES-256"), RFD_OK);
    assert_int_equal(world_create("wrapping-2", "wrapping", "AES-256"), RFD_OK);
    message_put_text(&b, "wrapping-1");
    message_put_text(&b, "blob 7");
    assert_int_equal(world_ask(KEEPER_FROM_WORKER, KEEPER_NEW_BLOB_KEY, &b, &r), RFD_OK);
    slice key = message_get_bytes(&r, SMALL);
    slice kept = message_get_bytes(&r, SMALL);
    assert_int_equal(message_end(&r, "answer", NULL), RFD_OK);
    assert_int_equal(key.length, BLOB_KEY);
    assert_int_equal(kept.length, WRAPPED);
    memcpy(plain, key.data, sizeof plain);
    memcpy(wrapped, kept.data, sizeof wrapped);
    world_reopen();
    const slice whole = slice_of(wrapped, sizeof wrapped);
    assert_int_equal(unwrap("wrapping-1", "blob 7", whole, &r), RFD_OK);
    assert_true(slice_equal(message_get_bytes(&r, SMALL), slice_of(plain, sizeof plain)));
    assert_int_equal(unwrap("wrapping-1", "blob 8", whole, &r), RFD_E_ARGUMENT);
    assert_int_equal(unwrap("wrapping-2", "blob 7", whole, &r), RFD_E_ARGUMENT);
    assert_int_equal(unwrap("wrapping-1", "blob 7", slice_part(whole, 0, WRAPPED - 1), &r), RFD_E_ARGUMENT);
    wrapped[40] ^= 1;
    assert_int_equal(unwrap("wrapping-1", "blob 7", whole, &r), RFD_E_ARGUMENT);
    buf_dispose(&b);
}

static int open_folder(void **state)
{
    (void)state;
    return folder_new() == NULL;
}

static int close_folder(void **state)
{
    (void)state;
    folder_remove();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_checkpoints),
        TEST(test_checkpoints_never_go_back),
        TEST(test_chains_are_not_without_number),
        TEST(test_text_of_checkpoints),
        TEST(test_tokens_of_every_algorithm),
        TEST(test_tokens_that_are_refused),
        TEST(test_vector_of_the_specification),
        TEST(test_opening),
        TEST(test_keys_of_blobs),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
