/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "csc_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"
#include "domain/central/entity_seal.h"
#include "domain/central/internal.h"
#include "openapi_check.h"

#include <stdio.h>
#include <stdlib.h>

enum { SEEN = 1000, TEXTS = 16, GRANTED = 150, MINUTES = 5 };

extern const char csc_v1_text[], csc_v2_text[];

static struct arena memory;

/* ---- The house ---- */

struct giving {
    struct csc_token token;
    char text[CSC_TOKEN_SIZE];
};

static rfd_status do_give(struct transaction *t, void *context, struct rfd_error *error)
{
    struct giving *g = context;
    return csc_token_give(t, &g->token, g->text, error);
}

static void give(struct csc_world *w, const struct csc_token *token, char text[CSC_TOKEN_SIZE])
{
    struct giving g = {.token = *token};
    WORLD_OK(store_write(w->office->store, do_give, &g, &error));
    memcpy(text, g.text, CSC_TOKEN_SIZE);
}

struct putting {
    struct portal portal;
    struct seal_grant grant;
    int64_t id;
};

static rfd_status do_portal(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    struct actor admin = actor_system("admin");
    return portal_put(t, &admin, &p->portal, NULL, &p->id, error);
}

static rfd_status do_grant(struct transaction *t, void *context, struct rfd_error *error)
{
    struct putting *p = context;
    struct actor admin = actor_system("admin");
    struct faults faults = {.count = 0};
    return seal_grant_put(t, &admin, &p->grant, &faults, &p->id, error);
}

static int64_t put_portal(struct csc_world *w, const char *client)
{
    uint8_t hash[32];
    char hex[65] = "";
    WORLD_OK(digest_of(DIGEST_SHA256, SLICE(CSC_SECRET), hash, &error));
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)hex);
    struct putting p = {
        .portal = {
            .entity = 1, .name = slice_text(client), .client = slice_text(client), .secret_hash = slice_text(hex)}};
    WORLD_OK(store_write(w->office->store, do_portal, &p, &error));
    return p.id;
}

static void put_grant(struct csc_world *w, const char *seal)
{
    struct putting p = {
        .grant = {.portal = w->portal, .credential = slice_text(seal), .daily = GRANTED, .ends = RFD_TIME_NONE}};
    WORLD_OK(store_write(w->office->store, do_grant, &p, &error));
}

static struct csc_token service_token(const struct csc_world *w, int64_t portal, int64_t person)
{
    struct csc_token token = {.kind = CSC_TOKEN_SERVICE, .version = 2, .portal = {.id = portal}};
    if (person == 0) return token;
    token.account = central_actor(w->office, person).account;
    token.person = person;
    token.holder = SLICE("IDCPE-00000004");
    return token;
}

static void give_tokens(struct csc_world *w)
{
    struct csc_token token = service_token(w, w->portal, ANA);
    struct central_credential shown;
    WORLD_OK(central_credential_show(&w->central, slice_text(w->person), &memory, &shown, &error));
    token.holder = slice_text(shown.holder);
    give(w, &token, w->of_person);
    token = service_token(w, w->portal, 0);
    give(w, &token, w->of_portal);
    token = service_token(w, w->other, 0);
    give(w, &token, w->of_other);
}

static void set_up_web(struct csc_world *w, void **state)
{
    w->web = web_world_open(state, false);
    struct settings *s = &w->web->settings;
    s->requests.tsa_url = "http://127.0.0.1:1/tsa";
    s->status.url = s->status.tsa_key = "";
    s->keys.seal_key = "seal";
    s->central.explicit = true;
    w->web->web->options.keeper = w->office->domain->keeper;
    w->web->web->options.personal = w->central.personal;
    blob_store_close(w->web->web->blobs); /* those of the world are shown */
    w->web->web->blobs = w->central.blobs;
}

