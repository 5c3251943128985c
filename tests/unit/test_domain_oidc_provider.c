/* SPDX-License-Identifier: EUPL-1.2
 *
 * Another OpenID provider: its tokens and what is wrong with them, its metadata, and the way there and back, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/url.h"
#include "base_support.h"
#include "domain/account/token.h"
#include "domain/oidc/jws.h"
#include "domain/oidc/provider.h"
#include "domain_store.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#define ISSUER "https://acceso.example/reino"

/* ---- Keys and tokens of a provider ---- */

static json_t *number(const EVP_PKEY *key, const char *name, int size)
{
    BIGNUM *n = NULL;
    uint8_t bytes[1024];
    struct buf b;
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
    int length = size > 0 ? size : BN_num_bytes(n);
    assert_int_equal(BN_bn2binpad(n, bytes, length), length);
    buf_init(&b, 4096);
    url_put_base64(&b, slice_of(bytes, (size_t)length));
    json_t *text = json_stringn((const char *)b.data, b.length);
    buf_dispose(&b);
    BN_free(n);
    return text;
}

static json_t *jwk_of(const EVP_PKEY *key, const char *kid)
{
    json_t *jwk;
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        jwk = json_pack("{s:s, s:s, s:o, s:o}", "kty", "RSA", "kid", kid, "n", number(key, OSSL_PKEY_PARAM_RSA_N, 0),
                        "e", number(key, OSSL_PKEY_PARAM_RSA_E, 0));
    } else {
        int size = (EVP_PKEY_get_bits(key) + 7) / 8;
        jwk = json_pack("{s:s, s:s, s:s, s:o, s:o}", "kty", "EC", "kid", kid, "crv", size > 32 ? "P-384" : "P-256", "x",
                        number(key, OSSL_PKEY_PARAM_EC_PUB_X, size), "y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, size));
    }
    assert_non_null(jwk);
    return jwk;
}

static size_t sign(EVP_PKEY *key, const EVP_MD *digest, slice text, uint8_t *out, size_t room)
{
    size_t length = room;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, digest, NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, out, &length, text.data, text.length), 1);
    EVP_MD_CTX_free(context);
    if (EVP_PKEY_is_a(key, "RSA") == 1) return length;
    const unsigned char *at = out;
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &at, (long)length);
    int size = (EVP_PKEY_get_bits(key) + 7) / 8;
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(s), out, size), size);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(s), out + size, size), size);
    ECDSA_SIG_free(s);
    return 2 * (size_t)size;
}

static void token_of(EVP_PKEY *key, const EVP_MD *digest, const char *header, const char *claims, char out[8192])
{
    uint8_t signature[2048];
    struct buf b;
    buf_init(&b, 8192);
    url_put_base64(&b, slice_text(header));
    buf_put_byte(&b, '.');
    url_put_base64(&b, slice_text(claims));
    size_t length = sign(key, digest, buf_slice(&b), signature, sizeof signature);
    buf_put_byte(&b, '.');
    url_put_base64(&b, slice_of(signature, length));
    buf_put_byte(&b, '\0');
    assert_int_equal(buf_status(&b), RFD_OK);
    memcpy(out, b.data, b.length);
    buf_dispose(&b);
}

static rfd_status verify(const char *token, const json_t *keys)
{
    json_t *claims = NULL;
    rfd_status status = jws_verify(slice_text(token), keys, &claims, NULL);
    json_decref(claims);
    return status;
}

