/* SPDX-License-Identifier: EUPL-1.2
 *
 * OAuth 2 for portals over the whole web, with both keepers behind it: what a portal pushes, where its person is led,
 * what they agree to with password and code, tokens, and what is refused in which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "citizen.h"

#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "domain/csc/csc.h"
#include "http/percent.h"
#include "jws_maker.h"
#include "pki/digest.h"

#include <jansson.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define SECRET    "un-secreto-de-la-sede"
#define BACK      "https://sede.example/vuelta?de=refrenda"
#define BACK_SENT "https%3A%2F%2Fsede.example%2Fvuelta%3Fde%3Drefrenda"
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" /* RFC 7636, appendix B */
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define PKCE      "&code_challenge=" CHALLENGE "&code_challenge_method=S256"
#define PROOF     "client_id=sede&client_secret=" SECRET
#define HASH      "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
#define HASH_2    "ISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-P0A"
#define SHA256    "2.16.840.1.101.3.4.2.1"
#define SERVICE   "response_type=code&scope=service&state=un+estado" PKCE "&redirect_uri=" BACK_SENT
#define SIGN                                                                                                           \
    "response_type=code&scope=credential&state=un+estado" PKCE "&redirect_uri=" BACK_SENT                              \
    "&numSignatures=2&hashes=" HASH "," HASH_2 "&hashAlgorithmOID=" SHA256 "&description=Tu+contrato"

enum { TEXT = 2048, STATE = 2048 };

static struct arena memory;

/* ---- The portal ---- */

static const char *join(const char *first, const char *second)
{
    return arena_print(&memory, "%s%s", first, second);
}

struct putting {
    struct portal portal;
    int64_t id;
};

static rfd_status put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    struct actor admin = actor_system("admin");
    return portal_put(t, &admin, &p->portal, NULL, &p->id, error);
}

static int64_t put_portal(struct house *h, struct portal portal)
{
    struct putting p = {.portal = portal};
    WORLD_OK(store_write(h->office->store, put, &p, &error));
    return p.id;
}

static struct portal portal_with_secret(const char *client, const char *name)
{
    uint8_t hash[32], *digits = arena_allocate(&memory, 64);
    assert_int_equal(digest_of(DIGEST_SHA256, SLICE(SECRET), hash, NULL), RFD_OK);
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    return (struct portal){.entity = 1,
                           .name = slice_text(name),
                           .client = slice_text(client),
                           .secret_hash = slice_of(digits, 64),
                           .returns = {SLICE(BACK), SLICE("http://localhost:9000/vuelta")},
                           .return_count = 2};
}

static void open_house(void **state, struct house *h)
{
    arena_dispose(&memory);
    arena_init(&memory, 16 << 20);
    house_open(state, h);
    (void)put_portal(h, portal_with_secret("sede", "Sede electrónica de Villa Ejemplo"));
    (void)put_portal(h, portal_with_secret("otra", "Otra sede"));
}

/** What a program posts; its answer's JSON, NULL: none. */
static json_t *ask(struct house *h, const char *path, const char *fields, int wanted)
{
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, path);
    web_form(&x, fields);
    int status = web_send(h->web, &x);
    if (status != wanted)
        fail_msg("%s: %d %.*s", path, status, (int)x.response.body.length, (const char *)x.response.body.data);
    assert_string_equal(web_answer_header(&x, "cache-control", 0), "no-store");
    json_t *json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    web_forget(&x);
    return json;
}

