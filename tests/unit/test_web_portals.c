/* SPDX-License-Identifier: EUPL-1.2
 *
 * Portals over the whole web, with both keepers behind it: the pages of who administers them, and their programs'
 * interface, of which each answer is held against its description; from documents to signed ones, and what others,
 * wrong and too many get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* First: it renames what others have, too. */
#include "registration_world_of_pages.h"

#include "central_world.h"
#include "account_world.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/zone.h"
#include "domain/csc/csc.h"
#include "jws_maker.h"
#include "keeper/ask.h"
#include "openapi_check.h"
#include "web/central/central_pages.h"
#include "web/internal.h"
#include "web/portals/portal_pages.h"
#include "web_support.h"

#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdio.h>

#define BOUNDARY "limite"
#define COOKIE   "__Host-refrenda"
#define RETURN   "https://sede.example/vuelta"
#define FAILED   "https://sede.example/error?de=firma"
#define KEY                                                                                                            \
    "-----BEGIN PUBLIC KEY-----\n"                                                                                     \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAES4zS3jX7P7owyJsA8VoO9NlffuJ1\n"                                               \
    "Is3UQTjsDXYcocnwv3GmwQ96Qztp2D9IChdChCd7V09KuXPyycc9v0mzug==\n"                                                   \
    "-----END PUBLIC KEY-----\n"

extern const char portals_openapi_text[];

struct house {
    struct office *office;
    struct central central;
    struct web_world *web;
    json_t *openapi;
    int64_t person;
    char cookie[128], csrf[64]; /* of who administers */
};

static void open_house(void **state, struct house *h)
{
    struct settings *s;
    *h = (struct house){.office = NULL};
    h->office = central_open(state, &h->central);
    h->web = web_world_open(state, false);
    h->openapi = json_loads(portals_openapi_text, 0, NULL);
    assert_non_null(h->openapi);
    s = &h->web->settings;
    s->requests.tsa_url = s->status.url = s->status.tsa_key = "";
    s->keys.seal_key = "seal";
    s->central.operation_hours = 24;
    s->central.wrong_passwords = 5;
    h->web->web->options.keeper = h->central.keeper;
    h->web->web->options.personal = h->central.personal;
    blob_store_close(h->web->web->blobs);
    h->web->web->blobs = h->central.blobs;
}

static void close_house(struct house *h)
{
    h->web->web->blobs = NULL; /* it is the world's */
    web_world_close(h->web);
    json_decref(h->openapi);
}

/* ---- Who administers ---- */

static rfd_status put_session(struct transaction *t, void *context, struct rfd_error *error)
{
    struct house *h = context;
    struct session session;
    char token[ACCOUNT_TOKEN_SIZE];
    int64_t id;
    const struct actor actor = actor_system("test");
    const struct role_assignment role = {
        .person = h->person, .role = ROLE_ADMINISTRATOR, .from = clock_now() - 1000000, .to = RFD_TIME_NONE};
    TRY(role_grant(t, &actor, &role, &id, error));
    TRY(session_new(t, &account_world_settings, SLICE("192.0.2.1"), SLICE("test"), token, &session, error));
    const struct store_value values[] = {store_integer(session.id), store_integer(h->person),
                                         store_integer(METHOD_PASSWORD), store_integer(clock_now())};
    (void)snprintf(h->cookie, sizeof h->cookie, COOKIE "=%s", token);
    return store_run(t,
                     "UPDATE session SET account = (SELECT id FROM account WHERE person = $2), methods = $3, signed_in "
                     "= $4 WHERE id = $1",
                     values, 4, NULL, error);
}

static void sign_in_as(struct house *h, int64_t person)
{
    struct exchange_of_test x;
    h->person = person;
    assert_int_equal(store_write(h->office->store, put_session, h, NULL), RFD_OK);
    assert_int_equal(web_get(h->web, &x, "/cuenta", h->cookie), 200);
    (void)snprintf(h->csrf, sizeof h->csrf, "%s", web_token(&x));
    web_forget(&x);
}

static void sign_in(struct house *h)
{
    sign_in_as(h, BERTA);
}

static bool says(struct house *h, const char *path, const char *text)
{
    struct exchange_of_test x;
    int status = web_get(h->web, &x, path, h->cookie);
    if (status != 200) fail_msg("%s: %d", path, status);
    bool found = web_says(&x, text);
    web_forget(&x);
    return found;
}

static int post(struct house *h, struct exchange_of_test *x, const char *path, const char *fields)
{
    web_request(x, HTTP_POST, path);
    web_header(x, "Accept", "text/html");
    web_header(x, "Cookie", h->cookie);
    web_form(x, arena_print(&x->arena, "csrf=%s&%s", h->csrf, fields));
    return web_send(h->web, x);
}

static int do_post(struct house *h, const char *path, const char *fields)
{
    struct exchange_of_test x;
    int status = post(h, &x, path, fields);
    web_forget(&x);
    return status;
}

/* ---- A portal ---- */

struct site {
    struct house *house;
    int64_t id;
    char header[256]; /* Authorization */
};

static rfd_status do_put(struct transaction *t, void *context, struct rfd_error *error)
{
    struct portal *p = context;
    const struct actor actor = actor_system("admin");
    return portal_put(t, &actor, p, NULL, &p->id, error);
}

struct giving {
    int64_t portal;
    struct csc_token token;
    char text[CSC_TOKEN_SIZE];
    char secret[44];
};

static rfd_status make_secret(struct transaction *t, void *context, struct rfd_error *error)
{
    struct giving *g = context;
    const struct actor actor = actor_system("admin");
    return portal_make_secret(t, &actor, g->portal, g->secret, error);
}

static rfd_status give_token(struct transaction *t, void *context, struct rfd_error *error)
{
    struct giving *g = context;
    return csc_token_give(t, &g->token, g->text, error);
}

static void as_basic(struct site *s, const char *client, const char *secret)
{
    char plain[128];
    struct buf b;
    (void)snprintf(plain, sizeof plain, "%s:%s", client, secret);
    buf_init(&b, 256);
    buf_put_base64(&b, slice_text(plain));
    (void)snprintf(s->header, sizeof s->header, "Basic %.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
}

static struct site site(struct house *h, const char *client, int64_t quota)
{
    struct portal p = {.entity = 1,
                       .name = slice_text(client),
                       .client = slice_text(client),
                       .secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899"),
                       .returns = {SLICE(RETURN), SLICE(FAILED)},
                       .return_count = 2,
                       .webhook = SLICE("https://sede.example/avisos"),
                       .quota = quota};
    struct giving g = {.portal = 0};
    WORLD_OK(store_write(h->office->store, do_put, &p, &error));
    g.portal = p.id;
    WORLD_OK(store_write(h->office->store, make_secret, &g, &error));
    struct site s = {.house = h, .id = p.id};
    as_basic(&s, client, g.secret);
    return s;
}

/* ---- Asking ---- */

struct reply {
    int status;
    json_t *json; /* NULL: it is none */
    char type[64], retry[16];
    size_t length;
};

/** `path` is the description's. */
static struct reply reply_of(struct site *s, struct exchange_of_test *x, const char *path)
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete"};
    struct reply r = {.status = web_send(s->house->web, x)};
    const json_t *schema = openapi_described(s->house->openapi, path, methods[x->request.method], r.status);
    (void)snprintf(r.type, sizeof r.type, "%s", web_answer_header(x, "content-type", 0));
    (void)snprintf(r.retry, sizeof r.retry, "%s", web_answer_header(x, "retry-after", 0));
    r.length = x->response.file < 0 ? x->response.body.length : (size_t)x->response.file_length;
    if (strstr(r.type, "json") != NULL) {
        r.json = json_loadb((const char *)x->response.body.data, x->response.body.length, 0, NULL);
        assert_non_null(r.json);
        openapi_matches(s->house->openapi, schema, r.json, path);
    }
    if (r.status == 401) assert_string_not_equal(web_answer_header(x, "www-authenticate", 0), "");
    web_forget(x);
    return r;
}

