/* SPDX-License-Identifier: EUPL-1.2
 *
 * Moments as people write them, in the installation's zone.
 */
#include "web/internal.h"

#include "base/clock.h"
#include "base/zone.h"

slice page_time(const struct page *page, rfd_time moment)
{
    if (moment == RFD_TIME_NONE) return SLICE_EMPTY;
    struct civil c = zone_civil(page->web->zone, moment);
    const char *text = arena_print(page->arena, "%02d/%02d/%04d %02d:%02d", c.day, c.month, c.year, c.hour, c.minute);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice page_day(const struct page *page, rfd_time moment)
{
    if (moment == RFD_TIME_NONE) return SLICE_EMPTY;
    struct civil c = zone_civil(page->web->zone, moment);
    const char *text = arena_print(page->arena, "%02d/%02d/%04d", c.day, c.month, c.year);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice moment_iso_day(const struct page *page, rfd_time moment)
{
    if (moment == RFD_TIME_NONE) return SLICE_EMPTY;
    struct civil c = zone_civil(page->web->zone, moment);
    const char *text = arena_print(page->arena, "%04d-%02d-%02d", c.year, c.month, c.day);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

bool moment_of_day(const struct page *page, const struct civil *day, rfd_time *out)
{
    rfd_time noon;
    struct civil at_noon = *day;
    /* A day that the clocks were changed at its begin has no midnight; every day has a noon. */
    at_noon.hour = 12;
    if (!zone_from_civil(page->web->zone, &at_noon, &noon)) return false;
    *out = zone_day_start(page->web->zone, zone_day(page->web->zone, noon));
    return *out != RFD_TIME_NONE;
}

rfd_time moment_after_day(const struct page *page, rfd_time day)
{
    return day == RFD_TIME_NONE ? day : zone_day_start(page->web->zone, zone_day(page->web->zone, day) + 1);
}

bool moment_read_day(const struct page *page, slice text, rfd_time *first, rfd_time *after)
{
    rfd_time moment;
    if (text.length != 10 || !clock_parse_iso(text, &moment)) return false;
    struct civil day = clock_civil(moment);
    if (!moment_of_day(page, &day, first)) return false;
    *after = moment_after_day(page, *first);
    return *after != RFD_TIME_NONE;
}
