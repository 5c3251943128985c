/* SPDX-License-Identifier: EUPL-1.2
 *
 * Passkeys against an authenticator made of OpenSSL, in both databases: registering, signing in without a name and as a
 * second factor, and everything that must not count.
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
#include "pki/digest.h"

#include <jansson.h>
#include <openssl/evp.h>

#define NOW ((rfd_time)1790000000 * RFD_SECOND)

/* --- An authenticator --------------------------------------------------------------------------------------------- */

enum { PRESENT = 1, VERIFIED = 4, ATTESTED = 64 };

struct device {
    EVP_PKEY *key;
    uint8_t id[16];
    uint32_t counter;
    unsigned flags;
    const char *site, *origin;
    const char *type; /* of the client data; NULL: as it should be */
    slice user;       /* handle that it was given */
    uint8_t handle[64];
};

static void device_new(struct device *d)
{
    *d = (struct device){.flags = PRESENT | VERIFIED, .site = "localhost", .origin = "http://localhost:8080"};
    d->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_non_null(d->key);
    assert_int_equal(token_random(d->id, sizeof d->id, NULL), RFD_OK);
}

static void put_big_endian(struct buf *b, uint32_t value, unsigned octets)
{
    while (octets-- > 0) buf_put_byte(b, (uint8_t)(value >> (8 * octets)));
}

/** COSE_Key (RFC 9052): {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
static void put_key(struct buf *b, const struct device *d)
{
    uint8_t point[65];
    size_t length;
    assert_int_equal(EVP_PKEY_get_octet_string_param(d->key, "pub", point, sizeof point, &length), 1);
    assert_int_equal(length, 65);
    buf_put(b, "\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
    buf_put(b, point + 1, 32);
    buf_put(b, "\x22\x58\x20", 3);
    buf_put(b, point + 33, 32);
}

static void put_data(struct buf *b, struct device *d, bool create)
{
    uint8_t hash[32];
    assert_int_equal(digest_of(DIGEST_SHA256, slice_text(d->site), hash, NULL), RFD_OK);
    buf_put(b, hash, sizeof hash);
    buf_put_byte(b, (uint8_t)(d->flags | (create ? ATTESTED : 0)));
    put_big_endian(b, d->counter, 4);
    if (!create) return;
    buf_fill(b, 0, 16);
    put_big_endian(b, sizeof d->id, 2);
    buf_put(b, d->id, sizeof d->id);
    put_key(b, d);
}

static json_t *base64url(slice bytes)
{
    struct buf b;
    buf_init(&b, 8192);
    url_put_base64(&b, bytes);
    json_t *text = json_stringn((char *)b.data, b.length);
    buf_dispose(&b);
    return text;
}

static void put_client_data(struct buf *b, const struct device *d, bool create, const char *challenge)
{
    const char *type = d->type != NULL ? d->type : create ? "webauthn.create" : "webauthn.get";
    buf_print(b, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false}", type, challenge,
              d->origin);
}

static void put_attestation(struct buf *b, slice data)
{
    buf_put(b,
            "\xA3\x63"
            "fmt\x64none\x67"
            "attStmt\xA0\x68"
            "authData\x58",
            29);
    assert_true(data.length < 256);
    buf_put_byte(b, (uint8_t)data.length);
    buf_put_slice(b, data);
}

static void put_signature(struct buf *b, const struct device *d, slice data, slice client)
{
    uint8_t message[1024], signature[128];
    size_t length = sizeof signature;
    memcpy(message, data.data, data.length);
    assert_int_equal(digest_of(DIGEST_SHA256, client, message + data.length, NULL), RFD_OK);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, d->key), 1);
    assert_int_equal(EVP_DigestSign(c, signature, &length, message, data.length + 32), 1);
    EVP_MD_CTX_free(c);
    buf_put(b, signature, length);
}

/** What the page's script would send. */
static char *answer(struct device *d, bool create, const char *challenge)
{
    struct buf client, data, rest;
    buf_init(&client, 2048);
    buf_init(&data, 1024);
    buf_init(&rest, 2048);
    put_client_data(&client, d, create, challenge);
    put_data(&data, d, create);
    if (create)
        put_attestation(&rest, buf_slice(&data));
    else
        put_signature(&rest, d, buf_slice(&data), buf_slice(&client));
    json_t *response = json_pack("{s:o}", "clientDataJSON", base64url(buf_slice(&client)));
    (void)json_object_set_new(response, create ? "attestationObject" : "signature", base64url(buf_slice(&rest)));
    if (!create) (void)json_object_set_new(response, "authenticatorData", base64url(buf_slice(&data)));
    if (!create && d->user.length > 0) (void)json_object_set_new(response, "userHandle", base64url(d->user));
    json_t *root = json_pack("{s:s,s:o,s:o}", "type", "public-key", "rawId", base64url(slice_of(d->id, sizeof d->id)),
                             "response", response);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    buf_dispose(&client);
    buf_dispose(&data);
    buf_dispose(&rest);
    return text;
}

