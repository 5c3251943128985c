/* SPDX-License-Identifier: EUPL-1.2
 *
 * OAuth 2 for portals over the whole web, with both keepers behind it: what a portal pushes, where its person is led,
 * what they agree to with password and code, tokens, and what is refused in which words: each row of
 * oauth_refusals.def, by each endpoint and each version that has it, and nothing else. docs/csc.md has them all with
 * these tests' names; REFRENDA_WRITE_DOCS=1 writes it anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "citizen.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "base/url.h"
#include "domain/csc/csc.h"
#include "http/percent.h"
#include "jws_maker.h"
#include "pki/digest.h"
#include "web/csc/csc_pages.h"
#include "web/internal.h"

#include <ctype.h>
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

#define SIGN_DETAILS    "response_type=code&state=un+estado" PKCE "&redirect_uri=" BACK_SENT "&authorization_details="
#define CREDENTIAL      "response_type=code&scope=credential" PKCE
#define DETAILED        "response_type=code" PKCE
#define CREDENTIAL_TYPE "\"type\":\"credential\""
#define DIGESTS         "\"documentDigests\":[{\"hash\":\"" HASH "\"}]"

enum { TEXT = 2048, STATE = 2048, ENDPOINTS = 4, DOCUMENT_MAXIMUM = 1 << 18 };

static struct arena memory;

/* ---- What was seen ---- */

static const char *const endpoints[ENDPOINTS] = {"oauth2/authorize", "oauth2/pushed_authorize", "oauth2/token",
                                                 "oauth2/revoke"};
static const char *running;                                /* test */
static const char *seen[CSC_OAUTH_REFUSALS][3][ENDPOINTS]; /* by which test, in which version, at which endpoint */

static int status_of(const struct csc_oauth_row *row, unsigned endpoint)
{
    return endpoint == 0 ? 302 : row->status;
}

/** What no row of the table has, nobody may be refused with. */
static void note(unsigned version, unsigned endpoint, int status, const char *code, const char *description)
{
    for (size_t i = 0; i < CSC_OAUTH_REFUSALS; i++) {
        const struct csc_oauth_row *row = &csc_oauth_rows[i];
        if ((row->versions & version) == 0 || (row->endpoints & (1U << endpoint)) == 0 ||
            strcmp(row->error, code) != 0 || strcmp(row->description, description) != 0)
            continue;
        assert_int_equal(status, status_of(row, endpoint));
        if (seen[i][version][endpoint] == NULL) seen[i][version][endpoint] = running;
        return;
    }
    fail_msg("v%u %s: %d %s \"%s\" is not in oauth_refusals.def", version, endpoints[endpoint], status, code,
             description);
}

/** As note(), by the path that was posted to. */
static void note_path(const char *path, int status, const char *code, const char *description)
{
    unsigned version = strncmp(path, CSC_V1 "/", strlen(CSC_V1 "/")) == 0 ? 1 : 2, endpoint = 1;
    while (endpoint < ENDPOINTS && strcmp(path + strlen(CSC_V1 "/"), endpoints[endpoint]) != 0) endpoint++;
    assert_true(endpoint < ENDPOINTS);
    note(version, endpoint, status, code, description);
}

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

#define open_house(state, h) open_house_of(state, h, __func__)

static void open_house_of(void **state, struct house *h, const char *test)
{
    running = test;
    arena_dispose(&memory);
    arena_init(&memory, 16 << 20);
    house_open(state, h);
    limit_free(h->web->web->limit);
    assert_int_equal(limit_new(0, &h->web->web->limit, NULL), RFD_OK);
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
    note_path(path, status, code, text_of(json, "error_description"));
    json_decref(json);
}

