/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/line.h"
#include "base/url.h"

static void test_base64url(void **state)
{
    static const char *const good[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "_-8"};
    static const char *const bad[] = {"Z", "Zh", "Zm9=", "Zm9v Yg", "Zm+v", "Zm/v", "Zm8A\n"};
    struct arena a;
    struct buf text;
    (void)state;
    arena_init(&a, 1 << 16);
    buf_init(&text, 100);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        slice bytes = url_read_base64(slice_text(good[i]), &a);
        assert_non_null(bytes.data);
        buf_reset(&text);
        url_put_base64(&text, bytes);
        assert_true(slice_is(buf_slice(&text), good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_null(url_read_base64(slice_text(bad[i]), &a).data);
    buf_dispose(&text);
    arena_dispose(&a);
}

static void test_escaped(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 100);
    url_put_escaped(&text, SLICE("aZ09-._~ /?&=%+\xC3\xB1"), "/");
    assert_true(slice_is(buf_slice(&text), "aZ09-._~%20/%3F%26%3D%25%2B%C3%B1"));
    buf_reset(&text);
    url_put_escaped(&text, slice_of("/\0", 2), "");
    assert_true(slice_is(buf_slice(&text), "%2F%00"));
    buf_dispose(&text);
}

static void test_lines(void **state)
{
    static const char *const lines[] = {"one", "", "two\rmore", "", "last"};
    slice rest = SLICE("one\n\ntwo\rmore\r\n\r\nlast");
    slice ended = SLICE("one\n");
    slice empty = SLICE_EMPTY;
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_true(rest.length > 0);
        assert_true(slice_is(line_next(&rest), lines[i]));
    }
    assert_int_equal(rest.length, 0);
    assert_true(slice_is(line_next(&ended), "one"));
    assert_int_equal(ended.length, 0); /* an end of line begins none */
    assert_int_equal(line_next(&empty).length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64url),
        cmocka_unit_test(test_escaped),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
