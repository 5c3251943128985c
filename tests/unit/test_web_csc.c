/* SPDX-License-Identifier: EUPL-1.2
 *
 * Every refusal of the CSC API, really provoked: for each method of both versions each parameter that is missing, of
 * another type or too long, and each row of refusals.def; and docs/csc.md, which has them all with these tests' names.
 * REFRENDA_WRITE_DOCS=1 writes it anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "csc_world.h"

#include "base/clock.h"
#include "base/error.h"
#include "openapi_check.h"

#include <stdio.h>
#include <stdlib.h>

#define SHA256 "2.16.840.1.101.3.4.2.1"
#define SHA512 "2.16.840.1.101.3.4.2.3"
#define SHA1   "1.3.14.3.2.26"
#define ECDSA  "1.2.840.10045.4.3.2"

enum { FIRST = 100, AUTHORISED = 4, LONG = 60000, DOCUMENT_MAXIMUM = 1 << 18 };

/* ---- A right request of each method ---- */

struct setting {
    struct csc_world *w;
    unsigned version;
    const struct csc_method *method;
    char sad[CSC_TOKEN_SIZE], documents[CSC_TOKEN_SIZE];
};

static bool is(const struct setting *s, const char *method)
{
    return strcmp(s->method->name, method) == 0;
}

static void put(json_t *o, const char *name, json_t *value)
{
    assert_int_equal(json_object_set_new(o, name, value), 0);
}

static json_t *document(void)
{
    return json_pack("{s:[s], s:s, s:s, s:s}", "hashes", csc_world_hash(FIRST), "hashAlgorithmOID", SHA256,
                     "signature_format", "P", "signAlgo", ECDSA);
}

static void put_hashes(const struct setting *s, json_t *o)
{
    put(o, s->version == 1 ? "hash" : "hashes", json_pack("[s]", csc_world_hash(FIRST)));
    if (s->version == 2) put(o, "hashAlgorithmOID", json_string(SHA256));
}

static void put_signing(const struct setting *s, json_t *o)
{
    put(o, "SAD", json_string(is(s, "signatures/signDoc") ? s->documents : s->sad));
    put(o, "credentialID", json_string(s->w->person));
    if (is(s, "signatures/signDoc"))
        put(o, "documentDigests", json_pack("[o]", document()));
    else
        put_hashes(s, o);
    if (is(s, "signatures/signHash")) put(o, "signAlgo", json_string(ECDSA));
}

static void put_pin(const struct setting *s, json_t *o)
{
    put(o, "credentialID", json_string(s->w->seal));
    put(o, "numSignatures", json_integer(1));
    put_hashes(s, o);
    if (s->version == 1)
        put(o, "PIN", json_string(CENTRAL_PASSWORD));
    else
        put(o, "authData", json_pack("[{s:s, s:s}]", "id", "PIN", "value", CENTRAL_PASSWORD));
}

static json_t *right(const struct setting *s)
{
    json_t *o = json_object();
    if (is(s, "auth/revoke")) put(o, "token", json_string("unknown"));
    if (is(s, "credentials/info") || is(s, "credentials/sendOTP") || is(s, "credentials/getChallenge"))
        put(o, "credentialID", json_string(s->w->person));
    if (is(s, "credentials/getChallenge")) put(o, "authObjectID", json_string("OTP"));
    if (is(s, "credentials/authorizeCheck")) put(o, "handle", json_string("x"));
    if (is(s, "credentials/authorize")) put_pin(s, o);
    if (is(s, "credentials/extendTransaction") || is(s, "signatures/signHash") || is(s, "signatures/signDoc"))
        put_signing(s, o);
    if (is(s, "signatures/signPolling")) put(o, "requestID", json_string("x"));
    if (is(s, "signatures/timestamp")) {
        put(o, "hash", json_string(csc_world_hash(FIRST)));
        put(o, "hashAlgo", json_string(SHA256));
    }
    return o;
}

/** Who may call it. */
static void as_usual(const struct setting *s)
{
    struct csc_world *w = s->w;
    csc_world_as(w, is(s, "credentials/authorize") ? w->of_portal : w->of_person);
    if (is(s, "auth/login")) (void)snprintf(w->header, sizeof w->header, "Basic c2VkZTpubw=="); /* sede:no */
}

/* ---- Each parameter ---- */

static void refused(const struct setting *s, json_t *body, const char *parameter, const char *description)
{
    const struct csc_refusal_row row = {parameter, 400, "invalid_request", description};
    as_usual(s);
    csc_world_refused(s->w, s->version, s->method->name, body, row);
}

static void check_parameter(const struct setting *s, const struct csc_parameter *p)
{
    static char text[LONG + 1];
    memset(text, 'x', LONG);
    json_t *body = right(s);
    put(body, p->name, p->type == CSC_INTEGER ? json_string("1") : json_integer(1));
    refused(s, body, p->name, p->wrong);
    if (p->required) {
        body = right(s);
        (void)json_object_del(body, p->name);
        refused(s, body, p->name, p->wrong);
        body = right(s);
        put(body, p->name, json_null());
        refused(s, body, p->name, p->wrong);
    }
    if (p->type != CSC_TEXT) return;
    body = right(s);
    put(body, p->name, json_string(text));
    refused(s, body, p->name, p->invalid == NULL ? p->wrong : p->invalid);
}

/* ---- Each row ---- */

enum who { USUAL, NOBODY, PORTAL, OTHER };
typedef void change(struct setting *s, json_t *body);
struct provocation {
    unsigned versions; /* 1, 2, or 3: both */
    const char *methods;
    enum csc_refusal refusal;
    enum who who;
    const char *patch; /* members that are put in the place of the right ones; %H: hash number, %S: SAD of hashes */
    change *change;    /* before it is sent */
};

static void make_rsa(struct setting *s, json_t *body)
{
    struct csc_key key = {.registered = 1, .not_after = INT64_MAX, .rsa = true};
    (void)body;
    memcpy(key.id, s->w->person, sizeof key.id);
    csc_known_put(s->w->web->web->csc_known, &key);
}

/** Another one takes its row: it is looked up anew. */
static void forget(struct setting *s, json_t *body)
{
    struct csc_key key = {.id = "00000000000000000000000000000000"};
    (void)body;
    memcpy(key.id, s->w->person, 8);
    csc_known_put(s->w->web->web->csc_known, &key);
}

static void suspend(struct setting *s, json_t *body)
{
    (void)body;
    (void)domain_store_run(s->w->office->store, "UPDATE certificate_status SET state = 2 WHERE state = 1");
}

