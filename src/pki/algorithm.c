/* SPDX-License-Identifier: EUPL-1.2
 *
 * One table says which identifiers exist and what they stand for; RSASSA-PSS alone carries parameters that matter.
 */
#include "pki/algorithm.h"

#include "base/error.h"
#include "pki/authority/p256_verifier.h"
#include "pki/certificate/certificate_internal.h"
#include "pki/oid.h"
#include "pki/signature_pool.h"

#include <openssl/evp.h>

enum { RSA_BITS_MINIMUM = 2048, EC_BITS_MINIMUM = 256 };

static const struct identifier {
    enum oid_name oid;
    enum signature_scheme scheme;
    enum digest_id digest; /* DIGEST_NONE: named elsewhere (the SignerInfo's digestAlgorithm, or PSS parameters) */
} identifiers[] = {
    {OID_RSA, SCHEME_RSA_PKCS1, DIGEST_NONE},
    {OID_RSA_MD5, SCHEME_RSA_PKCS1, DIGEST_MD5},
    {OID_RSA_SHA1, SCHEME_RSA_PKCS1, DIGEST_SHA1},
    {OID_RSA_SHA224, SCHEME_RSA_PKCS1, DIGEST_SHA224},
    {OID_RSA_SHA256, SCHEME_RSA_PKCS1, DIGEST_SHA256},
    {OID_RSA_SHA384, SCHEME_RSA_PKCS1, DIGEST_SHA384},
    {OID_RSA_SHA512, SCHEME_RSA_PKCS1, DIGEST_SHA512},
    {OID_RSA_SHA3_256, SCHEME_RSA_PKCS1, DIGEST_SHA3_256},
    {OID_RSA_SHA3_384, SCHEME_RSA_PKCS1, DIGEST_SHA3_384},
    {OID_RSA_SHA3_512, SCHEME_RSA_PKCS1, DIGEST_SHA3_512},
    {OID_RSA_PSS, SCHEME_RSA_PSS, DIGEST_NONE},
    {OID_EC_PUBLIC_KEY, SCHEME_ECDSA, DIGEST_NONE},
    {OID_ECDSA_SHA1, SCHEME_ECDSA, DIGEST_SHA1},
    {OID_ECDSA_SHA224, SCHEME_ECDSA, DIGEST_SHA224},
    {OID_ECDSA_SHA256, SCHEME_ECDSA, DIGEST_SHA256},
    {OID_ECDSA_SHA384, SCHEME_ECDSA, DIGEST_SHA384},
    {OID_ECDSA_SHA512, SCHEME_ECDSA, DIGEST_SHA512},
    {OID_ECDSA_SHA3_256, SCHEME_ECDSA, DIGEST_SHA3_256},
    {OID_ECDSA_SHA3_384, SCHEME_ECDSA, DIGEST_SHA3_384},
    {OID_ECDSA_SHA3_512, SCHEME_ECDSA, DIGEST_SHA3_512},
    {OID_ED25519, SCHEME_ED25519, DIGEST_SHA512},
    {OID_ED448, SCHEME_ED448, DIGEST_SHAKE256_512},
};
enum { IDENTIFIERS = sizeof identifiers / sizeof *identifiers };

/* --- Reading ----------------------------------------------------------------------------------------------------- */

static const struct identifier *identifier_of(slice id)
{
    enum oid_name name = oid_find(id);
    for (size_t i = 0; name != OID_COUNT && i < IDENTIFIERS; i++) {
        if (identifiers[i].oid == name) return &identifiers[i];
    }
    return NULL;
}

/* A digest's AlgorithmIdentifier with NULL or without parameters (RFC 4055 §2.1). */
static bool read_digest(slice algorithm, enum digest_id *out)
{
    slice id;
    slice null;
    if (!der_take_optional(&algorithm, DER_OID, &id)) return false;
    if (der_take_optional(&algorithm, DER_NULL, &null) && null.length != 0) return false;
    *out = digest_from_oid(id);
    return *out != DIGEST_NONE && algorithm.length == 0;
}

