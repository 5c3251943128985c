/* SPDX-License-Identifier: EUPL-1.2
 *
 * The installation's time zone, out of the tz database (TZif files, RFC 8536, with the rule at their end for the years
 * to come). Read once, then only looked at: any thread may use it. libc's zones are one for a process, found through
 * its environment; and a page's working days depend on this.
 *
 * A zone that is NULL is UTC, in all functions. Leap seconds are not counted (the "right/" zones are refused).
 *
 * Local time is not a number that only grows: clocks are put back and forward. Here a local time that comes twice means
 * the first, and one that never comes means the instant at which the clocks went past it.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/clock.h"

struct zone;

/** "America/Lima", out of /usr/share/zoneinfo; "UTC" is NULL, without a file. RFD_E_ARGUMENT for what is no name of a
 * zone, RFD_E_IO_READ when there is no such file, RFD_E_ARGUMENT when it is none. */
rfd_status zone_open(const char *name, struct zone **out, struct rfd_error *error) RFD_MUST_CHECK;
/** The same out of a file's bytes, which are not needed afterwards. */
rfd_status zone_read(slice file, struct zone **out, struct rfd_error *error) RFD_MUST_CHECK;
void zone_close(struct zone *zone);

/** Seconds east of Greenwich at an instant: -18000 in Lima. */
int zone_offset(const struct zone *zone, rfd_time moment);
/** What clock and calendar on the wall show. */
struct civil zone_civil(const struct zone *zone, rfd_time moment);
/** The instant at which they show this. False when a field is out of range. */
bool zone_from_civil(const struct zone *zone, const struct civil *civil, rfd_time *out);
/** The day on the calendar on the wall, counted from 1970-01-01 (day 0). */
int64_t zone_day(const struct zone *zone, rfd_time moment);
/** The first instant of a day; for a day that a zone left out, of the next. RFD_TIME_NONE beyond the years 1 to 9999.
 */
rfd_time zone_day_start(const struct zone *zone, int64_t day);

#endif
