/* SPDX-License-Identifier: EUPL-1.2
 *
 * OAuth 2 for portals in both databases, with a real personal keeper: how portals prove who they are, requests, codes
 * and tokens; what comes twice, late, from others; two at once; and that a copy of the database signs nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "central_world.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"
#include "domain/central/entity_seal.h"
#include "domain/central/portal_proof.h"
#include "domain/central/redirect.h"
#include "domain/csc/csc.h"
#include "domain/csc/csc_seal.h"
#include "domain/csc/use.h"
#include "jws_maker.h"
#include "keeper/ask.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>

enum { TEXT = 512 };

#define ISSUER    "https://firma.example.pe/csc/v2"
#define ENDPOINT  ISSUER "/oauth2/token"
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" /* RFC 7636, appendix B */
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define BACK      "https://sede.example/vuelta"

static struct arena memory;

/** A house with two portals, and ANA with a credential. */
struct house {
    struct office *office;
    struct central c;
    struct actor ana;
    char credential[PERSONAL_ID_SIZE];
    struct portal portal, other;
    char secret[CSC_TOKEN_SIZE];
};

/* ---- Calls in transactions ---- */

struct call_of {
    const struct house *h;
    struct actor actor;
    struct portal portal;
    struct portal_proof proof;
    struct csc_request request;
    struct csc_exchange exchange;
    struct csc_token token;
    struct csc_access *accesses;
    size_t count;
    slice uri, text;
    const char *refused, *why;
    char code[CSC_TOKEN_SIZE], given[CSC_TOKEN_SIZE];
    int64_t id;
    rfd_time now;
};

static rfd_status do_put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_put(t, &x->actor, &x->portal, NULL, &x->id, error);
}

static rfd_status do_secret(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_make_secret(t, &x->actor, x->id, x->given, error);
}

static rfd_status do_find_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(portal_find(t, x->id, &x->portal, error));
    for (size_t i = 0; i < x->portal.return_count; i++) TRY(store_keep(&memory, &x->portal.returns[i], error));
    TRY(store_keep(&memory, &x->portal.key, error));
    TRY(store_keep(&memory, &x->portal.name, error));
    TRY(store_keep(&memory, &x->portal.client, error));
    TRY(store_keep(&memory, &x->portal.secret_hash, error));
    return store_keep(&memory, &x->portal.certificate_hash, error);
}

static rfd_status do_close(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return portal_close(t, &x->actor, x->id, error);
}

static rfd_status do_prove(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(portal_prove(t, &x->proof, &x->portal, error));
    x->id = x->portal.id;
    return RFD_OK;
}

static rfd_status do_keep(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(csc_request_keep(t, &x->request, CSC_PUSHED_SECONDS, &x->uri, error));
    return store_keep(&memory, &x->uri, error);
}

static rfd_status keep_request(struct csc_request *r, struct rfd_error *error)
{
    slice *const texts[] = {&r->redirect, &r->state, &r->challenge, &r->credential, &r->statement, &r->details};
    struct csc_hash *all = arena_zeroed(&memory, r->count + 1, sizeof *all);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) TRY(store_keep(&memory, texts[i], error));
    for (size_t i = 0; i < r->count; i++) {
        all[i] = r->hashes[i];
        TRY(store_keep(&memory, &all[i].hash, error));
        TRY(store_keep(&memory, &all[i].label, error));
    }
    r->hashes = all;
    return RFD_OK;
}

static rfd_status do_find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(csc_request_find(t, x->uri, x->id, &x->request, error));
    return keep_request(&x->request, error);
}

static rfd_status do_start(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(csc_request_start(t, &x->request, &x->uri, error));
    return store_keep(&memory, &x->uri, error);
}

static rfd_status do_open(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(csc_request_open(t, &x->actor, x->uri, &x->request, error));
    return keep_request(&x->request, error);
}

static rfd_status do_agree(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_agree_service(t, &x->actor, x->h->c.packs, &x->request, x->code, error);
}

static rfd_status do_exchange(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    x->refused = NULL;
    return csc_token_exchange(t, &x->exchange, &x->token, x->given, &x->refused, &x->why, error);
}

static rfd_status do_token(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    TRY(csc_token_find(t, x->text, &x->token, error));
    TRY(store_keep(&memory, &x->token.holder, error));
    TRY(store_keep(&memory, &x->token.details, error));
    return store_keep(&memory, &x->token.credential, error);
}

static rfd_status do_renew(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_token_renew(t, &x->token, x->text, x->given, error);
}

static rfd_status do_revoke(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_token_revoke(t, x->id, x->text, error);
}

static rfd_status do_accesses(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_accesses(t, &x->actor, &x->accesses, &x->count, error);
}

static rfd_status do_withdraw(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_access_end(t, &x->actor, x->id, error);
}

static rfd_status do_sweep(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct call_of *x = context;
    TRY(portal_proof_sweep(t, x->now, error));
    return csc_sweep(t, x->now, error);
}

static rfd_status write(const struct house *h, store_work *work, struct call_of *x)
{
    return store_write(h->c.store, work, x, NULL);
}

/* ---- The house ---- */

static void add_portal(struct house *h, struct portal wanted, struct portal *out, char *secret)
{
    struct call_of x = {.h = h, .actor = actor_system("admin"), .portal = wanted};
    WORLD_OK(store_write(h->c.store, do_put, &x, &error));
    if (secret != NULL) {
        WORLD_OK(store_write(h->c.store, do_secret, &x, &error));
        memcpy(secret, x.given, CSC_TOKEN_SIZE);
    }
    WORLD_OK(store_read(h->c.store, do_find_portal, &x, &error));
    *out = x.portal;
}

static void open_house(void **state, struct house *h)
{
    *h = (struct house){.office = NULL};
    h->office = central_open(state, &h->c);
    h->ana = central_actor(h->office, ANA);
    central_made(h->office, &h->c, ANA, h->credential);
    struct portal wanted = {.entity = 1,
                            .name = SLICE("Sede electrónica de Villa Ejemplo"),
                            .client = SLICE("sede-villa"),
                            .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                            .returns = {SLICE(BACK), SLICE("http://localhost:9000/vuelta")},
                            .return_count = 2};
    add_portal(h, wanted, &h->portal, h->secret);
    wanted.name = SLICE("Otra sede");
    wanted.client = SLICE("otra");
    add_portal(h, wanted, &h->other, NULL);
}

/* ---- A person agrees ---- */

static struct csc_hash hashes[2];

/** Pushed, opened by ANA. */
static void ask(const struct house *h, bool credential, struct call_of *x)
{
    static const uint8_t octets[2][32] = {{1, 2, 3}, {4, 5, 6}};
    hashes[0] = (struct csc_hash){slice_of(octets[0], 32), SLICE("Contrato")};
    hashes[1] = (struct csc_hash){slice_of(octets[1], 32), SLICE_EMPTY};
    *x = (struct call_of){.h = h, .actor = h->ana};
    x->request = (struct csc_request){.portal = h->portal.id,
                                      .version = 2,
                                      .credential_scope = credential,
                                      .redirect = SLICE(BACK),
                                      .state = SLICE("s"),
                                      .challenge = SLICE(CHALLENGE)};
    if (credential) {
        x->request.digest = DIGEST_SHA256;
        x->request.hashes = hashes;
        x->request.count = 2;
        x->request.details = SLICE("[]");
    }
    WORLD_OK(store_write(h->c.store, do_keep, x, &error));
    WORLD_OK(store_write(h->c.store, do_open, x, &error));
    x->exchange =
        (struct csc_exchange){.portal = &h->portal, .version = 2, .redirect = SLICE(BACK), .verifier = SLICE(VERIFIER)};
}