static const char *address_in(unsigned version, const char *endpoint)
{
    return arena_print(&memory, "/csc/v%u/oauth2/%s", version, endpoint);
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

/** As a value of a form. */
static const char *encoded(const char *text)
{
    struct buf b;
    buf_init(&b, 32 * TEXT);
    for (const char *c = text; *c != '\0'; c++)
        buf_print(&b, isalnum((unsigned char)*c) ? "%c" : "%%%02X", (unsigned char)*c);
    const char *made = arena_text(&memory, buf_slice(&b));
    buf_dispose(&b);
    return made;
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
    const char *details =
        arena_print(&memory,
                    "[{\"type\":\"credential\",\"credentialID\":\"%s\",\"documentDigests\":[{\"hash\":\"" HASH
                    "\",\"label\":\"Contrato de obra\"}],\"hashAlgorithmOID\":\"" SHA256
                    "\",\"locations\":[\"https://x.example\"]}]",
                    credential);
    const char *address = begin(&ana, 2, join(SIGN_DETAILS, encoded(details)));
    assert_true(citizen_says(&ana, address, "Contrato de obra"));
    json_t *json = ask(&h, "/csc/v2/oauth2/token", exchange_fields(authorise(&ana, address, credential)), 200);
    const json_t *one = json_array_get(json_object_get(json, "authorization_details"), 0);
    assert_string_equal(text_of(one, "credentialID"), credential);
    assert_string_equal(text_of(one, "type"), "credential");
    assert_string_equal(text_of(json_array_get(json_object_get(one, "documentDigests"), 0), "label"),
                        "Contrato de obra");
    json_decref(json);
    /* Another's is not shown. */
    details =
        "[{\"type\":\"credential\",\"credentialID\":\"00112233445566778899aabbccddeeff\",\"documentDigests\":[{\"hash\":"
        "\"" HASH "\"}]}]";
    address = begin(&ana, 2, join(SIGN_DETAILS, encoded(details)));
    assert_false(citizen_says(&ana, address, credential));
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

/** Each row is refused by pushed_authorize, and by authorize with the same words at the portal's address; `details` are
 * authorization_details. */
static const struct {
    const char *fields, *details;
    enum csc_oauth_refusal refusal;
} refusals[] = {
    {"scope=service" PKCE, NULL, CSC_OAUTH_TYPE_MISSING},
    {"response_type=token" PKCE, NULL, CSC_OAUTH_TYPE},
    {"response_type=code&scope=todo" PKCE, NULL, CSC_OAUTH_SCOPE},
    {"response_type=code&scope=service+credential" PKCE, NULL, CSC_OAUTH_SCOPE},
    {"response_type=code&scope=service", NULL, CSC_OAUTH_CHALLENGE_MISSING},
    {"response_type=code&scope=service&code_challenge=" CHALLENGE, NULL, CSC_OAUTH_CHALLENGE_METHOD},
    {"response_type=code&scope=service&code_challenge=" CHALLENGE "&code_challenge_method=plain", NULL,
     CSC_OAUTH_CHALLENGE_METHOD},
    {"response_type=code&scope=service&code_challenge=corto&code_challenge_method=S256", NULL, CSC_OAUTH_CHALLENGE},
    {"response_type=code&scope=service&lang=es%0A" PKCE, NULL, CSC_OAUTH_LANGUAGE},
    {"response_type=code&scope=service&description=a%0Ab" PKCE, NULL, CSC_OAUTH_DESCRIPTION},
    {"response_type=code&scope=service&statement=a%0Ab" PKCE, NULL, CSC_OAUTH_STATEMENT},
    {"response_type=code&scope=service&response_type=code" PKCE, NULL, CSC_OAUTH_TWICE},
    {CREDENTIAL "&numSignatures=1", NULL, CSC_OAUTH_HASH_MISSING},
    {CREDENTIAL "&numSignatures=1", NULL, CSC_OAUTH_HASHES_MISSING},
    {CREDENTIAL "&numSignatures=1&hashes=", NULL, CSC_OAUTH_HASH_EMPTY},
    {CREDENTIAL "&numSignatures=1&hashes=%2A", NULL, CSC_OAUTH_HASH_BASE64},
    {CREDENTIAL "&numSignatures=1&hashes=AAAA", NULL, CSC_OAUTH_HASH_LENGTH},
    {CREDENTIAL "&numSignatures=2&hashes=" HASH "," HASH, NULL, CSC_OAUTH_HASH_TWICE},
    {CREDENTIAL "&numSignatures=1&hashes=" HASH "&hashAlgorithmOID=1.3.14.3.2.26", NULL, CSC_OAUTH_DIGEST},
    {CREDENTIAL "&numSignatures=1&hashes=" HASH "&hashAlgorithmOID=2.16.840.1.101.3.4.2.3", NULL,
     CSC_OAUTH_HASH_LENGTH},
    {CREDENTIAL "&hashes=" HASH, NULL, CSC_OAUTH_COUNT_MISSING},
    {CREDENTIAL "&numSignatures=uno&hashes=" HASH, NULL, CSC_OAUTH_COUNT_MISSING},
    {CREDENTIAL "&numSignatures=0&hashes=" HASH, NULL, CSC_OAUTH_COUNT},
    {CREDENTIAL "&numSignatures=1&hashes=" HASH "," HASH_2, NULL, CSC_OAUTH_COUNT},
    {CREDENTIAL "&numSignatures=201&hashes=" HASH, NULL, CSC_OAUTH_COUNT_HIGH},
    {CREDENTIAL "&numSignatures=1&credentialID=x&hashes=" HASH, NULL, CSC_OAUTH_CREDENTIAL},
    {CREDENTIAL "&numSignatures=1&signatureQualifier=pe_ley27269_fd&hashes=" HASH, NULL, CSC_OAUTH_QUALIFIER},
    {DETAILED, "x", CSC_OAUTH_DETAILS},
    {DETAILED, "[{\"type\":\"pago\"}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE "},{" CREDENTIAL_TYPE "}]", CSC_OAUTH_DETAILS},
    /* Of another type, or nothing that is known: never passed over and then told to be granted. */
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"signatureQualifier\":\"eu_eidas_qes\"," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"credentialID\":7," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"hashAlgorithmOID\":{}," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"locations\":\"x\"," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"locations\":[1]," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"limit\":1," DIGESTS "}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"" HASH "\",\"label\":7}]}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"" HASH "\",\"kind\":\"x\"}]}]",
     CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"label\":\"x\"}]}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[\"" HASH "\"]}]", CSC_OAUTH_DETAILS},
    {DETAILED, "[{" CREDENTIAL_TYPE "}]", CSC_OAUTH_DETAILS_DOCUMENTS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[]}]", CSC_OAUTH_DETAILS_DOCUMENTS},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"credentialID\":\"x\"," DIGESTS "}]", CSC_OAUTH_DETAILS_CREDENTIAL},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"" HASH "\",\"label\":\" con blanco\"}]}]",
     CSC_OAUTH_DETAILS_LABEL},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"*\"}]}]", CSC_OAUTH_DETAILS_BASE64},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"AAAA\"}]}]", CSC_OAUTH_DETAILS_LENGTH},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[{\"hash\":\"" HASH "\"},{\"hash\":\"" HASH "\"}]}]",
     CSC_OAUTH_DETAILS_TWICE},
    {DETAILED, "[{" CREDENTIAL_TYPE ",\"hashAlgorithmOID\":\"1.3.14.3.2.26\"," DIGESTS "}]", CSC_OAUTH_DETAILS_DIGEST},
};

