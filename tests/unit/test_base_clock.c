/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static void known_moments(void **state)
{
    (void)state;
    static const struct {
        rfd_time seconds;
        const char *iso;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {1795287024, "2026-11-21T18:50:24Z"},
        {2147483648, "2038-01-19T03:14:08Z"},
        {4107542400, "2100-03-01T00:00:00Z"},
        {-11644473600, "1601-01-01T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {-62135596800, "0001-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CLOCK_TEXT_SIZE];
        rfd_time back = 0;
        assert_string_equal(clock_iso(rows[i].seconds * RFD_SECOND, text), rows[i].iso);
        assert_true(clock_parse_iso(slice_text(rows[i].iso), &back));
        assert_int_equal(back, rows[i].seconds * RFD_SECOND);
    }
}

/** Walks the calendar day by day with rules of its own. */
static void every_day_from_1601_to_9999(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    rfd_time at = INT64_C(-11644473600) * RFD_SECOND;
    for (int year = 1601; year <= 9999; year++) {
        bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        for (int month = 1; month <= 12; month++) {
            int days = lengths[month - 1] + (leap && month == 2);
            for (int day = 1; day <= days; day++, at += 86400 * RFD_SECOND) {
                struct civil c = clock_civil(at + 86399 * RFD_SECOND);
                if (c.year != year || c.month != month || c.day != day || c.hour != 23 || c.minute != 59 ||
                    c.second != 59)
                    fail_msg("%d-%d-%d is %d-%d-%d", year, month, day, c.year, c.month, c.day);
                rfd_time back;
                struct civil noon = {year, month, day, 0, 0, 0};
                if (!clock_from_civil(&noon, &back) || back != at) fail_msg("%d-%d-%d not back", year, month, day);
            }
            struct civil beyond = {year, month, days + 1, 0, 0, 0};
            rfd_time untouched = 5;
            assert_false(clock_from_civil(&beyond, &untouched));
            assert_int_equal(untouched, 5);
        }
    }
}

static void fields_out_of_range(void **state)
{
    (void)state;
    static const struct civil rows[] = {
        {0, 1, 1, 0, 0, 0},     {10000, 1, 1, 0, 0, 0},
        {-5, 1, 1, 0, 0, 0},    {2026, 0, 1, 0, 0, 0},
        {2026, 13, 1, 0, 0, 0}, {2026, -1, 1, 0, 0, 0},
        {2026, 1, 0, 0, 0, 0},  {2026, 1, 32, 0, 0, 0},
        {2026, 2, 29, 0, 0, 0}, {1900, 2, 29, 0, 0, 0},
        {2026, 4, 31, 0, 0, 0}, {2026, 1, 1, 24, 0, 0},
        {2026, 1, 1, -1, 0, 0}, {2026, 1, 1, 0, 60, 0},
        {2026, 1, 1, 0, -1, 0}, {2026, 1, 1, 0, 0, 61},
        {2026, 1, 1, 0, 0, -1}, {INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rfd_time t = 7;
        assert_false(clock_from_civil(&rows[i], &t));
        assert_int_equal(t, 7);
    }
    rfd_time leap;
    rfd_time last;
    assert_true(clock_from_civil(&(struct civil){2016, 12, 31, 23, 59, 60}, &leap));
    assert_true(clock_from_civil(&(struct civil){2016, 12, 31, 23, 59, 59}, &last));
    assert_int_equal(leap, last);
}

struct parse_row {
    const char *text, *iso; /* NULL: must be refused */
    int micro;
};

typedef bool parse_function(slice text, rfd_time *out);

static void parse_rows(const struct parse_row *rows, size_t count, parse_function *parse)
{
    for (size_t i = 0; i < count; i++) {
        char text[CLOCK_TEXT_SIZE];
        rfd_time t = 12345;
        bool good = parse(slice_text(rows[i].text), &t);
        if (good != (rows[i].iso != NULL)) fail_msg("'%s' %s", rows[i].text, good ? "was taken" : "was refused");
        if (!good && t != 12345) fail_msg("'%s' left a value", rows[i].text);
        if (good && strcmp(clock_iso(t, text), rows[i].iso) != 0) fail_msg("'%s' is %s", rows[i].text, text);
        if (good) assert_int_equal((t % RFD_SECOND + RFD_SECOND) % RFD_SECOND, rows[i].micro);
    }
}
#define PARSE(rows, parse) parse_rows(rows, sizeof(rows) / sizeof *(rows), parse)

static void iso_texts(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {"2026-11-21", "2026-11-21T00:00:00Z", 0},
        {"2026-11-21T18:50Z", "2026-11-21T18:50:00Z", 0},
        {"2026-11-21t18:50:24z", "2026-11-21T18:50:24Z", 0},
        {"2026-11-21 18:50:24.25Z", "2026-11-21T18:50:24Z", 250000},
        {"2026-11-21T18:50:24.1234567891234567890123456789Z", "2026-11-21T18:50:24Z", 123456},
        {"2026-11-21T00:30:00+05:45", "2026-11-20T18:45:00Z", 0},
        {"2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00Z", 0},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", 0},
        {"1960-01-01T00:00:00.5Z", "1960-01-01T00:00:00Z", 500000},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", 0},
        {"9999-12-31T23:59:59-00:01", NULL, 0},
        {"0001-01-01T00:00:00+00:01", NULL, 0},
        {"", NULL, 0},
        {"2026", NULL, 0},
        {"2026-11", NULL, 0},
        {"2026-11-2", NULL, 0},
        {"2026-11-211", NULL, 0},
        {"2026-11-21T", NULL, 0},
        {"2026-11-21T18", NULL, 0},
        {"2026-11-21T18:50", NULL, 0},
        {"2026-11-21T18:50:24", NULL, 0},
        {"2026-11-21T18:50:24.Z", NULL, 0},
        {"2026-11-21T18:50.5Z", NULL, 0},
        {"2026-11-21T18:50:24ZZ", NULL, 0},
        {"2026-11-21T18:50:24+24:00", NULL, 0},
        {"2026-11-21T18:50:24+01:60", NULL, 0},
        {"2026-11-21T18:50:24+1:00", NULL, 0},
        {"2026-11-21T24:00:00Z", NULL, 0},
        {"2026-11-21T18:60:00Z", NULL, 0},
        {"2026-02-30", NULL, 0},
        {"2026-02-29", NULL, 0},
        {"2026-00-01", NULL, 0},
        {"0000-01-01", NULL, 0},
        {"-026-01-01", NULL, 0},
        {"+026-01-01", NULL, 0},
        {" 2026-11-21", NULL, 0},
        {"2026-11-21 ", NULL, 0},
        {"2026/11/21", NULL, 0},
    };
    PARSE(rows, clock_parse_iso);
}

