/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading and checking time-stamp tokens: a TSTInfo (RFC 3161 §2.4.2) inside a SignedData. Asking a service for one is
 * in timestamp_client.c.
 */
#include "pki/cms/timestamp.h"

#include "pki/oid.h"

#include "base/error.h"

/* MessageImprint { hashAlgorithm, hashedMessage }. */
static rfd_status take_imprint(slice *in, struct timestamp *t, struct rfd_error *error)
{
    slice imprint, algorithm, type;
    TRY(der_take(in, DER_SEQUENCE, &imprint, "messageImprint", error));
    TRY(der_take(&imprint, DER_SEQUENCE, &algorithm, "messageImprint", error));
    TRY(der_take(&algorithm, DER_OID, &type, "messageImprint", error));
    TRY(der_take(&imprint, DER_OCTET_STRING, &t->imprint, "messageImprint", error));
    TRY(der_end_of(imprint, "messageImprint", error));
    t->imprint_digest = digest_from_oid(type);
    if (t->imprint_digest == DIGEST_NONE) return error_set(error, RFD_E_TSP, "the imprint's digest is not supported");
    if (t->imprint.length != digest_size(t->imprint_digest)) {
        return error_set(error, RFD_E_TSP, "%s imprint of %zu bytes", digest_name(t->imprint_digest),
                         t->imprint.length);
    }
    return RFD_OK;
}

static rfd_status take_time(slice *in, struct timestamp *t, struct rfd_error *error)
{
    slice text;
    TRY(der_take(in, DER_GENERALIZED_TIME, &text, "genTime", error));
    if (der_time(DER_GENERALIZED_TIME, text, &t->time)) return RFD_OK;
    return error_set(error, RFD_E_TSP, "genTime is not a GeneralizedTime in UTC (RFC 3161 §2.4.2)");
}

/* millis and micros are 1 to 999; absent ones count as 0. */
static bool take_part(slice *in, uint8_t tag, uint64_t maximum, uint64_t *out)
{
    slice content;
    *out = 0;
    return !der_take_optional(in, tag, &content) || (der_unsigned(content, out) && *out <= maximum);
}

static rfd_status take_accuracy(slice *in, struct timestamp *t, struct rfd_error *error)
{
    slice accuracy;
    uint64_t seconds, millis, micros;
    if (!der_take_optional(in, DER_SEQUENCE, &accuracy)) return RFD_OK;
    if (!take_part(&accuracy, DER_INTEGER, INT32_MAX, &seconds) ||
        !take_part(&accuracy, DER_CONTEXT(0), 999, &millis) || !take_part(&accuracy, DER_CONTEXT(1), 999, &micros) ||
        accuracy.length > 0) {
        return error_set(error, RFD_E_TSP, "accuracy is malformed (RFC 3161 §2.4.2)");
    }
    t->accuracy = (rfd_time)seconds * RFD_SECOND + (rfd_time)(millis * 1000 + micros);
    return RFD_OK;
}

/* ordering DEFAULT FALSE, nonce, tsa [0], extensions [1], and nothing after them. A critical extension would change
 * what the token means, and none is defined (EN 319 422 §5.2.3). */
static rfd_status take_rest(slice in, struct timestamp *t, struct rfd_error *error)
{
    slice ignored, extensions, extension, type, critical;
    if (der_take_optional(&in, DER_BOOLEAN, &ignored) && ignored.length != 1) {
        return error_set(error, RFD_E_DER, "ordering: a BOOLEAN of %zu bytes", ignored.length);
    }
    (void)der_take_optional(&in, DER_INTEGER, &t->nonce);
    (void)der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &ignored);
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(1), &extensions)) {
        while (extensions.length > 0) {
            TRY(der_take(&extensions, DER_SEQUENCE, &extension, "TSTInfo extension", error));
            TRY(der_take(&extension, DER_OID, &type, "TSTInfo extension", error));
            if (der_take_optional(&extension, DER_BOOLEAN, &critical) && critical.length == 1 &&
                critical.data[0] != 0) {
                return error_set(error, RFD_E_TSP, "the token has a critical extension that is not known");
            }
        }
    }
    return der_end_of(in, "TSTInfo", error);
}

