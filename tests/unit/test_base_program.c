/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/program.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void test_folder(void **state)
{
    char folder[PATH_MAX];
    char path[PATH_MAX + sizeof "/test_base_program"];
    (void)state;
    program_folder(folder, sizeof folder);
    assert_int_equal('/', folder[0]);
    (void)snprintf(path, sizeof path, "%s/test_base_program", folder);
    assert_int_equal(0, access(path, X_OK));
}

static void test_too_small(void **state)
{
    char folder[PATH_MAX];
    (void)state;
    program_folder(folder, sizeof folder);
    size_t path = strlen(folder) + strlen("/test_base_program");
    program_folder(folder, path + 1); /* has room for the whole path */
    assert_int_equal('/', folder[0]);
    program_folder(folder, path);
    assert_string_equal("", folder);
    program_folder(folder, 1);
    assert_string_equal("", folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_folder), cmocka_unit_test(test_too_small)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