/** By both endpoints, in the words of the row. */
static void refused_by_both(const struct citizen *c, unsigned version, const char *fields,
                            enum csc_oauth_refusal refusal)
{
    const struct csc_oauth_row *row = &csc_oauth_rows[refusal];
    const char *all = join(fields, "&redirect_uri=" BACK_SENT);
    struct exchange_of_test x;
    bool stated = refusal != CSC_OAUTH_STATE;
    refused(c->house, address_in(version, "pushed_authorize"), join(PROOF "&", all), 400, row->error, row->description);
    int status = web_get(c->house->web, &x,
                         arena_print(&memory, "/csc/v%u/oauth2/authorize?client_id=sede&%s", version, all), c->cookie);
    const char *back = web_answer_header(&x, "location", 0);
    if (status != 302 || strcmp(parameter(back, "error"), row->error) != 0 ||
        strcmp(parameter(back, "error_description"), row->description) != 0 ||
        strcmp(parameter(back, "state"), stated ? "un estado" : "") != 0 || parameter(back, "iss")[0] == '\0')
        fail_msg("v%u %s: %d %s", version, all, status, back);
    note(version, 0, status, row->error, row->description);
    web_forget(&x);
}

/** So many documents, with labels of so many octets. */
static const char *many_details(unsigned count, int label)
{
    struct buf b;
    buf_init(&b, 32 * TEXT);
    buf_put_text(&b, "[{" CREDENTIAL_TYPE ",\"documentDigests\":[");
    for (unsigned i = 0; i < count; i++)
        buf_print(&b, "%s{\"hash\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0%03uA\",\"label\":\"%0*u\"}",
                  i == 0 ? "" : ",", i, label, i);
    buf_put_text(&b, "]}]");
    const char *made = encoded(arena_text(&memory, buf_slice(&b)));
    buf_dispose(&b);
    return arena_print(&memory, "%s%s", DETAILED "&state=un+estado&authorization_details=", made);
}

