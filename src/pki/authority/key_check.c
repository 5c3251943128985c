/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/authority/key_check.h"

#include "base/error.h"
#include "pki/authority/key_check_rsa.h"
#include "pki/certificate/public_key.h"
#include "pki/oid.h"
#include "pki/signature_pool.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <pthread.h>

enum { EXPONENT_LEAST = 65537, EXPONENT_BYTES_MAXIMUM = 32, ED25519_SIZE = 32, UNCOMPRESSED = 4 };

static const struct {
    enum key_kind kind;
    enum key_type type;
    const char *curve;
    slice algorithm;   /* the AlgorithmIdentifier, whole: there is one way to write it */
    size_t point_size; /* 0-th octet and two coordinates */
    int group;         /* OpenSSL's number of the curve */
} kinds[] = {
    {KEY_KIND_RSA,
     KEY_RSA,
     NULL,
     {(const uint8_t *)"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15},
     0,
     NID_undef},
    {KEY_KIND_P256,
     KEY_EC,
     "P-256",
     {(const uint8_t *)"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 21},
     65,
     NID_X9_62_prime256v1},
    {KEY_KIND_P384,
     KEY_EC,
     "P-384",
     {(const uint8_t *)"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22", 18},
     97,
     NID_secp384r1},
    {KEY_KIND_P521,
     KEY_EC,
     "P-521",
     {(const uint8_t *)"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23", 18},
     133,
     NID_secp521r1},
    {KEY_KIND_ED25519, KEY_ED25519, NULL, {(const uint8_t *)"\x30\x05\x06\x03\x2b\x65\x70", 7}, 0, NID_undef},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* --- RSA --------------------------------------------------------------------------------------------------------- */

/* A positive INTEGER in its shortest form, without its sign octet. */
static bool take_positive(slice *in, slice *out)
{
    slice content;
    if (!der_take_optional(in, DER_INTEGER, &content) || content.length == 0 || content.data[0] >= 0x80) return false;
    bool padded = content.data[0] == 0;
    if (padded && (content.length == 1 || content.data[1] < 0x80)) return false;
    *out = padded ? slice_from(content, 1) : content;
    return true;
}

static rfd_status check_exponent(slice exponent, struct rfd_error *error)
{
    uint64_t small = 0;
    for (size_t i = 0; exponent.length <= 8 && i < exponent.length; i++) small = small << 8 | exponent.data[i];
    bool even = (exponent.data[exponent.length - 1] & 1) == 0;
    if (!even && exponent.length <= EXPONENT_BYTES_MAXIMUM && (exponent.length > 8 || small >= EXPONENT_LEAST)) {
        return RFD_OK;
    }
    return error_set(error, RFD_E_KEY_WEAK, "RSA with an exponent that is even, small or huge");
}

static rfd_status check_rsa(const struct certificate *c, const struct key_rules *rules, bool thoroughly,
                            struct rfd_error *error)
{
    slice content;
    slice modulus;
    slice exponent;
    TRY(der_only(c->key_bits, DER_SEQUENCE, &content, "RSAPublicKey", error));
    if (!take_positive(&content, &modulus) || !take_positive(&content, &exponent) || content.length > 0) {
        return error_set(error, RFD_E_DER, "RSAPublicKey is malformed (RFC 8017 §A.1.1)");
    }
    if (c->key_bits_size < rules->rsa_bits_minimum || c->key_bits_size > rules->rsa_bits_maximum) {
        return error_set(error, RFD_E_KEY_WEAK, "RSA of %d bits", c->key_bits_size);
    }
    if ((modulus.data[modulus.length - 1] & 1) == 0) {
        return error_set(error, RFD_E_KEY_WEAK, "the RSA modulus is even");
    }
    TRY(check_exponent(exponent, error));
    return thoroughly ? key_check_rsa_modulus(modulus, error) : RFD_OK;
}

/* --- Curves ------------------------------------------------------------------------------------------------------ */

/* RFC 5480 §2.2 allows compressed points; many programs that meet the certificate do not read them. That the point is
 * on the curve is checked when OpenSSL's key is made. */
static rfd_status check_point(const struct certificate *c, size_t size, struct rfd_error *error)
{
    if (c->key_bits.length == size && c->key_bits.data[0] == UNCOMPRESSED) return RFD_OK;
    return error_set(error, RFD_E_KEY_ALGORITHM, "the point is not in uncompressed form (RFC 5480 §2.2)");
}

/* The y coordinates of the points whose order divides 8, and 0 and 1 written once more above the prime; the highest
 * bit is the sign of x. */
static rfd_status check_edwards(const struct certificate *c, struct rfd_error *error)
{
    static const uint8_t small[][ED25519_SIZE] = {
        {0},
        {1},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
         0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
         0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    uint8_t y[ED25519_SIZE];
    if (c->key_bits.length != ED25519_SIZE)
        return error_set(error, RFD_E_DER, "Ed25519 key of %zu octets", c->key_bits.length);
    memcpy(y, c->key_bits.data, sizeof y);
    y[ED25519_SIZE - 1] &= 0x7F;
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        if (memcmp(y, small[i], sizeof y) == 0)
            return error_set(error, RFD_E_KEY_WEAK, "an Ed25519 point of small order");
    }
    return RFD_OK;
}

/* Made once, like digests: to make a curve costs more than to look at a point. */
static EC_GROUP *groups[KINDS];
static pthread_once_t groups_once = PTHREAD_ONCE_INIT;

static void make_groups(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].group != NID_undef) groups[i] = EC_GROUP_new_by_curve_name(kinds[i].group);
    }
}