static void begin_request(struct site *s, struct exchange_of_test *x, enum http_method method, const char *target)
{
    web_request(x, method, target);
    if (s->header[0] != '\0') web_header(x, "Authorization", s->header);
    web_header(x, "Accept", "*/*");
}

static struct reply ask(struct site *s, enum http_method method, const char *path, const char *id, const char *rest)
{
    struct exchange_of_test x;
    char target[256];
    (void)snprintf(target, sizeof target, OPERATIONS "/%s%s", id, rest);
    begin_request(s, &x, method, target);
    return reply_of(s, &x, path);
}

static struct reply send_json(struct site *s, const char *key, const char *body)
{
    struct exchange_of_test x;
    begin_request(s, &x, HTTP_POST, OPERATIONS);
    web_header(&x, "Content-Type", "application/json");
    if (key != NULL) web_header(&x, "Idempotency-Key", key);
    x.request.body = slice_text(body);
    return reply_of(s, &x, "/operaciones");
}

static int only_status(struct reply r)
{
    json_decref(r.json);
    return r.status;
}

static void put_part(struct buf *b, const char *name, const char *file, slice content)
{
    buf_print(b, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%s\"", name);
    if (file != NULL) buf_print(b, "; filename=\"%s\"", file);
    buf_put_text(b, "\r\n\r\n");
    buf_put_slice(b, content);
    buf_put_text(b, "\r\n");
}

static struct reply send_parts(struct site *s, const char *key, struct buf *parts)
{
    struct exchange_of_test x;
    buf_put_text(parts, "--" BOUNDARY "--\r\n");
    begin_request(s, &x, HTTP_POST, OPERATIONS);
    web_header(&x, "Content-Type", "multipart/form-data; boundary=" BOUNDARY);
    if (key != NULL) web_header(&x, "Idempotency-Key", key);
    x.request.body = buf_slice(parts);
    struct reply r = reply_of(s, &x, "/operaciones");
    buf_dispose(parts);
    return r;
}