static rfd_status activate(struct call_of *x, const struct central_authorisation *begun)
{
    struct central_proofs proofs = central_prove(begun, CENTRAL_PASSWORD, NULL);
    return csc_activate(&x->h->c, &x->actor, &memory, &x->request, slice_text(x->h->credential), begun->operation,
                        &proofs, x->code, NULL);
}

static rfd_status begin(struct call_of *x, struct central_authorisation *begun)
{
    return csc_begin(&x->h->c, &x->actor, &memory, &x->request, slice_text(x->h->credential), PERSONAL_NO_CHANNEL,
                     SLICE("es"), begun, NULL);
}

/** With a code in x->code. */
static void agree(const struct house *h, bool credential, struct call_of *x)
{
    struct central_authorisation begun;
    ask(h, credential, x);
    if (credential) {
        assert_int_equal(begin(x, &begun), RFD_OK);
        assert_int_equal(activate(x, &begun), RFD_OK);
    } else {
        WORLD_OK(store_write(h->c.store, do_agree, x, &error));
    }
    x->exchange.code = slice_text(x->code);
}

static void refused(struct call_of *x, const char *why)
{
    assert_int_equal(write(x->h, do_exchange, x), RFD_OK);
    assert_non_null(x->refused);
    assert_string_equal(x->refused, "invalid_grant");
    if (why != NULL) assert_string_equal(x->why, why);
}

static void exchanged(struct call_of *x)
{
    assert_int_equal(write(x->h, do_exchange, x), RFD_OK);
    if (x->refused != NULL) fail_msg("%s: %s", x->refused, x->why);
}

static rfd_status look(const struct house *h, const char *token, struct call_of *x)
{
    char *kept = arena_text(&memory, slice_text(token));
    *x = (struct call_of){.h = h, .text = slice_text(kept)};
    return store_read(h->c.store, do_token, x, NULL);
}

/* ---- Seals ---- */

static void make_hashes(enum digest_id digest, const char *label, size_t labels, struct csc_hash many[CSC_HASHES])
{
    for (unsigned i = 0; i < CSC_HASHES; i++) {
        uint8_t *octets = arena_zeroed(&memory, 1, DIGEST_SIZE_MAXIMUM);
        memcpy(octets, &i, sizeof i);
        many[i] = (struct csc_hash){slice_of(octets, digest_size(digest)),
                                    slice_part(slice_text(label), 0, labels / CSC_HASHES)};
    }
}

static rfd_status do_grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    struct faults faults = {.count = 0};
    const struct seal_grant grant = {.portal = x->id, .credential = x->text, .ends = RFD_TIME_NONE};
    return seal_grant_put(t, &x->actor, &grant, &faults, &x->id, error);
}

/** A seal of ANA's entity that the portal may use, where explicit mode is on. */
static void add_seal(struct house *h, char seal[PERSONAL_ID_SIZE])
{
    static struct settings settings;
    settings = *h->c.settings;
    settings.central.explicit = true;
    h->c.settings = &settings;
    central_seal_made(h->office, &h->c, ANA, seal);
    struct call_of x = {.h = h, .actor = actor_system("admin"), .id = h->portal.id, .text = slice_text(seal)};
    WORLD_OK(store_write(h->c.store, do_grant, &x, &error));
}

struct ordering {
    struct csc_token token;
    struct csc_order order;
    char given[CSC_TOKEN_SIZE];
    rfd_time ends;
};

static void order_of(const struct house *h, const char *seal, unsigned version, struct ordering *o)
{
    *o = (struct ordering){.token = {.kind = CSC_TOKEN_SERVICE, .version = version, .portal = h->portal}};
    o->order = (struct csc_order){.token = &o->token,
                                  .version = version,
                                  .credential = slice_text(seal),
                                  .pin = SLICE(CENTRAL_PASSWORD),
                                  .digest = DIGEST_SHA256,
                                  .hashes = hashes,
                                  .count = 2};
}

static rfd_status order(const struct house *h, struct ordering *o)
{
    return csc_authorise(&h->c, &o->order, &memory, o->given, &o->ends, NULL);
}

/* ---- Proofs of portals ---- */

static rfd_status prove(const struct house *h, struct portal_proof proof)
{
    struct call_of x = {.h = h, .proof = proof};
    x.proof.issuer = SLICE(ISSUER);
    x.proof.endpoint = SLICE(ENDPOINT);
    return write(h, do_prove, &x);
}

static void test_secrets(void **state)
{
    struct house h;
    open_house(state, &h);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa"), .secret = slice_text(h.secret)}),
                     RFD_OK);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa"), .secret = SLICE("x")}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("otra"), .secret = slice_text(h.secret)}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("ninguna"), .secret = slice_text(h.secret)}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa")}), RFD_E_UNAUTHORISED);
    struct call_of x = {.h = &h, .actor = h.ana, .id = h.portal.id};
    assert_int_equal(write(&h, do_secret, &x), RFD_E_FORBIDDEN);
    x.actor = actor_system("admin");
    assert_int_equal(write(&h, do_secret, &x), RFD_OK); /* the old one is worth nothing any more */
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa"), .secret = slice_text(h.secret)}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(write(&h, do_close, &x), RFD_OK);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa"), .secret = slice_text(x.given)}),
                     RFD_E_UNAUTHORISED);
}

struct assertion {
    const char *iss, *sub, *aud, *jti;
    int ends, issued; /* seconds from now */
};

static rfd_status assert_by(const struct house *h, EVP_PKEY *key, const struct assertion *a, slice client)
{
    char claims[TEXT];
    struct buf jws;
    long long now = clock_now() / RFD_SECOND;
    (void)snprintf(claims, sizeof claims,
                   "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":%s,\"jti\":\"%s\",\"exp\":%lld,\"iat\":%lld}", a->iss,
                   a->sub, a->aud, a->jti, now + a->ends, now + a->issued);
    buf_init(&jws, 8192);
    jws_make(key, "{\"alg\":\"ES256\"}", claims, &jws);
    rfd_status status = prove(h, (struct portal_proof){.client = client, .assertion = buf_slice(&jws)});
    buf_dispose(&jws);
    return status;
}

static slice public_key(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    assert_true(length > 0);
    slice out = arena_copy(&memory, slice_of(der, (size_t)length));
    OPENSSL_free(der);
    return out;
}