/* --- The domain --------------------------------------------------------------------------------------------------- */

struct work {
    struct session session;
    struct buf json;
    slice answer;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
    struct actor actor;
    int64_t account, id;
};

static rfd_status create_options(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    buf_reset(&w->json);
    return passkey_create_options(t, &account_world_settings, &w->session, &w->json, error);
}

static rfd_status get_options(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    buf_reset(&w->json);
    return passkey_get_options(t, &account_world_settings, &w->session, &w->json, error);
}

static rfd_status create(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    return passkey_create(t, &account_world_settings, &w->session, SLICE("Blue key"), w->answer, error);
}

static rfd_status get(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    return passkey_get(t, &account_world_settings, &w->session, w->answer, w->token, &w->result, error);
}

static rfd_status remove_it(struct transaction *t, void *context, struct rfd_error *error)
{
    struct work *w = context;
    return passkey_remove(t, &w->actor, w->account, w->id, error);
}

/** Asks for options and keeps the challenge. */
static void ask(struct store *store, struct work *w, store_work *options, char challenge[64], struct device *learns)
{
    buf_init(&w->json, 8192);
    assert_int_equal(account_world_write(store, options, w), RFD_OK);
    json_t *root = json_loadb((char *)w->json.data, w->json.length, 0, NULL);
    assert_non_null(root);
    (void)snprintf(challenge, 64, "%s", json_string_value(json_object_get(root, "challenge")));
    const json_t *user = json_object_get(root, "user");
    if (user != NULL && learns != NULL) {
        struct arena a;
        arena_init(&a, 4096);
        slice handle = url_read_base64(slice_text(json_string_value(json_object_get(user, "id"))), &a);
        assert_true(handle.length == 32);
        memcpy(learns->handle, handle.data, handle.length);
        learns->user = slice_of(learns->handle, handle.length);
        arena_dispose(&a);
    }
    json_decref(root);
    buf_dispose(&w->json);
}

static rfd_status add(struct store *store, struct work *w, struct device *d)
{
    char challenge[64];
    ask(store, w, create_options, challenge, d);
    char *text = answer(d, true, challenge);
    w->answer = slice_text(text);
    rfd_status status = account_world_write(store, create, w);
    free(text);
    return status;
}

static enum sign_in_result use(struct store *store, struct work *w, struct device *d)
{
    char challenge[64];
    ask(store, w, get_options, challenge, NULL);
    char *text = answer(d, false, challenge);
    w->answer = slice_text(text);
    assert_int_equal(account_world_write(store, get, w), RFD_OK);
    free(text);
    return w->result;
}

/** Somebody signed in with a passkey of theirs. */
static void set_up(struct store *store, struct work *w, struct device *d)
{
    *w = (struct work){.account = account_world_account(store, "10000001")};
    w->actor = account_world_actor(store, w->account);
    w->session = account_world_signed_in(store, "U0001", w->token);
    device_new(d);
    assert_int_equal(add(store, w, d), RFD_OK);
    assert_true(account_world_find(store, w->account).has_passkey);
    assert_int_equal(account_world_find(store, w->account).factors, METHOD_PASSKEY);
}

static void visitor(struct work *w)
{
    w->session = (struct session){.id = 0};
    w->token[0] = '\0';
    w->result = SIGN_IN_WRONG;
}

/* --- Tests -------------------------------------------------------------------------------------------------------- */

