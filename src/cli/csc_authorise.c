/* SPDX-License-Identifier: EUPL-1.2
 *
 * From hashes to signatures: the authorisation by PIN and code (CSC API §11.6) or by the person's browser, and signHash
 * (§11.9) in the words of either version.
 */
#include "base/error.h"
#include "base/number.h"
#include "cli/csc.h"
#include "cli/messages.h"
#include "pki/algorithm.h"
#include "pki/der.h"

#include <openssl/evp.h>
#include <time.h>

enum { SIGNATURE_MAXIMUM = 2048, POLLS = 150, POLL_SECONDS = 2, ACCEPTED = 202, OID_MAXIMUM = 64 };
#define OID_RSA "1.2.840.113549.1.1.1"
#define OID_PSS "1.2.840.113549.1.1.10"

static const struct algorithm {
    enum digest_id digest;
    const char *oid, *rsa, *ecdsa;
} algorithms[] = {
    {DIGEST_SHA256, "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"},
    {DIGEST_SHA384, "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"},
    {DIGEST_SHA512, "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"},
};

static const struct algorithm *algorithm_of(enum digest_id digest)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (algorithms[i].digest == digest) return &algorithms[i];
    }
    return NULL;
}

/** What is the same for every question about these hashes. */
struct work {
    struct csc_service *s;
    const struct csc_order *order;
    const struct algorithm *algorithm;
    const char *sign_algorithm, *parameters; /* parameters: base64, or NULL */
    struct secret sad;                       /* or the token that stands for it */
    bool is_token;                           /* version 2: sad is a Bearer token */
};

/* ---- The algorithm ---- */

static bool offers(const struct csc_credential *c, const char *oid)
{
    for (size_t i = 0; i < c->algorithm_count; i++) {
        if (strcmp(c->algorithms[i], oid) == 0) return true;
    }
    return false;
}

/** RSASSA-PSS-params (RFC 4055 §3.1) with salt and mask of the same digest, as base64: what follows the identifier. */
static rfd_status put_parameters(struct work *w, struct rfd_error *error)
{
    const struct signature_algorithm a = {.scheme = SCHEME_RSA_PSS,
                                          .digest = w->order->digest,
                                          .salt_length = (int)digest_size(w->order->digest),
                                          .mgf_digest = w->order->digest};
    struct buf whole, text;
    slice content, oid;
    rfd_status status = RFD_OK;
    buf_init(&whole, 256);
    buf_init(&text, 512);
    signature_algorithm_put(&whole, &a);
    TRY_OUT(buf_check(&whole, "parameters", error));
    TRY_OUT(der_only(buf_slice(&whole), DER_SEQUENCE, &content, "parameters", error));
    TRY_OUT(der_take(&content, DER_OID, &oid, "parameters", error));
    buf_put_base64(&text, content);
    TRY_OUT(buf_check(&text, "parameters", error));
    w->parameters = arena_text(&w->s->arena, buf_slice(&text));
    if (w->parameters == NULL) status = arena_failed(&w->s->arena, error);
out:
    buf_dispose(&whole);
    buf_dispose(&text);
    return status;
}

static rfd_status choose_algorithm(struct work *w, struct rfd_error *error)
{
    const struct csc_credential *c = &w->s->credential;
    w->algorithm = algorithm_of(w->order->digest);
    if (w->algorithm == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "digest %s", digest_name(w->order->digest));
    const EVP_PKEY *key = certificate_public_key(c->certificate, error);
    if (key == NULL) return RFD_E_KEY_ALGORITHM;
    bool rsa = EVP_PKEY_is_a(key, "RSA"), ec = EVP_PKEY_is_a(key, "EC");
    if (!rsa && !ec)
        return error_set(error, RFD_E_KEY_ALGORITHM, "the service's key is neither RSA nor of an elliptic curve");
    w->sign_algorithm = ec ? w->algorithm->ecdsa : w->order->pss ? OID_PSS : w->algorithm->rsa;
    /* "rsaEncryption" leaves the digest to hashAlgo. */
    if (rsa && !w->order->pss && !offers(c, w->sign_algorithm)) w->sign_algorithm = OID_RSA;
    if (!offers(c, w->sign_algorithm))
        return error_set(error, RFD_E_KEY_ALGORITHM, "the service does not offer %s", w->sign_algorithm);
    return w->order->pss && rsa ? put_parameters(w, error) : RFD_OK;
}

