/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a ResponseData (RFC 6960 §4.2.1) may be signed by an OCSP key. It must be exactly one, in DER, of version 1,
 * and
 *
 *   - name this key as the responder: by its hash, or by the subject of its certificate
 *   - be made now (producedAt), and hold no longer than the key's policy says
 *   - say good or revoked of certificates of the key's issuer alone; of all others, unknown
 *   - have only extensions that are known here, none critical
 *
 * Whether what it says of a serial number is true is not checked: the keeper has no register of certificates.
 */
#ifndef KEEPER_OCSP_CHECK_H
#define KEEPER_OCSP_CHECK_H

#include "pki/certificate/certificate.h"
#include "pki/digest.h"

enum {
    OCSP_CHECK_SINGLES = 64, /* answers in one response */
    OCSP_CHECK_DIGESTS = 4,
    OCSP_CHECK_SKEW = 300 /* seconds that times may be off the keeper's clock */
};

struct ocsp_rule {
    uint8_t name_hashes[OCSP_CHECK_DIGESTS][DIGEST_SIZE_MAXIMUM]; /* of the issuer, by SHA-1, -256, -384, -512 */
    uint8_t key_hashes[OCSP_CHECK_DIGESTS][DIGEST_SIZE_MAXIMUM];
    uint8_t responder_key[20]; /* SHA-1 of the key's bits */
    slice responder_name;      /* empty while there is no certificate */
    uint32_t validity;         /* seconds */
};

/** Hashes what certIDs hash. `spki` is the responder's; `name` must outlive the rule. */
rfd_status ocsp_rule_set(struct ocsp_rule *rule, const struct certificate *issuer, slice spki, slice name,
                         uint32_t validity, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_DER when it is malformed, RFD_E_KEY_REFUSED naming what the policy forbids. */
rfd_status ocsp_check(const struct ocsp_rule *rule, slice response_data, rfd_time now,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
