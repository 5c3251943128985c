/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/memory.h"
#include "http/router.h"

static rfd_status nothing(struct http_request *request, struct http_response *response, void *context,
                          struct rfd_error *error)
{
    (void)request;
    (void)response;
    (void)context;
    (void)error;
    return RFD_OK;
}

#define ROUTE(method, pattern)                                                                                         \
    {                                                                                                                  \
        method, pattern, 0, 0, nothing, method == HTTP_GET ? "GET " pattern : "POST " pattern                          \
    }
static const struct http_route routes[] = {
    ROUTE(HTTP_GET, "/"),          ROUTE(HTTP_GET, "/a"),       ROUTE(HTTP_POST, "/a"),
    ROUTE(HTTP_GET, "/a/"),        ROUTE(HTTP_GET, "/a/{x}"),   ROUTE(HTTP_GET, "/a/b"),
    ROUTE(HTTP_GET, "/a/b/c"),     ROUTE(HTTP_GET, "/a/{x}/d"), ROUTE(HTTP_POST, "/a/{y}/d"),
    ROUTE(HTTP_GET, "/t/{rest*}"), ROUTE(HTTP_GET, "/t/{x}/u"), ROUTE(HTTP_GET, "/t/{x}/{y}/{z*}"),
    ROUTE(HTTP_GET, "/ñ"),
};

struct fixture {
    struct arena arena;
    struct http_router *router;
    struct http_match match;
};

static int set_up(void **state)
{
    struct fixture *f = memory_zeroed(1, sizeof *f);
    arena_init(&f->arena, 1 << 20);
    *state = f;
    return http_router_new(routes, sizeof routes / sizeof *routes, &f->router, NULL) == RFD_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    http_router_free(f->router);
    arena_dispose(&f->arena);
    memory_free(f);
    return 0;
}

/** The route's name, "405", "404" or "400". */
static const char *find(struct fixture *f, enum http_method method, const char *path)
{
    if (http_router_find(f->router, method, slice_text(path), &f->arena, &f->match, NULL) != RFD_OK) return "400";
    if (f->match.route != NULL) return f->match.route->name;
    return f->match.allowed == 0 ? "404" : "405";
}

static const char *part(struct fixture *f, const char *name)
{
    slice value = http_field_get(&f->match.parts, name, 0);
    return value.data == NULL ? "-" : arena_text(&f->arena, value);
}

