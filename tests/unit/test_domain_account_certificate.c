/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing in with a certificate of a real authority, in both databases: as the page's script does it, by TLS, and with
 * everything that must not be taken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "account_world.h"
#include "authority_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base_support.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

struct holder {
    struct authority_domain *domain;
    int64_t authority;
    struct account_settings settings;
    EVP_PKEY *key;
    struct certificate_row row;
    struct buf der; /* of the certificate, for as long as the test needs it */
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    enum sign_in_result result;
    const char *why;
    struct buf text;
    slice signed_text, signature;
    uint8_t octets[256];
};

/** A certificate for the person with this number, whose key the test has. */
static void issue(struct holder *h, unsigned number, const char *algorithm, size_t bits)
{
    unsigned char *spki = NULL;
    struct ticket ticket;
    struct arena a;
    bool again;
    h->key = bits > 0 ? EVP_PKEY_Q_keygen(NULL, NULL, algorithm, bits) : EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithm);
    assert_non_null(h->key);
    int length = i2d_PUBKEY(h->key, &spki);
    assert_true(length > 0);
    ticket_new_for(&ticket, h->authority, number, "", slice_of(spki, (size_t)length));
    OPENSSL_free(spki);
    arena_init(&a, 1 << 20);
    WORLD_OK(authority_issue(h->domain, &ticket.order, &a, &h->row, &again, &error));
    buf_init(&h->der, 1 << 16);
    buf_put_slice(&h->der, h->row.der);
    h->row.der = buf_slice(&h->der);
    assert_true(h->row.serial.length <= sizeof h->octets);
    memcpy(h->octets, h->row.serial.data, h->row.serial.length);
    h->row.serial = slice_of(h->octets, h->row.serial.length);
    arena_dispose(&a);
    ticket_free(&ticket);
}

static void set_up(void **state, struct holder *h)
{
    *h = (struct holder){.settings = account_world_settings};
    h->domain = authority_world(state, &h->authority);
    h->settings.packs = h->domain->packs;
    issue(h, 10000001, "P-256", 0);
}

static void tear_down(struct holder *h)
{
    EVP_PKEY_free(h->key);
    buf_dispose(&h->der);
}

static rfd_status challenge(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holder *h = context;
    buf_reset(&h->text);
    return certificate_challenge(t, &h->settings, &h->session, &h->text, error);
}

static rfd_status send(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holder *h = context;
    return certificate_sign_in(t, &h->settings, &h->session, h->signed_text, buf_slice(&h->der), h->signature, h->token,
                               &h->result, &h->why, error);
}

static rfd_status send_tls(struct transaction *t, void *context, struct rfd_error *error)
{
    struct holder *h = context;
    return certificate_sign_in_tls(t, &h->settings, &h->session, buf_slice(&h->der), h->token, &h->result, &h->why,
                                   error);
}

static size_t sign(EVP_PKEY *key, slice text, uint8_t to[512])
{
    size_t length = 512;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(c, to, &length, text.data, text.length), 1);
    EVP_MD_CTX_free(c);
    return length;
}

/** As the page does it; `why` "": done. */
static void expect(struct store *store, struct holder *h, EVP_PKEY *key, const char *why)
{
    uint8_t signature[512];
    buf_init(&h->text, 1024);
    assert_int_equal(account_world_write(store, challenge, h), RFD_OK);
    h->signed_text = buf_slice(&h->text);
    h->signature = slice_of(signature, sign(key, h->signed_text, signature));
    assert_int_equal(account_world_write(store, send, h), RFD_OK);
    if (why[0] == '\0' ? h->why != NULL || h->result != SIGN_IN_DONE : h->why == NULL || strstr(h->why, why) == NULL)
        fail_msg("%d: %s", (int)h->result, h->why == NULL ? "" : h->why);
    buf_dispose(&h->text);
}

static void expect_tls(struct store *store, struct holder *h, const char *why)
{
    assert_int_equal(account_world_write(store, send_tls, h), RFD_OK);
    if (why[0] == '\0' ? h->why != NULL || h->result != SIGN_IN_DONE : h->why == NULL || strstr(h->why, why) == NULL)
        fail_msg("%d: %s", (int)h->result, h->why == NULL ? "" : h->why);
}

static void test_in_the_page(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    expect(store, &h, h.key, "no account here");
    int64_t account = account_world_account(store, "10000001");
    expect(store, &h, h.key, "");
    struct session s = account_world_visit(store, h.token);
    assert_true(s.account == account && s.methods == METHOD_CERTIFICATE);
    tear_down(&h);
}

static void test_rsa(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    tear_down(&h);
    issue(&h, 10000001, "RSA", 2048);
    expect(store, &h, h.key, "");
    tear_down(&h);
}

static void test_no_second_factor_behind_it(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    (void)domain_store_run(store, "UPDATE account SET factors = 4");
    expect(store, &h, h.key, "");
    tear_down(&h);
}

