/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/text.h"
#include "base/memory.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define MARK "\xEF\xBF\xBD"

static void well_formed(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "plain",
                                       "\x7F",
                                       "\xC2\x80",
                                       "\xDF\xBF",
                                       "\xE0\xA0\x80",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xEF\xBF\xBF",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF",
                                       "\xEF\xBB\xBF",
                                       "a\xC3\xB1o"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(text_is_utf8(slice_text(good[i])));
    assert_true(text_is_utf8(SLICE("a\0b")));
    assert_true(text_is_ascii(SLICE("a\0\x7F")));
    assert_true(text_is_ascii(SLICE_EMPTY));
    assert_false(text_is_ascii(SLICE("a\x80")));
}

static void ill_formed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC0\xAF",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF", /* overlong */
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xED\xA0\xBD\xED\xB8\x80", /* surrogates */
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFE",
        "\xFF",
        "\xC2",
        "\xE2\x82",
        "\xF0\x9F\x98",
        "\xC2"
        "a",
        "\xE2\x82"
        "a",
        "\xF0\x9F\x98"
        "a",
        "\xE2"
        "aa",
        "\xC2\xC2\x80",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (text_is_utf8(slice_text(bad[i]))) fail_msg("row %zu was taken", i);
        slice rest = slice_text(bad[i]);
        size_t length = rest.length;
        assert_int_equal(text_next(&rest), 0xFFFD);
        assert_int_equal(rest.length, length - 1);
    }
}

static void every_code_point(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        buf_reset(&b);
        text_put_utf8(&b, c);
        slice s = buf_slice(&b);
        bool surrogate = c >= 0xD800 && c < 0xE000;
        if (text_is_utf8(s) == surrogate) fail_msg("U+%04X", c);
        if (!surrogate && (text_next(&s) != c || s.length != 0)) fail_msg("U+%04X does not come back", c);
        if (surrogate) continue;
        struct buf wide;
        struct buf back;
        buf_init(&wide, 8);
        buf_init(&back, 8);
        text_to_utf16_be(buf_slice(&b), &wide);
        text_from_utf16(buf_slice(&wide), true, &back);
        if (!slice_equal(buf_slice(&b), buf_slice(&back))) fail_msg("U+%04X is not itself after UTF-16", c);
        buf_dispose(&wide);
        buf_dispose(&back);
    }
    buf_dispose(&b);
}

enum encoding { LATIN1, UTF16_BE, UTF16_LE, UTF32_BE, TO_UTF16, PRINTABLE };

static void convert(enum encoding encoding, slice s, struct buf *b)
{
    switch (encoding) {
    case LATIN1: text_from_latin1(s, b); break;
    case UTF16_BE: text_from_utf16(s, true, b); break;
    case UTF16_LE: text_from_utf16(s, false, b); break;
    case UTF32_BE: text_from_utf32_be(s, b); break;
    case TO_UTF16: text_to_utf16_be(s, b); break;
    case PRINTABLE: text_put_printable(b, s); break;
    }
}