/* Reading the octets of a point (SEC 1 §2.3.4) checks the range of its coordinates and the equation. */
static bool is_on_curve(size_t kind, slice point)
{
    (void)pthread_once(&groups_once, make_groups);
    EC_POINT *p = groups[kind] == NULL ? NULL : EC_POINT_new(groups[kind]);
    bool good = p != NULL && EC_POINT_oct2point(groups[kind], p, point.data, point.length, NULL) == 1;
    EC_POINT_free(p);
    return good;
}

/* --- All --------------------------------------------------------------------------------------------------------- */

static bool is_kind(size_t i, const struct certificate *c)
{
    if (kinds[i].type != c->key_type || (kinds[i].curve == NULL) != (c->curve == NULL)) return false;
    return c->curve == NULL || strcmp(kinds[i].curve, c->curve) == 0;
}

static rfd_status find_kind(const struct certificate *c, const struct key_rules *rules, size_t *out,
                            struct rfd_error *error)
{
    size_t i = 0;
    while (i < KINDS && !is_kind(i, c)) i++;
    if (i == KINDS || (rules->kinds & kinds[i].kind) == 0) {
        return error_set(error, RFD_E_KEY_ALGORITHM, "the profile does not allow this kind of key");
    }
    slice content;
    TRY(der_only(c->spki, DER_SEQUENCE, &content, "public key", error));
    slice algorithm = kinds[i].algorithm;
    if (content.length < algorithm.length || memcmp(content.data, algorithm.data, algorithm.length) != 0) {
        return error_set(error, RFD_E_DER, "the key's AlgorithmIdentifier (RFC 3279 §2.3.1, RFC 5480 §2.1.1)");
    }
    *out = i;
    return RFD_OK;
}

/* Everything but whether a point is on its curve. */
static rfd_status check_form(struct certificate *c, const struct key_rules *rules, bool thoroughly, size_t *kind,
                             struct rfd_error *error)
{
    TRY(public_key_describe(c, error));
    TRY(find_kind(c, rules, kind, error));
    if (c->key_type == KEY_RSA) TRY(check_rsa(c, rules, thoroughly, error));
    if (c->key_type == KEY_EC) TRY(check_point(c, kinds[*kind].point_size, error));
    if (c->key_type == KEY_ED25519) TRY(check_edwards(c, error));
    return RFD_OK;
}

static rfd_status no_key(struct rfd_error *error)
{
    if (signature_pool_lacks_memory()) return error_memory(error);
    return error_set(error, RFD_E_KEY_ALGORITHM, "the key is none: its point is not on the curve");
}

rfd_status key_check(slice spki, const struct key_rules *rules, struct evp_pkey_st **key, struct rfd_error *error)
{
    struct certificate c = {.spki = spki};
    size_t kind = 0;
    TRY(check_form(&c, rules, key != NULL, &kind, error));
    if (key == NULL) return RFD_OK;
    EVP_PKEY *made = public_key_make(&c);
    if (made == NULL) return no_key(error);
    *key = made;
    return RFD_OK;
}

rfd_status key_check_thoroughly(slice spki, const struct key_rules *rules, struct rfd_error *error)
{
    struct certificate c = {.spki = spki};
    size_t kind = 0;
    TRY(check_form(&c, rules, true, &kind, error));
    if (c.key_type == KEY_EC) return is_on_curve(kind, c.key_bits) ? RFD_OK : no_key(error);
    EVP_PKEY *made = c.key_type == KEY_RSA ? NULL : public_key_make(&c);
    if (c.key_type != KEY_RSA && made == NULL) return no_key(error);
    EVP_PKEY_free(made);
    return RFD_OK;
}
