/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/der.h"
#include "pki/oid.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const char *const dotted_texts[] = {
#define OID(name, dotted, bytes) dotted,
#include "pki/oid.def"
#undef OID
};

static void octets_fit_the_dotted_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < OID_COUNT; i++) {
        uint8_t octets[64];
        char text[OID_TEXT_SIZE];
        slice content = oid((enum oid_name)i);
        size_t length = oid_parse(dotted_texts[i], octets, sizeof octets);
        assert_true(length > 0);
        assert_true(slice_equal(content, slice_of(octets, length)));
        assert_string_equal(oid_text(content, text), dotted_texts[i]);
    }
}

static void table_is_sorted_and_searchable(void **state)
{
    (void)state;
    for (size_t i = 0; i < OID_COUNT; i++) {
        slice content = oid((enum oid_name)i);
        if (i > 0) assert_true(slice_compare(oid((enum oid_name)(i - 1)), content) < 0);
        assert_int_equal(oid_find(content), i);
        assert_int_not_equal(oid_find(slice_part(content, 0, content.length - 1)), i);
    }
    assert_int_equal(oid_find(SLICE_EMPTY), OID_COUNT);
    assert_int_equal(oid_find(SLICE("\xff\xff")), OID_COUNT);
    assert_int_equal(oid(OID_COUNT).length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(octets_fit_the_dotted_text),
        cmocka_unit_test(table_is_sorted_and_searchable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