static void test_assertions(void **state)
{
    static const char *const ours = "\"" ISSUER "\"";
    struct house h;
    struct portal portal;
    open_house(state, &h);
    EVP_PKEY *key = EVP_EC_gen("P-256"), *another = EVP_EC_gen("P-256");
    add_portal(&h,
               (struct portal){.entity = 1,
                               .name = SLICE("Con clave"),
                               .client = SLICE("con-clave"),
                               .key = public_key(key),
                               .returns = {SLICE(BACK)},
                               .return_count = 1},
               &portal, NULL);
    slice client = SLICE("con-clave");
    const struct assertion good = {"con-clave", "con-clave", ours, "1", 60, 0};
    assert_int_equal(assert_by(&h, key, &good, client), RFD_OK);
    assert_int_equal(assert_by(&h, key, &good, client), RFD_E_UNAUTHORISED); /* once */
    struct assertion a = good;
    a.jti = "2";
    assert_int_equal(assert_by(&h, another, &a, client), RFD_E_UNAUTHORISED);
    assert_int_equal(assert_by(&h, key, &a, SLICE("otra")), RFD_E_UNAUTHORISED);
    assert_int_equal(assert_by(&h, key, &a, SLICE_EMPTY), RFD_OK); /* its "sub" names it */
    const struct assertion bad[] = {
        {"otra", "con-clave", ours, "3", 60, 0},
        {"con-clave", "otra", ours, "3", 60, 0},
        {"con-clave", "con-clave", "\"https://otro.example\"", "3", 60, 0},
        {"con-clave", "con-clave", "[\"" ISSUER "\",\"https://otro.example\"]", "3", 60, 0},
        {"con-clave", "con-clave", "[]", "3", 60, 0},
        {"con-clave", "con-clave", ours, "", 60, 0},
        {"con-clave", "con-clave", ours, "3", -1, -30},
        {"con-clave", "con-clave", ours, "3", 3600, 0},
        {"con-clave", "con-clave", ours, "3", 60, -3600},
        {"con-clave", "con-clave", ours, "3", 60, 600},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (assert_by(&h, key, &bad[i], client) != RFD_E_UNAUTHORISED) fail_msg("assertion %zu", i);
    a.jti = "3";
    a.aud = "[\"" ENDPOINT "\"]";
    assert_int_equal(assert_by(&h, key, &a, client), RFD_OK);
    /* The sweep forgets what has ended, and nothing else. */
    struct call_of x = {.h = &h, .now = clock_now()};
    assert_int_equal(write(&h, do_sweep, &x), RFD_OK);
    assert_int_equal(assert_by(&h, key, &a, client), RFD_E_UNAUTHORISED);
    /* Two proofs are none; and a portal without a key has no assertions. */
    assert_int_equal(
        prove(&h, (struct portal_proof){.client = client, .assertion = SLICE("a.b.c"), .secret = SLICE("x")}),
        RFD_E_UNAUTHORISED);
    const struct assertion keyless = {"sede-villa", "sede-villa", ours, "9", 60, 0};
    assert_int_equal(assert_by(&h, key, &keyless, SLICE("sede-villa")), RFD_E_UNAUTHORISED);
    EVP_PKEY_free(key);
    EVP_PKEY_free(another);
}

/** Which algorithm it is, says the key. */
static void test_assertions_by_rsa(void **state)
{
    static const struct {
        const char *header;
        rfd_status status;
    } rows[] = {{"{\"alg\":\"RS256\"}", RFD_OK},
                {"{\"alg\":\"ES256\"}", RFD_E_UNAUTHORISED},
                {"{\"alg\":\"HS256\"}", RFD_E_UNAUTHORISED},
                {"{\"alg\":\"none\"}", RFD_E_UNAUTHORISED},
                {"{\"alg\":\"RS256\",\"crit\":[\"x\"]}", RFD_E_UNAUTHORISED}};
    struct house h;
    struct portal portal;
    struct buf jws;
    open_house(state, &h);
    EVP_PKEY *key = EVP_RSA_gen(2048);
    add_portal(&h,
               (struct portal){.entity = 1,
                               .name = SLICE("Con RSA"),
                               .client = SLICE("con-rsa"),
                               .key = public_key(key),
                               .returns = {SLICE(BACK)},
                               .return_count = 1},
               &portal, NULL);
    buf_init(&jws, 8192);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        long long now = clock_now() / RFD_SECOND;
        jws_make(key, rows[i].header,
                 arena_print(&memory,
                             "{\"iss\":\"con-rsa\",\"sub\":\"con-rsa\",\"aud\":\"" ISSUER
                             "\",\"jti\":\"%zu\",\"exp\":%lld,\"iat\":%lld}",
                             i, now + 60, now),
                 &jws);
        if (prove(&h, (struct portal_proof){.client = SLICE("con-rsa"), .assertion = buf_slice(&jws)}) !=
            rows[i].status)
            fail_msg("%s", rows[i].header);
    }
    buf_dispose(&jws);
    EVP_PKEY_free(key);
}

static void test_certificates(void **state)
{
    struct house h;
    struct portal portal, twin;
    uint8_t hash[32], digits[64];
    open_house(state, &h);
    slice mine = office_agent(AGENT)->der, theirs = office_agent(RIVAL)->der;
    assert_int_equal(digest_of(DIGEST_SHA256, mine, hash, NULL), RFD_OK);
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    struct portal wanted = {.entity = 1,
                            .name = SLICE("Con TLS"),
                            .client = SLICE("con-tls"),
                            .certificate_hash = slice_of(digits, sizeof digits),
                            .returns = {SLICE(BACK)},
                            .return_count = 1};
    add_portal(&h, wanted, &portal, NULL);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("con-tls"), .certificate = mine}), RFD_OK);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("con-tls"), .certificate = theirs}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("sede-villa"), .certificate = mine}),
                     RFD_E_UNAUTHORISED);
    assert_int_equal(prove(&h, (struct portal_proof){.certificate = mine}), RFD_OK); /* by it alone */
    assert_int_equal(
        prove(&h, (struct portal_proof){.client = SLICE("con-tls"), .certificate = mine, .secret = SLICE("x")}),
        RFD_E_UNAUTHORISED);
    clock_fix(clock_now() + INT64_C(20) * 365 * 86400 * RFD_SECOND); /* it is over */
    assert_int_equal(prove(&h, (struct portal_proof){.client = SLICE("con-tls"), .certificate = mine}),
                     RFD_E_UNAUTHORISED);
    clock_fix(RFD_TIME_NONE);
    wanted.client = SLICE("con-tls-2");
    add_portal(&h, wanted, &twin, NULL);
    assert_int_equal(prove(&h, (struct portal_proof){.certificate = mine}), RFD_E_UNAUTHORISED); /* which of them? */
}

/* ---- Requests ---- */

