/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/number.h"
#include "base/buf.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static void unsigned_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t maximum, value;
        bool good;
    } rows[] = {
        {"0", 0, 0, true},
        {"1", 0, 0, false},
        {"00000000000000000000000000000007", 7, 7, true},
        {"9", 8, 0, false},
        {"5", 3, 0, false},
        {"1024", 1024, 1024, true},
        {"1025", 1024, 0, false},
        {"10240", 1024, 0, false},
        {"4294967295", UINT32_MAX, UINT32_MAX, true},
        {"4294967296", UINT32_MAX, 0, false},
        {"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
        {"18446744073709551616", UINT64_MAX, 0, false},
        {"18446744073709551620", UINT64_MAX, 0, false},
        {"28446744073709551615", UINT64_MAX, 0, false},
        {"184467440737095516150", UINT64_MAX, 0, false},
        {"99999999999999999999999999", UINT64_MAX, 0, false},
        {"", UINT64_MAX, 0, false},
        {"+1", UINT64_MAX, 0, false},
        {"-1", UINT64_MAX, 0, false},
        {" 1", UINT64_MAX, 0, false},
        {"1 ", UINT64_MAX, 0, false},
        {"0x10", UINT64_MAX, 0, false},
        {"1e3", UINT64_MAX, 0, false},
        {"1.0", UINT64_MAX, 0, false},
        {"1/", UINT64_MAX, 0, false},
        {"1:", UINT64_MAX, 0, false},
        {"\xB2", UINT64_MAX, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t value = 42;
        if (number_unsigned(slice_text(rows[i].text), rows[i].maximum, &value) != rows[i].good)
            fail_msg("'%s'", rows[i].text);
        assert_true(value == (rows[i].good ? rows[i].value : 42));
    }
    uint64_t value = 42;
    assert_false(number_unsigned(SLICE("1\0"), 100, &value));
    for (uint64_t maximum = 0; maximum < 300; maximum++) {
        for (uint64_t n = 0; n < 320; n++) {
            char text[8];
            (void)snprintf(text, sizeof text, "%u", (unsigned)n);
            assert_int_equal(number_unsigned(slice_text(text), maximum, &value), n <= maximum);
        }
    }
}

static void signed_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
        bool good;
    } rows[] = {
        {"0", 0, true},
        {"-0", 0, true},
        {"+7", 7, true},
        {"-7", -7, true},
        {"9223372036854775807", INT64_MAX, true},
        {"9223372036854775808", 0, false},
        {"-9223372036854775807", -INT64_MAX, true},
        {"-9223372036854775808", INT64_MIN, true},
        {"-9223372036854775809", 0, false},
        {"+9223372036854775808", 0, false},
        {"", 0, false},
        {"-", 0, false},
        {"+", 0, false},
        {"--1", 0, false},
        {"+-1", 0, false},
        {"- 1", 0, false},
        {"1-", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 42;
        if (number_signed(slice_text(rows[i].text), &value) != rows[i].good) fail_msg("'%s'", rows[i].text);
        assert_true(value == (rows[i].good ? rows[i].value : 42));
    }
}

static void hexadecimal(void **state)
{
    (void)state;
    uint8_t bytes[8];
    for (int c = 0; c < 256; c++) {
        int digit = number_hex_digit((uint8_t)c);
        if (c >= '0' && c <= '9')
            assert_int_equal(digit, c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f' && c < 128)
            assert_int_equal(digit, (c | 32) - 'a' + 10);
        else
            assert_int_equal(digit, -1);
    }
    assert_true(number_hex(SLICE("00fFA9"), bytes));
    assert_memory_equal(bytes, "\x00\xFF\xA9", 3);
    assert_true(number_hex(SLICE_EMPTY, bytes));
    static const char *const bad[] = {"0", "000", "0g", "g0", "0x", " 0", "0 ", "00\n0", "--", "\xC3\xB1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(number_hex(slice_text(bad[i]), bytes));
}

static void big_endian(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xFF, 1, 2, 3, 4, 5, 6, 7, 8};
    assert_true(number_big_endian(bytes, 0) == 0);
    assert_true(number_big_endian(bytes, 1) == 0xFF);
    assert_true(number_big_endian(bytes, 2) == 0xFF01);
    assert_true(number_big_endian(bytes, 8) == UINT64_C(0xFF01020304050607));
    assert_true(number_big_endian(bytes, 9) == UINT64_C(0xFF01020304050607));
}

static void base64_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *plain; /* NULL: must be refused */
    } rows[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zg", "f"},
        {"Zm8", "fo"},
        {"Zm\n9v\r\nYg=\n=\n", "foob"},
        {"\n\r\n", ""},
        {"+//+", "\xFB\xFF\xFE"},
        {"Z", NULL},
        {"Zm9vY", NULL},
        {"Zh==", NULL}, /* bits left over that are not zero: two texts for one value */
        {"Zm9=", NULL},
        {"Zg=", NULL},
        {"Zg===", NULL},
        {"Zm8==", NULL},
        {"Zm9v=", NULL},
        {"Zm9v====", NULL},
        {"=", NULL},
        {"==", NULL},
        {"====", NULL},
        {"=Zg=", NULL},
        {"Zg==Zg==", NULL},
        {"Z g==", NULL},
        {"Zg==\t", NULL},
        {"Zm9-", NULL},
        {"Zm9_", NULL},
        {"Zm9\xC3", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[64];
        size_t length = 99;
        bool good = number_base64(slice_text(rows[i].text), bytes, &length);
        if (good != (rows[i].plain != NULL)) fail_msg("'%s' %s", rows[i].text, good ? "was taken" : "was refused");
        if (!good) assert_int_equal(length, 99);
        if (good) assert_true(slice_is(slice_of(bytes, length), rows[i].plain));
    }
    uint8_t bytes[8];
    size_t length = 99;
    assert_false(number_base64(SLICE("Zg\0="), bytes, &length));
}

static void encodings_round_trip(void **state)
{
    (void)state;
    uint64_t seed = 99;
    struct buf b;
    buf_init(&b, 4096);
    for (int round = 0; round < 3000; round++) {
        uint8_t bytes[300];
        uint8_t back[303];
        size_t length = next_random(&seed) % 300;
        size_t got = 0;
        for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)next_random(&seed);
        buf_reset(&b);
        buf_put_base64(&b, slice_of(bytes, length));
        assert_true(number_base64(buf_slice(&b), back, &got));
        assert_true(slice_equal(slice_of(bytes, length), slice_of(back, got)));
        buf_reset(&b);
        buf_put_hex(&b, slice_of(bytes, length), round % 2 == 0);
        assert_true(number_hex(buf_slice(&b), back));
        assert_true(slice_equal(slice_of(bytes, length), slice_of(back, length)));
    }
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_numbers), cmocka_unit_test(signed_numbers), cmocka_unit_test(hexadecimal),
        cmocka_unit_test(big_endian),       cmocka_unit_test(base64_texts),   cmocka_unit_test(encodings_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