static void test_refused_requests(void **state)
{
    struct house h;
    char longest[STATE + 2] = "";
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    memset(longest, 'a', STATE + 1);
    for (unsigned version = 1; version <= 2; version++) {
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
            const char *fields = join(refusals[i].fields, "&state=un+estado");
            if ((csc_oauth_rows[refusals[i].refusal].versions & version) == 0) continue;
            if (refusals[i].details != NULL)
                fields = arena_print(&memory, "%s&authorization_details=%s", fields, encoded(refusals[i].details));
            refused_by_both(&ana, version, fields, refusals[i].refusal);
        }
        refused_by_both(&ana, version, join("response_type=code" PKCE "&state=", longest), CSC_OAUTH_STATE);
    }
    refused_by_both(&ana, 2, many_details(CSC_HASHES + 1, 1), CSC_OAUTH_DETAILS_HIGH);
    /* Labels that would not fit into an operation's text, and the longest that do. */
    refused_by_both(&ana, 2, many_details(CSC_HASHES, 103), CSC_OAUTH_DETAILS_LABEL);
    (void)push(&h, 2, join(many_details(CSC_HASHES, 102), "&redirect_uri=" BACK_SENT));
    house_close(&h);
}

/** What is the portal's fault, and only seen when its person goes on, is told to the portal. */
static void faulty(const struct citizen *c, unsigned version, const char *fields, const char *credential,
                   enum csc_oauth_refusal refusal)
{
    const struct csc_oauth_row *row = &csc_oauth_rows[refusal];
    const char *address = begin(c, version, fields);
    const char *back = post_back(c, step(address, "/certificado"), arena_print(&memory, "certificado=%s", credential));
    assert_string_equal(parameter(back, "error"), row->error);
    assert_string_equal(parameter(back, "error_description"), row->description);
    note(version, 0, 302, row->error, row->description);
}

static void test_refused_later(void **state)
{
    struct house h;
    char credential[PERSONAL_ID_SIZE];
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    citizen_certificate(&ana, credential);
    for (unsigned version = 1; version <= 2; version++) {
        const char *address = begin(&ana, version, SIGN);
        const char *back = post_back(&ana, step(address, "/cancelar"), "");
        assert_string_equal(parameter(back, "error"), "access_denied");
        note(version, 0, 302, "access_denied", parameter(back, "error_description"));
        /* Nobody's statement, as the keeper knows no key of this portal. */
        faulty(&ana, version, SIGN "&statement=a.b.c", credential, CSC_OAUTH_STATED);
        (void)domain_store_run(h.office->store, "UPDATE portal SET name = ' Sede' WHERE client = 'sede'");
        faulty(&ana, version, SIGN, credential, CSC_OAUTH_SHOWN);
        (void)domain_store_run(h.office->store, "UPDATE portal SET name = 'Sede' WHERE client = 'sede'");
        (void)domain_store_run(h.office->store, "UPDATE portal SET quota = 1");
        if (version == 1) {
            struct activation a;
            citizen_begin(&ana, step(begin(&ana, version, SIGN), "/certificado"),
                          arena_print(&memory, "certificado=%s", credential), &a);
            arena_dispose(&a.memory);
        }
        faulty(&ana, version, SIGN, credential, CSC_OAUTH_OPERATIONS);
        (void)domain_store_run(h.office->store, "UPDATE portal SET quota = 0");
    }
    house_close(&h);
}

/** Who asks, is asked by all endpoints but the one for browsers. */
static void refused_clients(struct house *h, unsigned version)
{
    static const char *const programs[] = {"pushed_authorize", "token", "revoke"};
    for (unsigned i = 0; i < 3; i++) {
        const char *path = address_in(version, programs[i]);
        refused(h, path, "grant_type=client_credentials", 400, "invalid_request", "Missing parameter client_id");
        refused(h, path, "client_id=sede&token=x", 401, "invalid_client", "Client authorization required");
        refused(h, path, "client_id=sede&client_secret=no", 401, "invalid_client", NULL);
        refused(h, path, "client_id=nadie&client_secret=" SECRET, 401, "invalid_client", NULL);
        refused(h, path, PROOF "&client_assertion=a.b.c&client_assertion_type=x", 400, "invalid_request",
                "More than one way of client authentication");
    }
}

