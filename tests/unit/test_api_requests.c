/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates for other systems: who gets what, and that every answer is as openapi.json says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/registration/registration_internal.h"
#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"
#include "domain/registration/client_actor.h"
#include "domain/registration/registration.h"
#include "evidence_world.h"
#include "http/form.h"
#include "http/response.h"
#include "openapi_check.h"
#include "pki/certificate/certificate.h"
#include "pki_fixture.h"

#include <jansson.h>
#include <stdio.h>

#define BASE "/api/registration/v1"

extern const char openapi_text[];

static struct identity clients[3];
enum { AGENT_CLIENT, OTHER_CLIENT, LONELY };

struct api_world {
    struct store *store;
    struct packs *packs;
    struct zone *zone;
    struct registration_settings settings;
    struct registration_service *service;
    struct http_router *router;
    json_t *openapi;
};

struct act {
    slice client, account;
};

static rfd_status write_act(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct act *a = context;
    return client_act_for(t, SLICE("admin:test"), a->client, a->account, error);
}

/** A client that acts for a person's new account. */
static void register_client(struct api_world *w, int which, const char *name, int person)
{
    struct authority_domain domain = {.store = w->store};
    char sql[300];
    struct act act = {slice_text(name), SLICE_EMPTY};
    assert_int_equal(
        client_register(&domain, SLICE("admin:test"), slice_text(name), clients[which].certificate->der, NULL), RFD_OK);
    if (person == 0) return;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO account(code, person, level, state, password, must_change, factors, language, created) "
                   "VALUES ('U%d', %d, 2, 'open', '', FALSE, 0, 'es', 0)",
                   person, person);
    (void)domain_store_run(w->store, sql);
    char code[16];
    (void)snprintf(code, sizeof code, "U%d", person);
    act.account = slice_text(code);
    assert_int_equal(store_write(w->store, write_act, &act, NULL), RFD_OK);
}

static void open_world(struct api_world *w, void **state)
{
    size_t count = 0;
    struct rfd_error error = RFD_ERROR_INIT;
    *w = (struct api_world){.store = domain_store_of(state)};
    evidence_world_requests(w->store);
    if (packs_open(PACKS_FOLDER, &w->packs, &error) != RFD_OK) fail_msg("%s", error.detail);
    assert_int_equal(zone_open("America/Lima", &w->zone, NULL), RFD_OK);
    w->settings = (struct registration_settings){.packs = w->packs, .zone = w->zone, .country = "pe", .authority = ""};
    assert_int_equal(registration_new(w->store, NULL, w->packs, &w->service, NULL), RFD_OK);
    registration_serve_requests(w->service, &w->settings);
    const struct http_route *routes = registration_routes(w->store, &count);
    assert_int_equal(http_router_new(routes, count, &w->router, NULL), RFD_OK);
    w->openapi = json_loads(openapi_text, 0, NULL);
    assert_non_null(w->openapi);
    (void)evidence_world_put(w->store, 1, "identity-front", 'a', false);
    (void)world_grant(w->store, OPERATOR, ROLE_PERSONNEL, UNIT_OTI);
    register_client(w, AGENT_CLIENT, "desk", AGENT);
    register_client(w, OTHER_CLIENT, "personnel", OPERATOR);
    register_client(w, LONELY, "lonely", 0);
}

static void close_world(struct api_world *w)
{
    json_decref(w->openapi);
    http_router_free(w->router);
    registration_free(w->service);
    zone_close(w->zone);
    packs_close(w->packs);
}

/* ---- Asking ---- */

struct answer {
    int status;
    rfd_status error;
    json_t *json;
};