static void restore(struct setting *s, json_t *body)
{
    (void)body;
    (void)domain_store_run(s->w->office->store, "UPDATE certificate_status SET state = 1 WHERE state = 2");
}

static void end_sads(struct setting *s, json_t *body)
{
    (void)body;
    (void)domain_store_run(s->w->office->store, "UPDATE csc_token SET ends = 1 WHERE kind = 2");
}

static void login_with(struct setting *s, json_t *body)
{
    (void)snprintf(s->w->header, sizeof s->w->header, "%s", json_string_value(json_object_get(body, "header")));
    (void)json_object_del(body, "header");
}

static void of_other_portal(struct setting *s, json_t *body)
{
    csc_world_as(s->w, s->w->of_other);
    (void)body;
}

static void with_sad_of_hashes(struct setting *s, json_t *body)
{
    put(body, "SAD", json_string(s->sad));
}

static void many(struct setting *s, json_t *body)
{
    json_t *list = json_array();
    for (unsigned i = 0; i <= CSC_HASHES; i++) (void)json_array_append_new(list, json_string(csc_world_hash(FIRST)));
    put(body, s->version == 1 ? "hash" : "hashes", list);
}

/** 501 characters, which are no more octets than may be. */
static void with_long_description(struct setting *s, json_t *body)
{
    char text[2 * CSC_DESCRIPTION_MAXIMUM + 3] = "";
    (void)s;
    for (size_t i = 0; i <= CSC_DESCRIPTION_MAXIMUM; i++) memcpy(text + 2 * i, "ñ", 3);
    put(body, "description", json_string(text));
}

static void with_seal(struct setting *s, json_t *body)
{
    put(body, "credentialID", json_string(s->w->seal));
}

static void with_item(struct setting *s, json_t *body)
{
    json_t *item = document();
    const char *name;
    json_t *value;
    (void)s;
    json_object_foreach(json_object_get(body, "item"), name, value) put(item, name, json_incref(value));
    json_object_foreach(json_object_get(body, "item"), name, value) if (json_is_null(value))
        json_object_del(item, name);
    put(body, "documentDigests", json_pack("[o]", item));
    (void)json_object_del(body, "item");
}

/** Whole documents; the patch "item" is of the only one. */
static void with_document(struct setting *s, json_t *body)
{
    json_t *item = json_pack("{s:s, s:s, s:s, s:s}", "document", "JVBERi0=", "hashAlgorithmOID", SHA256,
                             "signature_format", "P", "signAlgo", ECDSA);
    (void)s;
    (void)json_object_update(item, json_object_get(body, "item"));
    (void)json_object_del(body, "item");
    (void)json_object_del(body, "documentDigests");
    put(body, "documents", json_pack("[o]", item));
}

static void with_document_of_hashes(struct setting *s, json_t *body)
{
    with_document(s, body);
    with_sad_of_hashes(s, body);
}

/* ---- Codes ---- */

static void with_coded(struct setting *s, json_t *body)
{
    put(body, "credentialID", json_string(s->w->coded));
}

static void suspend_coded(struct setting *s, json_t *body)
{
    with_coded(s, body);
    suspend(s, body);
}

static json_t *order(const struct setting *s, const char *credential, const char *pin, const char *code)
{
    json_t *o = json_pack("{s:s, s:i}", "credentialID", credential, "numSignatures", 1);
    put_hashes(s, o);
    if (s->version == 1) {
        put(o, "PIN", json_string(pin));
        if (code != NULL) put(o, "OTP", json_string(code));
        return o;
    }
    put(o, "authData", json_pack("[{s:s, s:s}]", "id", "PIN", "value", pin));
    if (code != NULL)
        (void)json_array_append_new(json_object_get(o, "authData"),
                                    json_pack("{s:s, s:s}", "id", "OTP", "value", code));
    return o;
}

static void fail_five_times(struct setting *s, const char *credential, const char *pin, const char *code)
{
    for (unsigned i = 0; i < 5; i++) {
        struct csc_reply r = csc_world_ask(s->w, s->version, "credentials/authorize", order(s, credential, pin, code));
        assert_int_equal(r.status, 400);
        json_decref(r.json);
    }
}

static void lock_codes(struct setting *s, json_t *body)
{
    fail_five_times(s, s->w->coded, CENTRAL_PASSWORD, "no code");
    with_coded(s, body);
}

static void lock_pin(struct setting *s, json_t *body)
{
    fail_five_times(s, s->w->seal, "wrong", NULL);
    with_seal(s, body);
}

static void with_item_rsa(struct setting *s, json_t *body)
{
    make_rsa(s, body);
    with_item(s, body);
}

#define LOGIN    "auth/login"
#define LIST     "credentials/list"
#define INFO     "credentials/info"
#define ORDER    "credentials/authorize"
#define SEND     "credentials/sendOTP"
#define ASK      "credentials/getChallenge"
#define EXTEND   "credentials/extendTransaction"
#define HASH     "signatures/signHash"
#define DOCUMENT "signatures/signDoc"
#define POLL     "signatures/signPolling"
#define STAMP    "signatures/timestamp"
#define USE      EXTEND "," HASH
#define USES     USE "," DOCUMENT
#define MODE     HASH "," DOCUMENT