static void test_requests(void **state)
{
    struct house h;
    struct call_of x, berta = {.h = NULL};
    open_house(state, &h);
    ask(&h, true, &x);
    assert_int_equal(x.request.count, 2);
    assert_true(slice_is(x.request.hashes[0].label, "Contrato"));
    assert_true(slice_is(x.request.challenge, CHALLENGE));
    /* Another portal's; another person's. */
    x.id = h.other.id;
    assert_int_equal(store_read(h.c.store, do_find, &x, NULL), RFD_E_NOT_FOUND);
    x.id = h.portal.id;
    assert_int_equal(store_read(h.c.store, do_find, &x, NULL), RFD_OK);
    berta = (struct call_of){.h = &h, .actor = central_actor(h.office, BERTA), .uri = x.uri};
    assert_int_equal(write(&h, do_open, &berta), RFD_E_NOT_FOUND);
    assert_int_equal(write(&h, do_start, &x), RFD_E_NOT_FOUND); /* somebody has taken it */
    /* One that was pushed goes on once. */
    struct call_of pushed = {.h = &h, .actor = h.ana, .request = x.request, .id = h.portal.id};
    pushed.request.id = 0;
    assert_int_equal(write(&h, do_keep, &pushed), RFD_OK);
    struct call_of second = pushed;
    assert_int_equal(store_read(h.c.store, do_find, &pushed, NULL), RFD_OK);
    second.request = pushed.request;
    assert_int_equal(write(&h, do_start, &pushed), RFD_OK);
    assert_int_equal(write(&h, do_start, &second), RFD_E_NOT_FOUND);
    assert_int_equal(store_read(h.c.store, do_find, &second, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(write(&h, do_open, &pushed), RFD_OK);
    /* Given up. */
    assert_int_equal(csc_request_give_up(&h.c, &berta.actor, &pushed.request, NULL), RFD_E_NOT_FOUND);
    assert_int_equal(csc_request_give_up(&h.c, &h.ana, &pushed.request, NULL), RFD_OK);
    assert_int_equal(write(&h, do_open, &pushed), RFD_E_NOT_FOUND);
    /* Late. */
    clock_fix(clock_now() + (CSC_PUSHED_SECONDS + 1) * RFD_SECOND);
    assert_int_equal(write(&h, do_open, &x), RFD_E_NOT_FOUND);
    struct call_of sweep = {.h = &h, .now = clock_now()};
    assert_int_equal(write(&h, do_sweep, &sweep), RFD_OK);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_request"), 0);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_request_hash"), 0);
    clock_fix(RFD_TIME_NONE);
}

/* ---- Codes ---- */

static void test_service(void **state)
{
    struct house h;
    struct call_of x, y;
    char first[CSC_TOKEN_SIZE], refresh[CSC_TOKEN_SIZE];
    open_house(state, &h);
    agree(&h, false, &x);
    assert_int_equal(write(&h, do_agree, &x), RFD_E_ACTIVATION_ENDED); /* one code */
    exchanged(&x);
    assert_int_equal(x.token.kind, CSC_TOKEN_SERVICE);
    memcpy(first, x.given, sizeof first);
    memcpy(refresh, x.token.refresh, sizeof refresh);
    assert_int_equal(look(&h, first, &y), RFD_OK);
    assert_true(slice_is(y.token.holder, "IDCPE-00000004"));
    assert_true(y.token.account == h.ana.account && y.token.portal.id == h.portal.id);
    assert_int_equal(look(&h, refresh, &y), RFD_E_UNAUTHORISED); /* it only renews */
    /* The code again: all that it gave is taken back. */
    refused(&x, "Authorization code is invalid or expired");
    assert_int_equal(look(&h, first, &y), RFD_E_UNAUTHORISED);
    x.exchange.refresh = slice_text(refresh);
    refused(&x, "Refresh token expired");
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM audit_waiting WHERE action = 'csc.replay'"),
                     1);
}

static void test_codes_that_are_refused(void **state)
{
    static const char *const verifier = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct house h;
    struct call_of x;
    open_house(state, &h);
    agree(&h, false, &x);
    x.exchange.portal = &h.other; /* whoever stole it has another name: it stays good for its portal */
    refused(&x, "Authorization code is invalid or expired");
    x.exchange.portal = &h.portal;
    exchanged(&x);
    agree(&h, false, &x);
    x.exchange.verifier = slice_text(verifier);
    refused(&x, "code_verifier does not match");
    x.exchange.verifier = SLICE(VERIFIER); /* it was used */
    refused(&x, "Authorization code is invalid or expired");
    agree(&h, false, &x);
    x.exchange.verifier = SLICE_EMPTY;
    refused(&x, "code_verifier does not match");
    agree(&h, false, &x);
    x.exchange.redirect = SLICE("http://localhost:9000/vuelta");
    refused(&x, "redirect_uri parameter does not match");
    agree(&h, false, &x);
    x.exchange.version = 1;
    refused(&x, NULL);
    agree(&h, false, &x);
    x.exchange.code = SLICE("no es");
    refused(&x, NULL);
    agree(&h, false, &x);
    clock_fix(clock_now() + (CSC_CODE_SECONDS + 1) * RFD_SECOND);
    refused(&x, "Authorization code is invalid or expired");
    clock_fix(RFD_TIME_NONE);
    agree(&h, false, &x);
    (void)domain_store_run(h.c.store, "UPDATE account SET state = 'closed' WHERE person = 4");
    refused(&x, "The user's account is closed or locked");
}

static void test_without_pkce(void **state)
{
    struct house h;
    struct call_of x;
    open_house(state, &h);
    ask(&h, false, &x);
    (void)domain_store_run(h.c.store, "UPDATE csc_request SET challenge = '', version = 1");
    assert_int_equal(write(&h, do_open, &x), RFD_OK);
    assert_int_equal(write(&h, do_agree, &x), RFD_OK);
    x.exchange.code = slice_text(x.code);
    x.exchange.version = 1;
    refused(&x, "code_verifier does not match"); /* somebody took the challenge out: RFC 9700 §4.8.2 */
    ask(&h, false, &x);
    (void)domain_store_run(h.c.store, "UPDATE csc_request SET challenge = '', version = 1");
    assert_int_equal(write(&h, do_open, &x), RFD_OK);
    assert_int_equal(write(&h, do_agree, &x), RFD_OK);
    x.exchange.code = slice_text(x.code);
    x.exchange.version = 1;
    x.exchange.verifier = SLICE_EMPTY;
    exchanged(&x);
}

/* ---- Refresh tokens ---- */

static void test_refresh(void **state)
{
    struct house h;
    struct call_of x, y;
    char access[CSC_TOKEN_SIZE], old[CSC_TOKEN_SIZE];
    open_house(state, &h);
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(old, x.token.refresh, sizeof old);
    x.exchange.code = SLICE_EMPTY;
    x.exchange.refresh = slice_text(old);
    x.exchange.portal = &h.other;
    refused(&x, "Refresh token expired");
    x.exchange.portal = &h.portal;
    exchanged(&x);
    memcpy(access, x.given, sizeof access);
    assert_string_not_equal(old, x.token.refresh);
    assert_int_equal(look(&h, access, &y), RFD_OK);
    /* The old one again: one of the two who had it stole it. */
    refused(&x, "Refresh token expired");
    assert_int_equal(look(&h, access, &y), RFD_E_UNAUTHORISED);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_token"), 0);
    /* After 30 days the person is asked again. */
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(old, x.token.refresh, sizeof old);
    x.exchange.code = SLICE_EMPTY;
    x.exchange.refresh = slice_text(old);
    rfd_time start = clock_now();
    clock_fix(start + (CSC_REFRESH_SECONDS - 60) * RFD_SECOND);
    exchanged(&x);
    assert_true(x.token.ends <= start + (CSC_REFRESH_SECONDS + 60) * RFD_SECOND);
    memcpy(old, x.token.refresh, sizeof old);
    clock_fix(start + (CSC_REFRESH_SECONDS + 60) * RFD_SECOND);
    refused(&x, "Refresh token expired");
    clock_fix(RFD_TIME_NONE);
}

