/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading of ContentInfo { SignedData } (RFC 5652 §3, §5) from strangers. One pass over strict DER that only takes
 * slices; nothing is copied but certificates (and everything once, when it came as BER). What is structure is judged
 * here; whether signature and digests are right is cms_verify's affair. Attributes are read in cms_attribute.c.
 */
#include "pki/cms/cms.h"

#include "pki/cms/cms_attribute.h"
#include "pki/oid.h"

#include "base/error.h"

enum { CERTIFICATES_MAXIMUM = 256, DIGEST_ALGORITHMS_MAXIMUM = 32 };

/* --- The bytes --------------------------------------------------------------------------------------------------- */

static rfd_status check_padding(slice padding, struct rfd_error *error)
{
    for (size_t i = 0; i < padding.length; i++) {
        if (padding.data[i] == 0) continue;
        return error_set(error, RFD_E_CMS, "a byte other than zero after the end of the ContentInfo, at +%zu", i);
    }
    return RFD_OK;
}

/* Indefinite length outside means BER throughout (RFC 5652 §5.1 lets eContent and the rest be BER). Each element grows
 * by less than its own size when its length is written out. */
static rfd_status find_bytes(slice bytes, struct cms *c, struct rfd_error *error)
{
    if (bytes.length >= 2 && bytes.data[0] == DER_SEQUENCE && bytes.data[1] == 0x80) {
        if (bytes.length > SIZE_MAX / 4) return error_set(error, RFD_E_LIMIT, "CMS of %zu bytes", bytes.length);
        buf_init(&c->owned, bytes.length * 2 + 64);
        TRY(der_from_ber(bytes, &c->owned, error));
        c->was_ber = true;
        c->der = buf_slice(&c->owned);
        return RFD_OK;
    }
    size_t length = der_total_length(bytes);
    if (length == 0) return error_set(error, RFD_E_CMS, "ContentInfo: not DER, cut short or empty (X.690 §10.1)");
    c->der = slice_part(bytes, 0, length);
    return check_padding(slice_from(bytes, length), error);
}

/* --- Parts of SignedData ----------------------------------------------------------------------------------------- */

static rfd_status take_version(slice *in, int *out, const char *what, struct rfd_error *error)
{
    slice content;
    uint64_t version;
    TRY(der_take(in, DER_INTEGER, &content, what, error));
    if (!der_unsigned(content, &version) || version > 5) return error_set(error, RFD_E_CMS, "%s: out of range", what);
    *out = (int)version;
    return RFD_OK;
}

/* AlgorithmIdentifier of a digest: parameters absent, NULL (RFC 5754 §2 has receivers take both), or the length of
 * id-shake256-len (RFC 8702 §3.1 never, RFC 8419 §2.3: 512). */
static rfd_status read_digest_algorithm(slice content, enum digest_id *out, struct rfd_error *error)
{
    slice type, parameters;
    uint64_t bits;
    TRY(der_take(&content, DER_OID, &type, "digest algorithm", error));
    if (der_take_optional(&content, DER_NULL, &parameters) && parameters.length != 0) {
        return error_set(error, RFD_E_DER, "digest algorithm: NULL with content");
    }
    if (der_take_optional(&content, DER_INTEGER, &parameters) && (!der_unsigned(parameters, &bits) || bits != 512)) {
        return error_set(error, RFD_E_CMS, "digest algorithm: an output length other than 512 bits");
    }
    TRY(der_end_of(content, "digest algorithm", error));
    *out = digest_from_oid(type);
    return RFD_OK;
}

static rfd_status check_digest_listed(slice algorithms, struct cms *c, struct rfd_error *error)
{
    for (int count = 0; algorithms.length > 0; count++) {
        slice content;
        enum digest_id id;
        if (count == DIGEST_ALGORITHMS_MAXIMUM) return error_set(error, RFD_E_CMS, "too many digestAlgorithms");
        TRY(der_take(&algorithms, DER_SEQUENCE, &content, "digestAlgorithms", error));
        TRY(read_digest_algorithm(content, &id, error));
        if (id != DIGEST_NONE && id == c->digest) c->digest_listed = true;
    }
    return RFD_OK;
}