static rfd_status read_info(slice content, struct timestamp *t, struct rfd_error *error)
{
    slice in, version;
    uint64_t number;
    TRY(der_only(content, DER_SEQUENCE, &in, "TSTInfo", error));
    TRY(der_take(&in, DER_INTEGER, &version, "TSTInfo version", error));
    if (!der_unsigned(version, &number) || number != 1) return error_set(error, RFD_E_TSP, "TSTInfo version is not 1");
    TRY(der_take(&in, DER_OID, &t->policy, "TSTInfo policy", error));
    TRY(take_imprint(&in, t, error));
    TRY(der_take(&in, DER_INTEGER, &t->serial, "TSTInfo serialNumber", error));
    TRY(take_time(&in, t, error));
    TRY(take_accuracy(&in, t, error));
    return take_rest(in, t, error);
}

rfd_status timestamp_parse(slice bytes, struct timestamp *out, struct rfd_error *error)
{
    struct timestamp t = {.time = RFD_TIME_NONE};
    rfd_status status;
    TRY(cms_parse(bytes, &t.cms, error));
    t.token = t.cms.der;
    if (!slice_equal(t.cms.content_type, oid(OID_TST_INFO)) || !t.cms.has_content) {
        status = error_set(error, RFD_E_TSP, "not a time-stamp token: eContent is no TSTInfo (RFC 3161 §2.4.2)");
        goto out;
    }
    TRY_OUT(read_info(t.cms.content, &t, error));
    *out = t;
    return RFD_OK;
out:
    timestamp_dispose(&t);
    return status;
}

void timestamp_dispose(struct timestamp *t)
{
    cms_dispose(&t->cms);
    *t = (struct timestamp){0};
}

/* RFC 3161 §2.3: the certificate is for time-stamping only, and says so critically. */
static rfd_status check_purpose(const struct certificate *signer, struct rfd_error *error)
{
    bool present = false, critical = false, only = false;
    if (!certificate_has_eku(signer, oid(OID_EKU_TIME_STAMPING), &present, &critical, &only) || !present) {
        return error_set(error, RFD_E_TSP, "the service's certificate is not for time-stamping (RFC 3161 §2.3)");
    }
    if (!critical || !only) {
        return error_set(error, RFD_E_TSP, "the service's certificate: extendedKeyUsage is not %s (RFC 3161 §2.3)",
                         critical ? "for time-stamping alone" : "critical");
    }
    return RFD_OK;
}

static rfd_status check_signature(const struct timestamp *t, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct cms_check check;
    if (t->cms.signer == NULL) return error_set(error, RFD_E_TSP, "the token lacks its signer's certificate");
    if (t->cms.digest == DIGEST_NONE) return error_set(error, RFD_E_TSP, "the token's digest is not supported");
    TRY(digest_of(t->cms.digest, t->cms.content, digest, error));
    cms_verify(&t->cms, t->cms.signer, slice_of(digest, digest_size(t->cms.digest)), &check);
    if (check.no_memory) return error_memory(error);
    /* RFC 3161 §2.4.1 and RFC 5816 §2.2: the ESS attribute is obligatory, and signed attributes with it. */
    if (!t->cms.has_signed_attributes || !check.digest_matches || !check.signature_matches ||
        !check.content_type_matches || !check.algorithms_consistent || !check.signing_certificate_matches) {
        return error_set(error, RFD_E_TSP, "the token's signature: %s",
                         check.detail[0] == '\0' ? "no signed attributes" : check.detail);
    }
    return RFD_OK;
}

rfd_status timestamp_verify(const struct timestamp *t, slice digest, struct rfd_error *error)
{
    if (!slice_equal(t->imprint, digest)) {
        return error_set(error, RFD_E_TSP, "the token stamps another digest (%s imprint)",
                         digest_name(t->imprint_digest));
    }
    TRY(check_signature(t, error));
    return check_purpose(t->cms.signer, error);
}
