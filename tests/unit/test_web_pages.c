/* SPDX-License-Identifier: EUPL-1.2
 *
 * The way of a request: sessions, policy (every route for every role), CSRF, cookies, languages, errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/organisation/organisation.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"
#define VISITOR "__Host-refrenda-visitor"

static void test_routes_are_sound(void **state)
{
    (void)state;
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            assert_non_null(r->name);
            assert_non_null(r->handler);
            assert_true(r->pattern[0] == '/');
            if (r->action == ACTION_NONE || (unsigned)r->action >= ACTIONS) fail_msg("%s: nobody may", r->pattern);
            if (r->method == HTTP_GET && r->body_maximum != 0) fail_msg("%s: GET with a body", r->pattern);
            /* What changes something without a token must not look at cookies, or prove itself otherwise. */
            bool open = r->method != HTTP_GET && (r->flags & PAGE_NO_CSRF) != 0 && !(r->flags & PAGE_NO_SESSION);
            if (open && r->action != ACTION_PUBLIC) fail_msg("%s: no CSRF token, but a session", r->pattern);
            if ((r->flags & PAGE_QUICK) && !(r->flags & PAGE_NO_SESSION))
                fail_msg("%s: quick, but asks the database", r->pattern);
        }
    }
}

/* ---- Every route for every role ---- */

static char *fill_pattern(struct arena *a, const char *pattern)
{
    char out[512];
    size_t used = 0;
    for (const char *at = pattern; *at != '\0' && used < sizeof out - 2; at++) {
        if (*at == '{') {
            at = strchr(at, '}');
            out[used++] = '9';
        } else {
            out[used++] = *at;
        }
    }
    return arena_text(a, slice_of(out, used));
}

struct visit_of_role {
    int64_t person, entity, unit, account;
    enum role role;
    char token[ACCOUNT_TOKEN_SIZE];
};

static rfd_status make_unit(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visit_of_role *v = context;
    const struct actor actor = actor_system("test");
    struct faults faults = {.count = 0};
    const struct entity entity = {.name = SLICE("Entidad Inventada"),
                                  .short_name = SLICE("EI"),
                                  .country = SLICE("pe"),
                                  .tax_number = SLICE("20000000001"),
                                  .domains = SLICE("example.gob.pe")};
    TRY(entity_put(t, &actor, &entity, &faults, &v->entity, error));
    const struct unit unit = {
        .entity = v->entity, .code = SLICE("01"), .abbreviation = SLICE("GAF"), .name = SLICE("Gerencia")};
    return unit_put(t, &actor, &unit, &faults, &v->unit, error);
}

static rfd_status give_role(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct visit_of_role *v = context;
    const struct actor actor = actor_system("test");
    const struct role_assignment assignment = {.person = v->person,
                                               .role = v->role,
                                               .entity = role_info(v->role)->everywhere ? 0 : v->entity,
                                               .unit = role_info(v->role)->everywhere ? 0 : v->unit,
                                               .from = clock_now() - 1000000,
                                               .to = RFD_TIME_NONE};
    int64_t id;
    return role_grant(t, &actor, &assignment, &id, error);
}

static bool table_allows(enum role role, enum action action)
{
    return action == ACTION_PUBLIC || action == ACTION_SIGNED_IN || policy_scope(role, action) != SCOPE_NONE ||
           policy_scope(ROLE_APPLICANT, action) != SCOPE_NONE;
}

/** 403 exactly where the table has no row; what the handler says beyond that is another test's. */
static void ask_all_routes(struct web_world *w, const struct visit_of_role *v)
{
    char cookie[128];
    (void)snprintf(cookie, sizeof cookie, SESSION "=%s", v->token);
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            struct exchange_of_test x;
            bool quiet = (r->flags & (PAGE_TLS | PAGE_DEMO | PAGE_NO_SESSION)) != 0 || r->action == ACTION_PUBLIC;
            if (quiet || r->method != HTTP_GET) continue;
            struct arena names;
            arena_init(&names, 1 << 16);
            int status = web_get(w, &x, fill_pattern(&names, r->pattern), cookie);
            bool allowed = table_allows(v->role, r->action);
            bool refused = status == 403 && x.response.error == RFD_E_FORBIDDEN;
            if (allowed == refused && !(allowed && strchr(r->pattern, '{') != NULL))
                fail_msg("%s as %s: %d", r->pattern, role_info(v->role)->name, status);
            web_forget(&x);
            arena_dispose(&names);
        }
    }
}