static void test_tokens_of_every_algorithm(void **state)
{
    const struct {
        const char *header;
        EVP_PKEY *key;
        const EVP_MD *digest;
    } cases[] = {{"{\"alg\":\"RS256\",\"kid\":\"a\"}", EVP_RSA_gen(2048), EVP_sha256()},
                 {"{\"alg\":\"ES256\",\"kid\":\"b\"}", EVP_EC_gen("P-256"), EVP_sha256()},
                 {"{\"alg\":\"ES384\"}", EVP_EC_gen("P-384"), EVP_sha384()}};
    char token[8192];
    (void)state;
    json_t *all = json_array();
    json_array_append_new(all, jwk_of(cases[0].key, "a"));
    json_array_append_new(all, jwk_of(cases[1].key, "b"));
    json_array_append_new(all, jwk_of(cases[2].key, "c"));
    json_t *keys = json_pack("{s:o}", "keys", all);
    for (size_t i = 0; i < 3; i++) {
        token_of(cases[i].key, cases[i].digest, cases[i].header, "{\"a\":1}", token);
        assert_int_equal(verify(token, keys), RFD_OK);
        char *claims = strchr(token, '.') + 1;
        claims[1] = claims[1] == 'x' ? 'y' : 'x';
        assert_int_equal(verify(token, keys), RFD_E_INVALID);
    }
    for (size_t i = 0; i < 3; i++) EVP_PKEY_free(cases[i].key);
    json_decref(keys);
}

static void test_forged_tokens(void **state)
{
    static const struct {
        const char *header;
        rfd_status status;
    } cases[] = {
        {"{\"alg\":\"ES256\",\"kid\":\"b\"}", RFD_OK},
        {"{\"alg\":\"none\"}", RFD_E_INVALID},
        {"{\"alg\":\"HS256\"}", RFD_E_INVALID},
        {"{\"alg\":\"RS256\"}", RFD_E_NOT_FOUND}, /* the key says what it is for */
        {"{\"alg\":\"ES384\"}", RFD_E_NOT_FOUND},
        {"{\"alg\":\"ES256\",\"kid\":\"x\"}", RFD_E_NOT_FOUND},
        {"{\"alg\":\"ES256\",\"crit\":[\"exp\"]}", RFD_E_INVALID},
        {"{\"alg\":\"ES256\",\"alg\":\"ES256\"}", RFD_E_INVALID},
        {"[]", RFD_E_INVALID},
        {"{}", RFD_E_INVALID},
    };
    static const char *const garbage[] = {
        "", ".", "..", "a.b.c", "e30.e30.", "e30..e30", "e30.e30.e30.e30", "e30.e30.\xff", "e30 .e30.e30"};
    char token[8192];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    json_t *keys = json_pack("{s:[o]}", "keys", jwk_of(key, "b"));
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        token_of(key, EVP_sha256(), cases[i].header, "{\"a\":1}", token);
        if (verify(token, keys) != cases[i].status) fail_msg("%s", cases[i].header);
    }
    token_of(key, EVP_sha256(), "{\"alg\":\"ES256\"}", "[1]", token);
    assert_int_equal(verify(token, keys), RFD_E_INVALID);
    for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
        assert_int_equal(verify(garbage[i], keys), RFD_E_INVALID);
    /* Keys that are none, or too weak. */
    static const char *const weak[] = {
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        "{\"keys\":[1]}",
        "{\"keys\":{}}",
        "{}",
        "[]",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}"};
    token_of(key, EVP_sha256(), "{\"alg\":\"ES256\"}", "{}", token);
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++) {
        json_t *others = json_loads(weak[i], 0, NULL);
        assert_non_null(others);
        assert_int_equal(verify(token, others), RFD_E_NOT_FOUND);
        json_decref(others);
    }
    EVP_PKEY *small = EVP_RSA_gen(1024);
    json_t *others = json_pack("{s:[o]}", "keys", jwk_of(small, "s"));
    token_of(small, EVP_sha256(), "{\"alg\":\"RS256\"}", "{}", token);
    assert_int_equal(verify(token, others), RFD_E_NOT_FOUND);
    json_decref(others);
    EVP_PKEY_free(small);
    EVP_PKEY_free(key);
    json_decref(keys);
}

/** Found by fuzz_jws: memchr() got a null pointer behind the last part. */
static void test_token_that_ends_early(void **state)
{
    json_t *keys = json_pack("{s:[]}", "keys");
    (void)state;
    assert_int_equal(verify("e30", keys), RFD_E_INVALID);
    assert_int_equal(verify("e30.e30", keys), RFD_E_INVALID);
    json_decref(keys);
}

