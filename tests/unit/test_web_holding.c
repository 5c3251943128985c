/* SPDX-License-Identifier: EUPL-1.2
 *
 * "Mis certificados" as a browser asks for it: one's own only, files, revoking with the number typed again, renewing
 * from the page and by the link of a mail, and the figures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "holding_world.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"

struct visitor {
    int64_t person, account;
    char cookie[128], csrf[64];
};

static rfd_status make_account(struct transaction *t, void *context, struct rfd_error *error)
{
    struct visitor *v = context;
    struct actor actor = account_world_system();
    const struct account account = {.person = v->person};
    struct faults faults = {.count = 0};
    TRY(account_create(t, &actor, &account_world_settings, &account, 'U', &faults, &v->account, error));
    return account_set_password(t, &actor, &account_world_settings, v->account, SLICE(ACCOUNT_PASSWORD), false, &faults,
                                error);
}

/** One of agency_world.h, signed in. */
static struct visitor sign_in(struct web_world *w, int64_t person)
{
    struct visitor v = {.person = person};
    struct exchange_of_test x;
    char name[16], token[ACCOUNT_TOKEN_SIZE];
    assert_int_equal(account_world_write(w->database->store, make_account, &v), RFD_OK);
    (void)snprintf(name, sizeof name, "%08d", (int)person);
    (void)account_world_signed_in(w->database->store, name, token);
    (void)snprintf(v.cookie, sizeof v.cookie, SESSION "=%s", token);
    assert_int_equal(web_get(w, &x, "/cuenta?lang=en", v.cookie), 200);
    (void)snprintf(v.csrf, sizeof v.csrf, "%s", web_token(&x));
    web_forget(&x);
    return v;
}

