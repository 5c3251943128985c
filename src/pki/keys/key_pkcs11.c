/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys on tokens. One session and one lock per key: tokens do one thing at a time.
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "pki/keys/token_sign.h"

#include <pthread.h>

struct token_signer {
    struct token token;
    struct token_key key;
    struct secret pin; /* kept only for keys that want it each time */
    pthread_mutex_t lock;
    const struct certificate *signer;
};

/* --- Signing ----------------------------------------------------------------------------------------------------- */

static rfd_status sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                       struct buf *signature, struct rfd_error *error)
{
    struct token_signer *s = state;
    const struct token_signing signing = {.token = &s->token,
                                          .key = &s->key,
                                          .pin = secret_slice(&s->pin),
                                          .bits = (size_t)s->signer->key_bits_size,
                                          .signature_size = signature_size_maximum(s->signer)};
    (void)pthread_mutex_lock(&s->lock);
    rfd_status status = token_sign(&signing, a, message, digest, signature, error);
    (void)pthread_mutex_unlock(&s->lock);
    return status;
}

static void token_dispose(void *state)
{
    struct token_signer *s = state;
    token_close(&s->token);
    secret_dispose(&s->pin);
    certificate_unref(s->signer);
    (void)pthread_mutex_destroy(&s->lock);
    memory_free(s);
}

static const struct key_backend backend = {"pkcs11", sign, token_dispose};

/* --- Opening ----------------------------------------------------------------------------------------------------- */

/* The PIN given, or the address's pin-value or pin-source (RFC 7512 §2.4), a file. */
static rfd_status find_pin(P11KitUri *uri, slice given, struct secret *out, struct rfd_error *error)
{
    const char *value = p11_kit_uri_get_pin_value(uri);
    const char *source = p11_kit_uri_get_pin_source(uri);
    if (given.length > 0) return secret_set(out, given, error);
    if (value != NULL) return secret_set(out, slice_text(value), error);
    if (source == NULL) return RFD_OK;
    if (strncmp(source, "file://", 7) == 0) {
        source += 7;
    } else if (strncmp(source, "file:", 5) == 0) {
        source += 5;
    }
    if (source[0] != '/') {
        return error_set(error, RFD_E_ARGUMENT, "pin-source must be the absolute path of a file (RFC 7512 §2.4)");
    }
    return secret_read_file(out, source, error);
}

static bool type_fits(CK_KEY_TYPE type, enum key_type of_certificate)
{
    switch (of_certificate) {
    case KEY_RSA:
    case KEY_RSA_PSS: return type == CKK_RSA;
    case KEY_EC: return type == CKK_EC;
    case KEY_ED25519: return type == CKK_EC_EDWARDS;
    default: return true; /* refused by its kind later */
    }
}

/* With `signer` as its certificate. The state goes over to the key. */
static rfd_status try_certificate(struct token_signer *s, const struct certificate *signer,
                                  const struct certificate_list *token_certificates,
                                  const struct certificate_list *given, struct rfd_key **out, struct rfd_error *error)
{
    struct certificate_list chain = {0};
    rfd_status status;
    if (!type_fits(s->key.type, signer->key_type)) {
        return error_set(error, RFD_E_KEY_MISMATCH, "the certificate is for another kind of key than the token's");
    }
    certificate_unref(s->signer);
    s->signer = certificate_ref(signer);
    /* Of the token's certificates only the chain: the holder's others are nobody's business. */
    TRY_OUT(key_order_chain(signer, token_certificates, false, &chain, error));
    for (size_t i = 0; given != NULL && i < given->count; i++) {
        TRY_OUT(certificate_list_add(&chain, given->items[i], error));
    }
    status = key_new(&backend, s, &chain, true, out, error);
out:
    certificate_list_dispose(&chain);
    return status;
}

/* The token has no certificate for the key: one of the given ones must be its own. */
static rfd_status try_given(struct token_signer *s, const struct certificate_list *on_token,
                            const struct certificate_list *given, struct rfd_key **out, struct rfd_error *error)
{
    rfd_status status = error_set(error, RFD_E_KEY_READ, "the token has no certificate for the key; give it as chain");
    for (size_t i = 0; i < given->count; i++) {
        if (given->items[i]->is_ca) continue;
        status = try_certificate(s, given->items[i], on_token, given, out, error);
        if (status != RFD_E_KEY_MISMATCH) break;
    }
    return status;
}

static rfd_status open_key(struct token_signer *s, P11KitUri *uri, const char *chain_path, struct rfd_key **out,
                           struct rfd_error *error)
{
    struct certificate_list on_token = {0};
    struct certificate_list given = {0};
    const struct certificate *own = NULL;
    rfd_status status;
    TRY_OUT(token_find_key(&s->token, uri, &s->key, error));
    TRY_OUT(token_find_certificate(&s->token, &s->key, &own, error));
    TRY_OUT(token_read_certificates(&s->token, &on_token, error));
    if (chain_path != NULL) TRY_OUT(key_read_certificates(chain_path, &given, error));
    if (own != NULL) {
        status = try_certificate(s, own, &on_token, &given, out, error);
    } else {
        status = try_given(s, &on_token, &given, out, error);
    }
out:
    certificate_unref(own);
    certificate_list_dispose(&on_token);
    certificate_list_dispose(&given);
    return status;
}

static rfd_status open_uri(P11KitUri *uri, slice pin, const char *chain_path, struct rfd_key **out,
                           struct rfd_error *error)
{
    rfd_status status;
    struct token_signer *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    (void)pthread_mutex_init(&s->lock, NULL);
    TRY_OUT(find_pin(uri, pin, &s->pin, error));
    TRY_OUT(token_open(uri, &s->token, error));
    TRY_OUT(token_login(&s->token, secret_slice(&s->pin), error));
    TRY_OUT(open_key(s, uri, chain_path, out, error));
    if (!s->key.always_authenticate) secret_dispose(&s->pin);
    return RFD_OK;
out:
    token_dispose(s);
    return status;
}

rfd_status rfd_key_open_pkcs11(const char *text, rfd_slice pin, const char *chain_path, struct rfd_key **out,
                               struct rfd_error *error)
{
    P11KitUri *uri = p11_kit_uri_new();
    if (uri == NULL) return error_memory(error);
    int result = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri);
    rfd_status status;
    if (result != P11_KIT_URI_OK) {
        status = error_set(error, RFD_E_ARGUMENT, "pkcs11: address (RFC 7512): %s", p11_kit_uri_message(result));
    } else if (p11_kit_uri_any_unrecognized(uri) != 0) {
        /* RFC 7512 §2.3: an attribute that is not understood can match nothing. */
        status = error_set(error, RFD_E_TOKEN_NOT_FOUND, "the address has attributes that are not understood");
    } else {
        status = open_uri(uri, pin, chain_path, out, error);
    }
    p11_kit_uri_free(uri);
    return status;
}
