/* SPDX-License-Identifier: EUPL-1.2
 *
 * Counters, gauges and histograms of a process, and the text in which Prometheus reads them (OpenMetrics). What there
 * is stands in one table, metrics.def. Counting costs one atomic addition.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include "base/buf.h"

enum metric {
#define METRIC(id, kind, name, labels, help) METRIC_##id,
#include "base/metrics.def"
#undef METRIC
    METRIC_COUNT
};

void metrics_add(enum metric metric, uint64_t by);
/** Of a metric with a label: `row` is the index of its value in the table's list. */
void metrics_add_row(enum metric metric, unsigned row, uint64_t by);
void metrics_set(enum metric metric, int64_t value);
/** Of a histogram, in microseconds. */
void metrics_time(enum metric metric, rfd_time duration);
/** Appends all of them; `process` becomes a label. */
void metrics_write(const char *process, struct buf *out);

#endif
