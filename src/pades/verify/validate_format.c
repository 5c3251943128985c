/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a signature is made of (EN 319 102-1 §5.2.2): its format, what its dictionary and its CMS say, and the
 * certificates and evidence that came along. Nothing is verified here.
 */
#include "pades/verify/validate.h"

#include "pades/bare_rsa.h"

#include "base/error.h"
#include "pki/oid.h"

enum { REVOCATION_VALUES_MAXIMUM = 1000 };

/* --- Format ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *sub_filter;
    enum signature_format format;
} formats[] = {
    {"ETSI.CAdES.detached", FORMAT_DETACHED}, {"adbe.pkcs7.detached", FORMAT_DETACHED},
    {"ETSI.RFC3161", FORMAT_TIMESTAMP},       {"adbe.pkcs7.sha1", FORMAT_DIGEST_INSIDE},
    {"adbe.x509.rsa_sha1", FORMAT_BARE_RSA},
};

static enum signature_format format_of(const struct pdf_signature *signature)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (slice_is(signature->sub_filter, formats[i].sub_filter)) return formats[i].format;
    }
    return FORMAT_UNKNOWN;
}

/* Only zeros may fill up the reserved space (ISO 32000-2 §12.8.3.3.1): anything else could hide content. */
static bool padding_is_zero(slice contents)
{
    size_t length = der_total_length(contents);
    for (size_t i = length; length > 0 && i < contents.length; i++) {
        if (contents.data[i] != 0) return false;
    }
    return true;
}

static rfd_status parse(struct signature_state *s, struct rfd_error *error)
{
    slice contents = s->dictionary.contents;
    switch (s->format) {
    case FORMAT_TIMESTAMP: return timestamp_parse(contents, &s->token, error);
    case FORMAT_BARE_RSA: return bare_rsa_read(&s->dictionary, &s->token.cms, error);
    default: return cms_parse(contents, &s->token.cms, error);
    }
}

static rfd_status read_contents(struct signature_state *s, struct rfd_error *error)
{
    struct rfd_error why = RFD_ERROR_INIT;
    slice contents = s->dictionary.contents;
    rfd_status status = parse(s, &why);
    if (validate_is_fatal(status)) return error_set(error, status, "%s", why.detail);
    s->parsed = status == RFD_OK;
    if (s->parsed) return RFD_OK;
    enum rfd_finding_code code = padding_is_zero(contents) ? RFD_FINDING_CMS_MALFORMED : RFD_FINDING_PADDING_NOT_ZERO;
    if (!findings_has(&s->findings, RFD_FINDING_CONTENTS_EMPTY) &&
        !findings_has(&s->findings, RFD_FINDING_CONTENTS_MISSING)) {
        findings_add(&s->findings, code, "%s", why.detail);
    }
    return RFD_OK;
}

/* The digest algorithm that the signature uses over the document's bytes. */
enum digest_id validate_document_digest(const struct signature_state *s)
{
    if (!s->parsed) return DIGEST_NONE;
    if (s->format == FORMAT_TIMESTAMP) return s->token.imprint_digest;
    return s->format == FORMAT_DIGEST_INSIDE ? DIGEST_SHA1 : s->token.cms.digest;
}

/* Kind and words of the dictionary. The commitment of a visto bueno is "proof of approval" (EN 319 122-1 §5.2.3). */
static rfd_status describe(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    const struct pdf_signature *d = &s->dictionary;
    struct rfd_signature_report *r = &s->report;
    r->kind = RFD_KIND_APPROVAL;
    if (s->format == FORMAT_TIMESTAMP || d->document_timestamp)
        r->kind = RFD_KIND_DOCUMENT_TIMESTAMP;
    else if (d->docmdp != 0)
        r->kind = RFD_KIND_CERTIFICATION;
    else if (s->parsed && s->token.cms.commitment == CMS_COMMITMENT_APPROVAL)
        r->kind = RFD_KIND_ENDORSEMENT;
    r->certification = r->kind == RFD_KIND_CERTIFICATION ? d->docmdp : 0;
    r->claimed_time = d->claimed_time;
    if (r->claimed_time == RFD_TIME_NONE && s->parsed) r->claimed_time = s->token.cms.signing_time;
    if (s->parsed) {
        enum digest_id id = validate_document_digest(s);
        r->digest_algorithm = id == DIGEST_NONE ? "" : digest_name(id);
        if (s->token.cms.algorithm.scheme != SCHEME_NONE) {
            const char *name = signature_algorithm_name(&s->token.cms.algorithm);
            TRY(validate_text(v, slice_text(name), &r->signature_algorithm, error));
        }
    }
    TRY(validate_text(v, d->sub_filter, &r->sub_filter, error));
    TRY(validate_text(v, d->reason, &r->reason, error));
    TRY(validate_text(v, d->location, &r->location, error));
    TRY(validate_text(v, d->contact, &r->contact, error));
    return validate_text(v, d->name, &r->name, error);
}

