/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/letter.h"

static bool look_same(const char *first, const char *second)
{
    struct buf a, b;
    buf_init(&a, 4096);
    buf_init(&b, 4096);
    letter_put_look(&a, slice_text(first));
    letter_put_look(&b, slice_text(second));
    bool same = buf_status(&a) == RFD_OK && slice_equal(buf_slice(&a), buf_slice(&b));
    buf_dispose(&a);
    buf_dispose(&b);
    return same;
}

static void test_names_that_look_alike(void **state)
{
    (void)state;
    static const char name[] = "Sede electrónica de Villa Ejemplo";
    static const char *const alike[] = {
        "Sede electronica de Villa Ejemplo",                    /* without its accent, */
        "Sede electro\u0301nica de Villa Ejemplo",              /* with one that is written behind, */
        "SEDE ELECTRÓNICA DE VILLA EJEMPLO",                    /* in capitals, */
        "Sede\u00a0electrónica de\u200b Villa Ejemplo",         /* with blanks that are none, */
        "Sede elec\u00adtrónica deVilla  Ejemplo",              /* */
        "S\u0435d\u0435 electrónica de Villa Ejemplo",          /* Cyrillic, */
        "Sede electrónica de Vi\u04cfIa Ejemplo",               /* */
        "Sede electrónica de \u03bdilla Ejempl\u03bf",          /* Greek, */
        "Sede e1ectrónica de Vil|a Ejempl0",                    /* signs that are read as letters, */
        "\uff33\uff45\uff44\uff45 electrónica de Villa Ejemplo" /* and wide ones */
    };
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) assert_true(look_same(name, alike[i]));
    assert_false(look_same(name, "Sede electrónica de Villa Ejemplar"));
    assert_false(look_same(name, "Sede electrónica de Villa"));
    assert_false(look_same("Ñ", "M"));
    assert_true(look_same("Straße Œuvre", "STRASSE OEUVRE"));
    assert_false(look_same("Sede \xff", "Sede"));
    assert_true(look_same("", " "));
}

static void test_unseen(void **state)
{
    (void)state;
    static const uint32_t unseen[] = {0xa0,   0xad,   0x2000, 0x200a, 0x200b, 0x200d,
                                      0x202f, 0x205f, 0x2064, 0x3000, 0xfeff, 0xe0041};
    static const uint32_t seen[] = {' ', 'a', 0xf1, 0x2013, 0x2026, 0x20ac, 0x4e00};
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) assert_true(letter_is_unseen(unseen[i]));
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) assert_false(letter_is_unseen(seen[i]));
}

static void test_neighbours(void **state)
{
    (void)state;
    assert_string_equal(letter_neighbour(0xe1), "a");
    assert_string_equal(letter_neighbour(0x2026), "...");
    assert_null(letter_neighbour('a'));
    assert_null(letter_neighbour(0x4e00));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_that_look_alike),
        cmocka_unit_test(test_unseen),
        cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