static void conversions(void **state)
{
    (void)state;
    static const struct {
        enum encoding encoding;
        slice from, to;
    } rows[] = {
        {LATIN1, SLICE("a\xF1o\xFF\x80"), SLICE("a\xC3\xB1o\xC3\xBF\xC2\x80")},
        {UTF16_BE, SLICE("\0A\x20\xAC"), SLICE("A\xE2\x82\xAC")},
        {UTF16_LE, SLICE("A\0\xAC\x20"), SLICE("A\xE2\x82\xAC")},
        {UTF16_BE, SLICE("\xD8\x3D\xDE\0"), SLICE("\xF0\x9F\x98\x80")},
        {UTF16_LE, SLICE("\x3D\xD8\0\xDE"), SLICE("\xF0\x9F\x98\x80")},
        {UTF16_BE, SLICE("\0A\0"), SLICE("A")},
        {UTF16_BE, SLICE("\xD8"), SLICE("")},
        {UTF16_BE, SLICE(""), SLICE("")},
        {UTF16_BE, SLICE("\xD8\x3D"), SLICE(MARK)},
        {UTF16_BE, SLICE("\xD8\x3D\xDE"), SLICE(MARK)},
        {UTF16_BE, SLICE("\xD8\x3D\0A"), SLICE(MARK "A")},
        {UTF16_BE, SLICE("\xDE\0\xD8\x3D"), SLICE(MARK MARK)},
        {UTF16_BE, SLICE("\xD8\x3D\xD8\x3D\xDE\0"), SLICE(MARK "\xF0\x9F\x98\x80")},
        {UTF32_BE, SLICE("\0\0\0A\0\1\xF6\0"), SLICE("A\xF0\x9F\x98\x80")},
        {UTF32_BE, SLICE("\0\0\xD8\0\0\x11\0\0\xFF\xFF\xFF\xFF"), SLICE(MARK MARK MARK)},
        {UTF32_BE, SLICE("\0\0\0A\0\0\0"), SLICE("A")},
        {TO_UTF16, SLICE("A\xF0\x9F\x98\x80"), SLICE("\0A\xD8\x3D\xDE\0")},
        {TO_UTF16, SLICE("\xED\xA0\x80"), SLICE("\xFF\xFD\xFF\xFD\xFF\xFD")},
        {PRINTABLE, SLICE("a\xC3\xB1o \xE2\x82\xAC"), SLICE("a\xC3\xB1o \xE2\x82\xAC")},
        {PRINTABLE, SLICE("\x1B[31m"), SLICE(MARK "[31m")},
        {PRINTABLE, SLICE("a\0b\n\r\t\x7F"), SLICE("a" MARK "b" MARK MARK MARK MARK)},
        {PRINTABLE, SLICE("\xC2\x9B"), SLICE(MARK)}, /* CSI of C1 */
        {PRINTABLE, SLICE("\x9B"), SLICE(MARK)},
        {PRINTABLE, SLICE("\xC2\xA0"), SLICE("\xC2\xA0")},
        {PRINTABLE,
         SLICE("\xE2\x80\xAE"
               "fdp"),
         SLICE(MARK "fdp")}, /* right-to-left override */
        {PRINTABLE, SLICE("\xE2\x80\xAA\xE2\x81\xA6\xE2\x81\xA9"), SLICE(MARK MARK MARK)},
        {PRINTABLE, SLICE("\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C"), SLICE(MARK MARK MARK)},
        {PRINTABLE, SLICE("\xE2\x80\xA8\xE2\x80\xA9"), SLICE(MARK MARK)}, /* line and paragraph separator */
        {PRINTABLE, SLICE("\xC0\xAF"), SLICE(MARK MARK)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b;
        buf_init(&b, 1000);
        convert(rows[i].encoding, rows[i].from, &b);
        if (!slice_equal(buf_slice(&b), rows[i].to))
            fail_msg("row %zu: '%.*s'", i, (int)b.length, (const char *)b.data);
        buf_dispose(&b);
    }
}

static void random_bytes_become_utf8(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int round = 0; round < 50000; round++) {
        uint8_t bytes[24];
        size_t length = next_random(&seed) % sizeof bytes;
        for (size_t i = 0; i < length; i++) bytes[i] = (uint8_t)(next_random(&seed) | (round % 2 == 0 ? 0 : 0x80));
        struct buf b;
        buf_init(&b, 1000);
        enum encoding encoding = (enum encoding)(round % 6);
        convert(encoding, slice_of(bytes, length), &b);
        assert_int_equal(buf_status(&b), RFD_OK);
        if (encoding != TO_UTF16) assert_true(text_is_utf8(buf_slice(&b)));
        buf_dispose(&b);
    }
}

static void markup_is_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    text_put_markup(&b, SLICE("<a b=\"c\" d='e'>&ñ"));
    assert_true(slice_is(buf_slice(&b), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;ñ"));
    buf_dispose(&b);
}

static void limits_and_memory_are_the_buffers(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4);
    text_from_latin1(SLICE("\xF1\xF1\xF1"), &b);
    assert_int_equal(buf_status(&b), RFD_E_LIMIT);
    buf_dispose(&b);
    memory_fail_after(1);
    text_put_printable(&b, SLICE("a"));
    memory_fail_after(0);
    assert_int_equal(buf_status(&b), RFD_E_MEMORY);
    buf_dispose(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),
        cmocka_unit_test(ill_formed),
        cmocka_unit_test(every_code_point),
        cmocka_unit_test(conversions),
        cmocka_unit_test(random_bytes_become_utf8),
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(limits_and_memory_are_the_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
