/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/shamir.h"

#include "base/error.h"

enum { MOST = SHAMIR_SHARES_MAXIMUM };

static void test_field(void **state)
{
    (void)state;
    /* FIPS 197 §4.2: {57} x {83} = {c1}, {57} x {13} = {fe}; §4.2.1: {57} x {10} = {07}. */
    assert_int_equal(shamir_multiply(0x57, 0x83), 0xC1);
    assert_int_equal(shamir_multiply(0x57, 0x13), 0xFE);
    assert_int_equal(shamir_multiply(0x57, 0x10), 0x07);
    assert_int_equal(shamir_inverse(0), 0);
    for (unsigned a = 1; a < 256; a++) {
        assert_int_equal(shamir_multiply((uint8_t)a, shamir_inverse((uint8_t)a)), 1);
        assert_int_equal(shamir_multiply((uint8_t)a, 1), a);
        for (unsigned b = 0; b < 256; b += 7)
            assert_int_equal(shamir_multiply((uint8_t)a, (uint8_t)b), shamir_multiply((uint8_t)b, (uint8_t)a));
    }
}

/* Worked out by hand: f(x) = s + 1x over GF(2^8) for each octet of "k" (0x6b) and of its check (SHA-256 of "k" begins
 * 8254c329), so that f(1) = s ^ 1 and f(2) = s ^ 2. */
static void test_known_shares(void **state)
{
    (void)state;
    static const uint8_t whole[] = {0x6B, 0x82, 0x54, 0xC3, 0x29};
    struct shamir_share shares[2] = {{.needed = 2, .number = 1, .length = sizeof whole},
                                     {.needed = 2, .number = 2, .length = sizeof whole}};
    struct secret secret = {0};
    for (size_t i = 0; i < sizeof whole; i++) {
        shares[0].octets[i] = whole[i] ^ 1;
        shares[1].octets[i] = whole[i] ^ 2;
    }
    assert_int_equal(shamir_combine(shares, 2, &secret, NULL), RFD_OK);
    assert_true(slice_is(secret_slice(&secret), "k"));
    secret_dispose(&secret);
}

/** Every subset of `count` shares of which `needed` are. */
static void try_all_subsets(unsigned needed, unsigned count, slice secret)
{
    struct shamir_share shares[MOST];
    struct shamir_share chosen[MOST];
    assert_int_equal(shamir_split(secret, needed, count, shares, NULL), RFD_OK);
    for (unsigned set = 0; set < 1U << count; set++) {
        size_t members = 0;
        struct secret got = {0};
        for (unsigned i = count; i > 0; i--) { /* the last ones first: the order does not matter */
            if ((set >> (i - 1) & 1) != 0) chosen[members++] = shares[i - 1];
        }
        rfd_status status = shamir_combine(chosen, members, &got, NULL);
        assert_int_equal(status, members >= needed ? RFD_OK : RFD_E_SHARES);
        if (status == RFD_OK) assert_true(slice_equal(secret_slice(&got), secret));
        /* Fewer shares that lie about how many are needed. */
        for (size_t i = 0; i < members; i++) chosen[i].needed = 2;
        if (members >= 2 && members < needed)
            assert_int_equal(shamir_combine(chosen, members, &got, NULL), RFD_E_SHARES);
        secret_dispose(&got);
    }
}

static void test_all_subsets(void **state)
{
    (void)state;
    static const uint8_t zeros[SHAMIR_SECRET_MAXIMUM];
    for (unsigned count = 2; count <= 6; count++) {
        for (unsigned needed = 2; needed <= count; needed++)
            try_all_subsets(needed, count, SLICE("una frase de paso larga"));
    }
    try_all_subsets(5, 9, slice_of(zeros, 32));
    try_all_subsets(2, 3, slice_of(zeros, sizeof zeros));
    try_all_subsets(3, 3, SLICE("x"));
}

