/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/output.h"
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGE = 1 << 20 };
static uint8_t large[LARGE];

/** Each test has the folder "here" for itself; it must hold as many entries at its end as the test says. */
static int setup_one(void **state)
{
    (void)state;
    return mkdir("here", 0755);
}

static int teardown_one(void **state)
{
    (void)state;
    char back[4096];
    char path[4200];
    void *folder = path;
    if (getcwd(back, sizeof back) == NULL) return -1;
    (void)snprintf(path, sizeof path, "%s/here", back);
    if (folder_teardown(&folder) != 0) return -1;
    return chdir(back);
}

static void assert_only(const char *path, slice bytes)
{
    assert_true(file_is(path, bytes));
    assert_int_equal(folder_count("here"), 1);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void new_file(void **state)
{
    (void)state;
    struct output *o = NULL;
    mode_t mask = umask(027);
    assert_int_equal(output_open("here/new", false, &o, NULL), RFD_OK);
    assert_int_equal(output_write(o, SLICE("one "), NULL), RFD_OK);
    assert_int_equal(output_write(o, SLICE_EMPTY, NULL), RFD_OK);
    assert_int_equal(output_write(o, SLICE("two"), NULL), RFD_OK);
    assert_false(file_exists("here/new")); /* not before it is whole */
    assert_int_equal(output_commit(o, NULL), RFD_OK);
    assert_only("here/new", SLICE("one two"));
    assert_int_equal(mode_of("here/new"), 0640);
    (void)umask(mask);
}

static void existing_file_is_kept(void **state)
{
    (void)state;
    struct output *o = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    file_write("here/file", SLICE("old"));
    assert_int_equal(output_open("here/file", false, &o, &error), RFD_E_EXISTS);
    assert_null(o);
    assert_int_equal(output_whole("here/file", false, SLICE("new"), NULL), RFD_E_EXISTS);
    assert_only("here/file", SLICE("old"));
}

static void existing_file_wins_a_race(void **state)
{
    (void)state;
    struct output *o = NULL;
    assert_int_equal(output_open("here/file", false, &o, NULL), RFD_OK);
    assert_int_equal(output_write(o, SLICE("ours"), NULL), RFD_OK);
    file_write("here/file", SLICE("theirs"));
    assert_int_equal(output_commit(o, NULL), RFD_E_EXISTS);
    assert_only("here/file", SLICE("theirs"));
}

static void replacing(void **state)
{
    (void)state;
    struct output *o = NULL;
    file_write("here/file", SLICE("old"));
    assert_int_equal(chmod("here/file", 0600), 0);
    int reader = open("here/file", O_RDONLY | O_CLOEXEC);
    assert_int_equal(output_open("here/file", true, &o, NULL), RFD_OK);
    assert_int_equal(output_write(o, SLICE("new"), NULL), RFD_OK);
    assert_true(file_is("here/file", SLICE("old")));
    assert_int_equal(output_commit(o, NULL), RFD_OK);
    assert_only("here/file", SLICE("new"));
    assert_int_equal(mode_of("here/file"), 0600); /* what was private stays private */
    char before[4] = "";
    assert_int_equal(read(reader, before, 3), 3);
    assert_string_equal(before, "old");
    (void)close(reader);
    assert_int_equal(output_whole("here/other", true, SLICE("x"), NULL), RFD_OK); /* nothing there to replace */
}

static void abandoning_leaves_nothing(void **state)
{
    (void)state;
    struct output *o = NULL;
    file_write("here/file", SLICE("old"));
    for (int replace = 0; replace < 2; replace++) {
        const char *path = replace ? "here/file" : "here/other";
        assert_int_equal(output_open(path, replace, &o, NULL), RFD_OK);
        assert_int_equal(output_write(o, slice_of(large, LARGE), NULL), RFD_OK);
        output_abandon(o);
        assert_only("here/file", SLICE("old"));
    }
    output_abandon(NULL);
}

static void names_of_every_length(void **state)
{
    (void)state;
    char path[300] = "here/";
    memset(path + 5, 'n', 256);
    for (size_t length = 180; length <= 255; length++) {
        path[5 + length] = '\0';
        assert_int_equal(output_whole(path, false, SLICE("1"), NULL), RFD_OK);
        assert_int_equal(output_whole(path, true, SLICE("2"), NULL), RFD_OK);
        assert_only(path, SLICE("2"));
        assert_int_equal(unlink(path), 0);
        path[5 + length] = 'n';
    }
    assert_int_equal(output_whole(path, false, SLICE("1"), NULL), RFD_E_IO_WRITE); /* 256 */
    assert_int_equal(folder_count("here"), 0);
}

static void places_where_no_file_can_be(void **state)
{
    (void)state;
    static const char *const paths[] = {"here",      "here/",          "here/.",          "here/..",   "/",
                                        "",          "missing/file",   "here/file/below", "here/pipe", "/dev/null",
                                        "/dev/full", "here/to-device", "here/to-folder"};
    file_write("here/file", SLICE("old"));
    assert_int_equal(mkfifo("here/pipe", 0600), 0);
    assert_int_equal(symlink("/dev/null", "here/to-device"), 0);
    assert_int_equal(symlink(".", "here/to-folder"), 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        for (int replace = 0; replace < 2; replace++) {
            struct output *o = NULL;
            struct rfd_error error = RFD_ERROR_INIT;
            if (output_open(paths[i], replace, &o, &error) != RFD_E_IO_WRITE) fail_msg("'%s' was taken", paths[i]);
            assert_null(o);
            assert_true(strlen(error.detail) > 0);
        }
    }
    assert_int_equal(folder_count("here"), 4);
}

/** A link is replaced itself; the file that it leads to is not touched. */
static void symbolic_links(void **state)
{
    (void)state;
    struct stat info;
    file_write("here/target", SLICE("old"));
    assert_int_equal(symlink("target", "here/link"), 0);
    assert_int_equal(symlink("nowhere", "here/dangling"), 0);
    assert_int_equal(output_whole("here/link", false, SLICE("new"), NULL), RFD_E_EXISTS);
    assert_int_equal(output_whole("here/dangling", false, SLICE("new"), NULL), RFD_E_EXISTS);
    assert_int_equal(output_whole("here/link", true, SLICE("new"), NULL), RFD_OK);
    assert_true(file_is("here/target", SLICE("old")));
    assert_true(file_is("here/link", SLICE("new")));
    assert_int_equal(lstat("here/link", &info), 0);
    assert_true(S_ISREG(info.st_mode));
    assert_int_equal(output_whole("here/dangling", true, SLICE("new"), NULL), RFD_OK);
    assert_false(file_exists("here/nowhere"));
    assert_int_equal(folder_count("here"), 3);
}

static void folder_without_permission(void **state)
{
    (void)state;
    if (geteuid() == 0) skip();
    assert_int_equal(chmod("here", 0555), 0);
    assert_int_equal(output_whole("here/file", false, SLICE("x"), NULL), RFD_E_IO_WRITE);
    assert_int_equal(folder_count("here"), 0);
    assert_int_equal(chmod("here", 0755), 0);
}

static int without_proc(void *context)
{
    (void)context;
    if (chroot("here") != 0 || chdir("/") != 0) return 1;
    if (output_whole("/file", false, SLICE("1"), NULL) != RFD_OK) return 2;
    if (output_whole("/file", false, SLICE("2"), NULL) != RFD_E_EXISTS) return 3;
    struct output *o = NULL;
    if (output_open("/abandoned", false, &o, NULL) != RFD_OK) return 4;
    output_abandon(o);
    return output_whole("/file", true, SLICE("3"), NULL) == RFD_OK ? 0 : 5;
}

/** The way without an unnamed file. */
static void chroot_without_proc(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    assert_int_equal(in_child(without_proc, NULL), 0);
    assert_only("here/file", SLICE("3"));
}

static int write_past_the_limit(void *context)
{
    struct rfd_error error = RFD_ERROR_INIT;
    (void)context;
    limit_file_size(LARGE / 2);
    if (output_whole("here/file", true, slice_of(large, LARGE), &error) != RFD_E_IO_WRITE) return 1;
    if (strstr(error.detail, "here/file") == NULL) return 2;
    struct source *s = NULL;
    struct output *o = NULL;
    if (source_open_file("large", &s, NULL) != RFD_OK || output_open("here/other", true, &o, NULL) != RFD_OK) return 3;
    rfd_status status = output_copy(o, s, 0, LARGE, NULL);
    output_abandon(o);
    source_close(s);
    return status == RFD_E_IO_WRITE ? 0 : 4;
}

static void files_that_may_not_grow(void **state)
{
    (void)state;
    file_write("large", slice_of(large, LARGE));
    file_write("here/file", SLICE("old"));
    assert_int_equal(in_child(write_past_the_limit, NULL), 0);
    assert_only("here/file", SLICE("old"));
}

static int write_to_standard_output(void *context)
{
    int fd = open(context, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0) return 50;
    return (int)output_whole("-", false, SLICE("bytes"), NULL);
}

static int write_to_closed_output(void *context)
{
    (void)context;
    (void)close(STDOUT_FILENO);
    return (int)output_whole("-", false, SLICE("bytes"), NULL);
}

static void standard_output(void **state)
{
    (void)state;
    static char path[] = "here/out";
    static char full[] = "/dev/full";
    assert_int_equal(in_child(write_to_standard_output, path), 0);
    assert_only("here/out", SLICE("bytes"));
    assert_int_equal(in_child(write_to_standard_output, full) >> 8, RFD_E_NO_SPACE);
    assert_int_equal(in_child(write_to_closed_output, NULL) >> 8, RFD_E_IO_WRITE);
}

static void copying(void **state)
{
    (void)state;
    struct source *s = NULL;
    struct output *o = NULL;
    for (size_t i = 0; i < LARGE; i++) large[i] = (uint8_t)(i * 7 + i / 256);
    file_write("large", slice_of(large, LARGE));
    assert_int_equal(source_open_file("large", &s, NULL), RFD_OK);
    assert_int_equal(source_append(s, SLICE("appended"), NULL), RFD_OK);
    assert_int_equal(output_open("here/copy", false, &o, NULL), RFD_OK);
    assert_int_equal(output_copy(o, s, 100, LARGE - 92, NULL), RFD_OK);
    assert_int_equal(output_copy(o, s, 0, 0, NULL), RFD_OK);
    assert_int_equal(output_copy(o, s, LARGE + 2, 6, NULL), RFD_OK);
    assert_int_equal(output_commit(o, NULL), RFD_OK);
    assert_int_equal(file_length("here/copy"), LARGE - 86);
    struct source *copy = NULL;
    slice view;
    assert_int_equal(source_open_file("here/copy", &copy, NULL), RFD_OK);
    assert_int_equal(source_view(copy, 0, LARGE - 86, &view, NULL), RFD_OK);
    assert_memory_equal(view.data, large + 100, LARGE - 100);
    assert_true(slice_is(slice_from(view, LARGE - 100), "appendedpended"));
    source_close(copy);
    source_close(s);
}

static void copying_what_is_not_there(void **state)
{
    (void)state;
    struct source *s = NULL;
    struct output *o = NULL;
    file_write("large", slice_of(large, LARGE));
    assert_int_equal(source_open_file("large", &s, NULL), RFD_OK);
    assert_int_equal(output_open("here/copy", false, &o, NULL), RFD_OK);
    assert_int_equal(output_copy(o, s, 0, LARGE + 1, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(output_copy(o, s, UINT64_MAX, 1, NULL), RFD_E_PDF_DAMAGED);
    assert_int_equal(truncate("large", 1000), 0);
    assert_int_equal(output_copy(o, s, 0, LARGE, NULL), RFD_E_INPUT_CHANGED);
    output_abandon(o);
    source_close(s);
    assert_int_equal(folder_count("here"), 0);
}

static void failing_memory(void **state)
{
    (void)state;
    file_write("here/file", SLICE("old"));
    unsigned long n = 0;
    rfd_status status = RFD_E_MEMORY;
    while (status == RFD_E_MEMORY && ++n < 50) {
        assert_only("here/file", SLICE("old"));
        memory_fail_after(n);
        status = output_whole("here/file", true, SLICE("new"), NULL);
        memory_fail_after(0);
    }
    assert_int_equal(status, RFD_OK);
    assert_true(n > 3);
    assert_only("here/file", SLICE("new"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_one, teardown_one)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_file),
        TEST(existing_file_is_kept),
        TEST(existing_file_wins_a_race),
        TEST(replacing),
        TEST(abandoning_leaves_nothing),
        TEST(names_of_every_length),
        TEST(places_where_no_file_can_be),
        TEST(symbolic_links),
        TEST(folder_without_permission),
        TEST(chroot_without_proc),
        TEST(files_that_may_not_grow),
        TEST(standard_output),
        TEST(copying),
        TEST(copying_what_is_not_there),
        TEST(failing_memory),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
