/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "keeper/attestation.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define TEXT                                                                                                           \
    "Refrenda attestation 1\n"                                                                                         \
    "approval: " ZEROS "\n"                                                                                            \
    "key: 0101010101010101010101010101010101010101010101010101010101010101\n"                                          \
    "time: 2026-11-22T01:02:03Z\n"

static void test_reads_what_it_writes(void **state)
{
    (void)state;
    struct attestation a;
    struct buf b;
    assert_int_equal(attestation_read(SLICE(TEXT), &a, NULL), RFD_OK);
    assert_int_equal(a.approval[0], 0);
    assert_int_equal(a.key[31], 1);
    buf_init(&b, ATTESTATION_MAXIMUM);
    assert_int_equal(attestation_write(&a, &b, NULL), RFD_OK);
    assert_true(slice_is(buf_slice(&b), TEXT));
    a.time++; /* no whole second */
    assert_int_equal(attestation_write(&a, &b, NULL), RFD_E_ARGUMENT);
    buf_dispose(&b);
}

static void test_hostile(void **state)
{
    (void)state;
    static const char *const bad[] = {
        TEXT "\n",
        " " TEXT,
        "Refrenda attestation 1\nkey: " ZEROS "\napproval: " ZEROS "\ntime: 2026-11-22T01:02:03Z\n",
        "Refrenda attestation 1\napproval: " ZEROS "\nkey: " ZEROS "\ntime: 2026-11-22T01:02:03+00:00\n",
        "Refrenda attestation 1\napproval: " ZEROS "\nkey: " ZEROS "\ntime: 2026-11-22\n",
        "Refrenda attestation 1\napproval: " ZEROS "\nkey: " ZEROS "0\ntime: 2026-11-22T01:02:03Z\n",
        "Refrenda attestation 1\r\napproval: " ZEROS "\nkey: " ZEROS "\ntime: 2026-11-22T01:02:03Z\n",
        "Refrenda attestation 1\napproval: A000000000000000000000000000000000000000000000000000000000000000\nkey: " ZEROS
        "\ntime: 2026-11-22T01:02:03Z\n",
    };
    struct attestation a;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(attestation_read(slice_text(bad[i]), &a, NULL), RFD_E_APPROVAL);
    for (size_t length = 0; length < sizeof TEXT - 1; length++)
        assert_int_equal(attestation_read(slice_of(TEXT, length), &a, NULL), RFD_E_APPROVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reads_what_it_writes), cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
