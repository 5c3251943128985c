/* SPDX-License-Identifier: EUPL-1.2
 *
 * Days are counted by the civil-from-days arithmetic on 400-year eras, starting the year in March so that the leap
 * day comes last.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

enum { DAYS_PER_ERA = 146097, EPOCH_SHIFT = 719468, SECONDS_PER_DAY = 86400 };

static rfd_time fixed = RFD_TIME_NONE;

rfd_time clock_now(void)
{
    if (fixed != RFD_TIME_NONE) return fixed;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (rfd_time)now.tv_sec * RFD_SECOND + now.tv_nsec / 1000;
}

void clock_fix(rfd_time moment)
{
    fixed = moment;
}

rfd_time clock_spent(void)
{
    struct timespec spent = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (rfd_time)spent.tv_sec * RFD_SECOND + spent.tv_nsec / 1000;
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT;
}

struct civil clock_civil(rfd_time t)
{
    int64_t seconds = t / RFD_SECOND - (t % RFD_SECOND < 0);
    int64_t days = seconds / SECONDS_PER_DAY - (seconds % SECONDS_PER_DAY < 0);
    int64_t rest = seconds - days * SECONDS_PER_DAY;
    days += EPOCH_SHIFT;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    return (struct civil){.year = (int)(year_of_era + era * 400 + (month <= 2)),
                          .month = month,
                          .day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1),
                          .hour = (int)(rest / 3600),
                          .minute = (int)(rest / 60 % 60),
                          .second = (int)(rest % 60)};
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

bool clock_from_civil(const struct civil *c, rfd_time *out)
{
    if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12) return false;
    if (c->day < 1 || c->day > month_length(c->year, c->month)) return false;
    if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 || c->second > 60) return false;
    int second = c->second == 60 ? 59 : c->second;
    int64_t days = days_from_civil(c->year, c->month, c->day);
    *out = (days * SECONDS_PER_DAY + c->hour * 3600 + c->minute * 60 + second) * RFD_SECOND;
    return true;
}

static char *put_two(char *to, int value)
{
    unsigned last_two = (unsigned)value % 100;
    *to++ = (char)('0' + last_two / 10);
    *to++ = (char)('0' + last_two % 10);
    return to;
}

/** What stands after '%' in a form; other letters are themselves. */
static char *put_part(char *to, char part, const struct civil *c)
{
    switch (part) {
    case 'C': return put_two(to, c->year / 100);
    case 'y': return put_two(to, c->year % 100);
    case 'm': return put_two(to, c->month);
    case 'd': return put_two(to, c->day);
    case 'H': return put_two(to, c->hour);
    case 'M': return put_two(to, c->minute);
    default: return put_two(to, c->second);
    }
}

/** The parts are strftime's, by hand: printf would cost more than the rest of a signature dictionary. */
static const char *print(rfd_time t, const char *form, char text[CLOCK_TEXT_SIZE])
{
    char *to = text;
    if (t != RFD_TIME_NONE) {
        struct civil c = clock_civil(t);
        for (; *form != '\0'; form++) {
            if (*form == '%')
                to = put_part(to, *++form, &c);
            else
                *to++ = *form;
        }
    }
    *to = '\0';
    return text;
}

const char *clock_iso(rfd_time t, char text[CLOCK_TEXT_SIZE])
{
    return print(t, "%C%y-%m-%dT%H:%M:%SZ", text);
}

const char *clock_asn1(rfd_time t, bool generalized, char text[CLOCK_TEXT_SIZE])
{
    return print(t, generalized ? "%C%y%m%d%H%M%SZ" : "%y%m%d%H%M%SZ", text);
}

const char *clock_pdf(rfd_time t, char text[CLOCK_TEXT_SIZE])
{
    return print(t, "D:%C%y%m%d%H%M%SZ", text);
}

/** Reads exactly `digits` decimal digits. */
static bool take_digits(slice *s, int digits, int *out)
{
    int value = 0;
    if (s->length < (size_t)digits) return false;
    for (int i = 0; i < digits; i++) {
        if (s->data[i] < '0' || s->data[i] > '9') return false;
        value = value * 10 + (s->data[i] - '0');
    }
    *s = slice_from(*s, (size_t)digits);
    *out = value;
    return true;
}

