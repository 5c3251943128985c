/* SPDX-License-Identifier: EUPL-1.2
 *
 * Working days: neither of the weekend nor a holiday of the country.
 */
#include "packs/holidays.h"

#include "base/clock.h"
#include "base/error.h"
#include "packs/identity.h"
#include "packs/packs_internal.h"

#include <sys/stat.h>

#define HOLIDAYS_NAME "holidays.yaml"

#define DAY ((rfd_time)24 * 3600 * 1000000)

enum { WEEKEND = 1 << SATURDAY | 1 << SUNDAY, ALL_WEEK = 127, STEPS_A_DAY = 40, STEPS_MORE = 1000 };

/* ---- Reading ---- */

/* Each is told in exactly one way. */
static bool is_holiday_good(const struct holiday *h)
{
    bool fixed = h->day != 0, moves = h->easter != NULL, nth = h->weekday != NULL;
    if (fixed + moves + nth != 1) return false;
    if (moves) return h->month == 0 && *h->easter >= -100 && *h->easter <= 100;
    if (h->month < 1 || h->month > 12) return false;
    if (nth) return h->nth == -1 || (h->nth >= 1 && h->nth <= 4);
    return h->day <= 31 && h->nth == 0;
}

rfd_status packs_read_holidays(struct country *country, const char *folder, struct rfd_error *error)
{
    char path[YAML_PATH_SIZE];
    struct stat about;
    int length = snprintf(path, sizeof path, "%s/%s/" HOLIDAYS_NAME, folder, country->name);
    if (length < 0 || (size_t)length >= sizeof path || stat(path, &about) != 0) return RFD_OK;
    TRY(yaml_read(path, &holidays_schema, RFD_E_PACK, &country->holidays, error));
    const struct holidays_file *content = country->holidays.data;
    if (content->weekend == ALL_WEEK)
        return yaml_complain(&country->holidays, RFD_E_PACK, NULL, "weekend", error, "no working day is left");
    for (unsigned i = 0; i < content->holiday_count; i++) {
        const struct holiday *h = &content->holidays[i];
        if (!is_holiday_good(h) || (h->every > 0 && h->from == 0))
            return yaml_complain(&country->holidays, RFD_E_PACK, "name", h->name, error,
                                 "a holiday is month and day, easter, or weekday, nth and month");
    }
    return RFD_OK;
}

/* ---- The calendar ---- */

static int64_t day_of(int year, int month, int day)
{
    const struct civil c = {.year = year, .month = month, .day = day};
    rfd_time t;
    return clock_from_civil(&c, &t) ? t / DAY - (t % DAY < 0) : INT64_MIN;
}

/* 1970-01-01 was a Thursday. */
static enum weekday weekday_of(int64_t day)
{
    return (enum weekday)(((day + THURSDAY) % 7 + 7) % 7);
}

/* Easter Sunday of the Gregorian calendar: the Sunday after the full moon that the Church computes with the epact. */
static int64_t easter_of(int year)
{
    int golden = year % 19, century = year / 100;
    int leaps = century / 4, moon = (8 * century + 13) / 25;
    int epact = (19 * golden + century - leaps - moon + 15) % 30;
    int correction = epact / 28 * (1 - 29 / (epact + 1) * ((21 - golden) / 11));
    int full_moon = epact - correction;
    int weekday = (year + year / 4 + full_moon + 2 - century + leaps) % 7;
    int day = full_moon - weekday;
    return day_of(year, 3, 28) + day;
}

static int64_t nth_of(const struct holiday *h, int year)
{
    int month = (int)h->month;
    if (h->nth < 0) {
        int64_t last = (month == 12 ? day_of(year + 1, 1, 1) : day_of(year, month + 1, 1)) - 1;
        return last - (weekday_of(last) + 7 - *h->weekday) % 7;
    }
    int64_t first = day_of(year, month, 1);
    return first + (*h->weekday + 7 - weekday_of(first)) % 7 + 7 * (h->nth - 1);
}

static bool falls_on(const struct holiday *h, int64_t day, int year)
{
    unsigned y = (unsigned)year;
    if ((h->from != 0 && y < h->from) || (h->until != 0 && y > h->until)) return false;
    if (h->every > 0 && (y - h->from) % h->every != 0) return false;
    if (h->easter != NULL) return day == easter_of(year) + *h->easter;
    if (h->weekday != NULL) return day == nth_of(h, year);
    return day == day_of(year, (int)h->month, (int)h->day);
}

/* ---- Outside ---- */

bool packs_working_day(const struct packs *packs, slice country, int64_t day)
{
    const struct country *c = packs_country(packs, country);
    const struct holidays_file *content = c == NULL ? NULL : c->holidays.data;
    unsigned weekend = content == NULL ? WEEKEND : content->weekend;
    if ((weekend >> weekday_of(day) & 1) != 0) return false;
    int year = clock_civil(day * DAY).year;
    for (unsigned i = 0; content != NULL && i < content->holiday_count; i++) {
        if (falls_on(&content->holidays[i], day, year)) return false;
    }
    return true;
}

/* Bounded: a calendar without a working day in over a month ends it. */
int64_t packs_add_working_days(const struct packs *packs, slice country, int64_t day, unsigned days)
{
    uint64_t steps = (uint64_t)days * STEPS_A_DAY + STEPS_MORE;
    for (; days > 0 && steps > 0; steps--) days -= packs_working_day(packs, country, ++day);
    return day;
}