/* ---- Taking back ---- */

static void test_taken_back(void **state)
{
    struct house h;
    struct call_of x, y;
    char access[CSC_TOKEN_SIZE], refresh[CSC_TOKEN_SIZE];
    open_house(state, &h);
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(access, x.given, sizeof access);
    memcpy(refresh, x.token.refresh, sizeof refresh);
    struct call_of r = {.h = &h, .id = h.other.id, .text = slice_text(access)};
    assert_int_equal(write(&h, do_revoke, &r), RFD_OK); /* of another: no error, and no effect */
    assert_int_equal(look(&h, access, &y), RFD_OK);
    r.id = h.portal.id;
    r.text = slice_text(refresh); /* takes its access tokens along */
    assert_int_equal(write(&h, do_revoke, &r), RFD_OK);
    assert_int_equal(look(&h, access, &y), RFD_E_UNAUTHORISED);
    assert_int_equal(write(&h, do_revoke, &r), RFD_OK);
    /* The person does. */
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(access, x.given, sizeof access);
    agree(&h, false, &y); /* a code on its way */
    struct call_of p = {.h = &h, .actor = h.ana, .id = h.portal.id};
    assert_int_equal(store_read(h.c.store, do_accesses, &p, NULL), RFD_OK);
    assert_int_equal(p.count, 1);
    p.actor = central_actor(h.office, BERTA);
    assert_int_equal(store_read(h.c.store, do_accesses, &p, NULL), RFD_OK);
    assert_int_equal(p.count, 0);
    assert_int_equal(write(&h, do_withdraw, &p), RFD_OK);
    struct call_of z;
    assert_int_equal(look(&h, access, &z), RFD_OK);
    p.actor = h.ana;
    assert_int_equal(write(&h, do_withdraw, &p), RFD_OK);
    assert_int_equal(write(&h, do_withdraw, &p), RFD_OK);
    assert_int_equal(look(&h, access, &z), RFD_E_UNAUTHORISED);
    refused(&y, "Authorization code is invalid or expired");
    /* Its portal is closed. */
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(access, x.given, sizeof access);
    p.actor = actor_system("admin");
    assert_int_equal(write(&h, do_close, &p), RFD_OK);
    assert_int_equal(look(&h, access, &z), RFD_E_UNAUTHORISED);
}

/* ---- Signatures ---- */

static void test_signs(void **state)
{
    struct house h;
    struct call_of x, y;
    slice wanted[2], signatures[2];
    char access[CSC_TOKEN_SIZE];
    open_house(state, &h);
    agree(&h, true, &x);
    exchanged(&x);
    assert_int_equal(x.token.kind, CSC_TOKEN_CREDENTIAL);
    assert_string_equal(x.token.refresh, "");
    assert_true(x.token.ends > clock_now() && x.token.ends <= clock_now() + 301 * RFD_SECOND);
    memcpy(access, x.given, sizeof access);
    assert_int_equal(look(&h, access, &y), RFD_OK);
    assert_true(slice_is(y.token.credential, h.credential));
    assert_int_equal(y.token.count, 2);
    /* Renewed: the old one is worth nothing; the SAD is the same. */
    assert_int_equal(write(&h, do_renew, &y), RFD_OK);
    assert_int_equal(write(&h, do_renew, &y), RFD_E_UNAUTHORISED);
    struct call_of old;
    assert_int_equal(look(&h, access, &old), RFD_E_UNAUTHORISED);
    memcpy(access, y.given, sizeof access);
    assert_int_equal(look(&h, access, &y), RFD_OK);
    for (size_t i = 0; i < 2; i++) wanted[i] = hashes[i].hash;
    assert_int_equal(csc_sign(&h.c, &y.token, wanted, 2, &memory, signatures, NULL), RFD_OK);
    assert_true(signatures[1].length > 0);
    assert_int_equal(csc_sign(&h.c, &y.token, wanted, 1, &memory, signatures, NULL), RFD_E_ACTIVATION_ENDED);
    /* When it ended is told. */
    clock_fix(clock_now() + 600 * RFD_SECOND);
    assert_int_equal(look(&h, access, &y), RFD_E_UNAUTHORISED);
    assert_true(y.token.kind == CSC_TOKEN_NONE && y.token.ends > 0);
    clock_fix(RFD_TIME_NONE);
}

static void test_one_operation_for_one_request(void **state)
{
    struct house h;
    struct call_of x, other;
    struct central_authorisation begun, begun_again, begun_other;
    open_house(state, &h);
    ask(&h, true, &x);
    ask(&h, true, &other);
    assert_int_equal(begin(&x, &begun), RFD_OK);
    assert_int_equal(begin(&other, &begun_other), RFD_OK);
    /* What was begun for one request gives no code for another. */
    struct central_proofs proofs = central_prove(&begun_other, CENTRAL_PASSWORD, NULL);
    assert_int_equal(csc_activate(&h.c, &h.ana, &memory, &x.request, slice_text(h.credential), begun_other.operation,
                                  &proofs, x.code, NULL),
                     RFD_E_ACTIVATION_ENDED);
    /* Begun again: the first one has ended. */
    assert_int_equal(begin(&x, &begun_again), RFD_OK);
    assert_int_equal(activate(&x, &begun), RFD_E_ACTIVATION_ENDED);
    /* Wrong password, then right; then once more. */
    proofs = central_prove(&begun_again, "no es esta clave", NULL);
    assert_int_equal(csc_activate(&h.c, &h.ana, &memory, &x.request, slice_text(h.credential), begun_again.operation,
                                  &proofs, x.code, NULL),
                     RFD_E_ACTIVATION_PASSWORD);
    assert_int_equal(activate(&x, &begun_again), RFD_OK);
    assert_int_equal(activate(&x, &begun_again), RFD_E_NOT_FOUND);
    /* Somebody else's request, somebody else's certificate. */
    struct call_of berta = other;
    berta.actor = central_actor(h.office, BERTA);
    assert_int_equal(begin(&berta, &begun), RFD_E_NOT_FOUND);
    other.request.credential = SLICE("00000000000000000000000000000000");
    assert_int_equal(begin(&other, &begun), RFD_E_NOT_FOUND);
}

