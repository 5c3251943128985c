/* SPDX-License-Identifier: EUPL-1.2
 *
 * The short measure of tests/soak: signatures by the hundred, and every byte of a signed document altered once.
 */
#include "../soak/endure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MANY = 1000, SOME = 100, SAMPLE = 50 };

static void signs_p256(void **state)
{
    (void)state;
    assert_int_equal(endure_signatures("P-256", MANY, SAMPLE), 0);
}

static void signs_p384(void **state)
{
    (void)state;
    assert_int_equal(endure_signatures("P-384", SOME, SAMPLE), 0);
}

static void signs_p521(void **state)
{
    (void)state;
    assert_int_equal(endure_signatures("P-521", SOME, SAMPLE), 0);
}

static void notices_every_altered_byte(void **state)
{
    (void)state;
    size_t tried = 0;
    assert_int_equal(endure_alterations(1, &tried), 0);
    assert_true(tried > 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_p256),
        cmocka_unit_test(signs_p384),
        cmocka_unit_test(signs_p521),
        cmocka_unit_test(notices_every_altered_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
