/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/memory.h"

#include <refrenda/trust.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_holds(struct buf *b, const char *text)
{
    assert_int_equal(buf_status(b), RFD_OK);
    assert_int_equal(b->length, strlen(text));
    if (b->length > 0) assert_memory_equal(b->data, text, b->length);
    buf_reset(b);
}

static void every_way_to_put(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_put_text(&b, "");
    buf_put_slice(&b, SLICE_EMPTY);
    buf_put(&b, NULL, 0);
    assert_null(b.data);
    assert_holds(&b, "");
    buf_put_text(&b, "ab");
    buf_put_slice(&b, SLICE("cd"));
    buf_put_byte(&b, 'e');
    buf_fill(&b, 'f', 3);
    buf_print(&b, "%s%d", "g", 7);
    assert_holds(&b, "abcdefffg7");
    buf_fill(&b, 'x', 0);
    assert_holds(&b, "");
    buf_dispose(&b);
    buf_dispose(&b);
}

static void numbers(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_put_unsigned(&b, 0);
    assert_holds(&b, "0");
    buf_put_unsigned(&b, UINT64_MAX);
    assert_holds(&b, "18446744073709551615");
    buf_put_signed(&b, INT64_MIN);
    assert_holds(&b, "-9223372036854775808");
    buf_put_signed(&b, INT64_MAX);
    assert_holds(&b, "9223372036854775807");
    buf_put_signed(&b, -1);
    assert_holds(&b, "-1");
    buf_put_signed(&b, 0);
    assert_holds(&b, "0");
    buf_dispose(&b);
}

static void hexadecimal(void **state)
{
    (void)state;
    static const char digits[] = "0123456789ABCDEF";
    struct buf b;
    buf_init(&b, 1000);
    buf_put_hex(&b, SLICE("\x00\x9A\xFF"), true);
    assert_holds(&b, "009AFF");
    buf_put_hex(&b, SLICE("\x00\x9A\xFF"), false);
    assert_holds(&b, "009aff");
    buf_put_hex(&b, SLICE_EMPTY, false);
    assert_holds(&b, "");
    /* Every length about the width of a vector, every byte. */
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 37);
    for (size_t length = 0; length <= sizeof bytes; length++) {
        buf_put_hex(&b, slice_of(bytes, length), true);
        assert_int_equal(b.length, length * 2);
        for (size_t i = 0; i < length; i++) {
            assert_int_equal(b.data[2 * i], digits[bytes[i] >> 4]);
            assert_int_equal(b.data[2 * i + 1], digits[bytes[i] & 15]);
        }
        buf_reset(&b);
    }
    buf_put_hex(&b, slice_of(bytes, SIZE_MAX / 2 + 1), true);
    assert_int_equal(buf_status(&b), RFD_E_LIMIT);
    buf_dispose(&b);
}

static void base64(void **state)
{
    (void)state;
    /* RFC 4648 section 10 */
    static const char *const known[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        buf_put_base64(&b, slice_text(known[i][0]));
        assert_holds(&b, known[i][1]);
    }
    buf_put_base64(&b, SLICE("\xFB\xFF\xFE"));
    assert_holds(&b, "+//+");
    buf_dispose(&b);
}

static void maximum_is_sticky(void **state)
{
    (void)state;
    struct buf b;
    struct rfd_error error = RFD_ERROR_INIT;
    rfd_bytes bytes = {0};
    buf_init(&b, 8);
    buf_put_text(&b, "12345678");
    assert_int_equal(buf_status(&b), RFD_OK);
    buf_put_byte(&b, '9');
    assert_int_equal(buf_status(&b), RFD_E_LIMIT);
    assert_int_equal(b.length, 8);
    assert_null(buf_reserve(&b, 0));
    assert_int_equal(buf_check(&b, "the thing", &error), RFD_E_LIMIT);
    assert_non_null(strstr(error.detail, "the thing"));
    assert_int_equal(buf_take(&b, &bytes, &error), RFD_E_LIMIT);
    assert_null(bytes.data);
    buf_reset(&b);
    buf_put_text(&b, "12345678");
    assert_int_equal(buf_status(&b), RFD_OK);
    buf_reset(&b);
    assert_null(buf_reserve(&b, SIZE_MAX));
    assert_int_equal(buf_status(&b), RFD_E_LIMIT);
    buf_reset(&b);
    buf_put_unsigned(&b, 123456789);
    assert_int_equal(b.length, 0);
    buf_dispose(&b);
    assert_int_equal(b.maximum, 8);
}

static void grows_to_the_maximum_exactly(void **state)
{
    (void)state;
    for (size_t maximum = 1; maximum < 2000; maximum += 111) {
        struct buf b;
        buf_init(&b, maximum);
        for (size_t i = 0; i < maximum; i++) buf_put_byte(&b, (uint8_t)i);
        assert_int_equal(buf_status(&b), RFD_OK);
        for (size_t i = 0; i < maximum; i++) assert_int_equal(b.data[i], i & 255);
        buf_put_byte(&b, 0);
        assert_int_equal(buf_status(&b), RFD_E_LIMIT);
        buf_dispose(&b);
    }
}

static void taking_moves(void **state)
{
    (void)state;
    struct buf b;
    rfd_bytes bytes = {0};
    buf_init(&b, 100);
    buf_put_text(&b, "moved");
    assert_int_equal(buf_take(&b, &bytes, NULL), RFD_OK);
    assert_null(b.data);
    assert_int_equal(bytes.length, 5);
    rfd_bytes_free(&bytes);
    assert_null(bytes.data);
    rfd_bytes_free(&bytes);
    rfd_bytes_free(NULL);
}

static void failing_memory(void **state)
{
    (void)state;
    struct buf b;
    struct rfd_error error = RFD_ERROR_INIT;
    buf_init(&b, 1 << 20);
    buf_put_text(&b, "here");
    memory_fail_after(1);
    buf_fill(&b, 'x', 1 << 18);
    memory_fail_after(0);
    assert_int_equal(buf_status(&b), RFD_E_MEMORY);
    assert_int_equal(b.length, 4);
    buf_put_text(&b, "sticky");
    assert_int_equal(b.length, 4);
    assert_int_equal(buf_check(&b, "it", &error), RFD_E_MEMORY);
    assert_int_equal(error.code, RFD_E_MEMORY);
    buf_dispose(&b);
    memory_fail_after(1);
    rfd_bytes bytes = {0};
    assert_int_equal(rfd_bytes_new(3, &bytes, &error), RFD_E_MEMORY);
    memory_fail_after(0);
    assert_null(bytes.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_put),  cmocka_unit_test(numbers),
        cmocka_unit_test(hexadecimal),       cmocka_unit_test(base64),
        cmocka_unit_test(maximum_is_sticky), cmocka_unit_test(grows_to_the_maximum_exactly),
        cmocka_unit_test(taking_moves),      cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
