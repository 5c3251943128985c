/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/append.h"
#include "base/error.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNDO "file.refrenda-undo"
enum { PIECE = 1 << 20, ROUNDS = 50 };
static uint8_t piece[PIECE];

static int fresh_file(void **state)
{
    (void)state;
    (void)unlink(UNDO);
    file_write("file", SLICE("original"));
    return 0;
}

static void assert_whole(const char *content)
{
    assert_true(file_is("file", slice_text(content)));
    assert_false(file_exists(UNDO));
}

static void appends_both_parts(void **state)
{
    (void)state;
    assert_int_equal(append_whole("file", 8, SLICE(" first"), SLICE(" second"), NULL), RFD_OK);
    assert_whole("original first second");
    assert_int_equal(append_whole("file", 21, SLICE_EMPTY, SLICE_EMPTY, NULL), RFD_OK);
    assert_int_equal(append_whole("file", 21, SLICE_EMPTY, SLICE("!"), NULL), RFD_OK);
    assert_whole("original first second!");
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("original first second!");
}

static void file_of_another_length(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(append_whole("file", 7, SLICE("x"), SLICE_EMPTY, &error), RFD_E_INPUT_CHANGED);
    assert_int_equal(append_whole("file", 9, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_INPUT_CHANGED);
    assert_int_equal(append_whole("file", UINT64_MAX, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_INPUT_CHANGED);
    assert_non_null(strstr(error.detail, "file"));
    assert_whole("original");
}

static void things_that_are_no_files(void **state)
{
    assert_int_equal(append_whole("missing", 0, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_false(file_exists("missing"));
    assert_int_equal(append_whole(*state, 0, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_int_equal(append_whole("/dev/null", 0, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(append_whole("pipe", 0, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_int_equal(unlink("pipe"), 0);
    char name[PATH_MAX + 10];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(append_whole(name, 0, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_int_equal(append_recover(name, NULL), RFD_OK);
    assert_int_equal(append_recover("missing", NULL), RFD_OK);
    name[250] = '\0'; /* its undo file's name would be too long */
    file_write(name, SLICE("x"));
    assert_int_equal(append_whole(name, 1, SLICE("y"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_true(file_is(name, SLICE("x")));
    assert_int_equal(unlink(name), 0);
}

static void crash_is_cut_off(void **state)
{
    (void)state;
    file_write("file", SLICE("original and half of wh"));
    file_write(UNDO, SLICE("refrenda-undo 8\n"));
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("original");
    file_write(UNDO, SLICE("refrenda-undo 8\n")); /* the crash came before the first byte */
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("original");
    file_write(UNDO, SLICE("")); /* before the undo file's own line */
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("original");
    file_write(UNDO, SLICE("refrenda-undo 0\n"));
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("");
}

static void undo_files_that_are_not_ours(void **state)
{
    (void)state;
    static const slice contents[] = {
        SLICE("x"),
        SLICE("\n"),
        SLICE("refrenda-undo"),
        SLICE("refrenda-undo "),
        SLICE("refrenda-undo \n"),
        SLICE("refrenda-undo 4"),
        SLICE("refrenda-undo 4 \n"),
        SLICE("refrenda-undo -4\n"),
        SLICE("refrenda-undo 4\n4\n"),
        SLICE("refrenda-undo 0x4\n"),
        SLICE("refrenda-undo 4\r\n"),
        SLICE("refrenda-undo 4\0\n"),
        SLICE("REFRENDA-UNDO 4\n"),
        SLICE("refrenda-undo 9\n"), /* longer than the file */
        SLICE("refrenda-undo 9223372036854775807\n"),
        SLICE("refrenda-undo 9223372036854775808\n"),
        SLICE("refrenda-undo 18446744073709551620\n"),
        SLICE("refrenda-undo 00000000000000000000000000000000000000000000000000000000000000000000000004\n"),
        SLICE("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    };
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        file_write(UNDO, contents[i]);
        if (append_recover("file", &error) != RFD_E_IO_WRITE) fail_msg("row %zu was taken", i);
        assert_true(strlen(error.detail) > 0);
        assert_true(file_is("file", SLICE("original")));
        assert_true(file_is(UNDO, contents[i])); /* left for a person to look at */
    }
}

static void undo_file_blocks_a_new_append(void **state)
{
    (void)state;
    file_write(UNDO, SLICE("refrenda-undo 4\n"));
    assert_int_equal(append_whole("file", 8, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_true(file_is("file", SLICE("original")));
    assert_true(file_is(UNDO, SLICE("refrenda-undo 4\n")));
}

static void undo_files_of_other_kinds(void **state)
{
    (void)state;
    file_write("elsewhere", SLICE("refrenda-undo 4\n"));
    assert_int_equal(symlink("elsewhere", UNDO), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE);
    assert_int_equal(unlink(UNDO), 0);
    assert_int_equal(symlink("nowhere", UNDO), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE);
    assert_int_equal(append_whole("file", 8, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_IO_WRITE);
    assert_false(file_exists("nowhere"));
    assert_int_equal(unlink(UNDO), 0);
    assert_int_equal(mkfifo(UNDO, 0600), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE); /* and does not wait for a writer */
    assert_int_equal(unlink(UNDO), 0);
    assert_int_equal(mkdir(UNDO, 0700), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE);
    assert_int_equal(rmdir(UNDO), 0);
    assert_whole("original");
    file_write(UNDO, SLICE("refrenda-undo 4\n")); /* whose file is gone */
    assert_int_equal(unlink("file"), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE);
    assert_false(file_exists("file"));
}

/** Who may only put files into the folder must not be able to cut ours. */
static void undo_file_of_a_stranger(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    file_write(UNDO, SLICE("refrenda-undo 0\n"));
    assert_int_equal(chown(UNDO, 12345, 12345), 0);
    assert_int_equal(append_recover("file", NULL), RFD_E_IO_WRITE);
    assert_true(file_is("file", SLICE("original")));
    assert_int_equal(chown("file", 12345, 12345), 0); /* the file's owner may */
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("");
}

static int append_past_the_limit(void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    const uint64_t *limit = context;
    limit_file_size(*limit);
    rfd_status status = append_whole("file", 8, slice_of(piece, PIECE / 2), slice_of(piece, PIECE / 2), &error);
    return status == RFD_E_IO_WRITE && error.code == status ? 0 : 1;
}

static void disk_that_is_full(void **state)
{
    (void)state;
    /* In the undo file, at the start, in the first part, between the parts, in the second, before the last byte. */
    static uint64_t limits[] = {0, 8, 9, 1000, 8 + PIECE / 2, 8 + PIECE / 2 + 1000, 8 + PIECE - 1};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        int status = in_child(append_past_the_limit, &limits[i]);
        if (status != 0) fail_msg("limit %llu: %d", (unsigned long long)limits[i], status);
        assert_whole("original");
    }
}

static void locked_by_another(void **state)
{
    (void)state;
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(append_whole("file", 8, SLICE("x"), SLICE_EMPTY, NULL), RFD_E_INPUT_CHANGED);
    assert_int_equal(append_recover("file", NULL), RFD_OK); /* nothing to do: no lock needed */
    file_write(UNDO, SLICE("refrenda-undo 4\n"));
    assert_int_equal(append_recover("file", NULL), RFD_E_INPUT_CHANGED);
    assert_true(file_is("file", SLICE("original")));
    assert_true(file_exists(UNDO));
    (void)close(fd);
    assert_int_equal(append_recover("file", NULL), RFD_OK);
    assert_whole("orig");
}

/** Adds one byte at a time, `context` times, whoever else does the same. */
static int append_often(void *context)
{
    for (int left = *(int *)context; left > 0;) {
        int64_t length = file_length("file");
        rfd_status status = append_whole("file", (uint64_t)length, SLICE("+"), SLICE_EMPTY, NULL);
        if (status != RFD_OK && status != RFD_E_INPUT_CHANGED) return (int)status;
        left -= status == RFD_OK;
    }
    return 0;
}

static void two_processes_take_turns(void **state)
{
    (void)state;
    int times = 60;
    int status;
    pid_t other = fork();
    if (other == 0) _exit(append_often(&times));
    assert_int_equal(append_often(&times), 0);
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    assert_int_equal(file_length("file"), 8 + 2 * times);
    assert_false(file_exists(UNDO));
}

/** Recovery that starts while an append ends must not take the finished append for a crashed one. */
static void recovery_beside_an_append_cuts_nothing(void **state)
{
    (void)state;
    int times = 200;
    int status;
    pid_t other = fork();
    if (other == 0) _exit(append_often(&times));
    pid_t ended = 0;
    while (ended == 0) {
        rfd_status recovered = append_recover("file", NULL);
        assert_true(recovered == RFD_OK || recovered == RFD_E_INPUT_CHANGED);
        ended = waitpid(other, &status, WNOHANG);
    }
    assert_int_equal(status, 0);
    assert_int_equal(file_length("file"), 8 + times);
    assert_false(file_exists(UNDO));
}

static int append_for_ever(void *context)
{
    (void)context;
    for (uint64_t length = 8; length < UINT64_C(64) * PIECE; length += PIECE) {
        if (append_whole("file", length, slice_of(piece, PIECE - 7), slice_of(piece + PIECE - 7, 7), NULL) != RFD_OK)
            return 1;
    }
    return 0;
}

static void assert_whole_pieces(void)
{
    uint8_t bytes[4096];
    int64_t length = file_length("file");
    if ((length - 8) % PIECE != 0) fail_msg("%lld bytes", (long long)length);
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    for (int64_t at = 8; at < length; at += (int64_t)sizeof bytes) {
        assert_int_equal(pread(fd, bytes, sizeof bytes, at), sizeof bytes);
        assert_memory_equal(bytes, piece + (at - 8) % PIECE, sizeof bytes);
    }
    (void)close(fd);
    assert_false(file_exists(UNDO));
}

static void killed_at_any_moment(void **state)
{
    (void)state;
    uint64_t seed = 20261121;
    int interrupted = 0;
    for (size_t i = 0; i < PIECE; i++) piece[i] = (uint8_t)next_random(&seed);
    for (int round = 0; round < ROUNDS; round++) {
        int status;
        (void)fresh_file(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) _exit(append_for_ever(NULL));
        (void)usleep((useconds_t)(next_random(&seed) % 20000));
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || status == 0);
        interrupted += file_exists(UNDO);
        assert_int_equal(append_recover("file", NULL), RFD_OK);
        assert_whole_pieces();
    }
    print_message("%d of %d kills met an append under way\n", interrupted, ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(appends_both_parts),
        TEST(file_of_another_length),
        TEST(things_that_are_no_files),
        TEST(crash_is_cut_off),
        TEST(undo_files_that_are_not_ours),
        TEST(undo_file_blocks_a_new_append),
        TEST(undo_files_of_other_kinds),
        TEST(undo_file_of_a_stranger),
        TEST(disk_that_is_full),
        TEST(locked_by_another),
        TEST(two_processes_take_turns),
        TEST(recovery_beside_an_append_cuts_nothing),
        TEST(killed_at_any_moment),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