/* EncapsulatedContentInfo (RFC 5652 §5.2). */
static rfd_status read_content(slice in, struct cms *c, struct rfd_error *error)
{
    slice wrapped;
    TRY(der_take(&in, DER_OID, &c->content_type, "eContentType", error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &wrapped)) {
        TRY(der_only(wrapped, DER_OCTET_STRING, &c->content, "eContent", error));
        c->has_content = true;
    }
    return der_end_of(in, "encapContentInfo", error);
}

/* The SignedData version that a choice of CertificateSet asks for (RFC 5652 §5.1); 1 for plain certificates. */
static int version_for_certificate(uint8_t tag)
{
    switch (tag) {
    case DER_CONTEXT_CONSTRUCTED(3): return 5; /* other */
    case DER_CONTEXT_CONSTRUCTED(2): return 4; /* v2AttrCert */
    case DER_CONTEXT_CONSTRUCTED(1): return 3; /* v1AttrCert */
    default: return 1;
    }
}

/* CertificateSet (RFC 5652 §10.2.3). What is no X.509 certificate, or one that nobody can read, is passed over: it
 * cannot become the signer nor part of a path. */
static rfd_status read_certificates(slice in, struct cms *c, int *version, struct rfd_error *error)
{
    struct der_item item;
    for (size_t count = 0; in.length > 0; count++) {
        if (count == CERTIFICATES_MAXIMUM) {
            return error_set(error, RFD_E_CMS, "more than %d certificates", CERTIFICATES_MAXIMUM);
        }
        if (!der_next(&in, &item)) return error_set(error, RFD_E_DER, "certificates: element %zu is not DER", count);
        if (version_for_certificate(item.tag) > *version) *version = version_for_certificate(item.tag);
        const struct certificate *certificate = NULL;
        rfd_status status =
            item.tag == DER_SEQUENCE ? certificate_parse(item.whole, &certificate, error) : RFD_E_UNSUPPORTED;
        if (status == RFD_OK) {
            status = certificate_list_add(&c->certificates, certificate, error);
            certificate_unref(certificate);
            TRY(status);
        } else if (status == RFD_E_MEMORY) {
            return status;
        } else {
            c->unreadable_certificates++;
        }
    }
    error_clear(error);
    return RFD_OK;
}

/* --- SignerInfo -------------------------------------------------------------------------------------------------- */

/* RFC 5652 §5.3: version 1 goes with issuerAndSerialNumber, 3 with [0] subjectKeyIdentifier. */
static rfd_status take_signer_identifier(slice *in, struct cms *c, struct rfd_error *error)
{
    slice pair;
    struct der_item name;
    if (der_take_optional(in, DER_CONTEXT(0), &c->signer_key_id)) {
        if (c->version == 3 && c->signer_key_id.length > 0) return RFD_OK;
        return error_set(error, RFD_E_CMS,
                         "SignerInfo version %d with a subjectKeyIdentifier of %zu bytes (RFC 5652 §5.3)", c->version,
                         c->signer_key_id.length);
    }
    if (c->version != 1) {
        return error_set(error, RFD_E_CMS, "SignerInfo version %d with issuerAndSerialNumber (RFC 5652 §5.3)",
                         c->version);
    }
    TRY(der_take(in, DER_SEQUENCE, &pair, "issuerAndSerialNumber", error));
    if (!der_next(&pair, &name) || name.tag != DER_SEQUENCE) {
        return error_set(error, RFD_E_DER, "issuerAndSerialNumber: no issuer");
    }
    c->signer_issuer = name.whole;
    TRY(der_take(&pair, DER_INTEGER, &c->signer_serial, "issuerAndSerialNumber", error));
    return der_end_of(pair, "issuerAndSerialNumber", error);
}