static void test_refused_tokens(void **state)
{
    struct house h;
    open_house(state, &h);
    for (unsigned version = 1; version <= 2; version++) {
        const char *token = address_in(version, "token"), *revoke = address_in(version, "revoke");
        const char *push_to = address_in(version, "pushed_authorize");
        refused_clients(&h, version);
        refused(&h, token, PROOF, 400, "invalid_request", "Missing parameter grant_type");
        refused(&h, token, PROOF "&grant_type=password", 400, "unsupported_grant_type", NULL);
        refused(&h, token, PROOF "&grant_type=authorization_code", 400, "invalid_request", "Missing parameter code");
        refused(&h, token, PROOF "&grant_type=refresh_token", 400, "invalid_request",
                "Missing parameter refresh_token");
        refused(&h, token, PROOF "&grant_type=refresh_token&refresh_token=x", 400, "invalid_grant",
                "Refresh token expired");
        refused(&h, token, PROOF "&grant_type=authorization_code&code=x", 400, "invalid_grant",
                "Authorization code is invalid or expired");
        refused(&h, token, PROOF "&grant_type=client_credentials&scope=credential", 400, "invalid_scope", NULL);
        refused(&h, revoke, PROOF, 400, "invalid_request", "Missing (or invalid type) string parameter token");
        refused(&h, revoke, PROOF "&token=x&token_type_hint=otra", 400, "invalid_request",
                "Invalid string parameter token_type_hint");
        refused(&h, push_to, PROOF "&" SERVICE "&request_uri=x", 400, "invalid_request",
                "Invalid parameter request_uri");
        refused(&h, push_to, PROOF "&response_type=code&redirect_uri=https%3A%2F%2Fotra.example", 400,
                "invalid_request", "Invalid parameter redirect_uri");
        json_t *json = ask(&h, token, PROOF "&grant_type=client_credentials&scope=service", 200);
        assert_string_equal(text_of(json, "scope"), "service");
        assert_string_equal(text_of(json, "refresh_token"), "");
        json_decref(json);
    }
    house_close(&h);
}

/** ANA lets the portal see her certificates. */
static const char *service_code(const struct citizen *c, unsigned version)
{
    return parameter(post_back(c, step(begin(c, version, SERVICE), "/permiso"), ""), "code");
}

static void test_refused_grants(void **state)
{
    struct house h;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    for (unsigned version = 1; version <= 2; version++) {
        const char *token = address_in(version, "token");
        refused(&h, token,
                join(PROOF "&grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%3A9000%2Fvuelta"
                           "&code_verifier=" VERIFIER "&code=",
                     service_code(&ana, version)),
                400, "invalid_grant", "redirect_uri parameter does not match");
        refused(&h, token,
                join(PROOF "&grant_type=authorization_code&redirect_uri=" BACK_SENT "&code_verifier=" CHALLENGE
                           "&code=",
                     service_code(&ana, version)),
                400, "invalid_grant", "code_verifier does not match");
        /* Of the other version it is none; and with that it is used up. */
        const char *code = service_code(&ana, 3 - version);
        refused(&h, token, exchange_fields(code), 400, "invalid_grant", "Authorization code is invalid or expired");
        refused(&h, address_in(3 - version, "token"), exchange_fields(code), 400, "invalid_grant", NULL);
        json_t *json = ask(&h, token, exchange_fields(service_code(&ana, version)), 200);
        const char *refresh =
            arena_print(&memory, PROOF "&grant_type=refresh_token&refresh_token=%s", text_of(json, "refresh_token"));
        json_decref(json);
        code = service_code(&ana, version);
        (void)domain_store_run(h.office->store, "UPDATE account SET state = 'locked' WHERE state = 'open'");
        refused(&h, token, exchange_fields(code), 400, "invalid_grant", "The user's account is closed or locked");
        refused(&h, token, refresh, 400, "invalid_grant", "The user's account is closed or locked");
        (void)domain_store_run(h.office->store, "UPDATE account SET state = 'open' WHERE state = 'locked'");
    }
    house_close(&h);
}