/** signHash with this token: as SAD in the body (version 1), or as it is (version 2). */
static void signs(struct house *h, unsigned version, const char *service, const char *token, const char *credential)
{
    struct exchange_of_test x;
    char path[64];
    (void)snprintf(path, sizeof path, "/csc/v%u/signatures/signHash", version);
    web_request(&x, HTTP_POST, path);
    web_header(&x, "Authorization", arena_print(&memory, "Bearer %s", version == 1 ? service : token));
    web_header(&x, "Content-Type", "application/json");
    json_t *body =
        json_pack("{s:s,s:[s],s:s,s:s}", "credentialID", credential, version == 1 ? "hash" : "hashes", HASH "=",
                  version == 1 ? "hashAlgo" : "hashAlgorithmOID", SHA256, "signAlgo", "1.2.840.10045.4.3.2");
    if (version == 1) (void)json_object_set_new(body, "SAD", json_string(token));
    char *text = json_dumps(body, JSON_COMPACT);
    x.request.body = arena_copy(&x.arena, slice_text(text));
    int status = web_send(h->web, &x);
    if (status != 200)
        fail_msg("%s %s: %d %.*s", path, text, status, (int)x.response.body.length, (const char *)x.response.body.data);
    free(text);
    json_decref(body);
    web_forget(&x);
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text == NULL ? "" : arena_text(&memory, slice_text(text));
}

/** Expects this refusal. */
static void refused(struct house *h, const char *path, const char *fields, int status, const char *code,
                    const char *description)
{
    json_t *json = ask(h, path, fields, status);
    if (strcmp(text_of(json, "error"), code) != 0 ||
        (description != NULL && strcmp(text_of(json, "error_description"), description) != 0))
        fail_msg("%s %s: %s, %s", path, fields, text_of(json, "error"), text_of(json, "error_description"));
    json_decref(json);
}

static const char *push(struct house *h, unsigned version, const char *fields)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/csc/v%u/oauth2/pushed_authorize", version);
    json_t *json = ask(h, path, join(PROOF "&", fields), 201);
    const char *uri = text_of(json, "request_uri");
    assert_int_equal(json_integer_value(json_object_get(json, "expires_in")), 90);
    json_decref(json);
    return uri;
}

/* ---- The person ---- */

/** Follows the authorization endpoint to the page of the request: its address. */
static const char *follow(const struct citizen *c, unsigned version, const char *query)
{
    struct exchange_of_test x;
    char target[4 * TEXT];
    (void)snprintf(target, sizeof target, "/csc/v%u/oauth2/authorize?%s", version, query);
    int status = web_get(c->house->web, &x, target, c->cookie);
    if (status != 303) fail_msg("%s: %d %s", target, status, web_answer_header(&x, "location", 0));
    const char *address = arena_text(&memory, slice_text(web_answer_header(&x, "location", 0)));
    web_forget(&x);
    return address;
}

static const char *begin(const struct citizen *c, unsigned version, const char *fields)
{
    const char *uri = push(c->house, version, fields);
    return follow(c, version, arena_print(&memory, "client_id=sede&request_uri=%s", uri));
}

static const char *step(const char *address, const char *rest)
{
    return arena_print(&memory, "%.*s%s", (int)strcspn(address, "?"), address, rest);
}

/** A parameter of the address that leads back; "" when it is not there. */
static const char *parameter(const char *address, const char *name)
{
    char begins[64];
    slice decoded;
    (void)snprintf(begins, sizeof begins, "&%s=", name);
    const char *at = address == NULL ? NULL : strstr(address, begins);
    if (at == NULL) return "";
    at += strlen(begins);
    assert_int_equal(percent_decode(slice_of(at, strcspn(at, "&")), 0, &memory, &decoded, NULL), RFD_OK);
    return arena_text(&memory, decoded);
}

/** Posts one of our forms whose answer leads back to the portal: the address. */
static const char *post_back(const struct citizen *c, const char *path, const char *fields)
{
    struct exchange_of_test x;
    int status = citizen_post(c, &x, path, "text/html", fields);
    if (status != 302) fail_msg("%s: %d", path, status);
    const char *address = arena_text(&memory, slice_text(web_answer_header(&x, "location", 0)));
    web_forget(&x);
    assert_int_equal(strncmp(address, BACK "&", strlen(BACK "&")), 0);
    assert_string_equal(parameter(address, "state"), "un estado");
    return address;
}

static const char *exchange_fields(const char *code)
{
    return join(PROOF "&grant_type=authorization_code&redirect_uri=" BACK_SENT "&code_verifier=" VERIFIER "&code=",
                code);
}

