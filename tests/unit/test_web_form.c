/* SPDX-License-Identifier: EUPL-1.2
 *
 * Forms: each kind of field with good, wrong and hostile content, and what is sent back; limits of networks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base_support.h"
#include "web_support.h"

#include <stdio.h>
#include <stdlib.h>

static const struct form_field fields[] = {
    {"text", "Text", NULL, FORM_TEXT, false, 10, NULL, NULL, false},
    {"long", "Long", NULL, FORM_LONG_TEXT, false, 0, NULL, NULL, false},
    {"mail", "Mail", NULL, FORM_MAIL, false, 0, NULL, NULL, false},
    {"mobile", "Mobile", NULL, FORM_MOBILE, false, 0, NULL, NULL, false},
    {"password", "Password", NULL, FORM_PASSWORD, false, 0, NULL, NULL, false},
    {"code", "Code", NULL, FORM_CODE, false, 0, NULL, NULL, false},
    {"number", "Number", NULL, FORM_NUMBER, false, 0, NULL, NULL, false},
    {"day", "Day", NULL, FORM_DAY, false, 0, NULL, NULL, false},
    {"choice", "Choice", NULL, FORM_CHOICE, false, 0, NULL, NULL, false},
    {"many", "Many", NULL, FORM_MANY, false, 0, NULL, NULL, false},
    {"tick", "Tick", NULL, FORM_TICK, false, 0, NULL, NULL, false},
    {"file", "File", NULL, FORM_FILE, false, 0, NULL, NULL, false},
};
enum { FIELDS = sizeof fields / sizeof *fields };

struct desk {
    struct web web;
    struct settings settings;
    struct http_request request;
    struct http_response response;
    struct page page;
    struct arena arena;
    struct form form;
};

static int open_desk(void **state)
{
    struct desk *d = memory_zeroed(1, sizeof *d);
    if (d == NULL || zone_open("America/Lima", &d->web.zone, NULL) != RFD_OK) return -1;
    arena_init(&d->arena, 1 << 20);
    d->settings.web.url = "http://localhost";
    d->web.options.settings = &d->settings;
    d->web.cookie_visitor = "__Host-refrenda-visitor";
    d->request.arena = &d->arena;
    d->response.arena = &d->arena;
    d->response.file = -1;
    d->page = (struct page){.web = &d->web, .request = &d->request, .response = &d->response, .arena = &d->arena};
    d->page.view = view_new(&d->arena);
    *state = d;
    return 0;
}

static int close_desk(void **state)
{
    struct desk *d = *state;
    zone_close(d->web.zone);
    arena_dispose(&d->arena);
    memory_free(d);
    return 0;
}

static void read_body(struct desk *d, const char *body)
{
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(http_form_parse(slice_text(body), &d->arena, &d->page.fields, &error), RFD_OK);
    if (form_read(&d->page, fields, FIELDS, &d->form, &error) != RFD_OK) fail_msg("%s", error.detail);
}

static void test_kinds(void **state)
{
    struct desk *d = *state;
    static const struct {
        const char *body, *field, *text; /* text NULL: it is refused */
    } cases[] = {
        {"text=++Rosa+", "text", "Rosa"},
        {"text=%C3%91and%C3%BA%C3%A1%C3%A9%C3%ADxx", "text",
         "\xC3\x91"
         "and\xC3\xBA\xC3\xA1\xC3\xA9\xC3\xADxx"}, /* ten characters */
        {"text=12345678901", "text", NULL},
        {"text=a%0Ab", "text", NULL},
        {"text=a%07b", "text", NULL},
        {"long=a%0D%0Ab%09c", "long", "a\nb\tc"},
        {"long=a%1Bb", "long", NULL},
        {"mail=rosa%40example.gob.pe", "mail", "rosa@example.gob.pe"},
        {"mail=rosa", "mail", NULL},
        {"mail=a%40b%40c.pe", "mail", NULL},
        {"mail=a%40b", "mail", NULL},
        {"mail=a%2Cb%40c.pe", "mail", NULL},
        {"mail=a%40c.pe%0D%0ABcc%3A+x%40y.pe", "mail", NULL},
        {"mobile=%2B51+987+654-321", "mobile", "+51987654321"},
        {"mobile=987654321", "mobile", "987654321"},
        {"mobile=12", "mobile", NULL},
        {"mobile=98765abcd", "mobile", NULL},
        {"mobile=%2B1234567890123456", "mobile", NULL},
        {"password=++with+blanks++", "password", "  with blanks  "},
        {"code=123+456", "code", "123456"},
        {"number=42", "number", "42"},
        {"number=-7", "number", "-7"},
        {"number=4.2", "number", NULL},
        {"number=99999999999999999999", "number", NULL},
        {"day=2026-11-21", "day", "2026-11-21"},
        {"day=21%2F11%2F2026", "day", "21/11/2026"},
        {"day=1%2F3%2F2026", "day", "1/3/2026"},
        {"day=31%2F02%2F2026", "day", NULL},
        {"day=2026-13-01", "day", NULL},
        {"day=tomorrow", "day", NULL},
        {"day=%2F%2F2026", "day", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_body(d, cases[i].body);
        const struct form_value *value = form_value(&d->form, cases[i].field);
        if ((value->error == NULL) != (cases[i].text != NULL) || d->form.wrong != (cases[i].text == NULL))
            fail_msg("%s: %s", cases[i].body, value->error == NULL ? "was taken" : value->error);
        if (cases[i].text != NULL && !slice_is(value->text, cases[i].text))
            fail_msg("%s: %.*s", cases[i].body, (int)value->text.length, (const char *)value->text.data);
    }
    read_body(d, "number=42&day=2026-11-21&tick=1&many=a&many=b");
    assert_int_equal(form_value(&d->form, "number")->number, 42);
    assert_int_equal(form_value(&d->form, "day")->day, INT64_C(1795237200000000)); /* midnight in Lima, 05:00 UTC */
    assert_true(form_value(&d->form, "tick")->ticked);
    assert_int_equal(form_value(&d->form, "many")->many_count, 2);
    read_body(d, "");
    assert_false(d->form.wrong);
    assert_int_equal(form_value(&d->form, "day")->day, RFD_TIME_NONE);
}

