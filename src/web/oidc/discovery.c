/* SPDX-License-Identifier: EUPL-1.2
 *
 * What programs find out by themselves: OpenID Connect Discovery 1.0 and the public key (RFC 7517).
 */
#include "base/error.h"
#include "base/url.h"
#include "keeper/ask.h"
#include "web/oidc/oidc_pages.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { NUMBER_MAXIMUM = 1024, KEEP_SECONDS = 3600 };

static rfd_status answer(struct page *page, json_t *json, struct rfd_error *error)
{
    char *text = json_dumps(json, JSON_COMPACT);
    slice copy = text == NULL ? SLICE_EMPTY : arena_copy(page->arena, slice_text(text));
    free(text);
    json_decref(json);
    if (copy.data == NULL) return error_memory(error);
    http_response_body(page->response, "application/json", copy);
    http_response_cache(page->response, HTTP_PUBLIC, KEEP_SECONDS);
    /* Programs in browsers read it, too (RFC 8414 §3). */
    http_response_header(page->response, "Access-Control-Allow-Origin", SLICE("*"));
    return RFD_OK;
}

/* ---- The provider ---- */

static const struct {
    const char *name, *path;
} addresses[] = {
    {"authorization_endpoint", OIDC_AUTHORIZE}, {"token_endpoint", OIDC_TOKEN},
    {"userinfo_endpoint", OIDC_USERINFO},       {"revocation_endpoint", OIDC_REVOKE},
    {"end_session_endpoint", OIDC_LOGOUT},      {"jwks_uri", OIDC_KEYS},
};
static const struct {
    const char *name, *values; /* separated by blanks */
} features[] = {
    {"response_types_supported", "code"},
    {"response_modes_supported", "query"},
    {"grant_types_supported", "authorization_code"},
    {"subject_types_supported", "public"},
    {"id_token_signing_alg_values_supported", "ES256 ES384 RS256"},
    {"scopes_supported", "openid profile email roles"},
    {"token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post none"},
    {"code_challenge_methods_supported", "S256"},
    {"claims_supported",
     "sub iss aud iat exp auth_time nonce acr amr name given_name family_name preferred_username locale email roles "
     "roles_in_units"},
    {"acr_values_supported", "basic advanced"},
    {"prompt_values_supported", "none login select_account"},
    {"ui_locales_supported", "es ca en"},
};

json_t *oidc_words(const char *values)
{
    json_t *list = json_array();
    while (*values != '\0') {
        size_t length = strcspn(values, " ");
        (void)json_array_append_new(list, json_stringn(values, length));
        values += length;
        values += strspn(values, " ");
    }
    return list;
}

rfd_status oidc_configuration(struct page *page, struct rfd_error *error)
{
    const char *url = page_settings(page)->web.url;
    json_t *o = json_object();
    (void)json_object_set_new(o, "issuer", json_string(url));
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        (void)json_object_set_new(o, addresses[i].name, json_sprintf("%s%s", url, addresses[i].path));
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        (void)json_object_set_new(o, features[i].name, oidc_words(features[i].values));
    (void)json_object_set_new(o, "authorization_response_iss_parameter_supported", json_true());
    (void)json_object_set_new(o, "request_parameter_supported", json_false());
    (void)json_object_set_new(o, "request_uri_parameter_supported", json_false());
    (void)json_object_set_new(o, "claims_parameter_supported", json_false());
    return answer(page, o, error);
}

/* ---- Its key ---- */

static bool set_number(json_t *jwk, const char *name, slice bytes)
{
    struct buf b;
    buf_init(&b, NUMBER_MAXIMUM * 2);
    url_put_base64(&b, bytes);
    bool good =
        buf_status(&b) == RFD_OK && json_object_set_new(jwk, name, json_stringn((const char *)b.data, b.length)) == 0;
    buf_dispose(&b);
    return good;
}

static bool set_integer(json_t *jwk, const char *name, const EVP_PKEY *key, const char *parameter, int size)
{
    uint8_t bytes[NUMBER_MAXIMUM];
    BIGNUM *n = NULL;
    bool good = EVP_PKEY_get_bn_param(key, parameter, &n) == 1;
    int length = !good ? -1 : size > 0 ? size : BN_num_bytes(n);
    good = good && length <= NUMBER_MAXIMUM && BN_bn2binpad(n, bytes, length) == length &&
           set_number(jwk, name, slice_of(bytes, (size_t)length));
    BN_free(n);
    return good;
}

/** RFC 7518 §6.2, §6.3. */
static bool describe(json_t *jwk, const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA") == 1)
        return json_object_set_new(jwk, "kty", json_string("RSA")) == 0 &&
               json_object_set_new(jwk, "alg", json_string("RS256")) == 0 &&
               set_integer(jwk, "n", key, OSSL_PKEY_PARAM_RSA_N, 0) &&
               set_integer(jwk, "e", key, OSSL_PKEY_PARAM_RSA_E, 0);
    if (EVP_PKEY_is_a(key, "EC") != 1) return false;
    int size = (EVP_PKEY_get_bits(key) + 7) / 8;
    bool wide = size > 32;
    return json_object_set_new(jwk, "kty", json_string("EC")) == 0 &&
           json_object_set_new(jwk, "crv", json_string(wide ? "P-384" : "P-256")) == 0 &&
           json_object_set_new(jwk, "alg", json_string(wide ? "ES384" : "ES256")) == 0 &&
           set_integer(jwk, "x", key, OSSL_PKEY_PARAM_EC_PUB_X, size) &&
           set_integer(jwk, "y", key, OSSL_PKEY_PARAM_EC_PUB_Y, size);
}

rfd_status oidc_key_set(struct page *page, json_t **out, struct rfd_error *error)
{
    const char *name = page_settings(page)->keys.seal_key;
    struct ask_public_key found;
    TRY(ask_public_key(page_keeper(page), slice_text(name), page->arena, &found, error));
    const unsigned char *at = found.spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)found.spki.length);
    json_t *jwk = json_pack("{s:s, s:s}", "use", "sig", "kid", name);
    bool good = key != NULL && jwk != NULL && describe(jwk, key);
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (!good) {
        json_decref(jwk);
        return error_set(error, RFD_E_UNSUPPORTED, "keys.seal_key: a JWK of this kind of key");
    }
    *out = json_pack("{s:[o]}", "keys", jwk);
    return *out == NULL ? error_memory(error) : RFD_OK;
}

rfd_status oidc_keys(struct page *page, struct rfd_error *error)
{
    json_t *keys;
    TRY(oidc_key_set(page, &keys, error));
    return answer(page, keys, error);
}
