/* SPDX-License-Identifier: EUPL-1.2
 *
 * Single sign-on, with the invented administration as its people: who is sent where, codes and tokens once each, what
 * programs are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/url.h"
#include "base_support.h"
#include "domain/account/token.h"
#include "domain/demo/demo.h"
#include "domain/oidc/oidc.h"
#include "domain_store.h"
#include "pki_fixture.h"

#include <stdio.h>

#define REDIRECT "https://programa.example/vuelta"
#define VERIFIER "abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFG"
#define WORK_OK(store, work, context)                                                                                  \
    do {                                                                                                               \
        struct rfd_error error = RFD_ERROR_INIT;                                                                       \
        if (store_write((store), (work), (context), &error) != RFD_OK) fail_msg("%s: %s", #work, error.detail);        \
    } while (0)

static struct packs *packs;
static const struct account_settings account = {
    .argon_kib = 64, .argon_passes = 1, .argon_lanes = 1, .url = "https://x.example"};

static int set_up(void **state)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/packs", source_root());
    assert_int_equal(packs_open(path, &packs, NULL), RFD_OK);
    return folder_setup(state);
}

static int tear_down(void **state)
{
    packs_close(packs);
    return folder_teardown(state);
}

/* ---- The world: the demonstration, and two programs ---- */

struct client_work {
    struct actor actor;
    struct oidc_client client;
    struct faults faults;
    bool renew;
    int64_t id;
    char secret[ACCOUNT_TOKEN_SIZE];
};

static rfd_status put_client(struct transaction *t, void *context, struct rfd_error *error)
{
    struct client_work *w = context;
    w->faults.count = 0;
    return oidc_client_put(t, &w->actor, &w->client, w->renew, &w->faults, &w->id, w->secret, error);
}

static struct client_work client_of(const char *name, bool confidential)
{
    return (struct client_work){.actor = actor_system("admin"),
                                .client = {.client_id = slice_text(name),
                                           .name = SLICE("Programa"),
                                           .redirects = SLICE(REDIRECT "\r\nhttp://localhost:9/x"),
                                           .confidential = confidential,
                                           .roles = true,
                                           .enabled = true}};
}

static struct store *world(void **state)
{
    struct store *store = domain_store_of(state);
    struct rfd_error error = RFD_ERROR_INIT;
    const struct access_settings access = {
        .reminder_days = 2, .escalation_days = 4, .denial_days = 10, .country = "pe"};
    const struct demo_options options = {
        .store = store, .packs = packs, .account = &account, .access = &access, .accounts = "accounts.csv"};
    if (demo_fill(&options, &error) != RFD_OK) fail_msg("%s", error.detail);
    return store;
}

static int64_t account_of(struct store *store, const char *number)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT a.id FROM account a JOIN person p ON p.id = a.person WHERE p.number = '%s'",
                   number);
    return domain_store_number(store, sql);
}

/* ---- One sign-in ---- */

struct flow {
    struct oidc_request request;
    struct oidc_client client;
    struct session session;
    struct actor actor;
    const char *refused;
    char code[ACCOUNT_TOKEN_SIZE];
    struct oidc_exchange exchange;
    struct oidc_grant grant;
    char challenge[64], client_id[40];
    slice token;
    int64_t account;
    struct buf claims;
};

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct flow *f = context;
    TRY(oidc_check(t, &f->request, &f->client, &f->refused, error));
    if (f->refused != NULL) return RFD_OK;
    return oidc_authorize(t, &f->request, &f->client, &f->session, &f->actor, f->code, error);
}

static rfd_status exchange(struct transaction *t, void *context, struct rfd_error *error)
{
    struct flow *f = context;
    TRY(oidc_exchange(t, &f->exchange, &f->grant, &f->refused, error));
    buf_reset(&f->claims);
    if (f->refused != NULL) return RFD_OK;
    return oidc_identity(t, &f->grant, "https://firma.example", clock_now(), &f->claims, error);
}

static rfd_status find_token(struct transaction *t, void *context, struct rfd_error *error)
{
    struct flow *f = context;
    slice scope = SLICE_EMPTY;
    TRY(oidc_token_find(t, f->token, &f->account, &scope, error));
    buf_reset(&f->claims);
    return f->account == 0 ? RFD_OK : oidc_claims(t, f->account, scope, &f->claims, error);
}

