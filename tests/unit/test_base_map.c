/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

enum { MANY = 100000 };

static void empty_map(void **state)
{
    (void)state;
    struct map m = {0};
    uint64_t value = 9;
    assert_false(map_get(&m, 0, &value));
    assert_false(map_has(&m, 0));
    assert_null(map_get_pointer(&m, 1));
    assert_int_equal(value, 9);
    map_clear(&m);
    map_dispose(&m);
    map_dispose(&m);
}

static void sets_and_replaces(void **state)
{
    (void)state;
    struct map m = {0};
    uint64_t value = 0;
    static const uint64_t keys[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63};
    for (size_t i = 0; i < 5; i++) assert_int_equal(map_set(&m, keys[i], i), RFD_OK);
    assert_int_equal(m.count, 5);
    for (size_t i = 0; i < 5; i++) assert_true(map_get(&m, keys[i], &value) && value == i);
    assert_int_equal(map_set(&m, 0, 77), RFD_OK);
    assert_int_equal(m.count, 5);
    assert_true(map_get(&m, 0, &value) && value == 77);
    assert_int_equal(map_set_pointer(&m, 5, &m), RFD_OK);
    assert_ptr_equal(map_get_pointer(&m, 5), &m);
    map_clear(&m);
    assert_int_equal(m.count, 0);
    assert_false(map_has(&m, 0));
    assert_int_equal(map_set(&m, 3, 4), RFD_OK);
    assert_true(map_has(&m, 3));
    map_dispose(&m);
}

static void fill(uint64_t step)
{
    struct map m = {0};
    uint64_t value;
    for (uint64_t i = 0; i < MANY; i++) assert_int_equal(map_set(&m, i * step, i), RFD_OK);
    assert_int_equal(m.count, MANY);
    assert_true(m.capacity <= MANY * 4);
    for (uint64_t i = 0; i < MANY; i++) assert_true(map_get(&m, i * step, &value) && value == i);
    for (uint64_t i = 0; i < MANY; i++) assert_false(map_has(&m, i * step + (step == 1 ? MANY : 1)));
    map_dispose(&m);
}

/** Regular keys (offsets, numbers with flags in their upper half) must not meet in one place. */
static void a_hundred_thousand_keys_of_any_stride(void **state)
{
    (void)state;
    clock_t start = clock(); /* of the processor: machines may be busy */
    for (int shift = 0; shift <= 46; shift += 2) fill(UINT64_C(1) << shift);
    fill(UINT64_C(0xF1DE83E19937733D)); /* undoes multiplication by the golden ratio's fraction */
    assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
}

/** Object numbers that a multiplication by the golden ratio's fraction alone would send to one 64th of the table. */
static void keys_chosen_against_a_known_hash(void **state)
{
    (void)state;
    struct map m = {0};
    clock_t start = clock();
    for (uint64_t key = 1; key < 1 << 23 && m.count < 98000; key++) {
        if ((key * UINT64_C(0x9E3779B97F4A7C15) >> 20 & 131071) < 131072 / 64)
            assert_int_equal(map_set(&m, key, key), RFD_OK);
    }
    assert_int_equal(m.count, 98000);
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    map_dispose(&m);
}

static void failed_growth_changes_nothing(void **state)
{
    (void)state;
    struct map m = {0};
    uint64_t value;
    memory_fail_after(1);
    assert_int_equal(map_set(&m, 1, 1), RFD_E_MEMORY);
    memory_fail_after(0);
    assert_int_equal(m.count, 0);
    uint64_t key = 0;
    assert_int_equal(map_set(&m, key++, 0), RFD_OK);
    memory_fail_after(1);
    while (map_set(&m, key, key) == RFD_OK) key++;
    memory_fail_after(0);
    assert_int_equal(m.count, key);
    for (uint64_t i = 0; i < key; i++) assert_true(map_get(&m, i, &value) && value == i);
    assert_false(map_has(&m, key));
    assert_int_equal(map_set(&m, key, key), RFD_OK);
    assert_true(map_has(&m, key));
    map_dispose(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_map),
        cmocka_unit_test(sets_and_replaces),
        cmocka_unit_test(a_hundred_thousand_keys_of_any_stride),
        cmocka_unit_test(keys_chosen_against_a_known_hash),
        cmocka_unit_test(failed_growth_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
