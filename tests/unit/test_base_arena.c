/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/arena.h"
#include "base/memory.h"

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

static void allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 24);
    uint8_t *earlier = NULL;
    for (size_t size = 0; size < 3000; size += 7) {
        uint8_t *memory = arena_allocate(&a, size);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        memset(memory, (int)size & 255, size);
        if (earlier != NULL) assert_int_equal(earlier[0], (size - 7) & 255);
        earlier = size == 0 ? NULL : memory;
    }
    uint8_t *large = arena_allocate(&a, 5 << 20);
    assert_non_null(large);
    memset(large, 1, 5 << 20);
    assert_non_null(arena_allocate(&a, 1));
    arena_dispose(&a);
    assert_null(a.blocks);
    assert_int_equal(a.used, 0);
    arena_dispose(&a);
}

static void copies(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 16);
    slice copy = arena_copy(&a, SLICE("abc"));
    assert_true(slice_is(copy, "abc"));
    assert_non_null(arena_copy(&a, SLICE_EMPTY).data);
    assert_string_equal(arena_text(&a, SLICE("text")), "text");
    assert_string_equal(arena_text(&a, SLICE_EMPTY), "");
    assert_string_equal(arena_print(&a, "%d-%s", 42, "x"), "42-x");
    const uint8_t *zeroed = arena_zeroed(&a, 100, 3);
    for (size_t i = 0; i < 300; i++) assert_int_equal(zeroed[i], 0);
    arena_dispose(&a);
}

static void maximum_is_a_limit(void **state)
{
    (void)state;
    struct arena a;
    struct rfd_error error = RFD_ERROR_INIT;
    arena_init(&a, 1000);
    assert_non_null(arena_allocate(&a, 960));
    assert_null(arena_allocate(&a, 100));
    assert_int_equal(arena_failed(&a, &error), RFD_E_LIMIT);
    assert_int_equal(error.code, RFD_E_LIMIT);
    assert_null(arena_text(&a, SLICE("0123456789012345678901234567890123456789")));
    assert_null(arena_copy(&a, slice_of(&a, sizeof a)).data);
    assert_null(arena_print(&a, "%0100d", 1));
    arena_dispose(&a);
    arena_init(&a, 0);
    assert_null(arena_allocate(&a, 1));
    arena_dispose(&a);
}

static void empty_allocations_count_too(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 4096);
    size_t given = 0;
    while (given < 10000 && arena_allocate(&a, 0) != NULL) given++;
    assert_true(given < 1000);
    arena_dispose(&a);
}

static void sizes_do_not_overflow(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, SIZE_MAX);
    for (size_t below = 0; below < 70; below++) assert_null(arena_allocate(&a, SIZE_MAX - below));
    assert_null(arena_zeroed(&a, SIZE_MAX / 2, 3));
    assert_int_equal(a.status, RFD_E_LIMIT);
    assert_null(arena_zeroed(&a, (size_t)1 << 33, (size_t)1 << 33));
    assert_non_null(arena_allocate(&a, 1));
    arena_dispose(&a);
}

static void release_goes_back(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 20);
    struct arena_mark nothing = arena_mark(&a);
    char *kept = arena_text(&a, SLICE("kept"));
    struct arena_mark mark = arena_mark(&a);
    size_t used = a.used;
    for (int round = 0; round < 50; round++) { /* 50 * 500 KiB would not fit without releasing */
        for (int i = 0; i < 500; i++) assert_non_null(arena_allocate(&a, 1000));
        arena_release(&a, mark);
        assert_int_equal(a.used, used);
    }
    assert_string_equal(kept, "kept");
    arena_release(&a, nothing);
    assert_null(a.blocks);
    assert_non_null(arena_allocate(&a, 1));
    arena_dispose(&a);
}

static void failing_memory(void **state)
{
    (void)state;
    struct arena a;
    struct rfd_error error = RFD_ERROR_INIT;
    arena_init(&a, 1 << 20);
    memory_fail_after(1);
    assert_null(arena_allocate(&a, 10));
    assert_null(arena_zeroed(&a, 10, 10));
    assert_null(arena_text(&a, SLICE("x")));
    assert_null(arena_print(&a, "x"));
    assert_null(arena_copy(&a, SLICE("x")).data);
    memory_fail_after(0);
    assert_int_equal(arena_failed(&a, &error), RFD_E_MEMORY);
    assert_int_equal(error.code, RFD_E_MEMORY);
    assert_non_null(arena_allocate(&a, 10)); /* not sticky: memory may come back */
    arena_dispose(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(copies),
        cmocka_unit_test(maximum_is_a_limit),
        cmocka_unit_test(empty_allocations_count_too),
        cmocka_unit_test(sizes_do_not_overflow),
        cmocka_unit_test(release_goes_back),
        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