static struct buf parts_of(struct house *h, const char *operation, const char *const *texts, size_t count)
{
    struct buf b;
    buf_init(&b, 4 << 20);
    put_part(&b, "operation", NULL, slice_text(operation));
    for (size_t i = 0; i < count; i++) {
        struct buf pdf;
        char name[64];
        (void)snprintf(name, sizeof name, "C:\\\\tmp\\\\%s.pdf", texts[i]);
        central_read(&h->central, central_pdf(&h->central, texts[i]), &pdf);
        put_part(&b, "document", name, buf_slice(&pdf));
        buf_dispose(&pdf);
    }
    return b;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static const json_t *document(const json_t *operation, size_t i)
{
    return json_array_get(json_object_get(operation, "documents"), i);
}

/** A new one of one document; its id. */
static void make_operation(struct site *s, const char *text, char id[64])
{
    struct buf parts =
        parts_of(s->house,
                 "{\"purpose\":\"Licencia\",\"reference\":\"EXP 7\",\"level\":\"B-B\",\"return_address\":"
                 "\"" RETURN "\",\"error_address\":\"" FAILED "\"}",
                 &text, 1);
    struct reply r = send_parts(s, NULL, &parts);
    assert_int_equal(r.status, 201);
    (void)snprintf(id, 64, "%s", text_of(r.json, "id"));
    json_decref(r.json);
}

static bool has_fault(const struct reply *r, const char *pointer)
{
    const json_t *all = json_object_get(r->json, "errors");
    for (size_t i = 0; i < json_array_size(all); i++)
        if (strcmp(text_of(json_array_get(all, i), "pointer"), pointer) == 0) return true;
    return false;
}

#define ONE   "/operaciones/{id}"
#define ALL   "/operaciones"
#define FILE_ "/operaciones/{id}/documentos/{n}"

/* ---- Programs ---- */

static void test_every_route_is_described(void **state)
{
    struct house h;
    size_t routes = 0, operations = 0;
    const char *path;
    json_t *item;
    open_house(state, &h);
    const json_t *paths = json_object_get(h.openapi, "paths");
    for (const struct page_route *r = portal_routes; r->pattern != NULL; r++)
        routes += strncmp(r->pattern, FIRMAS, sizeof FIRMAS - 1) == 0;
    json_object_foreach((json_t *)(uintptr_t)paths, path, item) operations += json_object_size(item);
    assert_int_equal(routes, operations);
    struct site nobody = {.house = &h};
    struct exchange_of_test x;
    begin_request(&nobody, &x, HTTP_GET, OPENAPI_PATH);
    assert_int_equal(only_status(reply_of(&nobody, &x, "/openapi.json")), 200);
    close_house(&h);
}

/** As its own pages would do it. */
static void sign_it(struct house *h, const char *id, const char *credential)
{
    struct actor ana = central_actor(h->office, ANA);
    struct central_authorisation begun;
    struct arena a;
    struct signing done;
    char sql[256];
    arena_init(&a, 8 << 20);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE signing SET person = %d, account = %lld WHERE token = '%s' AND person IS NULL", ANA,
                   (long long)ana.account, id);
    (void)domain_store_run(h->office->store, sql);
    WORLD_OK(signing_prepare(&h->central, &ana, &a, slice_text(id), slice_text(credential), PERSONAL_NO_CHANNEL,
                             SLICE("es"), &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(signing_sign(&h->central, &ana, &a, slice_text(id), begun.operation, &proofs, &done, &error));
    assert_int_equal(done.state, SIGNING_SIGNED);
    arena_dispose(&a);
}

static void test_whole_round(void **state)
{
    static const char *const texts[] = {"Uno", "Dos"};
    static const char data[] =
        "{\"title\":\"Pago de tasa\",\"text\":\"Con tarjeta\",\"fields\":[{\"label\":\"Importe\","
        "\"value\":\"S/ 12.50\"}]}";
    struct house h;
    char credential[PERSONAL_ID_SIZE], id[64];
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    struct buf parts = parts_of(&h,
                                "{\"purpose\":\"Licencia\",\"reference\":\"EXP/7\",\"level\":\"B-B\",\"visible\":true,"
                                "\"page\":1,\"return_address\":\"" RETURN "\",\"documents\":[{\"title\":\"Primero\"}]}",
                                texts, 2);
    put_part(&parts, "data", NULL, slice_text(data));
    struct reply r = send_parts(&s, NULL, &parts);
    assert_int_equal(r.status, 201);
    assert_string_equal(text_of(r.json, "state"), "waiting");
    assert_string_equal(text_of(document(r.json, 0), "title"), "Primero");
    assert_string_equal(text_of(document(r.json, 1), "title"), "Dos");
    assert_string_equal(text_of(document(r.json, 2), "title"), "Pago de tasa");
    (void)snprintf(id, sizeof id, "%s", text_of(r.json, "id"));
    assert_non_null(strstr(text_of(r.json, "address"), id));
    json_decref(r.json);
    assert_int_equal(only_status(ask(&s, HTTP_GET, FILE_, id, "/documentos/1")), 404);
    assert_int_equal(only_status(ask(&s, HTTP_GET, "/operaciones/{id}/constancia", id, "/constancia")), 409);
    central_made(h.office, &h.central, ANA, credential);
    sign_it(&h, id, credential);
    r = ask(&s, HTTP_GET, ONE, id, "");
    assert_string_equal(text_of(r.json, "state"), "signed");
    assert_string_not_equal(text_of(r.json, "receipt"), "");
    for (size_t i = 0; i < 3; i++) assert_string_not_equal(text_of(document(r.json, i), "signed_sha256"), "");
    json_decref(r.json);
    for (char n[] = "/documentos/1"; n[12] <= '3'; n[12]++) {
        r = ask(&s, HTTP_GET, FILE_, id, n);
        assert_int_equal(r.status, 200);
        assert_string_equal(r.type, "application/pdf");
        assert_true(r.length > 1000);
    }
    assert_int_equal(only_status(ask(&s, HTTP_GET, FILE_, id, "/documentos/4")), 404);
    assert_int_equal(only_status(ask(&s, HTTP_GET, FILE_, id, "/documentos/0")), 404);
    r = ask(&s, HTTP_GET, "/operaciones/{id}/constancia", id, "/constancia");
    assert_string_equal(r.type, "application/pdf");
    assert_int_equal(only_status(ask(&s, HTTP_DELETE, ONE, id, "")), 409);
    assert_int_equal(
        domain_store_number(h.office->store, "SELECT count(*) FROM webhook WHERE event = 'operation.signed'"), 1);
    close_house(&h);
}

static void test_who_asks(void **state)
{
    static const char content[] = "{\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\",\"value\":"
                                  "\"b\"}]}}],\"level\":\"B-B\"}";
    struct house h;
    char id[64];
    struct giving g = {.portal = 0};
    open_house(state, &h);
    struct site villa = site(&h, "villa", 0), banco = site(&h, "banco", 0), none = {.house = &h}, wrong = villa;
    make_operation(&villa, "Uno", id);
    as_basic(&wrong, "villa", "no es este");
    struct site *const refused[] = {&none, &wrong};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(only_status(ask(refused[i], HTTP_GET, ONE, id, "")), 401);
        assert_int_equal(only_status(ask(refused[i], HTTP_DELETE, ONE, id, "")), 401);
        assert_int_equal(only_status(send_json(refused[i], NULL, content)), 401);
        assert_int_equal(only_status(ask(refused[i], HTTP_GET, FILE_, id, "/documentos/1")), 401);
    }
    /* Another portal's: as if it were not there. */
    assert_int_equal(only_status(ask(&banco, HTTP_GET, ONE, id, "")), 404);
    assert_int_equal(only_status(ask(&banco, HTTP_DELETE, ONE, id, "")), 404);
    assert_int_equal(only_status(ask(&banco, HTTP_GET, FILE_, id, "/documentos/1")), 404);
    assert_int_equal(only_status(ask(&banco, HTTP_GET, "/operaciones/{id}/constancia", id, "/constancia")), 404);
    assert_int_equal(only_status(ask(&villa, HTTP_GET, ONE, id, "")), 200);
    /* A token of its own; one of a person's who let it see their credentials is none. */
    g.token = (struct csc_token){.kind = CSC_TOKEN_SERVICE, .version = 2, .portal = {.id = villa.id}};
    WORLD_OK(store_write(h.office->store, give_token, &g, &error));
    struct site bearer = villa;
    (void)snprintf(bearer.header, sizeof bearer.header, "Bearer %s", g.text);
    assert_int_equal(only_status(ask(&bearer, HTTP_GET, ONE, id, "")), 200);
    struct actor ana = central_actor(h.office, ANA);
    g.token.account = ana.account;
    g.token.person = ANA;
    WORLD_OK(store_write(h.office->store, give_token, &g, &error));
    (void)snprintf(bearer.header, sizeof bearer.header, "Bearer %s", g.text);
    assert_int_equal(only_status(ask(&bearer, HTTP_GET, ONE, id, "")), 401);
    /* Closed: nobody. */
    (void)domain_store_run(h.office->store, "UPDATE portal SET closed = TRUE WHERE client = 'villa'");
    assert_int_equal(only_status(ask(&villa, HTTP_GET, ONE, id, "")), 401);
    assert_int_equal(only_status(send_json(&villa, NULL, content)), 401);
    close_house(&h);
}

static void test_what_is_wrong(void **state)
{
    static const struct {
        const char *body;
        int status;
        const char *pointer;
    } cases[] = {
        {"{", 400, NULL},
        {"[]", 400, NULL},
        {"{}", 422, "/documents"},
        {"{\"documents\":{}}", 422, "/documents"},
        {"{\"documents\":[7]}", 422, "/documents/0"},
        {"{\"documents\":[{\"content\":\"bm8gZXMgdW4gUERG\"}]}", 422, "/documents/0"},
        {"{\"documents\":[{\"content\":\"!\"}]}", 422, "/documents/0"},
        {"{\"documents\":[{\"title\":7,\"data\":{}}]}", 422, "/documents/0/title"},
        {"{\"documents\":[{\"data\":{}}]}", 422, "/documents/0/data/title"},
        {"{\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[]}}]}", 422, "/documents/0/data/fields"},
        {"{\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\",\"value\":7}]}}]}", 422,
         "/documents/0/data/fields/0/value"},
        {"{\"documents\":[{\"data\":{\"title\":\"T\",\"hidden\":1,\"fields\":[{\"label\":\"a\",\"value\":\"b\"}]}}]}",
         422, "/documents/0/data"},
        {"{\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\",\"value\":\"b\"}]},\"x\":1}]}", 422,
         "/documents/0"},
        {"{\"level\":\"B-X\",\"documents\":[]}", 422, "/level"},
        {"{\"visible\":1,\"documents\":[]}", 422, "/visible"},
        {"{\"ends\":\"2001-01-01T00:00:00Z\",\"documents\":[]}", 422, "/ends"},
        {"{\"purpose\":[],\"documents\":[]}", 422, "/purpose"},
        {"{\"nothing\":1,\"documents\":[]}", 422, "/nothing"},
    };
    static const char whole[] = "{\"%s\":\"%s\",\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\","
                                "\"value\":\"b\"}]}}]}";
    struct house h;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply r = send_json(&s, NULL, cases[i].body);
        if (r.status != cases[i].status || (cases[i].pointer != NULL && !has_fault(&r, cases[i].pointer)))
            fail_msg("%s: %d %s", cases[i].body, r.status, json_dumps(r.json, 0));
        json_decref(r.json);
    }
    /* What the domain finds wrong. */
    static const char *const fields[][2] = {{"return_address", "https://otra.example/vuelta"},
                                            {"return_address", RETURN "?mas=1"},
                                            {"error_address", "https://otra.example/vuelta"},
                                            {"page", "zero"},
                                            {"holder", "a\\nb"},
                                            {"statement", "á"}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char body[512], pointer[64];
        (void)snprintf(body, sizeof body, whole, fields[i][0], fields[i][1]);
        (void)snprintf(pointer, sizeof pointer, "/%s", fields[i][0]);
        struct reply r = send_json(&s, NULL, body);
        if (r.status != 422 || !has_fault(&r, pointer)) fail_msg("%s: %d", body, r.status);
        json_decref(r.json);
    }
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM signing"), 0);
    close_house(&h);
}