static void test_words(void **state)
{
    static const struct {
        enum http_method method;
        const char *path, *found;
    } rows[] = {
        {HTTP_GET, "/", "GET /"},
        {HTTP_GET, "/a", "GET /a"},
        {HTTP_HEAD, "/a", "GET /a"},
        {HTTP_POST, "/a", "POST /a"},
        {HTTP_PUT, "/a", "405"},
        {HTTP_OTHER, "/a", "405"},
        {HTTP_GET, "/A", "404"},
        {HTTP_GET, "/a/", "GET /a/"},
        {HTTP_GET, "//a", "404"},
        {HTTP_GET, "/%61", "GET /a"},
        {HTTP_GET, "/b", "404"},
        {HTTP_GET, "/a/b", "GET /a/b"},
        {HTTP_GET, "/a/b/c", "GET /a/b/c"},
        {HTTP_GET, "/a/b/d", "GET /a/{x}/d"},
        {HTTP_GET, "/a/b/e", "404"},
        {HTTP_GET, "/%C3%B1", "GET /ñ"},
        {HTTP_GET, "/a/..", "400"},
        {HTTP_GET, "", "400"},
        {HTTP_GET, "/a%2Fb", "404"},
        {HTTP_GET, "/t", "404"},
        {HTTP_GET, "/t/", "404"},
        {HTTP_GET, "/a/c/d/", "404"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(find(*state, rows[i].method, rows[i].path), rows[i].found);
}

static void test_parts(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(find(f, HTTP_GET, "/a/q%20+r"), "GET /a/{x}");
    assert_string_equal(part(f, "x"), "q +r");
    assert_string_equal(part(f, "y"), "-");
    assert_string_equal(find(f, HTTP_POST, "/a/q/d"), "POST /a/{y}/d");
    assert_string_equal(part(f, "y"), "q");
    assert_string_equal(find(f, HTTP_GET, "/a/q%2Fr"), "404");
    assert_string_equal(find(f, HTTP_GET, "/t/MEk%2Fa+b/c=="), "GET /t/{rest*}");
    assert_string_equal(part(f, "rest"), "MEk/a+b/c==");
    assert_string_equal(find(f, HTTP_GET, "/t//"), "GET /t/{rest*}");
    assert_string_equal(part(f, "rest"), "/");
    assert_string_equal(find(f, HTTP_GET, "/t/1/2/3//4"), "GET /t/{x}/{y}/{z*}");
    assert_string_equal(part(f, "y"), "2");
    assert_string_equal(part(f, "z"), "3//4");
    assert_string_equal(find(f, HTTP_GET, "/t/1/u"), "GET /t/{x}/u");
    assert_string_equal(find(f, HTTP_GET, "/t/a%2F..%2Fb"), "400");
}

static void test_long_paths(void **state)
{
    struct fixture *f = *state;
    char path[4096] = "/t";
    size_t used = 2;
    while (used + 3 < sizeof path) used += (size_t)snprintf(path + used, sizeof path - used, "/x");
    assert_string_equal(find(f, HTTP_GET, path), "GET /t/{x}/{y}/{z*}");
    assert_int_equal(strlen(part(f, "z")), used - strlen("/t/x/x/"));
    path[1] = 'a';
    assert_string_equal(find(f, HTTP_GET, path), "404");
}

static void test_patterns_that_are_none(void **state)
{
    static const char *const bad[] = {
        "",
        "a",
        "/{x*}/a",
        "/{*}",
        "/a{x}",
        "/%41",
        "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}",
        "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/33"};
    struct http_router *router = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_route route = {HTTP_GET, bad[i], 0, 0, nothing, "bad"};
        assert_int_equal(http_router_new(&route, 1, &router, NULL), RFD_E_ARGUMENT);
    }
    struct http_route twice[] = {ROUTE(HTTP_GET, "/{a}"), ROUTE(HTTP_GET, "/{b}")};
    assert_int_equal(http_router_new(twice, 2, &router, NULL), RFD_E_ARGUMENT);
    struct http_route head = {HTTP_HEAD, "/", 0, 0, nothing, "head"};
    assert_int_equal(http_router_new(&head, 1, &router, NULL), RFD_E_ARGUMENT);
    assert_null(router);
}

static void test_without_memory(void **state)
{
    struct http_router *router = NULL;
    (void)state;
    for (unsigned long n = 1; n < 50 && router == NULL; n++) {
        (void)memory_fail_after(n);
        rfd_status status = http_router_new(routes, sizeof routes / sizeof *routes, &router, NULL);
        (void)memory_fail_after(0);
        assert_true(status == RFD_OK || status == RFD_E_MEMORY || status == RFD_E_ARGUMENT);
    }
    assert_non_null(router);
    http_router_free(router);
}

static void test_methods(void **state)
{
    char text[HTTP_ALLOW_SIZE];
    (void)state;
    assert_int_equal(http_method_of(SLICE("GET")), HTTP_GET);
    assert_int_equal(http_method_of(SLICE("get")), HTTP_OTHER);
    assert_int_equal(http_method_of(SLICE("")), HTTP_OTHER);
    assert_string_equal(http_method_name(HTTP_DELETE), "DELETE");
    assert_string_equal(http_method_name(HTTP_OTHER), "OTHER");
    assert_string_equal(http_allow(~0U, text), "GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS");
    assert_string_equal(http_allow(1U << HTTP_POST, text), "POST, OPTIONS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_paths, set_up, tear_down),
        cmocka_unit_test(test_patterns_that_are_none),
        cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