/** Password and code on the page of the address; the code for the portal. */
static const char *authorise(const struct citizen *c, const char *address, const char *credential)
{
    struct activation a;
    struct exchange_of_test x;
    citizen_begin(c, step(address, "/certificado"), arena_print(&memory, "certificado=%s", credential), &a);
    assert_int_equal(citizen_try(c, &a, CENTRAL_PASSWORD, "000000", "\"field\":\"code\""), 422);
    citizen_send_again(c, &a);
    int status = citizen_activate(c, &a, &x, CENTRAL_PASSWORD, NULL);
    if (status != 200) fail_msg("%d %.*s", status, (int)x.response.body.length, (const char *)x.response.body.data);
    json_t *json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    const char *back = text_of(json, "next");
    json_decref(json);
    web_forget(&x);
    arena_dispose(&a.memory);
    assert_int_equal(strncmp(back, BACK "&", strlen(BACK "&")), 0);
    return parameter(back, "code");
}

/* ---- Tests ---- */

static void test_service(void **state)
{
    struct house h;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    const char *address = begin(&ana, 2, SERVICE);
    assert_true(citizen_says(&ana, address, "Sede electrónica de Villa Ejemplo"));
    assert_true(citizen_says(&ana, address, "IDCPE-00000004"));
    const char *back = post_back(&ana, step(address, "/permiso"), "");
    assert_string_equal(parameter(back, "iss"), arena_print(&memory, "%s/csc/v2", h.web->settings.web.url));
    assert_int_equal(citizen_look(&ana, address, "", NULL), 404); /* it gave its code */
    json_t *json = ask(&h, "/csc/v2/oauth2/token", exchange_fields(parameter(back, "code")), 200);
    assert_string_equal(text_of(json, "token_type"), "Bearer");
    assert_int_equal(json_integer_value(json_object_get(json, "expires_in")), CSC_SERVICE_SECONDS);
    const char *refresh = text_of(json, "refresh_token");
    assert_int_equal(strlen(text_of(json, "access_token")), CSC_TOKEN_SIZE - 1);
    json_decref(json);
    /* Renewed; and the old one again. */
    const char *renew = arena_print(&memory, PROOF "&grant_type=refresh_token&refresh_token=%s", refresh);
    json = ask(&h, "/csc/v2/oauth2/token", renew, 200);
    assert_string_not_equal(text_of(json, "refresh_token"), refresh);
    json_decref(json);
    /* "Central certificates" says who may see them, and takes it back. */
    assert_true(citizen_says(&ana, "/certificados/central", "/certificados/central/portales/1\""));
    struct citizen berta = citizen_sign_in(&h, BERTA);
    assert_int_equal(citizen_look(&berta, "/certificados/central/portales/1", "", NULL), 404);
    assert_true(citizen_says(&ana, "/certificados/central/portales/1", "Sede electrónica"));
    assert_int_equal(citizen_do_post(&ana, "/certificados/central/portales/1", ""), 303);
    assert_false(citizen_says(&ana, "/certificados/central", "/certificados/central/portales/1\""));
    refused(&h, "/csc/v2/oauth2/token", renew, 400, "invalid_grant", "Refresh token expired");
    house_close(&h);
}

static void test_signatures(void **state)
{
    struct house h;
    char credential[PERSONAL_ID_SIZE];
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    const char *address = begin(&ana, 2, SIGN "&lang=ca-ES");
    assert_true(citizen_says(&ana, step(address, ""), "/firma\"")); /* first an office */
    citizen_certificate(&ana, credential);
    assert_true(citizen_says(&ana, address, credential));
    assert_true(citizen_says(&ana, address, "Tu contrato"));
    assert_true(citizen_says(&ana, address, "0102030405060708"));
    assert_int_equal(citizen_do_post(&ana, step(address, "/certificado"), ""), 422);
    assert_int_equal(citizen_look(&ana, step(address, "/certificado"), "", NULL), 303);
    const char *code = authorise(&ana, address, credential);
    json_t *json = ask(&h, "/csc/v2/oauth2/token", exchange_fields(code), 200);
    assert_string_equal(text_of(json, "token_type"), "Bearer");
    assert_string_equal(text_of(json, "credentialID"), credential);
    assert_string_equal(text_of(json, "refresh_token"), "");
    assert_true(json_integer_value(json_object_get(json, "expires_in")) <= 300);
    signs(&h, 2, NULL, text_of(json, "access_token"), credential);
    json_decref(json);
    refused(&h, "/csc/v2/oauth2/token", exchange_fields(code), 400, "invalid_grant",
            "Authorization code is invalid or expired");
    house_close(&h);
}

