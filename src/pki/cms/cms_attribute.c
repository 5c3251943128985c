/* SPDX-License-Identifier: EUPL-1.2
 *
 * Attributes of a SignerInfo (RFC 5652 §5.3, §11; RFC 5035; EN 319 122-1 §5): a table from type to reader. Types that
 * are not in it are signed like the rest and otherwise ignored.
 */
#include "pki/cms/cms_attribute.h"

#include "pki/oid.h"

#include "base/error.h"

enum { ATTRIBUTES_MAXIMUM = 64, TIMESTAMPS_MAXIMUM = 64 };

struct attribute {
    slice type;
    slice values; /* content of the SET */
    slice whole;
};

static rfd_status take_attribute(slice *in, struct attribute *out, struct rfd_error *error)
{
    struct der_item item;
    slice content;
    if (!der_next(in, &item) || item.tag != DER_SEQUENCE)
        return error_set(error, RFD_E_DER, "Attribute: not a SEQUENCE");
    content = item.content;
    out->whole = item.whole;
    TRY(der_take(&content, DER_OID, &out->type, "Attribute type", error));
    TRY(der_take(&content, DER_SET, &out->values, "Attribute values", error));
    return der_end_of(content, "Attribute", error);
}

/* --- Readers of one value ---------------------------------------------------------------------------------------- */

typedef rfd_status read_value(struct cms *c, const struct der_item *value, struct rfd_error *error);

static rfd_status expect(const struct der_item *value, uint8_t tag, const char *what, struct rfd_error *error)
{
    if (value->tag == tag) return RFD_OK;
    return error_set(error, RFD_E_CMS, "attribute %s: tag 0x%02x where 0x%02x belongs", what, value->tag, tag);
}

static rfd_status read_content_type(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    TRY(expect(value, DER_OID, "content-type", error));
    c->attribute_content_type = value->content;
    return RFD_OK;
}

static rfd_status read_message_digest(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    TRY(expect(value, DER_OCTET_STRING, "message-digest", error));
    c->message_digest = value->content;
    return RFD_OK;
}

static rfd_status read_signing_time(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    if (der_time(value->tag, value->content, &c->signing_time)) return RFD_OK;
    return error_set(error, RFD_E_CMS, "attribute signing-time: not a time (RFC 5652 §11.3)");
}

/* SigningCertificate(V2) { certs SEQUENCE OF ESSCertID(v2), policies OPTIONAL }: the first is the signer's
 * (RFC 5035 §3). */
static rfd_status read_first_identifier(const struct der_item *value, slice *out, struct rfd_error *error)
{
    slice rest = value->content;
    slice identifiers;
    TRY(expect(value, DER_SEQUENCE, "signing-certificate", error));
    TRY(der_take(&rest, DER_SEQUENCE, &identifiers, "signing-certificate", error));
    return der_take(&identifiers, DER_SEQUENCE, out, "ESSCertID", error);
}

static rfd_status read_signing_certificate(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    slice identifier;
    TRY(read_first_identifier(value, &identifier, error));
    c->has_signing_certificate = true;
    if (!c->has_signing_certificate_v2) c->signing_certificate = identifier;
    return RFD_OK;
}

static rfd_status read_signing_certificate_v2(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    TRY(read_first_identifier(value, &c->signing_certificate, error));
    c->has_signing_certificate_v2 = true;
    return RFD_OK;
}

/* SignaturePolicy ::= CHOICE { SignaturePolicyId, SignaturePolicyImplied NULL } (RFC 5126 §5.8.1). */
static rfd_status read_policy(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    slice rest = value->content;
    if (value->tag == DER_NULL) return RFD_OK;
    TRY(expect(value, DER_SEQUENCE, "signature-policy-identifier", error));
    return der_take(&rest, DER_OID, &c->policy_oid, "signature-policy-identifier", error);
}

static rfd_status read_commitment(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    slice rest = value->content;
    TRY(expect(value, DER_SEQUENCE, "commitment-type-indication", error));
    TRY(der_take(&rest, DER_OID, &c->commitment_oid, "commitment-type-indication", error));
    enum oid_name name = oid_find(c->commitment_oid);
    if (name == OID_COMMITMENT_ORIGIN) c->commitment = CMS_COMMITMENT_ORIGIN;
    if (name == OID_COMMITMENT_APPROVAL) c->commitment = CMS_COMMITMENT_APPROVAL;
    return RFD_OK;
}

static rfd_status read_revocation_archival(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    TRY(expect(value, DER_SEQUENCE, "revocationInfoArchival", error));
    c->revocation_archival = value->whole;
    return RFD_OK;
}

