/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a portal states about its documents: a registered portal always, with its own key, these documents, now.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jws_maker.h"
#include "personal_desk.h"

#include <openssl/x509.h>
#include <stdio.h>

static EVP_PKEY *ec, *rsa, *other;

static int open_room(void **state)
{
    ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    return pdesk_open_room(state);
}

static int close_room(void **state)
{
    EVP_PKEY_free(ec);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(other);
    return pdesk_close_room(state);
}

static rfd_status register_portal(const char *name, EVP_PKEY *key, const char *shown)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    rfd_status status = pdesk_register(KEEPER_PORTAL, name, slice_of(der, (size_t)length), "", shown);
    OPENSSL_free(der);
    return status;
}

#define ES256 JWS_STATEMENT_ES256
#define RS256 JWS_STATEMENT_RS256
#define ONES  "0101010101010101010101010101010101010101010101010101010101010101"
#define TWOS  "0202020202020202020202020202020202020202020202020202020202020202"

static const char *claims_of(const char *documents, int64_t issued)
{
    static char text[1024];
    (void)snprintf(text, sizeof text, "{\"documents\":[%s],\"iat\":%lld}", documents, (long long)issued);
    return text;
}

struct asked {
    enum operation_of of;
    enum digest_id digest;
    bool others; /* the hashes are not those of what is shown */
};
static const struct asked whole = {OPERATION_OF_DOCUMENTS, DIGEST_SHA256, false},
                          hashes_of_others = {OPERATION_OF_HASHES, DIGEST_SHA256, true};

/** Begins to sign documents "01.." and "02.." with a statement. */
static rfd_status begin_as(const char *id, const char *portal, slice statement, const struct asked *asked)
{
    static struct operation_document documents[2];
    static uint8_t hashes[2][DIGEST_SIZE_MAXIMUM];
    struct begun b;
    for (unsigned i = 0; i < 2; i++) {
        memset(hashes[i], (int)i + 1, sizeof hashes[i]);
        if (asked->others) pdesk_hash(i, hashes[i]);
        documents[i] = (struct operation_document){.title = SLICE("Solicitud"),
                                                   .hash = slice_of(hashes[i], digest_size(asked->digest))};
        memset(documents[i].shown, (int)i + 1, sizeof documents[i].shown);
    }
    const struct operation_text o = {.kind = OPERATION_SIGN,
                                     .credential = slice_text(id),
                                     .portal = slice_text(portal),
                                     .digest = asked->digest,
                                     .of = asked->of,
                                     .documents = documents,
                                     .count = 2,
                                     .time = pdesk.now};
    return pdesk_begin_text(&o, 0, statement, &b);
}

/** The documents themselves. */
static rfd_status begin(const char *id, const char *portal, slice statement)
{
    return begin_as(id, portal, statement, &whole);
}

static void test_statements(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct buf s;
    int64_t now = pdesk.now / RFD_SECOND;
    const char *both = "\"" ONES "\",\"" TWOS "\"";
    buf_init(&s, 8192);
    pdesk_generate(1, id);
    assert_int_equal(begin(id, "Villa Ejemplo", SLICE_EMPTY), RFD_OK); /* nobody knows it yet */
    jws_make(ec, ES256, claims_of(both, now), &s);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    assert_int_equal(register_portal("villa", ec, "Villa Ejemplo"), RFD_OK);
    assert_int_equal(register_portal("banco", rsa, NULL), RFD_OK);
    assert_int_equal(register_portal("villa-2", other, "Villa Ejemplo"), RFD_E_EXISTS);
    assert_int_equal(begin(id, "Villa Ejemplo", SLICE_EMPTY), RFD_E_KEY_REFUSED);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_OK);
    assert_int_equal(begin(id, "Otro", SLICE_EMPTY), RFD_OK);
    jws_make(rsa, RS256, claims_of(both, now), &s);
    assert_int_equal(begin(id, "banco", buf_slice(&s)), RFD_OK);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED); /* another's key */
    pdesk_reopen();
    assert_int_equal(begin(id, "Villa Ejemplo", SLICE_EMPTY), RFD_E_KEY_REFUSED);
    buf_dispose(&s);
}