static void test_version_1(void **state)
{
    struct house h;
    char credential[PERSONAL_ID_SIZE];
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    /* Everything in the address, no PKCE, the algorithm by the length. */
    const char *address =
        follow(&ana, 1,
               join("client_id=sede&response_type=code&scope=credential&state=un+estado&redirect_uri=" BACK_SENT
                    "&numSignatures=1&hash=" HASH "&credentialID=",
                    credential));
    const char *code = authorise(&ana, address, credential);
    const char *fields = join(PROOF "&grant_type=authorization_code&redirect_uri=" BACK_SENT "&code=", code);
    json_t *json = ask(&h, "/csc/v1/oauth2/token", fields, 200);
    assert_string_equal(text_of(json, "token_type"), "SAD");
    const char *token = text_of(json, "access_token");
    json_decref(json);
    json = ask(&h, "/csc/v1/oauth2/token", PROOF "&grant_type=client_credentials", 200);
    signs(&h, 1, text_of(json, "access_token"), token, credential);
    json_decref(json);
    /* RFC 7009. */
    assert_null(ask(&h, "/csc/v1/oauth2/revoke", arena_print(&memory, PROOF "&token=%s", token), 204));
    assert_null(ask(&h, "/csc/v1/oauth2/revoke", PROOF "&token=unknown&token_type_hint=refresh_token", 204));
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM csc_token WHERE account IS NOT NULL"),
                     0);
    house_close(&h);
}

static void test_details(void **state)
{
    struct house h;
    char credential[PERSONAL_ID_SIZE];
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    /* [{"type":"credential","documentDigests":[{"hash":HASH,"label":"Contrato de obra"}],"hashAlgorithmOID":SHA256}] */
    const char *address =
        begin(&ana, 2,
              "response_type=code&state=un+estado" PKCE "&redirect_uri=" BACK_SENT
              "&authorization_details=%5B%7B%22type%22%3A%22credential%22%2C%22documentDigests%22%3A%5B%7B%22hash%22%3A"
              "%22" HASH "%22%2C%22label%22%3A%22Contrato+de+obra%22%7D%5D%2C%22hashAlgorithmOID%22%3A%22" SHA256
              "%22%7D%5D");
    assert_true(citizen_says(&ana, address, "Contrato de obra"));
    json_t *json = ask(&h, "/csc/v2/oauth2/token", exchange_fields(authorise(&ana, address, credential)), 200);
    const json_t *one = json_array_get(json_object_get(json, "authorization_details"), 0);
    assert_string_equal(text_of(one, "credentialID"), credential);
    assert_string_equal(text_of(one, "type"), "credential");
    json_decref(json);
    house_close(&h);
}

static void test_whoever_is_not_signed_in(void **state)
{
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct citizen nobody = {.house = &h};
    const char *uri = push(&h, 2, SIGN);
    const char *address = follow(&nobody, 2, arena_print(&memory, "client_id=sede&request_uri=%s", uri));
    assert_int_equal(web_get(h.web, &x, address, ""), 200);
    assert_true(web_says(&x, "/acceso?volver=/autorizaciones/"));
    assert_true(web_says(&x, "Sede electrónica de Villa Ejemplo"));
    web_forget(&x);
    /* Signed in, it is theirs, and nobody else's. */
    struct citizen ana = citizen_sign_in(&h, ANA), berta = citizen_sign_in(&h, BERTA);
    assert_int_equal(citizen_look(&ana, address, "", NULL), 200);
    assert_int_equal(citizen_look(&berta, address, "", NULL), 404);
    assert_int_equal(citizen_do_post(&berta, step(address, "/cancelar"), ""), 404);
    assert_int_equal(web_get(h.web, &x, step(address, "/certificado"), ""), 303);
    web_forget(&x);
    const char *back = post_back(&ana, step(address, "/cancelar"), "");
    assert_string_equal(parameter(back, "error"), "access_denied");
    assert_int_equal(citizen_look(&ana, address, "", NULL), 404);
    house_close(&h);
}

