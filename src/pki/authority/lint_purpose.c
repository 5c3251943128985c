/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of what a key is for: key usage, basic constraints, extended key usage.
 */
#include "pki/authority/lint_internal.h"

bool lint_rule_usage_present(const struct lint_target *t)
{
    return t->certificate->has_key_usage;
}

/* A named bit list: at least one bit, no zero bits behind the last, as many unused ones as the first octet says. */
bool lint_rule_usage_form(const struct lint_target *t)
{
    slice value;
    slice bits;
    if (!lint_extension(t, OID_KEY_USAGE, &value)) return true;
    if (!der_take_optional(&value, DER_BIT_STRING, &bits) || value.length > 0) return false;
    if (bits.length < 2 || bits.length > 3 || bits.data[0] > 7) return false;
    uint8_t last = bits.data[bits.length - 1];
    return (last & (0xFFU >> (8 - bits.data[0]))) == 0 && (last & 1U << bits.data[0]) != 0;
}

bool lint_rule_authority_constraints(const struct lint_target *t)
{
    const unsigned duties = KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    slice value;
    bool critical = false;
    return t->certificate->is_ca &&
           certificate_extension(t->certificate, oid(OID_BASIC_CONSTRAINTS), &value, &critical) && critical &&
           (t->certificate->key_usage & duties) == duties && (t->certificate->key_usage & ~duties) == 0;
}

bool lint_rule_user_constraints(const struct lint_target *t)
{
    slice list;
    slice value;
    if (t->certificate->is_ca) return false;
    if ((t->certificate->key_usage & (KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN)) != 0) return false;
    if (!lint_extension(t, OID_BASIC_CONSTRAINTS, &value)) return true;
    return lint_extension_list(t, OID_BASIC_CONSTRAINTS, &list) && list.length == 0;
}

bool lint_rule_purposes_form(const struct lint_target *t)
{
    enum { SEEN_MAXIMUM = 16 };
    slice seen[SEEN_MAXIMUM];
    slice value;
    slice list = SLICE_EMPTY;
    if (!lint_extension(t, OID_EXTENDED_KEY_USAGE, &value)) return true;
    if (!lint_extension_list(t, OID_EXTENDED_KEY_USAGE, &list) || list.length == 0) return false;
    for (size_t count = 0; list.length > 0; count++) {
        if (count == SEEN_MAXIMUM || !der_take_optional(&list, DER_OID, &seen[count])) return false;
        if (slice_equal(seen[count], oid(OID_ANY_EXTENDED_KEY_USAGE))) return false;
        for (size_t i = 0; i < count; i++) {
            if (slice_equal(seen[i], seen[count])) return false;
        }
    }
    return true;
}

static bool is_for(const struct lint_target *t, enum oid_name purpose, bool *critical, bool *alone)
{
    return certificate_has_eku(t->certificate, oid(purpose), NULL, critical, alone);
}

bool lint_rule_ocsp_purpose(const struct lint_target *t)
{
    slice value;
    bool alone = false;
    return is_for(t, OID_EKU_OCSP_SIGNING, NULL, &alone) && alone && lint_extension(t, OID_OCSP_NOCHECK, &value) &&
           slice_equal(value, SLICE("\x05\x00")) && t->certificate->key_usage == KEY_USAGE_DIGITAL_SIGNATURE;
}

bool lint_rule_ocsp_strangers(const struct lint_target *t)
{
    slice value;
    return !is_for(t, OID_EKU_OCSP_SIGNING, NULL, NULL) && !lint_extension(t, OID_OCSP_NOCHECK, &value);
}

bool lint_rule_time_purpose(const struct lint_target *t)
{
    const unsigned allowed = KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION;
    bool critical = false;
    bool alone = false;
    return is_for(t, OID_EKU_TIME_STAMPING, &critical, &alone) && critical && alone &&
           (t->certificate->key_usage & ~allowed) == 0;
}

bool lint_rule_time_strangers(const struct lint_target *t)
{
    return !is_for(t, OID_EKU_TIME_STAMPING, NULL, NULL);
}
