/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates and CRLs are both SIGNED{...}: a SEQUENCE to be signed, the algorithm, the signature (RFC 5280 §4.1,
 * §5.1).
 */
#include "pki/issue/issue.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/rand.h>

enum { TBS_MAXIMUM = 64 << 20, SIGNATURE_MAXIMUM = 4096 };

static rfd_status sign_into(struct issuer *issuer, slice tbs, struct buf *out, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct buf signature;
    rfd_status status;
    buf_init(&signature, SIGNATURE_MAXIMUM);
    TRY_OUT(digest_of(issuer->algorithm.digest, tbs, digest, error));
    TRY_OUT(signature_pool_sign(&issuer->pool, issuer->key, &issuer->algorithm, tbs,
                                slice_of(digest, digest_size(issuer->algorithm.digest)), &signature, error));
    size_t opened = der_open(out, DER_SEQUENCE);
    buf_put_slice(out, tbs);
    signature_algorithm_put(out, &issuer->algorithm);
    der_put_bits(out, buf_slice(&signature));
    der_close(out, opened);
    status = buf_check(out, "signed structure", error);
out:
    buf_dispose(&signature);
    return status;
}

static rfd_status finish(struct issuer *issuer, struct buf *tbs, struct buf *out, struct rfd_error *error)
{
    rfd_status status = buf_check(tbs, "to-be-signed structure", error);
    if (status == RFD_OK) status = sign_into(issuer, buf_slice(tbs), out, error);
    buf_dispose(tbs);
    return status;
}

rfd_status issue_certificate(struct issuer *issuer, const struct issue_request *request, struct buf *out,
                             struct rfd_error *error)
{
    struct buf tbs;
    buf_init(&tbs, TBS_MAXIMUM);
    size_t opened = der_open(&tbs, DER_SEQUENCE);
    size_t version = der_open(&tbs, DER_CONTEXT_CONSTRUCTED(0));
    der_put_unsigned(&tbs, 2);
    der_close(&tbs, version);
    der_put_integer(&tbs, request->serial);
    signature_algorithm_put(&tbs, &issuer->algorithm);
    buf_put_slice(&tbs, issuer->name);
    size_t validity = der_open(&tbs, DER_SEQUENCE);
    der_put_time(&tbs, request->not_before);
    der_put_time(&tbs, request->not_after);
    der_close(&tbs, validity);
    buf_put_slice(&tbs, request->subject);
    buf_put_slice(&tbs, request->spki);
    size_t tagged = der_open(&tbs, DER_CONTEXT_CONSTRUCTED(3));
    der_put(&tbs, DER_SEQUENCE, request->extensions);
    der_close(&tbs, tagged);
    der_close(&tbs, opened);
    return finish(issuer, &tbs, out, error);
}

static void put_extension(struct buf *b, enum oid_name id, slice value)
{
    size_t extension = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(id));
    der_put(b, DER_OCTET_STRING, value);
    der_close(b, extension);
}

static void put_reason(struct buf *b, int reason)
{
    const uint8_t value[] = {DER_ENUMERATED, 1, (uint8_t)reason};
    size_t extensions = der_open(b, DER_SEQUENCE);
    put_extension(b, OID_CRL_REASON, slice_of(value, sizeof value));
    der_close(b, extensions);
}

/* RFC 5280 §5.1.2.6: the field is left out when nothing is revoked. */
static void put_revoked(struct buf *b, const struct issue_revoked *revoked, size_t count)
{
    if (count == 0) return;
    size_t list = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        size_t entry = der_open(b, DER_SEQUENCE);
        der_put(b, DER_INTEGER, revoked[i].serial);
        der_put_time(b, revoked[i].at);
        if (revoked[i].reason > 0) put_reason(b, revoked[i].reason);
        der_close(b, entry);
    }
    der_close(b, list);
}

static void put_crl_extensions(struct buf *b, slice key_id, uint64_t number)
{
    struct buf value;
    buf_init(&value, 64);
    der_put_unsigned(&value, number);
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t list = der_open(b, DER_SEQUENCE);
    issue_put_authority_key_id(b, key_id);
    put_extension(b, OID_CRL_NUMBER, buf_slice(&value));
    if (b->status == RFD_OK) b->status = value.status;
    der_close(b, list);
    der_close(b, tagged);
    buf_dispose(&value);
}

rfd_status issue_crl(struct issuer *issuer, uint64_t number, rfd_time this_update, rfd_time next_update,
                     const struct issue_revoked *revoked, size_t count, struct buf *out, struct rfd_error *error)
{
    struct buf tbs;
    buf_init(&tbs, TBS_MAXIMUM);
    size_t opened = der_open(&tbs, DER_SEQUENCE);
    der_put_unsigned(&tbs, 1);
    signature_algorithm_put(&tbs, &issuer->algorithm);
    buf_put_slice(&tbs, issuer->name);
    der_put_time(&tbs, this_update);
    der_put_time(&tbs, next_update);
    put_revoked(&tbs, revoked, count);
    put_crl_extensions(&tbs, issuer->key_id, number);
    der_close(&tbs, opened);
    return finish(issuer, &tbs, out, error);
}

rfd_status issue_serial(uint8_t serial[ISSUE_SERIAL_SIZE], struct rfd_error *error)
{
    serial[0] = 1;
    if (RAND_bytes(serial + 1, ISSUE_SERIAL_SIZE - 1) == 1) return RFD_OK;
    ERR_clear_error();
    return error_set(error, RFD_E_INTERNAL, "OpenSSL has no random numbers");
}

rfd_status issue_key_id(slice key_bits, uint8_t id[ISSUE_KEY_ID_SIZE], struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    TRY(digest_of(DIGEST_SHA256, key_bits, digest, error));
    memcpy(id, digest, ISSUE_KEY_ID_SIZE);
    return RFD_OK;
}