/** The status of credentials/list with this token. */
static int list_with(struct house *h, const char *token)
{
    struct exchange_of_test x;
    web_request(&x, HTTP_POST, "/csc/v2/credentials/list");
    web_header(&x, "Authorization", arena_print(&memory, "Bearer %s", token));
    int status = web_send(h->web, &x);
    web_forget(&x);
    return status;
}

/** By one of the two ways that there are: RFC 7009, and the API's own. */
static void take_back(struct house *h, bool own, const char *by, const char *token)
{
    struct exchange_of_test x;
    if (!own) {
        assert_null(ask(h, "/csc/v2/oauth2/revoke", arena_print(&memory, PROOF "&token=%s", token), 204));
        return;
    }
    web_request(&x, HTTP_POST, "/csc/v2/auth/revoke");
    web_header(&x, "Authorization", arena_print(&memory, "Bearer %s", by));
    web_header(&x, "Content-Type", "application/json");
    x.request.body = slice_text(arena_print(&memory, "{\"token\":\"%s\"}", token));
    assert_int_equal(web_send(h->web, &x), 204);
    web_forget(&x);
}

/** A refresh token takes along what came of it; an access token goes alone. */
static void test_revoked(void **state)
{
    struct house h;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA);
    for (unsigned i = 0; i < 2; i++) {
        json_t *json = ask(&h, "/csc/v2/oauth2/token", exchange_fields(service_code(&ana, 2)), 200);
        const char *access = text_of(json, "access_token"), *refresh = text_of(json, "refresh_token");
        json_decref(json);
        json = ask(&h, "/csc/v2/oauth2/token", PROOF "&grant_type=client_credentials", 200);
        const char *by = text_of(json, "access_token");
        json_decref(json);
        assert_int_equal(list_with(&h, access), 200);
        assert_int_equal(list_with(&h, refresh), 401); /* it only renews */
        take_back(&h, i == 1, by, access);
        assert_int_equal(list_with(&h, access), 401);
        const char *renew = arena_print(&memory, PROOF "&grant_type=refresh_token&refresh_token=%s", refresh);
        json = ask(&h, "/csc/v2/oauth2/token", renew, 200);
        access = text_of(json, "access_token");
        refresh = text_of(json, "refresh_token");
        json_decref(json);
        assert_int_equal(list_with(&h, access), 200);
        take_back(&h, i == 1, by, refresh);
        assert_int_equal(list_with(&h, access), 401);
        assert_int_equal(list_with(&h, by), 200);
        renew = arena_print(&memory, PROOF "&grant_type=refresh_token&refresh_token=%s", refresh);
        refused(&h, "/csc/v2/oauth2/token", renew, 400, "invalid_grant", "Refresh token expired");
    }
    house_close(&h);
}

/** Portals ask only so often, here as in the API; each for itself, and people, too. */
static void test_too_many(void **state)
{
    static const char *const programs[] = {"pushed_authorize", "token", "revoke"};
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct citizen ana = citizen_sign_in(&h, ANA), berta = citizen_sign_in(&h, BERTA);
    struct limit *usual = h.web->web->csc_limit, *usual_for_all = h.web->web->limit;
    assert_int_equal(limit_new(1, &h.web->web->csc_limit, NULL), RFD_OK);
    json_decref(ask(&h, "/csc/v2/oauth2/token", PROOF "&grant_type=client_credentials", 200));
    for (unsigned version = 1; version <= 2; version++)
        for (unsigned i = 0; i < 3; i++)
            refused(&h, address_in(version, programs[i]), PROOF "&grant_type=client_credentials", 429,
                    "temporarily_unavailable", "Too many requests");
    json_decref(
        ask(&h, "/csc/v2/oauth2/token", "client_id=otra&client_secret=" SECRET "&grant_type=client_credentials", 200));
    limit_free(h.web->web->csc_limit);
    h.web->web->csc_limit = usual;
    assert_int_equal(limit_new(1, &h.web->web->limit, NULL), RFD_OK);
    for (unsigned i = 0; i < 3; i++) {
        static const int statuses[] = {303, 429, 303};
        int status =
            web_get(h.web, &x, "/csc/v2/oauth2/authorize?client_id=sede&" SERVICE, i < 2 ? ana.cookie : berta.cookie);
        assert_int_equal(status, statuses[i]);
        web_forget(&x);
    }
    limit_free(h.web->web->limit);
    h.web->web->limit = usual_for_all;
    house_close(&h);
}

