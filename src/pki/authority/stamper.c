/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tokens: a TSTInfo (RFC 3161 §2.4.2) inside a SignedData (RFC 5652 §5) of version 3, since its content is not
 * id-data. The signed attributes are written in the order of DER: of the three only the digest's length varies.
 */
#include "pki/authority/stamper.h"

#include "base/clock.h"
#include "base/error.h"
#include "pki/cms/cms.h"

enum { PART_MAXIMUM = 1 << 20 };
#define TIME_END (INT64_C(253402300800) * RFD_SECOND) /* the year 10000 */

/* --- What is the same in every token ----------------------------------------------------------------------------- */

static void put_signing_certificate(struct buf *b, const struct certificate *c)
{
    size_t attribute = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_SIGNING_CERTIFICATE_V2));
    size_t values = der_open(b, DER_SET);
    cms_put_certificate_name(b, c);
    der_close(b, values);
    der_close(b, attribute);
}

/* SET OF order (X.690 §11.6); each time the smallest beyond the last, which also drops what is there twice. */
static void put_certificates(struct buf *b, const struct stamper_plan *plan)
{
    slice last = SLICE_EMPTY;
    size_t set = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    for (;;) {
        slice best = SLICE_EMPTY;
        for (size_t i = 0; i <= plan->chain_count; i++) {
            slice der = i == 0 ? plan->signer->certificate->der : plan->chain[i - 1]->der;
            if (last.length > 0 && slice_compare(der, last) <= 0) continue;
            if (best.length == 0 || slice_compare(der, best) < 0) best = der;
        }
        if (best.length == 0) break;
        buf_put_slice(b, best);
        last = best;
    }
    der_close(b, set);
}

/* Accuracy { seconds, [0] millis 1..999, [1] micros 1..999 }, a part that is zero left out. */
static void put_accuracy(struct buf *b, rfd_time accuracy)
{
    enum { MILLI = 1000 };
    const uint64_t parts[] = {(uint64_t)(accuracy / RFD_SECOND), (uint64_t)(accuracy / MILLI % MILLI),
                              (uint64_t)(accuracy % MILLI)};
    size_t opened = der_open(b, DER_SEQUENCE);
    for (size_t i = 0; i < 3; i++) {
        size_t at = b->length;
        if (parts[i] == 0) continue;
        der_put_unsigned(b, parts[i]);
        if (i > 0 && b->status == RFD_OK) b->data[at] = DER_CONTEXT((uint8_t)(i - 1)); /* IMPLICIT */
    }
    der_close(b, opened);
}

/* tsa [0] GeneralName: a directoryName, explicit twice over as GeneralName and Name are CHOICEs. */
static void put_name(struct buf *b, slice subject)
{
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, DER_CONTEXT_CONSTRUCTED(4), subject);
    der_close(b, tagged);
}

static rfd_status check_plan(const struct stamper_plan *plan, struct rfd_error *error)
{
    bool critical = false;
    bool only = false;
    if (plan->policy_count == 0 || plan->policy_count > STAMPER_POLICIES_MAXIMUM) {
        return error_set(error, RFD_E_ARGUMENT, "time-stamp service with %zu policies", plan->policy_count);
    }
    if (plan->accuracy <= 0 || plan->fraction_digits > 6 || plan->chain_count >= STAMPER_CERTIFICATES_MAXIMUM) {
        return error_set(error, RFD_E_ARGUMENT, "time-stamp service: its accuracy, its digits or its chain");
    }
    if (certificate_has_eku(plan->signer->certificate, oid(OID_EKU_TIME_STAMPING), NULL, &critical, &only) &&
        critical && only) {
        return RFD_OK;
    }
    return error_set(error, RFD_E_CERTIFICATE_KEY_USAGE, "not for time-stamping alone and critically (RFC 3161 §2.3)");
}

