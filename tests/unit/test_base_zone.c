/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time zones. The figures are those of the tz database; zones that are not installed are skipped. Files are made by
 * hand for what no zone has.
 */
#include "base/zone.h"
#include "base/buf.h"
#include "base/zone_rule.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static rfd_time utc(const char *text)
{
    rfd_time moment;
    assert_true(clock_parse_iso(slice_text(text), &moment));
    return moment;
}

static const char *local(const struct zone *zone, rfd_time moment)
{
    static char text[64];
    struct civil c = zone_civil(zone, moment);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                   c.second);
    return text;
}

static void instants(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *utc, *local;
    } cases[] = {
        {"UTC", "2026-11-22T04:30:00Z", "2026-11-22 04:30:00"},
        {"America/Lima", "2026-11-22T04:30:00Z", "2026-11-21 23:30:00"},
        {"America/Lima", "1990-02-01T12:00:00Z", "1990-02-01 08:00:00"}, /* summer time of that year */
        {"America/Lima", "2190-02-01T12:00:00Z", "2190-02-01 07:00:00"},
        {"America/Lima", "1890-01-01T12:00:00Z", "1890-01-01 06:51:24"}, /* local mean time */
        {"Europe/Madrid", "2026-01-01T00:00:00Z", "2026-01-01 01:00:00"},
        {"Europe/Madrid", "2026-03-29T00:59:59Z", "2026-03-29 01:59:59"},
        {"Europe/Madrid", "2026-03-29T01:00:00Z", "2026-03-29 03:00:00"},
        {"Europe/Madrid", "2026-10-25T00:59:59Z", "2026-10-25 02:59:59"},
        {"Europe/Madrid", "2026-10-25T01:00:00Z", "2026-10-25 02:00:00"},
        {"Europe/Madrid", "2050-07-01T12:00:00Z", "2050-07-01 14:00:00"},    /* by the rule at the end */
        {"America/Santiago", "2040-01-01T12:00:00Z", "2040-01-01 09:00:00"}, /* summer over New Year */
        {"America/Santiago", "2040-07-01T12:00:00Z", "2040-07-01 08:00:00"},
        {"Asia/Kathmandu", "2026-11-22T00:00:00Z", "2026-11-22 05:45:00"},
        {"Europe/Dublin", "2045-01-01T12:00:00Z", "2045-01-01 12:00:00"}, /* winter is the exception there */
        {"Europe/Dublin", "2045-07-01T12:00:00Z", "2045-07-01 13:00:00"},
        {"Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29 23:59:59"}, /* no 30th */
        {"Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31 00:00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zone *zone = NULL;
        if (zone_open(cases[i].zone, &zone, NULL) != RFD_OK) continue;
        assert_string_equal(local(zone, utc(cases[i].utc)), cases[i].local);
        zone_close(zone);
    }
}