/** Nobody is sent anywhere: the person is told. */
static void told(const struct citizen *c, const char *query)
{
    struct exchange_of_test x;
    char target[2 * TEXT];
    (void)snprintf(target, sizeof target, "/csc/v2/oauth2/authorize?%s", query);
    int status = web_get(c->house->web, &x, target, c->cookie);
    if (status != 400 || web_answer_header(&x, "location", 0)[0] != '\0') fail_msg("%s: %d", query, status);
    web_forget(&x);
}

static void test_nobody_is_sent_anywhere(void **state)
{
    struct house h;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    told(&ana, "");
    told(&ana, "client_id=ninguna&" SERVICE);
    told(&ana, "client_id=sede&response_type=code&redirect_uri=https%3A%2F%2Fotra.example%2F");
    told(&ana, "client_id=sede&response_type=code&redirect_uri=" BACK_SENT "%2Fmas");
    told(&ana, "client_id=sede&response_type=code"); /* which of them? */
    told(&ana, "client_id=sede&" SERVICE "&redirect_uri=" BACK_SENT);
    told(&ana, "client_id=sede&request_uri=urn:ietf:params:oauth:request_uri:no");
    const char *uri = push(&h, 2, SERVICE);
    told(&ana, arena_print(&memory, "client_id=otra&request_uri=%s", uri));
    (void)follow(&ana, 2, arena_print(&memory, "client_id=sede&request_uri=%s", uri));
    told(&ana, arena_print(&memory, "client_id=sede&request_uri=%s", uri)); /* once */
    uri = push(&h, 1, SERVICE);
    told(&ana, arena_print(&memory, "client_id=sede&request_uri=%s", uri)); /* of the other version */
    (void)domain_store_run(h.office->store, "UPDATE portal SET closed = TRUE WHERE client = 'sede'");
    told(&ana, "client_id=sede&" SERVICE);
    house_close(&h);
}

/** Programs on people's own machines listen where there is a free port (RFC 8252 §7.3). */
static void test_loopback(void **state)
{
    static const struct {
        const char *redirect;
        int status;
    } rows[] = {
        {"http%3A%2F%2F127.0.0.1%3A40123%2Fvuelta", 303},
        {"http%3A%2F%2F127.0.0.1%2Fvuelta", 303},
        {"http%3A%2F%2F127.0.0.1%3A40123%2Fotra", 400},
        {"http%3A%2F%2F127.0.0.1%3A0%2Fvuelta", 400},
        {"http%3A%2F%2F127.0.0.1%3A%2Fvuelta", 400},
        {"http%3A%2F%2F127.0.0.1.example%2Fvuelta", 400},
        {"http%3A%2F%2F127.0.0.1%3A80%40example%2Fvuelta", 400},
        {"http%3A%2F%2Flocalhost%3A9001%2Fvuelta", 400},
    };
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct portal portal = portal_with_secret("nativo", "Programa");
    portal.returns[0] = SLICE("http://127.0.0.1/vuelta");
    (void)put_portal(&h, portal);
    struct citizen ana = citizen_sign_in(&h, ANA);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = citizen_get(&ana, &x,
                                 "/csc/v2/oauth2/authorize?client_id=nativo&response_type=code&scope=service%s&"
                                 "redirect_uri=%s",
                                 PKCE, rows[i].redirect);
        if (status != rows[i].status) fail_msg("%s: %d", rows[i].redirect, status);
        web_forget(&x);
    }
    house_close(&h);
}