static bool read_mask(slice algorithm, enum digest_id *out)
{
    slice id;
    slice digest;
    return der_take_optional(&algorithm, DER_OID, &id) && slice_equal(id, oid(OID_MGF1)) &&
           der_take_optional(&algorithm, DER_SEQUENCE, &digest) && algorithm.length == 0 && read_digest(digest, out);
}

/* The content of [n] EXPLICIT with `tag` inside; `*present` tells whether [n] is there. False when malformed. */
static bool take_tagged(slice *in, unsigned n, uint8_t tag, slice *content, bool *present)
{
    slice tagged;
    *present = der_take_optional(in, DER_CONTEXT_CONSTRUCTED(n), &tagged);
    return !*present || (der_take_optional(&tagged, tag, content) && tagged.length == 0);
}

/* RSASSA-PSS-params (RFC 4055 §3.1); what is left out is SHA-1, MGF1 with SHA-1, and 20. */
static bool read_pss(slice parameters, struct signature_algorithm *a)
{
    slice content;
    slice field;
    bool present;
    uint64_t salt = 20;
    a->digest = DIGEST_SHA1;
    a->mgf_digest = DIGEST_SHA1;
    if (!der_take_optional(&parameters, DER_SEQUENCE, &content) || parameters.length != 0) return false;
    if (!take_tagged(&content, 0, DER_SEQUENCE, &field, &present)) return false;
    if (present && !read_digest(field, &a->digest)) return false;
    if (!take_tagged(&content, 1, DER_SEQUENCE, &field, &present)) return false;
    if (present && !read_mask(field, &a->mgf_digest)) return false;
    if (!take_tagged(&content, 2, DER_INTEGER, &field, &present)) return false;
    if (present && (!der_unsigned(field, &salt) || salt > 2048)) return false;
    a->salt_length = (int)salt;
    if (!take_tagged(&content, 3, DER_INTEGER, &field, &present)) return false;
    if (present && !(field.length == 1 && field.data[0] == 1)) return false;
    return content.length == 0;
}

/* What may stand after the identifier: nothing or NULL for RSA (RFC 4055 §5) and, as some write it, for ECDSA; nothing
 * for EdDSA (RFC 8410 §3). Plain key identifiers may carry the key's own parameters. */
static bool parameters_fit(const struct identifier *known, slice rest)
{
    slice null;
    if (rest.length == 0 || known->oid == OID_EC_PUBLIC_KEY) return true;
    if (known->scheme != SCHEME_RSA_PKCS1 && known->scheme != SCHEME_ECDSA) return false;
    return der_take_optional(&rest, DER_NULL, &null) && null.length == 0 && rest.length == 0;
}

static rfd_status fill(const struct identifier *known, slice parameters, enum digest_id digest,
                       struct signature_algorithm *a, struct rfd_error *error)
{
    *a = (struct signature_algorithm){.scheme = known->scheme, .digest = known->digest};
    bool good = known->scheme == SCHEME_RSA_PSS ? read_pss(parameters, a) : parameters_fit(known, parameters);
    if (!good) return error_set(error, RFD_E_KEY_ALGORITHM, "signature algorithm with wrong parameters (RFC 4055 §3)");
    if (a->digest == DIGEST_NONE) a->digest = digest;
    if (a->digest == DIGEST_NONE) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "signature algorithm without a digest");
    }
    if (digest != DIGEST_NONE && digest != a->digest) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "%s does not go with the digest algorithm %s",
                         signature_algorithm_name(a), digest_name(digest));
    }
    return RFD_OK;
}