static void test_without_a_name(void **state)
{
    struct store *store = domain_store_of(state);
    struct device d;
    struct work w;
    char text[4096];
    set_up(store, &w, &d);
    assert_true(account_world_message(store, "factor-changed", text));
    visitor(&w);
    d.counter = 5;
    assert_int_equal(use(store, &w, &d), SIGN_IN_DONE);
    struct session s = account_world_visit(store, w.token);
    assert_true(s.account == w.account && s.methods == METHOD_PASSKEY);
    EVP_PKEY_free(d.key);
}

static void test_as_second_factor(void **state)
{
    struct store *store = domain_store_of(state);
    const struct account_world_try try = {.name = "U0001", .password = ACCOUNT_PASSWORD};
    struct device d, other;
    struct work w;
    set_up(store, &w, &d);
    w.session = account_world_session(store, w.token);
    assert_int_equal(account_world_sign_in(store, &w.session, &try, w.token), SIGN_IN_FACTOR);
    w.session = account_world_visit(store, w.token);
    assert_int_equal(use(store, &w, &d), SIGN_IN_DONE);
    /* Another's passkey is none for this account. */
    (void)account_world_account(store, "10000002");
    struct work second = {.session = account_world_signed_in(store, "U0002", w.token)};
    device_new(&other);
    assert_int_equal(add(store, &second, &other), RFD_OK);
    w.session = account_world_session(store, w.token);
    assert_int_equal(account_world_sign_in(store, &w.session, &try, w.token), SIGN_IN_FACTOR);
    w.session = account_world_visit(store, w.token);
    assert_int_equal(use(store, &w, &other), SIGN_IN_WRONG);
    EVP_PKEY_free(d.key);
    EVP_PKEY_free(other.key);
}

static void test_what_does_not_count(void **state)
{
    struct store *store = domain_store_of(state);
    struct device d, changed, forger;
    struct work w;
    set_up(store, &w, &d);
    visitor(&w);
    changed = d;
    changed.site = "evil.example";
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG);
    changed = d;
    changed.origin = "http://evil.example";
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG);
    changed = d;
    changed.flags = PRESENT;
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG);
    changed = d;
    changed.type = "webauthn.create";
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG);
    changed = d;
    changed.user = SLICE("somebody else's handle, of 32 oct");
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG);
    device_new(&forger);
    memcpy(forger.id, d.id, sizeof d.id); /* another key under this name */
    assert_int_equal(use(store, &w, &forger), SIGN_IN_WRONG);
    device_new(&changed);
    assert_int_equal(use(store, &w, &changed), SIGN_IN_WRONG); /* unknown */
    assert_int_equal(use(store, &w, &d), SIGN_IN_DONE);
    EVP_PKEY_free(changed.key);
    EVP_PKEY_free(forger.key);
    EVP_PKEY_free(d.key);
}

