/* SPDX-License-Identifier: EUPL-1.2
 *
 * The text is read back by a small parser of OpenMetrics that knows what must hold: TYPE and HELP before samples,
 * suffixes by kind, buckets that only grow and end in +Inf, "# EOF" at the end, no sample twice.
 */
#include "base/metrics.h"
#include "base/number.h"

#include <pthread.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

enum { THREADS = 12, TIMES = 20000 };

static slice cut(slice *rest, char separator)
{
    const uint8_t *end = memchr(rest->data, separator, rest->length);
    if (end == NULL) fail_msg("no %c in %.*s", separator, (int)rest->length, (const char *)rest->data);
    slice first = slice_part(*rest, 0, (size_t)(end - rest->data));
    *rest = slice_from(*rest, first.length + 1);
    return first;
}

static void assert_is_name(slice name)
{
    assert_true(name.length > 0);
    for (size_t i = 0; i < name.length; i++)
        assert_true((name.data[i] >= 'a' && name.data[i] <= 'z') || name.data[i] == '_');
}

/** name="value",name="value"} */
static void check_labels(slice *rest)
{
    bool more = true;
    while (more) {
        assert_is_name(cut(rest, '='));
        assert_true(rest->length > 0 && rest->data[0] == '"');
        *rest = slice_from(*rest, 1);
        while (rest->length > 1 && rest->data[0] != '"') {
            assert_int_not_equal(rest->data[0], '\n');
            *rest = slice_from(*rest, rest->data[0] == '\\' ? 2 : 1);
        }
        assert_true(rest->length > 1 && (rest->data[1] == ',' || rest->data[1] == '}'));
        more = rest->data[1] == ',';
        *rest = slice_from(*rest, 2);
    }
}

struct family {
    slice name, type;
    uint64_t last_bucket;
    unsigned samples;
    bool infinite;
};

static void check_bucket(struct family *family, slice line, slice value)
{
    uint64_t count;
    assert_true(number_unsigned(value, UINT64_MAX, &count));
    assert_true(count >= family->last_bucket);
    assert_false(family->infinite);
    family->last_bucket = count;
    family->infinite = memmem(line.data, line.length, "le=\"+Inf\"", 9) != NULL;
}

static void check_sample(struct family *family, slice line)
{
    slice rest = line;
    uint64_t count = 0;
    slice suffix = slice_from(cut(&rest, '{'), family->name.length);
    assert_true(slice_starts(line, family->name));
    check_labels(&rest);
    assert_int_equal(rest.data[0], ' ');
    slice value = slice_from(rest, 1);
    family->samples++;
    if (slice_is(family->type, "gauge")) assert_int_equal(suffix.length, 0);
    if (slice_is(family->type, "counter")) assert_true(slice_is(suffix, "_total"));
    if (!slice_is(family->type, "histogram")) return;
    if (slice_is(suffix, "_bucket")) {
        check_bucket(family, line, value);
    } else if (slice_is(suffix, "_count")) {
        assert_true(family->infinite && number_unsigned(value, UINT64_MAX, &count));
        assert_int_equal(count, family->last_bucket);
    } else {
        assert_true(slice_is(suffix, "_sum"));
    }
}

static bool is_gauge(enum metric metric)
{
    static const char *const kinds[] = {
#define METRIC(id, kind, name, labels, help) [METRIC_##id] = #kind,
#include "base/metrics.def"
#undef METRIC
    };
    return strcmp(kinds[metric], "GAUGE") == 0;
}

static void check_text(slice text)
{
    struct family family = {0};
    unsigned families = 0;
    while (!slice_is(text, "# EOF\n")) {
        slice line = cut(&text, '\n');
        if (slice_starts(line, SLICE("# TYPE "))) {
            line = slice_from(line, 7);
            assert_true(families == 0 || family.samples > 0);
            family = (struct family){.name = cut(&line, ' '), .type = line};
            assert_is_name(family.name);
            families++;
        } else if (slice_starts(line, SLICE("# HELP "))) {
            line = slice_from(line, 7);
            assert_true(slice_equal(cut(&line, ' '), family.name));
            assert_int_equal(family.samples, 0);
        } else {
            check_sample(&family, line);
        }
    }
    assert_int_equal(families, METRIC_COUNT);
}

static void assert_has(const struct buf *text, const char *line)
{
    if (memmem(text->data, text->length, line, strlen(line)) == NULL)
        fail_msg("%s is not in %.*s", line, (int)text->length, (const char *)text->data);
}

static void text_of_all(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    metrics_add(METRIC_ISSUED, 3);
    metrics_add_row(METRIC_OCSP_REQUESTS, 2, 5);
    metrics_add_row(METRIC_OCSP_REQUESTS, 1000, 5);
    for (unsigned i = 0; i < METRIC_COUNT; i++) { /* a gauge that nobody set is left out */
        if (is_gauge((enum metric)i)) metrics_set((enum metric)i, 0);
    }
    metrics_set(METRIC_CRL_NEXT, -7);
    metrics_time(METRIC_TSA_TIME, 100);
    metrics_time(METRIC_TSA_TIME, 101);
    metrics_time(METRIC_TSA_TIME, -1);
    metrics_time(METRIC_TSA_TIME, 10000001);
    metrics_write("a\"b\\c\nd", &text);
    assert_int_equal(buf_status(&text), RFD_OK);
    check_text(buf_slice(&text));
    assert_has(&text, "\nrefrenda_certificates_issued_total{process=\"a\\\"b\\\\c\\nd\"} 3\n");
    assert_has(&text, ",source=\"memory\"} 0\n");
    assert_has(&text, ",source=\"error\"} 5\n");
    assert_has(&text, "refrenda_crl_next_update_seconds{process=\"a\\\"b\\\\c\\nd\"} -7\n");
    assert_has(&text, "refrenda_tsa_seconds_bucket{process=\"a\\\"b\\\\c\\nd\",le=\"0.0001\"} 2\n");
    assert_has(&text, "le=\"0.00025\"} 3\n");
    assert_has(&text, "le=\"10.0\"} 3\n");
    assert_has(&text, "le=\"+Inf\"} 4\n");
    assert_has(&text, "refrenda_tsa_seconds_sum{process=\"a\\\"b\\\\c\\nd\"} 10.000202\n");
    buf_dispose(&text);
}

static void *count_often(void *context)
{
    for (int i = 0; i < TIMES; i++) {
        metrics_add(METRIC_REVOKED, 1);
        metrics_time(METRIC_HTTP_TIME, 300);
    }
    return context;
}

/** More threads than shards; nothing is lost. */
static void from_threads(void **state)
{
    pthread_t threads[THREADS];
    struct buf text;
    (void)state;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, count_often, NULL), 0);
    for (int i = 0; i < THREADS; i++) (void)pthread_join(threads[i], NULL);
    metrics_write("p", &text);
    assert_has(&text, "refrenda_certificates_revoked_total{process=\"p\"} 240000\n");
    assert_has(&text, "refrenda_http_seconds_count{process=\"p\"} 240000\n");
    assert_has(&text, "refrenda_http_seconds_sum{process=\"p\"} 72.000000\n");
    buf_dispose(&text);
}

static void without_room(void **state)
{
    struct buf text;
    (void)state;
    buf_init(&text, 1000);
    metrics_write("p", &text);
    assert_int_equal(buf_status(&text), RFD_E_LIMIT);
    buf_dispose(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(text_of_all), cmocka_unit_test(from_threads),
                                       cmocka_unit_test(without_room)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
