/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files of time zones: what is accepted gives an offset for every instant, and days that begin where they say.
 */
#include "base/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const rfd_time moments[] = {
        INT64_MIN + 1, -1, 0, INT64_C(951782400000000), INT64_C(1795000000000000), INT64_C(32503680000000000),
        INT64_MAX};
    struct zone *zone = NULL;
    if (zone_read(slice_of(data, size), &zone, NULL) != RFD_OK) return 0;
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        int offset = zone_offset(zone, moments[i]);
        if (offset < -26 * 3600 || offset > 26 * 3600) __builtin_trap();
        int64_t day = zone_day(zone, moments[i]);
        rfd_time start = zone_day_start(zone, day);
        if (start != RFD_TIME_NONE && (zone_day(zone, start) < day || start > moments[i])) __builtin_trap();
    }
    zone_close(zone);
    return 0;
}
