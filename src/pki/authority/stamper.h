/* SPDX-License-Identifier: EUPL-1.2
 *
 * A time-stamp service without its network and its clock (RFC 3161, RFC 5816, EN 319 422): bytes of a TimeStampReq in,
 * bytes of a TimeStampResp out. Every rejection is a TimeStampResp too (RFC 3161 §2.4.2), so that there is always
 * something to send with status 200.
 *
 * The caller reads a trusted clock and hands out serial numbers; a clock that cannot be trusted now is
 * stamper_put_rejection(STAMPER_TIME_NOT_AVAILABLE). `ordering` is never claimed.
 */
#ifndef PKI_STAMPER_H
#define PKI_STAMPER_H

#include "pki/authority/authority.h"

enum {
    STAMPER_REQUEST_MAXIMUM = 8 << 10, /* bytes of a request */
    STAMPER_NONCE_MAXIMUM = 64,        /* octets of its magnitude */
    STAMPER_SERIAL_MAXIMUM = 20,       /* octets: 160 bits (RFC 3161 §2.4.2) */
    STAMPER_CERTIFICATES_MAXIMUM = 8,  /* the signer's and its chain */
    STAMPER_POLICIES_MAXIMUM = 8,
    STAMPER_RESPONSE_MAXIMUM = 64 << 10 /* bytes of a response */
};

/* PKIFailureInfo (RFC 3161 §2.4.2): numbers of bits. */
enum stamper_failure {
    STAMPER_BAD_ALGORITHM = 0,
    STAMPER_BAD_REQUEST = 2,
    STAMPER_BAD_DATA_FORMAT = 5,
    STAMPER_TIME_NOT_AVAILABLE = 14,
    STAMPER_UNACCEPTED_POLICY = 15,
    STAMPER_UNACCEPTED_EXTENSION = 16,
    STAMPER_ADDITIONAL_INFORMATION_NOT_AVAILABLE = 17,
    STAMPER_SYSTEM_FAILURE = 25
};

/** What the service is. Borrowed, outlives the stamper. */
struct stamper_plan {
    const struct authority_signer *signer;  /* EKU timeStamping, critical and alone */
    const struct certificate *const *chain; /* further certificates for those who ask; roots may be left out */
    size_t chain_count;
    slice policies[STAMPER_POLICIES_MAXIMUM]; /* OID contents; the first is used when the request names none */
    size_t policy_count;
    rfd_time accuracy; /* microseconds, more than 0 (EN 319 422 §5.2.2 wants it): of the clock and of the digits */
    unsigned fraction_digits; /* digits of genTime after the second, 0 to 6; what is finer is cut off */
    bool names_itself;        /* `tsa`: the subject of the signer's certificate */
};

/** A plan with what is the same in every token, already as DER. Read only once made. */
struct stamper {
    struct stamper_plan plan;
    struct buf certificates; /* [0] CertificateSet, sorted */
    struct buf attribute;    /* signingCertificateV2 (RFC 5816), by SHA-256 */
    struct buf after_time;   /* accuracy */
    struct buf name;         /* tsa, or empty */
};
/** RFD_E_ARGUMENT when the plan cannot be: no policy, too many, no accuracy; RFD_E_CERTIFICATE_KEY_USAGE when the
 * signer is not for time-stamping alone (RFC 3161 §2.3). Dispose with stamper_dispose. */
rfd_status stamper_set(struct stamper *s, const struct stamper_plan *plan, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void stamper_dispose(struct stamper *s);

struct stamper_request {
    slice imprint; /* MessageImprint, whole: goes into the token octet by octet */
    enum digest_id digest;
    slice hash;   /* the imprint's octets, for the log */
    slice policy; /* OID content; the service's own when the request names none */
    slice nonce;  /* INTEGER content, empty when there is none */
    bool wants_certificate;
};
/**
 * Parses exactly one TimeStampReq; keeps slices into `der`. On failure `*failure` is what to answer with:
 * bad data format (RFD_E_DER: not a request, a hash of the wrong length, a nonce above 64 octets, RFD_E_LIMIT: too
 * large), bad request (RFD_E_UNSUPPORTED: a version that is not 1), bad algorithm (RFD_E_KEY_WEAK: anything but
 * SHA-2 and SHA-3 of 256 bits and more), unaccepted policy (RFD_E_UNSUPPORTED), unaccepted extension
 * (RFD_E_UNSUPPORTED: any extension, critical or not; RFC 3161 §2.4.1).
 */
rfd_status stamper_request_parse(const struct stamper *s, slice der, struct stamper_request *out,
                                 enum stamper_failure *failure, struct rfd_error *error) RFD_MUST_CHECK;

/**
 * Appends a TimeStampResp with a token of `time` (microseconds) and `serial` (big-endian magnitude, 1 to 20 octets,
 * unique for ever). Fails with RFD_E_ARGUMENT for the serial or a time before 1970
 * or after 9999, or as sign does; then nothing was appended.
 */
rfd_status stamper_answer(const struct stamper *s, const struct stamper_request *request, slice serial, rfd_time time,
                          struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Parses and answers; a request that is refused gets its rejection, with RFD_OK and the cause in `error`. A failure
 * to sign is answered with system failure in the same way. `*granted` says whether a token was made, `*request` what
 * was asked, for the log. RFD_E_MEMORY and RFD_E_LIMIT of `out` alone are returned. */
rfd_status stamper_respond(const struct stamper *s, slice der, slice serial, rfd_time time, struct buf *out,
                           struct stamper_request *request, bool *granted, struct rfd_error *error) RFD_MUST_CHECK;

/** Appends a TimeStampResp with status rejection, the failure's bit, and its name in English as statusString. */
void stamper_put_rejection(struct buf *b, enum stamper_failure failure);

#endif