static rfd_status take_signature_algorithm(slice *in, struct cms *c, struct rfd_error *error)
{
    struct der_item item;
    if (!der_next(in, &item) || item.tag != DER_SEQUENCE) {
        return error_set(error, RFD_E_DER, "SignerInfo: no signatureAlgorithm");
    }
    c->signature_algorithm = item.whole;
    /* Read by itself when it contradicts digestAlgorithm, so that cms_verify() can name both. */
    rfd_status status = signature_algorithm_read(item.whole, c->digest, &c->algorithm, error);
    if (status == RFD_E_KEY_ALGORITHM) status = signature_algorithm_read(item.whole, DIGEST_NONE, &c->algorithm, error);
    if (status == RFD_E_MEMORY) return status;
    if (status != RFD_OK) {
        c->algorithm = (struct signature_algorithm){.scheme = SCHEME_NONE};
        error_clear(error);
    }
    return RFD_OK;
}

static rfd_status take_unsigned_attributes(slice *in, struct cms *c, struct rfd_error *error)
{
    if (!der_take_optional(in, DER_CONTEXT_CONSTRUCTED(1), &c->unsigned_attributes)) return RFD_OK;
    return cms_read_unsigned_attributes(c, error);
}

static rfd_status read_signer_info(slice in, struct cms *c, struct rfd_error *error)
{
    const slice whole = in;
    slice digest;
    TRY(take_version(&in, &c->version, "SignerInfo version", error));
    TRY(take_signer_identifier(&in, c, error));
    TRY(der_take(&in, DER_SEQUENCE, &digest, "SignerInfo digestAlgorithm", error));
    TRY(read_digest_algorithm(digest, &c->digest, error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &c->signed_attributes)) {
        c->has_signed_attributes = true;
        TRY(cms_read_signed_attributes(c, error));
    }
    TRY(take_signature_algorithm(&in, c, error));
    TRY(der_take(&in, DER_OCTET_STRING, &c->signature, "signature", error));
    c->before_unsigned_attributes = slice_part(whole, 0, whole.length - in.length);
    TRY(take_unsigned_attributes(&in, c, error));
    return der_end_of(in, "SignerInfo", error);
}

static rfd_status read_signer_infos(slice in, struct cms *c, struct rfd_error *error)
{
    slice signer_info;
    if (in.length == 0) return error_set(error, RFD_E_CMS, "no SignerInfo");
    TRY(der_take(&in, DER_SEQUENCE, &signer_info, "SignerInfo", error));
    if (in.length > 0) return error_set(error, RFD_E_CMS, "more than one SignerInfo");
    c->signer_count = 1;
    return read_signer_info(signer_info, c, error);
}

static const struct certificate *find_signer(const struct cms *c)
{
    for (size_t i = 0; i < c->certificates.count; i++) {
        const struct certificate *candidate = c->certificates.items[i];
        bool same = c->signer_key_id.length > 0 ? slice_equal(candidate->subject_key_id, c->signer_key_id)
                                                : slice_equal(candidate->serial, c->signer_serial) &&
                                                      slice_equal(candidate->issuer, c->signer_issuer);
        if (same) return candidate;
    }
    return NULL;
}

/* --- The whole --------------------------------------------------------------------------------------------------- */

/* RFC 5652 §5.1 derives the number from the content. Old writers put 1 whatever there is; a number that nothing in the
 * content asks for is not theirs. */
