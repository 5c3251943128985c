/* SPDX-License-Identifier: EUPL-1.2
 *
 * Templates beyond the specification: views, translation, errors that tell where, limits, memory that fails.
 */
#include "base/error.h"
#include "base/memory.h"
#include "base_support.h"
#include "template_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- Views ---- */

static void finding(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1 << 16);
    struct view *view = view_new(&a);
    view_string(view, "text", "x");
    view_string(view, "null", NULL);
    view_number(view, "number", -7);
    view_flag(view, "yes", true);
    struct view *list = view_list(view_object(view, "o"), "list");
    for (int i = 0; i < 20; i++) view_number(view_item(list), "n", i);
    view_item_text(list, SLICE("last"));
    assert_true(slice_is(view_find(view, "text"), "x"));
    assert_true(view_find(view, "null").data != NULL && view_find(view, "null").length == 0);
    assert_true(slice_is(view_find(view, "number"), "-7"));
    assert_true(slice_is(view_find(view, "yes"), "true"));
    assert_true(slice_is(view_find(view, "o.list"), "21"));
    assert_true(slice_is(view_find(view, "o.list.19.n"), "19"));
    assert_true(slice_is(view_find(view, "o.list.20"), "last"));
    static const char *const none[] = {"", "o", "none", "text.x", "o.list.21", "o.list.x", "o.list.0.m", "o..list"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_null(view_find(view, none[i]).data);
    assert_ptr_equal(view_arena(view), &a);
    arena_dispose(&a);
}

static void fill_much(struct view *view)
{
    struct view *list = view_list(view, "list");
    for (int i = 0; i < 50; i++) {
        struct view *item = view_item(list);
        view_number(item, "n", i);
        view_string(view_object(item, "o"), "x", "y");
        view_item_text(view_list(item, "l"), SLICE("z"));
    }
}

static const struct template_source page[] = {{"page", {(const uint8_t *)"{{#list}}{{n}}{{>p}}{{/list}}", 29}},
                                              {"p", {(const uint8_t *)"({{o.x}}{{#l}}{{.}}{{/l}})", 26}}};

static rfd_status build_and_render(struct buf *out)
{
    struct arena a;
    struct template_set *set = NULL;
    arena_init(&a, 1 << 20);
    struct view *view = view_new(&a);
    fill_much(view);
    rfd_status status = template_set_new(page, 2, &set, NULL);
    if (status == RFD_OK) status = template_render(set, SLICE("page"), view, NULL, TEMPLATE_HTML, out, NULL);
    template_set_free(set);
    arena_dispose(&a);
    return status;
}

/** Without memory: an error, and nothing else; whichever allocation it is. */
static void without_memory(void **state)
{
    (void)state;
    struct buf whole;
    buf_init(&whole, 1 << 16);
    assert_int_equal(build_and_render(&whole), RFD_OK);
    for (unsigned long n = 1;; n++) {
        struct buf out;
        buf_init(&out, 1 << 16);
        (void)memory_fail_once(n);
        rfd_status status = build_and_render(&out);
        unsigned long seen = memory_fail_once(0);
        if (status == RFD_OK) assert_true(slice_equal(buf_slice(&out), buf_slice(&whole)));
        buf_dispose(&out);
        if (status == RFD_OK && seen < n) break;
        assert_int_equal(status, RFD_E_MEMORY);
    }
    buf_dispose(&whole);
}

static void spoiled(void **state)
{
    (void)state;
    struct arena a;
    struct buf out;
    arena_init(&a, 2000);
    buf_init(&out, 100);
    struct view *view = view_new(&a);
    fill_much(view); /* more than there is room for */
    assert_int_equal(template_render_text(SLICE("x"), view, NULL, TEMPLATE_HTML, &out, NULL), RFD_E_MEMORY);
    assert_int_equal(template_render_text(SLICE("x"), NULL, NULL, TEMPLATE_HTML, &out, NULL), RFD_E_MEMORY);
    view_string(NULL, "x", "y");
    assert_null(view_item(view_list(NULL, "l")));
    buf_dispose(&out);
    arena_dispose(&a);
}

/* ---- Sets ---- */

static void errors_tell_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } cases[] = {
        {"a\nb\n{{#x}}\n", "area/page:3: this section does not end: x"},
        {"a\n{{/x}}", "area/page:2: this ends a section that is not the open one: x"},
        {"\n\n\n{{>part/none}}", "area/page:4: no such partial: part/none"},
        {"{{a\x1B[b}}", "area/page:1: not a name: a\xEF\xBF\xBD[b"},
        {"\n{{x", "area/page:2: this tag does not end"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct template_source source = {"area/page", slice_text(cases[i].text)};
        struct template_set *set = NULL;
        struct rfd_error error = RFD_ERROR_INIT;
        assert_int_equal(template_set_new(&source, 1, &set, &error), RFD_E_ARGUMENT);
        assert_string_equal(error.detail, cases[i].detail);
        assert_null(set);
    }
    struct template_source twice[] = {{"a", SLICE("")}, {"a", SLICE("")}};
    struct template_set *set = NULL;
    assert_int_equal(template_set_new(twice, 2, &set, NULL), RFD_E_ARGUMENT);
    assert_int_equal(template_set_new(NULL, 0, &set, NULL), RFD_OK);
    assert_false(template_set_has(set, SLICE("a")));
    template_set_free(set);
    template_set_free(NULL);
}

