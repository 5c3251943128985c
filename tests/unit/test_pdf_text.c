/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "pdf/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_text(slice string, const char *utf8)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    pdf_text_to_utf8(string, &b);
    assert_int_equal(buf_status(&b), RFD_OK);
    if (!slice_is(buf_slice(&b), utf8)) fail_msg("'%.*s' is not '%s'", (int)b.length, (const char *)b.data, utf8);
    buf_dispose(&b);
}

static void pdf_doc_encoding(void **state)
{
    (void)state;
    assert_text(SLICE(""), "");
    assert_text(SLICE("Ma\xF1"
                      "ana"),
                "Mañana");
    assert_text(SLICE("\xA0"
                      "5 \x8D"
                      "x\x8E \x84 \x92"),
                "€5 “x” — ™");
    assert_text(SLICE("\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F"), "\u02D8\u02C7\u02C6\u02D9\u02DD\u02DB\u02DA\u02DC");
    assert_text(SLICE("\x80\x9E"), "•ž");
    assert_text(SLICE("\x7F\x9F\xAD"), "\uFFFD\uFFFD\uFFFD");
    assert_text(SLICE("a\tb\n"), "a\tb\n");
}

static void utf16(void **state)
{
    (void)state;
    assert_text(SLICE("\xFE\xFF\x00"
                      "A\x20\xAC"),
                "A€");
    assert_text(SLICE("\xFE\xFF\xD8\x3D\xDE\x00"), "😀");
    assert_text(SLICE("\xFE\xFF\xD8\x3D\x00"
                      "A"),
                "\uFFFD"
                "A");
    assert_text(SLICE("\xFE\xFF\x00"), "");
    assert_text(SLICE("\xFF\xFE"
                      "A\x00\xAC\x20"),
                "A€");
}

static void language_escapes_are_dropped(void **state)
{
    (void)state;
    assert_text(SLICE("\xFE\xFF\x00\x1B\x00"
                      "e\x00s\x00\x1B\x00H\x00i"),
                "Hi");
    assert_text(SLICE("\xFE\xFF\x00H\x00\x1B\x00"
                      "e\x00n\x00\x1B\x00i"),
                "Hi");
    assert_text(SLICE("\xFE\xFF\x00H\x00\x1B\x00"
                      "e"),
                "H");
    assert_text(SLICE("\xFE\xFF\x1B\x00"), "\u1B00");
}

static void utf8(void **state)
{
    (void)state;
    assert_text(SLICE("\xEF\xBB\xBF"
                      "a\xC3\xB1o"),
                "año");
    assert_text(SLICE("\xEF\xBB\xBF"
                      "a\xC3"),
                "a\uFFFD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pdf_doc_encoding),
        cmocka_unit_test(utf16),
        cmocka_unit_test(language_escapes_are_dropped),
        cmocka_unit_test(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