/** `path` is the description's, `target` what is asked for. */
static struct answer ask(struct api_world *w, int client, enum http_method method, const char *path, const char *target,
                         const char *body)
{
    struct arena arena;
    struct http_match match = {0};
    struct rfd_error error = RFD_ERROR_INIT;
    struct answer answer = {.status = 0};
    struct http_field headers[] = {{SLICE("Content-Type"), SLICE("application/json")}};
    slice rest = slice_text(target);
    arena_init(&arena, 16 << 20);
    struct http_request request = {.method = method, .arena = &arena, .headers = {.items = headers, .count = 1}};
    struct http_response response = {.status = 200, .file = -1, .last_modified = RFD_TIME_NONE, .arena = &arena};
    if (client >= 0) request.client_certificate = clients[client].certificate->der;
    if (body != NULL) request.body = slice_text(body);
    request.path = http_cut(&rest, '?');
    assert_int_equal(http_form_parse(rest, &arena, &request.query, NULL), RFD_OK);
    assert_int_equal(http_router_find(w->router, method, request.path, &arena, &match, NULL), RFD_OK);
    assert_non_null(match.route);
    request.route = match.route;
    request.parts = match.parts;
    answer.error = match.route->handler(&request, &response, w->service, &error);
    answer.status = answer.error == RFD_OK ? response.status : rfd_status_http(answer.error);
    const json_t *schema = openapi_described(w->openapi, path, method == HTTP_GET ? "get" : "post", answer.status);
    if (answer.error == RFD_OK) {
        answer.json = json_loadb((const char *)response.body.data, response.body.length, 0, NULL);
        assert_non_null(answer.json);
        openapi_matches(w->openapi, schema, answer.json, path);
    }
    arena_dispose(&arena);
    return answer;
}

static int get(struct api_world *w, int client, const char *path, const char *target)
{
    struct answer a = ask(w, client, HTTP_GET, path, target, NULL);
    json_decref(a.json);
    return a.status;
}

#define LIST         "/requests"
#define ONE          "/requests/{code}"
#define CERTIFICATES "/requests/{code}/certificates"

static void every_route_is_described(void **state)
{
    struct api_world w;
    size_t count = 0, described_count = 0;
    const char *path;
    json_t *operations;
    open_world(&w, state);
    const struct http_route *routes = registration_routes(w.store, &count);
    const json_t *paths = json_object_get(w.openapi, "paths");
    for (size_t i = 0; i < count; i++) {
        if (strncmp(routes[i].pattern, BASE, sizeof BASE - 1) != 0) continue;
        const char *method = routes[i].method == HTTP_GET ? "get" : "post";
        if (json_object_get(json_object_get(paths, routes[i].pattern + sizeof BASE - 1), method) == NULL)
            fail_msg("%s is not described", routes[i].pattern);
        described_count++;
    }
    size_t operations_count = 0;
    json_object_foreach((json_t *)(uintptr_t)paths, path, operations) operations_count += json_object_size(operations);
    assert_int_equal(operations_count, described_count);
    assert_int_equal(get(&w, -1, "/openapi.json", BASE "/openapi.json"), 200);
    close_world(&w);
}

static void who_sees_requests(void **state)
{
    struct api_world w;
    open_world(&w, state);
    assert_int_equal(get(&w, -1, LIST, BASE "/requests"), 401);
    assert_int_equal(get(&w, LONELY, LIST, BASE "/requests"), 403); /* acts for nobody */
    struct answer a = ask(&w, AGENT_CLIENT, HTTP_GET, LIST, BASE "/requests", NULL);
    const json_t *rows = json_object_get(a.json, "requests");
    assert_int_equal(json_array_size(rows), 1); /* of its unit, not of OTRA's */
    assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "code")), "X-0001-2026");
    json_decref(a.json);
    assert_int_equal(get(&w, AGENT_CLIENT, LIST, BASE "/requests?way=agency&state=taken&sort=-created&page=1&size=100"),
                     200);
    assert_int_equal(get(&w, AGENT_CLIENT, LIST, BASE "/requests?way=revocation"), 200);
    assert_int_equal(get(&w, AGENT_CLIENT, LIST, BASE "/requests?search=huanca&from=2026-01-01T00:00:00Z"), 200);
    assert_int_equal(get(&w, AGENT_CLIENT, ONE, BASE "/requests/X-0001-2026"), 200);
    assert_int_equal(get(&w, AGENT_CLIENT, ONE, BASE "/requests/X-0002-2026"), 200);
    assert_int_equal(get(&w, AGENT_CLIENT, ONE, BASE "/requests/X-0003-2026"), 404);
    assert_int_equal(get(&w, AGENT_CLIENT, CERTIFICATES, BASE "/requests/X-0001-2026/certificates"), 200);
    assert_int_equal(get(&w, AGENT_CLIENT, CERTIFICATES, BASE "/requests/X-0003-2026/certificates"), 404);
    assert_int_equal(get(&w, OTHER_CLIENT, ONE, BASE "/requests/X-0001-2026"), 404);
    assert_int_equal(get(&w, LONELY, ONE, BASE "/requests/X-0001-2026"), 403);
    (void)domain_store_run(w.store, "UPDATE account SET state = 'closed'");
    assert_int_equal(get(&w, AGENT_CLIENT, ONE, BASE "/requests/X-0001-2026"), 403);
    close_world(&w);
}