/** Each row is refused by pushed_authorize, and by authorize with the same words at the portal's address. */
static const struct {
    const char *fields, *error, *description;
} refusals[] = {
    {"scope=service" PKCE, "invalid_request", "Missing parameter response_type"},
    {"response_type=token" PKCE, "unsupported_response_type", "Invalid parameter response_type"},
    {"response_type=code&scope=todo" PKCE, "invalid_scope", "Invalid parameter scope"},
    {"response_type=code&scope=service+credential" PKCE, "invalid_scope", "Invalid parameter scope"},
    {"response_type=code&scope=service", "invalid_request", "Missing parameter code_challenge"},
    {"response_type=code&scope=service&code_challenge=" CHALLENGE, "invalid_request",
     "Invalid parameter code_challenge_method"},
    {"response_type=code&scope=service&code_challenge=" CHALLENGE "&code_challenge_method=plain", "invalid_request",
     "Invalid parameter code_challenge_method"},
    {"response_type=code&scope=service&code_challenge=corto&code_challenge_method=S256", "invalid_request",
     "Invalid parameter code_challenge"},
    {"response_type=code&scope=service&lang=es%0A" PKCE, "invalid_request", "Invalid parameter lang"},
    {"response_type=code&scope=service&description=a%0Ab" PKCE, "invalid_request", "Invalid parameter description"},
    {"response_type=code&scope=service&statement=a%0Ab" PKCE, "invalid_request", "Invalid parameter statement"},
    {"response_type=code&scope=service&response_type=code" PKCE, "invalid_request", "A parameter is there twice"},
    {"response_type=code&scope=credential&numSignatures=1" PKCE, "invalid_request",
     "Missing (or invalid type) array parameter hashes"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=" PKCE, "invalid_request", "Empty hash array"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=%2A" PKCE, "invalid_request",
     "Invalid Base64 hash string parameter"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=AAAA" PKCE, "invalid_request",
     "Invalid digest value length"},
    {"response_type=code&scope=credential&numSignatures=2&hashes=" HASH "," HASH PKCE, "invalid_request",
     "A hash is there twice"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=" HASH "&hashAlgorithmOID=1.3.14.3.2.26" PKCE,
     "invalid_request", "Invalid parameter hashAlgorithmOID"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=" HASH "&hashAlgorithmOID=2.16.840.1.101.3.4.2.3" PKCE,
     "invalid_request", "Invalid digest value length"},
    {"response_type=code&scope=credential&hashes=" HASH PKCE, "invalid_request",
     "Missing (or invalid type) integer parameter numSignatures"},
    {"response_type=code&scope=credential&numSignatures=uno&hashes=" HASH PKCE, "invalid_request",
     "Missing (or invalid type) integer parameter numSignatures"},
    {"response_type=code&scope=credential&numSignatures=0&hashes=" HASH PKCE, "invalid_request",
     "Invalid value for parameter numSignatures"},
    {"response_type=code&scope=credential&numSignatures=1&hashes=" HASH "," HASH_2 PKCE, "invalid_request",
     "Invalid value for parameter numSignatures"},
    {"response_type=code&scope=credential&numSignatures=201&hashes=" HASH PKCE, "invalid_request",
     "Numbers of signatures is too high"},
    {"response_type=code&scope=credential&numSignatures=1&credentialID=x&hashes=" HASH PKCE, "invalid_request",
     "Invalid parameter credentialID"},
    {"response_type=code&authorization_details=x" PKCE, "invalid_authorization_details",
     "Invalid parameter authorization_details"},
    {"response_type=code&authorization_details=%5B%7B%22type%22%3A%22pago%22%7D%5D" PKCE,
     "invalid_authorization_details", "Invalid parameter authorization_details"},
    {"response_type=code&authorization_details=%5B%7B%22type%22%3A%22credential%22%7D%5D" PKCE,
     "invalid_authorization_details", "Missing (or invalid type) array documentDigests"},
    {"response_type=code&authorization_details=%5B%7B%22type%22%3A%22credential%22%2C%22documentDigests%22%3A%5B%7B"
     "%22hash%22%3A%22" HASH "%22%2C%22label%22%3A%22+con+blanco%22%7D%5D%7D%5D" PKCE,
     "invalid_authorization_details", "Invalid parameter label"},
};