static void back_again(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *local, *utc;
    } cases[] = {
        {"UTC", "2026-11-22T04:30:00Z", "2026-11-22T04:30:00Z"},
        {"America/Lima", "2026-11-22T00:00:00Z", "2026-11-22T05:00:00Z"},
        {"Europe/Madrid", "2026-03-29T02:30:00Z", "2026-03-29T01:00:00Z"}, /* never shown */
        {"Europe/Madrid", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z"}, /* shown twice */
        {"Europe/Madrid", "2060-07-01T12:00:00Z", "2060-07-01T10:00:00Z"},
        {"America/Sao_Paulo", "2018-11-04T00:00:00Z", "2018-11-04T03:00:00Z"}, /* no midnight */
        {"Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T10:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct zone *zone = NULL;
        rfd_time moment;
        if (zone_open(cases[i].zone, &zone, NULL) != RFD_OK) continue;
        struct civil civil = clock_civil(utc(cases[i].local));
        assert_true(zone_from_civil(zone, &civil, &moment));
        assert_int_equal(moment, utc(cases[i].utc));
        civil.month = 13;
        assert_false(zone_from_civil(zone, &civil, &moment));
        zone_close(zone);
    }
}

/** Each day begins in the instant in which it is first that day. */
static void days(void **state)
{
    (void)state;
    static const char *const zones[] = {"UTC",
                                        "America/Lima",
                                        "Europe/Madrid",
                                        "America/Sao_Paulo",
                                        "Asia/Kathmandu",
                                        "America/Santiago",
                                        "Australia/Lord_Howe",
                                        "Africa/Casablanca"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct zone *zone = NULL;
        if (zone_open(zones[i], &zone, NULL) != RFD_OK) continue;
        for (int64_t day = 10000; day < 40000; day++) {
            rfd_time start = zone_day_start(zone, day);
            assert_int_equal(zone_day(zone, start), day);
            assert_int_equal(zone_day(zone, start - 1), day - 1);
        }
        zone_close(zone);
    }
    assert_int_equal(zone_day(NULL, -1), -1);
    assert_int_equal(zone_day(NULL, 0), 0);
    assert_int_equal(zone_day_start(NULL, 1), INT64_C(86400000000));
    assert_true(zone_day_start(NULL, 2932896) == utc("9999-12-31"));
    assert_true(zone_day_start(NULL, 2932897) == RFD_TIME_NONE);
    assert_true(zone_day_start(NULL, -719163) == RFD_TIME_NONE);
    assert_true(zone_day_start(NULL, INT64_MAX) == RFD_TIME_NONE);
}

static void names(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "/etc/passwd",
        "../../etc/passwd",
        "America/../Lima",
        "America//Lima",
        "America/",
        "Lima\n",
        "a b",
        "tzdata.zi",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    struct zone *zone = NULL;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_int_equal(zone_open(refused[i], &zone, NULL), RFD_E_ARGUMENT);
    assert_int_equal(zone_open("No/Such", &zone, NULL), RFD_E_IO_READ);
    assert_null(zone);
}

/* ---- Files made by hand ---- */

static void put_number(struct buf *b, int64_t value, size_t width)
{
    for (size_t i = width; i-- > 0;) buf_put_byte(b, (uint8_t)((uint64_t)value >> (8 * i)));
}

struct file {
    uint8_t version;
    int64_t changes[4], types[4], offsets[4];
    unsigned change_count, type_count, leaps;
    const char *footer;
};
static void put_part(struct buf *b, const struct file *f, size_t width)
{
    buf_put_text(b, "TZif");
    buf_put_byte(b, f->version);
    buf_fill(b, 0, 15);
    const unsigned counts[] = {0, 0, f->leaps, f->change_count, f->type_count, 4};
    for (size_t i = 0; i < 6; i++) put_number(b, counts[i], 4);
    for (unsigned i = 0; i < f->change_count; i++) put_number(b, f->changes[i], width);
    for (unsigned i = 0; i < f->change_count; i++) put_number(b, f->types[i], 1);
    for (unsigned i = 0; i < f->type_count; i++) {
        put_number(b, f->offsets[i], 4);
        put_number(b, 0, 2);
    }
    buf_put(b, "XYZ", 4);
    buf_fill(b, 0, f->leaps * (width + 4));
}

static rfd_status read_made(const struct file *f, size_t cut, struct zone **zone)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    put_part(&b, f, 4);
    if (f->version >= '2') {
        put_part(&b, f, 8);
        buf_print(&b, "\n%s\n", f->footer);
    }
    rfd_status status = zone_read(slice_part(buf_slice(&b), 0, b.length - cut), zone, NULL);
    buf_dispose(&b);
    return status;
}

static const struct file sound = {.version = '2',
                                  .changes = {1000, 2000},
                                  .types = {1, 0},
                                  .offsets = {3600, -7200},
                                  .change_count = 2,
                                  .type_count = 2,
                                  .footer = "XYZ-1"};

