/* SPDX-License-Identifier: EUPL-1.2
 *
 * Deadlines in working days of the installation's country, and months, in its time zone.
 */
#include "domain/access/access_internal.h"

#include "packs/identity.h"

enum { MONDAY_OFFSET = 3, WAITED_MAXIMUM = 1000 }; /* 1970-01-01 was a Thursday */

struct access_settings access_settings_of(const struct settings *settings, const struct packs *packs,
                                          const struct zone *zone)
{
    return (struct access_settings){.reminder_days = settings->access.reminder_days,
                                    .escalation_days = settings->access.escalation_days,
                                    .denial_days = settings->access.denial_days,
                                    .review_months = settings->access.review_months,
                                    .country = settings->web.country,
                                    .packs = packs,
                                    .zone = zone};
}

static bool is_working(const struct access_settings *settings, int64_t day)
{
    if (settings->packs != NULL) return packs_working_day(settings->packs, slice_text(settings->country), day);
    return (day % 7 + 7 + MONDAY_OFFSET) % 7 < 5;
}

rfd_time access_deadline(const struct access_settings *settings, rfd_time from, unsigned days)
{
    int64_t day = zone_day(settings->zone, from);
    while (days > 0) {
        if (is_working(settings, ++day)) days--;
    }
    return zone_day_start(settings->zone, day + 1);
}

unsigned access_days_waited(const struct access_settings *settings, rfd_time from, rfd_time to)
{
    unsigned waited = 0;
    int64_t last = zone_day(settings->zone, to);
    for (int64_t day = zone_day(settings->zone, from) + 1; day < last && waited < WAITED_MAXIMUM; day++)
        waited += is_working(settings, day);
    return waited;
}

rfd_time access_add_months(const struct access_settings *settings, rfd_time moment, int months)
{
    struct civil c = zone_civil(settings->zone, moment);
    rfd_time out = moment;
    int month = c.year * 12 + c.month - 1 + months;
    c.year = month / 12;
    c.month = month % 12 + 1;
    while (!zone_from_civil(settings->zone, &c, &out) && c.day > 28) c.day--;
    return out;
}

int access_year(const struct access_settings *settings, rfd_time moment)
{
    return zone_civil(settings->zone, moment).year;
}

slice access_day(const struct access_settings *settings, rfd_time moment, struct arena *a)
{
    struct civil c = zone_civil(settings->zone, moment);
    const char *text = arena_print(a, "%02d/%02d/%04d", c.day, c.month, c.year);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}