static bool parse_generalized(slice text, rfd_time *out)
{
    return clock_parse_asn1(text, true, out);
}

static bool parse_utc(slice text, rfd_time *out)
{
    return clock_parse_asn1(text, false, out);
}

static void asn1_texts(void **state)
{
    (void)state;
    static const struct parse_row generalized[] = {
        {"20261121185024Z", "2026-11-21T18:50:24Z", 0},
        {"20261121185024.5Z", "2026-11-21T18:50:24Z", 500000},
        {"99991231235959Z", "9999-12-31T23:59:59Z", 0}, /* "no well-defined expiration", RFC 5280 section 4.1.2.5 */
        {"20240229000000Z", "2024-02-29T00:00:00Z", 0},
        {"20230229000000Z", NULL, 0},
        {"20261121185024", NULL, 0},
        {"20261121185024+0100", NULL, 0},
        {"202611211850Z", NULL, 0},
        {"2026112118Z", NULL, 0},
        {"20261121185024,5Z", NULL, 0},
        {"20261121185024.Z", NULL, 0},
        {"20261121185024Z ", NULL, 0},
        {"261121185024Z", NULL, 0},
        {"20261321185024Z", NULL, 0},
        {"2026-1121185024Z", NULL, 0},
        {"00000101000000Z", NULL, 0},
        {"", NULL, 0},
        {"Z", NULL, 0},
    };
    static const struct parse_row utc[] = {
        {"261121185024Z", "2026-11-21T18:50:24Z", 0},
        {"491231235959Z", "2049-12-31T23:59:59Z", 0},
        {"500101000000Z", "1950-01-01T00:00:00Z", 0},
        {"991231235959Z", "1999-12-31T23:59:59Z", 0},
        {"000229000000Z", "2000-02-29T00:00:00Z", 0},
        {"010229000000Z", NULL, 0},
        {"2611211850Z", NULL, 0},
        {"261121185024+0100", NULL, 0},
        {"261121185024.5Z", NULL, 0},
        {"20261121185024Z", NULL, 0},
        {"261121185024", NULL, 0},
        {"", NULL, 0},
    };
    PARSE(generalized, parse_generalized);
    PARSE(utc, parse_utc);
}