/** Names that nothing here has are told by pointers that are pointers. */
static void test_names_nobody_knows(void **state)
{
    static const struct {
        const char *name, *pointer;
    } names[] = {
        {"a/b~c", "/a~1b~0c"},
        {"document", "/document"},
        {"document-2", "/document-2"},
        {"ñññññññññññññññññññññññññññññññ", "/ñññññññññññññññññññññññ"}, /* not half a letter of it */
        {"aññññññññññññññññññññññññññññññ", "/aññññññññññññññññññññññ"},
        {"0123456789012345678901234567890123456789012345~7", "/0123456789012345678901234567890123456789012345"},
    };
    struct house h;
    struct faults faults = {.count = 0};
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char body[512];
        (void)snprintf(body, sizeof body, "{\"%s\":1,\"documents\":[]}", names[i].name);
        struct reply r = send_json(&s, NULL, body);
        if (r.status != 422 || !has_fault(&r, names[i].pointer))
            fail_msg("%s: %d %s", body, r.status, json_dumps(r.json, 0));
        json_decref(r.json);
    }
    fault_add(&faults, names[3].name, "");
    assert_int_equal(strlen(faults.items[0].field), 46);
    assert_true(text_is_utf8(slice_text(faults.items[0].field)));
    close_house(&h);
}

/* ---- How much ---- */

/** The least that is taken, with one text in it, `count` times this piece. */
static int send_long(struct site *s, const char *format, const char *piece, size_t count, const char *pointer)
{
    struct buf text, body;
    buf_init(&text, 32768);
    buf_init(&body, 32768);
    for (size_t i = 0; i < count; i++) buf_put_text(&text, piece);
    buf_put_byte(&text, '\0');
    buf_print(&body, format, (const char *)text.data);
    buf_put_byte(&body, '\0');
    struct reply r = send_json(s, NULL, (const char *)body.data);
    int status = r.status;
    if (status == 422 && !has_fault(&r, pointer)) fail_msg("%s: %s", format, json_dumps(r.json, 0));
    json_decref(r.json);
    buf_dispose(&text);
    buf_dispose(&body);
    return status;
}

/** What the description says, in characters. */
static size_t maximum_of(const struct house *h, const char *schema, const char *name)
{
    const json_t *all = json_object_get(json_object_get(h->openapi, "components"), "schemas");
    const json_t *properties = json_object_get(json_object_get(all, schema), "properties");
    return (size_t)json_integer_value(json_object_get(json_object_get(properties, name), "maxLength"));
}

#define DATA(title, text, label, value)                                                                                \
    "{\"documents\":[{\"data\":{\"title\":\"" title "\",\"text\":\"" text "\",\"fields\":[{\"label\":\"" label         \
    "\",\"value\":\"" value "\"}]}}]"

/** Letters with accents are letters: the description's maxLength is characters (JSON Schema 2020-12 §6.3.1). */
static void test_as_long_as_described(void **state)
{
    static const char *const names[] = {"purpose", "reference", "reason", "location"};
    static const struct {
        const char *format, *pointer;
        size_t most;
    } data[] = {
        {DATA("T", "%s", "a", "b") "}", "/documents/0/data/text", 4000},
        {DATA("T", "t", "%s", "b") "}", "/documents/0/data/fields/0/label", 120},
        {DATA("T", "t", "a", "%s") "}", "/documents/0/data/fields/0/value", 4000},
        /* Titles are in what the keeper shows, which counts octets. */
        {DATA("%s", "t", "a", "b") "}", "/documents/0/data/title", 100},
        {"{\"documents\":[{\"title\":\"%s\",\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\",\"value\":\"b\"}]}}]}",
         "/documents/0", 100},
    };
    struct house h;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char format[256], pointer[32];
        size_t most = maximum_of(&h, "newOperation", names[i]);
        assert_true(most >= 100 && most == maximum_of(&h, "newOperationWithDocuments", names[i]));
        (void)snprintf(format, sizeof format, DATA("T", "t", "a", "b") ",\"%s\":\"%%s\"}", names[i]);
        (void)snprintf(pointer, sizeof pointer, "/%s", names[i]);
        assert_int_equal(send_long(&s, format, "ñ", most, pointer), 201);
        assert_int_equal(send_long(&s, format, "ñ", most + 1, pointer), 422);
    }
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        assert_int_equal(send_long(&s, data[i].format, "ñ", data[i].most, data[i].pointer), 201);
        assert_int_equal(send_long(&s, data[i].format, "ñ", data[i].most + 1, data[i].pointer), 422);
    }
    const char *holder = DATA("T", "t", "a", "b") ",\"holder\":\"%s\"}";
    size_t most = maximum_of(&h, "newOperation", "holder");
    assert_int_equal(send_long(&s, holder, "X", most, "/holder"), 201);
    assert_int_equal(send_long(&s, holder, "X", most + 1, "/holder"), 422);
    assert_int_equal(send_long(&s, holder, "ñ", 1, "/holder"), 422);
    close_house(&h);
}

/** The longest texts that are taken are signed, too. */
static void test_longest_is_signed(void **state)
{
    struct house h;
    char id[64], credential[PERSONAL_ID_SIZE], most[401] = "";
    const char *text = "Uno";
    struct buf operation;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    for (size_t i = 0; i < 200; i++) memcpy(most + 2 * i, "ñ", 3);
    buf_init(&operation, 8192);
    buf_print(&operation,
              "{\"level\":\"B-B\",\"purpose\":\"%s\",\"reference\":\"%.200s\",\"reason\":\"%s\",\"location\":\"%s\","
              "\"documents\":[{\"title\":\"%.200s\"}],\"return_address\":\"" RETURN "\"}",
              most, most, most, most, most);
    buf_put_byte(&operation, '\0');
    struct buf parts = parts_of(&h, (const char *)operation.data, &text, 1);
    struct reply r = send_parts(&s, NULL, &parts);
    assert_int_equal(r.status, 201);
    (void)snprintf(id, sizeof id, "%s", text_of(r.json, "id"));
    json_decref(r.json);
    central_made(h.office, &h.central, ANA, credential);
    sign_it(&h, id, credential);
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM webhook"), 1);
    buf_dispose(&operation);
    close_house(&h);
}

