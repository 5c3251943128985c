/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/zone_rule.h"

#include "base/clock.h"
#include "base/number.h"

enum { HOUR = 3600, DAY = 86400, HOURS_OF_OFFSET = 24, HOURS_OF_TIME = 167, SECOND_O_CLOCK = 2 * 3600, YEARS = 4 };

/* ---- Reading ---- */

static bool take(slice *s, uint8_t c)
{
    if (s->length == 0 || s->data[0] != c) return false;
    *s = slice_from(*s, 1);
    return true;
}

static bool take_number(slice *s, int least, int most, int *out)
{
    uint64_t value;
    size_t digits = 0;
    while (digits < s->length && s->data[digits] >= '0' && s->data[digits] <= '9') digits++;
    if (!number_unsigned(slice_part(*s, 0, digits), (uint64_t)most, &value) || (int)value < least) return false;
    *s = slice_from(*s, digits);
    *out = (int)value;
    return true;
}

static bool is_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/** "CET", or "<-03>". */
static bool take_name(slice *s)
{
    size_t length = 0;
    if (take(s, '<')) {
        const uint8_t *end = s->length == 0 ? NULL : memchr(s->data, '>', s->length);
        if (end == NULL) return false;
        *s = slice_from(*s, (size_t)(end - s->data) + 1);
        return true;
    }
    while (length < s->length && is_letter(s->data[length])) length++;
    *s = slice_from(*s, length);
    return length >= 3;
}

/** "[+-]hh[:mm[:ss]]". */
static bool take_time(slice *s, int most_hours, int *seconds)
{
    int parts[3] = {0};
    bool minus = take(s, '-');
    if (!minus) (void)take(s, '+');
    if (!take_number(s, 0, most_hours, &parts[0])) return false;
    for (int i = 1; i < 3 && take(s, ':'); i++)
        if (!take_number(s, 0, 59, &parts[i])) return false;
    int total = parts[0] * HOUR + parts[1] * 60 + parts[2];
    *seconds = minus ? -total : total;
    return true;
}

/** ",M3.5.0/2", ",J60", ",59". */
static bool take_date(slice *s, struct zone_date *out)
{
    *out = (struct zone_date){.seconds = SECOND_O_CLOCK};
    if (!take(s, ',')) return false;
    bool good;
    if (take(s, 'M')) {
        good = take_number(s, 1, 12, &out->month) && take(s, '.') && take_number(s, 1, 5, &out->week) && take(s, '.') &&
               take_number(s, 0, 6, &out->day);
    } else if (take(s, 'J')) {
        out->kind = ZONE_DATE_NO_LEAP;
        good = take_number(s, 1, 365, &out->day);
    } else {
        out->kind = ZONE_DATE_FROM_ZERO;
        good = take_number(s, 0, 365, &out->day);
    }
    return good && (!take(s, '/') || take_time(s, HOURS_OF_TIME, &out->seconds));
}

bool zone_rule_read(slice text, struct zone_rule *out)
{
    struct zone_rule r = {.has_summer = false};
    int west;
    if (!take_name(&text) || !take_time(&text, HOURS_OF_OFFSET, &west)) return false;
    r.standard = -west; /* POSIX counts to the west */
    r.has_summer = text.length > 0;
    r.summer = r.standard + HOUR;
    if (r.has_summer) {
        if (!take_name(&text)) return false;
        if (text.length > 0 && text.data[0] != ',') {
            if (!take_time(&text, HOURS_OF_OFFSET, &west)) return false;
            r.summer = -west;
        }
        if (!take_date(&text, &r.begin) || !take_date(&text, &r.end)) return false;
    }
    if (text.length > 0) return false;
    *out = r;
    return true;
}

/* ---- When clocks change ---- */

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/** Seconds from 1970 to the midnight before a day of the calendar. */
static int64_t midnight(int year, int month, int day)
{
    rfd_time moment = 0;
    (void)clock_from_civil(&(struct civil){.year = year, .month = month, .day = day}, &moment);
    return moment / RFD_SECOND;
}

/** Week 5 is the month's last such weekday; 1970-01-01 was a Thursday. */
static int64_t nth_weekday(int year, const struct zone_date *date)
{
    int64_t first = midnight(year, date->month, 1);
    int weekday = (int)((first / DAY % 7 + 4 + 7) % 7);
    int day = 1 + (date->day - weekday + 7) % 7 + 7 * (date->week - 1);
    int64_t next_month = date->month == 12 ? midnight(year, 12, 31) + DAY : midnight(year, date->month + 1, 1);
    int64_t at = first + (int64_t)(day - 1) * DAY;
    return at < next_month ? at : at - 7 * (int64_t)DAY;
}

/** On a clock that shows `offset`. */
static int64_t change_in(int year, const struct zone_date *date, int offset)
{
    int64_t day;
    if (date->kind == ZONE_DATE_MONTH) {
        day = nth_weekday(year, date);
    } else {
        bool after_february = date->kind == ZONE_DATE_NO_LEAP && date->day >= 60 && is_leap(year);
        int days = date->day - (date->kind == ZONE_DATE_NO_LEAP) + after_february;
        day = midnight(year, 1, 1) + (int64_t)days * DAY;
    }
    return day + date->seconds - offset;
}

/** The changes of the years around an instant. Where summer ends in the instant in which it begins, it never ends. */
struct change {
    int64_t at;
    int offset;
};
static size_t changes_around(const struct zone_rule *rule, int64_t moment, struct change changes[2 * YEARS])
{
    int64_t least = midnight(4, 1, 1);
    int64_t most = midnight(9995, 1, 1);
    int64_t near = moment < least ? least : moment > most ? most : moment;
    int year = clock_civil(near * RFD_SECOND).year;
    for (int i = 0; i < YEARS; i++) {
        changes[2 * i] = (struct change){change_in(year - 1 + i, &rule->end, rule->summer), rule->standard};
        changes[2 * i + 1] = (struct change){change_in(year - 1 + i, &rule->begin, rule->standard), rule->summer};
    }
    return (size_t)2 * YEARS;
}

int zone_rule_offset(const struct zone_rule *rule, int64_t moment)
{
    struct change changes[2 * YEARS];
    struct change last = {INT64_MIN, rule->standard};
    if (!rule->has_summer) return rule->standard;
    size_t count = changes_around(rule, moment, changes);
    for (size_t i = 0; i < count; i++) {
        bool later = changes[i].at > last.at || (changes[i].at == last.at && changes[i].offset == rule->summer);
        if (changes[i].at <= moment && later) last = changes[i];
    }
    return last.offset;
}

int64_t zone_rule_next(const struct zone_rule *rule, int64_t moment)
{
    struct change changes[2 * YEARS];
    int64_t next = INT64_MAX;
    if (!rule->has_summer) return next;
    size_t count = changes_around(rule, moment, changes);
    for (size_t i = 0; i < count; i++)
        if (changes[i].at > moment && changes[i].at < next) next = changes[i].at;
    return next;
}