static void pdf_texts(void **state)
{
    (void)state;
    static const struct parse_row rows[] = {
        {"D:20261121185024Z", "2026-11-21T18:50:24Z", 0},
        {"D:20261121185024", "2026-11-21T18:50:24Z", 0},
        {"20261121185024Z", "2026-11-21T18:50:24Z", 0},
        {"D:2026", "2026-01-01T00:00:00Z", 0},
        {"D:202611", "2026-11-01T00:00:00Z", 0},
        {"D:20261121", "2026-11-21T00:00:00Z", 0},
        {"D:2026112118", "2026-11-21T18:00:00Z", 0},
        {"D:20261121185024Z00'00'", "2026-11-21T18:50:24Z", 0},
        {"D:20261121185024+01'00'", "2026-11-21T17:50:24Z", 0},
        {"D:20261121185024+01'00", "2026-11-21T17:50:24Z", 0},
        {"D:20261121185024-0530", "2026-11-22T00:20:24Z", 0},
        {"D:20261121185024+01:00", "2026-11-21T17:50:24Z", 0},
        {"D:20261121185024-08", "2026-11-22T02:50:24Z", 0},
        {"D:20261121185024-08'", "2026-11-22T02:50:24Z", 0},
        {"D:20261121185024+14'00'", "2026-11-21T04:50:24Z", 0},
        {"D:20261121185024-12'45'", "2026-11-22T07:35:24Z", 0},
        {"D:20261121185024+00'00'", "2026-11-21T18:50:24Z", 0},
        {"D:2026+01'00'", "2025-12-31T23:00:00Z", 0},
        {"D:99991231235959-00'01'", NULL, 0},
        {"D:00010101000000+00'01'", NULL, 0},
        {"", NULL, 0},
        {"D:", NULL, 0},
        {"D:20", NULL, 0},
        {"D:20261", NULL, 0},
        {"D:20261121185024*", NULL, 0},
        {"D:20261121185024 +01'00'", NULL, 0},
        {"D:20261121185024+", NULL, 0},
        {"D:20261121185024+1", NULL, 0},
        {"D:20261121185024+24'00'", NULL, 0},
        {"D:20261121185024+01'60'", NULL, 0},
        {"D:20261321185024Z", NULL, 0},
        {"D:20260230", NULL, 0},
        {"D:20261121250000Z", NULL, 0},
        {"d:20261121", NULL, 0},
        {"D: 20261121", NULL, 0},
        {"D:D:20261121", NULL, 0},
    };
    PARSE(rows, clock_parse_pdf);
}

static void nothing_prints_as_nothing(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_SIZE];
    assert_string_equal(clock_iso(RFD_TIME_NONE, text), "");
    assert_string_equal(clock_asn1(RFD_TIME_NONE, true, text), "");
    assert_string_equal(clock_pdf(RFD_TIME_NONE, text), "");
    static const rfd_time extremes[] = {INT64_MAX, INT64_MIN + 1, INT64_MAX - RFD_SECOND, -1};
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++) {
        assert_true(strlen(clock_iso(extremes[i], text)) < CLOCK_TEXT_SIZE);
        assert_true(strlen(clock_pdf(extremes[i], text)) < CLOCK_TEXT_SIZE);
        assert_true(strlen(clock_asn1(extremes[i], true, text)) < CLOCK_TEXT_SIZE);
    }
}

static void every_form_round_trips(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    for (int i = 0; i < 200000; i++) {
        char text[CLOCK_TEXT_SIZE];
        rfd_time back;
        /* 0001 to 9999, whole seconds */
        rfd_time t = (rfd_time)(next_random(&seed) % UINT64_C(315537897600)) - INT64_C(62135596800);
        t *= RFD_SECOND;
        assert_true(clock_parse_iso(slice_text(clock_iso(t, text)), &back) && back == t);
        assert_true(clock_parse_asn1(slice_text(clock_asn1(t, true, text)), true, &back) && back == t);
        assert_true(clock_parse_pdf(slice_text(clock_pdf(t, text)), &back) && back == t);
        int year = clock_civil(t).year;
        if (year >= 1950 && year < 2050)
            assert_true(clock_parse_asn1(slice_text(clock_asn1(t, false, text)), false, &back) && back == t);
    }
}

/** Anything that is taken must be a moment that can be written again. */
static void random_texts_never_leave_the_calendar(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789-+:.TZ'D ";
    static parse_function *const parsers[] = {clock_parse_iso, parse_generalized, parse_utc, clock_parse_pdf};
    static const char *const seeds[] = {"2026-11-21T18:50:24+01:00", "20261121185024.5Z", "261121185024Z",
                                        "D:20261121185024+01'00'"};
    uint64_t seed = 7;
    for (int i = 0; i < 400000; i++) {
        char text[40];
        int which = i % 4;
        (void)snprintf(text, sizeof text, "%s", seeds[which]);
        for (int change = 0; change < 3; change++)
            text[next_random(&seed) % strlen(seeds[which])] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
        rfd_time t;
        if (!parsers[which](slice_part(slice_text(text), 0, next_random(&seed) % 32), &t)) continue;
        int year = clock_civil(t).year;
        if (year < 1 || year > 9999) fail_msg("'%s' is in the year %d", text, year);
    }
}

static void the_clock_can_be_fixed(void **state)
{
    (void)state;
    rfd_time before = clock_now();
    assert_true(before > 1700000000 * RFD_SECOND);
    clock_fix(42);
    assert_int_equal(clock_now(), 42);
    clock_fix(RFD_TIME_NONE);
    assert_true(clock_now() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_moments),
        cmocka_unit_test(every_day_from_1601_to_9999),
        cmocka_unit_test(fields_out_of_range),
        cmocka_unit_test(iso_texts),
        cmocka_unit_test(asn1_texts),
        cmocka_unit_test(pdf_texts),
        cmocka_unit_test(nothing_prints_as_nothing),
        cmocka_unit_test(every_form_round_trips),
        cmocka_unit_test(random_texts_never_leave_the_calendar),
        cmocka_unit_test(the_clock_can_be_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
