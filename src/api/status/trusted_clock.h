/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether the machine's clock may be relied on for time-stamps (EN 319 421 §7.7.2): what the kernel knows of its
 * synchronisation, or what chronyd says.
 *
 * Not checked here: whether those who set the clock tell the truth.
 */
#ifndef API_STATUS_TRUSTED_CLOCK_H
#define API_STATUS_TRUSTED_CLOCK_H

#include "base/slice.h"

#include <stdatomic.h>

enum trusted_clock_source { CLOCK_BY_KERNEL, CLOCK_BY_CHRONY, CLOCK_UNCHECKED };

struct trusted_clock {
    enum trusted_clock_source source;
    int64_t bound;           /* microseconds that it may be off */
    int chrony;              /* socket, -1 */
    _Atomic int64_t checked; /* uptime of the last look */
    atomic_bool good;
};

/** `source`: "adjtimex", "chrony", "unchecked". Before the sandbox: chronyd's address is connected to.
 * RFD_E_SETTINGS. */
rfd_status trusted_clock_open(struct trusted_clock *clock, const char *source, unsigned bound_milliseconds,
                              struct rfd_error *error) RFD_MUST_CHECK;
void trusted_clock_close(struct trusted_clock *clock);
/** Looks again when the last look is old; `now` is status_uptime(). Any thread; chronyd is asked by
 * trusted_clock_look() alone. */
bool trusted_clock_good(struct trusted_clock *clock, int64_t now);
/** Looks now. RFD_E_CLOCK says what is wrong. */
rfd_status trusted_clock_look(struct trusted_clock *clock, int64_t now, struct rfd_error *error);

/** What is known about a clock. */
struct clock_report {
    bool synchronised;
    int64_t maximum_error; /* microseconds */
    bool leap_today;       /* a second is inserted or deleted at the end of this UTC day */
    bool leap_now;         /* it is being inserted */
};
/** NULL when the clock is fit at `time` (UTC), else why it is not. */
const char *clock_report_fault(const struct clock_report *report, int64_t bound, rfd_time time);
/** From a "tracking" reply of chronyd (its protocol, version 6); false when it is none. */
bool clock_report_from_chrony(slice reply, uint32_t sequence, struct clock_report *out);

#endif