rfd_status signature_algorithm_read(slice algorithm, enum digest_id digest, struct signature_algorithm *out,
                                    struct rfd_error *error)
{
    slice content;
    slice id;
    struct signature_algorithm a;
    if (!der_take_optional(&algorithm, DER_SEQUENCE, &content) || algorithm.length != 0 ||
        !der_take_optional(&content, DER_OID, &id)) {
        return error_set(error, RFD_E_DER, "malformed AlgorithmIdentifier");
    }
    const struct identifier *known = identifier_of(id);
    if (known == NULL) {
        char text[OID_TEXT_SIZE];
        return error_set(error, RFD_E_KEY_ALGORITHM, "signature algorithm %s", oid_text(id, text));
    }
    TRY(fill(known, content, digest, &a, error));
    *out = a;
    return RFD_OK;
}

/* --- Writing ----------------------------------------------------------------------------------------------------- */

static void put_digest_with_null(struct buf *b, enum digest_id digest)
{
    size_t opened = der_open(b, DER_SEQUENCE);
    der_put_oid(b, digest_oid(digest));
    der_put_null(b);
    der_close(b, opened);
}

/* RFC 4055 §3.1; the trailer field has its default and is left out. */
static void put_pss(struct buf *b, const struct signature_algorithm *a)
{
    size_t parameters = der_open(b, DER_SEQUENCE);
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    put_digest_with_null(b, a->digest);
    der_close(b, tagged);
    tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(1));
    size_t mask = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_MGF1));
    put_digest_with_null(b, a->mgf_digest);
    der_close(b, mask);
    der_close(b, tagged);
    tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(2));
    der_put_unsigned(b, (uint64_t)a->salt_length);
    der_close(b, tagged);
    der_close(b, parameters);
}

static slice identifier_for(const struct signature_algorithm *a)
{
    for (size_t i = 0; i < IDENTIFIERS; i++) {
        const struct identifier *each = &identifiers[i];
        if (each->scheme != a->scheme) continue;
        if (each->oid == OID_RSA_PSS || (each->digest != DIGEST_NONE && each->digest == a->digest)) {
            return oid(each->oid);
        }
    }
    return SLICE_EMPTY;
}

void signature_algorithm_put(struct buf *b, const struct signature_algorithm *a)
{
    size_t opened = der_open(b, DER_SEQUENCE);
    der_put_oid(b, identifier_for(a));
    if (a->scheme == SCHEME_RSA_PKCS1) der_put_null(b);
    if (a->scheme == SCHEME_RSA_PSS) put_pss(b, a);
    der_close(b, opened);
}

/* --- Names ------------------------------------------------------------------------------------------------------- */

#define NAMES(scheme)                                                                                                  \
    {                                                                                                                  \
        [DIGEST_NONE] = scheme, [DIGEST_MD5] = scheme " with MD5", [DIGEST_SHA1] = scheme " with SHA-1",               \
        [DIGEST_SHA224] = scheme " with SHA-224", [DIGEST_SHA256] = scheme " with SHA-256",                            \
        [DIGEST_SHA384] = scheme " with SHA-384", [DIGEST_SHA512] = scheme " with SHA-512",                            \
        [DIGEST_SHA3_256] = scheme " with SHA3-256", [DIGEST_SHA3_384] = scheme " with SHA3-384",                      \
        [DIGEST_SHA3_512] = scheme " with SHA3-512", [DIGEST_SHAKE256_512] = scheme " with SHAKE256"                   \
    }

bool signature_algorithm_fits(const struct signature_algorithm *a, const EVP_PKEY *key)
{
    static const char *const kinds[] = {
        [SCHEME_RSA_PKCS1] = "RSA",   [SCHEME_RSA_PSS] = "RSA", [SCHEME_ECDSA] = "EC",
        [SCHEME_ED25519] = "ED25519", [SCHEME_ED448] = "ED448",
    };
    return a->scheme != SCHEME_NONE && EVP_PKEY_is_a(key, kinds[a->scheme]) == 1;
}