static void test_wrong_shares(void **state)
{
    (void)state;
    struct shamir_share a[3], b[3], mixed[3];
    struct secret got = {0};
    assert_int_equal(shamir_split(SLICE("first secret"), 2, 3, a, NULL), RFD_OK);
    assert_int_equal(shamir_split(SLICE("other secret"), 2, 3, b, NULL), RFD_OK);
    mixed[0] = a[0];
    mixed[1] = b[1];
    assert_int_equal(shamir_combine(mixed, 2, &got, NULL), RFD_E_SHARES); /* of two secrets */
    mixed[1] = a[0];
    assert_int_equal(shamir_combine(mixed, 2, &got, NULL), RFD_E_SHARES); /* twice the same */
    mixed[1] = a[1];
    mixed[1].octets[3] ^= 1;
    assert_int_equal(shamir_combine(mixed, 2, &got, NULL), RFD_E_SHARES); /* altered */
    mixed[1] = a[1];
    mixed[1].number = 0; /* would be the secret itself */
    assert_int_equal(shamir_combine(mixed, 2, &got, NULL), RFD_E_SHARES);
    mixed[1] = a[1];
    mixed[1].length--;
    assert_int_equal(shamir_combine(mixed, 2, &got, NULL), RFD_E_SHARES);
    assert_int_equal(shamir_combine(mixed, 0, &got, NULL), RFD_E_SHARES);
    assert_null(got.data);
    assert_int_equal(shamir_split(SLICE("x"), 1, 3, a, NULL), RFD_E_ARGUMENT);
    assert_int_equal(shamir_split(SLICE("x"), 4, 3, a, NULL), RFD_E_ARGUMENT);
    assert_int_equal(shamir_split(SLICE("x"), 2, MOST + 1, a, NULL), RFD_E_ARGUMENT);
    assert_int_equal(shamir_split(SLICE_EMPTY, 2, 3, a, NULL), RFD_E_ARGUMENT);
}

/* One share of a secret of one octet takes every value: it says nothing. */
static void test_one_share_says_nothing(void **state)
{
    (void)state;
    bool seen[256] = {false};
    size_t values = 0;
    for (int i = 0; i < 8000; i++) {
        struct shamir_share shares[2];
        assert_int_equal(shamir_split(SLICE("s"), 2, 2, shares, NULL), RFD_OK);
        values += !seen[shares[0].octets[0]];
        seen[shares[0].octets[0]] = true;
    }
    assert_int_equal(values, 256);
}

static void test_text(void **state)
{
    (void)state;
    struct shamir_share shares[3], read;
    char text[SHAMIR_TEXT_SIZE];
    assert_int_equal(shamir_split(SLICE("on paper"), 2, 3, shares, NULL), RFD_OK);
    assert_int_equal(shamir_write(&shares[2], text, NULL), RFD_OK);
    assert_int_equal(strncmp(text, "refrenda-share-2-3-", 19), 0);
    assert_int_equal(shamir_read(slice_text(text), &read, NULL), RFD_OK);
    assert_int_equal(read.needed, 2);
    assert_int_equal(read.number, 3);
    assert_int_equal(read.length, shares[2].length);
    assert_memory_equal(read.octets, shares[2].octets, read.length);
    for (size_t i = 0; text[i] != '\0'; i++) {
        char before = text[i];
        text[i] = before == '7' ? '8' : '7';
        assert_int_equal(shamir_read(slice_text(text), &read, NULL), RFD_E_SHARES);
        text[i] = before;
        assert_int_equal(shamir_read(slice_of(text, i), &read, NULL), RFD_E_SHARES);
    }
    static struct shamir_share longest[2];
    static const uint8_t bytes[SHAMIR_SECRET_MAXIMUM];
    assert_int_equal(shamir_split(slice_of(bytes, sizeof bytes), 2, 2, longest, NULL), RFD_OK);
    assert_int_equal(shamir_write(&longest[1], text, NULL), RFD_OK);
    assert_int_equal(shamir_read(slice_text(text), &read, NULL), RFD_OK);
    assert_memory_equal(read.octets, longest[1].octets, read.length);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_known_shares),
        cmocka_unit_test(test_all_subsets),
        cmocka_unit_test(test_wrong_shares),
        cmocka_unit_test(test_one_share_says_nothing),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
