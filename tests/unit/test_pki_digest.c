/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/digest.h"
#include "pki/oid.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* Digests of "abc": FIPS 180-4, FIPS 202, RFC 1321. */
static const struct {
    enum digest_id id;
    const char *hex;
} known[] = {
    {DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72"},
    {DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {DIGEST_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {DIGEST_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {DIGEST_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                    "454d4423643ce80e2a9ac94fa54ca49f"},
    {DIGEST_SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {DIGEST_SHA3_384,
     "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25"},
    {DIGEST_SHA3_512, "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e39340"
                      "57340b4cf408d5a56592f8274eec53f0"},
    {DIGEST_SHAKE256_512,
     "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa"
     "9f8726e462a12a4feb06bd8801e751e4"},
};

static void assert_digest(const uint8_t *digest, enum digest_id id, const char *hex)
{
    struct buf text;
    buf_init(&text, 200);
    buf_put_hex(&text, slice_of(digest, digest_size(id)), false);
    assert_true(slice_is(buf_slice(&text), hex));
    buf_dispose(&text);
}

static void known_answers(void **state)
{
    (void)state;
    assert_int_equal(sizeof known / sizeof *known, DIGEST_COUNT - 1);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t digest[DIGEST_SIZE_MAXIMUM];
        assert_int_equal(digest_of(known[i].id, SLICE("abc"), digest, NULL), RFD_OK);
        assert_digest(digest, known[i].id, known[i].hex);
        assert_non_null(digest_md(known[i].id));
        assert_int_equal(digest_from_oid(digest_oid(known[i].id)), known[i].id);
        assert_int_equal(digest_from_name(slice_text(digest_name(known[i].id))), known[i].id);
    }
}

static void running_digest_can_be_forked(void **state)
{
    (void)state;
    struct digest *d = NULL;
    struct digest *fork = NULL;
    uint8_t out[DIGEST_SIZE_MAXIMUM];
    assert_int_equal(digest_start(DIGEST_SHA256, &d, NULL), RFD_OK);
    assert_int_equal(digest_add(d, SLICE("ab"), NULL), RFD_OK);
    assert_int_equal(digest_fork(d, &fork, NULL), RFD_OK);
    assert_int_equal(digest_add(d, SLICE("other"), NULL), RFD_OK);
    assert_int_equal(digest_add(fork, SLICE_EMPTY, NULL), RFD_OK);
    assert_int_equal(digest_add(fork, SLICE("c"), NULL), RFD_OK);
    assert_int_equal(digest_finish(fork, out, NULL), RFD_OK);
    assert_digest(out, DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_free(d);
    digest_free(fork);
    digest_free(NULL);
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(digest_from_name(SLICE("sha256")), DIGEST_SHA256);
    assert_int_equal(digest_from_name(SLICE("Sha_512")), DIGEST_SHA512);
    assert_int_equal(digest_from_name(SLICE("sha3-256")), DIGEST_SHA3_256);
    assert_int_equal(digest_from_name(SLICE("sha-25")), DIGEST_NONE);
    assert_int_equal(digest_from_name(SLICE("sha-2567")), DIGEST_NONE);
    assert_int_equal(digest_from_name(SLICE_EMPTY), DIGEST_NONE);
    assert_int_equal(digest_from_public(RFD_DIGEST_DEFAULT), DIGEST_NONE);
    assert_int_equal(digest_from_public(RFD_DIGEST_SHA384), DIGEST_SHA384);
}

static void what_is_no_digest(void **state)
{
    (void)state;
    struct digest *d = NULL;
    uint8_t out[DIGEST_SIZE_MAXIMUM];
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(digest_of(DIGEST_NONE, SLICE("abc"), out, &error), RFD_E_INTERNAL);
    assert_int_equal(digest_start(DIGEST_COUNT, &d, &error), RFD_E_INTERNAL);
    assert_null(d);
    assert_int_equal(digest_from_oid(oid(OID_RSA)), DIGEST_NONE);
    assert_int_equal(digest_from_oid(SLICE_EMPTY), DIGEST_NONE);
    assert_int_equal(digest_size(DIGEST_COUNT), 0);
}

static void strength(void **state)
{
    (void)state;
    assert_false(digest_is_strong(DIGEST_MD5));
    assert_false(digest_is_strong(DIGEST_SHA1));
    assert_false(digest_is_strong(DIGEST_SHA224));
    assert_true(digest_is_strong(DIGEST_SHA256));
    assert_true(digest_is_strong(DIGEST_SHA3_256));
    assert_false(digest_is_strong(DIGEST_NONE));
}

static void algorithm_identifier_has_no_parameters(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    digest_put_algorithm(&b, DIGEST_SHA256);
    assert_true(slice_equal(buf_slice(&b), SLICE("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")));
    buf_reset(&b);
    digest_put_algorithm(&b, DIGEST_SHAKE256_512);
    assert_true(
        slice_equal(buf_slice(&b), SLICE("\x30\x0f\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x12\x02\x02\x02\x00")));
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers), cmocka_unit_test(running_digest_can_be_forked),
        cmocka_unit_test(names),         cmocka_unit_test(what_is_no_digest),
        cmocka_unit_test(strength),      cmocka_unit_test(algorithm_identifier_has_no_parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