const char *signature_algorithm_name(const struct signature_algorithm *a)
{
    static const char *const rsa[DIGEST_COUNT] = NAMES("RSA");
    static const char *const pss[DIGEST_COUNT] = NAMES("RSA-PSS");
    static const char *const ecdsa[DIGEST_COUNT] = NAMES("ECDSA");
    size_t digest = (unsigned)a->digest < DIGEST_COUNT ? a->digest : DIGEST_NONE;
    switch (a->scheme) {
    case SCHEME_RSA_PKCS1: return rsa[digest];
    case SCHEME_RSA_PSS: return pss[digest];
    case SCHEME_ECDSA: return ecdsa[digest];
    case SCHEME_ED25519: return "Ed25519";
    case SCHEME_ED448: return "Ed448";
    default: return "unknown algorithm";
    }
}

/* --- Choosing ---------------------------------------------------------------------------------------------------- */

static rfd_status scheme_of_key(const struct certificate *c, bool pss, enum signature_scheme *out,
                                struct rfd_error *error)
{
    switch (c->key_type) {
    case KEY_RSA:
    case KEY_RSA_PSS:
        if (c->key_bits_size < RSA_BITS_MINIMUM) {
            return error_set(error, RFD_E_KEY_WEAK, "RSA of %d bits", c->key_bits_size);
        }
        *out = pss || c->key_type == KEY_RSA_PSS ? SCHEME_RSA_PSS : SCHEME_RSA_PKCS1;
        return RFD_OK;
    case KEY_EC:
        if (c->key_bits_size > 0 && c->key_bits_size < EC_BITS_MINIMUM) {
            return error_set(error, RFD_E_KEY_WEAK, "elliptic curve of %d bits", c->key_bits_size);
        }
        if (c->curve == NULL) return error_set(error, RFD_E_KEY_ALGORITHM, "the key's elliptic curve");
        *out = SCHEME_ECDSA;
        return RFD_OK;
    case KEY_ED25519: *out = SCHEME_ED25519; return RFD_OK;
    default: return error_set(error, RFD_E_KEY_ALGORITHM, "neither RSA, ECDSA over a NIST curve, nor Ed25519");
    }
}

/* An id-RSASSA-PSS key may be bound to a digest, a mask and a least salt (RFC 4055 §1.2, §3.1). */
static bool pss_restrictions(const struct certificate *c, struct signature_algorithm *bound)
{
    slice spki;
    slice algorithm;
    slice id;
    slice whole = c->spki;
    if (c->key_type != KEY_RSA_PSS || !der_take_optional(&whole, DER_SEQUENCE, &spki) ||
        !der_take_optional(&spki, DER_SEQUENCE, &algorithm) || !der_take_optional(&algorithm, DER_OID, &id))
        return false;
    return algorithm.length > 0 && read_pss(algorithm, bound);
}

/* Fills the parameters of PSS for `a->digest`; false when the key is bound to another one. */
static bool fill_pss(const struct certificate *c, enum digest_id wanted, struct signature_algorithm *a)
{
    struct signature_algorithm bound;
    bool restricted = pss_restrictions(c, &bound);
    if (restricted && wanted == DIGEST_NONE) a->digest = bound.digest;
    a->mgf_digest = restricted ? bound.mgf_digest : a->digest;
    a->salt_length = (int)digest_size(a->digest);
    if (!restricted) return true;
    if (bound.salt_length > a->salt_length) a->salt_length = bound.salt_length;
    return bound.digest == a->digest;
}

static enum digest_id digest_of_key(const struct certificate *c)
{
    if (c->key_type == KEY_ED25519) return DIGEST_SHA512;
    if (c->key_type != KEY_EC) return DIGEST_SHA256;
    return c->key_bits_size > 384 ? DIGEST_SHA512 : c->key_bits_size > 256 ? DIGEST_SHA384 : DIGEST_SHA256;
}