/** More than 31 days are told, not cut off. */
static void test_ends(void **state)
{
    static const struct {
        int64_t days;
        int status;
    } cases[] = {{1, 201}, {30, 201}, {32, 422}, {400, 422}};
    struct house h;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char time[CLOCK_TEXT_SIZE], format[256];
        rfd_time ends = clock_now() / RFD_SECOND * RFD_SECOND + cases[i].days * 86400 * RFD_SECOND;
        (void)snprintf(format, sizeof format, DATA("T", "t", "a", "b") ",\"reference\":\"%%s\",\"ends\":\"%s\"}",
                       clock_iso(ends, time));
        assert_int_equal(send_long(&s, format, "x", 1, "/ends"), cases[i].status);
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM signing WHERE ends = %lld", (long long)ends);
        assert_int_equal(domain_store_number(h.office->store, sql), cases[i].status == 201);
    }
    close_house(&h);
}

/* ---- Statements ---- */

struct stating {
    struct site s;
    EVP_PKEY *key, *other;
    const char *documents; /* their hashes, as the claim has them */
    rfd_time ends;
};

static void put_key(struct house *h, struct portal *p, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    p->key = slice_of(der, (size_t)length);
    WORLD_OK(store_write(h->office->store, do_put, p, &error));
    OPENSSL_free(der);
}

static void tell_keeper(EVP_PKEY *key, const char *name)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    const struct profile_value shown = {OID_COMMON_NAME, name};
    const struct ask_registration known = {.kind = KEEPER_PORTAL,
                                           .name = name,
                                           .proof = slice_of(der, (size_t)length),
                                           .profiles = "",
                                           .values = &shown,
                                           .value_count = 1};
    WORLD_OK(ask_register(central_link(KEEPER_FROM_ADMIN), &known, &error));
    OPENSSL_free(der);
}

/** With these claims; `header` NULL: none of it. */
static int state_it(struct stating *w, EVP_PKEY *key, const char *header, const char *claims, const char *name)
{
    static const char *const texts[] = {"Uno", "Dos"};
    char time[CLOCK_TEXT_SIZE];
    struct buf statement, operation;
    buf_init(&statement, 8192);
    buf_init(&operation, 16384);
    if (header != NULL) jws_make(key, header, claims, &statement);
    buf_print(&operation, "{\"level\":\"B-B\",\"ends\":\"%s\"", clock_iso(w->ends, time));
    if (header != NULL) buf_print(&operation, ",\"statement\":\"%.*s\"", (int)statement.length, (char *)statement.data);
    buf_put(&operation, "}", 2);
    struct buf parts = parts_of(w->s.house, (const char *)operation.data, texts, 2);
    struct reply r = send_parts(&w->s, name, &parts);
    int status = r.status;
    if (status == 422 && !has_fault(&r, "/statement")) fail_msg("%s: %s", claims, json_dumps(r.json, 0));
    json_decref(r.json);
    buf_dispose(&statement);
    buf_dispose(&operation);
    return status;
}

static const char *claims_of(const char *documents, int64_t issued, int64_t ends)
{
    static char text[512];
    int length = snprintf(text, sizeof text, "{\"documents\":%s,\"iat\":%lld", documents, (long long)issued);
    if (ends != 0) length += snprintf(text + length, sizeof text - (size_t)length, ",\"exp\":%lld", (long long)ends);
    (void)snprintf(text + length, sizeof text - (size_t)length, "}");
    return text;
}

static void try_statements(struct stating *w, int64_t now, int64_t ends)
{
    enum { DAY = 86400 };
    struct house *h = w->s.house;
    slice first = central_pdf(&h->central, "Uno");
    const char *swapped = arena_print(&h->web->web->arena, "[\"%.*s\",\"%.*s\"]", (int)first.length,
                                      (const char *)first.data, (int)first.length, (const char *)first.data);
    const struct {
        EVP_PKEY *key;
        const char *header, *documents;
        int64_t issued, ends;
    } wrong[] = {
        {w->other, JWS_STATEMENT_ES256, w->documents, now, ends},
        {w->key, "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", w->documents, now, ends},
        {w->key, "{\"alg\":\"ES256\"}", w->documents, now, ends},
        {w->key, JWS_STATEMENT_RS256, w->documents, now, ends},
        {w->key, JWS_STATEMENT_ES256, swapped, now, ends},
        {w->key, JWS_STATEMENT_ES256, "[]", now, ends},
        {w->key, JWS_STATEMENT_ES256, "{}", now, ends},
        {w->key, JWS_STATEMENT_ES256, "[1,2]", now, ends},
        {w->key, JWS_STATEMENT_ES256, w->documents, now, 0}, /* for ten minutes */
        {w->key, JWS_STATEMENT_ES256, w->documents, now, ends - 1},
        {w->key, JWS_STATEMENT_ES256, w->documents, now + DAY, ends + DAY},
        {w->key, JWS_STATEMENT_ES256, w->documents, now, now + 9 * DAY},
        {w->key, JWS_STATEMENT_ES256, w->documents, now - 9 * DAY, ends},
        {w->key, JWS_STATEMENT_ES256, w->documents, INT64_MIN, ends},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *claims = claims_of(wrong[i].documents, wrong[i].issued, wrong[i].ends);
        if (state_it(w, wrong[i].key, wrong[i].header, claims, NULL) != 422) fail_msg("statement %zu is taken", i);
    }
    assert_int_equal(state_it(w, NULL, NULL, NULL, NULL), 422);
    const char *claims = claims_of(w->documents, now, ends);
    assert_int_equal(state_it(w, w->key, JWS_STATEMENT_ES256, claims, NULL), 201);
}

/** Of a portal whose key the personal keeper knows nothing is handed in that the keeper would refuse days later. */
static void test_statements(void **state)
{
    struct house h;
    open_house(state, &h);
    struct stating w = {.s = site(&h, "declara", 0), .key = EVP_EC_gen("P-256"), .other = EVP_EC_gen("P-256")};
    struct portal p = {
        .id = w.s.id, .entity = 1, .name = SLICE("declara"), .client = SLICE("declara"), .secret_stays = true};
    int64_t now = clock_now() / RFD_SECOND;
    w.ends = (now + 86400) * RFD_SECOND;
    slice first = central_pdf(&h.central, "Uno"), second = central_pdf(&h.central, "Dos");
    w.documents = arena_print(&h.web->web->arena, "[\"%.*s\",\"%.*s\"]", (int)first.length, (const char *)first.data,
                              (int)second.length, (const char *)second.data);
    const char *good = arena_print(&h.web->web->arena, "%s", claims_of(w.documents, now, now + 86400));
    put_key(&h, &p, w.key);
    /* The keeper does not know it: there is nothing to be stated. */
    assert_int_equal(state_it(&w, NULL, NULL, NULL, NULL), 201);
    assert_int_equal(state_it(&w, w.key, JWS_STATEMENT_ES256, good, NULL), 422);
    tell_keeper(w.key, "declara");
    try_statements(&w, now, now + 86400);
    /* By the key that the keeper knows, whatever is written here. */
    put_key(&h, &p, w.other);
    assert_int_equal(state_it(&w, w.other, JWS_STATEMENT_ES256, good, NULL), 422);
    assert_int_equal(state_it(&w, w.key, JWS_STATEMENT_ES256, good, NULL), 201);
    /* What was made is made, and is not looked at again. */
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM signing"), 3);
    EVP_PKEY_free(w.key);
    EVP_PKEY_free(w.other);
    close_house(&h);
}

