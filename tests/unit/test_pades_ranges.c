/* SPDX-License-Identifier: EUPL-1.2 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "pades/verify/ranges.h"
#include "pdf_support.h"

enum { SIZE = 100000 };

static uint8_t bytes[SIZE];

static void fill(void)
{
    uint32_t x = 1;
    for (size_t i = 0; i < SIZE; i++) {
        x = x * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(x >> 24);
    }
}

/** The digest of two pieces, the plain way. */
static void expect(enum digest_id id, const int64_t r[4], uint8_t *out)
{
    struct buf b;
    buf_init(&b, 2 * SIZE);
    buf_put(&b, bytes + r[0], (size_t)r[1]);
    buf_put(&b, bytes + r[2], (size_t)r[3]);
    assert_int_equal(digest_of(id, buf_slice(&b), out, NULL), RFD_OK);
    buf_dispose(&b);
}

static const struct {
    enum digest_id id;
    int64_t range[4];
} wanted[] = {
    {DIGEST_SHA256, {0, 90000, 95000, 5000}},
    {DIGEST_SHA256, {0, 10, 20, 30}},
    {DIGEST_SHA512, {0, 90000, 95000, 5000}},
    {DIGEST_SHA256, {0, 50000, 60000, 40000}},
    {DIGEST_SHA256, {0, 50000, 60000, 10}},
    {DIGEST_SHA384, {500, 100, 700, 1}},
    {DIGEST_SHA256, {0, 0, 0, SIZE}},
    {DIGEST_SHA256, {0, SIZE, SIZE, 0}},
    {DIGEST_SHA512, {0, 1, 2, 3}},
    {DIGEST_SHA256, {0, 10, 20, 30}},
};
enum { WANTED = sizeof wanted / sizeof *wanted };

static void check_all(struct source *source)
{
    struct ranges *r;
    size_t handles[WANTED];
    assert_int_equal(ranges_new(source, &r, NULL), RFD_OK);
    for (size_t i = 0; i < WANTED; i++) {
        assert_int_equal(ranges_add(r, wanted[i].id, wanted[i].range, &handles[i], NULL), RFD_OK);
        assert_int_equal(ranges_digest(r, handles[i]).length, 0);
        if (i == WANTED / 2) break;
    }
    assert_int_equal(ranges_run(r, NULL), RFD_OK);
    for (size_t i = WANTED / 2 + 1; i < WANTED; i++)
        assert_int_equal(ranges_add(r, wanted[i].id, wanted[i].range, &handles[i], NULL), RFD_OK);
    assert_int_equal(ranges_run(r, NULL), RFD_OK);
    assert_int_equal(ranges_run(r, NULL), RFD_OK);
    for (size_t i = 0; i < WANTED; i++) {
        uint8_t expected[DIGEST_SIZE_MAXIMUM];
        slice found = ranges_digest(r, handles[i]);
        expect(wanted[i].id, wanted[i].range, expected);
        assert_int_equal(found.length, digest_size(wanted[i].id));
        assert_memory_equal(found.data, expected, found.length);
    }
    assert_int_equal(handles[1], handles[WANTED - 1]);
    assert_int_equal(ranges_digest(r, 1000).length, 0);
    ranges_free(r);
}

static void test_memory(void **state)
{
    (void)state;
    struct source *source;
    assert_int_equal(source_open_memory(slice_of(bytes, SIZE), &source, NULL), RFD_OK);
    check_all(source);
    source_close(source);
}

static void test_file(void **state)
{
    (void)state;
    struct source *source;
    support_write(support_path("bytes"), slice_of(bytes, SIZE), SLICE_EMPTY);
    assert_int_equal(source_open_file(support_path("bytes"), &source, NULL), RFD_OK);
    check_all(source);
    source_close(source);
    support_clean();
}

static void test_refused(void **state)
{
    (void)state;
    static const int64_t bad[][4] = {
        {0, SIZE + 1, 0, 0},          {0, 1, SIZE, 1}, {-1, 1, 2, 3}, {0, -1, 2, 3},
        {0, 1, INT64_MAX, INT64_MAX}, {0, 1, 2, SIZE}, {0, 1, -2, 3}, {0, 1, 2, INT64_MIN}};
    static const int64_t fine[4] = {0, 1, 2, 3};
    struct source *source;
    struct ranges *r;
    struct rfd_error error = RFD_ERROR_INIT;
    size_t handle = 77;
    assert_int_equal(source_open_memory(slice_of(bytes, SIZE), &source, NULL), RFD_OK);
    assert_int_equal(ranges_new(source, &r, NULL), RFD_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(ranges_add(r, DIGEST_SHA256, bad[i], &handle, &error), RFD_E_PDF_DAMAGED);
        assert_int_equal(handle, 77);
    }
    assert_int_equal(ranges_add(r, DIGEST_NONE, fine, &handle, &error), RFD_E_UNSUPPORTED);
    assert_int_equal(ranges_run(r, NULL), RFD_OK);
    ranges_free(r);
    ranges_free(NULL);
    source_close(source);
}

/* A thousand signatures of one revision, each with all that follows. */
static void test_overlapping_tails_are_limited(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    struct source *source;
    struct ranges *r;
    size_t handles[COUNT];
    size_t done = 0;
    assert_int_equal(source_open_memory(slice_of(bytes, SIZE), &source, NULL), RFD_OK);
    assert_int_equal(ranges_new(source, &r, NULL), RFD_OK);
    for (int i = 0; i < COUNT; i++) {
        const int64_t range[4] = {0, i, i + 1, SIZE - i - 1};
        assert_int_equal(ranges_add(r, DIGEST_SHA256, range, &handles[i], NULL), RFD_OK);
    }
    assert_int_equal(ranges_run(r, NULL), RFD_OK);
    for (size_t i = 0; i < COUNT; i++) done += ranges_digest(r, handles[i]).length > 0;
    assert_true(done > COUNT / 2 && done < COUNT);
    ranges_free(r);
    source_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_overlapping_tails_are_limited),
    };
    fill();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