static int get(struct web_world *w, struct exchange_of_test *x, const struct visitor *v, const char *format,
               long long id)
{
    char path[256], cookies[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(path, sizeof path, format, id);
#pragma GCC diagnostic pop
    (void)snprintf(cookies, sizeof cookies, "%s; __Host-refrenda-language=en", v->cookie);
    return web_get(w, x, path, cookies);
}

static int post(struct web_world *w, struct exchange_of_test *x, const struct visitor *v, const char *format,
                long long id, const char *fields)
{
    char path[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(path, sizeof path, format, id);
#pragma GCC diagnostic pop
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", arena_print(&x->arena, "%s; __Host-refrenda-language=en", v->cookie));
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", v->csrf, fields));
    return web_send(w, x);
}

static void expect(struct web_world *w, const struct visitor *v, const char *format, long long id, int status,
                   const char *says)
{
    struct exchange_of_test x;
    int got = get(w, &x, v, format, id);
    if (got != status || !web_says(&x, says))
        fail_msg("%s: %d, without \"%s\":\n%.*s", format, got, says, (int)x.response.body.length,
                 (const char *)x.response.body.data);
    web_forget(&x);
}

/* ---- One's own ---- */

static void test_own(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct visitor ana = sign_in(w, ANA), berta = sign_in(w, BERTA);
    expect(w, &ana, "/certificados", 0, 200, "In force");
    expect(w, &ana, "/certificados/%lld", own, 200, "has not been used here");
    expect(w, &berta, "/certificados", 0, 200, "You have no certificates yet");
    static const char *const pages[] = {"/certificados/%lld", "/certificados/%lld/cadena.pem",
                                        "/certificados/%lld/comprobante.pdf", "/certificados/%lld/renovar",
                                        "/certificados/%lld/revocar"};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct exchange_of_test x;
        assert_int_equal(get(w, &x, &berta, pages[i], own), 404);
        web_forget(&x);
        assert_int_equal(get(w, &x, &ana, pages[i], 4711), 404);
        web_forget(&x);
    }
    struct exchange_of_test x;
    assert_int_equal(post(w, &x, &berta, "/certificados/%lld/revocar", own, "number=00000004&reason=express-request"),
                     404);
    web_forget(&x);
    /* The agent who issued it sees it at the desk, not here. */
    struct visitor agent = sign_in(w, AGENT);
    assert_int_equal(get(w, &x, &agent, "/certificados/%lld", own), 404);
    web_forget(&x);
    assert_int_equal(holding_state(store, own), CERTIFICATE_VALID);
    web_world_close(w);
}

static void test_chain(void **state)
{
    struct web_world *w = web_world_open(state, false);
    int64_t own = holding_issue(w->database->store, ANA, AGENT, UNIT_OTI);
    struct visitor ana = sign_in(w, ANA);
    struct exchange_of_test x;
    assert_int_equal(get(w, &x, &ana, "/certificados/%lld/cadena.pem", own), 200);
    assert_true(web_says(&x, "-----BEGIN CERTIFICATE-----"));
    assert_non_null(strstr(web_answer_header(&x, "content-disposition", 0), "cadena.pem"));
    web_forget(&x);
    web_world_close(w);
}

/* ---- Renewing ---- */

static void test_renew(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct exchange_of_test x;
    struct visitor ana = sign_in(w, ANA);
    expect(w, &ana, "/certificados", 0, 200, "It can be renewed from 02/11/2027 on");
    expect(w, &ana, "/certificados/%lld/renovar", own, 409, "02/11/2027");
    (void)domain_store_run(store, "UPDATE certificate SET not_after = issued_at + 864000000000");
    char there[64];
    (void)snprintf(there, sizeof there, "/firma/solicitud?renueva=%lld", (long long)own);
    assert_int_equal(get(w, &x, &ana, "/certificados/%lld/renovar", own), 303);
    assert_string_equal(web_answer_header(&x, "location", 0), there);
    web_forget(&x);
    web_world_close(w);
}

static rfd_status make_link(struct transaction *t, void *context, struct rfd_error *error)
{
    return request_link(t, LINK_RENEW, 1, clock_now() + DAY_LENGTH, context, error);
}

static void test_renew_by_link(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    char token[REQUEST_TOKEN_SIZE], path[128], csrf[64], cookie[256];
    struct exchange_of_test x;
    (void)holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)domain_store_run(store, "UPDATE certificate SET not_after = issued_at + 864000000000");
    assert_int_equal(account_world_write(store, make_link, token), RFD_OK);
    (void)snprintf(path, sizeof path, "/certificados/renovar/%s", token);
    assert_int_equal(web_get(w, &x, path, ""), 200);
    assert_true(web_says(&x, "Ana Quispe"));
    (void)snprintf(csrf, sizeof csrf, "%s", web_token(&x));
    (void)snprintf(cookie, sizeof cookie, "%s", web_cookie(&x, "__Host-refrenda-visitor"));
    web_forget(&x);
    /* Looking twice is nothing; the button leads on. */
    for (int i = 0; i < 2; i++) {
        web_request(&x, HTTP_POST, path);
        web_header(&x, "Accept", "text/html");
        web_header(&x, "Cookie", cookie);
        web_form(&x, arena_print(&x.arena, "csrf=%s", csrf));
        assert_int_equal(web_send(w, &x), 303);
        assert_true(strncmp(web_answer_header(&x, "location", 0), "/firma/solicitud?renueva=1&enlace=", 34) == 0);
        web_forget(&x);
    }
    path[sizeof "/certificados/renovar/" + 3] ^= 1;
    assert_int_equal(web_get(w, &x, path, ""), 404);
    web_forget(&x);
    path[sizeof "/certificados/renovar/" + 3] ^= 1;
    clock_fix(clock_now() + 2 * DAY_LENGTH);
    assert_int_equal(web_get(w, &x, path, ""), 404);
    web_forget(&x);
    clock_fix(MONDAY);
    web_world_close(w);
}

/* ---- Revoking ---- */