/* Rows of one method that change what follows come last. */
static const struct provocation provocations[] = {
    {3, LOGIN, CSC_NO_LOGIN_HEADER, USUAL, "{\"header\":\"Bearer x\"}", login_with},
    {3, LOGIN, CSC_NO_LOGIN_HEADER, USUAL, "{\"header\":\"\"}", login_with},
    {3, LOGIN, CSC_NO_LOGIN_HEADER, USUAL, "{\"header\":\"Basic ***\"}", login_with},
    {3, LOGIN, CSC_NO_LOGIN_PAIR, USUAL, "{\"header\":\"Basic c2VkZQ==\"}", login_with}, /* sede */
    {3, LOGIN, CSC_NO_LOGIN_REFRESH, USUAL, "{\"refresh_token\":\"x\"}", NULL},
    {3, LOGIN, CSC_NO_LOGIN_FAILED, USUAL, "{}", NULL},
    {3, LOGIN, CSC_NO_LOGIN_FAILED, USUAL, "{\"header\":\"Basic bmFkaWU6bm8=\"}", login_with}, /* nadie:no */
    {3, "auth/revoke", CSC_NO_HINT, USUAL, "{\"token_type_hint\":\"other\"}", NULL},
    {3, LIST, CSC_NO_USER_NOT_NULL, USUAL, "{\"userID\":\"ana\"}", NULL},
    {3, LIST, CSC_NO_USER_INVALID, PORTAL, "{\"userID\":\"VATPE-1\"}", NULL},
    {1, LIST, CSC_NO_RESULTS, USUAL, "{\"maxResults\":0}", NULL},
    {1, LIST, CSC_NO_PAGE_TOKEN, USUAL, "{\"pageToken\":\"x\"}", NULL},
    {1, LIST, CSC_NO_PAGE_TOKEN, USUAL, "{\"pageToken\":\"1\"}", NULL},
    {1, LIST, CSC_NO_PAGE_TOKEN, USUAL, "{\"pageToken\":\"\"}", NULL},
    {2, LIST, CSC_NO_CERTIFICATES, USUAL, "{\"credentialInfo\":true,\"certificates\":\"all\"}", NULL},
    {3, INFO, CSC_NO_CERTIFICATES, USUAL, "{\"certificates\":\"all\"}", NULL},
    {3, INFO, CSC_NO_CREDENTIAL_INVALID, USUAL, "{\"credentialID\":\"x\"}", NULL},
    {3, INFO, CSC_NO_CREDENTIAL_INVALID, USUAL, "{}", with_seal},
    {3, INFO, CSC_NO_CREDENTIAL_INVALID, PORTAL, "{}", NULL},
    {3, ORDER, CSC_NO_CREDENTIAL_INVALID, PORTAL, "{\"credentialID\":\"x\"}", NULL},
    {3, ORDER, CSC_NO_CREDENTIAL_INVALID, OTHER, "{}", of_other_portal},
    {3, ORDER, CSC_NO_CREDENTIAL_INVALID, USUAL, "{\"credentialID\":\"%P\"}", NULL},
    {3, ORDER, CSC_NO_CREDENTIAL_DISABLED, PORTAL, "{}", suspend},
    {3, ORDER, CSC_NO_COUNT_INVALID, PORTAL, "{\"numSignatures\":0}", restore},
    {3, ORDER, CSC_NO_COUNT_INVALID, PORTAL, "{\"numSignatures\":2}", NULL},
    {3, ORDER, CSC_NO_COUNT_HIGH, PORTAL, "{\"numSignatures\":201}", NULL},
    {3, ORDER, CSC_NO_COUNT_HIGH, PORTAL, "{}", many},
    {3, ORDER, CSC_NO_HASH_EMPTY, PORTAL, "{\"HASH\":[]}", NULL},
    {3, ORDER, CSC_NO_HASH_BASE64, PORTAL, "{\"HASH\":[\"***\"]}", NULL},
    {3, ORDER, CSC_NO_HASH_BASE64, PORTAL, "{\"HASH\":[1]}", NULL},
    {3, ORDER, CSC_NO_HASH_LENGTH, PORTAL, "{\"HASH\":[\"AAAA\"]}", NULL},
    {2, ORDER, CSC_NO_HASH_LENGTH, PORTAL, "{\"hashAlgorithmOID\":\"" SHA512 "\"}", NULL},
    {3, ORDER, CSC_NO_HASH_TWICE, PORTAL, "{\"numSignatures\":2,\"HASH\":[\"%H\",\"%H\"]}", NULL},
    {3, ORDER, CSC_NO_DESCRIPTION, PORTAL, "{\"description\":\"a\\u0007b\"}", NULL},
    {3, ORDER, CSC_NO_DESCRIPTION, PORTAL, "{}", with_long_description},
    {3, ORDER, CSC_NO_STATEMENT, PORTAL, "{\"statement\":\"a.b.c\"}", NULL}, /* the keeper knows no key of it */
    {2, ORDER, CSC_NO_DIGEST_MISSING, PORTAL, "{\"hashAlgorithmOID\":null}", NULL},
    {2, ORDER, CSC_NO_DIGEST_INVALID, PORTAL, "{\"hashAlgorithmOID\":\"" SHA1 "\"}", NULL},
    {1, ORDER, CSC_NO_PIN_INVALID, PORTAL, "{\"PIN\":\"\"}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[]}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"OTP\",\"value\":\"1\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":7}]}", NULL},
    {1, ORDER, CSC_NO_OTP_INVALID, PORTAL, "{}", with_coded},
    {1, ORDER, CSC_NO_OTP_INVALID, PORTAL, "{\"OTP\":\"000000\"}", with_coded},
    {1, ORDER, CSC_NO_OTP_LOCKED, PORTAL, "{\"OTP\":\"000000\"}", lock_codes},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{}", with_coded},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL,
     "{\"authData\":[{\"id\":\"PIN\",\"value\":\"1\"},{\"id\":\"OTP\",\"value\":\"1\"},{\"id\":\"OTP\",\"value\":\"2\"}]}",
     with_coded},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL,
     "{\"authData\":[{\"id\":\"PIN\",\"value\":\"1\"},{\"id\":\"TAN\",\"value\":\"1\"}]}", with_coded},
    {1, ORDER, CSC_NO_PIN_INVALID, PORTAL, "{\"PIN\":\"wrong-1\"}", NULL},
    {1, ORDER, CSC_NO_PIN_INVALID, PORTAL, "{\"PIN\":\"wrong-2\"}", NULL},
    {1, ORDER, CSC_NO_PIN_INVALID, PORTAL, "{\"PIN\":\"wrong-3\"}", NULL},
    {1, ORDER, CSC_NO_PIN_INVALID, PORTAL, "{\"PIN\":\"wrong-4\"}", NULL},
    {1, ORDER, CSC_NO_PIN_LOCKED, PORTAL, "{\"PIN\":\"wrong-5\"}", NULL},
    {1, ORDER, CSC_NO_PIN_LOCKED, PORTAL, "{}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":\"wrong-1\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":\"wrong-2\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":\"wrong-3\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_INVALID, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":\"wrong-4\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_LOCKED, PORTAL, "{\"authData\":[{\"id\":\"PIN\",\"value\":\"wrong-5\"}]}", NULL},
    {2, ORDER, CSC_NO_PROOF_LOCKED, PORTAL, "{}", NULL},
    {1, SEND, CSC_NO_CREDENTIAL_INVALID, USUAL, "{}", NULL},
    {1, SEND, CSC_NO_CREDENTIAL_INVALID, PORTAL, "{}", with_seal}, /* without codes */
    {1, SEND, CSC_NO_CREDENTIAL_DISABLED, PORTAL, "{}", suspend_coded},
    {1, SEND, CSC_NO_CREDENTIAL_INVALID, PORTAL, "{}", restore},
    {1, SEND, CSC_NO_OTP_LOCKED, PORTAL, "{}", lock_codes},
    {1, SEND, CSC_NO_PIN_LOCKED, PORTAL, "{}", lock_pin},
    {2, ASK, CSC_NO_CREDENTIAL_INVALID, USUAL, "{\"credentialID\":\"x\"}", NULL},
    {2, ASK, CSC_NO_OBJECT, USUAL, "{}", NULL},
    {2, ASK, CSC_NO_OBJECT, PORTAL, "{}", with_seal},
    {2, ASK, CSC_NO_OBJECT, PORTAL, "{\"authObjectID\":\"PIN\"}", with_coded},
    {2, ASK, CSC_NO_CREDENTIAL_DISABLED, PORTAL, "{}", suspend_coded},
    {2, ASK, CSC_NO_CREDENTIAL_INVALID, PORTAL, "{}", restore},
    {2, ASK, CSC_NO_PROOF_LOCKED, PORTAL, "{}", lock_codes},
    {2, "credentials/authorizeCheck", CSC_NO_HANDLE, USUAL, "{}", NULL},
    {3, USES, CSC_NO_SAD_INVALID, USUAL, "{\"SAD\":\"x\"}", NULL},
    {3, USES, CSC_NO_SAD_INVALID, USUAL, "{\"SAD\":\"\"}", NULL},
    {3, USES, CSC_NO_SAD_INVALID, USUAL, "{\"SAD\":\"%T\"}", NULL}, /* a token of scope service */
    {3, USES, CSC_NO_SAD_INVALID, OTHER, "{}", of_other_portal},
    {3, USES, CSC_NO_CREDENTIAL_INVALID, USUAL, "{\"credentialID\":\"x\"}", NULL},
    {3, USES, CSC_NO_CREDENTIAL_INVALID, USUAL, "{}", with_seal},
    {3, USE, CSC_NO_HASH_EMPTY, USUAL, "{\"HASH\":[]}", NULL},
    {3, USE, CSC_NO_HASH_BASE64, USUAL, "{\"HASH\":[\"***\"]}", NULL},
    {3, USE, CSC_NO_HASH_BASE64, USUAL, "{\"HASH\":[{}]}", NULL},
    {3, USE, CSC_NO_HASH_LENGTH, USUAL, "{\"HASH\":[\"AAAA\"]}", NULL},
    {3, USE, CSC_NO_HASH_REFUSED, USUAL, "{\"HASH\":[\"%O\"]}", NULL},
    {3, USE, CSC_NO_HASH_REFUSED, USUAL, "{\"HASH\":[\"%H\",\"%H\"]}", NULL},
    {3, USE, CSC_NO_HASH_REFUSED, USUAL, "{}", many},
    {2, EXTEND, CSC_NO_DIGEST_MISSING, USUAL, "{\"hashAlgorithmOID\":null}", NULL},
    {2, EXTEND, CSC_NO_DIGEST_INVALID, USUAL, "{\"hashAlgorithmOID\":\"" SHA1 "\"}", NULL},
    {3, HASH, CSC_NO_ALGORITHM, USUAL, "{\"signAlgo\":\"1.2.840.113549.1.1.11\"}", NULL},
    {3, HASH, CSC_NO_ALGORITHM, USUAL, "{\"signAlgo\":\"1.2.840.113549.1.1.10\",\"signAlgoParams\":\"MAA=\"}", NULL},
    {3, HASH, CSC_NO_ALGORITHM_PARAMETERS, USUAL, "{\"signAlgo\":\"1.2.840.113549.1.1.10\"}", NULL},
    {3, HASH, CSC_NO_HASH_LENGTH, USUAL, "{\"signAlgo\":\"1.2.840.10045.4.3.4\"}", NULL},
    {3, HASH, CSC_NO_DIGEST_MISSING, USUAL, "{\"signAlgo\":\"1.2.840.113549.1.1.1\",\"ALGO\":null}", make_rsa},
    {3, HASH, CSC_NO_DIGEST_INVALID, USUAL, "{\"signAlgo\":\"1.2.840.113549.1.1.1\",\"ALGO\":\"" SHA1 "\"}", make_rsa},
    {2, DOCUMENT, CSC_NO_BOTH, USUAL, "{\"documents\":[{\"document\":\"AAAA\"}]}", NULL},
    {2, DOCUMENT, CSC_NO_NEITHER, USUAL, "{\"documentDigests\":null}", NULL},
    {2, DOCUMENT, CSC_NO_NEITHER, USUAL, "{\"documentDigests\":[]}", NULL},
    {2, DOCUMENT, CSC_NO_DOCUMENTS_BASE64, USUAL, "{\"item\":{\"document\":\"***\"}}", with_document},
    {2, DOCUMENT, CSC_NO_DOCUMENTS_BASE64, USUAL, "{\"item\":{\"document\":null}}", with_document},
    {2, DOCUMENT, CSC_NO_DIGESTS_REFUSED, USUAL, "{}", with_document_of_hashes},
    {2, DOCUMENT, CSC_NO_DIGESTS_DIFFER, USUAL, "{}", with_document},
    {2, DOCUMENT, CSC_NO_FORMAT, USUAL, "{\"item\":{\"signature_format\":\"J\"}}", with_document},
    {2, DOCUMENT, CSC_NO_ENVELOPE, USUAL, "{\"item\":{\"signed_envelope_property\":\"Attached\"}}", with_document},
    {2, DOCUMENT, CSC_NO_ENVELOPE, USUAL,
     "{\"item\":{\"signature_format\":\"C\",\"signed_envelope_property\":\"Parallel\"}}", with_document},
    {2, DOCUMENT, CSC_NO_ENVELOPE, USUAL,
     "{\"item\":{\"signature_format\":\"C\",\"signed_envelope_property\":\"Attached\"}}", with_item},
    {2, DOCUMENT, CSC_NO_LEVEL, USUAL, "{\"item\":{\"signature_format\":\"C\",\"conformance_level\":\"Ades-B-LT\"}}",
     with_document},
    {2, DOCUMENT, CSC_NO_LEVEL, USUAL, "{\"item\":{\"conformance_level\":\"Ades-LT\"}}", with_document},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL,
     "{\"item\":{\"signed_props\":[{\"attribute_name\":\"Reason\",\"attribute_value\":\"***\"}]}}", with_document},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL, "{\"item\":{\"signed_props\":[{\"attribute_name\":\"Name\"}]}}",
     with_document},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL,
     "{\"item\":{\"signed_props\":[{\"attribute_name\":\"commitment-type-indication\",\"attribute_value\":\"AAAA\"}]}}",
     with_document},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL,
     "{\"item\":{\"signature_format\":\"C\",\"signed_props\":[{\"attribute_name\":\"Reason\",\"attribute_value\":\"QQ==\"}]}}",
     with_document},
    {2, DOCUMENT, CSC_NO_DIGESTS_REFUSED, USUAL, "{}", with_sad_of_hashes},
    {2, DOCUMENT, CSC_NO_DIGESTS_BASE64, USUAL, "{\"item\":{\"hashes\":[\"***\"]}}", with_item},
    {2, DOCUMENT, CSC_NO_HASH_LENGTH, USUAL, "{\"item\":{\"hashes\":[\"AAAA\"]}}", with_item},
    {2, DOCUMENT, CSC_NO_DIGESTS_DIFFER, USUAL, "{\"item\":{\"hashes\":[\"%O\"]}}", with_item},
    {2, DOCUMENT, CSC_NO_ALGORITHM_MISSING, USUAL, "{\"item\":{\"signAlgo\":null}}", with_item},
    {2, DOCUMENT, CSC_NO_ALGORITHM_MISSING, USUAL, "{\"item\":{\"signAlgo\":7}}", with_item},
    {2, DOCUMENT, CSC_NO_ALGORITHM, USUAL, "{\"item\":{\"signAlgo\":\"1.2.840.113549.1.1.11\"}}", with_item},
    {2, DOCUMENT, CSC_NO_ALGORITHM_PARAMETERS, USUAL, "{\"item\":{\"signAlgo\":\"1.2.840.113549.1.1.10\"}}", with_item},
    {2, DOCUMENT, CSC_NO_ALGORITHM_PARAMETERS, USUAL, "{\"item\":{\"signAlgoParams\":1}}", with_item},
    {2, DOCUMENT, CSC_NO_DIGEST_MISSING, USUAL, "{\"item\":{\"hashAlgorithmOID\":1}}", with_item},
    {2, DOCUMENT, CSC_NO_DIGEST_INVALID, USUAL, "{\"item\":{\"hashAlgorithmOID\":\"" SHA1 "\"}}", with_item},
    {2, DOCUMENT, CSC_NO_CONTRADICTION, USUAL, "{\"item\":{\"hashAlgorithmOID\":\"" SHA512 "\"}}", with_item},
    {2, DOCUMENT, CSC_NO_FORMAT_MISSING, USUAL, "{\"item\":{\"signature_format\":null}}", with_item},
    {2, DOCUMENT, CSC_NO_FORMAT_MISSING, USUAL, "{\"item\":{\"signature_format\":[]}}", with_item},
    {2, DOCUMENT, CSC_NO_FORMAT, USUAL, "{\"item\":{\"signature_format\":\"X\"}}", with_item},
    {2, DOCUMENT, CSC_NO_LEVEL, USUAL, "{\"item\":{\"conformance_level\":\"Ades-B-LT\"}}", with_item},
    {2, DOCUMENT, CSC_NO_LEVEL, USUAL, "{\"item\":{\"conformance_level\":1}}", with_item},
    {2, DOCUMENT, CSC_NO_ENVELOPE, USUAL, "{\"item\":{\"signed_envelope_property\":\"Detached\"}}", with_item},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL,
     "{\"item\":{\"signed_props\":[{\"attribute_name\":\"Reason\"},{\"attribute_name\":\"Location\"}]}}", with_item},
    {2, DOCUMENT, CSC_NO_PROPERTIES, USUAL, "{\"item\":{\"signed_props\":\"x\"}}", with_item},
    {2, DOCUMENT, CSC_NO_DIGEST_MISSING, USUAL,
     "{\"item\":{\"signAlgo\":\"1.2.840.113549.1.1.1\",\"hashAlgorithmOID\":null}}", with_item_rsa},
    {2, MODE, CSC_NO_MODE, USUAL, "{\"operationMode\":\"B\"}", NULL},
    {2, MODE, CSC_NO_PERIOD, USUAL, "{\"validity_period\":2000}", NULL},
    {2, MODE, CSC_NO_PERIOD_BOUNDS, USUAL, "{\"operationMode\":\"A\",\"validity_period\":999}", NULL},
    {2, MODE, CSC_NO_PERIOD_BOUNDS, USUAL, "{\"operationMode\":\"A\",\"validity_period\":600001}", NULL},
    {2, MODE, CSC_NO_RESPONSE_URI, USUAL, "{\"operationMode\":\"A\",\"response_uri\":\"https://sede.example/x\"}",
     NULL},
    {2, POLL, CSC_NO_REQUEST, USUAL, "{}", NULL},
    {2, POLL, CSC_NO_POLL_USER, USUAL, "{\"userID\":\"ana\"}", NULL},
    {3, STAMP, CSC_NO_STAMP_EMPTY, USUAL, "{\"hash\":\"\"}", NULL},
    {3, STAMP, CSC_NO_HASH_BASE64, USUAL, "{\"hash\":\"***\"}", NULL},
    {3, STAMP, CSC_NO_HASH_LENGTH, USUAL, "{\"hash\":\"AAAA\"}", NULL},
    {3, STAMP, CSC_NO_STAMP_DIGEST, USUAL, "{\"hashAlgo\":\"" SHA1 "\"}", NULL},
    {3, STAMP, CSC_NO_NONCE, USUAL, "{\"nonce\":\"x\"}", NULL},
    {3, STAMP, CSC_NO_NONCE, USUAL, "{\"nonce\":\"00\"}", NULL},
    {3, USES, CSC_NO_CREDENTIAL_DISABLED, USUAL, "{}", suspend},
    {3, USES, CSC_NO_SAD_EXPIRED, USUAL, "{}", end_sads},
};

