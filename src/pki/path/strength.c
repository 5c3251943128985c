/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/path/strength.h"

#include "base/clock.h"
#include "pki/algorithm.h"
#include "pki/oid.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>

#define NEVER   INT64_MIN
#define ALWAYS  INT64_MAX
#define UNIX(s) (INT64_C(s) * RFD_SECOND)

#define YEAR_2014 UNIX(1388534400)
#define YEAR_2016 UNIX(1451606400)
#define YEAR_2017 UNIX(1483228800)
#define FEB_2024  UNIX(1706918400)

enum strength_kind { KIND_RSA, KIND_EC, KIND_DSA };

/* From SP 800-131A, ETSI TS 119 312 and SOG-IS: sizes below `bits` may be relied on only before `before`. The first
 * row that fits counts. */
static const struct {
    enum strength_kind kind;
    int bits;
    rfd_time before;
} keys[] = {
    {KIND_RSA, 1024, NEVER}, {KIND_RSA, 2048, YEAR_2014}, {KIND_EC, 224, NEVER},       {KIND_EC, 256, YEAR_2016},
    {KIND_DSA, 1024, NEVER}, {KIND_DSA, 2048, YEAR_2014}, {KIND_DSA, 16384, FEB_2024}, /* FIPS 186-5 dropped DSA */
};
static const char *const kind_names[] = {[KIND_RSA] = "RSA", [KIND_EC] = "elliptic curve", [KIND_DSA] = "DSA"};

/* A signature with such a digest counts only when issued before `issued`. */
static const struct {
    enum digest_id digest;
    rfd_time issued;
} digests[] = {
    {DIGEST_MD5, NEVER},
    {DIGEST_SHA1, YEAR_2017},
};

/* Signature algorithms that signature_algorithm_read() does not know but that old paths use. */
static const struct {
    enum oid_name oid;
    enum digest_id digest;
} old_algorithms[] = {
    {OID_RSA_MD5, DIGEST_MD5},         {OID_RSA_SHA1, DIGEST_SHA1},     {OID_ECDSA_SHA1, DIGEST_SHA1},
    {OID_DSA_SHA1, DIGEST_SHA1},       {OID_DSA_SHA256, DIGEST_SHA256}, {OID_RSA_SHA224, DIGEST_SHA224},
    {OID_ECDSA_SHA224, DIGEST_SHA224},
};

static slice algorithm_oid(slice algorithm)
{
    slice content;
    slice found;
    if (!der_take_optional(&algorithm, DER_SEQUENCE, &content)) return SLICE_EMPTY;
    return der_take_optional(&content, DER_OID, &found) ? found : SLICE_EMPTY;
}

bool strength_key_is_dsa(const struct certificate *c, bool *parameters)
{
    slice spki = c->spki;
    slice content;
    slice algorithm;
    slice found;
    if (!der_take_optional(&spki, DER_SEQUENCE, &content)) return false;
    if (!der_take_optional(&content, DER_SEQUENCE, &algorithm)) return false;
    if (!der_take_optional(&algorithm, DER_OID, &found) || !slice_equal(found, oid(OID_DSA))) return false;
    *parameters = der_peek(algorithm) == DER_SEQUENCE;
    return true;
}

/* 0 when nothing is known: a DSA key without parameters has those of its issuer, which is judged itself. */
static int dsa_bits(const struct certificate *c, bool parameters)
{
    if (!parameters) return 0;
    ERR_set_mark();
    struct evp_pkey_st *key = certificate_public_key(c, NULL);
    int bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);
    ERR_pop_to_mark();
    return bits;
}

static bool kind_and_bits(const struct certificate *c, enum strength_kind *kind, int *bits)
{
    bool parameters = false;
    *bits = c->key_bits_size;
    switch (c->key_type) {
    case KEY_RSA:
    case KEY_RSA_PSS: *kind = KIND_RSA; return true;
    case KEY_EC: *kind = KIND_EC; return true;
    case KEY_ED25519:
    case KEY_ED448: return false;
    case KEY_OTHER: break;
    }
    if (!strength_key_is_dsa(c, &parameters)) return false;
    *kind = KIND_DSA;
    *bits = dsa_bits(c, parameters);
    return *bits > 0;
}

static bool allowed_until(rfd_time limit, rfd_time at, rfd_time *until)
{
    if (limit != NEVER && limit - 1 < *until) *until = limit - 1;
    return at < limit;
}

bool strength_of_key(const struct certificate *c, rfd_time at, rfd_time *until, char *detail, size_t size)
{
    enum strength_kind kind = KIND_RSA;
    int bits = 0;
    if (!kind_and_bits(c, &kind, &bits)) return true;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].kind != kind || bits >= keys[i].bits) continue;
        if (allowed_until(keys[i].before, at, until)) return true;
        (void)snprintf(detail, size, "%s key of %d bits", kind_names[kind], bits);
        return false;
    }
    return true;
}

static enum digest_id digest_of_algorithm(slice algorithm)
{
    slice found = algorithm_oid(algorithm);
    for (size_t i = 0; i < sizeof old_algorithms / sizeof old_algorithms[0]; i++) {
        if (slice_equal(found, oid(old_algorithms[i].oid))) return old_algorithms[i].digest;
    }
    struct signature_algorithm read = {0};
    return signature_algorithm_read(algorithm, DIGEST_NONE, &read, NULL) == RFD_OK ? read.digest : DIGEST_NONE;
}

bool strength_of_signature(slice algorithm, rfd_time issued, char *detail, size_t size)
{
    enum digest_id digest = digest_of_algorithm(algorithm);
    if (digest == DIGEST_NONE) {
        (void)snprintf(detail, size, "unknown signature algorithm");
        return false;
    }
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++) {
        if (digests[i].digest != digest || issued < digests[i].issued) continue;
        char text[CLOCK_TEXT_SIZE];
        (void)snprintf(detail, size, "signature with %s, issued %s", digest_name(digest), clock_iso(issued, text));
        return false;
    }
    return true;
}
