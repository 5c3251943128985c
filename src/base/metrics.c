/* SPDX-License-Identifier: EUPL-1.2
 *
 * Counters are kept in shards, one for each of the first threads that count, so that threads do not take the same
 * cache line from each other; who writes the text adds them up. Gauges are in the first shard only.
 */
#include "base/metrics.h"

#include <stdatomic.h>

enum kind { COUNTER, GAUGE, HISTOGRAM };
enum { SHARDS = 8, BUCKETS = 16, VALUES = BUCKETS + 2, CACHE_LINE = 64 };
/* Of a histogram: how many there were in each bucket, then above all of them, then the sum of microseconds. */
enum { ABOVE = BUCKETS, SUM };
enum { WAS_SET = 1 }; /* of a gauge: a process has nothing to say about those that it never set */

static const struct {
    rfd_time until; /* microseconds */
    const char *seconds;
} buckets[BUCKETS] = {
    {100, "0.0001"},  {250, "0.00025"}, {500, "0.0005"},  {1000, "0.001"},    {2500, "0.0025"}, {5000, "0.005"},
    {10000, "0.01"},  {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},    {250000, "0.25"}, {500000, "0.5"},
    {1000000, "1.0"}, {2500000, "2.5"}, {5000000, "5.0"}, {10000000, "10.0"},
};

static const struct row {
    enum kind kind;
    const char *name, *labels, *help;
} rows[METRIC_COUNT] = {
#define METRIC(id, kind, name, labels, help) [METRIC_##id] = {kind, name, labels, help},
#include "base/metrics.def"
#undef METRIC
};

static struct shard {
    _Alignas(CACHE_LINE) _Atomic uint64_t values[METRIC_COUNT][VALUES];
} shards[SHARDS];

static struct shard *own_shard(void)
{
    static _Thread_local struct shard *own;
    static atomic_uint next;
    if (own == NULL) own = &shards[atomic_fetch_add(&next, 1) % SHARDS];
    return own;
}

static void add(enum metric metric, unsigned value, uint64_t by)
{
    atomic_fetch_add_explicit(&own_shard()->values[metric][value], by, memory_order_relaxed);
}

void metrics_add(enum metric metric, uint64_t by)
{
    add(metric, 0, by);
}

void metrics_add_row(enum metric metric, unsigned row, uint64_t by)
{
    if (row < VALUES) add(metric, row, by);
}

void metrics_set(enum metric metric, int64_t value)
{
    atomic_store_explicit(&shards[0].values[metric][0], (uint64_t)value, memory_order_relaxed);
    atomic_store_explicit(&shards[0].values[metric][WAS_SET], 1, memory_order_relaxed);
}

void metrics_time(enum metric metric, rfd_time duration)
{
    unsigned bucket = 0;
    if (duration < 0) duration = 0;
    while (bucket < BUCKETS && duration > buckets[bucket].until) bucket++;
    add(metric, bucket, 1);
    add(metric, SUM, (uint64_t)duration);
}

static uint64_t total(enum metric metric, unsigned value)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < SHARDS; i++)
        sum += atomic_load_explicit(&shards[i].values[metric][value], memory_order_relaxed);
    return sum;
}

/** Backslashes, quotes and line ends are escaped in a label's value. */
static void put_label(struct buf *out, slice name, slice value)
{
    buf_put_slice(out, name);
    buf_put_text(out, "=\"");
    for (size_t i = 0; i < value.length; i++) {
        if (value.data[i] == '"' || value.data[i] == '\\') buf_put_byte(out, '\\');
        if (value.data[i] == '\n')
            buf_put_text(out, "\\n");
        else
            buf_put_byte(out, value.data[i]);
    }
    buf_put_byte(out, '"');
}

/** "name_suffix{process="..."" and, when it has one, the label. */
static void put_head(struct buf *out, const struct row *row, const char *suffix, const char *process, slice label,
                     slice value)
{
    buf_put_text(out, row->name);
    buf_put_text(out, suffix);
    buf_put_byte(out, '{');
    put_label(out, SLICE("process"), slice_text(process));
    if (label.length > 0) {
        buf_put_byte(out, ',');
        put_label(out, label, value);
    }
    buf_put_text(out, "} ");
}

static slice cut_at(slice *rest, char separator)
{
    const uint8_t *end = rest->length == 0 ? NULL : memchr(rest->data, separator, rest->length);
    size_t length = end == NULL ? rest->length : (size_t)(end - rest->data);
    slice first = slice_part(*rest, 0, length);
    *rest = slice_from(*rest, length + (end != NULL));
    return first;
}

static void put_counter(struct buf *out, enum metric metric, const char *process)
{
    const struct row *row = &rows[metric];
    slice rest = row->labels == NULL ? SLICE_EMPTY : slice_text(row->labels);
    slice label = cut_at(&rest, '=');
    for (unsigned i = 0; i == 0 || rest.length > 0; i++) {
        put_head(out, row, "_total", process, label, cut_at(&rest, '|'));
        buf_put_unsigned(out, total(metric, i));
        buf_put_byte(out, '\n');
    }
}

static void put_gauge(struct buf *out, enum metric metric, const char *process)
{
    put_head(out, &rows[metric], "", process, SLICE_EMPTY, SLICE_EMPTY);
    buf_put_signed(out, (int64_t)total(metric, 0));
    buf_put_byte(out, '\n');
}

static void put_histogram(struct buf *out, enum metric metric, const char *process)
{
    const struct row *row = &rows[metric];
    uint64_t count = 0;
    for (unsigned i = 0; i <= BUCKETS; i++) {
        count += total(metric, i);
        put_head(out, row, "_bucket", process, SLICE("le"), slice_text(i == ABOVE ? "+Inf" : buckets[i].seconds));
        buf_put_unsigned(out, count);
        buf_put_byte(out, '\n');
    }
    put_head(out, row, "_count", process, SLICE_EMPTY, SLICE_EMPTY);
    buf_put_unsigned(out, count);
    buf_put_byte(out, '\n');
    uint64_t sum = total(metric, SUM);
    put_head(out, row, "_sum", process, SLICE_EMPTY, SLICE_EMPTY);
    buf_print(out, "%llu.%06llu\n", (unsigned long long)(sum / 1000000), (unsigned long long)(sum % 1000000));
}

void metrics_write(const char *process, struct buf *out)
{
    static const struct {
        const char *name;
        void (*put)(struct buf *out, enum metric metric, const char *process);
    } kinds[] = {[COUNTER] = {"counter", put_counter},
                 [GAUGE] = {"gauge", put_gauge},
                 [HISTOGRAM] = {"histogram", put_histogram}};
    for (unsigned i = 0; i < METRIC_COUNT; i++) {
        bool known = rows[i].kind != GAUGE || atomic_load(&shards[0].values[i][WAS_SET]) != 0;
        if (!known) continue;
        buf_print(out, "# TYPE %s %s\n# HELP %s %s\n", rows[i].name, kinds[rows[i].kind].name, rows[i].name,
                  rows[i].help);
        kinds[rows[i].kind].put(out, (enum metric)i, process);
    }
    buf_put_text(out, "# EOF\n");
}
