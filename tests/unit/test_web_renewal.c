/* SPDX-License-Identifier: EUPL-1.2
 *
 * A certificate that is renewed on line: the form begins with what was asked for before, for its holder, signed in or
 * by the link of the reminder, and for nobody else.
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
    char cookie[128];
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

static struct visitor sign_in(struct web_world *w, int64_t person)
{
    struct visitor v = {.person = person};
    char name[16], token[ACCOUNT_TOKEN_SIZE];
    assert_int_equal(account_world_write(w->database->store, make_account, &v), RFD_OK);
    (void)snprintf(name, sizeof name, "%08d", (int)person);
    (void)account_world_signed_in(w->database->store, name, token);
    (void)snprintf(v.cookie, sizeof v.cookie, SESSION "=%s", token);
    return v;
}

static void near_its_end(struct store *store)
{
    (void)domain_store_run(store, "UPDATE certificate SET not_after = issued_at + 864000000000");
}

static int open_form(struct web_world *w, struct exchange_of_test *x, int64_t certificate, const char *link,
                     const char *cookie)
{
    char path[160];
    (void)snprintf(path, sizeof path, "/firma/solicitud?renueva=%lld%s%s", (long long)certificate,
                   link[0] == '\0' ? "" : "&enlace=", link);
    return web_get(w, x, path, cookie);
}

static void test_signed_in(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    struct visitor ana = sign_in(w, ANA), berta = sign_in(w, BERTA), agent = sign_in(w, AGENT);
    struct exchange_of_test x;
    assert_int_equal(open_form(w, &x, own, "", ana.cookie), 409); /* too early */
    web_forget(&x);
    near_its_end(store);
    assert_int_equal(open_form(w, &x, own, "", ana.cookie), 200);
    assert_true(web_says(&x, "value=\"Ana\""));
    assert_true(web_says(&x, "name=\"renueva\" value=\"1\""));
    web_forget(&x);
    const char *const others[] = {berta.cookie, agent.cookie};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(open_form(w, &x, own, "", others[i]), 404);
        web_forget(&x);
    }
    web_world_close(w);
}

static rfd_status make_link(struct transaction *t, void *context, struct rfd_error *error)
{
    return request_link(t, LINK_RENEW, 1, clock_now() + 3600 * RFD_SECOND, context, error);
}

/** The form of the page that was opened, sent with this number. */
static void send_form(struct web_world *w, struct exchange_of_test *opened, const char *link, const char *number,
                      int status, bool another)
{
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, "/firma/solicitud");
    web_header(&x, "Accept", "text/html");
    web_header(&x, "Cookie", web_cookie(opened, "__Host-refrenda-visitor"));
    web_form(&x, arena_print(&x.arena, "csrf=%s&renueva=1&enlace=%s&document=dni&number=%s&token=t", web_token(opened),
                             link, number));
    assert_int_equal(web_send(w, &x), status);
    if (status == 422) assert_int_equal(web_says(&x, "id=\"f-number-error\""), another);
    web_forget(&x);
}

static void test_by_link(void **state)
{
    struct web_world *w = web_world_open(state, false);
    struct store *store = w->database->store;
    char token[REQUEST_TOKEN_SIZE], wrong[REQUEST_TOKEN_SIZE];
    struct exchange_of_test x, other;
    int64_t own = holding_issue(store, ANA, AGENT, UNIT_OTI);
    int64_t second = holding_issue(store, HEAD_GAF, AGENT, UNIT_GAF);
    near_its_end(store);
    assert_int_equal(account_world_write(store, make_link, token), RFD_OK);
    memcpy(wrong, token, sizeof wrong);
    wrong[3] = wrong[3] == 'A' ? 'B' : 'A';
    assert_int_equal(open_form(w, &x, own, token, ""), 200);
    assert_true(web_says(&x, "value=\"Ana\""));
    assert_true(web_says(&x, "name=\"enlace\""));
    char number[16];
    (void)snprintf(number, sizeof number, "%08d", (int)ANA);
    send_form(w, &x, token, number, 422, false); /* the rest is missing, the number is right */
    send_form(w, &x, token, "10117410", 422, true);
    send_form(w, &x, wrong, number, 404, false);
    send_form(w, &x, "", number, 401, false);
    web_forget(&x);
    assert_int_equal(open_form(w, &other, own, wrong, ""), 404);
    web_forget(&other);
    assert_int_equal(open_form(w, &other, second, token, ""), 404); /* the link is of the other one */
    web_forget(&other);
    web_world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {IN_BOTH_HOLDINGS(test_signed_in), IN_BOTH_HOLDINGS(test_by_link)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
