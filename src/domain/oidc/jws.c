/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/oidc/jws.h"

#include "base/error.h"
#include "base/url.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { ARENA = 256 << 10, RSA_LEAST_BITS = 2048, RSA_MOST_BITS = 8192, NUMBER_MAXIMUM = 1024, POINT_MAXIMUM = 97 };

/* RFC 7518 §3.1, §6.2.1.1. */
static const struct algorithm {
    const char *name, *kty, *curve, *group;
    const EVP_MD *(*digest)(void);
    size_t number_size; /* octets of each coordinate, and of both halves of a signature (§3.4) */
} algorithms[] = {
    {"RS256", "RSA", NULL, NULL, EVP_sha256, 0},
    {"ES256", "EC", "P-256", "prime256v1", EVP_sha256, 32},
    {"ES384", "EC", "P-384", "secp384r1", EVP_sha384, 48},
};

static bool text_is(const json_t *object, const char *name, const char *wanted)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value != NULL && strcmp(value, wanted) == 0;
}

/** A member that need not be there; when it is, it is this text. */
static bool may_be(const json_t *object, const char *name, const char *wanted)
{
    return json_object_get(object, name) == NULL || text_is(object, name, wanted);
}

static slice octets(const json_t *object, const char *name, struct arena *a)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value == NULL ? SLICE_EMPTY : url_read_base64(slice_text(value), a);
}

/* ---- Keys ---- */

static EVP_PKEY *from_parameters(const char *type, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1)
        (void)EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

