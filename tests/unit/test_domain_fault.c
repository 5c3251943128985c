/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is wrong with a form: names are its own, cut where they are too long, and only so many faults are kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "domain/fault.h"

static void test_names_are_its_own(void **state)
{
    struct faults faults = {.count = 0};
    char kind[] = "constancia-de-trabajo";
    (void)state;
    fault_add_to(&faults, slice_text(kind), "Attach this file");
    memset(kind, 'x', sizeof kind - 1);
    assert_string_equal(faults.items[0].field, "constancia-de-trabajo");
    struct faults copy = faults;
    faults.items[0].field[0] = 'C';
    assert_string_equal(copy.items[0].field, "constancia-de-trabajo");
}

static void test_long_names(void **state)
{
    struct faults faults = {.count = 0};
    char name[2 * FAULT_FIELD_SIZE];
    (void)state;
    memset(name, 'n', sizeof name);
    fault_add_to(&faults, slice_of(name, sizeof name), "wrong");
    fault_add_to(&faults, SLICE_EMPTY, "of no field");
    assert_int_equal(strlen(faults.items[0].field), FAULT_FIELD_SIZE - 1);
    assert_string_equal(faults.items[1].field, "");
}

static void test_at_most_so_many(void **state)
{
    struct faults faults = {.count = 0};
    (void)state;
    for (int i = 0; i < 2 * FAULTS_MAXIMUM; i++) fault_add(&faults, "name", "wrong");
    assert_int_equal(faults.count, FAULTS_MAXIMUM);
    fault_add(NULL, "name", "of nobody's interest");
}

static void test_renamed(void **state)
{
    struct faults faults = {.count = 0};
    (void)state;
    fault_add(&faults, "signature", "one");
    fault_add(&faults, "note", "two");
    fault_add(&faults, "signature", "three");
    faults_rename(&faults, "signature", "signature_file");
    assert_string_equal(faults.items[0].field, "signature_file");
    assert_string_equal(faults.items[1].field, "note");
    assert_string_equal(faults.items[2].field, "signature_file");
}

static void test_told(void **state)
{
    struct faults faults = {.count = 0};
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    assert_int_equal(faults_end(NULL, &error), RFD_OK);
    assert_int_equal(faults_end(&faults, &error), RFD_OK);
    fault_add(&faults, "mail", "This is no e-mail address");
    assert_int_equal(faults_end(&faults, &error), RFD_E_INVALID);
    error_clear(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_its_own),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_at_most_so_many),
        cmocka_unit_test(test_renamed),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