static void test_wrong_parts(void **state)
{
    static const char *const texts[] = {"Uno", "Uno"};
    struct house h;
    struct exchange_of_test x;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    struct buf parts = parts_of(&h, "{\"level\":\"B-B\"}", texts, 2); /* the same twice */
    struct reply r = send_parts(&s, NULL, &parts);
    assert_true(r.status == 422 && has_fault(&r, "/documents/1"));
    json_decref(r.json);
    parts = parts_of(&h, "{\"documents\":[{},{}]}", texts, 1); /* more titles than documents */
    assert_int_equal(only_status(send_parts(&s, NULL, &parts)), 422);
    parts = parts_of(&h, "{}", texts, 1);
    put_part(&parts, "operation", NULL, SLICE("{}"));
    assert_int_equal(only_status(send_parts(&s, NULL, &parts)), 400);
    parts = parts_of(&h, "{}", texts, 1);
    put_part(&parts, "other", NULL, SLICE("{}"));
    assert_int_equal(only_status(send_parts(&s, NULL, &parts)), 400);
    parts = parts_of(&h, "{}", texts, 0);
    put_part(&parts, "document", "virus.pdf", SLICE("MZ no es un PDF"));
    r = send_parts(&s, NULL, &parts);
    assert_true(r.status == 422 && has_fault(&r, "/documents/0"));
    json_decref(r.json);
    begin_request(&s, &x, HTTP_POST, OPERATIONS);
    web_header(&x, "Content-Type", "text/plain");
    assert_int_equal(only_status(reply_of(&s, &x, ALL)), 415);
    close_house(&h);
}

/** A document of more than 50 MB, in memory as the listener would have it mapped. */
static void test_too_large(void **state)
{
    struct house h;
    struct buf parts;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    uint8_t *large = memory_zeroed(1, SIGNING_DOCUMENT_MAXIMUM + 1);
    assert_non_null(large);
    buf_init(&parts, 64 << 20);
    put_part(&parts, "operation", NULL, SLICE("{}"));
    put_part(&parts, "document", "grande.pdf", slice_of(large, SIGNING_DOCUMENT_MAXIMUM + 1));
    memory_free(large);
    struct reply r = send_parts(&s, NULL, &parts);
    assert_true(r.status == 422 && has_fault(&r, "/documents/0"));
    json_decref(r.json);
    close_house(&h);
}

static void test_once(void **state)
{
    static const char one[] =
        "{\"level\":\"B-B\",\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":\"a\","
        "\"value\":\"1\"}]}}]}";
    static const char other[] = "{\"level\":\"B-B\",\"documents\":[{\"data\":{\"title\":\"T\",\"fields\":[{\"label\":"
                                "\"a\",\"value\":\"2\"}]}}]}";
    struct house h;
    char id[64];
    open_house(state, &h);
    struct site villa = site(&h, "villa", 0), banco = site(&h, "banco", 0);
    struct reply r = send_json(&villa, "pedido-001", one);
    assert_int_equal(r.status, 201);
    (void)snprintf(id, sizeof id, "%s", text_of(r.json, "id"));
    json_decref(r.json);
    r = send_json(&villa, "pedido-001", one);
    assert_int_equal(r.status, 200);
    assert_string_equal(text_of(r.json, "id"), id);
    json_decref(r.json);
    assert_int_equal(only_status(send_json(&villa, "pedido-001", other)), 409);
    r = send_json(&banco, "pedido-001", one);
    assert_int_equal(r.status, 201);
    assert_string_not_equal(text_of(r.json, "id"), id);
    json_decref(r.json);
    assert_int_equal(only_status(send_json(&villa, "corta", one)), 400);
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM signing"), 2);
    close_house(&h);
}

static void test_quota(void **state)
{
    struct house h;
    char id[64];
    open_house(state, &h);
    struct site s = site(&h, "villa", 2);
    make_operation(&s, "Uno", id);
    make_operation(&s, "Dos", id);
    const char *text = "Tres";
    struct buf parts = parts_of(&h, "{\"level\":\"B-B\"}", &text, 1);
    struct reply r = send_parts(&s, "pedido-003", &parts);
    assert_int_equal(r.status, 429);
    int seconds = 0;
    assert_int_equal(sscanf(r.retry, "%d", &seconds), 1);
    assert_in_range(seconds, 23 * 3600, 24 * 3600 + 1);
    json_decref(r.json);
    close_house(&h);
}

/* ---- The way back ---- */

static void test_the_way_back(void **state)
{
    struct house h;
    char id[64], path[128], credential[PERSONAL_ID_SIZE], wanted[256];
    open_house(state, &h);
    struct site s = site(&h, "villa", 0);
    sign_in(&h);
    make_operation(&s, "Uno", id);
    (void)snprintf(path, sizeof path, SIGNING "/%s", id);
    struct reply r = ask(&s, HTTP_DELETE, ONE, id, "");
    assert_string_equal(text_of(r.json, "state"), "cancelled");
    json_decref(r.json);
    assert_int_equal(only_status(ask(&s, HTTP_DELETE, ONE, id, "")), 200); /* twice is once */
    struct exchange_of_test x;
    assert_int_equal(web_get(h.web, &x, path, ""), 200);
    (void)snprintf(
        wanted, sizeof wanted,
        "href=\"https://sede.example/error?de=firma&amp;operation=%s&amp;reference=EXP%%207&amp;state=cancelled\"", id);
    assert_true(web_says(&x, wanted));
    web_forget(&x);
    make_operation(&s, "Dos", id);
    central_made(h.office, &h.central, ANA, credential);
    sign_it(&h, id, credential);
    (void)snprintf(path, sizeof path, SIGNING "/%s", id);
    char sql[128];
    (void)snprintf(sql, sizeof sql, "UPDATE signing SET person = %lld WHERE token = '%s'", (long long)h.person, id);
    (void)domain_store_run(h.office->store, sql);
    (void)snprintf(wanted, sizeof wanted,
                   "href=\"https://sede.example/vuelta?operation=%s&amp;reference=EXP%%207&amp;state=signed\"", id);
    assert_true(says(&h, path, wanted));
    close_house(&h);
}

/* ---- Who administers ---- */

static const char good[] =
    "entity=1&name=Sede+de+O%27Higgins&client=sede&returns=https%3A%2F%2Fsede.example%2Fvuelta%0D%0A"
    "https%3A%2F%2Fsede.example%2Ferror&webhook=https%3A%2F%2Fsede.example%2Favisos&quota=5";

