/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/source.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024, LARGE = 5 * BLOCK + 1234 };

static uint8_t large[LARGE];

static int setup(void **state)
{
    for (size_t i = 0; i < sizeof large; i++) large[i] = (uint8_t)(i * 31 + i / 251);
    return folder_setup(state);
}

static struct source *open_file(const char *path)
{
    struct source *s = NULL;
    assert_int_equal(source_open_file(path, &s, NULL), RFD_OK);
    return s;
}

static void assert_view(struct source *s, uint64_t offset, slice expected)
{
    slice view = SLICE_EMPTY;
    assert_int_equal(source_view(s, offset, expected.length, &view, NULL), RFD_OK);
    assert_true(slice_equal(view, expected));
}

/** Views, pieces and limits that every shape must have alike. `bytes` is all that the source holds. */
static void check_everywhere(struct source *s, slice bytes)
{
    static const uint64_t edges[] = {0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 4 * BLOCK, 5 * BLOCK};
    slice view = SLICE("untouched");
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(source_size(s), bytes.length);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        for (size_t j = i; j < sizeof edges / sizeof *edges && edges[j] <= bytes.length; j++)
            assert_view(s, edges[i], slice_part(bytes, edges[i], edges[j] - edges[i]));
    }
    assert_view(s, bytes.length, SLICE_EMPTY);
    assert_int_equal(source_view(s, 0, bytes.length + 1, &view, &error), RFD_E_PDF_DAMAGED);
    assert_int_equal(source_view(s, bytes.length + 1, 0, &view, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(source_view(s, UINT64_MAX, UINT64_MAX, &view, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(source_view(s, 1, UINT64_MAX, &view, NULL), RFD_E_PDF_DAMAGED);
    assert_true(slice_is(view, "untouched"));
    uint64_t at = 0;
    for (slice piece; (piece = source_ahead(s, at)).length > 0; at += piece.length)
        assert_true(slice_equal(piece, slice_part(bytes, at, piece.length)));
    assert_int_equal(at, bytes.length);
    assert_int_equal(source_ahead(s, UINT64_MAX).length, 0);
    assert_int_equal(source_status(s, NULL), RFD_OK);
    assert_view(s, 0, bytes);
}

static void borrowed_memory(void **state)
{
    (void)state;
    struct source *s = NULL;
    assert_int_equal(source_open_memory(slice_of(large, LARGE), &s, NULL), RFD_OK);
    check_everywhere(s, slice_of(large, LARGE));
    assert_ptr_equal(source_ahead(s, 0).data, large);
    assert_int_equal(source_descriptor(s), -1);
    assert_int_equal(source_unchanged(s, NULL), RFD_OK);
    source_close(s);
    assert_int_equal(source_open_memory(SLICE_EMPTY, &s, NULL), RFD_OK);
    check_everywhere(s, SLICE_EMPTY);
    source_close(s);
    source_close(NULL);
}

static void files_of_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 100, BLOCK, 4 * BLOCK - 1, 4 * BLOCK, 4 * BLOCK + 1, 5 * BLOCK, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        file_write("sized", slice_of(large, sizes[i]));
        struct source *s = open_file("sized");
        check_everywhere(s, slice_of(large, sizes[i]));
        assert_true(source_descriptor(s) >= 0);
        assert_int_equal(source_original_size(s), sizes[i]);
        source_close(s);
    }
}

static void things_that_are_no_files(void **state)
{
    struct source *s = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(source_open_file("missing", &s, &error), RFD_E_IO_READ);
    assert_non_null(strstr(error.detail, "missing"));
    assert_int_equal(source_open_file("", &s, NULL), RFD_E_IO_READ);
    assert_int_equal(source_open_file(*state, &s, NULL), RFD_E_IO_READ);
    assert_int_equal(source_open_file("/dev/null", &s, NULL), RFD_E_IO_READ);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(source_open_file("pipe", &s, NULL), RFD_E_IO_READ); /* and does not wait for a writer */
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(source_open_file("loop", &s, NULL), RFD_E_IO_READ);
    assert_null(s);
}

static void truncated_while_open(void **state)
{
    (void)state;
    file_write("shrinks", slice_of(large, LARGE));
    struct source *s = open_file("shrinks");
    slice view = SLICE_EMPTY;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_view(s, 0, slice_of(large, 10));
    assert_int_equal(truncate("shrinks", BLOCK + 10), 0);
    assert_int_equal(source_unchanged(s, &error), RFD_E_INPUT_CHANGED);
    assert_view(s, 5, slice_of(large + 5, BLOCK - 5)); /* read before */
    assert_int_equal(source_view(s, 2 * BLOCK, 10, &view, &error), RFD_E_INPUT_CHANGED);
    assert_int_equal(source_ahead(s, 3 * BLOCK).length, 0);
    struct rfd_error sticky = RFD_ERROR_INIT;
    assert_int_equal(source_status(s, &sticky), RFD_E_INPUT_CHANGED);
    assert_string_equal(sticky.detail, error.detail);
    /* Even when the file is whole again: what stands there now is not what was opened. */
    file_write("shrinks", slice_of(large, LARGE));
    assert_int_equal(source_view(s, 2 * BLOCK, 10, &view, &error), RFD_E_INPUT_CHANGED);
    assert_null(view.data);
    source_close(s);
}

static void rewritten_while_open(void **state)
{
    (void)state;
    file_write("rewritten", slice_of(large, 100));
    struct source *s = open_file("rewritten");
    assert_int_equal(source_unchanged(s, NULL), RFD_OK);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, "rewritten", times, 0), 0);
    assert_int_equal(source_unchanged(s, NULL), RFD_E_INPUT_CHANGED);
    assert_view(s, 0, slice_of(large, 100));
    source_close(s);
}

