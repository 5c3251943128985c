/* SPDX-License-Identifier: EUPL-1.2 */
#include "base_support.h"

#include "base/language.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void no_language_is_english(void **state)
{
    (void)state;
    assert_string_equal(language_code(NULL), "en");
    assert_string_equal(language_get(NULL, "Signed by"), "Signed by");
    assert_null(language_catalogue(NULL));
    rfd_language_close(NULL);
}

static void a_language_without_catalogue_speaks_english(void **state)
{
    (void)state;
    struct rfd_language *l = NULL;
    assert_int_equal(rfd_language_open("es", NULL, &l, NULL), RFD_OK);
    assert_string_equal(language_code(l), "es");
    assert_string_equal(language_get(l, "Signed by"), "Signed by");
    rfd_language_close(l);
}

static void odd_codes_and_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "e", "1s", "es_PE", "es.UTF-8", "../es", "aaaaaaaaaaaaaaaa"};
    struct rfd_language *l = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(rfd_language_open(bad[i], NULL, &l, NULL), RFD_E_ARGUMENT);
    assert_int_equal(rfd_language_open(NULL, NULL, &l, NULL), RFD_E_ARGUMENT);
    assert_int_equal(rfd_language_open("es", "/nowhere/es.mo", &l, NULL), RFD_E_IO_READ);
    assert_int_equal(rfd_language_open("es", "/etc/passwd", &l, NULL), RFD_E_ARGUMENT);
    assert_null(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_language_is_english),
        cmocka_unit_test(a_language_without_catalogue_speaks_english),
        cmocka_unit_test(odd_codes_and_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