static bool names(const char *methods, const char *method)
{
    slice rest = slice_text(methods);
    while (rest.length > 0) {
        slice one = http_cut(&rest, ',');
        if (slice_is(one, method)) return true;
    }
    return false;
}

static const char *stand_in(const struct setting *s, const char *mark)
{
    if (strcmp(mark, "%H") == 0) return csc_world_hash(FIRST);
    if (strcmp(mark, "%O") == 0) return csc_world_hash(FIRST + AUTHORISED);
    if (strcmp(mark, "%P") == 0) return s->w->person;
    return strcmp(mark, "%T") == 0 ? s->w->of_person : mark;
}

/** What stands for something that tests make. */
static json_t *fill(const struct setting *s, json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_string(value)) return json_string(stand_in(s, json_string_value(value)));
    if (json_is_array(value)) {
        json_t *list = json_array();
        json_array_foreach(value, i, member)(void) json_array_append_new(list, fill(s, member));
        return list;
    }
    if (!json_is_object(value)) return json_incref(value);
    json_t *o = json_object();
    json_object_foreach(value, name, member) put(o, name, fill(s, member));
    return o;
}

static const char *name_of(const struct setting *s, const char *name)
{
    if (strcmp(name, "HASH") == 0) return s->version == 1 ? "hash" : "hashes";
    if (strcmp(name, "ALGO") == 0) return s->version == 1 ? "hashAlgo" : "hashAlgorithmOID";
    return name;
}