struct collected {
    uint64_t length, pieces, fail_at;
    const uint8_t *expected;
};

static rfd_status collect(void *context, slice piece, struct rfd_error *error)
{
    struct collected *c = context;
    if (c->expected != NULL) assert_memory_equal(piece.data, c->expected + c->length, piece.length);
    assert_true(piece.length > 0);
    c->length += piece.length;
    c->pieces++;
    return c->pieces == c->fail_at ? error_set(error, RFD_E_CANCELLED, "enough") : RFD_OK;
}

static void streams(void **state)
{
    (void)state;
    file_write("streamed", slice_of(large, LARGE));
    struct source *s = open_file("streamed");
    struct collected c = {.expected = large};
    assert_int_equal(source_append(s, slice_of(large, 1000), NULL), RFD_OK);
    assert_int_equal(source_stream(s, 0, LARGE, collect, &c, NULL), RFD_OK);
    assert_int_equal(c.length, LARGE);
    c = (struct collected){.expected = large + BLOCK - 3};
    assert_int_equal(source_stream(s, BLOCK - 3, 7, collect, &c, NULL), RFD_OK);
    assert_int_equal(c.length, 7);
    c = (struct collected){0};
    assert_int_equal(source_stream(s, LARGE - 5, 1005, collect, &c, NULL), RFD_OK);
    assert_int_equal(c.length, 1005);
    c = (struct collected){0};
    assert_int_equal(source_stream(s, LARGE + 1000, 0, collect, &c, NULL), RFD_OK);
    assert_int_equal(c.pieces, 0);
    c = (struct collected){.fail_at = 1};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(source_stream(s, 0, LARGE, collect, &c, &error), RFD_E_CANCELLED);
    assert_int_equal(c.pieces, 1);
    assert_int_equal(source_stream(s, 1, LARGE + 1000, collect, &c, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(source_stream(s, UINT64_MAX, 2, collect, &c, NULL), RFD_E_PDF_DAMAGED);
    c = (struct collected){0};
    assert_int_equal(truncate("streamed", 10), 0);
    assert_int_equal(source_stream(s, 0, LARGE, collect, &c, &error), RFD_E_INPUT_CHANGED);
    source_close(s);
}

/** Appends; `bytes` is the original of `s`, which is closed. */
static void check_appending(struct source *s, slice bytes)
{
    assert_int_equal(source_append(s, SLICE("first"), NULL), RFD_OK);
    assert_int_equal(source_append(s, SLICE_EMPTY, NULL), RFD_OK);
    for (int i = 0; i < 300; i++) assert_int_equal(source_append(s, slice_of(large, 3000), NULL), RFD_OK);
    assert_int_equal(source_size(s), bytes.length + 5 + 900000);
    assert_int_equal(source_original_size(s), bytes.length);
    assert_view(s, 0, bytes);
    assert_view(s, bytes.length, SLICE("first"));
    assert_view(s, bytes.length + 5 + 299 * 3000, slice_of(large, 3000));
    if (bytes.length > 0) assert_int_equal(source_ahead(s, bytes.length - 1).data[0], bytes.data[bytes.length - 1]);
    assert_int_equal(source_ahead(s, bytes.length).data[0], 'f');
    assert_view(s, 0, bytes);
    source_close(s);
}

static void appending_to_every_shape(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, BLOCK, 5 * BLOCK, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct source *s = NULL;
        slice bytes = slice_of(large, sizes[i]);
        file_write("grows", bytes);
        check_appending(open_file("grows"), bytes);
        assert_int_equal(source_open_memory(bytes, &s, NULL), RFD_OK);
        check_appending(s, bytes);
        assert_true(file_is("grows", bytes));
    }
}

/** More than the address space that a sparse source keeps in reserve. */
static void appending_beyond_the_reserve(void **state)
{
    (void)state;
    enum { PIECE = 32 << 20 };
    file_write("grows", slice_of(large, LARGE));
    struct source *s = open_file("grows");
    uint8_t *piece = memory_zeroed(PIECE, 1);
    assert_non_null(piece);
    assert_view(s, 0, slice_of(large, 10));
    for (int i = 0; i < 10; i++) {
        piece[0] = (uint8_t)i;
        assert_int_equal(source_append(s, slice_of(piece, PIECE), NULL), RFD_OK);
    }
    memory_free(piece);
    for (uint8_t i = 0; i < 10; i++) assert_view(s, LARGE + (uint64_t)i * PIECE, slice_of(&i, 1));
    assert_view(s, 0, slice_of(large, LARGE));
    source_close(s);
}

static void more_than_four_gigabytes(void **state)
{
    (void)state;
    const uint64_t size = (UINT64_C(5) << 30) + 77;
    int fd = open("huge", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    if (ftruncate(fd, (off_t)size) != 0) skip();
    assert_int_equal(pwrite(fd, "edge", 4, (off_t)((UINT64_C(1) << 32) - 2)), 4);
    assert_int_equal(pwrite(fd, "end", 3, (off_t)(size - 3)), 3);
    (void)close(fd);
    struct source *s = open_file("huge");
    assert_true(source_size(s) == size);
    assert_view(s, (UINT64_C(1) << 32) - 2, SLICE("edge"));
    assert_view(s, size - 3, SLICE("end"));
    assert_int_equal(source_append(s, SLICE("appended"), NULL), RFD_OK);
    assert_view(s, size - 3, SLICE("endappended"));
    struct collected c = {0};
    assert_int_equal(source_stream(s, (UINT64_C(1) << 32) - 100000, 1000000, collect, &c, NULL), RFD_OK);
    assert_int_equal(c.length, 1000000);
    slice view;
    assert_int_equal(source_view(s, size, 9, &view, NULL), RFD_E_PDF_DAMAGED);
    source_close(s);
    (void)unlink("huge");
}

static struct source *through_pipe(size_t length, uint64_t maximum, rfd_status expected)
{
    int ends[2];
    int status;
    struct source *s = NULL;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        for (size_t at = 0; at < length;) {
            ssize_t put = write(ends[1], large + at, length - at < 5000 ? length - at : 5000);
            if (put <= 0) _exit(1);
            at += (size_t)put;
        }
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(source_read_fd(ends[0], maximum, &s, NULL), expected);
    assert_int_equal(fcntl(ends[0], F_GETFD) < 0, 0); /* still open */
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return s;
}

static void pipes(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, BLOCK, BLOCK + 1, LARGE};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct source *s = through_pipe(sizes[i], sizes[i], RFD_OK);
        check_everywhere(s, slice_of(large, sizes[i]));
        check_appending(s, slice_of(large, sizes[i]));
        if (sizes[i] > 0) assert_null(through_pipe(sizes[i], sizes[i] - 1, RFD_E_LIMIT));
    }
    struct source *s = NULL;
    assert_int_equal(source_read_fd(-1, 100, &s, NULL), RFD_E_IO_READ);
    assert_null(s);
}