static void test_hostile(void **state)
{
    (void)state;
    char id[PERSONAL_ID_SIZE];
    struct buf s;
    int64_t now = pdesk.now / RFD_SECOND;
    const char *both = "\"" ONES "\",\"" TWOS "\"";
    static const char *const documents[] = {"\"" TWOS "\",\"" ONES "\"",
                                            "\"" ONES "\"",
                                            "\"" ONES "\",\"" TWOS "\",\"" TWOS "\"",
                                            "",
                                            "1,2",
                                            "\"01\",\"02\""};
    static const char *const headers[] = {RS256,
                                          "{\"alg\":\"none\",\"typ\":\"documents+jwt\"}",
                                          "{\"alg\":\"ES256\"}",
                                          "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
                                          "{\"alg\":\"ES256\",\"typ\":\"documents+jwt\",\"crit\":[\"b64\"]}",
                                          "[]",
                                          "{"};
    buf_init(&s, 8192);
    pdesk_generate(1, id);
    assert_int_equal(register_portal("villa", ec, "Villa Ejemplo"), RFD_OK);
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        jws_make(ec, ES256, claims_of(documents[i], now), &s);
        assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    }
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        jws_make(ec, headers[i], claims_of(both, now), &s);
        assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    }
    static const char *const hashes[] = {"[]",    "{}",  "1", "\"" ONES "\"", "[\"" ONES "\",\"" TWOS "\"]",
                                         "[1,2]", "null"};
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        char claims[1024];
        (void)snprintf(claims, sizeof claims, "{\"documents\":[%s],\"hashes\":%s,\"iat\":%lld}", both, hashes[i],
                       (long long)now);
        jws_make(ec, ES256, claims, &s);
        assert_int_equal(begin_as(id, "Villa Ejemplo", buf_slice(&s), &hashes_of_others), RFD_E_KEY_REFUSED);
    }
    jws_make(ec, ES256, claims_of(both, now - 601), &s);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    jws_make(ec, ES256, claims_of(both, now + 301), &s);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    static const struct {
        long issued, ends; /* from now, seconds */
        rfd_status status;
    } times[] = {{-601, 1, RFD_OK},
                 {-7 * 86400, 86400, RFD_OK},
                 {-601, 0, RFD_E_KEY_REFUSED},
                 {0, -1, RFD_E_KEY_REFUSED},
                 {-7 * 86400, 86401, RFD_E_KEY_REFUSED},
                 {-8 * 86400 - 1, 1, RFD_E_KEY_REFUSED},
                 {301, 400, RFD_E_KEY_REFUSED}};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        char claims[1024];
        (void)snprintf(claims, sizeof claims, "{\"documents\":[%s],\"iat\":%lld,\"exp\":%lld}", both,
                       (long long)now + times[i].issued, (long long)now + times[i].ends);
        jws_make(ec, ES256, claims, &s);
        assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), times[i].status);
    }
    jws_make(other, ES256, claims_of(both, now), &s);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_E_KEY_REFUSED);
    static const char *const texts[] = {"", ".", "..", "a.b", "a.b.c", "...", "e30.e30.", "=.=.="};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(begin(id, "Villa Ejemplo", slice_text(texts[i])), RFD_E_KEY_REFUSED);
    jws_make(ec, ES256, claims_of(both, now), &s);
    assert_int_equal(begin(id, "Villa Ejemplo", buf_slice(&s)), RFD_OK);
    buf_dispose(&s);
}

/* A statement of documents is none of hashes: whoever prepares them could take those of anything else. */
static void test_hash_that_was_not_stated(void **state)
{
    (void)state;
    static const struct {
        struct asked asked;
        rfd_status documents, hashes; /* what comes of a statement of the one, and of both */
    } cases[] = {
        {{OPERATION_OF_DOCUMENTS, DIGEST_SHA256, false}, RFD_OK, RFD_OK},
        {{OPERATION_OF_DOCUMENTS, DIGEST_SHA256, true}, RFD_E_KEY_REFUSED, RFD_E_KEY_REFUSED},
        {{OPERATION_OF_HASHES, DIGEST_SHA256, false}, RFD_E_KEY_REFUSED, RFD_OK},
        {{OPERATION_OF_HASHES, DIGEST_SHA256, true}, RFD_E_KEY_REFUSED, RFD_E_KEY_REFUSED},
        {{OPERATION_OF_DOCUMENTS, DIGEST_SHA384, false}, RFD_E_KEY_REFUSED, RFD_E_KEY_REFUSED},
    };
    const char *both = "\"" ONES "\",\"" TWOS "\"";
    char id[PERSONAL_ID_SIZE], claims[1024];
    struct buf documents, all;
    int64_t now = pdesk.now / RFD_SECOND;
    buf_init(&documents, 8192);
    buf_init(&all, 8192);
    pdesk_generate(1, id);
    assert_int_equal(register_portal("villa", ec, "Villa Ejemplo"), RFD_OK);
    jws_make(ec, ES256, claims_of(both, now), &documents);
    (void)snprintf(claims, sizeof claims, "{\"documents\":[%s],\"hashes\":[%s],\"iat\":%lld}", both, both,
                   (long long)now);
    jws_make(ec, ES256, claims, &all);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(begin_as(id, "Villa Ejemplo", buf_slice(&documents), &cases[i].asked), cases[i].documents);
        assert_int_equal(begin_as(id, "Villa Ejemplo", buf_slice(&all), &cases[i].asked), cases[i].hashes);
    }
    buf_dispose(&documents);
    buf_dispose(&all);
}

