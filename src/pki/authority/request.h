/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests for a certificate: PKCS #10 (RFC 2986). Of a request only the public key is used, copied as it is, once its
 * owner has proved to hold the private one; subject and extensions come from the registration's record and the profile,
 * never from here. The subject is handed out to be shown.
 */
#ifndef PKI_REQUEST_H
#define PKI_REQUEST_H

#include "pki/authority/key_check.h"

enum { REQUEST_MAXIMUM = 64 << 10 };

struct request {
    slice subject; /* Name, whole; may be empty */
    slice spki;    /* SubjectPublicKeyInfo, whole */
    slice info;    /* CertificationRequestInfo, whole: what is signed */
    slice signature_algorithm;
    slice signature;
};
/** Exactly one CertificationRequest in DER; keeps slices into `der`. RFD_E_DER, RFD_E_LIMIT. */
rfd_status request_parse(slice der, struct request *out, struct rfd_error *error) RFD_MUST_CHECK;
/** key_check() of its key, and proof of possession: the request is signed with it, by an algorithm that may be relied
 * on. RFD_E_POSSESSION when the signature is wrong; RFD_E_KEY_WEAK and RFD_E_KEY_ALGORITHM also for the signature's
 * algorithm. */
rfd_status request_verify(const struct request *request, const struct key_rules *rules,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