static void test_every_route_for_every_role(void **state)
{
    struct store *store = domain_store_of(state);
    struct web_world *w = web_world_open(state, false);
    struct visit_of_role house = {.person = 0};
    assert_int_equal(account_world_write(store, make_unit, &house), RFD_OK);
    for (enum role role = 0; role < ROLES; role++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%08u", 40000000U + (unsigned)role);
        struct visit_of_role v = {.role = role, .entity = house.entity, .unit = house.unit};
        v.account = account_world_account(store, number);
        v.person = account_world_find(store, v.account).person;
        if (role != ROLE_APPLICANT) assert_int_equal(account_world_write(store, give_role, &v), RFD_OK);
        (void)account_world_signed_in(store, number, v.token);
        ask_all_routes(w, &v);
    }
    web_world_close(w);
}

/** Nobody: sent to sign in, or told so when a program asks. */
static void test_nobody_is_sent_to_sign_in(void **state)
{
    struct web_world *w = web_world_open(state, false);
    for (size_t a = 0; web_area(a) != NULL; a++) {
        for (const struct page_route *r = web_area(a); r->pattern != NULL; r++) {
            struct exchange_of_test x;
            if (r->action == ACTION_PUBLIC || (r->flags & (PAGE_TLS | PAGE_DEMO)) || r->method != HTTP_GET) continue;
            struct arena names;
            arena_init(&names, 1 << 16);
            char *path = fill_pattern(&names, r->pattern);
            assert_int_equal(web_get(w, &x, path, ""), 303);
            assert_int_equal(strncmp(web_answer_header(&x, "location", 0), "/acceso", 7), 0);
            web_forget(&x);
            web_request(&x, HTTP_GET, path);
            web_header(&x, "Accept", "application/json");
            assert_int_equal(web_send(w, &x), 401);
            assert_string_equal(web_answer_header(&x, "content-type", 0), "application/problem+json");
            web_forget(&x);
            arena_dispose(&names);
        }
    }
    web_world_close(w);
}

/* ---- Forms ---- */

static void test_a_form_needs_its_token(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test page, x;
    char body[512];
    assert_int_equal(web_get(w, &page, "/estilo", ""), 200);
    const char *cookie = web_cookie(&page, VISITOR);
    const char *token = web_token(&page);
    assert_true(strlen(token) == 43 && cookie[0] != '\0');

    static const struct {
        const char *header, *value;
        bool token;
        int status;
    } cases[] = {
        {NULL, NULL, true, 200},
        {NULL, NULL, false, 403},
        {"Origin", "http://localhost:8080", true, 200},
        {"Origin", "http://evil.example", true, 403},
        {"Origin", "null", true, 403},
        {"Origin", "http://localhost:8081", true, 403},
        {"Sec-Fetch-Site", "same-origin", true, 200},
        {"Sec-Fetch-Site", "cross-site", true, 403},
        {"Sec-Fetch-Site", "same-site", true, 403},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        web_request(&x, HTTP_POST, "/estilo");
        web_header(&x, "Accept", "text/html");
        web_header(&x, "Cookie", cookie);
        if (cases[i].header != NULL) web_header(&x, cases[i].header, cases[i].value);
        (void)snprintf(body, sizeof body, "csrf=%s&text=Rosa+%%C3%%91&password=geheim",
                       cases[i].token ? token : "wrong");
        web_form(&x, body);
        if (web_send(w, &x) != cases[i].status) fail_msg("%zu: %d", i, x.response.status);
        web_forget(&x);
    }
    web_forget(&page);
    web_world_close(w);
}

/** What was typed stays, but the password; a form of another site is not shown again. */
static void test_an_old_form_is_kept(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, "/estilo");
    web_header(&x, "Accept", "text/html");
    web_form(&x, "csrf=old&text=Rosa+%22%3Cscript%3E&mail=a");
    assert_int_equal(web_send(w, &x), 403);
    assert_true(web_says(&x, "Rosa &quot;&lt;script&gt;"));
    assert_int_equal(strlen(web_token(&x)), 43);
    web_forget(&x);
    web_request(&x, HTTP_POST, "/estilo");
    web_header(&x, "Accept", "text/html");
    web_form(&x, "csrf=old&repeat=geheim&new-password=geheim&text=Rosa");
    assert_int_equal(web_send(w, &x), 403);
    assert_false(web_says(&x, "geheim"));
    assert_false(web_says(&x, "Rosa"));
    web_forget(&x);
    web_request(&x, HTTP_POST, "/estilo");
    web_header(&x, "Accept", "text/html");
    web_header(&x, "Origin", "https://evil.example");
    web_form(&x, "csrf=old&text=Rosa");
    assert_int_equal(web_send(w, &x), 403);
    assert_false(web_says(&x, "Rosa"));
    web_forget(&x);
    web_world_close(w);
}