/* ---- Claims ---- */

static void test_claims(void **state)
{
    static const struct {
        const char *change; /* JSON that replaces members */
        bool right;
    } cases[] = {
        {"{}", true},
        {"{\"aud\":[\"nosotros\"]}", true},
        {"{\"aud\":[\"otro\",\"nosotros\"],\"azp\":\"nosotros\"}", true},
        {"{\"azp\":\"nosotros\"}", true},
        {"{\"exp\":950}", true}, /* clocks differ */
        {"{\"aud\":[\"otro\",\"nosotros\"]}", false},
        {"{\"aud\":[\"otro\",\"nosotros\"],\"azp\":\"otro\"}", false},
        {"{\"azp\":\"otro\"}", false},
        {"{\"aud\":\"otro\"}", false},
        {"{\"aud\":[]}", false},
        {"{\"aud\":7}", false},
        {"{\"iss\":\"https://acceso.example\"}", false},
        {"{\"iss\":7}", false},
        {"{\"exp\":940}", false},
        {"{\"exp\":\"2000\"}", false},
        {"{\"iat\":1061}", false},
        {"{\"iat\":399}", false},
        {"{\"nonce\":\"n-2\"}", false},
        {"{\"nonce\":\"n-11\"}", false},
        {"{\"nonce\":null}", false},
        {"{\"code\":\"\"}", false},
        {"{\"code\":[\"U0001\"]}", false},
        {"{\"code\":\"U0001\\u0000x\"}", false},
        {"{\"code\":\"U0001\\n\"}", false},
    };
    const struct provider_expectation wanted = {
        .issuer = ISSUER, .client_id = "nosotros", .claim = "code", .nonce = SLICE("n-1"), .now = 1000 * RFD_SECOND};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *claims = json_pack("{s:s, s:s, s:i, s:i, s:s, s:s}", "iss", ISSUER, "aud", "nosotros", "exp", 1300,
                                   "iat", 1000, "nonce", "n-1", "code", "U0001");
        json_t *change = json_loads(cases[i].change, JSON_ALLOW_NUL, NULL);
        assert_non_null(change);
        assert_int_equal(json_object_update(claims, change), 0);
        slice holder = SLICE_EMPTY;
        rfd_status status = provider_check_claims(claims, &wanted, &holder, NULL);
        if (status != (cases[i].right ? RFD_OK : RFD_E_INVALID)) fail_msg("%s", cases[i].change);
        assert_true(!cases[i].right || slice_is(holder, "U0001"));
        json_decref(change);
        json_decref(claims);
    }
}

static void test_metadata(void **state)
{
    static const struct {
        const char *name, *value;
    } wrong[] = {{"issuer", "https://otra.example"},
                 {"issuer", ISSUER "/"},
                 {"authorization_endpoint", "http://acceso.example/a"},
                 {"authorization_endpoint", "javascript:alert(1)"},
                 {"authorization_endpoint", "https://acceso.example/a\r\nx: y"},
                 {"authorization_endpoint", "https://acceso.example/a#b"},
                 {"token_endpoint", "file:///etc/passwd"},
                 {"token_endpoint", "http://169.254.169.254/"},
                 {"jwks_uri", ""}};
    (void)state;
    for (size_t i = 0; i <= sizeof wrong / sizeof *wrong; i++) {
        json_t *m = json_pack("{s:s, s:s, s:s, s:s}", "issuer", ISSUER, "authorization_endpoint", ISSUER "/a",
                              "token_endpoint", ISSUER "/t", "jwks_uri", "https://claves.example/k");
        if (i > 0) (void)json_object_set_new(m, wrong[i - 1].name, json_string(wrong[i - 1].value));
        if ((provider_check_metadata(m, ISSUER, NULL) == RFD_OK) != (i == 0)) fail_msg("%zu", i);
        json_decref(m);
    }
}

/* ---- There and back ---- */

