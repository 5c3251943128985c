/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/plain.h"

enum { LONGEST = 70 };

static bool expected(int c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Every octet at every place of texts of every length: in what is looked at sixteen at once, and in the rest. */
static void test_every_octet_everywhere(void **state)
{
    (void)state;
    uint8_t text[LONGEST];
    memset(text, 'x', sizeof text);
    for (size_t length = 0; length <= LONGEST; length++) {
        assert_int_equal(plain_length(slice_of(text, length)), length);
        for (size_t at = 0; at < length; at++) {
            for (int c = 0; c < 256; c++) {
                text[at] = (uint8_t)c;
                assert_int_equal(plain_length(slice_of(text, length)), expected(c) ? length : at);
            }
            text[at] = 'x';
        }
    }
}

static void test_the_first_one_counts(void **state)
{
    (void)state;
    assert_int_equal(plain_length(SLICE_EMPTY), 0);
    assert_int_equal(plain_length(SLICE("0123456789abcdef0123\"6789abcdef\\")), 20);
    assert_int_equal(plain_length(SLICE("\xC3\xB1")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_octet_everywhere),
        cmocka_unit_test(test_the_first_one_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