static void test_registered(void **state)
{
    struct house h;
    struct exchange_of_test x;
    char secret[64] = "", path[128];
    open_house(state, &h);
    sign_in(&h);
    assert_true(says(&h, PORTALS, PORTALS "/nuevo"));
    assert_int_equal(do_post(&h, PORTALS "/nuevo", good), 422); /* by nothing it would be known */
    assert_int_equal(do_post(&h, PORTALS "/nuevo", "entity=1&name=&client=a+b&renew=1"), 422);
    assert_int_equal(post(&h, &x, PORTALS "/nuevo", arena_print(&h.web->web->arena, "%s&renew=1", good)), 200);
    const char *body = arena_text(&x.arena, x.response.body);
    const char *at = strstr(body, "<code id=\"client-secret\">");
    assert_non_null(at);
    (void)snprintf(secret, sizeof secret, "%.43s", at + strlen("<code id=\"client-secret\">"));
    web_forget(&x);
    struct site s = {.house = &h};
    as_basic(&s, "sede", secret);
    assert_int_equal(only_status(ask(&s, HTTP_GET, ONE, "nada", "")), 404); /* it is known */
    s.id = domain_store_number(h.office->store, "SELECT id FROM portal WHERE client = 'sede'");
    (void)snprintf(path, sizeof path, PORTALS "/%lld", (long long)s.id);
    assert_true(says(&h, PORTALS "?buscar=higgins", path));
    assert_true(says(&h, path, "https://sede.example/avisos"));
    assert_false(says(&h, path, secret));
    /* A key, and the command by which the keeper learns it: its words are the shell's. */
    (void)snprintf(path, sizeof path, PORTALS "/%lld/editar", (long long)s.id);
    assert_true(says(&h, path, "https://sede.example/error"));
    assert_int_equal(do_post(&h, path, arena_print(&h.web->web->arena, "%s&key=no+es+clave", good)), 422);
    assert_int_equal(post(&h, &x, path, arena_print(&h.web->web->arena, "%s&drop=1&certificate=AA%%3ABB&key=", good)),
                     422);
    web_forget(&x);
    struct buf fields;
    buf_init(&fields, 4096);
    buf_print(&fields, "%s&key=", good);
    for (const char *c = KEY; *c != '\0'; c++) {
        if (*c == '+' || *c == '\n')
            buf_print(&fields, "%%%02X", (unsigned)*c);
        else
            buf_put_byte(&fields, (uint8_t)*c);
    }
    buf_put_byte(&fields, '\0');
    assert_int_equal(do_post(&h, path, (const char *)fields.data), 303);
    buf_dispose(&fields);
    (void)snprintf(path, sizeof path, PORTALS "/%lld", (long long)s.id);
    assert_true(
        says(&h, path,
             "refrenda ca register portal sede sede.pem --attribute cn=&#39;Sede de O&#39;\\&#39;&#39;Higgins&#39;"));
    assert_true(says(&h, path, "callout warn"));
    (void)snprintf(path, sizeof path, PORTALS "/%lld/clave.pem", (long long)s.id);
    assert_true(says(&h, path, "-----BEGIN PUBLIC KEY-----"));
    assert_int_equal(only_status(ask(&s, HTTP_GET, ONE, "nada", "")), 404); /* its secret is still good */
    close_house(&h);
}

static rfd_status do_find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct portal *p = context;
    TRY(portal_find(t, p->id, p, error));
    p->name = p->client = SLICE("villa");
    p->key = p->certificate_hash = p->secret_hash = p->webhook = SLICE_EMPTY; /* of the transaction */
    p->return_count = 0;
    return RFD_OK;
}

/** Whoever changes something else writes back no secret that was renewed meanwhile. */
static void test_secret_renewed_meanwhile(void **state)
{
    struct house h;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0), old = s;
    struct portal shown = {.id = s.id};
    struct giving g = {.portal = s.id};
    WORLD_OK(store_read(h.office->store, do_find, &shown, &error));
    WORLD_OK(store_write(h.office->store, make_secret, &g, &error));
    as_basic(&s, "villa", g.secret);
    shown.secret_stays = true;
    shown.secret_hash = SLICE("aa11bb22cc33dd44ee55ff6600778899aa11bb22cc33dd44ee55ff6600778899");
    WORLD_OK(store_write(h.office->store, do_put, &shown, &error));
    assert_int_equal(only_status(ask(&s, HTTP_GET, ONE, "nada", "")), 404); /* it is known */
    assert_int_equal(only_status(ask(&old, HTTP_GET, ONE, "nada", "")), 401);
    /* Dropped meanwhile: it would be known by nothing. */
    (void)domain_store_run(h.office->store, "UPDATE portal SET secret_hash = ''");
    assert_int_equal(store_write(h.office->store, do_put, &shown, NULL), RFD_E_INVALID);
    close_house(&h);
}

/** Sixteen addresses as long as they may be go through the form, and back into it. */
static void test_longest_addresses(void **state)
{
    struct house h;
    struct exchange_of_test x;
    struct buf fields;
    char path[64], address[1001] = "https://sede.example/";
    open_house(state, &h);
    sign_in(&h);
    struct site s = site(&h, "villa", 0);
    memset(address + strlen(address), 'a', sizeof address - 1 - strlen(address));
    buf_init(&fields, 65536);
    buf_put_text(&fields, "entity=1&name=Villa&client=villa&quota=0&returns=");
    for (unsigned i = 0; i < PORTAL_ADDRESSES; i++) {
        address[999] = (char)('a' + i);
        buf_print(&fields, "%s%%0D%%0A", address);
    }
    buf_put_byte(&fields, '\0');
    (void)snprintf(path, sizeof path, PORTALS "/%lld/editar", (long long)s.id);
    int status = post(&h, &x, path, (const char *)fields.data);
    if (status != 303) fail_msg("%d", status);
    web_forget(&x);
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM portal_return"), PORTAL_ADDRESSES);
    assert_true(says(&h, path, address));
    assert_int_equal(only_status(ask(&s, HTTP_GET, ONE, "nada", "")), 404); /* its secret is still good */
    buf_dispose(&fields);
    close_house(&h);
}

/** The next day of another length than others, in the zone of the house. */
static int64_t find_odd_day(const struct zone *zone)
{
    int64_t day = zone_day(zone, clock_now()) + 1;
    while (zone_day_start(zone, day + 1) - zone_day_start(zone, day) == 86400 * RFD_SECOND) day++;
    return day;
}

/** "Last day" is over at midnight, also when the clocks are changed on it. */
static void test_last_day(void **state)
{
    struct house h;
    char seal[PERSONAL_ID_SIZE], path[64], fields[256];
    struct zone *madrid = NULL;
    open_house(state, &h);
    sign_in(&h);
    struct site s = site(&h, "villa", 0);
    WORLD_OK(zone_open("Europe/Madrid", &madrid, &error));
    struct zone *lima = h.web->web->zone;
    h.web->web->zone = madrid;
    h.web->settings.central.explicit = true;
    central_seal_made(h.office, &h.central, ANA, seal);
    int64_t day = find_odd_day(madrid);
    struct civil c = zone_civil(madrid, zone_day_start(madrid, day) + 43200 * RFD_SECOND);
    (void)snprintf(path, sizeof path, PORTALS "/%lld/sellos/nuevo", (long long)s.id);
    (void)snprintf(fields, sizeof fields, "credential=%s&daily=10&ends=%02d%%2F%02d%%2F%04d", seal, c.day, c.month,
                   c.year);
    assert_int_equal(do_post(&h, path, fields), 303);
    assert_int_equal(domain_store_number(h.office->store, "SELECT ends FROM seal_grant"),
                     zone_day_start(madrid, day + 1));
    h.web->web->zone = lima;
    zone_close(madrid);
    close_house(&h);
}

