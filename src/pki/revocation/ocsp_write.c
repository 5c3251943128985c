/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/revocation/ocsp.h"

#include "base/error.h"
#include "pki/oid.h"

/* Extensions ::= SEQUENCE { SEQUENCE { id-pkix-ocsp-nonce, OCTET STRING { OCTET STRING } } } (RFC 9654 §2.1). */
static void put_nonce(struct buf *b, slice nonce)
{
    size_t wrapped = der_open(b, DER_CONTEXT_CONSTRUCTED(2));
    size_t list = der_open(b, DER_SEQUENCE);
    size_t extension = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_OCSP_NONCE));
    size_t value = der_open(b, DER_OCTET_STRING);
    der_put(b, DER_OCTET_STRING, nonce);
    der_close(b, value);
    der_close(b, extension);
    der_close(b, list);
    der_close(b, wrapped);
}

/* SHA-1 with NULL parameters, as all responders write it. */
static void put_id(struct buf *b, slice name_hash, slice key_hash, slice serial)
{
    size_t id = der_open(b, DER_SEQUENCE);
    size_t algorithm = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_SHA1));
    der_put_null(b);
    der_close(b, algorithm);
    der_put(b, DER_OCTET_STRING, name_hash);
    der_put(b, DER_OCTET_STRING, key_hash);
    der_put(b, DER_INTEGER, serial);
    der_close(b, id);
}

rfd_status ocsp_put_request(struct buf *b, const struct certificate *c, const struct certificate *issuer, slice nonce,
                            struct rfd_error *error)
{
    uint8_t name_hash[DIGEST_SIZE_MAXIMUM];
    uint8_t key_hash[DIGEST_SIZE_MAXIMUM];
    size_t size = digest_size(DIGEST_SHA1);
    TRY(digest_of(DIGEST_SHA1, c->issuer, name_hash, error));
    TRY(digest_of(DIGEST_SHA1, issuer->key_bits, key_hash, error));
    size_t request = der_open(b, DER_SEQUENCE);
    size_t tbs = der_open(b, DER_SEQUENCE);
    size_t list = der_open(b, DER_SEQUENCE);
    size_t single = der_open(b, DER_SEQUENCE);
    put_id(b, slice_of(name_hash, size), slice_of(key_hash, size), c->serial);
    der_close(b, single);
    der_close(b, list);
    if (nonce.length > 0) put_nonce(b, nonce);
    der_close(b, tbs);
    der_close(b, request);
    return buf_check(b, "OCSP request", error);
}

void ocsp_put_response(struct buf *b, slice basic)
{
    static const uint8_t successful = OCSP_SUCCESSFUL;
    size_t response = der_open(b, DER_SEQUENCE);
    der_put(b, DER_ENUMERATED, slice_of(&successful, 1));
    size_t wrapped = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t bytes = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_OCSP_BASIC));
    der_put(b, DER_OCTET_STRING, basic);
    der_close(b, bytes);
    der_close(b, wrapped);
    der_close(b, response);
}