static void files(void **state)
{
    (void)state;
    struct zone *zone = NULL;
    assert_int_equal(read_made(&sound, 0, &zone), RFD_OK);
    assert_int_equal(zone_offset(zone, -5 * RFD_SECOND), 3600);
    assert_int_equal(zone_offset(zone, 1000 * RFD_SECOND - 1), 3600);
    assert_int_equal(zone_offset(zone, 1000 * RFD_SECOND), -7200);
    assert_int_equal(zone_offset(zone, INT64_MAX), 3600);
    assert_int_equal(zone_offset(zone, INT64_MIN + 1), 3600);
    zone_close(zone);

    struct file f = sound; /* the first version: 32 bits, no rule */
    f.version = 0;
    f.changes[0] = -2000;
    assert_int_equal(read_made(&f, 0, &zone), RFD_OK);
    assert_int_equal(zone_offset(zone, -1 * RFD_SECOND), -7200);
    zone_close(zone);
    zone_close(NULL);
}

static void files_that_are_none(void **state)
{
    (void)state;
    struct zone *zone = NULL;
    for (size_t cut = 1; cut < 155; cut++) assert_int_equal(read_made(&sound, cut, &zone), RFD_E_ARGUMENT);
    struct file f = sound;
    f.changes[1] = 1000; /* not later */
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    f = sound;
    f.types[1] = 2; /* no such type */
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    f = sound;
    f.offsets[1] = 100000; /* more than a day */
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    f = sound;
    f.type_count = f.change_count = 0;
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    f = sound;
    f.leaps = 1;
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    f = sound;
    f.footer = "nonsense";
    assert_int_equal(read_made(&f, 0, &zone), RFD_E_ARGUMENT);
    assert_int_equal(zone_read(SLICE(""), &zone, NULL), RFD_E_ARGUMENT);
    assert_int_equal(zone_read(SLICE("TZif2"), &zone, NULL), RFD_E_ARGUMENT);
    assert_null(zone);
}

static void rules(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int standard, summer; /* summer 0: has none */
    } good[] = {
        {"UTC0", 0, 0},
        {"<-03>3", -10800, 0},
        {"<+0545>-5:45", 20700, 0},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
        {"EST5EDT,M3.2.0,M11.1.0", -18000, -14400},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0},
        {"XXX3EDT4,0/0,J365/23", -10800, -14400}, /* all the year (RFC 8536 §3.3.1) */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600},
    };
    static const char *const bad[] = {"",
                                      "U",
                                      "UT0",
                                      "UTC",
                                      "UTC25",
                                      "UTC0:60",
                                      "UTC0x",
                                      "<+03",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,J1",
                                      "CET-1CEST,366,1",
                                      "CET-1CEST,M3.5.0/168,M10.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0,",
                                      "CET99999999999999999999"};
    struct zone_rule rule;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(zone_rule_read(slice_text(good[i].text), &rule));
        assert_int_equal(rule.standard, good[i].standard);
        if (rule.has_summer) assert_int_equal(rule.summer, good[i].summer);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(zone_rule_read(slice_text(bad[i]), &rule));

    /* Days of the year, with and without the leap day. */
    assert_true(zone_rule_read(SLICE("AAA0BBB,J60/0,J61/0"), &rule));
    assert_int_equal(zone_rule_next(&rule, utc("2028-01-15") / RFD_SECOND), utc("2028-03-01") / RFD_SECOND);
    assert_true(zone_rule_read(SLICE("AAA0BBB,59/0,61/0"), &rule));
    assert_int_equal(zone_rule_next(&rule, utc("2028-01-15") / RFD_SECOND), utc("2028-02-29") / RFD_SECOND);
    assert_int_equal(zone_rule_next(&rule, utc("2027-01-15") / RFD_SECOND), utc("2027-03-01") / RFD_SECOND);
    assert_true(zone_rule_read(SLICE("XXX3EDT4,0/0,J365/23"), &rule));
    for (int64_t t = utc("2027-12-30") / RFD_SECOND; t < utc("2028-01-03") / RFD_SECOND; t += 1800)
        assert_int_equal(zone_rule_offset(&rule, t), -14400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants), cmocka_unit_test(back_again), cmocka_unit_test(days),
        cmocka_unit_test(names),    cmocka_unit_test(files),      cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
