/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a profile and an order to a certificate: key, subject, validity, extensions, rules, signature, in this order.
 */
#include "pki/authority/profile.h"

#include "base/error.h"
#include "base/text.h"
#include "pki/authority/profile_extension.h"
#include "pki/issue/issue.h"

#define DAY (86400 * RFD_SECOND)
enum { SERIAL_MAXIMUM = 20, DAYS_MAXIMUM = 36525, BACKDATED_MAXIMUM = 86400 };

/* --- Subject ----------------------------------------------------------------------------------------------------- */

static const char *value_for(const struct profile_attribute *a, const struct profile_order *order)
{
    if (a->fixed != NULL) return a->fixed;
    for (size_t i = 0; i < order->value_count; i++) {
        if (order->values[i].type == a->type) return order->values[i].text;
    }
    return NULL;
}

static const char *attribute_name(enum oid_name type, char text[OID_TEXT_SIZE])
{
    return oid_text(oid(type), text);
}

/* Nothing that the record brings is dropped in silence. */
static rfd_status check_foreseen(const struct profile *p, const struct profile_order *order, struct rfd_error *error)
{
    for (size_t i = 0; i < order->value_count; i++) {
        size_t at = 0;
        size_t same = i + 1;
        while (at < p->attribute_count &&
               (p->attributes[at].type != order->values[i].type || p->attributes[at].fixed != NULL))
            at++;
        while (same < order->value_count && order->values[same].type != order->values[i].type) same++;
        if (at < p->attribute_count && same == order->value_count) continue;
        char text[OID_TEXT_SIZE];
        return error_set(error, RFD_E_ARGUMENT, "%s: attribute %s is not foreseen, or twice", p->name,
                         attribute_name(order->values[i].type, text));
    }
    return RFD_OK;
}

static rfd_status check_value(const struct profile *p, const struct profile_attribute *a, const char *value,
                              struct rfd_error *error)
{
    char text[OID_TEXT_SIZE];
    if (value == NULL) {
        if (!a->required) return RFD_OK;
        return error_set(error, RFD_E_ARGUMENT, "%s: attribute %s is missing", p->name, attribute_name(a->type, text));
    }
    slice bytes = slice_text(value);
    if (bytes.length == 0 || !text_is_utf8(bytes)) {
        return error_set(error, RFD_E_ARGUMENT, "%s: attribute %s is empty or not UTF-8", p->name,
                         attribute_name(a->type, text));
    }
    if (a->prefix != NULL && (!slice_starts(bytes, slice_text(a->prefix)) || bytes.length == strlen(a->prefix))) {
        return error_set(error, RFD_E_ARGUMENT, "%s: attribute %s does not begin with %s", p->name,
                         attribute_name(a->type, text), a->prefix);
    }
    return RFD_OK;
}

static rfd_status put_subject(struct buf *b, const struct profile *p, const struct profile_order *order,
                              struct rfd_error *error)
{
    struct issue_name_part parts[PROFILE_ATTRIBUTES_MAXIMUM];
    TRY(check_foreseen(p, order, error));
    for (size_t i = 0; i < p->attribute_count; i++) {
        parts[i].type = p->attributes[i].type;
        parts[i].text = value_for(&p->attributes[i], order);
        TRY(check_value(p, &p->attributes[i], parts[i].text, error));
    }
    issue_put_name(b, parts, p->attribute_count);
    return buf_check(b, "subject", error);
}

/* --- Validity ---------------------------------------------------------------------------------------------------- */

/* Whole seconds; the last one belongs to it (RFC 5280 §4.1.2.5). Never before or after the authority's own. */
static rfd_status put_validity(struct buf *b, const struct profile *p, const struct certificate *issuer, rfd_time now,
                               struct rfd_error *error)
{
    if (p->validity_days == 0 || p->validity_days > DAYS_MAXIMUM || p->backdated_seconds > BACKDATED_MAXIMUM) {
        return error_set(error, RFD_E_ARGUMENT, "%s: valid for %u days", p->name, p->validity_days);
    }
    rfd_time from = now / RFD_SECOND * RFD_SECOND;
    rfd_time to = from + p->validity_days * DAY - RFD_SECOND;
    from -= (rfd_time)p->backdated_seconds * RFD_SECOND;
    if (issuer != NULL) {
        if (from < issuer->not_before) from = issuer->not_before;
        if (to > issuer->not_after && p->may_end_with_issuer) to = issuer->not_after;
        if (to > issuer->not_after) {
            return error_set(error, RFD_E_ARGUMENT, "%s: the certificate would outlive its authority", p->name);
        }
    }
    if (to <= from || now > to) return error_set(error, RFD_E_ARGUMENT, "%s: the authority has expired", p->name);
    size_t validity = der_open(b, DER_SEQUENCE);
    der_put_time(b, from);
    der_put_time(b, to);
    der_close(b, validity);
    return RFD_OK;
}

