/* SPDX-License-Identifier: EUPL-1.2
 *
 * The time axis of a report's picture: which span is shown, where a moment lies on it, and at which round dates it is
 * marked. Moments from strangers may be absurd (year 1, year 9999): the span follows what is proven and the time of
 * the check, and what lies far outside is drawn at its edge.
 */
#ifndef PADES_REPORT_AXIS_H
#define PADES_REPORT_AXIS_H

#include <refrenda/base.h>

struct report_axis {
    rfd_time from, until; /* from < until */
    double left, width;   /* where it is drawn */
};

/** The span that is certain to be shown; widen it with report_axis_include(), then report_axis_finish(). */
struct report_axis report_axis_start(rfd_time checked);
/** Extends the span to a moment that is at most `years` away from it; RFD_TIME_NONE is none. */
void report_axis_include(struct report_axis *axis, rfd_time moment, int years);
/** At least two days, and some room at both ends. */
void report_axis_finish(struct report_axis *axis, double left, double width);
/** The place of a moment, within the axis; `*outside` (may be NULL) tells that it lies beyond an end. */
double report_axis_place(const struct report_axis *axis, rfd_time moment, bool *outside);

enum report_tick_unit { REPORT_TICK_DAY, REPORT_TICK_MONTH, REPORT_TICK_YEAR };
enum { REPORT_TICKS_MAXIMUM = 32 };
struct report_ticks {
    enum report_tick_unit unit; /* what a label must tell */
    size_t count;
    rfd_time at[REPORT_TICKS_MAXIMUM];
};
/** Round dates for labels that need `label_width` each (days need half as much again). */
void report_axis_ticks(const struct report_axis *axis, double label_width, struct report_ticks *out);

#endif