static void unknown_name(void **state)
{
    (void)state;
    struct template_set *set = NULL;
    struct arena a;
    struct buf out;
    arena_init(&a, 1 << 16);
    buf_init(&out, 100);
    assert_int_equal(template_set_new(page, 2, &set, NULL), RFD_OK);
    assert_true(template_set_has(set, SLICE("page")));
    assert_int_equal(template_render(set, SLICE("none"), view_new(&a), NULL, TEMPLATE_HTML, &out, NULL),
                     RFD_E_ARGUMENT);
    template_set_free(set);
    buf_dispose(&out);
    arena_dispose(&a);
}

/* ---- Limits ---- */

static rfd_status render_long(const char *text, const char *partial, size_t room)
{
    struct template_source sources[] = {{"t", slice_text(text)}, {"p", slice_text(partial)}};
    struct template_set *set = NULL;
    struct arena a;
    struct buf out;
    arena_init(&a, 1 << 20);
    buf_init(&out, room);
    struct view *view = view_new(&a);
    view_flag(view, "yes", true);
    struct view *list = view_list(view, "l");
    for (int i = 0; i < 100; i++) (void)view_item(list);
    rfd_status status = template_set_new(sources, 2, &set, NULL);
    if (status == RFD_OK) status = template_render(set, SLICE("t"), view, NULL, TEMPLATE_HTML, &out, NULL);
    template_set_free(set);
    buf_dispose(&out);
    arena_dispose(&a);
    return status;
}

static void limits(void **state)
{
    (void)state;
    assert_int_equal(render_long("{{>p}}", "{{>p}}", 1000), RFD_E_LIMIT); /* for ever */
    assert_int_equal(render_long(" {{>p}}", "                              {{>p}}\n", 100000), RFD_E_LIMIT);
    assert_int_equal(render_long("1234567890", "", 9), RFD_E_LIMIT);
    assert_int_equal(render_long("{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}", "", 1000),
                     RFD_E_LIMIT);
    char text[2000] = "";
    for (int i = 0; i < 33; i++) (void)snprintf(text + strlen(text), 10, "{{#yes}}");
    for (int i = 0; i < 33; i++) (void)snprintf(text + strlen(text), 10, "{{/yes}}");
    assert_int_equal(render_long(text, "", 1000), RFD_E_ARGUMENT);
    /* As deep as it goes, in partials as deep as they go. */
    (void)snprintf(
        text, sizeof text,
        "{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{#yes}}{{>p}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}{{/yes}}");
    assert_int_equal(render_long("{{>p}}", text, 1000), RFD_E_LIMIT);
}

/* ---- Other words ---- */

static const char po_text[] =
    "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
    "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n\n"
    "msgid \"From {a} to <b>{b}</b>\"\nmsgstr \"<i>{b}</i> & {a} {a} {none}\"\n\n"
    "msgid \"{n} file\"\nmsgid_plural \"{n} files\"\nmsgstr[0] \"{n} fichero\"\nmsgstr[1] \"{n} ficheros\"\n";

static int run_msgfmt(void *context)
{
    (void)context;
    (void)execlp("msgfmt", "msgfmt", "-o", "words.mo", "words.po", (char *)NULL);
    return 127;
}

static void translated(void **state)
{
    (void)state;
    struct rfd_language *language = NULL;
    file_write("words.po", slice_text(po_text));
    if (in_child(run_msgfmt, NULL) != 0) skip();
    assert_int_equal(rfd_language_open("es", "words.mo", &language, NULL), RFD_OK);
    static const struct render_case cases[] = {
        {"{'a':'<1>','b':2}", "{{#_}}From {a}\n  to <b>{b}</b>{{/_}}", "<i>2</i> & &lt;1&gt; &lt;1&gt; ", NULL,
         TEMPLATE_HTML},
        {"{'a':'<1>','b':2}", "{{#_}}From {a} to <b>{b}</b>{{/_}}", "<i>2</i> & <1> <1> ", NULL, TEMPLATE_PLAIN},
        {"{'n':1}", "{{#_n n}}{n} file|{n} files{{/_n}}", "1 fichero", NULL, TEMPLATE_HTML},
        {"{'n':3}", "{{#_n n}}{n} file|{n} files{{/_n}}", "3 ficheros", NULL, TEMPLATE_HTML},
        {"{}", "{{#_}}Not translated{{/_}}", "Not translated", NULL, TEMPLATE_HTML},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rfd_status status;
        assert_string_equal(render_one(&cases[i], language, &status), cases[i].expected);
        assert_int_equal(status, RFD_OK);
    }
    rfd_language_close(language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finding),           cmocka_unit_test(without_memory), cmocka_unit_test(spoiled),
        cmocka_unit_test(errors_tell_where), cmocka_unit_test(unknown_name),   cmocka_unit_test(limits),
        cmocka_unit_test(translated),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