static const struct provider us = {
    .issuer = ISSUER, .client_id = "nosotros", .scope = "openid profile", .redirect = "https://firma.example/vuelta"};
#define METADATA                                                                                                       \
    "{\"issuer\":\"" ISSUER "\",\"authorization_endpoint\":\"" ISSUER                                                  \
    "/a?x=1\",\"authorization_response_iss_parameter_supported\":true}"

struct trip {
    int64_t session;
    struct provider_answer answer;
    enum provider_stage stage;
    slice back, address, state;
    bool by_number, found;
    int64_t account;
    struct arena arena;
    struct provider_task task;
    slice holder;
    char text[4096], state_text[64];
};

static rfd_status keep(struct transaction *t, void *context, struct rfd_error *error)
{
    (void)context;
    return provider_keep(t, ISSUER, SLICE(METADATA), SLICE("{\"keys\":[]}"), error);
}

static rfd_status begin(struct transaction *t, void *context, struct rfd_error *error)
{
    struct trip *w = context;
    TRY(provider_begin(t, &us, w->session, SLICE("/cuenta"), &w->address, error));
    (void)snprintf(w->text, sizeof w->text, "%.*s", (int)w->address.length, (const char *)w->address.data);
    return RFD_OK;
}

static rfd_status come_back(struct transaction *t, void *context, struct rfd_error *error)
{
    struct trip *w = context;
    return provider_return(t, &us, w->session, &w->answer, &w->stage, &w->back, error);
}

static rfd_status take(struct transaction *t, void *context, struct rfd_error *error)
{
    struct trip *w = context;
    return provider_take(t, &w->arena, &w->task, &w->found, error);
}

static rfd_status settle(struct transaction *t, void *context, struct rfd_error *error)
{
    struct trip *w = context;
    return provider_settle(t, w->task.hash, w->holder, error);
}

static rfd_status result(struct transaction *t, void *context, struct rfd_error *error)
{
    struct trip *w = context;
    return provider_result(t, w->session, w->answer.state, w->by_number, &w->stage, &w->account, &w->back, error);
}

static void go_there(struct store *store, struct trip *w)
{
    assert_int_equal(account_world_write(store, begin, w), RFD_OK);
    const char *at = strstr(w->text, "&state=");
    assert_non_null(at);
    (void)snprintf(w->state_text, sizeof w->state_text, "%.43s", at + strlen("&state="));
    w->answer =
        (struct provider_answer){.state = slice_text(w->state_text), .code = SLICE("c-1"), .issuer = SLICE(ISSUER)};
}

static enum provider_stage stage_after(struct store *store, store_work *work, struct trip *w)
{
    assert_int_equal(account_world_write(store, work, w), RFD_OK);
    return w->stage;
}

static void test_there_and_back(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t account = account_world_account(store, "70000001");
    struct trip w = {.session = 7};
    arena_init(&w.arena, 1 << 16);
    assert_int_equal(account_world_write(store, begin, &w), RFD_E_PEER_GONE); /* nobody has asked it yet */
    assert_int_equal(account_world_write(store, keep, &w), RFD_OK);
    assert_int_equal(account_world_write(store, keep, &w), RFD_OK); /* again, an hour later */
    go_there(store, &w);
    assert_non_null(strstr(
        w.text, ISSUER
        "/a?x=1&response_type=code&client_id=nosotros&redirect_uri=https%3A%2F%2Ffirma.example%2Fvuelta&scope=openid%20profile&state="));
    assert_non_null(strstr(w.text, "&code_challenge_method=S256"));
    assert_int_equal(stage_after(store, result, &w), PROVIDER_UNKNOWN); /* not even back */
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_WAITING);
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_UNKNOWN); /* once */
    assert_int_equal(stage_after(store, result, &w), PROVIDER_WAITING);
    assert_int_equal(account_world_write(store, take, &w), RFD_OK);
    assert_true(w.found);
    assert_true(slice_is(w.task.code, "c-1"));
    assert_int_equal(w.task.verifier.length, 43);
    struct trip other = {.session = 7};
    arena_init(&other.arena, 1 << 16);
    assert_int_equal(account_world_write(store, take, &other), RFD_OK);
    assert_false(other.found); /* of one worker only */
    assert_int_equal(stage_after(store, result, &w), PROVIDER_WAITING);
    w.holder = SLICE("u0001");
    assert_int_equal(account_world_write(store, settle, &w), RFD_OK);
    w.session = 8;
    assert_int_equal(stage_after(store, result, &w), PROVIDER_UNKNOWN); /* another's session */
    w.session = 7;
    assert_int_equal(stage_after(store, result, &w), PROVIDER_DONE);
    assert_int_equal(w.account, account);
    assert_int_equal(stage_after(store, result, &w), PROVIDER_UNKNOWN); /* said once */
    arena_dispose(&other.arena);
    arena_dispose(&w.arena);
}