static void test_looked_after(void **state)
{
    struct house h;
    char id[64], path[128];
    open_house(state, &h);
    struct site s = site(&h, "villa", 0), banco = site(&h, "banco", 0);
    sign_in(&h);
    make_operation(&s, "Uno", id);
    assert_int_equal(only_status(ask(&s, HTTP_DELETE, ONE, id, "")), 200);
    (void)snprintf(path, sizeof path, PORTALS "/%lld/operaciones", (long long)s.id);
    assert_true(says(&h, path, "EXP 7"));
    assert_false(says(&h, path, id)); /* by its address it could be taken */
    (void)snprintf(path, sizeof path, PORTALS "/%lld/operaciones?buscar=exp", (long long)s.id);
    assert_true(says(&h, path, "EXP 7"));
    (void)snprintf(path, sizeof path, PORTALS "/%lld/operaciones?buscar=exp", (long long)banco.id);
    assert_false(says(&h, path, "EXP 7"));
    (void)snprintf(path, sizeof path, PORTALS "/%lld/avisos", (long long)s.id);
    int64_t notice = domain_store_number(h.office->store, "SELECT id FROM webhook");
    assert_true(says(&h, path, "EXP 7"));
    (void)snprintf(path, sizeof path, PORTALS "/%lld/avisos/%lld", (long long)s.id, (long long)notice);
    assert_true(says(&h, path, "operation.cancelled"));
    (void)domain_store_run(h.office->store, "UPDATE webhook SET state = 3, tries = 9");
    assert_int_equal(do_post(&h, path, "x=1"), 303);
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM webhook WHERE state = 1 AND tries = 0"),
                     1);
    (void)snprintf(path, sizeof path, PORTALS "/%lld/avisos/%lld", (long long)banco.id, (long long)notice);
    assert_int_equal(do_post(&h, path, "x=1"), 404);
    (void)snprintf(path, sizeof path, PORTALS "/%lld/cerrar", (long long)s.id);
    assert_true(says(&h, path, "form class=\"confirm danger\""));
    assert_int_equal(do_post(&h, path, "x=1"), 303);
    assert_int_equal(only_status(ask(&s, HTTP_GET, ONE, id, "")), 401);
    assert_false(says(&h, PORTALS, ">villa<"));
    assert_true(says(&h, PORTALS "?cerrados=1", ">villa<"));
    struct exchange_of_test x;
    assert_int_equal(web_get(h.web, &x, PORTALS "?formato=csv", h.cookie), 200);
    assert_string_equal(web_answer_header(&x, "content-type", 0), "text/csv; charset=utf-8");
    web_forget(&x);
    close_house(&h);
}

/** A portal is closed while one operation waits for its person and another is at password and code. */
static void test_closed_over_what_waits(void **state)
{
    static const char said[] = "was closed here, so that it cannot be signed any more";
    struct house h;
    struct exchange_of_test x;
    char begun_id[64], waiting[64], path[128], credential[PERSONAL_ID_SIZE], fields[128];
    struct central_authorisation begun;
    struct signing done;
    struct arena a;
    open_house(state, &h);
    sign_in_as(&h, ANA);
    struct site s = site(&h, "villa", 0);
    struct actor ana = central_actor(h.office, ANA);
    arena_init(&a, 8 << 20);
    central_made(h.office, &h.central, ANA, credential);
    make_operation(&s, "Uno", begun_id);
    make_operation(&s, "Dos", waiting);
    (void)snprintf(path, sizeof path, SIGNING "/%s/certificado", begun_id);
    assert_false(says(&h, path, said));
    (void)snprintf(path, sizeof path, SIGNING "/%s/certificado", waiting);
    assert_true(says(&h, path, "<button class=\"button\" type=\"submit\">Go on"));
    WORLD_OK(signing_prepare(&h.central, &ana, &a, slice_text(begun_id), slice_text(credential), PERSONAL_NO_CHANNEL,
                             SLICE("es"), &begun, &error));
    (void)snprintf(path, sizeof path, PORTALS "/%lld/cerrar", (long long)s.id);
    assert_true(says(&h, path, "Nobody can begin to sign for it any more."));
    assert_int_equal(do_post(&h, path, "x=1"), 303);
    /* Nothing new begins, and the person is told why. */
    (void)snprintf(path, sizeof path, SIGNING "/%s/certificado", waiting);
    assert_true(says(&h, path, said));
    assert_false(says(&h, path, "<button class=\"button\" type=\"submit\">Go on"));
    (void)snprintf(path, sizeof path, SIGNING "/%s/autorizar", waiting);
    (void)snprintf(fields, sizeof fields, "certificado=%s", credential);
    assert_int_equal(post(&h, &x, path, fields), 422);
    assert_true(web_says(&x, said));
    web_forget(&x);
    assert_int_equal(domain_store_number(h.office->store,
                                         "SELECT count(*) FROM signing WHERE state = 'waiting' AND credential = ''"),
                     1);
    /* Who was at it finishes. */
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(signing_sign(&h.central, &ana, &a, slice_text(begun_id), begun.operation, &proofs, &done, &error));
    assert_int_equal(done.state, SIGNING_SIGNED);
    assert_int_equal(domain_store_number(h.office->store, "SELECT count(*) FROM webhook"), 0); /* nobody is told */
    arena_dispose(&a);
    close_house(&h);
}

/** Who is refused too often is not let try by reading either. */
static void test_guessing_by_reading(void **state)
{
    struct house h;
    open_house(state, &h);
    struct site s = site(&h, "villa", 0), wrong = s;
    as_basic(&wrong, "villa", "no es este");
    int status = 401, tries = 0;
    for (; status == 401 && tries < 200; tries++) status = only_status(ask(&wrong, HTTP_GET, ONE, "nada", ""));
    assert_int_equal(status, 429);
    assert_int_equal(tries, 121); /* posts_per_minute */
    close_house(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_OFFICES(test_every_route_is_described),
        IN_BOTH_OFFICES(test_whole_round),
        IN_BOTH_OFFICES(test_who_asks),
        IN_BOTH_OFFICES(test_what_is_wrong),
        IN_BOTH_OFFICES(test_names_nobody_knows),
        IN_BOTH_OFFICES(test_as_long_as_described),
        IN_BOTH_OFFICES(test_longest_is_signed),
        IN_BOTH_OFFICES(test_ends),
        IN_BOTH_OFFICES(test_statements),
        IN_BOTH_OFFICES(test_wrong_parts),
        cmocka_unit_test_setup_teardown(test_too_large, office_sqlite, office_close),
        IN_BOTH_OFFICES(test_once),
        IN_BOTH_OFFICES(test_quota),
        IN_BOTH_OFFICES(test_the_way_back),
        IN_BOTH_OFFICES(test_registered),
        IN_BOTH_OFFICES(test_secret_renewed_meanwhile),
        IN_BOTH_OFFICES(test_longest_addresses),
        IN_BOTH_OFFICES(test_last_day),
        IN_BOTH_OFFICES(test_looked_after),
        IN_BOTH_OFFICES(test_closed_over_what_waits),
        IN_BOTH_OFFICES(test_guessing_by_reading),
    };
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
