/* SPDX-License-Identifier: EUPL-1.2
 *
 * Templates by the rules of the public specification; with REFRENDA_MUSTACHE_SPEC (the folder of its JSON files), by
 * the specification's own cases, too.
 */
#include "template_support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static const struct render_case cases[] = {
    /* Texts and variables. */
    {.view = "{}", .text = "", .expected = ""},
    {.view = "{}", .text = "only text\n", .expected = "only text\n"},
    {.view = "{}", .text = "{ } {a} }} {", .expected = "{ } {a} }} {"},
    {.view = "{'a':'x'}", .text = "{{a}}", .expected = "x"},
    {.view = "{'a':'x'}", .text = "<{{ a }}{{\ta\t}}{{\na\n}}>", .expected = "<xxx>"},
    {.view = "{'a':'x'}", .text = " {{a}} ", .expected = " x "},
    {.view = "{'a':'x'}", .text = "  {{a}}\n", .expected = "  x\n"},
    {.view = "{'a':42}", .text = "{{a}}", .expected = "42"},
    {.view = "{'a':-9223372036854775807}", .text = "{{a}}", .expected = "-9223372036854775807"},
    {.view = "{'a':true,'b':false}", .text = "{{a}} {{b}}", .expected = "true false"},
    {.view = "{}", .text = "[{{a}}{{a.b}}{{.}}]", .expected = "[]"},
    {.view = "{'a':{'b':1}}", .text = "[{{a}}]", .expected = "[]"},
    {.view = "{'a':[1,2]}", .text = "[{{a}}]", .expected = "[]"},
    {.view = "{'a':'1','a':'2'}", .text = "{{a}}", .expected = "2"},
    {.view = "{'a':'x','ab':'y'}", .text = "{{ab}}{{a}}{{abc}}", .expected = "yx"},
    {.view = "{}", .text = "[{{{.}}}]", .expected = "[]"},
    /* Escaping. */
    {.view = "{'a':'<&>'}", .text = "{{a}}", .expected = "&lt;&amp;&gt;"},
    {.view = "{'a':'\\u0022\\u0027'}", .text = "<i title=\"{{a}}\">", .expected = "<i title=\"&quot;&#39;\">"},
    {.view = "{'a':'<b>'}", .text = "{{{a}}}{{&a}}{{& a }}", .expected = "&lt;b&gt;&lt;b&gt;&lt;b&gt;"},
    {.view = "{'a':'!<b>'}", .text = "{{{a}}}{{{ a }}}{{&a}}", .expected = "<b><b><b>"},
    {.view = "{'a':'!<b>'}", .text = "{{a}}", .expected = "&lt;b&gt;"},
    {.view = "{'a':'<b>'}", .text = "{{a}}{{{a}}}", .expected = "<b><b>", .form = TEMPLATE_PLAIN},
    {.view = "{'a':'!<b>'}", .text = "{{a}}{{{a}}}", .expected = "<b><b>", .form = TEMPLATE_PLAIN},
    {.view = "{'a':'{{b}}','b':'x'}", .text = "{{a}}", .expected = "{{b}}"},
    /* Dotted names. */
    {.view = "{'a':{'b':{'c':'x'}}}", .text = "{{a.b.c}}", .expected = "x"},
    {.view = "{'a':{'b':'x'}}", .text = "{{a.b.c}}{{a.c}}{{b}}", .expected = ""},
    {.view = "{'a':{'b':{}},'b':{'c':'wrong'}}", .text = "{{a.b.c}}", .expected = ""},
    {.view = "{'a':{'b':{}},'s':{'a':{'b':{'c':'x'}}}}", .text = "{{#s}}{{a.b.c}}{{/s}}", .expected = "x"},
    {.view = "{'a':{'b':'no'},'s':{'a':{}}}", .text = "{{#s}}[{{a.b}}]{{/s}}", .expected = "[]"},
    {.view = "{'a':{'b':'x'}}", .text = "{{#a.b}}yes{{/a.b}}{{^a.c}}no{{/a.c}}", .expected = "yesno"},
    {.view = "{'a':'text'}", .text = "[{{a.length}}]", .expected = "[]"},
    /* Sections: truth. */
    {.view = "{'a':true}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "x"},
    {.view = "{'a':false}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{'a':''}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{'a':'!'}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{'a':0}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{'a':-1}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "x"},
    {.view = "{'a':[]}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "y"},
    {.view = "{'a':{}}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "x"},
    {.view = "{'a':[{}]}", .text = "{{#a}}x{{/a}}{{^a}}y{{/a}}", .expected = "x"},
    /* Sections: contexts. */
    {.view = "{'a':{'b':'in'},'b':'out'}", .text = "{{b}}{{#a}}{{b}}{{/a}}{{b}}", .expected = "outinout"},
    {.view = "{'a':{'c':1},'b':'out'}", .text = "{{#a}}{{b}}{{/a}}", .expected = "out"},
    {.view = "{'a':'x'}", .text = "{{#a}}{{.}}{{a}}{{/a}}", .expected = "xx"},
    {.view = "{'a':7}", .text = "{{#a}}{{.}}{{/a}}", .expected = "7"},
    {.view = "{'l':[{'n':1},{'n':2},{'n':3}]}", .text = "{{#l}}{{n}},{{/l}}", .expected = "1,2,3,"},
    {.view = "{'l':['a','b']}", .text = "{{#l}}({{.}}){{/l}}", .expected = "(a)(b)"},
    {.view = "{'l':['<']}", .text = "{{#l}}{{.}}{{{.}}}{{&.}}{{/l}}", .expected = "&lt;&lt;&lt;"},
    {.view = "{'l':['a','','c']}", .text = "{{#l}}{{#.}}[{{.}}]{{/.}}{{^.}}none{{/.}}{{/l}}", .expected = "[a]none[c]"},
    {.view = "{'l':[{'m':['a','b']},{'m':[]}]}", .text = "{{#l}}<{{#m}}{{.}}{{/m}}>{{/l}}", .expected = "<ab><>"},
    {.view = "{'l':[{'n':1}],'n':2}", .text = "{{#l}}{{n}}{{/l}}{{n}}", .expected = "12"},
    {.view = "{'a':{'b':{'c':{'n':3},'n':2},'n':1}}",
     .text = "{{#a}}{{n}}{{#b}}{{n}}{{#c}}{{n}}{{/c}}{{n}}{{/b}}{{n}}{{/a}}",
     .expected = "12321"},
    {.view = "{'a':true,'b':false}", .text = "{{#a}}1{{#b}}2{{/b}}3{{/a}}", .expected = "13"},
    {.view = "{'a':true}", .text = "{{#a}}1{{/a}}{{#a}}2{{/a}}", .expected = "12"},
    {.view = "{'a':true}", .text = "{{# a }}={{/\ta }}", .expected = "="},
    {.view = "{'a':true}", .text = " {{#a}} x {{/a}} ", .expected = "  x  "},
    /* Lines that hold but one tag. */
    {.view = "{'a':true}", .text = "1\n{{#a}}\n2\n{{/a}}\n3\n", .expected = "1\n2\n3\n"},
    {.view = "{'a':true}", .text = "1\n  {{#a}}  \n2\n\t{{/a}}\t\n3\n", .expected = "1\n2\n3\n"},
    {.view = "{'a':true}", .text = "|\r\n{{#a}}\r\n{{/a}}\r\n|", .expected = "|\r\n|"},
    {.view = "{'a':true}", .text = "  {{#a}}\n1{{/a}}\n2", .expected = "1\n2"},
    {.view = "{'a':true}", .text = "1{{#a}}\n2\n  {{/a}}", .expected = "1\n2\n"},
    {.view = "{'a':true}", .text = " | {{#a}}\n{{! c }}\n {{/a}} | \n", .expected = " | \n  | \n"},
    {.view = "{'a':true}", .text = "{{#a}}{{/a}}\nx", .expected = "\nx"},
    {.view = "{}", .text = "1\n{{^a}}\n2\n{{/a}}\n3", .expected = "1\n2\n3"},
    {.view = "{'a':'x'}", .text = "1\n{{a}}\n2", .expected = "1\nx\n2"},
    {.view = "{'l':[1,2]}",
     .text = "<ul>\n  {{#l}}\n  <li>{{.}}</li>\n  {{/l}}\n</ul>\n",
     .expected = "<ul>\n  <li>1</li>\n  <li>2</li>\n</ul>\n"},
    {.view = "{}", .text = "1\n\n{{#a}}\n{{/a}}\n\n2", .expected = "1\n\n\n2"},
    /* Comments. */
    {.view = "{}", .text = "1{{! x }}2", .expected = "12"},
    {.view = "{}", .text = "1\n{{! x }}\n2", .expected = "1\n2"},
    {.view = "{}", .text = "1\n  {{! x\n y }}  \n2", .expected = "1\n2"},
    {.view = "{}", .text = "  1 {{! x }}\n2", .expected = "  1 \n2"},
    {.view = "{}", .text = "{{! x }}", .expected = ""},
    {.view = "{}", .text = "{{! {{a }}b", .expected = "b"},
    {.view = "{'a':'x'}", .text = "{{!a}}{{!#a}}{{!}}", .expected = ""},
    /* Partials. */
    {.view = "{'a':'x'}", .text = "[{{>p}}]", .expected = "[x]", .partial = "{{a}}"},
    {.view = "{'a':'x'}", .text = "[{{> p }}]", .expected = "[1]", .partial = "1"},
    {.view = "{}", .text = " {{>p}} \n", .expected = " 1\n 2\n", .partial = "1\n2\n"},
    {.view = "{}", .text = "- {{>p}} -\n", .expected = "- 1\n2 -\n", .partial = "1\n2"},
    {.view = "{'a':'l\\nm'}",
     .text = "1\n  {{>p}}\n2",
     .expected = "1\n  (\n  l\nm\n  )\n2",
     .partial = "(\n{{a}}\n)\n"},
    {.view = "{}", .text = "  {{>p}}\nx", .expected = "  >x", .partial = ">"},
    {.view = "{}", .text = "|\r\n{{>p}}\r\n|", .expected = "|\r\n>|", .partial = ">"},
    {.view = "{'a':true}", .text = "  {{>p}}\n", .expected = "  1\n  2\n", .partial = "{{#a}}\n1\n{{/a}}\n2\n"},
    {.view = "{'a':true}", .text = "  {{>p}}\n", .expected = "  1\n", .partial = "{{#a}}1{{/a}}\n"},
    {.view = "{}", .text = "  {{>p}}\n", .expected = "  1\n  \n  2", .partial = "1\n\n2"},
    {.view = "{'n':1,'l':[{'n':2,'l':[]},{'n':3,'l':[]}]}",
     .text = "{{>p}}",
     .expected = "1<2<>3<>>",
     .partial = "{{n}}<{{#l}}{{>p}}{{/l}}>"},
    {.view = "{'n':1,'l':[{'n':2,'l':[{'n':3,'l':[]}]}]}",
     .text = " {{>p}}\n",
     .expected = " 1\n   2\n     3\n",
     .partial = "{{n}}\n{{#l}}\n  {{>p}}\n{{/l}}\n"},
    {.view = "{'l':[1,2]}", .text = "{{#l}}{{>p}}{{/l}}", .expected = "1;2;", .partial = "{{.}};"},
    /* Messages. */
    {.view = "{}", .text = "{{#_}}Sign in{{/_}}", .expected = "Sign in"},
    {.view = "{}", .text = "<p>\n  {{#_}}\n  One\n\t two  {{/_}}\n</p>", .expected = "<p>\n  One two\n</p>"},
    {.view = "{'a':'<x>','b':3}",
     .text = "{{#_}}From {a} to <b>{b}</b>{{/_}}",
     .expected = "From &lt;x&gt; to <b>3</b>"},
    {.view = "{'a':'!<x>'}", .text = "{{#_}}{a}{{/_}}", .expected = "&lt;x&gt;"},
    {.view = "{'a':'<x>'}", .text = "{{#_}}{a}{{/_}}", .expected = "<x>", .form = TEMPLATE_PLAIN},
    {.view = "{'a':{'b':'x'}}", .text = "{{#_}}{a.b}{a.c}{none}{{/_}}", .expected = "x"},
    {.view = "{'a':'{b}','b':'x'}", .text = "{{#_}}{a}{{/_}}", .expected = "{b}"},
    {.view = "{'a':'x'}",
     .text = "{{#_}}{ a} {} {a {a}} {.} {a..b} {<} {{/_}}.",
     .expected = "{ a} {} {a x} {.} {a..b} {<}."},
    {.view = "{'l':[{'n':1},{'n':2}]}", .text = "{{#l}}{{#_}}No. {n}{{/_}} {{/l}}", .expected = "No. 1 No. 2 "},
    {.view = "{'n':1}", .text = "{{#_n n}}{n} record|{n} records{{/_n}}", .expected = "1 record"},
    {.view = "{'n':0}", .text = "{{#_n n}}{n} record | {n} records{{/_n}}", .expected = "0 records"},
    {.view = "{'n':'1'}", .text = "{{#_n n }}one|many{{/_n}}", .expected = "one"},
    {.view = "{'a':{'n':5}}", .text = "{{#_n a.n}}one|{a.n}{{/_n}}", .expected = "5"},
    {.view = "{'l':['x']}", .text = "{{#_n l}}one|many{{/_n}}", .expected = "one"},
    {.view = "{}", .text = "{{#_n n}}one|many{{/_n}}", .expected = "many"},
    {.view = "{}", .text = "1\n{{#_}}x{{/_}}\n2", .expected = "1\nx\n2"},
    /* What is refused. */
    {.view = "{}", .text = "{{a"},
    {.view = "{}", .text = "{{{a}}"},
    {.view = "{}", .text = "{{"},
    {.view = "{}", .text = "{{}}"},
    {.view = "{}", .text = "{{a b}}"},
    {.view = "{}", .text = "{{a..b}}"},
    {.view = "{}", .text = "{{.a}}"},
    {.view = "{}", .text = "{{#a}}"},
    {.view = "{}", .text = "{{/a}}"},
    {.view = "{}", .text = "{{#a}}{{#b}}{{/a}}{{/b}}"},
    {.view = "{}", .text = "{{#a}}{{^a}}{{/a}}"},
    {.view = "{}", .text = "{{>none}}"},
    {.view = "{}", .text = "{{>}}"},
    {.view = "{}", .text = "{{=<% %>=}}"},
    {.view = "{}", .text = "{{<p}}{{/p}}"},
    {.view = "{}", .text = "{{$p}}{{/p}}"},
    {.view = "{}", .text = "{{#_}}x"},
    {.view = "{}", .text = "{{#_}}{{/_}}"},
    {.view = "{}", .text = "{{#_}} \n {{/_}}"},
    {.view = "{}", .text = "{{#_}}Hello {{a}}{{/_}}"},
    {.view = "{}", .text = "{{#_n}}a|b{{/_n}}"},
    {.view = "{}", .text = "{{#_n n}}a{{/_n}}"},
    {.view = "{}", .text = "{{#_n n}}a|b|c{{/_n}}"},
    {.view = "{}", .text = "{{#_n n}}|b{{/_n}}"},
    {.view = "{}", .text = "{{#_n n}}a|b{{/_}}"},
};

static void by_the_rules(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct render_case *c = &cases[i];
        rfd_status status;
        const char *got = render_one(c, NULL, &status);
        bool good = c->expected == NULL ? status == RFD_E_ARGUMENT : status == RFD_OK && strcmp(got, c->expected) == 0;
        if (!good) print_message("%s with %s: %s\n", c->text, c->view, got);
        wrong += !good;
    }
    assert_int_equal(wrong, 0);
}

/* ---- The specification's own cases ---- */

/** What we do otherwise, and say so in template.h: unknown partials are refused, and views hold no lists in lists. */
static bool is_ours(const json_t *test)
{
    const char *name = json_string_value(json_object_get(test, "name"));
    return strcmp(name, "Failed Lookup") == 0 && json_object_get(test, "partials") != NULL;
}

/** Names of partials that the template mentions have to be known. */
static size_t add_partials(const json_t *test, struct template_source *sources)
{
    const char *name;
    const json_t *text;
    size_t count = 0;
    json_object_foreach(json_object_get(test, "partials"), name, text) sources[count++] =
        (struct template_source){name, slice_text(json_string_value(text))};
    return count;
}

/** 1: as it should be, 0: not, -1: not for us. */
static int run_specified(const json_t *test)
{
    struct arena a;
    struct buf out;
    arena_init(&a, 1 << 20);
    buf_init(&out, 1 << 16);
    struct view *view = view_new(&a);
    const json_t *data = json_object_get(test, "data");
    struct template_source sources[8] = {
        {"the template", slice_text(json_string_value(json_object_get(test, "template")))}};
    size_t count = 1 + add_partials(test, sources + 1);
    struct template_set *set = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    int result = -1;
    if (json_is_object(data) && !is_ours(test) && view_fill(view, data, true)) {
        const char *expected = json_string_value(json_object_get(test, "expected"));
        result = template_set_new(sources, count, &set, &error) == RFD_OK &&
                 template_render(set, SLICE("the template"), view, NULL, TEMPLATE_HTML, &out, &error) == RFD_OK &&
                 slice_is(buf_slice(&out), expected);
        if (!result)
            print_message("%s: %s %.*s\n", json_string_value(json_object_get(test, "name")), error.detail,
                          (int)out.length, (const char *)out.data);
    }
    template_set_free(set);
    buf_dispose(&out);
    arena_dispose(&a);
    return result;
}

static void by_the_specification(void **state)
{
    (void)state;
    static const char *const files[] = {"interpolation", "sections", "inverted", "partials", "comments"};
    const char *folder = getenv("REFRENDA_MUSTACHE_SPEC");
    if (folder == NULL) skip();
    size_t right = 0;
    size_t wrong = 0;
    size_t others = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s.json", folder, files[i]);
        json_t *file = json_load_file(path, 0, NULL);
        assert_non_null(file);
        size_t index;
        const json_t *test;
        json_array_foreach(json_object_get(file, "tests"), index, test)
        {
            int result = run_specified(test);
            right += result == 1;
            wrong += result == 0;
            others += result < 0;
        }
        json_decref(file);
    }
    print_message("%zu of the specification's cases as they should be, %zu not, %zu not for us\n", right, wrong,
                  others);
    assert_true(right > 90);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_the_rules),
        cmocka_unit_test(by_the_specification),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