static bool take_byte(slice *s, char byte)
{
    if (s->length == 0 || s->data[0] != (uint8_t)byte) return false;
    *s = slice_from(*s, 1);
    return true;
}

/** A fraction of a second, to the microsecond; what follows is ignored. */
static bool take_fraction(slice *s, rfd_time *out)
{
    rfd_time value = 0;
    rfd_time unit = RFD_SECOND / 10;
    int digit;
    if (!take_digits(s, 1, &digit)) return false;
    do {
        value += unit * digit;
        unit /= 10;
    } while (take_digits(s, 1, &digit));
    *out = value;
    return true;
}

/** "+05:00", "-0500" or PDF's "-05'00'"; the colon, apostrophes and minutes may be missing. */
static bool take_offset(slice *s, rfd_time *out)
{
    int hours = 0;
    int minutes = 0;
    bool west = s->length > 0 && s->data[0] == '-';
    if (!take_byte(s, '-') && !take_byte(s, '+')) return false;
    if (!take_digits(s, 2, &hours) || hours > 23) return false;
    (void)(take_byte(s, ':') || take_byte(s, '\''));
    if (s->length >= 2 && (!take_digits(s, 2, &minutes) || minutes > 59)) return false;
    (void)take_byte(s, '\'');
    rfd_time offset = (rfd_time)(hours * 3600 + minutes * 60) * RFD_SECOND;
    *out = west ? -offset : offset;
    return true;
}

/** A zone may push a moment out of the calendar, where it could not be written again. */
static bool finish(rfd_time t, rfd_time *out)
{
    int year = clock_civil(t).year;
    if (year < 1 || year > 9999) return false;
    *out = t;
    return true;
}

bool clock_parse_iso(slice text, rfd_time *out)
{
    struct civil c = {0};
    rfd_time fraction = 0;
    rfd_time offset = 0;
    rfd_time t;
    if (!take_digits(&text, 4, &c.year) || !take_byte(&text, '-') || !take_digits(&text, 2, &c.month) ||
        !take_byte(&text, '-') || !take_digits(&text, 2, &c.day))
        return false;
    if (text.length > 0) {
        if (!take_byte(&text, 'T') && !take_byte(&text, 't') && !take_byte(&text, ' ')) return false;
        if (!take_digits(&text, 2, &c.hour) || !take_byte(&text, ':') || !take_digits(&text, 2, &c.minute))
            return false;
        if (take_byte(&text, ':')) {
            if (!take_digits(&text, 2, &c.second)) return false;
            if (take_byte(&text, '.') && !take_fraction(&text, &fraction)) return false;
        }
        if (!take_byte(&text, 'Z') && !take_byte(&text, 'z') && !take_offset(&text, &offset)) return false;
    }
    return text.length == 0 && clock_from_civil(&c, &t) && finish(t + fraction - offset, out);
}

bool clock_parse_asn1(slice text, bool generalized, rfd_time *out)
{
    struct civil c = {0};
    rfd_time fraction = 0;
    rfd_time t;
    if (!take_digits(&text, generalized ? 4 : 2, &c.year)) return false;
    if (!generalized) c.year += c.year < 50 ? 2000 : 1900;
    if (!take_digits(&text, 2, &c.month) || !take_digits(&text, 2, &c.day) || !take_digits(&text, 2, &c.hour) ||
        !take_digits(&text, 2, &c.minute) || !take_digits(&text, 2, &c.second))
        return false;
    if (generalized && take_byte(&text, '.') && !take_fraction(&text, &fraction)) return false;
    if (!take_byte(&text, 'Z') || text.length != 0 || !clock_from_civil(&c, &t)) return false;
    *out = t + fraction;
    return true;
}

bool clock_parse_pdf(slice text, rfd_time *out)
{
    struct civil c = {.month = 1, .day = 1};
    rfd_time offset = 0;
    rfd_time t;
    if (text.length >= 2 && text.data[0] == 'D' && text.data[1] == ':') text = slice_from(text, 2);
    if (!take_digits(&text, 4, &c.year)) return false;
    int *parts[] = {&c.month, &c.day, &c.hour, &c.minute, &c.second};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!take_digits(&text, 2, parts[i])) break;
    }
    if (text.length > 0 && !take_byte(&text, 'Z') && !take_offset(&text, &offset)) return false;
    return clock_from_civil(&c, &t) && finish(t - offset, out);
}