static void test_refused_requests(void **state)
{
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *fields = join(refusals[i].fields, "&state=un+estado&redirect_uri=" BACK_SENT);
        refused(&h, "/csc/v2/oauth2/pushed_authorize", join(PROOF "&", fields), 400, refusals[i].error,
                refusals[i].description);
        int status = citizen_get(&ana, &x, "/csc/v2/oauth2/authorize?client_id=sede&%s", fields);
        const char *back = web_answer_header(&x, "location", 0);
        if (status != 302 || strcmp(parameter(back, "error"), refusals[i].error) != 0 ||
            strcmp(parameter(back, "error_description"), refusals[i].description) != 0 ||
            strcmp(parameter(back, "state"), "un estado") != 0 || parameter(back, "iss")[0] == '\0')
            fail_msg("%s: %d %s", fields, status, back);
        web_forget(&x);
    }
    char state_of_the_portal[STATE + 2] = "";
    memset(state_of_the_portal, 'a', STATE + 1);
    refused(&h, "/csc/v2/oauth2/pushed_authorize",
            join(PROOF "&response_type=code&redirect_uri=" BACK_SENT PKCE "&state=", state_of_the_portal), 400,
            "invalid_request", "Invalid parameter state");
    house_close(&h);
}

static void test_refused_tokens(void **state)
{
    static const char *const token = "/csc/v2/oauth2/token";
    struct house h;
    open_house(state, &h);
    refused(&h, token, "grant_type=client_credentials", 400, "invalid_request", "Missing parameter client_id");
    refused(&h, token, "client_id=sede&grant_type=client_credentials", 401, "invalid_client",
            "Client authorization required");
    refused(&h, token, "client_id=sede&client_secret=no&grant_type=client_credentials", 401, "invalid_client", NULL);
    refused(&h, token, "client_id=nadie&client_secret=" SECRET "&grant_type=client_credentials", 401, "invalid_client",
            NULL);
    refused(&h, token, PROOF "&client_assertion=a.b.c&client_assertion_type=x", 400, "invalid_request",
            "More than one way of client authentication");
    refused(&h, token, PROOF, 400, "invalid_request", "Missing parameter grant_type");
    refused(&h, token, PROOF "&grant_type=password", 400, "unsupported_grant_type", NULL);
    refused(&h, token, PROOF "&grant_type=authorization_code", 400, "invalid_request", "Missing parameter code");
    refused(&h, token, PROOF "&grant_type=refresh_token", 400, "invalid_request", "Missing parameter refresh_token");
    refused(&h, token, PROOF "&grant_type=refresh_token&refresh_token=x", 400, "invalid_grant",
            "Refresh token expired");
    refused(&h, token, PROOF "&grant_type=authorization_code&code=x", 400, "invalid_grant",
            "Authorization code is invalid or expired");
    refused(&h, token, PROOF "&grant_type=client_credentials&scope=credential", 400, "invalid_scope", NULL);
    refused(&h, "/csc/v2/oauth2/revoke", PROOF, 400, "invalid_request",
            "Missing (or invalid type) string parameter token");
    refused(&h, "/csc/v2/oauth2/revoke", PROOF "&token=x&token_type_hint=otra", 400, "invalid_request",
            "Invalid string parameter token_type_hint");
    refused(&h, "/csc/v2/oauth2/revoke", "client_id=sede&token=x", 401, "invalid_client", NULL);
    refused(&h, "/csc/v2/oauth2/pushed_authorize", PROOF "&" SERVICE "&request_uri=x", 400, "invalid_request",
            "Invalid parameter request_uri");
    refused(&h, "/csc/v2/oauth2/pushed_authorize", PROOF "&response_type=code&redirect_uri=https%3A%2F%2Fotra.example",
            400, "invalid_request", "Invalid parameter redirect_uri");
    json_t *json = ask(&h, token, PROOF "&grant_type=client_credentials&scope=service", 200);
    assert_string_equal(text_of(json, "scope"), "service");
    assert_string_equal(text_of(json, "refresh_token"), "");
    json_decref(json);
    house_close(&h);
}