rfd_status signature_algorithm_choose(const struct certificate *signer, enum digest_id wanted, bool pss,
                                      struct signature_algorithm *out, struct rfd_error *error)
{
    struct signature_algorithm a = {.scheme = SCHEME_NONE};
    TRY(scheme_of_key(signer, pss, &a.scheme, error));
    a.digest = wanted == DIGEST_NONE ? digest_of_key(signer) : wanted;
    bool fits = a.scheme != SCHEME_RSA_PSS || fill_pss(signer, wanted, &a);
    if (!digest_is_strong(a.digest)) return error_set(error, RFD_E_KEY_WEAK, "digest %s", digest_name(a.digest));
    /* RFC 8419 §3: Ed25519 goes with SHA-512 only. */
    if (a.scheme == SCHEME_ED25519) fits = a.digest == DIGEST_SHA512;
    if (!fits || a.digest == DIGEST_SHAKE256_512) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "the key does not go with %s", digest_name(a.digest));
    }
    *out = a;
    return RFD_OK;
}

size_t signature_size_maximum(const struct certificate *signer)
{
    size_t bytes = ((size_t)signer->key_bits_size + 7) / 8;
    switch (signer->key_type) {
    case KEY_RSA:
    case KEY_RSA_PSS: return bytes;
    case KEY_EC: return 2 * (bytes + 3) + 3; /* two INTEGERs with sign octets in a SEQUENCE */
    case KEY_ED25519: return 64;
    case KEY_ED448: return 114;
    default: return 512;
    }
}

/* --- Verifying --------------------------------------------------------------------------------------------------- */

static bool key_fits(enum key_type type, enum signature_scheme scheme)
{
    switch (scheme) {
    case SCHEME_RSA_PKCS1: return type == KEY_RSA;
    case SCHEME_RSA_PSS: return type == KEY_RSA || type == KEY_RSA_PSS;
    case SCHEME_ECDSA: return type == KEY_EC;
    case SCHEME_ED25519: return type == KEY_ED25519;
    case SCHEME_ED448: return type == KEY_ED448;
    default: return false;
    }
}

/** To make a key of one's own and a context costs half of what it verifies: that is for those that are used again. */
static rfd_status verify(const struct signature_algorithm *a, const struct certificate *signer, slice message,
                         slice digest, slice signature, struct rfd_error *error)
{
    if (!key_fits(signer->key_type, a->scheme)) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "%s with another kind of key", signature_algorithm_name(a));
    }
    slice point;
    bool usual = a->scheme == SCHEME_ECDSA && a->digest == DIGEST_SHA256 && p256_point(signer->spki, &point);
    if (usual && !certificate_verifies_again(signer)) return p256_verify(point, digest, signature, error);
    struct evp_pkey_st *key = certificate_public_key(signer, error);
    if (key == NULL) return error != NULL && error->code == RFD_E_MEMORY ? RFD_E_MEMORY : RFD_E_KEY_ALGORITHM;
    return signature_pool_verify(certificate_pool(signer), key, a, message, digest, signature, error);
}

rfd_status signature_verify(const struct signature_algorithm *a, const struct certificate *signer, slice message,
                            slice signature, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    if (a->scheme == SCHEME_ED25519 || a->scheme == SCHEME_ED448) {
        return verify(a, signer, message, SLICE_EMPTY, signature, error);
    }
    TRY(digest_of(a->digest, message, digest, error));
    return verify(a, signer, message, slice_of(digest, digest_size(a->digest)), signature, error);
}

rfd_status signature_verify_digest(const struct signature_algorithm *a, const struct certificate *signer, slice digest,
                                   slice signature, struct rfd_error *error)
{
    if (a->scheme == SCHEME_ED25519 || a->scheme == SCHEME_ED448 || digest.length != digest_size(a->digest)) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "%s cannot be verified from this digest",
                         signature_algorithm_name(a));
    }
    return verify(a, signer, SLICE_EMPTY, digest, signature, error);
}
