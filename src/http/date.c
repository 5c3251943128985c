/* SPDX-License-Identifier: EUPL-1.2
 *
 * IMF-fixdate (RFC 9110 §5.6.7).
 */
#include "http/response.h"

#include "base/clock.h"
#include "base/number.h"

static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; /* 1970-01-01 was a Thursday */
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static const char *day_name(rfd_time moment)
{
    int64_t day = moment / RFD_SECOND / 86400 - (moment % (86400 * RFD_SECOND) < 0);
    return days[((day % 7) + 7) % 7];
}

const char *http_date(rfd_time moment, char text[HTTP_DATE_SIZE])
{
    struct civil c = clock_civil(moment);
    (void)snprintf(text, HTTP_DATE_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_name(moment), c.day,
                   months[c.month - 1], c.year, c.hour, c.minute, c.second);
    return text;
}

static bool number_at(slice text, size_t at, size_t length, int *out)
{
    uint64_t value;
    if (!number_unsigned(slice_part(text, at, length), 9999, &value)) return false;
    *out = (int)value;
    return true;
}

bool http_date_parse(slice text, rfd_time *out)
{
    struct civil c = {0};
    char again[HTTP_DATE_SIZE];
    rfd_time moment;
    if (text.length != 29) return false;
    for (int i = 0; i < 12; i++)
        if (slice_is(slice_part(text, 8, 3), months[i])) c.month = i + 1;
    if (c.month == 0 || !number_at(text, 5, 2, &c.day) || !number_at(text, 12, 4, &c.year) ||
        !number_at(text, 17, 2, &c.hour) || !number_at(text, 20, 2, &c.minute) || !number_at(text, 23, 2, &c.second))
        return false;
    /* All that is left to check is in the form that we would give it. */
    if (!clock_from_civil(&c, &moment) || !slice_is(text, http_date(moment, again))) return false;
    *out = moment;
    return true;
}