static void note_format(struct signature_state *s)
{
    const struct cms *cms = &s->token.cms;
    if (s->format == FORMAT_UNKNOWN) findings_add(&s->findings, RFD_FINDING_SUB_FILTER_UNKNOWN, NULL);
    if ((s->format == FORMAT_TIMESTAMP) != s->dictionary.document_timestamp) {
        findings_add(&s->findings, RFD_FINDING_SUB_FILTER_UNKNOWN, "a document time stamp that is not ETSI.RFC3161");
    }
    if (!s->parsed) return;
    if (s->format == FORMAT_DETACHED && cms->has_content) findings_add(&s->findings, RFD_FINDING_CMS_HAS_CONTENT, NULL);
    if (!cms->has_signed_attributes)
        findings_add(&s->findings, RFD_FINDING_SIGNED_ATTRIBUTES_MISSING, NULL);
    else if (!cms->attributes_sorted)
        findings_add(&s->findings, RFD_FINDING_SIGNED_ATTRIBUTES_UNSORTED, NULL);
}

rfd_status validate_format(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    s->format = format_of(&s->dictionary);
    if (s->coverage.has_revision) s->report.revision = (uint32_t)s->coverage.revision + 1;
    s->report.covers_whole_file = s->coverage.well_formed && s->coverage.whole_file;
    if (s->format != FORMAT_UNKNOWN) TRY(read_contents(s, error));
    note_format(s);
    enum digest_id id = validate_document_digest(s);
    if (id != DIGEST_NONE && s->coverage.well_formed) {
        TRY(ranges_add(v->ranges, id, s->dictionary.byte_range, &s->digest, error));
        s->has_digest = true;
    }
    return describe(v, s, error);
}

/* --- What came along --------------------------------------------------------------------------------------------- */

static rfd_status gather_one(struct validation *v, slice der, bool is_crl, struct rfd_error *error)
{
    rfd_status status = revocation_store_add(&v->evidence, der, is_crl, REVOCATION_FROM_SIGNATURE, error);
    return validate_is_fatal(status) ? status : RFD_OK; /* what cannot be read speaks for nothing */
}

static rfd_status gather_sequence(struct validation *v, slice list, bool is_crl, struct rfd_error *error)
{
    struct der_item item;
    for (int n = 0; n < REVOCATION_VALUES_MAXIMUM && der_next(&list, &item); n++) {
        TRY(gather_one(v, item.whole, is_crl, error));
    }
    return RFD_OK;
}

/* RevocationInfoChoice: a CertificateList, or [1] { OID, info } (RFC 5652 §10.2.1) with an OCSPResponse (RFC 5940). */
static rfd_status gather_crls(struct validation *v, slice list, struct rfd_error *error)
{
    struct der_item item, value;
    slice type;
    for (int n = 0; n < REVOCATION_VALUES_MAXIMUM && der_next(&list, &item); n++) {
        if (item.tag == DER_SEQUENCE) {
            TRY(gather_one(v, item.whole, true, error));
        } else if (item.tag == DER_CONTEXT_CONSTRUCTED(1) && der_take_optional(&item.content, DER_OID, &type) &&
                   slice_equal(type, oid(OID_REVOCATION_INFO_OCSP)) && der_next(&item.content, &value)) {
            TRY(gather_one(v, value.whole, false, error));
        }
    }
    return RFD_OK;
}

/* RevocationInfoArchival { crl [0], ocsp [1], otherRevInfo [2] } (ISO 32000-2 §12.8.3.3.2). */
static rfd_status gather_archival(struct validation *v, slice value, struct rfd_error *error)
{
    slice archival, tagged, list;
    if (!der_take_optional(&value, DER_SEQUENCE, &archival)) return RFD_OK;
    for (uint8_t n = 0; n < 2; n++) {
        if (!der_take_optional(&archival, DER_CONTEXT_CONSTRUCTED(n), &tagged)) continue;
        if (!der_take_optional(&tagged, DER_SEQUENCE, &list)) continue;
        TRY(gather_sequence(v, list, n == 0, error));
    }
    return RFD_OK;
}

static bool is_signer(const struct cms *cms, const struct certificate *c)
{
    if (cms->signer_key_id.length > 0) return slice_equal(c->subject_key_id, cms->signer_key_id);
    return slice_equal(c->issuer, cms->signer_issuer) && slice_equal(c->serial, cms->signer_serial);
}

static const struct certificate *find_signer(const struct validation *v, const struct cms *cms)
{
    for (size_t i = 0; i < v->certificates.count; i++) {
        if (is_signer(cms, v->certificates.items[i])) return v->certificates.items[i];
    }
    return NULL;
}

rfd_status validate_gather(struct validation *v, struct signature_state *s, struct rfd_error *error)
{
    const struct cms *cms = &s->token.cms;
    if (!s->parsed) return RFD_OK;
    size_t first = v->evidence.count;
    TRY(validate_share(v, cms, &s->signer, error));
    if (s->signer == NULL) {
        s->signer = find_signer(v, cms);
        findings_add(&s->findings, RFD_FINDING_SIGNER_CERTIFICATE_MISSING, s->signer == NULL ? NULL : "%s",
                     "it was found elsewhere in the document");
    }
    TRY(gather_crls(v, cms->crls, error));
    TRY(gather_archival(v, cms->revocation_archival, error));
    return validate_brought(v, s, cms, first, error);
}
