/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/path/strength.h"

#include "base/clock.h"
#include "pki/algorithm.h"
#include "pki/oid.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum strength_kind { KIND_DIGEST, KIND_RSA, KIND_EC, KIND_DSA };

static const struct {
    enum strength_kind kind;
    struct strength_row row;
} table[] = {
#define STRENGTH(kind, name, bits, before, source) {KIND_##kind, {#kind, name, bits, before, source}},
#include "pki/path/strength.def"
#undef STRENGTH
};
enum { ROWS = sizeof table / sizeof table[0] };

const struct strength_row *strength_row(size_t index)
{
    return index < ROWS ? &table[index].row : NULL;
}

static rfd_time moment_of(int before)
{
    rfd_time moment = INT64_MIN;
    struct civil day = {.year = before / 10000, .month = before / 100 % 100, .day = before % 100};
    if (before == STRENGTH_NO_END) return INT64_MAX;
    return before != STRENGTH_NEVER && clock_from_civil(&day, &moment) ? moment : INT64_MIN;
}

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

rfd_time strength_end_of_key(const struct certificate *c, char *detail, size_t size)
{
    enum strength_kind kind = KIND_RSA;
    int bits = 0;
    rfd_time end = INT64_MIN;
    if (!kind_and_bits(c, &kind, &bits)) return INT64_MAX;
    const char *name = "";
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].kind != kind) continue;
        name = table[i].row.name;
        if (bits >= table[i].row.bits) end = moment_of(table[i].row.before);
    }
    if (detail != NULL) (void)snprintf(detail, size, "%s key of %d bits", name, bits);
    return end;
}

rfd_time strength_end_of_digest(enum digest_id digest, char *detail, size_t size)
{
    const char *name = digest_name(digest);
    if (detail != NULL) (void)snprintf(detail, size, "%s", name);
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].kind == KIND_DIGEST && strcmp(table[i].row.name, name) == 0) return moment_of(table[i].row.before);
    }
    return INT64_MIN;
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

rfd_time strength_end_of_signature(slice algorithm, char *detail, size_t size)
{
    enum digest_id digest = digest_of_algorithm(algorithm);
    if (digest != DIGEST_NONE) return strength_end_of_digest(digest, detail, size);
    if (detail != NULL) (void)snprintf(detail, size, "unknown signature algorithm");
    return INT64_MIN;
}

/* --- At a moment ------------------------------------------------------------------------------------------------- */

static bool holds(rfd_time end, rfd_time at, rfd_time *until)
{
    if (end != INT64_MAX && end != INT64_MIN && end - 1 < *until) *until = end - 1;
    return at < end;
}

bool strength_of_key(const struct certificate *c, rfd_time at, rfd_time *until, char *detail, size_t size)
{
    if (holds(strength_end_of_key(c, NULL, 0), at, until)) return true;
    (void)strength_end_of_key(c, detail, size);
    return false;
}

bool strength_of_signature(slice algorithm, rfd_time at, rfd_time *until, char *detail, size_t size)
{
    char name[64];
    if (holds(strength_end_of_signature(algorithm, NULL, 0), at, until)) return true;
    (void)strength_end_of_signature(algorithm, name, sizeof name);
    (void)snprintf(detail, size, "signature with %s", name);
    return false;
}