/* Another name that reads the same is no way round a statement. */
static void test_names_that_look_alike(void **state)
{
    (void)state;
    static const char *const alike[] = {"Villa ejemplo",  "VILLA EJEMPLO",      "Villa Ejémplo", "Villa Eje\u0301mplo",
                                        "Villa  Ejemplo", "V\u0456lla Ejemplo", "Vi11a Ejempl0", "VillaEjemplo"};
    char id[PERSONAL_ID_SIZE];
    struct buf s;
    const char *both = "\"" ONES "\",\"" TWOS "\"";
    buf_init(&s, 8192);
    pdesk_generate(1, id);
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        assert_int_equal(begin(id, alike[i], SLICE_EMPTY), RFD_OK);
    assert_int_equal(register_portal("villa", ec, "Villa Ejemplo"), RFD_OK);
    jws_make(other, ES256, claims_of(both, pdesk.now / RFD_SECOND), &s);
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++) {
        assert_int_equal(begin(id, alike[i], SLICE_EMPTY), RFD_E_KEY_REFUSED);
        assert_int_equal(begin(id, alike[i], buf_slice(&s)), RFD_E_KEY_REFUSED);
    }
    assert_int_equal(begin(id, "Villa Ejemplar", SLICE_EMPTY), RFD_OK);
    assert_int_equal(begin(id, "La Villa Ejemplo", SLICE_EMPTY), RFD_OK);
    /* One that has a key of its own may read like another. */
    assert_int_equal(register_portal("villa-2", other, "Villa Ejémplo"), RFD_OK);
    assert_int_equal(begin(id, "Villa Ejémplo", SLICE_EMPTY), RFD_E_KEY_REFUSED);
    assert_int_equal(begin(id, "Villa Ejémplo", buf_slice(&s)), RFD_OK);
    buf_dispose(&s);
}

/* Registered things of kinds that are not for this keeper, and keys that are none. */
static void test_registering(void **state)
{
    (void)state;
    struct buf spki;
    struct message_reader r;
    buf_init(&spki, 1024);
    issue_new_key(&spki);
    assert_int_equal(pdesk_register(KEEPER_PERSONAL, "me", buf_slice(&spki), "", NULL), RFD_E_ARGUMENT);
    assert_int_equal(pdesk_register(KEEPER_PORTAL, "villa", slice_part(buf_slice(&spki), 0, 50), "", NULL),
                     RFD_E_KEY_ALGORITHM);
    assert_int_equal(pdesk_register(KEEPER_PORTAL, "villa", buf_slice(&spki), "pe-natural-person", NULL),
                     RFD_E_ARGUMENT);
    buf_put_byte(&spki, 0);
    assert_int_equal(pdesk_register(KEEPER_PORTAL, "villa", buf_slice(&spki), "", NULL), RFD_E_KEY_ALGORITHM);
    spki.length--;
    assert_int_equal(pdesk_register(KEEPER_PORTAL, "villa", buf_slice(&spki), "", "Villa"), RFD_OK);
    assert_int_equal(pdesk_register(KEEPER_PORTAL, "villa", buf_slice(&spki), "", "Villa Ejemplo"), RFD_OK);
    assert_int_equal(pdesk_ask(KEEPER_FROM_WEB, KEEPER_LIST_REGISTERED, &r), RFD_OK);
    assert_int_equal(message_get_u32(&r), 2);
    message_put_u8(&pdesk.body, KEEPER_PORTAL);
    message_put_text(&pdesk.body, "villa");
    assert_int_equal(pdesk_ask(KEEPER_FROM_WORKER, KEEPER_UNREGISTER, NULL), RFD_E_KEY_REFUSED);
    message_put_u8(&pdesk.body, KEEPER_PORTAL);
    message_put_text(&pdesk.body, "villa");
    assert_int_equal(pdesk_ask(KEEPER_FROM_ADMIN, KEEPER_UNREGISTER, NULL), RFD_OK);
    buf_dispose(&spki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_statements, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_hostile, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_hash_that_was_not_stated, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_names_that_look_alike, pdesk_set, pdesk_clear),
        cmocka_unit_test_setup_teardown(test_registering, pdesk_set, pdesk_clear),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