static void provoke(struct setting *s, const struct provocation *p)
{
    const char *name;
    json_t *value, *body = right(s), *patch = json_loads(p->patch, 0, NULL);
    if (patch == NULL) fail_msg("%s", p->patch);
    json_object_foreach(patch, name, value) put(body, name_of(s, name), fill(s, value));
    json_decref(patch);
    as_usual(s);
    if (p->who == PORTAL) csc_world_as(s->w, s->w->of_portal);
    if (p->change != NULL) p->change(s, body);
    csc_world_refused(s->w, s->version, s->method->name, body, csc_refusal_row(p->refusal, s->version));
    if (p->change == make_rsa || p->change == with_item_rsa) forget(s, body);
}

/** Signing certificates end while what they authorised still holds. */
static void provoke_expired(struct setting *s)
{
    struct csc_refusal_row row = csc_refusal_row(CSC_NO_CERTIFICATE_EXPIRED, s->version);
    struct csc_key key = {.registered = 1, .not_after = 1, .name = "O=Municipalidad,CN=Ana"};
    if (s->version == 1) row.description = "Signing certificate 'O=Municipalidad,CN=Ana' is expired.";
    memcpy(key.id, s->w->person, sizeof key.id);
    csc_known_put(s->w->web->web->csc_known, &key);
    as_usual(s);
    csc_world_refused(s->w, s->version, s->method->name, right(s), row);
    forget(s, NULL);
}