/* ---- private_key_jwt ---- */

static const char *assertion_for(EVP_PKEY *key, const char *audience)
{
    static unsigned number;
    struct buf b;
    long long now = clock_now() / RFD_SECOND;
    buf_init(&b, TEXT);
    jws_make(key, "{\"alg\":\"ES256\"}",
             arena_print(&memory,
                         "{\"iss\":\"con-clave\",\"sub\":\"con-clave\",\"aud\":\"%s\",\"jti\":\"%u\",\"iat\":%lld,"
                         "\"exp\":%lld}",
                         audience, ++number, now, now + 60),
             &b);
    const char *made = arena_text(&memory, buf_slice(&b));
    buf_dispose(&b);
    return arena_print(&memory,
                       "client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion-type%%3Ajwt-bearer&"
                       "client_assertion=%s",
                       made);
}

static slice public_key(EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    assert_true(length > 0);
    slice kept = arena_copy(&memory, slice_of(der, (size_t)length));
    OPENSSL_free(der);
    return kept;
}

/** The issuer, the endpoint itself, and the token endpoint (RFC 9126 §2); not those of the other version. */
static void test_assertions(void **state)
{
    static const struct {
        const char *endpoint, *fields;
        int status;
    } rows[] = {{"pushed_authorize", "&" SERVICE, 201},
                {"token", "&grant_type=client_credentials", 200},
                {"revoke", "&token=x", 204}};
    struct house h;
    open_house(state, &h);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct portal portal = portal_with_secret("con-clave", "Con clave");
    portal.secret_hash = SLICE_EMPTY;
    portal.key = public_key(key);
    (void)put_portal(&h, portal);
    const char *url = h.web->settings.web.url;
    for (unsigned version = 1; version <= 2; version++) {
        const char *issuer = arena_print(&memory, "%s/csc/v%u", url, version);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const char *path = address_in(version, rows[i].endpoint), *audience = join(url, path);
            const char *once = join(assertion_for(key, audience), rows[i].fields);
            json_decref(ask(&h, path, once, rows[i].status));
            refused(&h, path, once, 401, "invalid_client", NULL);
            json_decref(ask(&h, path, join(assertion_for(key, issuer), rows[i].fields), rows[i].status));
            audience = join(issuer, "/oauth2/token");
            json_decref(ask(&h, path, join(assertion_for(key, audience), rows[i].fields), rows[i].status));
            audience = join(url, address_in(3 - version, rows[i].endpoint));
            refused(&h, path, join(assertion_for(key, audience), rows[i].fields), 401, "invalid_client", NULL);
            audience = join(url, address_in(3 - version, "token"));
            refused(&h, path, join(assertion_for(key, audience), rows[i].fields), 401, "invalid_client", NULL);
            refused(&h, path, join(assertion_for(key, ""), rows[i].fields), 401, "invalid_client", NULL);
        }
    }
    EVP_PKEY_free(key);
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

static bool has_way(const json_t *metadata, const char *way)
{
    const json_t *ways = json_object_get(metadata, "token_endpoint_auth_methods_supported");
    bool found = false;
    for (size_t i = 0; i < json_array_size(ways); i++)
        found = found || strcmp(json_string_value(json_array_get(ways, i)), way) == 0;
    assert_true(json_equal(ways, json_object_get(metadata, "revocation_endpoint_auth_methods_supported")));
    return found;
}

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
    assert_true(has_way(json, "self_signed_tls_client_auth"));
    json_decref(json);
    web_forget(&x);
    /* Without a listener for certificates nobody comes with one. */
    h.web->settings.web.certificate_listen.count = 0;
    assert_int_equal(web_get(h.web, &x, "/.well-known/oauth-authorization-server/csc/v2", ""), 200);
    json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
    assert_false(has_way(json, "self_signed_tls_client_auth"));
    assert_true(has_way(json, "private_key_jwt"));
    assert_null(json_object_get(json, "mtls_endpoint_aliases"));
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

/* ---- docs/csc.md ---- */

