/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists as pages and as files: a table of our own, with names that want to be formulas and markup.
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
#include <unistd.h>

static const char *words(slice value)
{
    return slice_is(value, "sent") ? "Sent out" : NULL;
}

static const struct list_column columns[] = {
    {"name", "Name", "e.name", LIST_TEXT, "e.name", NULL, NULL},
    {"state", "State", "e.short_name", LIST_TEXT, NULL, words, NULL},
    {"number", "Number", "e.id", LIST_NUMBER, "e.id", NULL, NULL},
    {"flag", "Closed", "e.closed", LIST_FLAG, NULL, NULL, NULL},
    {"hidden", "Hidden", "e.country", LIST_ID, NULL, NULL, NULL},
};
static const struct list_filter filters[] = {
    {"country", "e.country = $?", LIST_TEXT},
    {"state", "e.short_name = $?", LIST_TEXT},
};
static const struct list_definition definition = {.name = "cosas",
                                                  .from = "entity e",
                                                  .id = "e.id",
                                                  .columns = columns,
                                                  .column_count = 5,
                                                  .filters = filters,
                                                  .filter_count = 2,
                                                  .order = "name",
                                                  .action = ACTION_NONE};

struct shelf {
    struct web_world *w;
    struct exchange_of_test x;
    struct page page;
};

static void open_shelf(void **state, struct shelf *s, const char *target)
{
    *s = (struct shelf){.w = web_world_open(state, false)};
    web_request(&s->x, HTTP_GET, target);
    s->page = (struct page){.web = s->w->web,
                            .request = &s->x.request,
                            .response = &s->x.response,
                            .arena = &s->x.arena,
                            .language = s->w->languages[2]};
    s->page.view = view_new(s->page.arena);
}

static void close_shelf(struct shelf *s)
{
    web_forget(&s->x);
    web_world_close(s->w);
}

static void fill(struct store *store, unsigned count)
{
    char sql[300];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO entity(name, short_name, sort_name, country, tax_number, domains) "
                       "VALUES ('%s %03u', 'sent', '%u', 'pe', '%u', '')",
                       i == 0   ? "=cmd()"
                       : i == 1 ? "A \"b\" <i>"
                                : "Entity",
                       i, i, i);
        assert_int_equal(domain_store_run(store, sql), 1);
    }
}

static bool shows(const struct shelf *s, const char *name, const char *text)
{
    slice found = view_find(s->page.view, name);
    if (slice_is(found, text)) return true;
    printf("%s: %.*s\n", name, (int)found.length, (const char *)found.data);
    return false;
}

static void show(struct shelf *s, const struct list_query *fixed)
{
    const struct page_list list = {
        .definition = &definition, .link = "/cosas/%lld", .empty = "Nothing, yet", .ticks = true, .fixed = fixed};
    struct rfd_error error = RFD_ERROR_INIT;
    bool done = true;
    if (page_list(&s->page, &list, &done, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_false(done);
}

static void test_an_empty_list(void **state)
{
    struct shelf s;
    open_shelf(state, &s, "/cosas");
    show(&s, NULL);
    assert_true(shows(&s, "list.empty", "Nothing, yet"));
    assert_true(shows(&s, "list.total", "0"));
    assert_true(shows(&s, "list.from", "0"));
    assert_true(shows(&s, "list.to", "0"));
    close_shelf(&s);
}

static void test_pages(void **state)
{
    static const struct {
        const char *target, *from, *to, *previous, *next, *last;
    } cases[] = {
        {"/cosas", "1", "10", "", "/cosas?pagina=2", "/cosas?pagina=4"},
        {"/cosas?pagina=2", "11", "20", "/cosas", "/cosas?pagina=3", "/cosas?pagina=4"},
        {"/cosas?pagina=4", "31", "35", "/cosas?pagina=3", "", ""},
        {"/cosas?pagina=99", "31", "35", "/cosas?pagina=3", "", ""},
        {"/cosas?pagina=0", "1", "10", "", "/cosas?pagina=2", "/cosas?pagina=4"},
        {"/cosas?pagina=x&filas=7", "1", "10", "", "/cosas?filas=7&pagina=2", "/cosas?filas=7&pagina=4"},
        {"/cosas?filas=25&lang=ca", "1", "25", "", "/cosas?filas=25&pagina=2", "/cosas?filas=25&pagina=2"},
        {"/cosas?filas=100", "1", "35", "", "", ""},
        {"/cosas?x=%22%3E", "1", "10", "", "/cosas?x=%22%3E&pagina=2", "/cosas?x=%22%3E&pagina=4"},
    };
    fill(domain_store_of(state), 35);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shelf s;
        open_shelf(state, &s, cases[i].target);
        show(&s, NULL);
        assert_true(shows(&s, "list.from", cases[i].from));
        assert_true(shows(&s, "list.to", cases[i].to));
        assert_true(shows(&s, "list.total", "35"));
        assert_true(shows(&s, "list.previous_link", cases[i].previous));
        assert_true(shows(&s, "list.next_link", cases[i].next));
        assert_true(shows(&s, "list.last_link", cases[i].last));
        close_shelf(&s);
    }
}

static void test_fixed_filters_win(void **state)
{
    const struct list_query fixed = {.filters = {{"country", SLICE("mx")}}};
    struct shelf s;
    fill(domain_store_of(state), 3);
    open_shelf(state, &s, "/cosas?country=pe");
    show(&s, &fixed);
    assert_true(shows(&s, "list.total", "0"));
    close_shelf(&s);
    open_shelf(state, &s, "/cosas?country=pe&state=other");
    show(&s, NULL);
    assert_true(shows(&s, "list.total", "0"));
    close_shelf(&s);
    open_shelf(state, &s, "/cosas?country=pe&sort=nothing");
    show(&s, NULL);
    assert_true(shows(&s, "list.total", "3"));
    close_shelf(&s);
}

static void test_a_file(void **state)
{
    struct shelf s;
    const struct page_list list = {.definition = &definition};
    struct rfd_error error = RFD_ERROR_INIT;
    char text[2000];
    bool done = false;
    fill(domain_store_of(state), 35);
    open_shelf(state, &s, "/cosas?formato=csv&sort=number&pagina=3");
    if (page_list(&s.page, &list, &done, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_true(done);
    assert_string_equal(web_answer_header(&s.x, "content-type", 0), "text/csv; charset=utf-8");
    assert_string_equal(web_answer_header(&s.x, "content-disposition", 0), "attachment; filename=\"cosas.csv\"");
    ssize_t length = pread(s.x.response.file, text, sizeof text - 1, 0);
    assert_true(length > 0);
    text[length] = '\0';
    assert_int_equal((uint64_t)length, s.x.response.file_length);
    static const char begin[] = "\xEF\xBB\xBF\"Name\";\"State\";\"Number\";\"Closed\"\r\n"
                                "\"'=cmd() 000\";\"Sent out\";\"1\";\"No\"\r\n"
                                "\"A \"\"b\"\" <i> 001\";\"Sent out\";\"2\";\"No\"\r\n";
    if (strncmp(text, begin, sizeof begin - 1) != 0) fail_msg("%s", text);
    unsigned lines = 0;
    for (const char *at = text; *at != '\0'; at++) lines += *at == '\n';
    assert_int_equal(lines, 36);
    close_shelf(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_an_empty_list),
        ON_BOTH_STORES(test_pages),
        cmocka_unit_test_setup_teardown(test_fixed_filters_win, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_a_file),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