static bool may_refuse(const struct csc_method *method, enum csc_refusal refusal)
{
    for (const enum csc_refusal *r = method->refusals; *r != CSC_REFUSED_NOT; r++)
        if (*r == refusal) return true;
    return false;
}

static void begin(struct setting *s, unsigned version, const char *method, void **state, const char *test)
{
    csc_world_open(state, s->w, test);
    s->version = version;
    s->method = csc_method_find(version, slice_text(method));
    assert_non_null(s->method);
    csc_world_sad(s->w, version, FIRST, AUTHORISED, s->sad);
    if (is(s, ORDER) || is(s, SEND) || is(s, ASK)) csc_world_code_seal(s->w);
    if (is(s, DOCUMENT)) csc_world_documents(s->w, FIRST, AUTHORISED, s->documents);
}

static void refuses(void **state, unsigned version, const char *method, const char *test)
{
    struct csc_world w;
    struct setting s = {.w = &w};
    begin(&s, version, method, state, test);
    for (const struct csc_parameter *p = s.method->parameters; p->name != NULL; p++) check_parameter(&s, p);
    if (may_refuse(s.method, CSC_NO_CERTIFICATE_EXPIRED)) provoke_expired(&s);
    for (size_t i = 0; i < sizeof provocations / sizeof *provocations; i++) {
        const struct provocation *p = &provocations[i];
        if ((p->versions & version) == 0 || !names(p->methods, method)) continue;
        assert_true(may_refuse(s.method, p->refusal));
        provoke(&s, p);
    }
    csc_world_close(&w);
}

#define REFUSES(name, version, method)                                                                                 \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        refuses(state, version, method, __func__);                                                                     \
    }

REFUSES(v1_info, 1, "info")
REFUSES(v1_auth_login, 1, LOGIN)
REFUSES(v1_auth_revoke, 1, "auth/revoke")
REFUSES(v1_credentials_list, 1, LIST)
REFUSES(v1_credentials_info, 1, INFO)
REFUSES(v1_credentials_authorize, 1, ORDER)
REFUSES(v1_credentials_extend_transaction, 1, EXTEND)
REFUSES(v1_credentials_send_otp, 1, "credentials/sendOTP")
REFUSES(v1_signatures_sign_hash, 1, HASH)
REFUSES(v1_signatures_timestamp, 1, STAMP)
REFUSES(v2_info, 2, "info")
REFUSES(v2_auth_login, 2, LOGIN)
REFUSES(v2_auth_revoke, 2, "auth/revoke")
REFUSES(v2_credentials_list, 2, LIST)
REFUSES(v2_credentials_info, 2, INFO)
REFUSES(v2_credentials_authorize, 2, ORDER)
REFUSES(v2_credentials_authorize_check, 2, "credentials/authorizeCheck")
REFUSES(v2_credentials_get_challenge, 2, "credentials/getChallenge")
REFUSES(v2_credentials_extend_transaction, 2, EXTEND)
REFUSES(v2_signatures_sign_hash, 2, HASH)
REFUSES(v2_signatures_sign_doc, 2, DOCUMENT)
REFUSES(v2_signatures_sign_polling, 2, POLL)
REFUSES(v2_signatures_timestamp, 2, STAMP)

/* ---- What any method may refuse with ---- */

static void common(struct csc_world *w, unsigned version, enum csc_refusal refusal, const char *method)
{
    csc_world_refused(w, version, method, json_object(), csc_refusal_row(refusal, version));
}

static void common_headers(struct csc_world *w, unsigned version)
{
    for (const struct csc_method *m = version == 1 ? csc_methods_v1 : csc_methods_v2; m->name != NULL; m++) {
        if (m->scope == CSC_NO_TOKEN) continue;
        csc_world_as(w, NULL);
        common(w, version, CSC_NO_AUTHORIZATION_MISSING, m->name);
        (void)snprintf(w->header, sizeof w->header, "Basic c2VkZTpubw==");
        common(w, version, CSC_NO_AUTHORIZATION_MALFORMED, m->name);
        csc_world_as(w, "nothing");
        common(w, version, CSC_NO_TOKEN_INVALID, m->name);
        csc_world_as(w, w->of_person);
        if (m->scope != CSC_SERVICE) continue;
        char sad[CSC_TOKEN_SIZE];
        csc_world_sad(w, version, FIRST, 1, sad);
        csc_world_as(w, sad);
        common(w, version, CSC_NO_SCOPE, m->name);
    }
}

