/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing on a token. It computes the bare private-key operation on what we prepare: a DigestInfo for PKCS#1, the
 * digest for PSS and ECDSA, the message for Ed25519.
 */
#include "pki/keys/token_sign.h"

#include "base/error.h"

enum { INPUT_MAXIMUM = 128 };

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
static slice cut_to_curve(const struct token_signing *s, slice digest)
{
    return slice_part(digest, 0, (s->bits + 7) / 8);
}

/* r and s, each half of what the token gives, as Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
static void put_ecdsa(struct buf *b, slice raw)
{
    size_t opened = der_open(b, DER_SEQUENCE);
    der_put_integer(b, slice_part(raw, 0, raw.length / 2));
    der_put_integer(b, slice_from(raw, raw.length / 2));
    der_close(b, opened);
}

static rfd_status run(const struct token_signing *s, CK_MECHANISM *mechanism, slice input, uint8_t *to,
                      CK_ULONG *length, struct rfd_error *error)
{
    CK_FUNCTION_LIST *module = s->token->module;
    rfd_status status = RFD_OK;
    CK_RV result = module->C_SignInit(s->token->session, mechanism, s->key->object);
    if (result == CKR_MECHANISM_INVALID || result == CKR_MECHANISM_PARAM_INVALID) {
        return token_error(result, RFD_E_KEY_ALGORITHM, "the token cannot sign in this way", error);
    }
    if (result != CKR_OK) return token_error(result, RFD_E_TOKEN, "starting to sign", error);
    if (s->key->always_authenticate) status = token_login_again(s->token, s->pin, error);
    if (status == RFD_OK) {
        result = module->C_Sign(s->token->session, (unsigned char *)(uintptr_t)input.data, input.length, to, length);
        if (result != CKR_OK) status = token_error(result, RFD_E_SIGNING, "the token did not sign", error);
    }
    if (status != RFD_OK) token_renew_session(s->token);
    return status;
}

static rfd_status sign_ecdsa(const struct token_signing *s, slice digest, struct buf *signature,
                             struct rfd_error *error)
{
    uint8_t raw[2 * 66];
    CK_ULONG length = sizeof raw;
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    TRY(run(s, &mechanism, cut_to_curve(s, digest), raw, &length, error));
    if (length == 0 || length % 2 != 0 || length > sizeof raw) {
        return error_set(error, RFD_E_SIGNING, "the token gave %lu bytes where r and s belong", length);
    }
    put_ecdsa(signature, slice_of(raw, length));
    return buf_check(signature, "signature", error);
}

static rfd_status sign_plain(const struct token_signing *s, CK_MECHANISM *mechanism, slice input, struct buf *signature,
                             struct rfd_error *error)
{
    size_t size = s->signature_size;
    CK_ULONG length = size;
    uint8_t *to = buf_reserve(signature, size);
    if (to == NULL) return buf_check(signature, "signature", error);
    TRY(run(s, mechanism, input, to, &length, error));
    if (length != size) return error_set(error, RFD_E_SIGNING, "the token gave %lu bytes instead of %zu", length, size);
    signature->length += length;
    return RFD_OK;
}

rfd_status token_sign(const struct token_signing *s, const struct signature_algorithm *a, slice message, slice digest,
                      struct buf *signature, struct rfd_error *error)
{
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