static rfd_status check_version(const struct cms *c, int version, int asked, struct rfd_error *error)
{
    bool plain = c->version == 1 && slice_equal(c->content_type, oid(OID_DATA));
    if (!plain && asked < 3) asked = 3;
    for (slice crls = c->crls; crls.length > 0;) {
        struct der_item item;
        if (!der_next(&crls, &item)) break;
        if (item.tag == DER_CONTEXT_CONSTRUCTED(1)) asked = 5;
    }
    if (version == 1 || version == asked) return RFD_OK;
    return error_set(error, RFD_E_CMS, "SignedData version %d where %d goes (RFC 5652 §5.1)", version, asked);
}

static rfd_status read_signed_data(slice in, struct cms *c, struct rfd_error *error)
{
    const slice whole = in;
    slice digests, content, certificates, signer_infos;
    int version = 0;
    int asked = 1;
    TRY(take_version(&in, &version, "SignedData version", error));
    TRY(der_take(&in, DER_SET, &digests, "digestAlgorithms", error));
    TRY(der_take(&in, DER_SEQUENCE, &content, "encapContentInfo", error));
    TRY(read_content(content, c, error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &certificates)) {
        TRY(read_certificates(certificates, c, &asked, error));
    }
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &c->crls);
    c->before_signer_infos = slice_part(whole, 0, whole.length - in.length);
    TRY(der_take(&in, DER_SET, &signer_infos, "signerInfos", error));
    TRY(der_end_of(in, "SignedData", error));
    TRY(read_signer_infos(signer_infos, c, error));
    TRY(check_version(c, version, asked, error));
    TRY(check_digest_listed(digests, c, error));
    c->signer = find_signer(c);
    return RFD_OK;
}

static rfd_status open_content_info(slice der, slice *signed_data, struct rfd_error *error)
{
    slice content_info, type, wrapped;
    TRY(der_only(der, DER_SEQUENCE, &content_info, "ContentInfo", error));
    TRY(der_take(&content_info, DER_OID, &type, "ContentInfo", error));
    if (!slice_equal(type, oid(OID_SIGNED_DATA))) return error_set(error, RFD_E_CMS, "ContentInfo is not signedData");
    TRY(der_take(&content_info, DER_CONTEXT_CONSTRUCTED(0), &wrapped, "ContentInfo", error));
    TRY(der_end_of(content_info, "ContentInfo", error));
    return der_only(wrapped, DER_SEQUENCE, signed_data, "SignedData", error);
}

static rfd_status read_content_info(slice bytes, struct cms *c, struct rfd_error *error)
{
    slice signed_data;
    TRY(find_bytes(bytes, c, error));
    TRY(open_content_info(c->der, &signed_data, error));
    return read_signed_data(signed_data, c, error);
}

rfd_status cms_peek(slice der, struct cms_peeked *out, struct rfd_error *error)
{
    struct cms c = {.has_content = false};
    slice in, digests, content;
    int version;
    size_t length = der_total_length(der);
    if (length == 0) return error_set(error, RFD_E_CMS, "ContentInfo: not DER, cut short or empty (X.690 §10.1)");
    TRY(check_padding(slice_from(der, length), error));
    TRY(open_content_info(slice_part(der, 0, length), &in, error));
    TRY(take_version(&in, &version, "SignedData version", error));
    TRY(der_take(&in, DER_SET, &digests, "digestAlgorithms", error));
    TRY(der_take(&in, DER_SEQUENCE, &content, "encapContentInfo", error));
    TRY(read_content(content, &c, error));
    *out = (struct cms_peeked){c.content_type, c.has_content, c.content};
    return RFD_OK;
}

rfd_status cms_parse(slice bytes, struct cms *out, struct rfd_error *error)
{
    struct cms c = {.signing_time = RFD_TIME_NONE, .attributes_sorted = true};
    rfd_status status = read_content_info(bytes, &c, error);
    if (status != RFD_OK) {
        cms_dispose(&c);
        return status;
    }
    *out = c;
    return RFD_OK;
}

void cms_dispose(struct cms *c)
{
    certificate_list_dispose(&c->certificates);
    buf_dispose(&c->owned);
    *c = (struct cms){0};
}