void csc_world_open(void **state, struct csc_world *w, const char *test)
{
    arena_dispose(&memory);
    arena_init(&memory, 64 << 20);
    *w = (struct csc_world){.test = test};
    w->office = central_open(state, &w->central);
    set_up_web(w, state);
    central_made(w->office, &w->central, ANA, w->person);
    central_seal_made(w->office, &w->central, ANA, w->seal);
    w->portal = put_portal(w, "sede");
    w->other = put_portal(w, "otra");
    put_grant(w, w->seal);
    give_tokens(w);
    w->openapi[1] = json_loads(csc_v1_text, 0, NULL);
    w->openapi[2] = json_loads(csc_v2_text, 0, NULL);
    assert_non_null(w->openapi[1]);
    assert_non_null(w->openapi[2]);
    csc_world_as(w, w->of_person);
}

void csc_world_code_seal(struct csc_world *w)
{
    central_code_seal_made(w->office, &w->central, ANA, w->coded);
    put_grant(w, w->coded);
}

void csc_world_close(struct csc_world *w)
{
    json_decref(w->openapi[1]);
    json_decref(w->openapi[2]);
    w->web->web->blobs = NULL; /* it is the world's */
    web_world_close(w->web);
    arena_dispose(&memory);
}

/* ---- What authorises ---- */

void csc_world_digest(unsigned number, uint8_t digest[32])
{
    WORLD_OK(digest_of(DIGEST_SHA256, slice_of(&number, sizeof number), digest, &error));
}

const char *csc_world_hash(unsigned number)
{
    static char texts[TEXTS][64];
    static unsigned next;
    char *text = texts[next++ % TEXTS];
    uint8_t digest[32];
    struct buf b;
    csc_world_digest(number, digest);
    buf_init(&b, 64);
    buf_put_base64(&b, slice_of(digest, sizeof digest));
    (void)snprintf(text, sizeof texts[0], "%.*s", (int)b.length, (const char *)b.data);
    buf_dispose(&b);
    return text;
}

slice csc_world_certificate(struct csc_world *w, const char *credential)
{
    struct central_credential shown;
    WORLD_OK(central_credential_show(&w->central, slice_text(credential), &memory, &shown, &error));
    return shown.certificate;
}

/** Begun and activated as a person does it. */
static void activate(struct csc_world *w, const slice *hashes, unsigned count, enum operation_of of,
                     struct csc_token *token)
{
    struct operation_document *documents = arena_zeroed(&memory, count, sizeof *documents);
    struct central_authorisation begun;
    struct keeper_reply reply = {.fields = message_read(SLICE_EMPTY)};
    for (unsigned i = 0; i < count; i++) {
        documents[i] = (struct operation_document){.title = SLICE("Documento"), .hash = hashes[i]};
        memcpy(documents[i].shown, hashes[i].data, sizeof documents[i].shown);
    }
    struct central_begin b = {.text = {.kind = OPERATION_SIGN,
                                       .credential = slice_text(w->person),
                                       .portal = SLICE("sede"),
                                       .digest = DIGEST_SHA256,
                                       .of = of,
                                       .documents = documents,
                                       .count = count},
                              .language = SLICE("es")};
    WORLD_OK(central_begin(&w->central, &b, &memory, &begun, &error));
    struct central_proofs proofs = central_prove(&begun, CENTRAL_PASSWORD, NULL);
    WORLD_OK(central_activate(&w->central, begun.operation, &proofs, &reply, &error));
    slice sad = message_get_bytes(&reply.fields, PERSONAL_SAD_SIZE);
    assert_int_equal(sad.length, PERSONAL_SAD_SIZE);
    memcpy(token->sad, sad.data, sad.length);
    keeper_reply_dispose(&reply);
}

static void authorise(struct csc_world *w, unsigned version, const slice *hashes, unsigned count, bool documents,
                      char text[CSC_TOKEN_SIZE])
{
    struct csc_token token = service_token(w, w->portal, ANA);
    activate(w, hashes, count, documents ? OPERATION_OF_DOCUMENTS : OPERATION_OF_HASHES, &token);
    token.kind = CSC_TOKEN_CREDENTIAL;
    token.version = version;
    token.credential = slice_text(w->person);
    token.digest = DIGEST_SHA256;
    token.documents = documents;
    token.count = count;
    token.ends = clock_now() + MINUTES * 60 * RFD_SECOND;
    give(w, &token, text);
}