static void test_tokens_are_of_one_visitor(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test a, b, x;
    char body[256];
    assert_int_equal(web_get(w, &a, "/estilo", ""), 200);
    assert_int_equal(web_get(w, &b, "/estilo", ""), 200);
    assert_string_not_equal(web_token(&a), web_token(&b));
    web_request(&x, HTTP_POST, "/estilo");
    web_header(&x, "Cookie", web_cookie(&a, VISITOR));
    (void)snprintf(body, sizeof body, "csrf=%s", web_token(&b));
    web_form(&x, body);
    assert_int_equal(web_send(w, &x), 403);
    web_forget(&x);
    web_forget(&a);
    web_forget(&b);
    web_world_close(w);
}

/* ---- Cookies ---- */

static void test_session_cookies(void **state)
{
    struct store *store = domain_store_of(state);
    struct web_world *w = web_world_open(state, false);
    struct exchange_of_test x;
    char token[ACCOUNT_TOKEN_SIZE];
    char cookie[256];
    (void)account_world_account(store, "41000000");
    (void)account_world_signed_in(store, "41000000", token);
    (void)snprintf(cookie, sizeof cookie, SESSION "=%s", token);
    assert_int_equal(web_get(w, &x, "/", cookie), 200);
    assert_true(web_says(&x, "Rosa Quispe Mamani"));
    assert_string_equal(web_answer_header(&x, "cache-control", 0), "no-store");
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/nada/de/nada", cookie), 404);
    assert_true(web_says(&x, "Rosa Quispe Mamani"));
    web_forget(&x);
    /* Two of one name: somebody else has set one of them. */
    (void)snprintf(cookie, sizeof cookie, SESSION "=%s; " SESSION "=%s", token, token);
    assert_int_equal(web_get(w, &x, "/", cookie), 303);
    web_forget(&x);
    /* A plain name is no session. */
    (void)snprintf(cookie, sizeof cookie, "refrenda=%s", token);
    assert_int_equal(web_get(w, &x, "/", cookie), 303);
    web_forget(&x);
    (void)snprintf(cookie, sizeof cookie, SESSION "=%.42s%c", token, token[42] == 'A' ? 'B' : 'A');
    assert_int_equal(web_get(w, &x, "/", cookie), 303);
    web_forget(&x);
    web_world_close(w);
}

/* ---- Redirects and notices ---- */

static void test_redirects_stay_here(void **state)
{
    static const struct {
        const char *path;
        bool good;
    } cases[] = {
        {"/", true},         {"/a?b=c", true},    {"//evil.example", false}, {"/\\evil.example", false}, {"", false},
        {"/\t/evil", false}, {"/a\nb: c", false}, {"https://evil", false},   {"/a\\b", false},           {"a", false},
    };
    struct web_world *w = web_world_open(state, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exchange_of_test x;
        struct rfd_error error = RFD_ERROR_INIT;
        web_request(&x, HTTP_GET, "/");
        struct page page = {
            .web = w->web, .request = &x.request, .response = &x.response, .arena = &x.arena, .route = web_area(0)};
        bool good = page_redirect(&page, NULL, &error, "%s", cases[i].path) == RFD_OK;
        if (good != cases[i].good) fail_msg("%s", cases[i].path);
        web_forget(&x);
    }
    web_world_close(w);
}

