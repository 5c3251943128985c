/* SPDX-License-Identifier: EUPL-1.2
 *
 * When a clock is good enough for time-stamps, by what kernel and chronyd report.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/status/trusted_clock.h"
#include "base/clock.h"
#include "base/number.h"

#define DAY   (INT64_C(86400) * RFD_SECOND)
#define BOUND 500000

static void faults(void **state)
{
    (void)state;
    static const rfd_time noon = 20000 * DAY + DAY / 2;
    static const rfd_time before_midnight = 20001 * DAY - RFD_SECOND;
    static const rfd_time midnight = 20001 * DAY;
    static const struct {
        struct clock_report report;
        rfd_time time;
        bool good;
    } rows[] = {
        {{.synchronised = true, .maximum_error = 1000}, noon, true},
        {{.synchronised = true, .maximum_error = BOUND}, noon, true},
        {{.synchronised = true, .maximum_error = BOUND + 1}, noon, false},
        {{.synchronised = true, .maximum_error = INT64_MAX}, noon, false},
        {{.synchronised = false, .maximum_error = 0}, noon, false},
        {{.synchronised = true, .leap_today = true}, noon, true},
        {{.synchronised = true, .leap_today = true}, before_midnight, false},
        {{.synchronised = true, .leap_today = false}, before_midnight, true},
        {{.synchronised = true, .leap_now = true}, midnight, false},
        {{.synchronised = true}, midnight, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(clock_report_fault(&rows[i].report, BOUND, rows[i].time) == NULL, rows[i].good);
}

/* What chronyd 4.3 answers to "tracking" (its candm.h): header of 28 octets, then the fields. */
struct reply {
    uint8_t bytes[104];
};

static struct reply tracking(uint16_t leap, uint32_t correction, uint32_t delay, uint32_t dispersion)
{
    struct reply r = {{6, 2, 0, 0, 0, 33, 0, 5}};
    const struct {
        size_t at;
        uint32_t value;
    } words[] = {{16, 77}, {68, correction}, {92, delay}, {96, dispersion}};
    r.bytes[55] = (uint8_t)leap;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (int b = 0; b < 4; b++) r.bytes[words[i].at + (size_t)b] = (uint8_t)(words[i].value >> (24 - 8 * b));
    return r;
}

/** mantissa * 2^(exponent - 25) */
static uint32_t number(int exponent, int mantissa)
{
    return (uint32_t)exponent << 25 | ((uint32_t)mantissa & 0x1FFFFFF);
}

static void reads_chrony(void **state)
{
    (void)state;
    struct clock_report report;
    struct reply r = tracking(0, number(0, -33554), number(1, 167772), number(0, 33554)); /* -1 ms, 10 ms, 1 ms */
    assert_true(clock_report_from_chrony(slice_of(r.bytes, sizeof r.bytes), 77, &report));
    assert_true(report.synchronised && !report.leap_today);
    assert_in_range(report.maximum_error, 6900, 7100);
    r = tracking(1, 0, 0, 0);
    assert_true(clock_report_from_chrony(slice_of(r.bytes, sizeof r.bytes), 77, &report));
    assert_true(report.synchronised && report.leap_today);
    r = tracking(3, 0, 0, 0);
    assert_true(clock_report_from_chrony(slice_of(r.bytes, sizeof r.bytes), 77, &report));
    assert_false(report.synchronised);
    r = tracking(0, number(60, 0xFFFFFF), 0, 0); /* 2^59 seconds */
    assert_true(clock_report_from_chrony(slice_of(r.bytes, sizeof r.bytes), 77, &report));
    assert_false(report.synchronised);
}

static void refuses_other_replies(void **state)
{
    (void)state;
    struct clock_report report;
    struct reply r = tracking(0, 0, 0, 0);
    slice whole = slice_of(r.bytes, sizeof r.bytes);
    assert_false(clock_report_from_chrony(whole, 78, &report)); /* of an earlier question */
    for (size_t length = 0; length < sizeof r.bytes; length++)
        assert_false(clock_report_from_chrony(slice_part(whole, 0, length), 77, &report));
    for (size_t at = 0; at < 10; at++) {
        if (at == 2 || at == 3 || at == 4 || at == 5) continue;
        r.bytes[at] ^= 1;
        assert_false(clock_report_from_chrony(whole, 77, &report));
        r.bytes[at] ^= 1;
    }
}

static void sources(void **state)
{
    (void)state;
    struct trusted_clock clock;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(trusted_clock_open(&clock, "sundial", 500, &error), RFD_E_SETTINGS);
    assert_int_equal(trusted_clock_open(&clock, "unchecked", 500, &error), RFD_OK);
    assert_true(trusted_clock_good(&clock, 0));
    trusted_clock_close(&clock);
    assert_int_equal(trusted_clock_open(&clock, "adjtimex", 500, &error), RFD_OK);
    rfd_status status = trusted_clock_look(&clock, 1000, &error);
    assert_int_equal(trusted_clock_good(&clock, 1001), status == RFD_OK);
    trusted_clock_close(&clock);
    if (trusted_clock_open(&clock, "chrony", 500, &error) != RFD_OK) return; /* no network here */
    assert_false(trusted_clock_good(&clock, 1000));                          /* nobody has asked it yet */
    trusted_clock_close(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults), cmocka_unit_test(reads_chrony),
                                       cmocka_unit_test(refuses_other_replies), cmocka_unit_test(sources)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
