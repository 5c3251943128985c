/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where somebody wanted to go before they had to sign in: kept through every step, and never out of the house.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/error.h"
#include "base_support.h"
#include "web/account/account_pages.h"
#include "web_support.h"

#include <stdio.h>

#define SESSION "__Host-refrenda"
#define VISITOR "__Host-refrenda-visitor"
#define WANTED  "/oidc/autorizar?client_id=x&redirect_uri=https%3A//y.example/z&scope=openid%20profile&state=a%26b%3D"
#define ESCAPED                                                                                                        \
    "/oidc/autorizar%3Fclient_id%3Dx%26redirect_uri%3Dhttps%253A//y.example/z%26scope%3Dopenid%2520profile%26state%3D" \
    "a%2526b%253D"

static void test_only_own_paths(void **state)
{
    static const char *const good[] = {"/", "/cuenta", "/accesos/solicitudes/7?x=1#y", WANTED, "/%5Cx", "/accesorios"};
    static const char *const wrong[] = {"",
                                        "cuenta",
                                        "//otra.example",
                                        "/\\otra.example",
                                        "\\/x",
                                        "https://o.example/",
                                        "/a\\b",
                                        "/a b",
                                        "/a\nb",
                                        "/a\tb",
                                        "/a\x01",
                                        "/\xC3\xB1",
                                        "/acceso",
                                        "/acceso?volver=/acceso",
                                        "/acceso/segundo-factor",
                                        "/salir",
                                        "/salir?x=1",
                                        "javascript:alert(1)"};
    char long_one[4200];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!account_is_back(slice_text(good[i]))) fail_msg("%s", good[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (account_is_back(slice_text(wrong[i]))) fail_msg("%s", wrong[i]);
    }
    memset(long_one, 'a', sizeof long_one);
    long_one[0] = '/';
    assert_true(account_is_back(slice_of((const uint8_t *)long_one, 4096)));
    assert_false(account_is_back(slice_of((const uint8_t *)long_one, 4097)));
}

static void test_the_form_keeps_it(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct exchange_of_test x;
    assert_int_equal(web_get(w, &x, "/acceso?volver=" ESCAPED, ""), 200);
    assert_true(web_says(&x, "name=\"volver\" value=\"/oidc/autorizar?client_id=x&amp;redirect_uri"));
    assert_true(web_says(&x, "/acceso/certificado?volver=" ESCAPED));
    web_forget(&x);
    assert_int_equal(web_get(w, &x, "/acceso/certificado?volver=" ESCAPED, ""), 200);
    assert_true(web_says(&x, "name=\"volver\" value=\"/oidc/autorizar?client_id=x&amp;redirect_uri"));
    assert_true(web_says(&x, "/acceso?volver=" ESCAPED));
    web_forget(&x);
    static const char *const wrong[] = {"//otra.example", "/%5Cotra.example", "https://otra.example/", "/%0D%0Ax",
                                        "/%09/x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char target[128];
        (void)snprintf(target, sizeof target, "/acceso?volver=%s", wrong[i]);
        assert_int_equal(web_get(w, &x, target, ""), 200);
        assert_false(web_says(&x, "name=\"volver\""));
        web_forget(&x);
    }
    web_world_close(w);
}

/* ---- Through the steps ---- */

struct browser {
    struct web_world *world;
    char session[128], visitor[128], token[64], location[1024];
};

static void keep(char *to, size_t size, const char *text)
{
    if (text[0] != '\0') (void)snprintf(to, size, "%s", text);
}

static void note(struct browser *b, struct exchange_of_test *x)
{
    keep(b->session, sizeof b->session, web_cookie(x, SESSION));
    keep(b->visitor, sizeof b->visitor, web_cookie(x, VISITOR));
    keep(b->location, sizeof b->location, web_answer_header(x, "location", 0));
}

static void look(struct browser *b, const char *target)
{
    struct exchange_of_test x;
    char cookies[300];
    (void)snprintf(cookies, sizeof cookies, "%s; %s", b->visitor, b->session);
    assert_int_equal(web_get(b->world, &x, target, cookies), 200);
    assert_true(web_says(&x, "name=\"volver\" value=\"/oidc/autorizar?client_id=x&amp;redirect_uri"));
    note(b, &x);
    keep(b->token, sizeof b->token, web_token(&x));
    web_forget(&x);
}

static void send_form(struct browser *b, const char *target, const char *fields)
{
    struct exchange_of_test x;
    char cookies[300], body[2048];
    (void)snprintf(cookies, sizeof cookies, "%s; %s", b->visitor, b->session);
    (void)snprintf(body, sizeof body, "csrf=%s&volver=%s&%s", b->token, ESCAPED, fields);
    web_request(&x, HTTP_POST, target);
    web_header(&x, "Accept", "text/html");
    web_header(&x, "Cookie", cookies);
    web_form(&x, body);
    if (web_send(b->world, &x) != 303) fail_msg("%s: %d", target, x.response.status);
    note(b, &x);
    web_forget(&x);
}

/** Password, a code by mail, and a password that has to be changed. */
static void test_every_step_keeps_it(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = domain_store_of(state);
    struct browser b = {.world = w};
    char sql[128], message[4096], fields[128];
    int64_t account = account_world_account(store, "70000001");
    (void)snprintf(sql, sizeof sql, "UPDATE account SET must_change = true, factors = %d WHERE id = %lld", METHOD_MAIL,
                   (long long)account);
    (void)domain_store_run(store, sql);
    look(&b, "/acceso?volver=" ESCAPED);
    send_form(&b, "/acceso", "usuario=U0001&clave=Cantuta-de-oto%C3%B1o-47");
    assert_string_equal(b.location, "/acceso/segundo-factor?volver=" ESCAPED);
    look(&b, b.location);
    send_form(&b, "/acceso/segundo-factor/codigo", "con=correo");
    assert_string_equal(b.location, "/acceso/segundo-factor?con=correo&volver=" ESCAPED);
    look(&b, b.location);
    assert_true(account_world_message(store, "sign-in-code", message));
    size_t at = strcspn(message, "0123456789");
    while (strspn(message + at, "0123456789") < 6) {
        at += strspn(message + at, "0123456789");
        at += strcspn(message + at, "0123456789");
    }
    (void)snprintf(fields, sizeof fields, "con=correo&codigo=%.6s", message + at);
    send_form(&b, "/acceso/segundo-factor", fields);
    assert_string_equal(b.location, "/acceso/cambiar-clave?volver=" ESCAPED);
    look(&b, b.location);
    send_form(&b, "/acceso/cambiar-clave", "password=otra+clave+inventada&repeat=otra+clave+inventada");
    assert_string_equal(b.location, WANTED);
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_own_paths),
        cmocka_unit_test_setup_teardown(test_the_form_keeps_it, domain_store_sqlite, domain_store_close),
        ON_BOTH_STORES(test_every_step_keeps_it),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
