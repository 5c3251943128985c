/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rules of the fields of a TBSCertificate (RFC 5280 §4.1.2).
 */
#include "base/clock.h"
#include "pki/algorithm.h"
#include "pki/authority/key_check.h"
#include "pki/authority/lint_internal.h"

enum { SERIAL_MAXIMUM = 20, SERIAL_LEAST = 8 };

/* The content of the TBSCertificate; it was parsed before, so it is one. */
static slice tbs_of(const struct lint_target *t)
{
    slice tbs = t->certificate->tbs;
    slice content = SLICE_EMPTY;
    (void)der_take_optional(&tbs, DER_SEQUENCE, &content);
    return content;
}

bool lint_rule_version(const struct lint_target *t)
{
    slice in = tbs_of(t);
    slice tagged;
    return der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &tagged) && slice_equal(tagged, SLICE("\x02\x01\x02"));
}

bool lint_rule_serial_positive(const struct lint_target *t)
{
    slice serial = t->certificate->serial;
    if (serial.data[0] >= 0x80) return false;
    return serial.data[0] != 0 || (serial.length > 1 && serial.data[1] >= 0x80);
}

bool lint_rule_serial_length(const struct lint_target *t)
{
    return t->certificate->serial.length <= SERIAL_MAXIMUM;
}

bool lint_rule_serial_entropy(const struct lint_target *t)
{
    return t->certificate->serial.length >= SERIAL_LEAST;
}

bool lint_rule_algorithm_strong(const struct lint_target *t)
{
    struct signature_algorithm a;
    return signature_algorithm_read(t->certificate->signature_algorithm, DIGEST_NONE, &a, NULL) == RFD_OK &&
           digest_is_strong(a.digest);
}

/* Written anew it is the same. */
bool lint_rule_algorithm_form(const struct lint_target *t)
{
    uint8_t bytes[256];
    struct buf b = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct signature_algorithm a;
    if (signature_algorithm_read(t->certificate->signature_algorithm, DIGEST_NONE, &a, NULL) != RFD_OK) return true;
    signature_algorithm_put(&b, &a);
    return slice_equal(buf_slice(&b), t->certificate->signature_algorithm);
}

bool lint_rule_issuer_name(const struct lint_target *t)
{
    const struct certificate *c = t->certificate;
    return slice_equal(c->issuer, t->issuer == NULL ? c->subject : t->issuer->subject) && c->issuer.length > 2;
}

bool lint_rule_validity_order(const struct lint_target *t)
{
    return t->certificate->not_before <= t->certificate->not_after;
}

bool lint_rule_validity_nested(const struct lint_target *t)
{
    return t->issuer == NULL ||
           (t->certificate->not_before >= t->issuer->not_before && t->certificate->not_after <= t->issuer->not_after);
}

static bool is_time_in_form(slice *in)
{
    struct der_item item;
    rfd_time time;
    if (!der_next(in, &item) || !der_time(item.tag, item.content, &time)) return false;
    int year = clock_civil(time).year;
    bool generalized = year < 1950 || year >= 2050;
    return item.tag == (generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME) &&
           item.content.length == (generalized ? 15U : 13U) && item.content.data[item.content.length - 1] == 'Z';
}

bool lint_rule_validity_form(const struct lint_target *t)
{
    slice in = tbs_of(t);
    slice validity = SLICE_EMPTY;
    struct der_item item;
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &validity);
    for (int field = 0; field < 4 && der_next(&in, &item); field++) validity = item.content;
    bool from = is_time_in_form(&validity);
    bool to = is_time_in_form(&validity);
    return from && to;
}

bool lint_rule_subject_present(const struct lint_target *t)
{
    return t->certificate->subject.length > 2;
}

bool lint_rule_unique_ids(const struct lint_target *t)
{
    slice in = tbs_of(t);
    struct der_item item;
    while (der_next(&in, &item)) {
        if (item.tag == DER_CONTEXT(1) || item.tag == DER_CONTEXT(2)) return false;
    }
    return true;
}

/* Factors, and that the point is on its curve, were seen to when the profile was applied. */
bool lint_rule_key_good(const struct lint_target *t)
{
    struct key_rules rules = KEY_RULES_USUAL;
    rules.kinds |= KEY_KIND_ED25519;
    rules.rsa_bits_maximum = 8192;
    return key_check(t->certificate->spki, &rules, NULL, NULL) == RFD_OK;
}