/** This process ends behind the keeper's answer: what it authorised is lost, and the person begins again. */
static void test_killed_in_between(void **state)
{
    struct house h;
    struct call_of x;
    struct central_authorisation begun;
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    open_house(state, &h);
    ask(&h, true, &x);
    assert_int_equal(begin(&x, &begun), RFD_OK);
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    assert_int_equal(central_activate(&h.c, begun.operation, &proofs, &reply, NULL), RFD_OK);
    keeper_reply_dispose(&reply);
    assert_int_equal(csc_activate(&h.c, &h.ana, &memory, &x.request, slice_text(h.credential), begun.operation, &proofs,
                                  x.code, NULL),
                     RFD_E_ACTIVATION_ENDED);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_code"), 0);
    assert_int_equal(begin(&x, &begun), RFD_OK);
    assert_int_equal(activate(&x, &begun), RFD_OK);
    x.exchange.code = slice_text(x.code);
    exchanged(&x);
}

static void test_two_beginnings_of_one_credential(void **state)
{
    struct house h;
    struct call_of x;
    struct central_authorisation begun;
    open_house(state, &h);
    (void)domain_store_run(h.c.store, "UPDATE portal SET quota = 1");
    ask(&h, true, &x);
    assert_int_equal(begin(&x, &begun), RFD_OK);
    assert_int_equal(begin(&x, &begun), RFD_OK); /* of the same request: it counts once */
    ask(&h, true, &x);
    assert_int_equal(begin(&x, &begun), RFD_E_SLOW_DOWN);
}

/** A seal's hashes are stated as any others: what stands for the documents, and what is signed. */
static void state_with_seal(struct house *h, EVP_PKEY *key)
{
    struct ordering o;
    struct buf stated;
    char seal[PERSONAL_ID_SIZE], digits[2][65] = {"", ""};
    add_seal(h, seal);
    for (size_t i = 0; i < 2; i++) number_to_hex(hashes[i].hash, false, (uint8_t *)digits[i]);
    buf_init(&stated, 8192);
    jws_make(key, JWS_STATEMENT_ES256,
             arena_print(&memory, "{\"documents\":[\"%s\",\"%s\"],\"hashes\":[\"%s\",\"%s\"],\"iat\":%lld}", digits[0],
                         digits[1], digits[0], digits[1], (long long)(clock_now() / RFD_SECOND)),
             &stated);
    for (unsigned version = 1; version <= 2; version++) {
        order_of(h, seal, version, &o);
        assert_int_equal(order(h, &o), RFD_E_KEY_REFUSED);
        o.order.statement = buf_slice(&stated);
        assert_int_equal(order(h, &o), RFD_OK);
        o.order.count = 1;
        assert_int_equal(order(h, &o), RFD_E_KEY_REFUSED);
    }
    buf_dispose(&stated);
}

static void put_digits(struct buf *claims, bool first, slice octets)
{
    buf_put_text(claims, first ? "\"" : ",\"");
    buf_put_hex(claims, octets, false);
    buf_put_byte(claims, '"');
}

/** The longest that there may be: 200 hashes of SHA-512, and what stands for their documents. */
static void state_of_many(struct house *h, EVP_PKEY *key)
{
    struct csc_hash many[CSC_HASHES];
    struct ordering o;
    struct buf claims, stated;
    char seal[PERSONAL_ID_SIZE];
    add_seal(h, seal);
    make_hashes(DIGEST_SHA512, "", 0, many);
    buf_init(&claims, 1 << 16);
    buf_init(&stated, 1 << 17);
    buf_put_text(&claims, "{\"documents\":[");
    for (unsigned i = 0; i < CSC_HASHES; i++) {
        uint8_t shown[32];
        WORLD_OK(csc_shown(many[i].hash, shown, &error));
        put_digits(&claims, i == 0, slice_of(shown, sizeof shown));
    }
    buf_put_text(&claims, "],\"hashes\":[");
    for (unsigned i = 0; i < CSC_HASHES; i++) put_digits(&claims, i == 0, many[i].hash);
    buf_print(&claims, "],\"iat\":%lld}", (long long)(clock_now() / RFD_SECOND));
    jws_make(key, JWS_STATEMENT_ES256, arena_text(&memory, buf_slice(&claims)), &stated);
    assert_true(stated.length > 52000 && stated.length + 600 < CSC_STATEMENT_MAXIMUM); /* room for RSA */
    order_of(h, seal, 2, &o);
    o.order.digest = DIGEST_SHA512;
    o.order.hashes = many;
    o.order.count = CSC_HASHES;
    o.order.statement = buf_slice(&stated);
    assert_int_equal(order(h, &o), RFD_OK);
    buf_dispose(&claims);
    buf_dispose(&stated);
}

/** A portal whose key the personal keeper knows says itself what it wants signed: hashes, or documents. */
static void test_statements(void **state)
{
    struct house h;
    struct call_of x;
    struct central_authorisation begun;
    struct buf stated;
    open_house(state, &h);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    const struct profile_value names[] = {{OID_COMMON_NAME, "Sede electrónica de Villa Ejemplo"}};
    const struct ask_registration known = {.kind = KEEPER_PORTAL,
                                           .name = "sede-villa",
                                           .proof = public_key(key),
                                           .profiles = "",
                                           .values = names,
                                           .value_count = 1};
    WORLD_OK(ask_register(central_link(KEEPER_FROM_ADMIN), &known, &error));
    ask(&h, true, &x);
    assert_int_equal(begin(&x, &begun), RFD_E_KEY_REFUSED);
    char digits[2][65] = {"", ""};
    for (size_t i = 0; i < 2; i++) number_to_hex(hashes[i].hash, false, (uint8_t *)digits[i]);
    buf_init(&stated, 8192);
    jws_make(key, JWS_STATEMENT_ES256,
             arena_print(&memory, "{\"documents\":[\"%s\",\"%s\"],\"iat\":%lld}", digits[0], digits[1],
                         (long long)(clock_now() / RFD_SECOND)),
             &stated);
    x.request.statement = buf_slice(&stated);
    assert_int_equal(begin(&x, &begun), RFD_E_KEY_REFUSED); /* what is signed is not said */
    x.request.documents = true;
    assert_int_equal(begin(&x, &begun), RFD_OK);
    assert_non_null(memmem(begun.text.data, begun.text.length, "of: documents\ndocument: 010203", 30));
    assert_int_equal(activate(&x, &begun), RFD_OK);
    ask(&h, true, &x);
    x.request.statement = buf_slice(&stated);
    x.request.hashes[0] = x.request.hashes[1]; /* others than it stated */
    x.request.count = 1;
    assert_int_equal(begin(&x, &begun), RFD_E_KEY_REFUSED);
    state_with_seal(&h, key);
    state_of_many(&h, key);
    buf_dispose(&stated);
    EVP_PKEY_free(key);
}

/* ---- As much as there may be ---- */

enum { DIGESTS = 3, LABELS = 20 << 10 };

