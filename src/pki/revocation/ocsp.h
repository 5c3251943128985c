/* SPDX-License-Identifier: EUPL-1.2
 *
 * OCSP requests and responses (RFC 6960, RFC 9654) as data: built, parsed, and matched to a certificate. Whether the
 * signer of a response may speak for the issuer is decided in revocation_ocsp.c.
 */
#ifndef PKI_OCSP_H
#define PKI_OCSP_H

#include "pki/algorithm.h"

/* OCSPResponseStatus (RFC 6960 §4.2.1). */
enum ocsp_status {
    OCSP_SUCCESSFUL = 0,
    OCSP_MALFORMED_REQUEST = 1,
    OCSP_INTERNAL_ERROR = 2,
    OCSP_TRY_LATER = 3,
    OCSP_SIGNATURE_REQUIRED = 5,
    OCSP_UNAUTHORIZED = 6
};

struct ocsp {
    rfd_bytes bytes;
    enum ocsp_status status; /* the rest is only there when OCSP_SUCCESSFUL */
    slice basic;             /* BasicOCSPResponse, whole */
    slice tbs;
    slice responder_name; /* Name, whole; or */
    slice responder_key;  /* SHA-1 of the key bits */
    rfd_time produced_at;
    slice responses; /* content of SEQUENCE OF SingleResponse */
    slice nonce;     /* the extension's value as sent, empty when absent */
    bool unknown_critical;
    slice signature_algorithm; /* whole */
    slice signature;
    struct certificate_list certificates; /* what could be read of them */
};

/** Copies `der`, which must be exactly one OCSPResponse. RFD_E_OCSP. */
rfd_status ocsp_parse(slice der, struct ocsp **out, struct rfd_error *error) RFD_MUST_CHECK;
void ocsp_free(struct ocsp *o);
/** "try later (3)" ... */
const char *ocsp_status_text(enum ocsp_status status);

enum ocsp_certificate_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };
struct ocsp_single {
    enum ocsp_certificate_status status;
    rfd_time revoked_at;
    int reason;                        /* RFC 5280 §5.3.1, -1 when not given */
    rfd_time this_update, next_update; /* RFD_TIME_NONE when absent */
    rfd_time archive_cutoff;           /* RFD_TIME_NONE when absent */
    bool unknown_critical;
};
/** The newest answer about `c` issued by `issuer`: the certID's name hash, key hash and serial must all fit. */
bool ocsp_find(const struct ocsp *o, const struct certificate *c, const struct certificate *issuer,
               struct ocsp_single *out);
/** The responderID names `c`. */
bool ocsp_is_responder(const struct ocsp *o, const struct certificate *c);
bool ocsp_signed_by(const struct ocsp *o, const struct certificate *signer);

/** An OCSPRequest for one certificate with a SHA-1 certID (the one that every responder knows, RFC 6960 §4.3) and a
 * nonce (RFC 9654) unless it is empty. */
rfd_status ocsp_put_request(struct buf *b, const struct certificate *c, const struct certificate *issuer, slice nonce,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The nonce inside `o` is `nonce` (inside its OCTET STRING, or raw as some responders send it). */
bool ocsp_nonce_matches(const struct ocsp *o, slice nonce);
/** A BasicOCSPResponse wrapped into a successful OCSPResponse (RFC 6960 §4.2.1). */
void ocsp_put_response(struct buf *b, slice basic);

#endif