static enum provider_stage after_holder(struct store *store, struct trip *w, const char *holder, bool by_number)
{
    go_there(store, w);
    assert_int_equal(stage_after(store, come_back, w), PROVIDER_WAITING);
    assert_int_equal(account_world_write(store, take, w), RFD_OK);
    w->holder = slice_text(holder);
    w->by_number = by_number;
    assert_int_equal(account_world_write(store, settle, w), RFD_OK);
    return stage_after(store, result, w);
}

static void test_whom_it_names(void **state)
{
    struct store *store = domain_store_of(state);
    int64_t account = account_world_account(store, "70000001");
    struct trip w = {.session = 7};
    arena_init(&w.arena, 1 << 16);
    assert_int_equal(account_world_write(store, keep, &w), RFD_OK);
    assert_int_equal(after_holder(store, &w, "70000001", true), PROVIDER_DONE);
    assert_int_equal(w.account, account);
    assert_int_equal(after_holder(store, &w, "70000001", false), PROVIDER_DONE); /* no code is like that */
    assert_int_equal(w.account, 0);
    assert_int_equal(after_holder(store, &w, "U0001", true), PROVIDER_DONE);
    assert_int_equal(w.account, 0);
    assert_int_equal(after_holder(store, &w, "' OR 1=1 --", false), PROVIDER_DONE);
    assert_int_equal(w.account, 0);
    assert_int_equal(after_holder(store, &w, "", false), PROVIDER_REFUSED);
    (void)domain_store_run(store, "UPDATE account SET state = 'closed'");
    assert_int_equal(after_holder(store, &w, "U0001", false), PROVIDER_DONE);
    assert_int_equal(w.account, 0);
    arena_dispose(&w.arena);
}

static void test_wrong_answers(void **state)
{
    struct store *store = domain_store_of(state);
    struct trip w = {.session = 7};
    assert_int_equal(account_world_write(store, keep, &w), RFD_OK);
    go_there(store, &w);
    w.answer.issuer = SLICE("https://otra.example");
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_REFUSED);
    go_there(store, &w);
    w.answer.issuer = SLICE_EMPTY; /* it has promised to say it */
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_REFUSED);
    go_there(store, &w);
    w.answer.error = SLICE("access_denied");
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_REFUSED);
    go_there(store, &w);
    w.answer.code = SLICE_EMPTY;
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_REFUSED);
    go_there(store, &w);
    w.answer.code = SLICE("a\nb");
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_REFUSED);
    go_there(store, &w);
    w.session = 9;
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_UNKNOWN);
    w.session = 7;
    rfd_time now = clock_now();
    clock_fix(now + (PROVIDER_MINUTES + 1) * 60 * RFD_SECOND);
    assert_int_equal(stage_after(store, come_back, &w), PROVIDER_UNKNOWN);
    clock_fix(RFD_TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens_of_every_algorithm),
        cmocka_unit_test(test_forged_tokens),
        cmocka_unit_test(test_token_that_ends_early),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_metadata),
        ON_BOTH_STORES(test_there_and_back),
        ON_BOTH_STORES(test_whom_it_names),
        ON_BOTH_STORES(test_wrong_answers),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