/** 200 hashes of each digest, and the longest words that a portal may say of them. */
static void test_longest(void **state)
{
    static const enum digest_id digests[DIGESTS] = {DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512};
    struct house h;
    struct call_of x;
    struct ordering o;
    struct csc_hash many[CSC_HASHES];
    struct central_authorisation begun;
    char seal[PERSONAL_ID_SIZE], text[4 * CSC_DESCRIPTION_MAXIMUM + 1] = "";
    open_house(state, &h);
    add_seal(&h, seal);
    for (unsigned i = 0; i < CSC_DESCRIPTION_MAXIMUM; i++) memcpy(text + 2 * i, i % 7 == 3 ? "  " : "ñ", 3);
    for (unsigned i = 0; i < DIGESTS; i++) {
        make_hashes(digests[i], "", 0, many);
        for (unsigned version = 1; version <= 2; version++) {
            order_of(&h, seal, version, &o);
            o.order.digest = digests[i];
            o.order.hashes = many;
            o.order.count = CSC_HASHES;
            o.order.description = slice_text(text);
            rfd_status status = order(&h, &o);
            if (status != RFD_OK) fail_msg("%s: %d", digest_name(digests[i]), (int)status);
        }
        make_hashes(digests[i], text + 8, LABELS, many);
        ask(&h, true, &x);
        x.request.digest = digests[i];
        x.request.hashes = many;
        x.request.count = CSC_HASHES;
        assert_int_equal(begin(&x, &begun), RFD_OK);
    }
}

/** What begins or ends with blanks, or would where it is cut, is no wrong PIN. */
static void test_blanks(void **state)
{
    static const char *const descriptions[] = {" Padrones", "Padrones  ", "   ", "", NULL};
    struct house h;
    struct ordering o;
    char seal[PERSONAL_ID_SIZE], text[OPERATION_TITLE_MAXIMUM + 20];
    open_house(state, &h);
    add_seal(&h, seal);
    ask(&h, true, &(struct call_of){.id = 0}); /* for its hashes */
    memset(text, 'x', sizeof text - 1);
    text[OPERATION_TITLE_MAXIMUM - 1] = ' ';
    text[sizeof text - 1] = '\0';
    for (unsigned version = 1; version <= 2; version++) {
        for (size_t i = 0; i < sizeof descriptions / sizeof *descriptions; i++) {
            order_of(&h, seal, version, &o);
            o.order.description = slice_text(descriptions[i] == NULL ? text : descriptions[i]);
            assert_int_equal(order(&h, &o), RFD_OK);
        }
        o.order.description = SLICE("a\tb"); /* what cannot be shown is not the PIN's fault, */
        assert_int_equal(order(&h, &o), RFD_E_ARGUMENT);
        o.order.description = SLICE_EMPTY; /* and what cannot be a PIN is */
        o.order.pin = SLICE("\xff");
        assert_int_equal(order(&h, &o), RFD_E_ACTIVATION_PASSWORD);
    }
}

/* ---- The worker's ---- */

static rfd_status do_result(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_result_keep(t, &x->token, SLICE("{}"), CSC_RESULT_SECONDS, x->given, error);
}

static rfd_status do_ended(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    bool ended = false;
    TRY(csc_token_has_ended(t, x->text, &ended, error));
    x->count = ended ? 1 : 0;
    return RFD_OK;
}

static bool has_ended(const struct house *h, const char *token)
{
    struct call_of x = {.h = h, .text = slice_text(token)};
    WORLD_OK(store_read(h->c.store, do_ended, &x, &error));
    return x.count > 0;
}

static void sweep_at(const struct house *h, rfd_time now)
{
    struct call_of x = {.h = h, .now = now};
    clock_fix(now);
    assert_int_equal(write(h, do_sweep, &x), RFD_OK);
}

/** Answers go when their time is over; tokens are told to have ended for a day. */
static void test_swept(void **state)
{
    struct house h;
    struct call_of x;
    open_house(state, &h);
    x = (struct call_of){.h = &h, .exchange = {.portal = &h.portal, .version = 2, .own = true}};
    exchanged(&x);
    rfd_time start = clock_now();
    char *token = arena_text(&memory, slice_text(x.given));
    WORLD_OK(store_write(h.c.store, do_result, &x, &error));
    sweep_at(&h, start + (CSC_RESULT_SECONDS - 5) * RFD_SECOND);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_result"), 1);
    sweep_at(&h, start + (CSC_RESULT_SECONDS + 5) * RFD_SECOND);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_result"), 0);
    assert_false(has_ended(&h, token));
    sweep_at(&h, start + (CSC_SERVICE_SECONDS + 120) * RFD_SECOND);
    assert_true(has_ended(&h, token));
    sweep_at(&h, start + (CSC_SERVICE_SECONDS + CSC_ENDED_SECONDS + 5) * RFD_SECOND);
    assert_false(has_ended(&h, token));
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_token"), 0);
    clock_fix(RFD_TIME_NONE);
}

/** As long as anything of what a code gave can be used, its second use takes it all back. */
static void test_old_codes(void **state)
{
    struct house h;
    struct call_of x;
    char refresh[CSC_TOKEN_SIZE];
    open_house(state, &h);
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(refresh, x.token.refresh, sizeof refresh);
    rfd_time start = clock_now();
    sweep_at(&h, start + 2 * CSC_SERVICE_SECONDS * RFD_SECOND);
    refused(&x, "Authorization code is invalid or expired");
    x.exchange.code = SLICE_EMPTY;
    x.exchange.refresh = slice_text(refresh);
    refused(&x, "Refresh token expired");
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_token"), 0);
    /* Then it is forgotten. */
    sweep_at(&h, start + (CSC_REFRESH_SECONDS + 5) * RFD_SECOND);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_code"), 0);
    clock_fix(RFD_TIME_NONE);
}

/* ---- Quota ---- */

static rfd_status do_quota(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    return csc_quota_use(t, &x->portal, clock_now(), error);
}

static rfd_status do_operation(struct transaction *t, void *context, struct rfd_error *error)
{
    struct call_of *x = context;
    struct faults faults = {.count = 0};
    struct signing made;
    struct signing_document document = {.title = SLICE("Solicitud"), .blob = x->text, .pages = 1};
    const struct signing wanted = {
        .purpose = SLICE("Solicitud"), .return_address = SLICE(BACK), .documents = &document, .count = 1};
    TRY(redirect_actor(&x->portal, store_arena(t), &x->actor, error));
    rfd_status status = signing_new(t, &x->actor, &x->portal, &wanted, &faults, &made, error);
    unsigned wait = 0;
    if (status == RFD_E_SLOW_DOWN && redirect_wait(t, &x->portal, clock_now(), &wait, NULL) == RFD_OK) x->count = wait;
    return status;
}

/** Authorizations and operations count together, whichever comes first; and a clock that is set back gives none anew.
 */
static void test_quota(void **state)
{
    struct house h;
    rfd_time noon = (clock_now() / (86400 * RFD_SECOND) + 1) * 86400 * RFD_SECOND + 12 * 3600 * RFD_SECOND;
    open_house(state, &h);
    (void)domain_store_run(h.c.store, "UPDATE portal SET quota = 2");
    struct call_of x = {.h = &h, .portal = h.portal, .text = central_pdf(&h.c, "Solicitud")};
    x.portal.quota = 2;
    clock_fix(noon);
    assert_int_equal(write(&h, do_quota, &x), RFD_OK);
    WORLD_OK(store_write(h.c.store, do_operation, &x, &error));
    assert_int_equal(write(&h, do_operation, &x), RFD_E_SLOW_DOWN);
    assert_int_equal(x.count, 86401); /* until that operation is a day old; earlier would be tomorrow */
    assert_int_equal(write(&h, do_quota, &x), RFD_E_SLOW_DOWN);
    clock_fix(noon - 86400 * RFD_SECOND);
    assert_int_equal(write(&h, do_quota, &x), RFD_E_SLOW_DOWN);
    assert_int_equal(write(&h, do_operation, &x), RFD_E_SLOW_DOWN);
    clock_fix(noon + 86400 * RFD_SECOND + RFD_SECOND);
    assert_int_equal(write(&h, do_quota, &x), RFD_OK);
    assert_int_equal(write(&h, do_quota, &x), RFD_OK);
    assert_int_equal(write(&h, do_operation, &x), RFD_E_SLOW_DOWN);
    assert_int_equal(x.count, 12 * 3600); /* tomorrow */
    clock_fix(RFD_TIME_NONE);
}