#define MARK_BEGIN "<!-- Written by tests/unit/test_web_oauth.c: REFRENDA_WRITE_DOCS=1 -->\n"
#define MARK_END   "<!-- So far. -->\n"

static void put_endpoints(struct buf *b, const struct csc_oauth_row *row, unsigned version, size_t number)
{
    const char *tests[ENDPOINTS] = {NULL};
    struct buf names, statuses;
    size_t count = 0;
    buf_init(&names, TEXT);
    buf_init(&statuses, TEXT);
    for (unsigned e = 0; e < ENDPOINTS; e++) {
        if ((row->endpoints & (1U << e)) == 0) continue;
        const char *test = seen[number][version][e];
        if (test == NULL) fail_msg("v%u %s: \"%s\" was not provoked", version, endpoints[e], row->description);
        buf_print(&names, "%s`%s`", names.length == 0 ? "" : ", ", endpoints[e]);
        if (e < 2) buf_print(&statuses, "%s%d", statuses.length == 0 ? "" : ", ", status_of(row, e));
        if (e >= 2 && statuses.length == 0) buf_print(&statuses, "%d", row->status);
        bool told = false;
        for (size_t i = 0; i < count; i++) told = told || strcmp(tests[i], test) == 0;
        if (!told) tests[count++] = test;
    }
    const char *parameter_name = version == 2 && strcmp(row->parameter, "hash") == 0 ? "hashes" : row->parameter;
    buf_print(b, "| %.*s | %s | %.*s | `%s` | %s |", (int)names.length, (const char *)names.data, parameter_name,
              (int)statuses.length, (const char *)statuses.data, row->error, row->description);
    for (size_t i = 0; i < count; i++) buf_print(b, "%s `%s`", i == 0 ? "" : ",", tests[i]);
    buf_put_text(b, " |\n");
    buf_dispose(&names);
    buf_dispose(&statuses);
}

static void put_versions(struct buf *b)
{
    for (unsigned version = 1; version <= 2; version++) {
        buf_print(b, "\n### /csc/v%u/oauth2 (%s)\n\n", version, version == 1 ? "1.0.4" : "2.0");
        buf_put_text(b, "| endpoint | parameter | status | error | error_description | test |\n");
        buf_put_text(b, "| --- | --- | --- | --- | --- | --- |\n");
        for (size_t i = 0; i < CSC_OAUTH_REFUSALS; i++)
            if ((csc_oauth_rows[i].versions & version) != 0) put_endpoints(b, &csc_oauth_rows[i], version, i);
    }
    buf_put_byte(b, '\n');
}

static void the_document_is_what_was_seen(void **state)
{
    static char text[DOCUMENT_MAXIMUM];
    struct buf b;
    FILE *file = fopen(REFRENDA_SOURCE_ROOT "/docs/csc.md", "r");
    (void)state;
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    buf_init(&b, DOCUMENT_MAXIMUM);
    put_versions(&b);
    char *begins = strstr(text, MARK_BEGIN), *ends = strstr(text, MARK_END);
    assert_non_null(begins);
    assert_non_null(ends);
    begins += strlen(MARK_BEGIN);
    if (getenv("REFRENDA_WRITE_DOCS") != NULL) {
        file = fopen(REFRENDA_SOURCE_ROOT "/docs/csc.md", "w");
        assert_non_null(file);
        assert_true(fprintf(file, "%.*s%.*s%s", (int)(begins - text), text, (int)b.length, (const char *)b.data, ends) >
                    0);
        assert_int_equal(fclose(file), 0);
    } else if (!slice_is(buf_slice(&b), arena_text(&memory, slice_of(begins, (size_t)(ends - begins))))) {
        fail_msg("docs/csc.md is not what the tests saw: run this test with REFRENDA_WRITE_DOCS=1");
    }
    buf_dispose(&b);
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
        IN_BOTH_OFFICES(test_refused_later),
        IN_BOTH_OFFICES(test_refused_tokens),
        IN_BOTH_OFFICES(test_refused_grants),
        IN_BOTH_OFFICES(test_revoked),
        IN_BOTH_OFFICES(test_too_many),
        IN_BOTH_OFFICES(test_assertions),
        IN_BOTH_OFFICES(test_other_proofs),
        IN_BOTH_OFFICES(test_metadata),
        cmocka_unit_test(the_document_is_what_was_seen),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