/* --- TBSCertificate ---------------------------------------------------------------------------------------------- */

static bool is_serial(slice serial)
{
    size_t zeros = 0;
    while (zeros < serial.length && serial.data[zeros] == 0) zeros++;
    slice number = slice_from(serial, zeros);
    return number.length > 0 && number.length + (number.data[0] >= 0x80 ? 1 : 0) <= SERIAL_MAXIMUM;
}

/* The bits of a SubjectPublicKeyInfo that key_check() found good. */
static slice key_bits_of(slice spki)
{
    slice content = SLICE_EMPTY;
    slice algorithm;
    slice bits = SLICE_EMPTY;
    (void)der_take_optional(&spki, DER_SEQUENCE, &content);
    (void)der_take_optional(&content, DER_SEQUENCE, &algorithm);
    (void)der_take_optional(&content, DER_BIT_STRING, &bits);
    return slice_from(bits, 1);
}

static rfd_status check_order(const struct profile *p, const struct profile_order *order, struct rfd_error *error)
{
    if (!is_serial(order->serial)) {
        return error_set(error, RFD_E_ARGUMENT, "a serial number of %zu octets, or zero", order->serial.length);
    }
    if (p->attribute_count > PROFILE_ATTRIBUTES_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "%s: too many attributes", p->name);
    /* What costs nothing is looked at in any case. */
    if (order->key_checked) return key_check(order->spki, &p->keys, NULL, error);
    return key_check_thoroughly(order->spki, &p->keys, error);
}

static void put_version(struct buf *b)
{
    size_t version = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put_unsigned(b, 2);
    der_close(b, version);
}

static rfd_status put_tbs(const struct profile *p, const struct authority_signer *issuer,
                          const struct profile_order *order, slice subject, struct buf *b, struct rfd_error *error)
{
    uint8_t key_id[ISSUE_KEY_ID_SIZE];
    const struct certificate *authority = issuer->certificate;
    TRY(issue_key_id(key_bits_of(order->spki), key_id, error));
    size_t tbs = der_open(b, DER_SEQUENCE);
    put_version(b);
    der_put_integer(b, order->serial);
    signature_algorithm_put(b, &issuer->algorithm);
    buf_put_slice(b, authority == NULL ? subject : authority->subject);
    TRY(put_validity(b, p, authority, order->now, error));
    buf_put_slice(b, subject);
    buf_put_slice(b, order->spki);
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(3));
    size_t list = der_open(b, DER_SEQUENCE);
    TRY(profile_put_extensions(b, p, order, slice_of(key_id, sizeof key_id),
                               authority == NULL ? SLICE_EMPTY : authority->subject_key_id, error));
    der_close(b, list);
    der_close(b, tagged);
    der_close(b, tbs);
    return buf_check(b, "TBSCertificate", error);
}

rfd_status profile_build(const struct profile *p, const struct authority_signer *issuer,
                         const struct profile_order *order, struct buf *out, struct rfd_error *error)
{
    uint8_t bytes[4096];
    struct buf subject = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    size_t before = out->length;
    TRY(check_order(p, order, error));
    TRY(put_subject(&subject, p, order, error));
    rfd_status status = put_tbs(p, issuer, order, buf_slice(&subject), out, error);
    if (status != RFD_OK) out->length = before;
    return status;
}

/* --- Certificate ------------------------------------------------------------------------------------------------- */

rfd_status profile_issue(const struct profile *p, const struct authority_signer *issuer,
                         const struct profile_order *order, struct buf *out, struct rfd_error *error)
{
    enum { USUAL_SIZE = 3072 };
    size_t before = out->length;
    rfd_status status;
    (void)buf_reserve(out, USUAL_SIZE);
    size_t certificate = der_open(out, DER_SEQUENCE);
    TRY_OUT(profile_build(p, issuer, order, out, error));
    status = lint_certificate(slice_from(buf_slice(out), certificate), issuer->certificate, p->kind, NULL, NULL, error);
    if (status == RFD_E_ARGUMENT) status = RFD_E_LINT;
    if (status != RFD_OK) {
        if (error != NULL) error->code = status;
        goto out;
    }
    TRY_OUT(authority_put_signature(out, certificate, issuer, error));
    der_close(out, certificate);
    status = buf_check(out, "certificate", error);
out:
    if (status != RFD_OK) out->length = before;
    return status;
}

rfd_status profile_issue_root(const struct profile *p, const struct authority_signer *signer,
                              const struct profile_order *order, struct buf *out, struct rfd_error *error)
{
    struct authority_signer alone = *signer;
    alone.certificate = NULL;
    return profile_issue(p, &alone, order, out, error);
}