static void make_challenge(char text[64])
{
    uint8_t hash[TOKEN_HASH_SIZE];
    struct buf b;
    buf_init(&b, 64);
    assert_int_equal(token_hash(SLICE(VERIFIER), hash, NULL), RFD_OK);
    url_put_base64(&b, slice_of(hash, sizeof hash));
    (void)snprintf(text, 64, "%.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
}

static void flow_new(struct flow *f, struct store *store, const char *client, const char *secret)
{
    *f = (struct flow){.refused = NULL};
    make_challenge(f->challenge);
    (void)snprintf(f->client_id, sizeof f->client_id, "%s", client);
    f->request = (struct oidc_request){.client_id = slice_text(f->client_id),
                                       .redirect = SLICE(REDIRECT),
                                       .response_type = SLICE("code"),
                                       .scope = SLICE("openid profile email roles"),
                                       .nonce = SLICE("n-1"),
                                       .challenge = slice_text(f->challenge),
                                       .challenge_method = SLICE("S256")};
    f->actor = (struct actor){.account = account_of(store, "00000109"), .code = SLICE("U0003")};
    f->session = (struct session){
        .id = 1, .methods = METHOD_PASSWORD | METHOD_TOTP, .created = clock_now(), .signed_in = clock_now()};
    f->exchange = (struct oidc_exchange){.client_id = slice_text(f->client_id),
                                         .secret = slice_text(secret),
                                         .redirect = SLICE(REDIRECT),
                                         .verifier = SLICE(VERIFIER)};
    buf_init(&f->claims, 1 << 16);
}

static void authorize(struct store *store, struct flow *f)
{
    WORK_OK(store, begin, f);
    assert_null(f->refused);
    f->exchange.code = slice_text(f->code);
}

static const char *claims_text(struct flow *f)
{
    buf_put_byte(&f->claims, '\0');
    assert_int_equal(buf_status(&f->claims), RFD_OK);
    return (const char *)f->claims.data;
}

static void test_whole_sign_in(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", true);
    struct flow f;
    WORK_OK(store, put_client, &c);
    assert_int_equal(strlen(c.secret), 43);
    flow_new(&f, store, "programa", c.secret);
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    assert_null(f.refused);
    const char *claims = claims_text(&f);
    assert_non_null(strstr(claims, "\"iss\":\"https://firma.example\""));
    assert_non_null(strstr(claims, "\"aud\":\"programa\""));
    assert_non_null(strstr(claims, "\"nonce\":\"n-1\""));
    assert_non_null(strstr(claims, "\"amr\":[\"pwd\",\"otp\",\"mfa\"]"));
    assert_non_null(strstr(claims, "\"name\":\"In\xc3\xa9s Novelada Castro\""));
    assert_non_null(strstr(claims, "\"role\":\"access_approver\""));
    assert_non_null(strstr(claims, "\"roles\":[\""));
    assert_null(strstr(claims, "00000109")); /* identity numbers are nobody's business */
    f.token = slice_text(f.grant.token);
    WORK_OK(store, find_token, &f);
    assert_int_equal(f.account, f.actor.account);
    buf_dispose(&f.claims);
}

static void test_scopes_limit_what_is_told(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    assert_string_equal(c.secret, "");
    flow_new(&f, store, "programa", "");
    f.request.scope = SLICE("openid");
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    const char *claims = claims_text(&f);
    assert_non_null(strstr(claims, "\"sub\":"));
    assert_null(strstr(claims, "name"));
    assert_null(strstr(claims, "email"));
    assert_null(strstr(claims, "roles"));
    buf_dispose(&f.claims);
}

/** A code that is used twice: whoever had it second, what was given is taken back (RFC 6749 §4.1.2). */
static void test_code_twice_takes_back(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    f.token = slice_text(f.grant.token);
    WORK_OK(store, find_token, &f);
    assert_int_not_equal(f.account, 0);
    WORK_OK(store, exchange, &f);
    assert_string_equal(f.refused, "invalid_grant");
    WORK_OK(store, find_token, &f);
    assert_int_equal(f.account, 0);
    buf_dispose(&f.claims);
}

static void refused(struct store *store, struct flow *f, const char *code)
{
    f->refused = NULL;
    WORK_OK(store, exchange, f);
    assert_non_null(f->refused);
    assert_string_equal(f->refused, code);
}

static void test_wrong_exchanges(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", true);
    struct client_work other = client_of("otro", true);
    struct flow f;
    WORK_OK(store, put_client, &c);
    WORK_OK(store, put_client, &other);
    flow_new(&f, store, "programa", c.secret);
    authorize(store, &f);
    f.exchange.secret = SLICE("");
    refused(store, &f, "invalid_client");
    f.exchange.secret = SLICE("x");
    refused(store, &f, "invalid_client");
    f.exchange.client_id = SLICE("nobody");
    refused(store, &f, "invalid_client");
    f.exchange.client_id = SLICE("otro"); /* a code of somebody else's */
    f.exchange.secret = slice_text(other.secret);
    refused(store, &f, "invalid_grant");
    f.exchange.client_id = SLICE("programa");
    f.exchange.secret = slice_text(c.secret);
    f.exchange.verifier = SLICE("abcdefghijklmnopqrstuvwxyz0123456789-._~ABCDEFX");
    refused(store, &f, "invalid_grant");
    f.exchange.verifier = SLICE(VERIFIER); /* a wrong verifier has used the code up */
    refused(store, &f, "invalid_grant");
    authorize(store, &f);
    f.exchange.redirect = SLICE("http://localhost:9/x");
    refused(store, &f, "invalid_grant");
    buf_dispose(&f.claims);
}

static void test_codes_and_tokens_end(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    rfd_time now = clock_now();
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    clock_fix(now);
    authorize(store, &f);
    clock_fix(now + (OIDC_CODE_SECONDS + 1) * RFD_SECOND);
    refused(store, &f, "invalid_grant");
    authorize(store, &f);
    f.refused = NULL;
    WORK_OK(store, exchange, &f);
    assert_null(f.refused);
    f.token = slice_text(f.grant.token);
    clock_fix(now + (OIDC_TOKEN_SECONDS + OIDC_CODE_SECONDS + 2) * RFD_SECOND);
    WORK_OK(store, find_token, &f);
    assert_int_equal(f.account, 0);
    assert_int_equal(oidc_sweep(store, clock_now(), NULL), RFD_OK);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM oidc_token"), 0);
    assert_int_equal(domain_store_number(store, "SELECT count(*) FROM oidc_code"), 0);
    clock_fix(RFD_TIME_NONE);
    buf_dispose(&f.claims);
}

static rfd_status set_password(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct actor administrator = actor_system("admin");
    return account_set_password(t, &administrator, &account, *(int64_t *)context, SLICE("vicuñas 12 al alba"), false,
                                NULL, error);
}

/** Who changes a password because somebody else has it wants that one's tokens gone, too. */
static void test_a_new_password_ends_tokens(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    f.token = slice_text(f.grant.token);
    WORK_OK(store, find_token, &f);
    assert_int_not_equal(f.account, 0);
    WORK_OK(store, set_password, &f.account);
    WORK_OK(store, find_token, &f);
    assert_int_equal(f.account, 0);
    buf_dispose(&f.claims);
}

static void test_closed_accounts(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    f.token = slice_text(f.grant.token);
    (void)domain_store_run(store, "UPDATE account SET state = 'closed'");
    WORK_OK(store, find_token, &f);
    assert_int_equal(f.account, 0);
    authorize(store, &f);
    refused(store, &f, "invalid_grant");
    buf_dispose(&f.claims);
}

static void test_nobody_is_sent_elsewhere(void **state)
{
    static const char *const addresses[] = {"https://programa.example/vuelta/",
                                            "https://programa.example/vuelta?x=1",
                                            "https://PROGRAMA.example/vuelta",
                                            "https://evil.example/",
                                            "",
                                            "http://localhost:9/"};
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        f.request.redirect = slice_text(addresses[i]);
        assert_int_equal(store_write(store, begin, &f, NULL), RFD_E_REQUEST);
    }
    f.request.redirect = SLICE(REDIRECT);
    f.request.client_id = SLICE("nobody");
    assert_int_equal(store_write(store, begin, &f, NULL), RFD_E_REQUEST);
    c.client.id = c.id;
    c.client.enabled = false;
    WORK_OK(store, put_client, &c);
    f.request.client_id = SLICE("programa");
    assert_int_equal(store_write(store, begin, &f, NULL), RFD_E_REQUEST);
    buf_dispose(&f.claims);
}