rfd_status stamper_set(struct stamper *s, const struct stamper_plan *plan, struct rfd_error *error)
{
    struct stamper made = {.plan = *plan};
    struct buf *const parts[] = {&made.certificates, &made.attribute, &made.after_time, &made.name};
    TRY(check_plan(plan, error));
    for (size_t i = 0; i < 4; i++) buf_init(parts[i], PART_MAXIMUM);
    put_certificates(&made.certificates, plan);
    put_signing_certificate(&made.attribute, plan->signer->certificate);
    put_accuracy(&made.after_time, plan->accuracy);
    if (plan->names_itself) put_name(&made.name, plan->signer->certificate->subject);
    for (size_t i = 0; i < 4; i++) {
        rfd_status status = buf_check(parts[i], "time-stamp service", error);
        if (status == RFD_OK) continue;
        stamper_dispose(&made);
        return status;
    }
    *s = made;
    return RFD_OK;
}

void stamper_dispose(struct stamper *s)
{
    buf_dispose(&s->certificates);
    buf_dispose(&s->attribute);
    buf_dispose(&s->after_time);
    buf_dispose(&s->name);
}

/* --- TSTInfo ----------------------------------------------------------------------------------------------------- */

/* genTime: YYYYMMDDhhmmss[.s...]Z without trailing zeros (RFC 3161 §2.4.2). */
static void put_time(struct buf *b, rfd_time time, unsigned digits)
{
    char text[CLOCK_TEXT_SIZE + 8];
    char seconds[CLOCK_TEXT_SIZE];
    char fraction[8];
    (void)snprintf(fraction, sizeof fraction, "%06u", (unsigned)(time % RFD_SECOND));
    while (digits > 0 && fraction[digits - 1] == '0') digits--;
    (void)clock_asn1(time, true, seconds);
    int whole = (int)strlen(seconds) - 1; /* without Z */
    int length =
        snprintf(text, sizeof text, "%.*s%s%.*sZ", whole, seconds, digits > 0 ? "." : "", (int)digits, fraction);
    der_put(b, DER_GENERALIZED_TIME, slice_of(text, (size_t)length));
}

static void put_info(struct buf *b, const struct stamper *s, const struct stamper_request *request, slice serial,
                     rfd_time time)
{
    size_t info = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 1);
    der_put_oid(b, request->policy);
    buf_put_slice(b, request->imprint);
    der_put_integer(b, serial);
    put_time(b, time, s->plan.fraction_digits);
    buf_put_slice(b, buf_slice(&s->after_time));
    if (request->nonce.length > 0) der_put(b, DER_INTEGER, request->nonce);
    buf_put_slice(b, buf_slice(&s->name));
    der_close(b, info);
}

/* --- SignedData -------------------------------------------------------------------------------------------------- */

/* contentType: id-ct-TSTInfo (RFC 3161 §2.4.2). */
static void put_content_type(struct buf *b)
{
    size_t attribute = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_CONTENT_TYPE));
    size_t values = der_open(b, DER_SET);
    der_put_oid(b, oid(OID_TST_INFO));
    der_close(b, values);
    der_close(b, attribute);
}

static void put_message_digest(struct buf *b, slice digest)
{
    size_t attribute = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_MESSAGE_DIGEST));
    size_t values = der_open(b, DER_SET);
    der_put(b, DER_OCTET_STRING, digest);
    der_close(b, values);
    der_close(b, attribute);
}

/* SET OF: contentType is shortest; a digest of 64 octets is still shorter than an ESSCertIDv2 with issuer and serial,
 * whose length needs two octets. */
static rfd_status put_attributes(struct buf *b, const struct stamper *s, slice info, struct rfd_error *error)
{
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    enum digest_id id = s->plan.signer->algorithm.digest;
    TRY(digest_of(id, info, digest, error));
    size_t set = der_open(b, DER_SET);
    put_content_type(b);
    put_message_digest(b, slice_of(digest, digest_size(id)));
    buf_put_slice(b, buf_slice(&s->attribute));
    der_close(b, set);
    return buf_check(b, "signed attributes", error);
}