void csc_world_sad(struct csc_world *w, unsigned version, unsigned first, unsigned count, char token[CSC_TOKEN_SIZE])
{
    uint8_t digests[PERSONAL_HASHES_MAXIMUM][32];
    slice hashes[PERSONAL_HASHES_MAXIMUM];
    for (unsigned i = 0; i < count; i++) {
        csc_world_digest(first + i, digests[i]);
        hashes[i] = slice_of(digests[i], 32);
    }
    authorise(w, version, hashes, count, false, token);
}

void csc_world_digests(struct csc_world *w, const slice *digests, unsigned count, char token[CSC_TOKEN_SIZE])
{
    authorise(w, 2, digests, count, true, token);
}

void csc_world_documents(struct csc_world *w, unsigned first, unsigned count, char token[CSC_TOKEN_SIZE])
{
    uint8_t digests[PERSONAL_HASHES_MAXIMUM][32];
    slice hashes[PERSONAL_HASHES_MAXIMUM];
    for (unsigned i = 0; i < count; i++) {
        csc_world_digest(first + i, digests[i]);
        hashes[i] = slice_of(digests[i], 32);
    }
    csc_world_digests(w, hashes, count, token);
}

/* ---- Asking ---- */

static struct {
    unsigned version;
    char method[40], parameter[40], description[240];
    const char *test;
} seen[SEEN];
static size_t seen_count;

static void note(const struct csc_world *w, unsigned version, const char *method, const char *parameter,
                 const char *description)
{
    assert_true(seen_count < SEEN);
    seen[seen_count].version = version;
    seen[seen_count].test = w->test;
    (void)snprintf(seen[seen_count].method, sizeof seen[0].method, "%s", method);
    (void)snprintf(seen[seen_count].parameter, sizeof seen[0].parameter, "%s", parameter);
    (void)snprintf(seen[seen_count++].description, sizeof seen[0].description, "%s", description);
}

const char *csc_world_seen(unsigned version, const char *method, struct csc_refusal_row row)
{
    for (size_t i = 0; i < seen_count; i++) {
        if (seen[i].version != version || (method[0] != '\0' && strcmp(seen[i].method, method) != 0)) continue;
        if (strcmp(seen[i].parameter, row.parameter) == 0 && strcmp(seen[i].description, row.description) == 0)
            return seen[i].test;
    }
    return NULL;
}

void csc_world_as(struct csc_world *w, const char *token)
{
    w->header[0] = '\0';
    if (token != NULL) (void)snprintf(w->header, sizeof w->header, "Bearer %s", token);
}

/** What is described for this status; what is not there is no answer of ours. */
static void check(const struct csc_world *w, unsigned version, const char *method, const struct csc_reply *r)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/%s", method);
    if (csc_method_find(version, slice_text(method)) == NULL) return;
    const json_t *schema = openapi_described(w->openapi[version], path, "post", r->status);
    if (r->status == 204)
        assert_null(r->json);
    else
        openapi_matches(w->openapi[version], schema, r->json, path);
}

/** Some go on behind the row's words: which attributes, whose certificate. */
static bool fits(const char *description, const char *wanted)
{
    if (strcmp(description, wanted) == 0) return true;
    size_t length = strlen(wanted);
    return strncmp(description, wanted, length) == 0 && description[length] == ' ' && description[length + 1] == '(';
}

static bool is_row(const struct csc_reply *r, enum csc_refusal refusal, unsigned version)
{
    struct csc_refusal_row row = csc_refusal_row(refusal, version);
    const char *description = json_string_value(json_object_get(r->json, "error_description"));
    const char *error = json_string_value(json_object_get(r->json, "error"));
    if (r->status != row.status || error == NULL || description == NULL || strcmp(error, row.error) != 0) return false;
    if (refusal == CSC_NO_CERTIFICATE_EXPIRED && version == 1)
        return strncmp(description, "Signing certificate '", strlen("Signing certificate '")) == 0;
    return fits(description, row.description);
}