/** RFC 7518 §6.3.1. */
static EVP_PKEY *rsa_key(const json_t *jwk, struct arena *a)
{
    slice n = octets(jwk, "n", a);
    slice e = octets(jwk, "e", a);
    if (n.length == 0 || n.length > NUMBER_MAXIMUM || e.length == 0 || e.length > 8) return NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn(n.data, (int)n.length, NULL);
    BIGNUM *exponent = BN_bin2bn(e.data, (int)e.length, NULL);
    EVP_PKEY *key = NULL;
    if (builder != NULL && modulus != NULL && exponent != NULL &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
        key = from_parameters("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    if (key == NULL || (EVP_PKEY_get_bits(key) >= RSA_LEAST_BITS && EVP_PKEY_get_bits(key) <= RSA_MOST_BITS))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

/** RFC 7518 §6.2.1: the point as SEC 1 writes it. OpenSSL checks that it is on the curve. */
static EVP_PKEY *ec_key(const json_t *jwk, const struct algorithm *algorithm, struct arena *a)
{
    uint8_t point[POINT_MAXIMUM] = {4};
    size_t size = algorithm->number_size;
    slice x = octets(jwk, "x", a);
    slice y = octets(jwk, "y", a);
    if (x.length != size || y.length != size) return NULL;
    memcpy(point + 1, x.data, size);
    memcpy(point + 1 + size, y.data, size);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) == 1)
        key = from_parameters("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/** Whether the key is for this algorithm, and the one that the header names, if it names one. */
static bool fits(const json_t *jwk, const json_t *header, const struct algorithm *algorithm)
{
    const char *kid = json_string_value(json_object_get(header, "kid"));
    return text_is(jwk, "kty", algorithm->kty) && may_be(jwk, "use", "sig") && may_be(jwk, "alg", algorithm->name) &&
           (algorithm->curve == NULL || text_is(jwk, "crv", algorithm->curve)) &&
           (kid == NULL || may_be(jwk, "kid", kid));
}

/* ---- Signatures ---- */

/** Both numbers one after the other (RFC 7518 §3.4) as ECDSA-Sig-Value, which OpenSSL wants. */
static slice as_der(slice signature, size_t size, struct arena *a)
{
    if (signature.length != 2 * size) return SLICE_EMPTY;
    unsigned char *der = NULL;
    ECDSA_SIG *s = ECDSA_SIG_new();
    BIGNUM *first = BN_bin2bn(signature.data, (int)size, NULL);
    BIGNUM *second = BN_bin2bn(signature.data + size, (int)size, NULL);
    if (s == NULL || first == NULL || second == NULL || ECDSA_SIG_set0(s, first, second) != 1) {
        BN_free(first);
        BN_free(second);
        ECDSA_SIG_free(s);
        return SLICE_EMPTY;
    }
    int length = i2d_ECDSA_SIG(s, &der);
    slice out = length > 0 ? arena_copy(a, slice_of(der, (size_t)length)) : SLICE_EMPTY;
    OPENSSL_free(der);
    ECDSA_SIG_free(s);
    return out;
}

static bool is_signed_by(EVP_PKEY *key, const struct algorithm *algorithm, slice message, slice signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && signature.length > 0 &&
                EVP_DigestVerifyInit(context, NULL, algorithm->digest(), NULL, key) == 1 &&
                EVP_DigestVerify(context, signature.data, signature.length, message.data, message.length) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

struct jws {
    slice message, payload, signature; /* message: what was signed; the others decoded */
    json_t *header;
    const struct algorithm *algorithm;
};

/** As OpenSSL wants it. */
static slice signature_of(const struct jws *jws, struct arena *a)
{
    size_t size = jws->algorithm->number_size;
    return size == 0 ? jws->signature : as_der(jws->signature, size, a);
}

static bool is_of_algorithm(const EVP_PKEY *key, const struct algorithm *algorithm)
{
    char group[32];
    if (algorithm->curve == NULL)
        return EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_LEAST_BITS &&
               EVP_PKEY_get_bits(key) <= RSA_MOST_BITS;
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
           strcmp(group, algorithm->group) == 0;
}

static rfd_status try_key(const struct jws *jws, slice spki, struct arena *a, struct rfd_error *error)
{
    const unsigned char *at = spki.data;
    EVP_PKEY *key = spki.length == 0 ? NULL : d2i_PUBKEY(NULL, &at, (long)spki.length);
    bool fit = key != NULL && is_of_algorithm(key, jws->algorithm);
    bool good = fit && is_signed_by(key, jws->algorithm, jws->message, signature_of(jws, a));
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (good) return RFD_OK;
    return fit ? error_set(error, RFD_E_INVALID, "token: its signature is not right")
               : error_set(error, RFD_E_INVALID, "token: its algorithm is not the key's");
}

static rfd_status try_keys(const struct jws *jws, const json_t *key_set, struct arena *a, struct rfd_error *error)
{
    const json_t *keys = json_object_get(key_set, "keys");
    bool found = false, good = false;
    size_t count = json_array_size(keys);
    slice signature = signature_of(jws, a);
    for (size_t i = 0; i < count && i < JWS_KEYS_MAXIMUM && !good; i++) {
        const json_t *jwk = json_array_get(keys, i);
        if (!fits(jwk, jws->header, jws->algorithm)) continue;
        EVP_PKEY *key = jws->algorithm->curve == NULL ? rsa_key(jwk, a) : ec_key(jwk, jws->algorithm, a);
        found = found || key != NULL;
        good = key != NULL && is_signed_by(key, jws->algorithm, jws->message, signature);
        EVP_PKEY_free(key);
    }
    ERR_clear_error();
    if (good) return RFD_OK;
    return found ? error_set(error, RFD_E_INVALID, "token: its signature is not right")
                 : error_set(error, RFD_E_NOT_FOUND, "token: none of the keys signed it");
}

/* ---- Tokens ---- */

/** The part before the next dot, decoded. */
static slice cut_part(slice *rest, struct arena *a)
{
    const uint8_t *dot = rest->length == 0 ? NULL : memchr(rest->data, '.', rest->length);
    size_t length = dot == NULL ? rest->length : (size_t)(dot - rest->data);
    slice part = slice_part(*rest, 0, length);
    *rest = dot == NULL ? SLICE_EMPTY : slice_from(*rest, length + 1);
    return part.length == 0 ? SLICE_EMPTY : url_read_base64(part, a);
}

static const struct algorithm *find_algorithm(const json_t *header)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (text_is(header, "alg", algorithms[i].name)) return &algorithms[i];
    }
    return NULL;
}

static rfd_status read_parts(slice token, struct arena *a, struct jws *out, struct rfd_error *error)
{
    slice rest = token;
    slice header = cut_part(&rest, a);
    out->payload = cut_part(&rest, a);
    if (rest.length == 0 || header.length == 0 || out->payload.length == 0)
        return error_set(error, RFD_E_INVALID, "token: it does not have three parts");
    out->message = slice_part(token, 0, token.length - rest.length - 1);
    out->signature = memchr(rest.data, '.', rest.length) != NULL ? SLICE_EMPTY : cut_part(&rest, a);
    out->header = json_loadb((const char *)header.data, header.length, JSON_REJECT_DUPLICATES, NULL);
    out->algorithm = find_algorithm(out->header);
    /* RFC 7515 §4.1.11: what has to be understood is not. */
    if (out->algorithm == NULL || out->signature.length == 0 || json_object_get(out->header, "crit") != NULL)
        return error_set(error, RFD_E_INVALID, "token: its algorithm is not RS256, ES256 or ES384");
    return RFD_OK;
}

static rfd_status read_claims(slice payload, json_t **claims, struct rfd_error *error)
{
    json_t *read = json_loadb((const char *)payload.data, payload.length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(read)) {
        *claims = read;
        return RFD_OK;
    }
    json_decref(read);
    return error_set(error, RFD_E_INVALID, "token: its claims are no JSON object");
}

/** By the keys of the set, or by the one key. */
static rfd_status verify(slice token, const json_t *key_set, slice spki, json_t **claims, struct rfd_error *error)
{
    struct jws jws = {.header = NULL};
    struct arena arena;
    if (token.length == 0 || token.length > JWS_MAXIMUM)
        return error_set(error, RFD_E_INVALID, "token: %zu octets", token.length);
    arena_init(&arena, ARENA);
    rfd_status status = read_parts(token, &arena, &jws, error);
    if (status == RFD_OK)
        status = key_set != NULL ? try_keys(&jws, key_set, &arena, error) : try_key(&jws, spki, &arena, error);
    if (status == RFD_OK) status = read_claims(jws.payload, claims, error);
    json_decref(jws.header);
    arena_dispose(&arena);
    return status;
}

rfd_status jws_verify(slice token, const json_t *key_set, json_t **claims, struct rfd_error *error)
{
    return verify(token, key_set, SLICE_EMPTY, claims, error);
}

rfd_status jws_verify_key(slice token, slice spki, json_t **claims, struct rfd_error *error)
{
    return verify(token, NULL, spki, claims, error);
}