/** A notice is shown once, and only the one that we gave this browser. */
static void test_notices(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test first, x;
    struct rfd_error error = RFD_ERROR_INIT;
    char cookies[1024];
    web_request(&first, HTTP_GET, "/");
    struct page page = {.web = w->web,
                        .request = &first.request,
                        .response = &first.response,
                        .arena = &first.arena,
                        .route = web_area(0)};
    assert_int_equal(page_redirect(&page, "It was done: ñ & <b>", &error, "/estilo"), RFD_OK);
    assert_int_equal(first.response.status, 303);
    const char *notice = web_cookie(&first, "__Host-refrenda-notice");
    const char *visitor = web_cookie(&first, VISITOR);
    (void)snprintf(cookies, sizeof cookies, "%s; %s", visitor, notice);
    assert_int_equal(web_get(w, &x, "/estilo", cookies), 200);
    assert_true(web_says(&x, "It was done: ñ &amp; &lt;b&gt;"));
    assert_string_equal(web_cookie(&x, "__Host-refrenda-notice"), "__Host-refrenda-notice=-");
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/estilo", notice), 200); /* another browser */
    assert_false(web_says(&x, "It was done"));
    web_forget(&x);
    web_forget(&first);
    web_world_close(w);
}

/* ---- Languages ---- */

static const char *language_of(struct web_world *w, const char *target, const char *cookie)
{
    static char out[8];
    struct exchange_of_test x;
    assert_int_equal(web_get(w, &x, target, cookie), 200);
    (void)snprintf(out, sizeof out, "%s", web_answer_header(&x, "content-language", 0));
    web_forget(&x);
    return out;
}

static void test_languages(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test x;
    assert_string_equal(language_of(w, "/estilo", ""), "es");
    assert_string_equal(language_of(w, "/estilo?lang=ca", ""), "ca");
    assert_string_equal(language_of(w, "/estilo?lang=xx", ""), "es");
    assert_string_equal(language_of(w, "/estilo", "__Host-refrenda-language=en"), "en");
    assert_string_equal(language_of(w, "/estilo?lang=ca", "__Host-refrenda-language=en"), "ca");
    assert_int_equal(web_get(w, &x, "/estilo?lang=ca", ""), 200);
    assert_string_equal(web_cookie(&x, "__Host-refrenda-language"), "__Host-refrenda-language=ca");
    assert_true(web_says(&x, "/estilo?lang=en"));
    web_forget(&x);
    web_world_close(w);
}

/* ---- Errors ---- */

static void test_errors(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct exchange_of_test x;
    assert_int_equal(web_get(w, &x, "/nada", ""), 404);
    assert_true(web_says(&x, "<h1>"));
    assert_true(web_says(&x, "404"));
    assert_string_equal(web_answer_header(&x, "content-type", 0), "text/html; charset=utf-8");
    assert_true(strstr(web_answer_header(&x, "content-security-policy", 0), "frame-ancestors 'none'") != NULL);
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/estilo", ""), 404); /* demonstration only */
    web_forget(&x);
    web_request(&x, HTTP_GET, "/nada");
    web_header(&x, "Accept", "*/*");
    assert_int_equal(web_send(w, &x), 404);
    assert_string_equal(web_answer_header(&x, "content-type", 0), "application/problem+json");
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/a/x/../refrenda.yaml", ""), 400);
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/a/x/%2e%2e/%2e%2e/refrenda.yaml", ""), 400);
    web_forget(&x);
    web_world_close(w);
}

static void test_floods_are_held_off(void **state)
{
    struct web_world *w = web_world_open(state, true);
    struct exchange_of_test x;
    unsigned slow = 0;
    for (unsigned i = 0; i < 200; i++) {
        web_request(&x, HTTP_POST, "/estilo");
        web_form(&x, "csrf=none");
        if (web_send(w, &x) == 429) {
            slow++;
            assert_true(web_answer_header(&x, "retry-after", 0)[0] != '\0');
        }
        web_forget(&x);
    }
    assert_in_range(slow, 60, 80);
    web_request(&x, HTTP_POST, "/estilo");
    x.request.client.bytes[2] = 99; /* another network */
    web_form(&x, "csrf=none");
    assert_int_equal(web_send(w, &x), 403);
    web_forget(&x);
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes_are_sound),
        ON_BOTH_STORES(test_every_route_for_every_role),
        cmocka_unit_test_setup_teardown(test_nobody_is_sent_to_sign_in, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_a_form_needs_its_token, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_an_old_form_is_kept, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_tokens_are_of_one_visitor, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_session_cookies),
        cmocka_unit_test_setup_teardown(test_redirects_stay_here, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_notices, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_languages, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_errors, domain_store_sqlite, domain_store_close),
        cmocka_unit_test_setup_teardown(test_floods_are_held_off, domain_store_sqlite, domain_store_close),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
