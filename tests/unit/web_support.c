/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "web_support.h"

#include "base/error.h"
#include "base/memory.h"
#include "http/form.h"

enum { REQUEST_MEMORY = 16 << 20 };

struct web_world *web_world_open(void **state, bool demo)
{
    struct store *store = domain_store_of(state); /* first: it may skip the test */
    struct web_world *w = memory_zeroed(1, sizeof *w);
    struct rfd_error error = RFD_ERROR_INIT;
    size_t count = 0;
    assert_non_null(w);
    w->database = *state;
    w->settings.home = ".";
    w->settings.web.listen = (struct settings_list){{"127.0.0.1:8080"}, 1};
    w->settings.web.url = "http://localhost:8080";
    w->settings.web.name = "Casa de Pruebas";
    w->settings.web.country = "pe";
    w->settings.web.zone = "America/Lima";
    w->settings.web.blobs = "blobs";
    w->settings.web.idle_minutes = 30;
    w->settings.web.session_hours = 12;
    w->settings.web.argon_kib = 64;
    w->settings.web.argon_passes = 1;
    w->settings.web.posts_per_minute = 120;
    w->settings.web.demo = demo;
    w->settings.sso.issuer = w->settings.sso.label = "";
    w->settings.requests.link_hours = 72;
    w->settings.requests.return_days = 5;
    w->settings.requests.resend_days = 7;
    w->settings.requests.authority = w->settings.requests.scanner = "";
    const char *const codes[] = {"es", "ca", "en"};
    for (size_t i = 0; i < 3; i++) {
        struct rfd_language *l = NULL;
        assert_int_equal(rfd_language_open(codes[i], NULL, &l, &error), RFD_OK);
        w->languages[i] = l;
    }
    if (packs_open(REFRENDA_SOURCE_ROOT "/packs", &w->packs, &error) != RFD_OK) fail_msg("%s", error.detail);
    const struct web_options options = {
        .settings = &w->settings, .packs = w->packs, .store = store, .languages = w->languages, .language_count = 3};
    if (web_new(&options, &w->web, &error) != RFD_OK) fail_msg("%s %s", error.detail, error.causes[0].detail);
    assert_int_equal(secret_set(&w->web->account_key, SLICE("this is the installation's key ."), &error), RFD_OK);
    assert_int_equal(secret_set(&w->web->security_key, SLICE("this is the key of security code"), &error), RFD_OK);
    w->web->has_keys = true;
    const struct http_route *routes = web_http_routes(w->web, false, &count);
    if (http_router_new(routes, count, &w->router, &error) != RFD_OK) fail_msg("%s", error.detail);
    return w;
}

void web_world_close(struct web_world *world)
{
    http_router_free(world->router);
    web_free(world->web);
    packs_close(world->packs);
    for (size_t i = 0; i < 3; i++) rfd_language_close((struct rfd_language *)(uintptr_t)world->languages[i]);
    memory_free(world);
}

void web_request(struct exchange_of_test *x, enum http_method method, const char *target)
{
    *x = (struct exchange_of_test){.request = {.id = "0000000000000001", .method = method}};
    arena_init(&x->arena, REQUEST_MEMORY);
    slice rest = slice_text(target);
    x->request.path = http_cut(&rest, '?');
    x->request.query_text = rest;
    x->request.arena = &x->arena;
    x->request.headers.items = x->headers;
    x->request.client = (struct http_address){.family = HTTP_IPV4, .bytes = {192, 0, 2, 1}};
    x->response = (struct http_response){.status = 200, .file = -1, .last_modified = RFD_TIME_NONE, .arena = &x->arena};
    assert_int_equal(http_form_parse(rest, &x->arena, &x->request.query, NULL), RFD_OK);
    web_header(x, "Host", "localhost:8080");
}

void web_header(struct exchange_of_test *x, const char *name, const char *value)
{
    assert_true(x->request.headers.count < WEB_HEADERS);
    x->headers[x->request.headers.count++] = (struct http_field){slice_text(name), slice_text(value)};
}

void web_form(struct exchange_of_test *x, const char *body)
{
    web_header(x, "Content-Type", "application/x-www-form-urlencoded");
    x->request.body = slice_text(body);
}

int web_send(struct web_world *world, struct exchange_of_test *x)
{
    struct http_match match = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    x->request.language = world->languages[0];
    rfd_status found = http_router_find(world->router, x->request.method, x->request.path, &x->arena, &match, &error);
    if (found != RFD_OK || match.route == NULL) {
        if (found == RFD_OK) (void)error_set(&error, match.allowed == 0 ? RFD_E_NOT_FOUND : RFD_E_METHOD, NULL);
        web_problem(world->web, &x->request, &x->response, &error);
        return x->response.status;
    }
    x->request.route = match.route;
    x->request.parts = match.parts;
    if (match.route->handler(&x->request, &x->response, world->web, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(x->response.failed, RFD_OK);
    return x->response.status;
}

void web_forget(struct exchange_of_test *x)
{
    http_response_body(&x->response, "text/plain", SLICE_EMPTY); /* closes a file */
    struct arena arena = x->arena;
    arena_dispose(&arena);
}

int web_get(struct web_world *world, struct exchange_of_test *x, const char *target, const char *cookies)
{
    web_request(x, HTTP_GET, target);
    web_header(x, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    if (cookies[0] != '\0') web_header(x, "Cookie", cookies);
    return web_send(world, x);
}

bool web_says(const struct exchange_of_test *x, const char *text)
{
    return x->response.body.length > 0 &&
           memmem(x->response.body.data, x->response.body.length, text, strlen(text)) != NULL;
}

const char *web_answer_header(struct exchange_of_test *x, const char *name, size_t n)
{
    struct http_fields fields = {x->response.headers, x->response.header_count};
    slice value = http_field_get_any_case(&fields, name, n);
    const char *text = value.data == NULL ? NULL : arena_text(&x->arena, value);
    return text == NULL ? "" : text;
}

const char *web_cookie(struct exchange_of_test *x, const char *name)
{
    for (size_t i = 0;; i++) {
        slice value = slice_text(web_answer_header(x, "set-cookie", i));
        if (value.length == 0) return "";
        slice pair = http_cut(&value, ';');
        if (slice_starts(pair, slice_text(name)) && pair.data[strlen(name)] == '=') return arena_text(&x->arena, pair);
    }
}

const char *web_token(struct exchange_of_test *x)
{
    static const char mark[] = "name=\"csrf\" value=\"";
    slice body = x->response.body;
    const uint8_t *found = body.length == 0 ? NULL : memmem(body.data, body.length, mark, sizeof mark - 1);
    if (found == NULL) return "";
    slice rest = slice_from(body, (size_t)(found - body.data) + sizeof mark - 1);
    return arena_text(&x->arena, http_cut(&rest, '"'));
}
