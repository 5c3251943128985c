/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_axis.h"

#include "base/clock.h"

#define DAY  (INT64_C(86400) * RFD_SECOND)
#define YEAR (INT64_C(31556952) * RFD_SECOND) /* the mean of 400 years */

enum { SPAN_MINIMUM_DAYS = 2, MARGIN_PARTS = 40 };

/* --- Span -------------------------------------------------------------------------------------------------------- */

struct report_axis report_axis_start(rfd_time checked)
{
    return (struct report_axis){.from = checked, .until = checked};
}

void report_axis_include(struct report_axis *axis, rfd_time moment, int years)
{
    if (moment == RFD_TIME_NONE) return;
    if (moment < axis->from && axis->from - moment <= years * YEAR) axis->from = moment;
    if (moment > axis->until && moment - axis->until <= years * YEAR) axis->until = moment;
}

void report_axis_finish(struct report_axis *axis, double left, double width)
{
    if (axis->until - axis->from < SPAN_MINIMUM_DAYS * DAY) {
        axis->from -= DAY;
        axis->until += DAY;
    }
    rfd_time margin = (axis->until - axis->from) / MARGIN_PARTS;
    axis->from -= margin;
    axis->until += margin;
    axis->left = left;
    axis->width = width;
}

double report_axis_place(const struct report_axis *axis, rfd_time moment, bool *outside)
{
    double part = ((double)moment - (double)axis->from) / ((double)axis->until - (double)axis->from);
    if (outside != NULL) *outside = part < 0 || part > 1;
    return axis->left + axis->width * (part < 0 ? 0 : part > 1 ? 1 : part);
}

/* --- Ticks ------------------------------------------------------------------------------------------------------- */

static const struct step {
    enum report_tick_unit unit;
    int count;
} steps[] = {
    {REPORT_TICK_DAY, 1},   {REPORT_TICK_DAY, 2},    {REPORT_TICK_DAY, 7},    {REPORT_TICK_DAY, 14},
    {REPORT_TICK_MONTH, 1}, {REPORT_TICK_MONTH, 3},  {REPORT_TICK_MONTH, 6},  {REPORT_TICK_YEAR, 1},
    {REPORT_TICK_YEAR, 2},  {REPORT_TICK_YEAR, 5},   {REPORT_TICK_YEAR, 10},  {REPORT_TICK_YEAR, 20},
    {REPORT_TICK_YEAR, 50}, {REPORT_TICK_YEAR, 100}, {REPORT_TICK_YEAR, 500},
};

static rfd_time step_length(const struct step *s)
{
    static const rfd_time lengths[] = {DAY, YEAR / 12, YEAR};
    return lengths[s->unit] * s->count;
}

static const struct step *choose(const struct report_axis *axis, double label_width)
{
    size_t i = 0;
    for (; i + 1 < sizeof steps / sizeof *steps; i++) {
        double labels = (double)(axis->until - axis->from) / (double)step_length(&steps[i]) + 1;
        double each = steps[i].unit == REPORT_TICK_DAY ? label_width * 1.5 : label_width;
        if (labels * each <= axis->width && labels < REPORT_TICKS_MAXIMUM) break;
    }
    return &steps[i];
}

/** The round date after `c` (exclusive); false beyond the calendar. */
static bool advance(struct civil *c, const struct step *s, rfd_time *at)
{
    if (s->unit == REPORT_TICK_DAY) {
        *at += s->count * DAY;
        return true;
    }
    int months = s->unit == REPORT_TICK_YEAR ? 12 * s->count : s->count;
    int total = c->year * 12 + c->month - 1 + months;
    c->year = total / 12;
    c->month = total % 12 + 1;
    return clock_from_civil(c, at);
}

/** The last round date not after the axis' start. */
static bool first_tick(const struct report_axis *axis, const struct step *s, struct civil *c, rfd_time *at)
{
    if (s->unit == REPORT_TICK_DAY) {
        rfd_time days = axis->from / DAY - (axis->from % DAY < 0);
        *at = (days - days % s->count) * DAY;
        return true;
    }
    *c = (struct civil){.year = clock_civil(axis->from).year, .month = clock_civil(axis->from).month, .day = 1};
    if (s->unit == REPORT_TICK_YEAR) {
        c->year -= c->year % s->count;
        c->month = 1;
    } else {
        c->month -= (c->month - 1) % s->count;
    }
    if (c->year < 1) c->year = 1;
    return clock_from_civil(c, at);
}

void report_axis_ticks(const struct report_axis *axis, double label_width, struct report_ticks *out)
{
    const struct step *s = choose(axis, label_width);
    struct civil c = {0};
    rfd_time at;
    *out = (struct report_ticks){.unit = s->unit};
    bool more = first_tick(axis, s, &c, &at);
    while (more && at <= axis->until && out->count < REPORT_TICKS_MAXIMUM) {
        if (at >= axis->from) out->at[out->count++] = at;
        more = advance(&c, s, &at);
    }
}