/* ---- Words of the two versions ---- */

static json_t *secret_json(const struct secret *s)
{
    return json_stringn((const char *)s->data, s->length);
}

static json_t *hashes_json(const struct csc_order *o)
{
    json_t *list = json_array();
    struct buf text;
    buf_init(&text, 256);
    for (size_t i = 0; i < o->count; i++) {
        buf_reset(&text);
        buf_put_base64(&text, o->hashes[i]);
        (void)json_array_append_new(list, json_stringn((const char *)text.data, text.length));
    }
    buf_dispose(&text);
    return list;
}

static json_t *order_json(const struct work *w)
{
    bool first = w->s->version == 1;
    return json_pack("{s:s, s:o}", "credentialID", w->s->credential.id, first ? "hash" : "hashes",
                     hashes_json(w->order));
}

/* ---- PIN and code ---- */

static rfd_status read_pin(struct csc_service *s, struct rfd_error *error)
{
    if (!s->credential.pin || s->pin.data != NULL) return RFD_OK;
    return csc_secret(s->arguments->csc_pin_file, "--csc-pin-file", tr(N_("PIN of the credential")), &s->pin, error);
}

/** Has the code sent, where it is. */
static rfd_status read_code(struct csc_service *s, struct secret *code, struct rfd_error *error)
{
    const struct csc_credential *c = &s->credential;
    json_t *answer = NULL;
    if (!c->code) return RFD_OK;
    if (c->code_is_sent && s->version == 1)
        TRY(csc_call(s, "credentials/sendOTP", json_pack("{s:s}", "credentialID", c->id), NULL, NULL, &answer, error));
    if (c->code_is_sent && s->version == 2)
        TRY(csc_call(s, "credentials/getChallenge",
                     json_pack("{s:s, s:s}", "credentialID", c->id, "authObjectID", c->code_id), NULL, NULL, &answer,
                     error));
    json_decref(answer);
    return csc_secret(s->arguments->csc_otp_file, "--csc-otp-file", tr(N_("One-time code")), code, error);
}

static json_t *authorisation_json(const struct work *w, const struct secret *code)
{
    const struct csc_credential *c = &w->s->credential;
    json_t *body = order_json(w);
    (void)json_object_set_new(body, "numSignatures", json_integer((json_int_t)w->order->count));
    if (w->s->version == 1) {
        if (c->pin) (void)json_object_set_new(body, "PIN", secret_json(&w->s->pin));
        if (c->code) (void)json_object_set_new(body, "OTP", secret_json(code));
        return body;
    }
    json_t *data = json_array();
    if (c->pin)
        (void)json_array_append_new(data, json_pack("{s:s, s:o}", "id", c->pin_id, "value", secret_json(&w->s->pin)));
    if (c->code)
        (void)json_array_append_new(data, json_pack("{s:s, s:o}", "id", c->code_id, "value", secret_json(code)));
    (void)json_object_set_new(body, "hashAlgorithmOID", json_string(w->algorithm->oid));
    (void)json_object_set_new(body, "authData", data);
    return body;
}

/** Somebody agrees elsewhere (§11.7): asked again until they have. */
static rfd_status wait_for_sad(const struct work *w, json_t **answer, long http, struct rfd_error *error)
{
    static const struct timespec pause = {.tv_sec = POLL_SECONDS};
    for (unsigned i = 0; http == ACCEPTED && i < POLLS; i++) {
        const char *handle = csc_text(*answer, "handle", CSC_ID_MAXIMUM);
        if (handle == NULL) return error_set(error, RFD_E_REMOTE_ANSWER, "it has neither SAD nor handle");
        json_t *body = json_pack("{s:s}", "handle", handle);
        json_decref(*answer);
        *answer = NULL;
        (void)nanosleep(&pause, NULL);
        TRY(csc_call(w->s, "credentials/authorizeCheck", body, NULL, &http, answer, error));
    }
    return http == ACCEPTED ? error_set(error, RFD_E_DEADLINE, "nobody has authorised it") : RFD_OK;
}