static void test_challenges_once_and_in_time(void **state)
{
    struct store *store = domain_store_of(state);
    char challenge[64], token[ACCOUNT_TOKEN_SIZE];
    struct device d;
    struct work w;
    set_up(store, &w, &d);
    visitor(&w);
    ask(store, &w, get_options, challenge, NULL);
    char *text = answer(&d, false, challenge);
    w.answer = slice_text(text);
    assert_int_equal(account_world_write(store, get, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_DONE);
    visitor(&w);
    assert_int_equal(account_world_write(store, get, &w), RFD_OK); /* replayed */
    assert_int_equal(w.result, SIGN_IN_WRONG);
    free(text);
    /* For another session. */
    ask(store, &w, get_options, challenge, NULL);
    text = answer(&d, false, challenge);
    w.answer = slice_text(text);
    w.session = account_world_session(store, token);
    assert_int_equal(account_world_write(store, get, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_WRONG);
    free(text);
    /* Too late. */
    clock_fix(NOW);
    visitor(&w);
    ask(store, &w, get_options, challenge, NULL);
    clock_fix(NOW + 121 * RFD_SECOND);
    text = answer(&d, false, challenge);
    w.answer = slice_text(text);
    assert_int_equal(account_world_write(store, get, &w), RFD_OK);
    assert_int_equal(w.result, SIGN_IN_WRONG);
    free(text);
    clock_fix(RFD_TIME_NONE);
    EVP_PKEY_free(d.key);
}

static void test_copied_passkey(void **state)
{
    struct store *store = domain_store_of(state);
    struct device d;
    struct work w;
    set_up(store, &w, &d);
    visitor(&w);
    d.counter = 9;
    assert_int_equal(use(store, &w, &d), SIGN_IN_DONE);
    visitor(&w);
    assert_int_equal(use(store, &w, &d), SIGN_IN_WRONG); /* the same number again */
    d.counter = 8;
    assert_int_equal(use(store, &w, &d), SIGN_IN_WRONG);
    d.counter = 0;
    assert_int_equal(use(store, &w, &d), SIGN_IN_WRONG);
    d.counter = 10;
    assert_int_equal(use(store, &w, &d), SIGN_IN_DONE);
    EVP_PKEY_free(d.key);
}

static void test_bad_registrations(void **state)
{
    static const char *const odd[] = {
        "",
        "{}",
        "[]",
        "{\"type\":\"public-key\"}",
        "{\"type\":1,\"rawId\":\"AA\"}",
        "{\"type\":\"public-key\",\"rawId\":\"AA\",\"response\":{\"clientDataJSON\":\"e30\","
        "\"attestationObject\":\"oA\"}}"};
    struct store *store = domain_store_of(state);
    struct device d, changed;
    struct work w;
    set_up(store, &w, &d);
    assert_int_equal(add(store, &w, &d), RFD_E_STATE); /* twice */
    device_new(&changed);
    changed.site = "evil.example";
    assert_int_equal(add(store, &w, &changed), RFD_E_INVALID);
    changed.site = "localhost";
    changed.origin = "http://evil.example";
    assert_int_equal(add(store, &w, &changed), RFD_E_INVALID);
    changed.origin = d.origin;
    changed.flags = PRESENT;
    assert_int_equal(add(store, &w, &changed), RFD_E_INVALID);
    changed.flags = PRESENT | VERIFIED;
    changed.type = "webauthn.get";
    assert_int_equal(add(store, &w, &changed), RFD_E_INVALID);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        w.answer = slice_text(odd[i]);
        assert_int_equal(account_world_write(store, create, &w), RFD_E_INVALID);
    }
    visitor(&w);
    buf_init(&w.json, 8192);
    assert_int_equal(account_world_write(store, create_options, &w), RFD_E_UNAUTHORISED);
    assert_int_equal(account_world_write(store, create, &w), RFD_E_UNAUTHORISED);
    buf_dispose(&w.json);
    EVP_PKEY_free(changed.key);
    EVP_PKEY_free(d.key);
}

static void test_removing(void **state)
{
    struct store *store = domain_store_of(state);
    struct device d;
    struct work w;
    set_up(store, &w, &d);
    w.id = domain_store_number(store, "SELECT id FROM passkey");
    int64_t other = account_world_account(store, "10000002");
    w.actor = account_world_actor(store, other);
    assert_int_equal(account_world_write(store, remove_it, &w), RFD_E_FORBIDDEN);
    w.account = other; /* one's own account, somebody else's key */
    assert_int_equal(account_world_write(store, remove_it, &w), RFD_E_NOT_FOUND);
    w.account = domain_store_number(store, "SELECT account FROM passkey");
    w.actor = account_world_actor(store, w.account);
    assert_int_equal(account_world_write(store, remove_it, &w), RFD_OK);
    assert_int_equal(account_world_find(store, w.account).factors, 0);
    visitor(&w);
    assert_int_equal(use(store, &w, &d), SIGN_IN_WRONG);
    EVP_PKEY_free(d.key);
}

static void test_closed_accounts(void **state)
{
    struct store *store = domain_store_of(state);
    struct device d;
    struct work w;
    set_up(store, &w, &d);
    visitor(&w);
    (void)domain_store_run(store, "UPDATE account SET state = 'locked'");
    assert_int_equal(use(store, &w, &d), SIGN_IN_LOCKED);
    (void)domain_store_run(store, "UPDATE account SET state = 'closed'");
    assert_int_equal(use(store, &w, &d), SIGN_IN_WRONG);
    EVP_PKEY_free(d.key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_without_a_name),
        ON_BOTH_STORES(test_as_second_factor),
        ON_BOTH_STORES(test_what_does_not_count),
        ON_BOTH_STORES(test_challenges_once_and_in_time),
        ON_BOTH_STORES(test_copied_passkey),
        ON_BOTH_STORES(test_bad_registrations),
        ON_BOTH_STORES(test_removing),
        ON_BOTH_STORES(test_closed_accounts),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
