/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tokens in the compact form (RFC 7515 §7.1), of the types in jws.def alone. The header is made here; the claims are
 * given, must be one JSON object without doubled names, and travel as they are. When they say when the token was
 * issued ("iat", RFC 7519 §4.1.6), that is now: nobody has the key date anything back.
 */
#include "keeper/operations.h"

#include "base/error.h"
#include "base/url.h"

#include <jansson.h>
#include <openssl/ec.h>
#include <openssl/err.h>

enum { WORD = 32, CLAIMS_MAXIMUM = 64 << 10, HEADER_MAXIMUM = 512, SIGNATURE_MAXIMUM = 1024, ISSUED_SKEW = 300 };

static const char *const types[] = {
#define JWS_TYPE(name, text) text,
#include "keeper/jws.def"
#undef JWS_TYPE
};

static const char *find_type(slice name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (slice_is(name, types[i])) return types[i];
    }
    return NULL;
}

/* RFC 7518 §3.1, RFC 8037 §3.1; numbers of an ECDSA signature have `number_size` octets each (RFC 7518 §3.4). */
static const struct jws_algorithm {
    enum key_algorithm algorithm;
    const char *name;
    size_t number_size;
} algorithms[] = {
    {KEY_ALGORITHM_P256, "ES256", 32},    {KEY_ALGORITHM_P384, "ES384", 48},    {KEY_ALGORITHM_RSA_2048, "RS256", 0},
    {KEY_ALGORITHM_RSA_3072, "RS256", 0}, {KEY_ALGORITHM_RSA_4096, "RS256", 0}, {KEY_ALGORITHM_ED25519, "EdDSA", 0},
};

static const struct jws_algorithm *algorithm_of(const struct keeper_key *key)
{
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (algorithms[i].algorithm == key->description->algorithm) return &algorithms[i];
    }
    return NULL;
}

/* ---- Claims ---- */

static rfd_status check_issued(const json_t *claims, rfd_time now, struct rfd_error *error)
{
    const json_t *issued = json_object_get(claims, "iat");
    if (issued == NULL) return RFD_OK;
    json_int_t seconds = json_is_integer(issued) ? json_integer_value(issued) : 0;
    json_int_t clock = now / RFD_SECOND;
    if (seconds >= clock - ISSUED_SKEW && seconds <= clock + ISSUED_SKEW) return RFD_OK;
    return error_set(error, RFD_E_KEY_REFUSED, "claims that were not issued now");
}

static rfd_status check_claims(slice claims, rfd_time now, struct rfd_error *error)
{
    json_error_t why;
    json_t *read = json_loadb((const char *)claims.data, claims.length, JSON_REJECT_DUPLICATES, &why);
    rfd_status status = RFD_OK;
    if (!json_is_object(read))
        status = error_set(error, RFD_E_ARGUMENT, "claims that are no JSON object");
    else
        status = check_issued(read, now, error);
    json_decref(read);
    return status;
}

/* ---- Parts ---- */

/** Names of keys and types need no escapes. */
static rfd_status put_header(const struct keeper_key *key, const struct jws_algorithm *a, const char *type,
                             struct buf *out, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct buf header;
    TRY(digest_of(DIGEST_SHA256, key->certificate->der, digest, error));
    buf_init(&header, HEADER_MAXIMUM);
    buf_print(&header, "{\"alg\":\"%s\",\"typ\":\"%s\",\"kid\":\"%s\",\"x5t#S256\":\"", a->name, type,
              key->description->name);
    url_put_base64(&header, slice_of(digest, digest_size(DIGEST_SHA256)));
    buf_put_text(&header, "\"}");
    url_put_base64(out, buf_slice(&header));
    rfd_status status = buf_check(&header, "JWS header", error);
    buf_dispose(&header);
    return status;
}

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) as both numbers one after the other. */
static rfd_status put_numbers(slice der, size_t size, struct buf *out, struct rfd_error *error)
{
    const unsigned char *at = der.data;
    uint8_t numbers[2 * 48];
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &at, (long)der.length);
    bool good = s != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(s), numbers, (int)size) == (int)size &&
                BN_bn2binpad(ECDSA_SIG_get0_s(s), numbers + size, (int)size) == (int)size;
    ECDSA_SIG_free(s);
    ERR_clear_error();
    if (!good) return error_set(error, RFD_E_SIGNING, "signature of the key");
    url_put_base64(out, slice_of(numbers, 2 * size));
    return RFD_OK;
}

static rfd_status put_signature(struct keeper_key *key, const struct jws_algorithm *a, struct buf *out,
                                struct rfd_error *error)
{
    struct buf signature;
    buf_init(&signature, SIGNATURE_MAXIMUM);
    rfd_status status = keeper_key_sign(key, buf_slice(out), &signature, error);
    buf_put_byte(out, '.');
    if (status == RFD_OK && a->number_size > 0)
        status = put_numbers(buf_slice(&signature), a->number_size, out, error);
    else
        url_put_base64(out, buf_slice(&signature));
    buf_dispose(&signature);
    return status;
}

rfd_status keeper_sign_jws(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                           struct rfd_error *error)
{
    struct buf token;
    rfd_time now;
    const char *type = find_type(message_get_text(r, WORD));
    slice claims = message_get_bytes(r, CLAIMS_MAXIMUM);
    TRY(message_end(r, "sign-jws", error));
    const struct jws_algorithm *a = algorithm_of(key);
    if (type == NULL) return error_set(error, RFD_E_KEY_REFUSED, "JWS of a type that is not registered");
    if (a == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "key %s", key->description->name);
    if (key->certificate == NULL)
        return error_set(error, RFD_E_KEY_REFUSED, "key %s has no certificate yet", key->description->name);
    TRY(keeper_key_time(key, &now, error));
    TRY(check_claims(claims, now, error));
    TRY(keeper_key_use(k, key, now, error));
    buf_init(&token, KEEPER_MESSAGE_MAXIMUM - WORD);
    rfd_status status = put_header(key, a, type, &token, error);
    buf_put_byte(&token, '.');
    url_put_base64(&token, claims);
    if (status == RFD_OK) status = buf_check(&token, "JWS", error);
    if (status == RFD_OK) status = put_signature(key, a, &token, error);
    if (status == RFD_OK) message_put_bytes(answer, buf_slice(&token));
    buf_dispose(&token);
    return status;
}