static rfd_status use_file(void)
{
    struct source *s = NULL;
    struct collected c = {0};
    slice view;
    rfd_status status;
    TRY(source_open_file("failing", &s, NULL));
    TRY_OUT(source_view(s, 0, LARGE, &view, NULL));
    TRY_OUT(source_append(s, SLICE("more"), NULL));
    status = source_stream(s, 0, LARGE + 4, collect, &c, NULL);
out:
    source_close(s);
    return status;
}

static rfd_status use_memory(void)
{
    struct source *s = NULL;
    TRY(source_open_memory(slice_of(large, 100), &s, NULL));
    rfd_status status = source_append(s, SLICE("more"), NULL);
    if (status != RFD_OK) assert_int_equal(source_size(s), 100);
    source_close(s);
    return status;
}

static rfd_status use_pipe(void)
{
    struct source *s = NULL;
    int fd = open("failing", O_RDONLY | O_CLOEXEC);
    rfd_status status = source_read_fd(fd, LARGE, &s, NULL);
    source_close(s);
    (void)close(fd);
    return status;
}

static void failing_memory(void **state)
{
    (void)state;
    static rfd_status (*const uses[])(void) = {use_file, use_memory, use_pipe};
    file_write("failing", slice_of(large, LARGE));
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        rfd_status status = RFD_E_MEMORY;
        unsigned long n = 0;
        while (status == RFD_E_MEMORY && ++n < 50) {
            memory_fail_after(n);
            status = uses[i]();
        }
        memory_fail_after(0);
        assert_int_equal(status, RFD_OK);
        assert_true(n >= 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(borrowed_memory),          cmocka_unit_test(files_of_every_size),
        cmocka_unit_test(things_that_are_no_files), cmocka_unit_test(truncated_while_open),
        cmocka_unit_test(rewritten_while_open),     cmocka_unit_test(streams),
        cmocka_unit_test(appending_to_every_shape), cmocka_unit_test(appending_beyond_the_reserve),
        cmocka_unit_test(more_than_four_gigabytes), cmocka_unit_test(pipes),
        cmocka_unit_test(failing_memory),
    };
    return cmocka_run_group_tests(tests, setup, folder_teardown);
}