static void test_revoke(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct exchange_of_test x;
    struct visitor ana = sign_in(w, ANA);
    (void)domain_store_run(store, "UPDATE account SET level = 2");
    expect(w, &ana, "/certificados/%lld/revocar", own, 200, "This cannot be undone");
    static const char *const wrong[] = {"number=&reason=express-request", "number=00000010&reason=express-request",
                                        "number=00000004&reason=", "number=00000004&reason=entity-extinguished",
                                        "number=00000004&reason=none-such"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(post(w, &x, &ana, "/certificados/%lld/revocar", own, wrong[i]), 422);
        assert_true(web_says(&x, "error"));
        web_forget(&x);
    }
    assert_int_equal(holding_state(store, own), CERTIFICATE_VALID);
    for (int i = 0; i < 2; i++) { /* twice is once */
        assert_int_equal(
            post(w, &x, &ana, "/certificados/%lld/revocar", own, "number=00000004&reason=express-request&note=x"), 303);
        web_forget(&x);
    }
    assert_int_equal(holding_state(store, own), CERTIFICATE_REVOKED);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM revocation WHERE revoked IS NOT NULL"), 1);
    expect(w, &ana, "/certificados/%lld", own, 200, "Receipt of the revocation");
    expect(w, &ana, "/certificados/%lld/revocar", own, 409, "state");
    web_world_close(w);
}

static void test_ask_to_revoke(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct exchange_of_test x;
    struct visitor ana = sign_in(w, ANA);
    expect(w, &ana, "/certificados/%lld/revocar", own, 200, "Ask for its revocation");
    assert_int_equal(post(w, &x, &ana, "/certificados/%lld/revocar", own, "number=00000004&reason=pin-exposed"), 303);
    web_forget(&x);
    assert_int_equal(holding_state(store, own), CERTIFICATE_VALID);
    expect(w, &ana, "/certificados", 0, 200, "waits for a decision");
    assert_int_equal(
        domain_store_number(store, "SELECT count(*) FROM request WHERE way = 'revocation' AND state = 'asked'"), 1);
    expect(w, &ana, "/certificados/%lld/comprobante.pdf", own, 404, "");
    web_world_close(w);
}

/* ---- Figures ---- */

static void test_statistics(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    unsigned done = 0;
    (void)holding_issue(store, ANA, AGENT, UNIT_OTI);
    (void)holding_issue(store, HEAD_GAF, AGENT, UNIT_GAF);
    assert_int_equal(statistics_tick(store, holding_settings(), &done, NULL), RFD_OK);
    struct visitor agent = sign_in(w, AGENT), ana = sign_in(w, ANA), elsewhere = sign_in(w, ELSEWHERE);
    expect(w, &agent, "/certificados/estadisticas", 0, 200, "Requests by month");
    expect(w, &agent, "/certificados/estadisticas", 0, 200, "Unidad OTI");
    expect(w, &agent, "/certificados/estadisticas?meses=3&via=en-linea", 0, 200, "2026-11");
    expect(w, &agent, "/certificados/estadisticas?via=unidades", 0, 200, "Nothing was asked for");
    expect(w, &elsewhere, "/certificados/estadisticas", 0, 200, "Nothing was asked for");
    expect(w, &agent, "/certificados/estadisticas?formato=csv", 0, 200, "\"State\";\"issued\";\"Issued\";2");
    expect(w, &agent, "/certificados/estadisticas?meses=hola&via=x", 0, 200, "Requests by month");
    expect(w, &ana, "/certificados/estadisticas", 0, 403, "");
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_HOLDINGS(test_own),           IN_BOTH_HOLDINGS(test_chain),  IN_BOTH_HOLDINGS(test_renew),
        IN_BOTH_HOLDINGS(test_renew_by_link), IN_BOTH_HOLDINGS(test_revoke), IN_BOTH_HOLDINGS(test_ask_to_revoke),
        IN_BOTH_HOLDINGS(test_statistics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
