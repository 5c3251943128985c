/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/secret.h"
#include "base/error.h"
#include "base_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void sets_and_replaces(void **state)
{
    (void)state;
    struct secret s = {0};
    secret_dispose(&s);
    assert_int_equal(secret_set(&s, SLICE("swordfish"), NULL), RFD_OK);
    assert_true(slice_is(secret_slice(&s), "swordfish"));
    assert_int_equal(s.data[9], 0);
    assert_int_equal(secret_set(&s, slice_part(secret_slice(&s), 5, 4), NULL), RFD_OK); /* out of itself */
    assert_true(slice_is(secret_slice(&s), "fish"));
    assert_int_equal(secret_set(&s, SLICE_EMPTY, NULL), RFD_OK);
    assert_int_equal(s.length, 0);
    assert_string_equal((char *)s.data, "");
    secret_dispose(&s);
    assert_null(s.data);
    secret_dispose(&s);
}

/** The pages are gone after disposing, not only unused. */
static void disposing_releases_the_pages(void **state)
{
    (void)state;
    struct secret s = {0};
    uint8_t large[20000];
    memset(large, 'k', sizeof large);
    assert_int_equal(secret_set(&s, slice_of(large, sizeof large), NULL), RFD_OK);
    assert_true(s.reserved > sizeof large);
    uint8_t *data = s.data;
    size_t reserved = s.reserved;
    secret_dispose(&s);
    unsigned char in_core[64];
    assert_int_equal(mincore(data, reserved, in_core), -1);
    assert_int_equal(errno, ENOMEM);
}

static void wiping(void **state)
{
    (void)state;
    uint8_t bytes[32];
    memset(bytes, 0xAA, sizeof bytes);
    secret_wipe(bytes + 1, 30);
    assert_int_equal(bytes[0], 0xAA);
    assert_int_equal(bytes[31], 0xAA);
    for (size_t i = 1; i < 31; i++) assert_int_equal(bytes[i], 0);
    secret_wipe(bytes, 0);
}

static void equality(void **state)
{
    (void)state;
    assert_true(secret_equal(SLICE("abc"), SLICE("abc")));
    assert_true(secret_equal(SLICE_EMPTY, SLICE("")));
    assert_false(secret_equal(SLICE("abc"), SLICE("abd")));
    assert_false(secret_equal(SLICE("abc"), SLICE("bbc")));
    assert_false(secret_equal(SLICE("abc"), SLICE("ab")));
    assert_false(secret_equal(SLICE("abc"), SLICE_EMPTY));
    assert_false(secret_equal(SLICE("a\0b"), SLICE("a\0c")));
}

static void first_line_of_a_file(void **state)
{
    (void)state;
    static const struct {
        slice content, line;
    } rows[] = {
        {SLICE("word\n"), SLICE("word")},
        {SLICE("word"), SLICE("word")},
        {SLICE("word\r\n"), SLICE("word")},
        {SLICE("word\nsecond line\n"), SLICE("word")},
        {SLICE("word\r\nsecond\r\n"), SLICE("word")},
        {SLICE(" two words \n"), SLICE(" two words ")},
        {SLICE("mid\rdle\n"), SLICE("mid\rdle")},
        {SLICE("word\r\r\n"), SLICE("word\r")},
        {SLICE("a\0b\n"), SLICE("a\0b")},
        {SLICE("contrase\xC3\xB1"
               "a\n"),
         SLICE("contrase\xC3\xB1"
               "a")},
        {SLICE(""), SLICE("")},
        {SLICE("\n"), SLICE("")},
        {SLICE("\r\n"), SLICE("")},
        {SLICE("\nword\n"), SLICE("")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct secret s = {0};
        file_write("pass", rows[i].content);
        assert_int_equal(secret_read_file(&s, "pass", NULL), RFD_OK);
        if (!slice_equal(secret_slice(&s), rows[i].line)) fail_msg("row %zu", i);
        secret_dispose(&s);
    }
}

/** 1,024 bytes are a password, 1,025 are not, whatever ends the line. */
static void longest_line(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "\n", "\r\n", "\nmore\n"};
    char content[4000];
    for (size_t length = 1020; length < 1030; length++) {
        for (size_t end = 0; end < 4; end++) {
            struct secret s = {0};
            struct rfd_error error = RFD_ERROR_INIT;
            memset(content, 'p', length);
            (void)snprintf(content + length, sizeof content - length, "%s", ends[end]);
            file_write("pass", slice_text(content));
            rfd_status status = secret_read_file(&s, "pass", &error);
            if (status != (length <= 1024 ? RFD_OK : RFD_E_LIMIT))
                fail_msg("%zu bytes, end %zu: %d", length, end, status);
            assert_int_equal(s.length, status == RFD_OK ? length : 0);
            secret_dispose(&s);
        }
    }
}

