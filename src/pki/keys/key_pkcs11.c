/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys on tokens. The token computes the bare private-key operation on what we prepare: a DigestInfo for PKCS#1, the
 * digest for PSS and ECDSA, the message for Ed25519. One session and one lock per key: tokens do one thing at a time.
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"
#include "pki/keys/token.h"

#include <pthread.h>

enum { INPUT_MAXIMUM = 128 };

struct token_signer {
    struct token token;
    struct token_key key;
    struct secret pin; /* kept only for keys that want it each time */
    pthread_mutex_t lock;
    const struct certificate *signer;
};

/* --- Signing ----------------------------------------------------------------------------------------------------- */

/* DigestInfo ::= SEQUENCE { digestAlgorithm, digest OCTET STRING } with NULL parameters (RFC 8017 §9.2). */
static void put_digest_info(struct buf *b, enum digest_id id, slice digest)
{
    size_t info = der_open(b, DER_SEQUENCE);
    size_t algorithm = der_open(b, DER_SEQUENCE);
    der_put_oid(b, digest_oid(id));
    der_put_null(b);
    der_close(b, algorithm);
    der_put(b, DER_OCTET_STRING, digest);
    der_close(b, info);
}

static const struct {
    enum digest_id digest;
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mask;
} pss_rows[] = {
    {DIGEST_SHA256, CKM_SHA256, CKG_MGF1_SHA256},
    {DIGEST_SHA384, CKM_SHA384, CKG_MGF1_SHA384},
    {DIGEST_SHA512, CKM_SHA512, CKG_MGF1_SHA512},
};

static bool pss_parameters(const struct signature_algorithm *a, CK_RSA_PKCS_PSS_PARAMS *out)
{
    for (size_t i = 0; i < sizeof pss_rows / sizeof *pss_rows; i++) {
        if (pss_rows[i].digest != a->digest || a->mgf_digest != a->digest) continue;
        *out = (CK_RSA_PKCS_PSS_PARAMS){pss_rows[i].hash, pss_rows[i].mask, (CK_ULONG)a->salt_length};
        return true;
    }
    return false;
}

/* ECDSA signs the leftmost bits of a digest that is longer than the curve's order (FIPS 186-5 §6.4.1); not every token
 * cuts it by itself. */
static slice cut_to_curve(const struct certificate *signer, slice digest)
{
    return slice_part(digest, 0, ((size_t)signer->key_bits_size + 7) / 8);
}

/* r and s, each half of what the token gives, as Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
static void put_ecdsa(struct buf *b, slice raw)
{
    size_t opened = der_open(b, DER_SEQUENCE);
    der_put_integer(b, slice_part(raw, 0, raw.length / 2));
    der_put_integer(b, slice_from(raw, raw.length / 2));
    der_close(b, opened);
}

static rfd_status run(struct token_signer *s, CK_MECHANISM *mechanism, slice input, uint8_t *to, CK_ULONG *length,
                      struct rfd_error *error)
{
    CK_FUNCTION_LIST *module = s->token.module;
    rfd_status status = RFD_OK;
    CK_RV result = module->C_SignInit(s->token.session, mechanism, s->key.object);
    if (result == CKR_MECHANISM_INVALID || result == CKR_MECHANISM_PARAM_INVALID) {
        return token_error(result, RFD_E_KEY_ALGORITHM, "the token cannot sign in this way", error);
    }
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "starting to sign", error);
    if (s->key.always_authenticate) status = token_login_again(&s->token, secret_slice(&s->pin), error);
    if (status == RFD_OK) {
        result = module->C_Sign(s->token.session, (unsigned char *)(uintptr_t)input.data, input.length, to, length);
        if (result != CKR_OK) status = token_error(result, RFD_E_SIGNING, "the token did not sign", error);
    }
    if (status != RFD_OK) token_renew_session(&s->token);
    return status;
}

static rfd_status run_locked(struct token_signer *s, CK_MECHANISM *mechanism, slice input, uint8_t *to,
                             CK_ULONG *length, struct rfd_error *error)
{
    (void)pthread_mutex_lock(&s->lock);
    rfd_status status = run(s, mechanism, input, to, length, error);
    (void)pthread_mutex_unlock(&s->lock);
    return status;
}

static rfd_status sign_ecdsa(struct token_signer *s, slice digest, struct buf *signature, struct rfd_error *error)
{
    uint8_t raw[2 * 66];
    CK_ULONG length = sizeof raw;
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    TRY(run_locked(s, &mechanism, cut_to_curve(s->signer, digest), raw, &length, error));
    if (length == 0 || length % 2 != 0 || length > sizeof raw) {
        return error_set(error, RFD_E_SIGNING, "the token gave %lu bytes where r and s belong", length);
    }
    put_ecdsa(signature, slice_of(raw, length));
    return buf_check(signature, "signature", error);
}

static rfd_status sign_plain(struct token_signer *s, CK_MECHANISM *mechanism, slice input, struct buf *signature,
                             struct rfd_error *error)
{
    size_t size = signature_size_maximum(s->signer);
    CK_ULONG length = size;
    uint8_t *to = buf_reserve(signature, size);
    if (to == NULL) return buf_check(signature, "signature", error);
    TRY(run_locked(s, mechanism, input, to, &length, error));
    if (length != size) return error_set(error, RFD_E_SIGNING, "the token gave %lu bytes instead of %zu", length, size);
    signature->length += length;
    return RFD_OK;
}

static rfd_status token_sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                             struct buf *signature, struct rfd_error *error)
{
    struct token_signer *s = state;
    CK_RSA_PKCS_PSS_PARAMS pss;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    struct buf info;
    rfd_status status;
    switch (a->scheme) {
    case SCHEME_RSA_PKCS1:
        buf_init(&info, INPUT_MAXIMUM);
        put_digest_info(&info, a->digest, digest);
        status = buf_check(&info, "DigestInfo", error);
        if (status == RFD_OK) status = sign_plain(s, &mechanism, buf_slice(&info), signature, error);
        buf_dispose(&info);
        return status;
    case SCHEME_RSA_PSS:
        if (!pss_parameters(a, &pss)) break;
        mechanism = (CK_MECHANISM){CKM_RSA_PKCS_PSS, &pss, sizeof pss};
        return sign_plain(s, &mechanism, digest, signature, error);
    case SCHEME_ECDSA: return sign_ecdsa(s, digest, signature, error);
    case SCHEME_ED25519: mechanism.mechanism = CKM_EDDSA; return sign_plain(s, &mechanism, message, signature, error);
    default: break;
    }
    return error_set(error, RFD_E_KEY_ALGORITHM, "tokens do not sign with %s", signature_algorithm_name(a));
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

static const struct key_backend backend = {"pkcs11", token_sign, token_dispose};

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
