/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines read back from a pipe: whole, filtered, escaped, never too long.
 */
#include "base/log.h"
#include "base/error.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static int ends[2];

static int open_pipe(void **state)
{
    (void)state;
    return pipe2(ends, O_NONBLOCK | O_CLOEXEC);
}

static int close_pipe(void **state)
{
    (void)state;
    log_open(-1, LOG_FORMAT_TEXT, LOG_DEBUG, "");
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

/** What was written since, behind the time, which is checked for its form. "" when there is nothing. */
static const char *read_line(const char *before_time)
{
    static char line[8192];
    ssize_t got = read(ends[0], line, sizeof line - 1);
    if (got <= 0) return "";
    line[got] = '\0';
    assert_int_equal(line[got - 1], '\n');
    size_t skip = strlen(before_time);
    assert_memory_equal(line, before_time, skip);
    const char *form = "0000-00-00T00:00:00.000Z";
    for (size_t i = 0; form[i] != '\0'; i++) {
        char c = line[skip + i];
        assert_true(form[i] == '0' ? c >= '0' && c <= '9' : c == form[i]);
    }
    return line + skip + strlen(form);
}

static void as_json(void **state)
{
    (void)state;
    log_open(ends[1], LOG_FORMAT_JSON, LOG_INFO, "worker-0");
    log_event(LOG_WARNING, "crl-late", "the list ends in 5 minutes");
    assert_string_equal(read_line("{\"time\":\""),
                        "\",\"level\":\"warning\",\"process\":\"worker-0\","
                        "\"code\":\"crl-late\",\"message\":\"the list ends in 5 minutes\"}\n");
    log_event(LOG_INFO, "x", "say \"a\\b\"\n\x7F\xC3\xB1\xFF", LOG_TEXT("t", "a\tb"), LOG_NUMBER("n", INT64_MIN),
              LOG_SLICE("s", SLICE_EMPTY));
    assert_string_equal(read_line("{\"time\":\""),
                        "\",\"level\":\"info\",\"process\":\"worker-0\",\"code\":\"x\",\"message\":"
                        "\"say \\\"a\\\\b\\\"\\u000a\\u007f\xC3\xB1\xEF\xBF\xBD\",\"t\":\"a\\u0009b\","
                        "\"n\":-9223372036854775808,\"s\":\"\"}\n");
}

static void as_text(void **state)
{
    (void)state;
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_DEBUG, "web");
    log_event(LOG_ERROR, "x", "a\nb \x1B[2J",
              LOG_TEXT("t", "\xE2\x80\xAE"
                            "c"),
              LOG_NUMBER("n", 7));
    assert_string_equal(read_line(""), " error web x: a\xEF\xBF\xBD"
                                       "b \xEF\xBF\xBD[2J t=\xEF\xBF\xBD"
                                       "c n=7\n");
}

static void levels(void **state)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    enum log_level level;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_true(log_level_from_name(slice_text(names[i]), &level));
        assert_int_equal(level, i);
        log_open(ends[1], LOG_FORMAT_TEXT, level, "p");
        for (unsigned j = 0; j < 5; j++) {
            log_event((enum log_level)j, "x", "m");
            assert_int_equal(read_line("")[0] != '\0', j <= i);
        }
    }
    assert_false(log_level_from_name(SLICE("loud"), &level));
    log_open(-1, LOG_FORMAT_TEXT, LOG_DEBUG, "p");
    log_event(LOG_ERROR, "x", "to nobody");
    assert_string_equal(read_line(""), "");
}

static void failures(void **state)
{
    struct rfd_error error = RFD_ERROR_INIT;
    (void)state;
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_DEBUG, "p");
    (void)error_set(&error, RFD_E_BUSY, "the detail");
    log_failure(LOG_ERROR, "x", "it did not work", &error);
    const char *line = read_line("");
    assert_non_null(strstr(line, "it did not work error=busy sentence="));
    assert_non_null(strstr(line, " detail=the detail\n"));
}

static void long_lines(void **state)
{
    static char much[10000];
    static const enum log_format formats[] = {LOG_FORMAT_JSON, LOG_FORMAT_TEXT};
    static const char *const endings[] = {",\"truncated\":true}\n", " ...\n"};
    (void)state;
    memset(much, '\x01', sizeof much - 1);
    for (int i = 0; i < 2; i++) {
        log_open(ends[1], formats[i], LOG_DEBUG, much);
        log_event(LOG_ERROR, "x", much, LOG_TEXT("a", much), LOG_TEXT("b", much), LOG_TEXT("c", much),
                  LOG_NUMBER("n", 5));
        const char *line = read_line(i == 0 ? "{\"time\":\"" : "");
        size_t length = strlen(line);
        assert_true(length < 4096 && length > 20);
        assert_string_equal(line + length - strlen(endings[i]), endings[i]);
        assert_non_null(strstr(line, i == 0 ? "\"n\":5" : " n=5"));
    }
}

static void *write_many(void *context)
{
    for (int i = 0; i < 100; i++) log_event(LOG_INFO, "many", "a line of some length", LOG_TEXT("who", context));
    return NULL;
}

static void whole_lines(void **state)
{
    pthread_t threads[3];
    static char names[3][2] = {"a", "b", "c"};
    static char all[64 * 1024];
    unsigned lines = 0;
    (void)state;
    log_open(ends[1], LOG_FORMAT_TEXT, LOG_INFO, "p");
    for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, write_many, names[i]), 0);
    for (int i = 0; i < 3; i++) (void)pthread_join(threads[i], NULL);
    ssize_t got = read(ends[0], all, sizeof all - 1);
    assert_true(got > 0);
    for (char *line = all, *end; (end = strchr(line, '\n')) != NULL; line = end + 1, lines++) {
        assert_memory_equal(line + 24, " info p many: a line of some length who=", 39);
        assert_int_equal(end - line, 24 + 41);
    }
    assert_int_equal(lines, 300);
    /* Nobody reads: what has no room is lost, nobody waits. */
    for (int i = 0; i < 2000; i++) log_event(LOG_INFO, "many", "a line of some length");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_json, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(as_text, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(levels, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(failures, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(long_lines, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(whole_lines, open_pipe, close_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