static bool is_parameter(const struct csc_reply *r, const struct csc_method *m)
{
    const char *description = json_string_value(json_object_get(r->json, "error_description"));
    for (const struct csc_parameter *p = m->parameters; p->name != NULL && description != NULL; p++)
        if (r->status == 400 &&
            (strcmp(description, p->wrong) == 0 || (p->invalid != NULL && strcmp(description, p->invalid) == 0)))
            return true;
    return false;
}

/** Whatever refuses is a row of the tables, which docs/csc.md has: no test sees another one. */
static void check_refusal(unsigned version, const char *method, const struct csc_reply *r)
{
    const struct csc_method *m = csc_method_find(version, slice_text(method));
    bool found = r->status < 400;
    for (const enum csc_refusal *n = csc_common_refusals; *n != CSC_REFUSED_NOT; n++)
        found = found || is_row(r, *n, version);
    if (m != NULL)
        for (const enum csc_refusal *n = m->refusals; *n != CSC_REFUSED_NOT; n++)
            found = found || is_row(r, *n, version);
    if (found || (m != NULL && is_parameter(r, m))) return;
    fail_msg("v%u %s: %d \"%s\" is in no table", version, method, r->status,
             json_string_value(json_object_get(r->json, "error_description")));
}

struct csc_reply csc_world_ask_text(struct csc_world *w, unsigned version, const char *method, const char *body)
{
    struct exchange_of_test x;
    struct csc_reply r = {.status = 0};
    char target[96];
    (void)snprintf(target, sizeof target, "/csc/v%u/%s", version, method);
    web_request(&x, HTTP_POST, target);
    if (w->header[0] != '\0') web_header(&x, "Authorization", w->header);
    if (body != NULL) {
        web_header(&x, "Content-Type", "application/json");
        x.request.body = slice_text(body);
    }
    r.status = web_send(w->web, &x);
    if (r.status != 204) {
        r.json = json_loadb((const char *)x.response.body.data, x.response.body.length, 0, NULL);
        if (r.json == NULL)
            fail_msg("%s: %d %.*s", target, r.status, (int)x.response.body.length, (const char *)x.response.body.data);
        assert_string_equal(web_answer_header(&x, "cache-control", 0), "no-store");
        assert_string_equal(web_answer_header(&x, "set-cookie", 0), "");
    }
    check(w, version, method, &r);
    check_refusal(version, method, &r);
    web_forget(&x);
    return r;
}

struct csc_reply csc_world_ask(struct csc_world *w, unsigned version, const char *method, json_t *body)
{
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    struct csc_reply r = csc_world_ask_text(w, version, method, text);
    free(text);
    json_decref(body);
    return r;
}

json_t *csc_world_good(struct csc_world *w, unsigned version, const char *method, json_t *body)
{
    struct csc_reply r = csc_world_ask(w, version, method, body);
    char *text = r.json == NULL ? NULL : json_dumps(r.json, 0);
    if (r.status != 200) fail_msg("%s: %d %s", method, r.status, text == NULL ? "" : text);
    free(text);
    return r.json;
}

void csc_world_refused(struct csc_world *w, unsigned version, const char *method, json_t *body,
                       struct csc_refusal_row row)
{
    char *sent = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    struct csc_reply r = csc_world_ask(w, version, method, body);
    const char *error = json_string_value(json_object_get(r.json, "error"));
    const char *description = json_string_value(json_object_get(r.json, "error_description"));
    if (error == NULL || description == NULL || r.status != row.status || strcmp(error, row.error) != 0 ||
        !fits(description, row.description) || json_object_size(r.json) != 2)
        fail_msg("v%u %s %s: %d %s \"%s\", not %d %s \"%s\"", version, method, sent == NULL ? "" : sent, r.status,
                 error == NULL ? "-" : error, description == NULL ? "-" : description, row.status, row.error,
                 row.description);
    note(w, version, method, row.parameter, row.description);
    json_decref(r.json);
    free(sent);
}
