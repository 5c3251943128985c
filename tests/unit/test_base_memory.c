/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/memory.h"

#include <stdbool.h>
#include <string.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/** Sizes that no machine has are asked for on purpose: NULL is the answer that is tested, not a stop. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void plain_use(void **state)
{
    (void)state;
    void *nothing = memory_allocate(0);
    assert_non_null(nothing);
    nothing = memory_resize(nothing, 0);
    assert_non_null(nothing);
    memory_free(nothing);
    memory_free(NULL);
    unsigned char *zeroed = memory_zeroed(100, 7);
    for (size_t i = 0; i < 700; i++) assert_int_equal(zeroed[i], 0);
    memory_free(zeroed);
    memory_free(memory_zeroed(0, 0));
    char *text = memory_text("text");
    assert_string_equal(text, "text");
    text = memory_resize(text, 1000);
    assert_string_equal(text, "text");
    memory_free(text);
    void *copy = memory_copy(NULL, 0);
    assert_non_null(copy);
    memory_free(copy);
}

static void products_do_not_overflow(void **state)
{
    (void)state;
    volatile size_t half = SIZE_MAX / 2;
    assert_null(memory_zeroed(half, 3));
    assert_null(memory_zeroed(3, half));
}

static bool one_fails(void)
{
    void *memory = memory_allocate(1);
    memory_free(memory);
    return memory == NULL;
}

static void from_the_nth_on(void **state)
{
    (void)state;
    memory_fail_after(3);
    assert_false(one_fails());
    assert_false(one_fails());
    assert_true(one_fails());
    assert_true(one_fails());
    assert_null(memory_zeroed(1, 1));
    assert_null(memory_text("x"));
    assert_null(memory_copy("x", 1));
    assert_int_equal(memory_fail_after(0), 7);
    assert_false(one_fails());
}

static void only_the_nth(void **state)
{
    (void)state;
    memory_fail_once(2);
    assert_false(one_fails());
    assert_true(one_fails());
    assert_false(one_fails());
    assert_int_equal(memory_fail_after(0), 3);
}

static void failed_resize_keeps_the_old(void **state)
{
    (void)state;
    char *text = memory_text("kept");
    memory_fail_after(1);
    assert_null(memory_resize(text, 100));
    memory_fail_after(0);
    assert_string_equal(text, "kept");
    memory_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_use),
        cmocka_unit_test(products_do_not_overflow),
        cmocka_unit_test(from_the_nth_on),
        cmocka_unit_test(only_the_nth),
        cmocka_unit_test(failed_resize_keeps_the_old),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