static void malformed(struct csc_world *w, unsigned version, const char *body)
{
    struct csc_refusal_row row = csc_refusal_row(CSC_NO_MALFORMED, version);
    struct csc_reply r = csc_world_ask_text(w, version, LIST, body);
    if (r.status != row.status) fail_msg("%d: %.80s", r.status, body);
    assert_string_equal(json_string_value(json_object_get(r.json, "error_description")), row.description);
    json_decref(r.json);
}

static void common_json(struct csc_world *w, unsigned version)
{
    static const char *const bodies[] = {"{",
                                         "[]",
                                         "7",
                                         "null",
                                         "\"x\"",
                                         "{\"lang\":\"a\",\"lang\":\"b\"}",
                                         "{\"lang\":\"\\u0000\"}",
                                         "{\"lang\":\"\\ud800\"}",
                                         "{\"lang\":\"\xff\"}",
                                         "{\"x\":[[[[[[[[]]]]]]]]}",
                                         "{\"x\":99999999999999999999}",
                                         "{} {}",
                                         "{\"x\":1e999}"};
    static char huge[DOCUMENT_MAXIMUM];
    csc_world_as(w, w->of_person);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) malformed(w, version, bodies[i]);
    memset(huge, '[', sizeof huge - 1);
    malformed(w, version, huge);
    memset(huge, ' ', sizeof huge - 1);
    malformed(w, version, huge);
    csc_world_refused(w, version, LIST, json_array(), csc_refusal_row(CSC_NO_MALFORMED, version));
    /* What nobody knows is passed over. */
    json_decref(csc_world_good(w, version, LIST, json_pack("{s:{s:[i]}}", "unknown", "a", 1)));
}

static void common_limit(struct csc_world *w, unsigned version)
{
    struct limit *usual = w->web->web->csc_limit;
    assert_int_equal(limit_new(2, &w->web->web->csc_limit, NULL), RFD_OK);
    csc_world_as(w, w->of_person);
    json_decref(csc_world_good(w, version, LIST, NULL));
    json_decref(csc_world_good(w, version, LIST, NULL));
    common(w, version, CSC_NO_TOO_MANY, LIST);
    csc_world_as(w, w->of_other); /* each portal for itself */
    json_decref(csc_world_good(w, version, LIST, NULL));
    limit_free(w->web->web->csc_limit);
    w->web->web->csc_limit = usual;
}

/** Whoever has no token is only heard so often; nobody of that network is, then. */
static void common_floods(struct csc_world *w, unsigned version)
{
    struct limit *usual = w->web->web->limit;
    assert_int_equal(limit_new(2, &w->web->web->limit, NULL), RFD_OK);
    csc_world_as(w, "nothing");
    common(w, version, CSC_NO_TOKEN_INVALID, LIST);
    common(w, version, CSC_NO_TOKEN_INVALID, LIST);
    struct csc_reply r = csc_world_ask(w, version, LIST, NULL);
    assert_int_equal(r.status, 429);
    json_decref(r.json);
    limit_free(w->web->web->limit);
    w->web->web->limit = usual;
}

static void common_failures(struct csc_world *w, unsigned version)
{
    struct keeper_client *personal = w->central.personal;
    csc_world_as(w, w->of_person);
    common(w, version, CSC_NO_UNKNOWN, "credentials/unknown");
    w->web->settings.central.explicit = false;
    common(w, version, CSC_NO_UNKNOWN, LOGIN);
    common(w, version, CSC_NO_UNKNOWN, ORDER);
    w->web->settings.central.explicit = true;
    w->web->settings.requests.tsa_url = "";
    common(w, version, CSC_NO_UNKNOWN, STAMP);
    w->web->settings.requests.tsa_url = "http://127.0.0.1:1/tsa";
    w->web->web->options.personal = NULL;
    common(w, version, CSC_NO_UNAVAILABLE, LIST);
    w->web->web->options.personal = personal;
    (void)domain_store_run(w->office->store, "ALTER TABLE csc_token RENAME TO csc_token_away");
    common(w, version, CSC_NO_SERVER, LIST);
    (void)domain_store_run(w->office->store, "ALTER TABLE csc_token_away RENAME TO csc_token");
    (void)domain_store_run(w->office->store, "UPDATE csc_token SET ends = 1");
    common(w, version, CSC_NO_TOKEN_EXPIRED, LIST);
}

static void any_method(void **state, unsigned version, const char *test)
{
    struct csc_world w;
    csc_world_open(state, &w, test);
    limit_free(w.web->web->limit);
    assert_int_equal(limit_new(0, &w.web->web->limit, NULL), RFD_OK);
    common_headers(&w, version);
    common_json(&w, version);
    common_limit(&w, version);
    common_floods(&w, version);
    common_failures(&w, version);
    csc_world_close(&w);
}

static void v1_any_method(void **state)
{
    any_method(state, 1, __func__);
}

static void v2_any_method(void **state)
{
    any_method(state, 2, __func__);
}

/* ---- docs/csc.md ---- */

#define MARK_BEGIN "<!-- From here on written by tests/unit/test_web_csc.c: REFRENDA_WRITE_DOCS=1 -->\n"

static void put_row(struct buf *b, unsigned version, const char *method, const char *shown, struct csc_refusal_row row)
{
    const char *test = csc_world_seen(version, method, row);
    if (test == NULL)
        fail_msg("v%u %s: \"%s\" of %s was not provoked", version, method, row.description, row.parameter);
    bool stamping = strcmp(method, STAMP) == 0 && strcmp(row.parameter, "hashes") == 0; /* the one that kept its name */
    buf_print(b, "| %s | %s | %d | `%s` | %s | `%s` |\n", shown, stamping ? "hash" : row.parameter, row.status,
              row.error, row.description, test);
}

static void put_method(struct buf *b, unsigned version, const struct csc_method *m)
{
    char shown[64];
    (void)snprintf(shown, sizeof shown, "`%s`", m->name);
    for (const struct csc_parameter *p = m->parameters; p->name != NULL; p++) {
        put_row(b, version, m->name, shown, (struct csc_refusal_row){p->name, 400, "invalid_request", p->wrong});
        if (p->invalid != NULL)
            put_row(b, version, m->name, shown, (struct csc_refusal_row){p->name, 400, "invalid_request", p->invalid});
    }
    for (const enum csc_refusal *r = m->refusals; *r != CSC_REFUSED_NOT; r++) {
        struct csc_refusal_row row = csc_refusal_row(*r, version);
        if (*r == CSC_NO_CERTIFICATE_EXPIRED && version == 1)
            row.description = "Signing certificate 'O=Municipalidad,CN=Ana' is expired.";
        bool told = false; /* by the parameter's own row */
        for (const struct csc_parameter *p = m->parameters; p->name != NULL && !told; p++)
            told = strcmp(p->name, row.parameter) == 0 &&
                   (strcmp(p->wrong, row.description) == 0 ||
                    (p->invalid != NULL && strcmp(p->invalid, row.description) == 0));
        if (!told) put_row(b, version, m->name, shown, row);
    }
}