/** Basic (RFC 6749 §2.3.1), and the certificate of the connection (RFC 8705). */
static void test_other_proofs(void **state)
{
    struct house h;
    struct exchange_of_test x;
    uint8_t hash[32], digits[64];
    open_house(state, &h);
    slice certificate = office_agent(AGENT)->der;
    assert_int_equal(digest_of(DIGEST_SHA256, certificate, hash, NULL), RFD_OK);
    number_to_hex(slice_of(hash, sizeof hash), false, digits);
    struct portal portal = portal_with_secret("con-tls", "Con TLS");
    portal.secret_hash = SLICE_EMPTY;
    portal.certificate_hash = slice_of(digits, sizeof digits);
    (void)put_portal(&h, portal);
    for (unsigned i = 0; i < 3; i++) {
        static const int statuses[] = {200, 200, 401};
        web_request(&x, HTTP_POST, "/csc/v2/oauth2/token");
        if (i == 0)
            web_header(&x, "Authorization", "Basic c2VkZTp1bi1zZWNyZXRvLWRlLWxhLXNlZGU=");
        else
            x.request.shown_certificate = i == 1 ? certificate : office_agent(RIVAL)->der;
        web_form(&x, i == 0 ? "grant_type=client_credentials" : "client_id=con-tls&grant_type=client_credentials");
        assert_int_equal(web_send(h.web, &x), statuses[i]);
        if (statuses[i] == 401) assert_int_equal(strncmp(web_answer_header(&x, "www-authenticate", 0), "Basic", 5), 0);
        web_forget(&x);
    }
    house_close(&h);
}

/** What a portal with a key asks for, it states; the personal keeper sees to it. */
static void test_metadata(void **state)
{
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    h.web->settings.web.certificate_listen.items[0] = "0.0.0.0:8444";
    h.web->settings.web.certificate_listen.count = 1;
    assert_int_equal(web_get(h.web, &x, "/.well-known/oauth-authorization-server/csc/v2", ""), 200);
    json_t *json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    const char *url = h.web->settings.web.url;
    assert_string_equal(text_of(json, "issuer"), arena_print(&memory, "%s/csc/v2", url));
    assert_string_equal(text_of(json, "pushed_authorization_request_endpoint"),
                        arena_print(&memory, "%s/csc/v2/oauth2/pushed_authorize", url));
    const json_t *aliases = json_object_get(json, "mtls_endpoint_aliases");
    assert_non_null(strstr(text_of(aliases, "token_endpoint"), ":8444/csc/v2/oauth2/token"));
    assert_null(json_object_get(aliases, "authorization_endpoint"));
    json_decref(json);
    web_forget(&x);
    assert_int_equal(web_get(h.web, &x, "/.well-known/oauth-authorization-server/csc/v1", ""), 200);
    assert_true(web_says(&x, "/csc/v1\""));
    web_forget(&x);
    /* On both listeners. */
    size_t count = 0, found = 0;
    const struct http_route *routes = web_http_routes(h.web->web, true, &count);
    for (size_t i = 0; i < count; i++) found += strstr(routes[i].pattern, "/oauth2/") != NULL;
    assert_int_equal(found, 6);
    house_close(&h);
}

static int set_up(void **state)
{
    arena_init(&memory, 16 << 20);
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
        IN_BOTH_OFFICES(test_service),
        IN_BOTH_OFFICES(test_signatures),
        IN_BOTH_OFFICES(test_version_1),
        IN_BOTH_OFFICES(test_details),
        IN_BOTH_OFFICES(test_whoever_is_not_signed_in),
        IN_BOTH_OFFICES(test_nobody_is_sent_anywhere),
        IN_BOTH_OFFICES(test_loopback),
        IN_BOTH_OFFICES(test_refused_requests),
        IN_BOTH_OFFICES(test_refused_tokens),
        IN_BOTH_OFFICES(test_other_proofs),
        IN_BOTH_OFFICES(test_metadata),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