static rfd_status authorise(struct work *w, struct rfd_error *error)
{
    struct secret code = {0};
    json_t *answer = NULL;
    long http = 0;
    rfd_status status = read_pin(w->s, error);
    if (status == RFD_OK) status = read_code(w->s, &code, error);
    if (status == RFD_OK)
        status = csc_call(w->s, "credentials/authorize", authorisation_json(w, &code), NULL, &http, &answer, error);
    if (status == RFD_OK) status = wait_for_sad(w, &answer, http, error);
    if (status == RFD_OK) status = csc_keep_token(answer, "SAD", &w->sad, error);
    json_decref(answer);
    secret_dispose(&code);
    return status;
}

static rfd_status authorise_in_browser(struct work *w, struct rfd_error *error)
{
    const struct csc_consent consent = {
        .credential = true, .hashes = w->order->hashes, .count = w->order->count, .digest = w->order->digest};
    w->is_token = w->s->version == 2;
    return csc_browse(w->s, &consent, &w->sad, error);
}

/* ---- signHash ---- */

static json_t *signing_json(const struct work *w)
{
    json_t *body = order_json(w);
    (void)json_object_set_new(body, w->s->version == 1 ? "hashAlgo" : "hashAlgorithmOID",
                              json_string(w->algorithm->oid));
    (void)json_object_set_new(body, "signAlgo", json_string(w->sign_algorithm));
    if (w->parameters != NULL) (void)json_object_set_new(body, "signAlgoParams", json_string(w->parameters));
    if (!w->is_token) (void)json_object_set_new(body, "SAD", secret_json(&w->sad));
    return body;
}

static rfd_status take_signature(const struct work *w, const json_t *value, size_t i, slice *out,
                                 struct rfd_error *error)
{
    uint8_t bytes[SIGNATURE_MAXIMUM / 4 * 3 + 3];
    size_t length = 0;
    bool ecdsa = strcmp(w->sign_algorithm, w->algorithm->ecdsa) == 0; /* whatever was wished for RSA */
    const struct signature_algorithm a = {.scheme = ecdsa           ? SCHEME_ECDSA
                                                    : w->order->pss ? SCHEME_RSA_PSS
                                                                    : SCHEME_RSA_PKCS1,
                                          .digest = w->order->digest,
                                          .salt_length = (int)digest_size(w->order->digest),
                                          .mgf_digest = w->order->digest};
    const char *text = json_string_value(value);
    if (text == NULL || json_string_length(value) > SIGNATURE_MAXIMUM ||
        !number_base64(slice_text(text), bytes, &length))
        return error_set(error, RFD_E_REMOTE_ANSWER, "signature %zu is none", i + 1);
    if (signature_verify_digest(&a, w->s->credential.certificate, w->order->hashes[i], slice_of(bytes, length), NULL) !=
        RFD_OK)
        return error_set(error, RFD_E_REMOTE_ANSWER, "signature %zu is not of this hash by this certificate's key",
                         i + 1);
    *out = arena_copy(&w->s->arena, slice_of(bytes, length));
    return out->data == NULL ? arena_failed(&w->s->arena, error) : RFD_OK;
}

static rfd_status sign(struct work *w, slice *signatures, struct rfd_error *error)
{
    json_t *answer = NULL;
    TRY(csc_call(w->s, "signatures/signHash", signing_json(w), w->is_token ? &w->sad : NULL, NULL, &answer, error));
    const json_t *list = json_object_get(answer, "signatures");
    rfd_status status = RFD_OK;
    if (!json_is_array(list) || json_array_size(list) != w->order->count)
        status = error_set(error, RFD_E_REMOTE_ANSWER, "%zu signatures of %zu hashes", json_array_size(list),
                           w->order->count);
    for (size_t i = 0; i < w->order->count && status == RFD_OK; i++)
        status = take_signature(w, json_array_get(list, i), i, &signatures[i], error);
    json_decref(answer);
    return status;
}

rfd_status csc_sign_hashes(struct csc_service *s, const struct csc_order *order, slice *signatures,
                           struct rfd_error *error)
{
    struct work w = {.s = s, .order = order};
    rfd_status status = choose_algorithm(&w, error);
    if (status == RFD_OK)
        status = s->credential.mode == CSC_BROWSER ? authorise_in_browser(&w, error) : authorise(&w, error);
    if (status == RFD_OK) status = sign(&w, signatures, error);
    secret_dispose(&w.sad);
    return status;
}