static rfd_status read_algorithm_protection(struct cms *c, const struct der_item *value, struct rfd_error *error)
{
    TRY(expect(value, DER_SEQUENCE, "cms-algorithm-protection", error));
    c->algorithm_protection = value->content;
    return RFD_OK;
}

/* `single`: exactly one value (RFC 5652 §11.1-11.3, RFC 5035 §3 and §5.4, RFC 6211 §2); of the others the first counts.
 */
static const struct {
    enum oid_name type;
    bool single;
    read_value *read;
} readers[] = {
    {OID_CONTENT_TYPE, true, read_content_type},
    {OID_MESSAGE_DIGEST, true, read_message_digest},
    {OID_SIGNING_TIME, true, read_signing_time},
    {OID_SIGNING_CERTIFICATE, true, read_signing_certificate},
    {OID_SIGNING_CERTIFICATE_V2, true, read_signing_certificate_v2},
    {OID_SIGNATURE_POLICY, true, read_policy},
    {OID_COMMITMENT_TYPE, false, read_commitment},
    {OID_REVOCATION_ARCHIVAL, false, read_revocation_archival},
    {OID_CMS_ALGORITHM_PROTECT, true, read_algorithm_protection},
};

static rfd_status read_attribute(struct cms *c, const struct attribute *a, struct rfd_error *error)
{
    enum oid_name type = oid_find(a->type);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        if (readers[i].type != type) continue;
        slice rest = a->values;
        struct der_item value;
        char text[OID_TEXT_SIZE];
        if (!der_next(&rest, &value) || (readers[i].single && rest.length > 0)) {
            return error_set(error, RFD_E_CMS, "attribute %s: not exactly one value", oid_text(a->type, text));
        }
        return readers[i].read(c, &value, error);
    }
    return RFD_OK;
}

/* --- The sets ---------------------------------------------------------------------------------------------------- */

static bool seen_before(const slice *types, size_t count, slice type)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(types[i], type)) return true;
    }
    return false;
}

rfd_status cms_read_signed_attributes(struct cms *c, struct rfd_error *error)
{
    slice types[ATTRIBUTES_MAXIMUM];
    slice rest = c->signed_attributes;
    slice previous = SLICE_EMPTY;
    size_t count = 0;
    if (rest.length == 0) return error_set(error, RFD_E_CMS, "signedAttrs is empty (RFC 5652 §5.3)");
    while (rest.length > 0) {
        struct attribute a;
        char text[OID_TEXT_SIZE];
        TRY(take_attribute(&rest, &a, error));
        if (seen_before(types, count, a.type)) {
            return error_set(error, RFD_E_CMS, "signed attribute %s occurs twice", oid_text(a.type, text));
        }
        if (count == ATTRIBUTES_MAXIMUM) return error_set(error, RFD_E_CMS, "too many signed attributes");
        types[count++] = a.type;
        if (slice_compare(previous, a.whole) > 0) c->attributes_sorted = false;
        previous = a.whole;
        TRY(read_attribute(c, &a, error));
    }
    return RFD_OK;
}

/* Both forms occur: several attributes of one value and one attribute of several values. */
rfd_status cms_read_unsigned_attributes(struct cms *c, struct rfd_error *error)
{
    slice rest = c->unsigned_attributes;
    for (int count = 0; rest.length > 0; count++) {
        struct attribute a;
        struct der_item value;
        if (count == ATTRIBUTES_MAXIMUM) return error_set(error, RFD_E_CMS, "too many unsigned attributes");
        TRY(take_attribute(&rest, &a, error));
        if (!slice_equal(a.type, oid(OID_SIGNATURE_TIMESTAMP))) continue;
        while (a.values.length > 0) {
            if (!der_next(&a.values, &value)) return error_set(error, RFD_E_DER, "signature-time-stamp: not DER");
            if (c->signature_timestamp_count == TIMESTAMPS_MAXIMUM) {
                return error_set(error, RFD_E_CMS, "more than %d signature time-stamps", TIMESTAMPS_MAXIMUM);
            }
            if (c->signature_timestamp_count++ == 0) c->signature_timestamp = value.whole;
        }
    }
    return RFD_OK;
}

slice cms_signature_timestamp(const struct cms *c, size_t n)
{
    slice rest = c->unsigned_attributes;
    struct attribute a;
    struct der_item value;
    while (rest.length > 0 && take_attribute(&rest, &a, NULL) == RFD_OK) {
        if (!slice_equal(a.type, oid(OID_SIGNATURE_TIMESTAMP))) continue;
        while (der_next(&a.values, &value)) {
            if (n-- == 0) return value.whole;
        }
    }
    return SLICE_EMPTY;
}