static void test_what_is_demanded(void **state)
{
    struct desk *d = *state;
    struct form_field all[FIELDS];
    struct rfd_error error = RFD_ERROR_INIT;
    memcpy(all, fields, sizeof all);
    for (size_t i = 0; i < FIELDS; i++) all[i].required = true;
    assert_int_equal(form_read(&d->page, all, FIELDS, &d->form, &error), RFD_OK);
    for (size_t i = 0; i < FIELDS; i++)
        if (d->form.values[i].error == NULL) fail_msg("%s may be missing", all[i].name);
}

static void test_a_field_twice(void **state)
{
    struct desk *d = *state;
    struct rfd_error error = RFD_ERROR_INIT;
    assert_int_equal(http_form_parse(SLICE("text=a&text=b"), &d->arena, &d->page.fields, &error), RFD_OK);
    assert_int_equal(form_read(&d->page, fields, FIELDS, &d->form, &error), RFD_E_REQUEST);
}

static void test_choices(void **state)
{
    struct desk *d = *state;
    const struct form_choice choices[] = {{SLICE("a"), SLICE("A")}, {SLICE("b"), SLICE("B")}};
    read_body(d, "choice=a&many=b");
    form_choices(&d->form, "choice", choices, 2, true);
    form_choices(&d->form, "many", choices, 2, true);
    assert_false(d->form.wrong);
    read_body(d, "choice=c");
    form_choices(&d->form, "choice", choices, 2, true);
    assert_true(d->form.wrong);
    read_body(d, "many=a&many=c");
    form_choices(&d->form, "many", choices, 2, true);
    assert_non_null(form_value(&d->form, "many")->error);
}

static bool shows(struct desk *d, const char *name, const char *text)
{
    return slice_is(view_find(d->page.view, name), text);
}

static void test_what_is_shown(void **state)
{
    struct desk *d = *state;
    struct faults faults = {.count = 0};
    read_body(d, "text=Rosa&password=geheim&code=123456&day=21%2F11%2F2026&number=x");
    fault_add(&faults, "text", "That name is taken");
    fault_add(&faults, "", "The whole does not fit");
    fault_add(&faults, "elsewhere", "Nobody sees this field");
    form_faults(&d->form, &faults);
    form_show(&d->page, &d->form);
    assert_true(shows(d, "form.text.value", "Rosa"));
    assert_true(shows(d, "form.text.error", "That name is taken"));
    assert_true(shows(d, "form.error", "The whole does not fit"));
    assert_true(shows(d, "form.password.value", ""));
    assert_true(shows(d, "form.code.value", ""));
    assert_true(shows(d, "form.day.value", "2026-11-21"));
    assert_true(shows(d, "form.number.value", "x"));
    assert_true(shows(d, "form.number.error", "Write a whole number"));
    assert_true(shows(d, "form.text.id", "f-text"));
    assert_int_equal(view_find(d->page.view, "form.csrf").length, 43);
}

static void test_asking_for_what_is_not_there(void **state)
{
    struct desk *d = *state;
    read_body(d, "text=a");
    assert_int_equal(form_text(&d->form, "nothing").length, 0);
    assert_true(slice_is(form_text(&d->form, "text"), "a"));
}

/* ---- Limits of networks ---- */

static struct http_address address(uint8_t a, uint8_t b)
{
    return (struct http_address){.family = HTTP_IPV4, .bytes = {10, a, b, 1}};
}

static void test_limits(void **state)
{
    (void)state;
    struct limit *l = NULL;
    rfd_time now = INT64_C(1700000000000000);
    struct http_address one = address(0, 0), other = address(0, 1), neighbour = {HTTP_IPV4, {10, 0, 0, 77}, 0};
    assert_int_equal(limit_new(60, &l, NULL), RFD_OK);
    for (int i = 0; i < 100; i++) assert_int_equal(limit_peek(l, &one, now), 0); /* takes none */
    for (int i = 0; i < 60; i++) assert_int_equal(limit_take(l, &one, now), 0);
    assert_int_equal(limit_peek(l, &one, now), 1);
    assert_int_equal(limit_take(l, &one, now), 1);
    assert_int_equal(limit_take(l, &neighbour, now), 1); /* the same network */
    assert_int_equal(limit_take(l, &other, now), 0);
    assert_int_equal(limit_take(l, &one, now + 1000000), 0);
    assert_int_equal(limit_take(l, &one, now + 1000000), 1);
    /* Ten thousand others: memory stays, and this one's bucket, being empty, is not the first to go. */
    for (unsigned i = 0; i < 10000; i++) {
        struct http_address a = address((uint8_t)(1 + i / 256), (uint8_t)(i % 256));
        (void)limit_take(l, &a, now + 1000000);
    }
    assert_in_range(limit_take(l, &one, now + 1000000), 1, 2);
    assert_int_equal(limit_take(l, &one, now + 61000000), 0);
    limit_free(l);
    assert_int_equal(limit_new(0, &l, NULL), RFD_OK);
    for (int i = 0; i < 1000; i++) assert_int_equal(limit_take(l, &one, now), 0);
    limit_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kinds, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(test_what_is_demanded, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(test_a_field_twice, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(test_choices, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(test_what_is_shown, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(test_asking_for_what_is_not_there, open_desk, close_desk),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