static void put_version(struct buf *b, unsigned version)
{
    buf_print(b, "\n## /csc/v%u (%s)\n\n| method | parameter | status | error | error_description | test |\n", version,
              version == 1 ? "1.0.4" : "2.0");
    buf_put_text(b, "| --- | --- | --- | --- | --- | --- |\n");
    for (const enum csc_refusal *r = csc_common_refusals; *r != CSC_REFUSED_NOT; r++)
        put_row(b, version, "", "any", csc_refusal_row(*r, version));
    for (const struct csc_method *m = version == 1 ? csc_methods_v1 : csc_methods_v2; m->name != NULL; m++)
        put_method(b, version, m);
}

static void read_file(const char *path, char text[DOCUMENT_MAXIMUM])
{
    FILE *file = fopen(path, "r");
    if (file == NULL) fail_msg("%s", path);
    size_t length = fread(text, 1, DOCUMENT_MAXIMUM - 1, file);
    (void)fclose(file);
    text[length] = '\0';
}

static void the_document_is_the_table(void **state)
{
    static char text[DOCUMENT_MAXIMUM];
    struct buf b;
    (void)state;
    buf_init(&b, DOCUMENT_MAXIMUM);
    put_version(&b, 1);
    put_version(&b, 2);
    read_file(REFRENDA_SOURCE_ROOT "/docs/csc.md", text);
    char *mark = strstr(text, MARK_BEGIN);
    assert_non_null(mark);
    mark += sizeof MARK_BEGIN - 1;
    if (getenv("REFRENDA_WRITE_DOCS") != NULL) {
        FILE *file = fopen(REFRENDA_SOURCE_ROOT "/docs/csc.md", "w");
        assert_non_null(file);
        assert_int_equal(fprintf(file, "%.*s%.*s", (int)(mark - text), text, (int)b.length, (const char *)b.data),
                         (int)((size_t)(mark - text) + b.length));
        assert_int_equal(fclose(file), 0);
    } else if (!slice_is(buf_slice(&b), mark)) {
        fail_msg("docs/csc.md is not what the tables say: run this test with REFRENDA_WRITE_DOCS=1");
    }
    buf_dispose(&b);
}

/** What has no method, or comes in another way, is refused in the standard's form, too: also by the listener alone. */
static void the_listener_refuses_alike(void **state)
{
    static const struct {
        enum http_method method;
        const char *path;
        int status;
    } all[] = {{HTTP_GET, "/csc/v1/credentials/list", 405}, {HTTP_POST, "/csc/v3/info", 405}};
    struct csc_world w;
    csc_world_open(state, &w, __func__);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct exchange_of_test x;
        web_request(&x, all[i].method, all[i].path);
        web_header(&x, "Accept", "application/json");
        assert_int_equal(web_send(w.web, &x), all[i].status);
        assert_string_equal(web_answer_header(&x, "content-type", 0), "application/json");
        assert_true(web_says(&x, "\"error\":\"invalid_request\""));
        assert_true(web_says(&x, "error_description"));
        web_forget(&x);
    }
    csc_world_close(&w);
}

/** Paths and methods of the OpenAPI documents are those of the tables. */
static void openapi_has_every_method(void **state)
{
    extern const char csc_v1_text[], csc_v2_text[];
    (void)state;
    for (unsigned version = 1; version <= 2; version++) {
        json_t *document = json_loads(version == 1 ? csc_v1_text : csc_v2_text, 0, NULL);
        const json_t *paths = json_object_get(document, "paths");
        size_t count = 0;
        for (const struct csc_method *m = version == 1 ? csc_methods_v1 : csc_methods_v2; m->name != NULL; m++) {
            char path[64];
            (void)snprintf(path, sizeof path, "/%s", m->name);
            const json_t *post = json_object_get(json_object_get(paths, path), "post");
            const json_t *body = json_object_get(json_object_get(post, "requestBody"), "content");
            const json_t *schema = json_object_get(json_object_get(body, "application/json"), "schema");
            const json_t *properties = json_object_get(schema, "properties");
            size_t parameters = 0, required = 0;
            for (const struct csc_parameter *p = m->parameters; p->name != NULL; p++, parameters++) {
                required += p->required ? 1 : 0;
                if (json_object_get(properties, p->name) == NULL) fail_msg("v%u %s: %s", version, m->name, p->name);
            }
            assert_int_equal(json_object_size(properties), parameters);
            assert_true(json_array_size(json_object_get(schema, "required")) >= required);
            count++;
        }
        assert_int_equal(json_object_size(paths), count);
        json_decref(document);
    }
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, office_sqlite, office_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(v1_any_method),
        IN_A_HOUSE(v1_info),
        IN_A_HOUSE(v1_auth_login),
        IN_A_HOUSE(v1_auth_revoke),
        IN_A_HOUSE(v1_credentials_list),
        IN_A_HOUSE(v1_credentials_info),
        IN_A_HOUSE(v1_credentials_authorize),
        IN_A_HOUSE(v1_credentials_extend_transaction),
        IN_A_HOUSE(v1_credentials_send_otp),
        IN_A_HOUSE(v1_signatures_sign_hash),
        IN_A_HOUSE(v1_signatures_timestamp),
        IN_A_HOUSE(v2_any_method),
        IN_A_HOUSE(v2_info),
        IN_A_HOUSE(v2_auth_login),
        IN_A_HOUSE(v2_auth_revoke),
        IN_A_HOUSE(v2_credentials_list),
        IN_A_HOUSE(v2_credentials_info),
        IN_A_HOUSE(v2_credentials_authorize),
        IN_A_HOUSE(v2_credentials_authorize_check),
        IN_A_HOUSE(v2_credentials_get_challenge),
        IN_A_HOUSE(v2_credentials_extend_transaction),
        IN_A_HOUSE(v2_signatures_sign_hash),
        IN_A_HOUSE(v2_signatures_sign_doc),
        IN_A_HOUSE(v2_signatures_sign_polling),
        IN_A_HOUSE(v2_signatures_timestamp),
        IN_A_HOUSE(the_listener_refuses_alike),
        cmocka_unit_test(openapi_has_every_method),
        cmocka_unit_test(the_document_is_the_table),
    };
    return cmocka_run_group_tests(tests, central_setup, central_teardown);
}