static void test_forged(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    expect(store, &h, other, "does not belong");
    h.der.data[h.der.length - 1] ^= 1; /* the authority's signature */
    expect(store, &h, h.key, "not issued here");
    h.der.data[h.der.length - 1] ^= 1;
    h.der.length /= 2;
    expect(store, &h, h.key, "no certificate");
    EVP_PKEY_free(other);
    tear_down(&h);
}

static void test_challenges(void **state)
{
    struct holder h;
    uint8_t signature[512];
    char changed[512];
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    buf_init(&h.text, 1024);
    assert_int_equal(account_world_write(store, challenge, &h), RFD_OK);
    (void)snprintf(changed, sizeof changed, "%.*s", (int)h.text.length, (char *)h.text.data);
    assert_true(strncmp(changed, "refrenda-login-v1\nhttp://localhost:8080\n", 40) == 0);
    h.signed_text = buf_slice(&h.text);
    h.signature = slice_of(signature, sign(h.key, h.signed_text, signature));
    assert_int_equal(account_world_write(store, send, &h), RFD_OK);
    assert_int_equal(h.result, SIGN_IN_DONE);
    h.session = (struct session){.id = 0};
    assert_int_equal(account_world_write(store, send, &h), RFD_OK); /* replayed */
    assert_non_null(strstr(h.why, "sent twice"));
    /* One of another place, or of nobody's. */
    static const char *const texts[] = {
        "", "refrenda-login-v1", "refrenda-login-v1\nhttp://evil.example\nAAAA\n2026-11-22T05:00:00Z",
        "refrenda-login-v1\nhttp://localhost:8080\nAAAA\n2026-11-22T05:00:00Z", "something else entirely"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        h.signed_text = slice_text(texts[i]);
        h.signature = slice_of(signature, sign(h.key, h.signed_text, signature));
        assert_int_equal(account_world_write(store, send, &h), RFD_OK);
        assert_int_equal(h.result, SIGN_IN_WRONG);
        assert_non_null(h.why);
    }
    buf_dispose(&h.text);
    tear_down(&h);
}

static void test_revoked(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    expect_tls(store, &h, "");
    const struct authority_change hold = {.actor = SLICE("test"),
                                          .authority = h.authority,
                                          .serial = h.row.serial,
                                          .reason = 6,
                                          .invalid_since = RFD_TIME_NONE};
    WORLD_OK(authority_hold(h.domain, &hold, &error));
    h.session = (struct session){.id = 0};
    expect_tls(store, &h, "revoked");
    WORLD_OK(authority_release(h.domain, &hold, &error));
    expect_tls(store, &h, "");
    const struct authority_change revoke = {.actor = SLICE("test"),
                                            .authority = h.authority,
                                            .serial = h.row.serial,
                                            .reason = 1,
                                            .invalid_since = RFD_TIME_NONE};
    WORLD_OK(authority_revoke(h.domain, &revoke, &error));
    h.session = (struct session){.id = 0};
    expect_tls(store, &h, "revoked");
    expect(store, &h, h.key, "revoked");
    tear_down(&h);
}

static void test_too_old(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    clock_fix(h.row.not_after + RFD_SECOND);
    expect_tls(store, &h, "expired");
    clock_fix(h.row.not_before - RFD_SECOND);
    expect_tls(store, &h, "not valid yet");
    clock_fix(RFD_TIME_NONE);
    tear_down(&h);
}

static void test_not_a_persons(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    (void)domain_store_run(store, "UPDATE certificate SET profile = 'tls-client'");
    expect_tls(store, &h, "not one of a person");
    h.settings.packs = NULL;
    expect_tls(store, &h, "not one of a person");
    h.der.length = 0;
    expect_tls(store, &h, "sent no certificate");
    tear_down(&h);
}

static void test_not_in_the_register(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    (void)domain_store_run(store, "DELETE FROM certificate_status");
    expect_tls(store, &h, "not in our register");
    tear_down(&h);
}

static void test_locked_and_closed(void **state)
{
    struct holder h;
    set_up(state, &h);
    struct store *store = h.domain->store;
    (void)account_world_account(store, "10000001");
    (void)domain_store_run(store, "UPDATE account SET state = 'locked'");
    expect_tls(store, &h, "locked");
    (void)domain_store_run(store, "UPDATE account SET state = 'closed'");
    expect_tls(store, &h, "no account here");
    tear_down(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH_STORES(test_in_the_page),
        ON_BOTH_STORES(test_rsa),
        ON_BOTH_STORES(test_no_second_factor_behind_it),
        ON_BOTH_STORES(test_forged),
        ON_BOTH_STORES(test_challenges),
        ON_BOTH_STORES(test_revoked),
        ON_BOTH_STORES(test_too_old),
        ON_BOTH_STORES(test_not_a_persons),
        ON_BOTH_STORES(test_not_in_the_register),
        ON_BOTH_STORES(test_locked_and_closed),
    };
    return cmocka_run_group_tests(tests, authority_world_setup, authority_world_teardown);
}