static void test_wrong_requests(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    const struct {
        slice *field, value;
        const char *code;
    } cases[] = {
        {&f.request.response_type, SLICE("token"), "unsupported_response_type"},
        {&f.request.response_type, SLICE("code id_token"), "unsupported_response_type"},
        {&f.request.response_mode, SLICE("fragment"), "invalid_request"},
        {&f.request.scope, SLICE("profile"), "invalid_scope"},
        {&f.request.scope, SLICE("openidx"), "invalid_scope"},
        {&f.request.challenge_method, SLICE("plain"), "invalid_request"},
        {&f.request.challenge, SLICE("short"), "invalid_request"},
        {&f.request.challenge, SLICE(""), "invalid_request"},
        {&f.request.max_age, SLICE("soon"), "invalid_request"},
        {&f.request.prompt, SLICE("none login"), "invalid_request"},
        {&f.request.object, SLICE("e30.e30."), "request_not_supported"},
        {&f.request.object_uri, SLICE("https://x.example/"), "request_uri_not_supported"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        slice right = *cases[i].field;
        *cases[i].field = cases[i].value;
        WORK_OK(store, begin, &f);
        assert_non_null(f.refused);
        assert_string_equal(f.refused, cases[i].code);
        *cases[i].field = right;
    }
    buf_dispose(&f.claims);
}

/** A citizen's code is their identity number: programs know them by "sub". */
static void test_identity_numbers_stay_here(void **state)
{
    struct store *store = world(state);
    struct client_work c = client_of("programa", false);
    struct flow f;
    WORK_OK(store, put_client, &c);
    flow_new(&f, store, "programa", "");
    f.actor.account = account_of(store, "00000201");
    authorize(store, &f);
    WORK_OK(store, exchange, &f);
    const char *claims = claims_text(&f);
    assert_non_null(strstr(claims, "\"name\""));
    assert_null(strstr(claims, "00000201"));
    buf_dispose(&f.claims);
}

/** What counts is when somebody signed in, not when their session began. */
static void test_signing_in_again(void **state)
{
    const struct session session = {.created = 1000 * RFD_SECOND, .signed_in = 2000 * RFD_SECOND};
    static const struct {
        const char *prompt, *max_age;
        rfd_time now;
        bool wanted;
    } cases[] = {{"", "", 9999, false},          {"login", "", 2000, true},    {"select_account", "", 2000, true},
                 {"none", "", 9999, false},      {"consent", "", 2000, false}, {"", "10", 2010, false},
                 {"", "10", 2011, true},         {"", "0", 2001, true},        {"login", "9999", 2000, true},
                 {"", "4294967295", 9999, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct oidc_request request = {.prompt = slice_text(cases[i].prompt),
                                             .max_age = slice_text(cases[i].max_age)};
        if (oidc_wants_sign_in(&request, &session, cases[i].now * RFD_SECOND) != cases[i].wanted) fail_msg("%zu", i);
    }
}

static void test_clients_are_checked(void **state)
{
    static const struct {
        const char *id, *redirects, *field;
    } cases[] = {{"", REDIRECT, "client_id"},
                 {"a b", REDIRECT, "client_id"},
                 {"programa", "", "redirects"},
                 {"programa", "http://programa.example/", "redirects"},
                 {"programa", "https://programa.example/#x", "redirects"},
                 {"programa", "javascript:alert(1)", "redirects"},
                 {"programa", "https://user@programa.example/", "redirects"},
                 {"programa", "http://localhost.evil.example/", "redirects"}};
    struct store *store = world(state);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct client_work c = client_of(cases[i].id, true);
        c.client.redirects = slice_text(cases[i].redirects);
        assert_int_equal(store_write(store, put_client, &c, NULL), RFD_E_INVALID);
        assert_int_equal(c.faults.count, 1);
        assert_string_equal(c.faults.items[0].field, cases[i].field);
    }
    struct client_work c = client_of("programa", true);
    WORK_OK(store, put_client, &c);
    assert_int_equal(store_write(store, put_client, &c, NULL), RFD_E_INVALID); /* twice */
    c.actor = (struct actor){.account = 1, .person = 1};
    assert_int_equal(store_write(store, put_client, &c, NULL), RFD_E_FORBIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_whole_sign_in),
        ON_BOTH_STORES(test_scopes_limit_what_is_told),
        ON_BOTH_STORES(test_code_twice_takes_back),
        ON_BOTH_STORES(test_wrong_exchanges),
        ON_BOTH_STORES(test_codes_and_tokens_end),
        ON_BOTH_STORES(test_closed_accounts),
        ON_BOTH_STORES(test_a_new_password_ends_tokens),
        ON_BOTH_STORES(test_nobody_is_sent_elsewhere),
        ON_BOTH_STORES(test_wrong_requests),
        ON_BOTH_STORES(test_clients_are_checked),
        cmocka_unit_test(test_signing_in_again),
        ON_BOTH_STORES(test_identity_numbers_stay_here),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
