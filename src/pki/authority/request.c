/* SPDX-License-Identifier: EUPL-1.2
 *
 * Walking the DER and importing the key's numbers takes half the time of OpenSSL's own X509_REQ.
 */
#include "pki/authority/request.h"

#include "base/error.h"
#include "pki/authority/p256_verifier.h"
#include "pki/signature_pool.h"

#include <openssl/evp.h>

static rfd_status take_whole(slice *in, slice *whole, const char *what, struct rfd_error *error)
{
    slice before = *in;
    slice content;
    TRY(der_take(in, DER_SEQUENCE, &content, what, error));
    *whole = slice_part(before, 0, before.length - in->length);
    return RFD_OK;
}

/* CertificationRequestInfo { version v1(0), subject, subjectPKInfo, [0] attributes }. Some leave the attributes out. */
static rfd_status read_info(struct request *r, struct rfd_error *error)
{
    slice in;
    slice version;
    slice attributes;
    uint64_t number;
    TRY(der_only(r->info, DER_SEQUENCE, &in, "CertificationRequestInfo", error));
    TRY(der_take(&in, DER_INTEGER, &version, "request version", error));
    if (!der_unsigned(version, &number) || number != 0) {
        return error_set(error, RFD_E_DER, "request: its version is not 1 (RFC 2986 §4.1)");
    }
    TRY(take_whole(&in, &r->subject, "request subject", error));
    TRY(take_whole(&in, &r->spki, "request public key", error));
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &attributes);
    return der_end_of(in, "CertificationRequestInfo", error);
}

rfd_status request_parse(slice der, struct request *out, struct rfd_error *error)
{
    struct request r;
    slice in;
    slice bits;
    if (der.length > REQUEST_MAXIMUM) return error_set(error, RFD_E_LIMIT, "request of %zu bytes", der.length);
    TRY(der_only(der, DER_SEQUENCE, &in, "CertificationRequest", error));
    TRY(take_whole(&in, &r.info, "CertificationRequestInfo", error));
    TRY(take_whole(&in, &r.signature_algorithm, "request signature algorithm", error));
    TRY(der_take(&in, DER_BIT_STRING, &bits, "request signature", error));
    TRY(der_end_of(in, "CertificationRequest", error));
    if (bits.length < 2 || bits.data[0] != 0) return error_set(error, RFD_E_DER, "request: malformed signature");
    r.signature = slice_from(bits, 1);
    TRY(read_info(&r, error));
    *out = r;
    return RFD_OK;
}

static rfd_status verify(const struct request *r, EVP_PKEY *key, const struct signature_algorithm *a,
                         struct rfd_error *error)
{
    struct signature_pool pool;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    if (!signature_algorithm_fits(a, key)) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "request: %s with another kind of key",
                         signature_algorithm_name(a));
    }
    TRY(digest_of(a->digest, r->info, digest, error));
    signature_pool_init(&pool);
    rfd_status status =
        signature_pool_verify(&pool, key, a, r->info, slice_of(digest, digest_size(a->digest)), r->signature, error);
    signature_pool_dispose(&pool);
    return status;
}

/** The usual kind. What the rules say of the key was looked at. */
static rfd_status verify_p256(const struct request *r, slice point, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, r->info, digest, error));
    return p256_verify(point, slice_of(digest, digest_size(DIGEST_SHA256)), r->signature, error);
}

/** Everything else. */
static rfd_status verify_any(const struct request *r, const struct signature_algorithm *a,
                             const struct key_rules *rules, struct rfd_error *error)
{
    EVP_PKEY *key = NULL;
    TRY(key_check(r->spki, rules, &key, error));
    rfd_status status = verify(r, key, a, error);
    EVP_PKEY_free(key);
    return status;
}

rfd_status request_verify(const struct request *request, const struct key_rules *rules, struct rfd_error *error)
{
    struct signature_algorithm algorithm;
    slice point;
    rfd_status status;
    TRY(signature_algorithm_read(request->signature_algorithm, DIGEST_NONE, &algorithm, error));
    if (!digest_is_strong(algorithm.digest)) {
        return error_set(error, RFD_E_KEY_WEAK, "request signed by %s", signature_algorithm_name(&algorithm));
    }
    if (algorithm.scheme == SCHEME_ECDSA && algorithm.digest == DIGEST_SHA256 && p256_point(request->spki, &point)) {
        TRY(key_check(request->spki, rules, NULL, error));
        status = verify_p256(request, point, error);
    } else {
        status = verify_any(request, &algorithm, rules, error);
    }
    if (status == RFD_E_SIGNING) status = error_set(error, RFD_E_POSSESSION, "no proof of possession");
    return status;
}