/* What is signed is the SET OF; what is written has the tag [0] (RFC 5652 §5.4). */
static rfd_status put_signer_info(struct buf *b, const struct stamper *s, slice info, struct rfd_error *error)
{
    uint8_t bytes[2048];
    struct buf signature = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    const struct authority_signer *signer = s->plan.signer;
    size_t signer_info = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 1);
    size_t issuer_and_serial = der_open(b, DER_SEQUENCE);
    buf_put_slice(b, signer->certificate->issuer);
    der_put(b, DER_INTEGER, signer->certificate->serial);
    der_close(b, issuer_and_serial);
    digest_put_algorithm(b, signer->algorithm.digest);
    size_t at = b->length;
    TRY(put_attributes(b, s, info, error));
    TRY(authority_sign_message(signer, slice_from(buf_slice(b), at), &signature, error));
    TRY(buf_check(&signature, "signature", error));
    b->data[at] = DER_CONTEXT_CONSTRUCTED(0);
    signature_algorithm_put(b, &signer->algorithm);
    der_put(b, DER_OCTET_STRING, buf_slice(&signature));
    der_close(b, signer_info);
    return RFD_OK;
}

static void put_content(struct buf *b, slice info)
{
    size_t content = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_TST_INFO));
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    der_put(b, DER_OCTET_STRING, info);
    der_close(b, tagged);
    der_close(b, content);
}

static rfd_status put_signed_data(struct buf *b, const struct stamper *s, bool with_certificates, slice info,
                                  struct rfd_error *error)
{
    size_t content_info = der_open(b, DER_SEQUENCE);
    der_put_oid(b, oid(OID_SIGNED_DATA));
    size_t tagged = der_open(b, DER_CONTEXT_CONSTRUCTED(0));
    size_t signed_data = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, 3);
    size_t digests = der_open(b, DER_SET);
    digest_put_algorithm(b, s->plan.signer->algorithm.digest);
    der_close(b, digests);
    put_content(b, info);
    if (with_certificates) buf_put_slice(b, buf_slice(&s->certificates));
    size_t signer_infos = der_open(b, DER_SET);
    TRY(put_signer_info(b, s, info, error));
    der_close(b, signer_infos);
    der_close(b, signed_data);
    der_close(b, tagged);
    der_close(b, content_info);
    return RFD_OK;
}

/* --- Responses --------------------------------------------------------------------------------------------------- */

/* TimeStampResp { PKIStatusInfo { granted }, TimeStampToken } */
static rfd_status put_response(struct buf *b, const struct stamper *s, bool with_certificates, slice info,
                               struct rfd_error *error)
{
    static const uint8_t granted[] = {DER_SEQUENCE, 3, DER_INTEGER, 1, 0};
    size_t response = der_open(b, DER_SEQUENCE);
    buf_put(b, granted, sizeof granted);
    TRY(put_signed_data(b, s, with_certificates, info, error));
    der_close(b, response);
    return buf_check(b, "time-stamp response", error);
}

static bool is_serial(slice serial)
{
    size_t zeros = 0;
    while (zeros < serial.length && serial.data[zeros] == 0) zeros++;
    return serial.length <= STAMPER_SERIAL_MAXIMUM && zeros < serial.length;
}

rfd_status stamper_answer(const struct stamper *s, const struct stamper_request *request, slice serial, rfd_time time,
                          struct buf *out, struct rfd_error *error)
{
    uint8_t bytes[2048];
    struct buf info = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    size_t before = out->length;
    if (!is_serial(serial) || time < 0 || time >= TIME_END) {
        return error_set(error, RFD_E_ARGUMENT, "token: a serial number of %zu octets, or the time", serial.length);
    }
    put_info(&info, s, request, serial, time);
    TRY(buf_check(&info, "TSTInfo", error));
    (void)buf_reserve(out, sizeof bytes + s->certificates.length);
    rfd_status status = put_response(out, s, request->wants_certificate, buf_slice(&info), error);
    if (status != RFD_OK) out->length = before;
    return status;
}

rfd_status stamper_respond(const struct stamper *s, slice der, slice serial, rfd_time time, struct buf *out,
                           struct stamper_request *request, bool *granted, struct rfd_error *error)
{
    enum stamper_failure failure;
    rfd_status status = stamper_request_parse(s, der, request, &failure, error);
    if (status == RFD_OK) {
        failure = STAMPER_SYSTEM_FAILURE;
        status = stamper_answer(s, request, serial, time, out, error);
    }
    if (status != RFD_OK) stamper_put_rejection(out, failure);
    *granted = status == RFD_OK;
    return *granted ? RFD_OK : buf_status(out);
}
