/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/form.h"
#include "http/percent.h"

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_dispose(&arena);
    return 0;
}

static void assert_slice(slice s, const char *text)
{
    assert_non_null(s.data);
    assert_int_equal(s.length, strlen(text));
    assert_memory_equal(s.data, text, s.length);
}

static void test_percent(void **state)
{
    static const struct {
        const char *text, *path, *query; /* NULL: refused */
    } rows[] = {
        {"a", "a", "a"},         {"", "", ""},
        {"a+b", "a+b", "a b"},   {"a%2Bb", "a+b", "a+b"},
        {"%2541", "%41", "%41"}, {"%c3%B1", "ñ", "ñ"},
        {"%", NULL, NULL},       {"%4", NULL, NULL},
        {"%4g", NULL, NULL},     {"%-1", NULL, NULL},
        {"%00", NULL, NULL},     {"%ff", NULL, NULL},
        {"%C0%AF", NULL, NULL},  {"%ED%A0%80", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        slice out = SLICE("");
        bool read = percent_decode(slice_text(rows[i].text), PERCENT_PLUS_STAYS, &arena, &out, NULL) == RFD_OK;
        assert_int_equal(read, rows[i].path != NULL);
        if (read) assert_slice(out, rows[i].path);
        read = percent_decode(slice_text(rows[i].text), PERCENT_PLUS_BLANK, &arena, &out, NULL) == RFD_OK;
        assert_int_equal(read, rows[i].query != NULL);
        if (read) assert_slice(out, rows[i].query);
    }
}

static void test_paths_that_are_none(void **state)
{
    static const char *const bad[] = {"",       "a",       "../a",        "/..",      "/a/../b", "/a/.",
                                      "/./a",   "/%2e%2e", "/a%2f..%2fb", "/a%2F%2e", "/a\\b",   "/%5c",
                                      "/a%0ab", "/\x7f",   "/%7F",        "/%00"};
    static const char *const good[] = {"/", "//", "/...", "/a..b", "/.a", "/a/", "/%20"};
    slice out;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(percent_decode_path(slice_text(bad[i]), &arena, &out, NULL), RFD_E_REQUEST);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(percent_decode_path(slice_text(good[i]), &arena, &out, NULL), RFD_OK);
}

static void test_form(void **state)
{
    struct http_fields f;
    (void)state;
    assert_int_equal(http_form_parse(SLICE("a=1&b=x+y&a=2&&c&=d&e=f=g"), &arena, &f, NULL), RFD_OK);
    assert_int_equal(f.count, 6);
    assert_int_equal(http_field_count(&f, "a"), 2);
    assert_slice(http_field_get(&f, "a", 1), "2");
    assert_null(http_field_get(&f, "a", 2).data);
    assert_slice(http_field_get(&f, "b", 0), "x y");
    assert_int_equal(http_field_get(&f, "c", 0).length, 0);
    assert_slice(http_field_get(&f, "e", 0), "f=g");
    assert_int_equal(http_form_parse(SLICE(""), &arena, &f, NULL), RFD_OK);
    assert_int_equal(f.count, 0);
    assert_int_equal(http_form_parse(SLICE("a=%"), &arena, &f, NULL), RFD_E_REQUEST);
}

static void test_form_has_limits(void **state)
{
    char text[2 * HTTP_FORM_FIELDS + 2];
    struct http_fields f = {0};
    struct arena small;
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) text[i] = i % 2 == 0 ? 'a' : '&';
    assert_int_equal(http_form_parse(slice_of(text, sizeof text), &arena, &f, NULL), RFD_E_LIMIT);
    assert_int_equal(http_form_parse(slice_of(text, 2 * HTTP_FORM_FIELDS - 1), &arena, &f, NULL), RFD_OK);
    assert_int_equal(f.count, HTTP_FORM_FIELDS);
    arena_init(&small, 64);
    assert_int_equal(http_form_parse(slice_of(text, sizeof text / 4), &small, &f, NULL), RFD_E_LIMIT);
    arena_dispose(&small);
}

static void test_cookies(void **state)
{
    slice header = SLICE("x=1; session=a;session=b; __Host-q=\"c\"; y=; bad=a b; bad=\"; last=z=z");
    (void)state;
    assert_slice(http_cookie_find(header, "session", 0), "a");
    assert_slice(http_cookie_find(header, "session", 1), "b");
    assert_null(http_cookie_find(header, "session", 2).data);
    assert_slice(http_cookie_find(header, "__Host-q", 0), "c");
    assert_slice(http_cookie_find(header, "y", 0), "");
    assert_null(http_cookie_find(header, "bad", 0).data);
    assert_slice(http_cookie_find(header, "last", 0), "z=z");
    assert_null(http_cookie_find(SLICE(""), "x", 0).data);
    assert_null(http_cookie_find(header, "Session", 0).data);
}

