/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

static void sets_and_clears(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(error_set(&error, RFD_E_LIMIT, "object %d", 7), RFD_E_LIMIT);
    assert_int_equal(error.code, RFD_E_LIMIT);
    assert_string_equal(error.detail, "object 7");
    assert_int_equal(error_set(&error, RFD_E_TOKEN, NULL), RFD_E_TOKEN);
    assert_string_equal(error.detail, "");
    assert_int_equal(error_set(NULL, RFD_E_LIMIT, "%d", 1), RFD_E_LIMIT);
    error_clear(&error);
    assert_int_equal(error.code, RFD_OK);
    error_clear(NULL);
}

static void nearest_cause_comes_first(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    (void)error_set(&error, RFD_E_IO_READ, "root");
    assert_int_equal(error_wrap(&error, RFD_E_PDF_DAMAGED, "middle"), RFD_E_PDF_DAMAGED);
    assert_int_equal(error_wrap(&error, RFD_E_SIGNING, "top %s", "level"), RFD_E_SIGNING);
    assert_string_equal(error.detail, "top level");
    assert_int_equal(error.cause_count, 2);
    assert_int_equal(error.causes[0].code, RFD_E_PDF_DAMAGED);
    assert_string_equal(error.causes[0].detail, "middle");
    assert_int_equal(error.causes[1].code, RFD_E_IO_READ);
    assert_string_equal(error.causes[1].detail, "root");
    for (int i = 0; i < 10; i++) (void)error_wrap(&error, RFD_E_INTERNAL, "%d", i);
    assert_int_equal(error.cause_count, RFD_ERROR_CAUSES);
    assert_string_equal(error.detail, "9");
    assert_string_equal(error.causes[0].detail, "8");
    assert_string_equal(error.causes[2].detail, "6");
    (void)error_set(&error, RFD_E_LIMIT, "fresh");
    assert_int_equal(error.cause_count, 0);
}

static void memory_is_never_wrapped(void **state)
{
    (void)state;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(error_memory(&error), RFD_E_MEMORY);
    assert_int_equal(error_wrap(&error, RFD_E_SIGNING, "x"), RFD_E_MEMORY);
    assert_int_equal(error.code, RFD_E_MEMORY);
    assert_int_equal(error.cause_count, 0);
    assert_int_equal(error_memory(NULL), RFD_E_MEMORY);
    assert_int_equal(error_wrap(NULL, RFD_E_SIGNING, "x"), RFD_E_SIGNING);
}

static void system_errors(void **state)
{
    (void)state;
    static const struct {
        int number;
        rfd_status code;
    } rows[] = {{ENOENT, RFD_E_IO_WRITE}, {EACCES, RFD_E_IO_WRITE}, {ENOSPC, RFD_E_NO_SPACE},
                {EDQUOT, RFD_E_NO_SPACE}, {ENOMEM, RFD_E_MEMORY},   {123456, RFD_E_IO_WRITE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rfd_error error = RFD_ERROR_INIT;
        assert_int_equal(error_errno(&error, RFD_E_IO_WRITE, rows[i].number, "%s", "/a/file"), rows[i].code);
        assert_int_equal(error.code, rows[i].code);
        assert_int_equal(strncmp(error.detail, "/a/file: ", 9), 0);
        assert_true(strlen(error.detail) > 9);
        assert_int_equal(error_errno(NULL, RFD_E_IO_WRITE, rows[i].number, "x"), rows[i].code);
    }
}

/** Details of every length about the maximum, of letters of one to four bytes: cut, but never inside a letter. */
static void details_are_cut_between_letters(void **state)
{
    (void)state;
    static const char *const letters[] = {"a", "\xC3\xB1", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t kind = 0; kind < 4; kind++) {
        for (size_t lead = 0; lead < 5; lead++) {
            char text[1000] = "";
            size_t used = lead;
            memset(text, 'x', lead);
            while (used < 900) used += (size_t)snprintf(text + used, sizeof text - used, "%s", letters[kind]);
            struct rfd_error error = RFD_ERROR_INIT;
            (void)error_set(&error, RFD_E_LIMIT, "%s", text);
            assert_true(strlen(error.detail) > RFD_ERROR_DETAIL_SIZE - 5);
            assert_true(text_is_utf8(slice_text(error.detail)));
            (void)error_wrap(&error, RFD_E_INTERNAL, "%s", text);
            assert_true(strlen(error.causes[0].detail) > RFD_ERROR_CAUSE_SIZE - 5);
            assert_true(text_is_utf8(slice_text(error.causes[0].detail)));
            (void)error_errno(&error, RFD_E_IO_READ, ENOENT, "%s", text);
            assert_true(text_is_utf8(slice_text(error.detail)));
            assert_true(strlen(error.detail) < RFD_ERROR_DETAIL_SIZE);
        }
    }
}

static void bytes_that_are_no_text_stay_in_bounds(void **state)
{
    (void)state;
    char text[1000];
    struct rfd_error error = RFD_ERROR_INIT;
    memset(text, 0xBF, sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)error_set(&error, RFD_E_LIMIT, "%s", text);
    assert_true(strlen(error.detail) < RFD_ERROR_DETAIL_SIZE);
    assert_true(text_is_utf8(slice_text(error.detail)));
    (void)error_set(&error, RFD_E_LIMIT, "a\xFF\xC3\xB1\xC3(\xEF\xBF\xBD");
    assert_string_equal(error.detail, "a?\xC3\xB1?(\xEF\xBF\xBD");
}

static void every_code_has_its_words(void **state)
{
    (void)state;
    char names[RFD_STATUS_COUNT][40];
    for (int code = 0; code < RFD_STATUS_COUNT; code++) {
        (void)snprintf(names[code], sizeof names[code], "%s", rfd_status_name((rfd_status)code));
        assert_true(strlen(names[code]) > 1 && strlen(names[code]) < 31);
        assert_int_equal(strspn(names[code], "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(names[code]));
        for (int other = 0; other < code; other++) assert_string_not_equal(names[code], names[other]);
        assert_true(strlen(rfd_status_message((rfd_status)code)) > 4);
        assert_non_null(rfd_status_hint((rfd_status)code));
        int http = rfd_status_http((rfd_status)code);
        assert_true(code == RFD_OK ? http == 200 : http >= 400 && http < 600);
        assert_true(rfd_status_class((rfd_status)code) <= RFD_CLASS_NETWORK);
    }
    assert_string_equal(rfd_status_name(RFD_E_PDF_DAMAGED), "pdf-damaged");
    assert_string_equal(rfd_status_name(RFD_STATUS_COUNT), "internal");
    assert_string_equal(rfd_status_message((rfd_status)-1), rfd_status_message(RFD_E_INTERNAL));
    assert_true(strlen(rfd_version()) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_clears),
        cmocka_unit_test(nearest_cause_comes_first),
        cmocka_unit_test(memory_is_never_wrapped),
        cmocka_unit_test(system_errors),
        cmocka_unit_test(details_are_cut_between_letters),
        cmocka_unit_test(bytes_that_are_no_text_stay_in_bounds),
        cmocka_unit_test(every_code_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
