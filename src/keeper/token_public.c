/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/token_public.h"

#include "base/error.h"
#include "pki/der.h"
#include "pki/oid.h"

enum { POINT_MAXIMUM = 256, PARAMETERS_MAXIMUM = 64, MODULUS_MAXIMUM = 512 };

#define P256_PARAMETERS SLICE("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define P384_PARAMETERS SLICE("\x06\x05\x2b\x81\x04\x00\x22")
#define ED25519_PARAMETERS                                                                                             \
    SLICE("\x13\x0c"                                                                                                   \
          "edwards25519") /* PKCS #11 v3.0 §2.3.5: the curve's name */
#define ED25519_OID SLICE("\x06\x03\x2b\x65\x70")

static const struct token_kind kinds[] = {
    {KEY_ALGORITHM_P256, CKK_EC, CKM_EC_KEY_PAIR_GEN, P256_PARAMETERS, 256, 0},
    {KEY_ALGORITHM_P384, CKK_EC, CKM_EC_KEY_PAIR_GEN, P384_PARAMETERS, 384, 0},
    {KEY_ALGORITHM_RSA_2048, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, {NULL, 0}, 2048, 256},
    {KEY_ALGORITHM_RSA_3072, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, {NULL, 0}, 3072, 384},
    {KEY_ALGORITHM_RSA_4096, CKK_RSA, CKM_RSA_PKCS_KEY_PAIR_GEN, {NULL, 0}, 4096, 512},
    {KEY_ALGORITHM_ED25519, CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN, ED25519_PARAMETERS, 256, 64},
};

const struct token_kind *token_kind_of(enum key_algorithm algorithm)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].algorithm == algorithm) return &kinds[i];
    }
    return NULL;
}

/** An attribute into `memory`; empty when the token does not say. */
static slice read(struct token *t, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, uint8_t *memory, size_t size)
{
    return token_read_attribute(t, object, type, memory, &size) ? slice_of(memory, size) : SLICE_EMPTY;
}

static const struct token_kind *find_kind(CK_KEY_TYPE type, slice parameters, size_t bits)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct token_kind *k = &kinds[i];
        bool fits = k->parameters.length == 0 ? k->bits == bits : slice_equal(k->parameters, parameters);
        if (type == CKK_EC_EDWARDS && slice_equal(parameters, ED25519_OID)) fits = true;
        if (k->type == type && fits) return k;
    }
    return NULL;
}

/** The octets of a point: wrapped into an OCTET STRING, as the standard wants, or bare, as some tokens have it. */
static slice unwrap_point(slice point, size_t size)
{
    slice in = point, content;
    if (point.length == size) return point;
    bool good = der_take(&in, DER_OCTET_STRING, &content, "point", NULL) == RFD_OK && in.length == 0;
    return good && content.length == size ? content : SLICE_EMPTY;
}

static void put_algorithm(struct buf *b, const struct token_kind *k)
{
    size_t algorithm = der_open(b, DER_SEQUENCE);
    if (k->type == CKK_RSA) {
        der_put_oid(b, oid(OID_RSA));
        der_put_null(b);
    } else if (k->type == CKK_EC) {
        der_put_oid(b, oid(OID_EC_PUBLIC_KEY));
        buf_put_slice(b, k->parameters);
    } else {
        der_put_oid(b, oid(OID_ED25519));
    }
    der_close(b, algorithm);
}

static void put_spki(struct buf *b, const struct token_kind *k, slice key)
{
    size_t spki = der_open(b, DER_SEQUENCE);
    put_algorithm(b, k);
    der_put_bits(b, key);
    der_close(b, spki);
}

static rfd_status unknown(struct rfd_error *error)
{
    return error_set(error, RFD_E_KEY_ALGORITHM, "a kind of key on the token that is not known here");
}

static rfd_status put_rsa(struct token *t, CK_OBJECT_HANDLE object, struct buf *spki, const struct token_kind **kind,
                          struct rfd_error *error)
{
    uint8_t memory[MODULUS_MAXIMUM], more[16];
    struct buf key;
    slice modulus = read(t, object, CKA_MODULUS, memory, sizeof memory);
    slice exponent = read(t, object, CKA_PUBLIC_EXPONENT, more, sizeof more);
    while (modulus.length > 0 && modulus.data[0] == 0) modulus = slice_from(modulus, 1);
    const struct token_kind *k = find_kind(CKK_RSA, SLICE_EMPTY, modulus.length * 8);
    if (k == NULL || exponent.length == 0) return unknown(error);
    buf_init(&key, 2 * (size_t)MODULUS_MAXIMUM);
    size_t opened = der_open(&key, DER_SEQUENCE);
    der_put_integer(&key, modulus);
    der_put_integer(&key, exponent);
    der_close(&key, opened);
    put_spki(spki, k, buf_slice(&key));
    rfd_status status = buf_check(&key, "public key", error);
    buf_dispose(&key);
    *kind = k;
    return status;
}

static rfd_status put_point(struct token *t, CK_OBJECT_HANDLE object, CK_KEY_TYPE type, struct buf *spki,
                            const struct token_kind **kind, struct rfd_error *error)
{
    uint8_t memory[PARAMETERS_MAXIMUM], more[POINT_MAXIMUM];
    const struct token_kind *k = find_kind(type, read(t, object, CKA_EC_PARAMS, memory, sizeof memory), 0);
    if (k == NULL) return unknown(error);
    size_t coordinate = (k->bits + 7) / 8;
    slice point = unwrap_point(read(t, object, CKA_EC_POINT, more, sizeof more),
                               type == CKK_EC ? 1 + 2 * coordinate : coordinate);
    if (point.length == 0) return error_set(error, RFD_E_TOKEN, "the token does not give the key's point");
    put_spki(spki, k, point);
    *kind = k;
    return RFD_OK;
}

rfd_status token_put_public(struct token *t, CK_OBJECT_HANDLE object, struct buf *spki, const struct token_kind **kind,
                            struct rfd_error *error)
{
    CK_KEY_TYPE type = CKK_VENDOR_DEFINED;
    size_t length = sizeof type;
    rfd_status status;
    if (!token_read_attribute(t, object, CKA_KEY_TYPE, &type, &length)) return unknown(error);
    if (type == CKK_RSA)
        status = put_rsa(t, object, spki, kind, error);
    else
        status = put_point(t, object, type, spki, kind, error);
    return status == RFD_OK ? buf_check(spki, "public key", error) : status;
}