static void test_parameters(void **state)
{
    slice header = SLICE("form-data; name=\"a;b\"; File=\"x\\\"y\\z\" ; n = v;flag; last=\"open");
    (void)state;
    assert_slice(http_parameter(header, "name", &arena), "a;b");
    assert_slice(http_parameter(header, "file", &arena), "x\"y\\z");
    assert_slice(http_parameter(header, "n", &arena), "v");
    assert_null(http_parameter(header, "flag", &arena).data);
    assert_null(http_parameter(header, "last", &arena).data);
    assert_null(http_parameter(SLICE("form-data"), "name", &arena).data);
}

static void test_boundaries(void **state)
{
    static const char *const bad[] = {
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"",
        "multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x"};
    slice boundary;
    (void)state;
    assert_int_equal(http_multipart_boundary(SLICE("Multipart/Form-Data; x=y; boundary=\"a b\""), &boundary, NULL),
                     RFD_OK);
    assert_slice(boundary, "a b");
    assert_int_equal(http_multipart_boundary(SLICE("text/plain; boundary=a"), &boundary, NULL), RFD_E_MEDIA);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(http_multipart_boundary(slice_text(bad[i]), &boundary, NULL), RFD_E_REQUEST);
}

#define HEAD "Content-Disposition: form-data; name=\"a\"\r\n"

static void test_multipart(void **state)
{
    struct http_parts p;
    slice body = SLICE("preamble\r\n--q \r\n" HEAD "\r\nfirst\r\n--no\r\n\r\n--q\r\n"
                       "content-disposition: form-data; name=f; filename=\"\"\r\nContent-Type: text/x\r\nX: y\r\n\r\n"
                       "\r\n--q--\r\nepilogue");
    (void)state;
    assert_int_equal(http_multipart_parse(body, SLICE("q"), &arena, &p, NULL), RFD_OK);
    assert_int_equal(p.count, 2);
    assert_slice(p.items[0].name, "a");
    assert_null(p.items[0].file_name.data);
    assert_null(p.items[0].content_type.data);
    assert_slice(p.items[0].body, "first\r\n--no\r\n");
    assert_slice(p.items[1].file_name, "");
    assert_slice(p.items[1].content_type, "text/x");
    assert_int_equal(p.items[1].body.length, 0);
    assert_int_equal(http_multipart_parse(SLICE("--q--"), SLICE("q"), &arena, &p, NULL), RFD_OK);
    assert_int_equal(p.count, 0);
}

static void test_multipart_that_is_none(void **state)
{
    static const char *const bad[] = {
        "",
        "q",
        "--q",
        "--q\r\n",
        "--q\r\n" HEAD,
        "--q\r\n" HEAD "\r\n",
        "--q\r\n" HEAD "\r\nx\r\n--q",
        "--qx\r\n" HEAD "\r\n\r\n--q--",
        "--q\r\n" HEAD "\r\nx\r\n--q\r\n",
        "--q\r\n\r\nno headers\r\n--q--",
        "--q\r\nContent-Type: x\r\n\r\nno name\r\n--q--",
        "--q\r\n" HEAD HEAD "\r\nx\r\n--q--",
        "--q\r\nContent-Disposition: form-data\r\n\r\nx\r\n--q--",
        "--q\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--q--",
        "--q\r\nodd header\r\n" HEAD "\r\nx\r\n--q--",
        "--q\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--q--",
    };
    struct http_parts p;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(http_multipart_parse(slice_text(bad[i]), SLICE("q"), &arena, &p, NULL), RFD_E_REQUEST);
    char many[(HTTP_FORM_PARTS + 1) * 64 + 16];
    size_t used = 0;
    for (int i = 0; i <= HTTP_FORM_PARTS; i++)
        used += (size_t)snprintf(many + used, sizeof many - used, "\r\n--q\r\n" HEAD "\r\n");
    used += (size_t)snprintf(many + used, sizeof many - used, "\r\n--q--");
    assert_int_equal(http_multipart_parse(slice_of(many, used), SLICE("q"), &arena, &p, NULL), RFD_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_paths_that_are_none),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_form_has_limits),
        cmocka_unit_test(test_cookies),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_multipart),
        cmocka_unit_test(test_multipart_that_is_none),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