static void what_is_asked_wrongly(void **state)
{
    static const char *const queries[] = {
        "way=other",      "page=0",  "page=x", "size=0", "size=101", "sort=mail", "way=online&way=agency",
        "from=yesterday", "unit=OTI"};
    struct api_world w;
    open_world(&w, state);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        char target[128];
        (void)snprintf(target, sizeof target, BASE "/requests?%s", queries[i]);
        int status = get(&w, AGENT_CLIENT, LIST, target);
        if (status != 400) fail_msg("%s: %d", target, status);
    }
    close_world(&w);
}

static int report(struct api_world *w, int client, const char *body, size_t *count)
{
    struct answer a = ask(w, client, HTTP_POST, "/departures", BASE "/departures", body);
    if (count != NULL) *count = json_array_size(json_object_get(a.json, "departures"));
    json_decref(a.json);
    return a.status;
}

#define ANA_LEAVES "{\"number\":\"00000004\",\"leaves\":\"2026-12-01\",\"reason\":\"Renuncia\"}"

static void departures(void **state)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{\"number\":\"1\"}",
        "{\"number\":1,\"leaves\":\"2026-12-01\",\"reason\":\"x\"}",
        "{\"number\":\"1\",\"leaves\":\"2026-13-01\",\"reason\":\"x\"}",
        "{\"number\":\"1\",\"leaves\":\"tomorrow\",\"reason\":\"x\"}",
        "{\"number\":\"1\",\"leaves\":\"2026-12-01\",\"reason\":\"x\",\"who\":\"me\"}",
        "{\"number\":\"1\",\"number\":\"2\",\"leaves\":\"2026-12-01\",\"reason\":\"x\"}"};
    struct api_world w;
    size_t count = 0;
    open_world(&w, state);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(report(&w, OTHER_CLIENT, wrong[i], NULL), 400);
    assert_int_equal(report(&w, -1, ANA_LEAVES, NULL), 401);
    assert_int_equal(report(&w, LONELY, ANA_LEAVES, NULL), 403);
    assert_int_equal(report(&w, AGENT_CLIENT, ANA_LEAVES, NULL), 403); /* agents report nobody */
    assert_int_equal(report(&w, OTHER_CLIENT, ANA_LEAVES, &count), 201);
    assert_int_equal(count, 1);
    assert_int_equal(report(&w, OTHER_CLIENT, ANA_LEAVES, &count), 200); /* the same again */
    assert_int_equal(count, 1);
    assert_int_equal(domain_store_number(w.store, "SELECT count(*) FROM departure"), 1);
    assert_int_equal(report(&w, OTHER_CLIENT, "{\"number\":\"99\",\"leaves\":\"2026-12-01\",\"reason\":\"x\"}", NULL),
                     404);
    close_world(&w);
}

static int open_all(void **state)
{
    if (folder_setup(state) != 0 || folder_new() == NULL) return -1;
    for (int i = 0; i < 3; i++)
        clients[i] = identity_new("P-256", i == 0 ? "Desk" : i == 1 ? "Personnel" : "Lonely", NULL, NULL);
    return 0;
}

static int close_all(void **state)
{
    for (int i = 0; i < 3; i++) identity_free(&clients[i]);
    folder_remove();
    return folder_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_WORLDS(every_route_is_described),
        IN_BOTH_WORLDS(who_sees_requests),
        IN_BOTH_WORLDS(what_is_asked_wrongly),
        IN_BOTH_WORLDS(departures),
    };
    return cmocka_run_group_tests_name("api_requests", tests, open_all, close_all);
}
