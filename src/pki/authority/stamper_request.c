/* SPDX-License-Identifier: EUPL-1.2
 *
 * TimeStampReq (RFC 3161 §2.4.1) and the response that says no.
 */
#include "pki/authority/stamper.h"

#include "base/error.h"

static rfd_status refuse(enum stamper_failure *failure, enum stamper_failure why, rfd_status status)
{
    *failure = why;
    return status;
}

static rfd_status take_version(slice *in, enum stamper_failure *failure, struct rfd_error *error)
{
    slice content;
    uint64_t version;
    TRY(der_take(in, DER_INTEGER, &content, "TimeStampReq version", error));
    if (der_unsigned(content, &version) && version == 1) return RFD_OK;
    return refuse(failure, STAMPER_BAD_REQUEST,
                  error_set(error, RFD_E_UNSUPPORTED, "TimeStampReq: its version is not 1 (RFC 3161 §2.4.1)"));
}

static rfd_status take_imprint(slice *in, struct stamper_request *out, enum stamper_failure *failure,
                               struct rfd_error *error)
{
    slice before = *in;
    slice imprint;
    slice algorithm;
    slice type;
    slice null;
    TRY(der_take(in, DER_SEQUENCE, &imprint, "messageImprint", error));
    out->imprint = slice_part(before, 0, before.length - in->length);
    TRY(der_take(&imprint, DER_SEQUENCE, &algorithm, "messageImprint algorithm", error));
    TRY(der_take(&algorithm, DER_OID, &type, "messageImprint algorithm", error));
    (void)der_take_optional(&algorithm, DER_NULL, &null);
    TRY(der_end_of(algorithm, "messageImprint algorithm", error));
    TRY(der_take(&imprint, DER_OCTET_STRING, &out->hash, "hashedMessage", error));
    TRY(der_end_of(imprint, "messageImprint", error));
    out->digest = digest_from_oid(type);
    if (!digest_is_strong(out->digest) || out->digest == DIGEST_SHAKE256_512) {
        char text[OID_TEXT_SIZE];
        return refuse(failure, STAMPER_BAD_ALGORITHM,
                      error_set(error, RFD_E_KEY_WEAK, "messageImprint: digest %s", oid_text(type, text)));
    }
    if (out->hash.length == digest_size(out->digest)) return RFD_OK;
    return error_set(error, RFD_E_DER, "messageImprint: %zu octets of %s", out->hash.length, digest_name(out->digest));
}

static rfd_status take_policy(slice *in, const struct stamper *s, struct stamper_request *out,
                              enum stamper_failure *failure, struct rfd_error *error)
{
    slice asked;
    out->policy = s->plan.policies[0];
    if (!der_take_optional(in, DER_OID, &asked)) return RFD_OK;
    for (size_t i = 0; i < s->plan.policy_count; i++) {
        if (!slice_equal(asked, s->plan.policies[i])) continue;
        out->policy = s->plan.policies[i];
        return RFD_OK;
    }
    char text[OID_TEXT_SIZE];
    return refuse(failure, STAMPER_UNACCEPTED_POLICY,
                  error_set(error, RFD_E_UNSUPPORTED, "TimeStampReq: policy %s", oid_text(asked, text)));
}

/* It comes back as the same INTEGER, so it has to be one: in the shortest form (X.690 §8.3.2). */
static rfd_status take_nonce(slice *in, struct stamper_request *out, struct rfd_error *error)
{
    slice nonce;
    out->nonce = SLICE_EMPTY;
    if (!der_take_optional(in, DER_INTEGER, &nonce)) return RFD_OK;
    bool padded = nonce.length > 1 &&
                  ((nonce.data[0] == 0 && nonce.data[1] < 0x80) || (nonce.data[0] == 0xFF && nonce.data[1] >= 0x80));
    size_t sign = nonce.length > 1 && nonce.data[0] == 0 ? 1 : 0;
    if (nonce.length == 0 || padded || nonce.length - sign > STAMPER_NONCE_MAXIMUM) {
        return error_set(error, RFD_E_DER, "TimeStampReq: a nonce of %zu octets, or not in DER", nonce.length);
    }
    out->nonce = nonce;
    return RFD_OK;
}