/* ---- A copy of the database ---- */

struct copied {
    slice sealed, hash;
};

static rfd_status read_sealed(struct transaction *t, void *context, struct rfd_error *error)
{
    struct copied *x = context;
    struct store_rows rows;
    TRY(store_run(t, "SELECT sealed, hash FROM csc_token WHERE kind = 2", NULL, 0, &rows, error));
    x->sealed = store_cell(&rows, 0, 0)->bytes;
    x->hash = store_cell(&rows, 0, 1)->bytes;
    TRY(store_keep(&memory, &x->sealed, error));
    return store_keep(&memory, &x->hash, error);
}

static void test_a_copy_signs_nothing(void **state)
{
    struct house h;
    struct call_of x, y;
    struct copied row;
    open_house(state, &h);
    agree(&h, true, &x);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_code WHERE length(sealed) = 80"), 1);
    exchanged(&x);
    /* The code's is gone with its use. */
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_code WHERE length(sealed) > 0"), 0);
    assert_int_equal(store_read(h.c.store, read_sealed, &row, NULL), RFD_OK);
    assert_int_equal(look(&h, x.given, &y), RFD_OK);
    assert_null(memmem(row.sealed.data, row.sealed.length, y.token.sad, 16));
    /* With what the row has nobody opens it. */
    struct csc_token token = y.token;
    assert_false(csc_unseal(CSC_SEAL_TOKEN, row.hash, row.sealed, &token));
    assert_false(csc_unseal(CSC_SEAL_CODE, slice_text(x.given), row.sealed, &token));
    assert_true(csc_unseal(CSC_SEAL_TOKEN, slice_text(x.given), row.sealed, &token));
    /* A row that was altered opens no more. */
    static const char *const alterations[] = {
        "UPDATE csc_token SET count = 3",
        "UPDATE csc_token SET portal = (SELECT id FROM portal WHERE client = 'otra')",
        "UPDATE csc_token SET credential = '00000000000000000000000000000000'",
        "UPDATE csc_token SET ends = ends + 1",
    };
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) {
        agree(&h, true, &x);
        exchanged(&x);
        assert_int_equal(look(&h, x.given, &y), RFD_OK);
        (void)domain_store_run(h.c.store, alterations[i]);
        if (look(&h, x.given, &y) != RFD_E_UNAUTHORISED) fail_msg("%s", alterations[i]);
        (void)domain_store_run(h.c.store, "DELETE FROM csc_token");
    }
    agree(&h, true, &x);
    (void)domain_store_run(h.c.store, "UPDATE csc_code SET credential = '00000000000000000000000000000000'");
    refused(&x, "Authorization code is invalid or expired");
}

/* ---- Two at once ---- */

struct racing {
    struct call_of call;
    pthread_t thread;
    rfd_status status;
};

static void *race(void *context)
{
    struct racing *r = context;
    r->status = write(r->call.h, do_exchange, &r->call);
    return NULL;
}

static void race_both(const struct call_of *x, unsigned *won)
{
    struct racing both[2] = {{.call = *x}, {.call = *x}};
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_create(&both[i].thread, NULL, race, &both[i]), 0);
    for (size_t i = 0; i < 2; i++) (void)pthread_join(both[i].thread, NULL);
    *won = 0;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(both[i].status, RFD_OK);
        *won += both[i].call.refused == NULL;
    }
}

/** One wins, and what it won is taken back: nobody knows which of them was the portal. */
static void test_two_at_once(void **state)
{
    struct house h;
    struct call_of x;
    char old[CSC_TOKEN_SIZE];
    unsigned won = 0;
    open_house(state, &h);
    agree(&h, true, &x);
    race_both(&x, &won);
    assert_int_equal(won, 1);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_token"), 0);
    agree(&h, false, &x);
    exchanged(&x);
    memcpy(old, x.token.refresh, sizeof old);
    x.exchange.code = SLICE_EMPTY;
    x.exchange.refresh = slice_text(old);
    race_both(&x, &won);
    assert_int_equal(won, 1);
    assert_int_equal(domain_store_number(h.c.store, "SELECT count(*) FROM csc_token"), 0);
}

static void test_the_portal_itself(void **state)
{
    struct house h;
    struct call_of x = {.h = NULL}, y;
    open_house(state, &h);
    x = (struct call_of){.h = &h, .exchange = {.portal = &h.portal, .version = 2, .own = true}};
    exchanged(&x);
    assert_string_equal(x.token.refresh, "");
    assert_int_equal(look(&h, x.given, &y), RFD_OK);
    assert_true(y.token.kind == CSC_TOKEN_SERVICE && y.token.account == 0 && y.token.holder.length == 0);
    assert_int_equal(look(&h, "no es una", &y), RFD_E_UNAUTHORISED);
    assert_int_equal(y.token.ends, 0);
}

static int set_up(void **state)
{
    arena_init(&memory, 64 << 20);
    return central_setup(state);
}

static int tear_down(void **state)
{
    arena_dispose(&memory);
    return central_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_secrets),
        IN_BOTH_OFFICES(test_assertions),
        IN_BOTH_OFFICES(test_assertions_by_rsa),
        IN_BOTH_OFFICES(test_certificates),
        IN_BOTH_OFFICES(test_requests),
        IN_BOTH_OFFICES(test_service),
        IN_BOTH_OFFICES(test_codes_that_are_refused),
        IN_BOTH_OFFICES(test_without_pkce),
        IN_BOTH_OFFICES(test_refresh),
        IN_BOTH_OFFICES(test_taken_back),
        IN_BOTH_OFFICES(test_signs),
        IN_BOTH_OFFICES(test_one_operation_for_one_request),
        IN_BOTH_OFFICES(test_killed_in_between),
        IN_BOTH_OFFICES(test_two_beginnings_of_one_credential),
        IN_BOTH_OFFICES(test_statements),
        IN_BOTH_OFFICES(test_longest),
        IN_BOTH_OFFICES(test_blanks),
        IN_BOTH_OFFICES(test_swept),
        IN_BOTH_OFFICES(test_old_codes),
        IN_BOTH_OFFICES(test_quota),
        IN_BOTH_OFFICES(test_a_copy_signs_nothing),
        IN_BOTH_OFFICES(test_two_at_once),
        IN_BOTH_OFFICES(test_the_portal_itself),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