/** A carriage return that happens to be the last byte read must not pass for the end of the line. */
static void carriage_return_in_a_line_too_long(void **state)
{
    (void)state;
    char content[3000];
    for (size_t at = 1000; at < 1100; at++) {
        struct secret s = {0};
        memset(content, 'p', sizeof content);
        content[at] = '\r';
        file_write("pass", slice_of(content, sizeof content));
        assert_int_equal(secret_read_file(&s, "pass", NULL), RFD_E_LIMIT);
        assert_null(s.data);
    }
}

static void files_that_cannot_be_read(void **state)
{
    struct secret s = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(secret_set(&s, SLICE("kept"), NULL), RFD_OK);
    assert_int_equal(secret_read_file(&s, "no-such-file", &error), RFD_E_IO_READ);
    assert_non_null(strstr(error.detail, "no-such-file"));
    assert_int_equal(secret_read_file(&s, *state, NULL), RFD_E_IO_READ); /* a folder */
    assert_int_equal(secret_read_file(&s, "", NULL), RFD_E_IO_READ);
    assert_true(slice_is(secret_slice(&s), "kept"));
    secret_dispose(&s);
}

static int read_standard_input(void *context)
{
    struct secret s = {0};
    char rest[16] = "";
    (void)context;
    int fd = open("pass", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || dup2(fd, STDIN_FILENO) < 0) return 1;
    if (secret_read_file(&s, "-", NULL) != RFD_OK || !slice_is(secret_slice(&s), "first")) return 2;
    /* What follows the line is still there for whoever reads the document from the same pipe. */
    if (read(STDIN_FILENO, rest, sizeof rest - 1) != 6 || strcmp(rest, "second") != 0) return 3;
    secret_dispose(&s);
    (void)close(STDIN_FILENO);
    return secret_read_file(&s, "-", NULL) == RFD_E_IO_READ ? 0 : 4;
}

static void from_standard_input(void **state)
{
    (void)state;
    file_write("pass", SLICE("first\nsecond"));
    assert_int_equal(in_child(read_standard_input, NULL), 0);
}

static int prompt_without_terminal(void *context)
{
    struct secret s = {0};
    (void)context;
    (void)setsid();
    return secret_prompt(&s, "PIN", NULL) == RFD_E_IO_READ && s.data == NULL ? 0 : 1;
}

static void without_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(in_child(prompt_without_terminal, NULL), 0);
}

static int prompt_on(const char *terminal)
{
    struct secret s = {0};
    struct termios after;
    if (setsid() < 0) return 1;
    int fd = open(terminal, O_RDWR | O_CLOEXEC); /* becomes the controlling terminal */
    if (fd < 0) return 2;
    if (secret_prompt(&s, "PIN", NULL) != RFD_OK) return 3;
    bool right = slice_is(secret_slice(&s), "1234");
    secret_dispose(&s);
    return right && tcgetattr(fd, &after) == 0 && (after.c_lflag & ECHO) != 0 ? 0 : 4;
}

/** Collects what the terminal shows until it holds `wanted` or a minute passed. */
static void read_until(int fd, const char *wanted, char *shown, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t used = strlen(shown);
    while (strstr(shown, wanted) == NULL && used + 1 < size && poll(&ready, 1, 60000) > 0) {
        ssize_t got = read(fd, shown + used, size - 1 - used);
        if (got <= 0) break;
        used += (size_t)got;
        shown[used] = '\0';
    }
}

static void on_a_terminal_without_echo(void **state)
{
    (void)state;
    char name[64];
    char shown[256] = "";
    int status = -1;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, sizeof name) != 0)
        skip();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(prompt_on(name));
    read_until(master, "PIN: ", shown, sizeof shown);
    assert_non_null(strstr(shown, "PIN: "));
    assert_int_equal(write(master, "1234\n", 5), 5);
    read_until(master, "\n", shown, sizeof shown);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_null(strstr(shown, "1234"));
    (void)close(master);
}

static int read_secret(void *context)
{
    const struct secret *s = context;
    for (size_t i = 0; i < s->length; i++) {
        if (s->data[i] != 0) return 1;
    }
    return 0;
}

static void children_get_zeros(void **state)
{
    (void)state;
    struct secret s = {0};
    assert_int_equal(secret_set(&s, SLICE("not for children"), NULL), RFD_OK);
    assert_int_equal(in_child(read_secret, &s), 0);
    assert_true(slice_is(secret_slice(&s), "not for children"));
    secret_dispose(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_replaces),
        cmocka_unit_test(disposing_releases_the_pages),
        cmocka_unit_test(wiping),
        cmocka_unit_test(children_get_zeros),
        cmocka_unit_test(equality),
        cmocka_unit_test(first_line_of_a_file),
        cmocka_unit_test(longest_line),
        cmocka_unit_test(carriage_return_in_a_line_too_long),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(from_standard_input),
        cmocka_unit_test(without_a_terminal),
        cmocka_unit_test(on_a_terminal_without_echo),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