/* certReq DEFAULT FALSE. Some write the default. */
static rfd_status take_certificate_wish(slice *in, struct stamper_request *out, struct rfd_error *error)
{
    slice wish;
    out->wants_certificate = false;
    if (!der_take_optional(in, DER_BOOLEAN, &wish)) return RFD_OK;
    if (wish.length != 1 || (wish.data[0] != 0 && wish.data[0] != 0xFF)) {
        return error_set(error, RFD_E_DER, "TimeStampReq: certReq is no BOOLEAN (X.690 §11.1)");
    }
    out->wants_certificate = wish.data[0] != 0;
    return RFD_OK;
}

static rfd_status read_request(const struct stamper *s, slice in, struct stamper_request *out,
                               enum stamper_failure *failure, struct rfd_error *error)
{
    slice extensions;
    TRY(take_version(&in, failure, error));
    TRY(take_imprint(&in, out, failure, error));
    TRY(take_policy(&in, s, out, failure, error));
    TRY(take_nonce(&in, out, error));
    TRY(take_certificate_wish(&in, out, error));
    if (der_take_optional(&in, DER_CONTEXT_CONSTRUCTED(0), &extensions)) {
        /* RFC 3161 §2.4.1: refused also when it is not critical, and none is known. */
        return refuse(failure, STAMPER_UNACCEPTED_EXTENSION,
                      error_set(error, RFD_E_UNSUPPORTED, "TimeStampReq: it has extensions"));
    }
    return der_end_of(in, "TimeStampReq", error);
}

rfd_status stamper_request_parse(const struct stamper *s, slice der, struct stamper_request *out,
                                 enum stamper_failure *failure, struct rfd_error *error)
{
    slice in;
    struct stamper_request request;
    *failure = STAMPER_BAD_DATA_FORMAT;
    if (der.length > STAMPER_REQUEST_MAXIMUM) {
        return error_set(error, RFD_E_LIMIT, "TimeStampReq of %zu bytes", der.length);
    }
    TRY(der_only(der, DER_SEQUENCE, &in, "TimeStampReq", error));
    TRY(read_request(s, in, &request, failure, error));
    *out = request;
    return RFD_OK;
}

/* --- No ---------------------------------------------------------------------------------------------------------- */

static const struct {
    enum stamper_failure failure;
    const char *text;
} failures[] = {
    {STAMPER_BAD_ALGORITHM, "unrecognized or unsupported algorithm identifier"},
    {STAMPER_BAD_REQUEST, "transaction not permitted or supported"},
    {STAMPER_BAD_DATA_FORMAT, "the data submitted has the wrong format"},
    {STAMPER_TIME_NOT_AVAILABLE, "the time source is not available"},
    {STAMPER_UNACCEPTED_POLICY, "the requested policy is not supported"},
    {STAMPER_UNACCEPTED_EXTENSION, "the requested extension is not supported"},
    {STAMPER_ADDITIONAL_INFORMATION_NOT_AVAILABLE, "the additional information requested is not available"},
    {STAMPER_SYSTEM_FAILURE, "the request cannot be handled due to a system failure"},
};

static const char *failure_text(enum stamper_failure failure)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (failures[i].failure == failure) return failures[i].text;
    }
    return "";
}

/* A named bit list: trailing zero bits are cut (X.690 §11.2.2). */
static void put_failure_bit(struct buf *b, enum stamper_failure failure)
{
    uint8_t bits[5] = {(uint8_t)(7 - failure % 8)};
    bits[1 + failure / 8] = (uint8_t)(0x80 >> failure % 8);
    der_put(b, DER_BIT_STRING, slice_of(bits, 2 + failure / 8));
}

void stamper_put_rejection(struct buf *b, enum stamper_failure failure)
{
    enum { REJECTION = 2 };
    size_t response = der_open(b, DER_SEQUENCE);
    size_t information = der_open(b, DER_SEQUENCE);
    der_put_unsigned(b, REJECTION);
    size_t texts = der_open(b, DER_SEQUENCE);
    der_put(b, DER_UTF8_STRING, slice_text(failure_text(failure)));
    der_close(b, texts);
    put_failure_bit(b, failure);
    der_close(b, information);
    der_close(b, response);
}
