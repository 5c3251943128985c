/* SPDX-License-Identifier: EUPL-1.2
 *
 * What browsers send for passkeys (W3C Web Authentication, level 2): read and verified, by libfido2. Knows neither
 * accounts nor the database. Attestation is not asked for, and its statement not looked at: which make of
 * authenticator somebody has is nobody's business.
 */
#ifndef DOMAIN_ACCOUNT_WEBAUTHN_H
#define DOMAIN_ACCOUNT_WEBAUTHN_H

#include "base/arena.h"

enum { WEBAUTHN_JSON_MAXIMUM = 32 << 10, WEBAUTHN_CREDENTIAL_MAXIMUM = 1023, WEBAUTHN_KEY_MAXIMUM = 512 };

/** The parts of a PublicKeyCredential, decoded; in an arena. */
struct webauthn_answer {
    slice credential;                          /* rawId */
    slice client_data;                         /* clientDataJSON */
    slice attestation;                         /* attestationObject; of a new one */
    slice authenticator_data, signature, user; /* of one that signs; `user` is the user handle, or empty */
    slice challenge, origin;                   /* of client_data */
};
/** `create`: whether a new one is expected. RFD_E_INVALID. */
rfd_status webauthn_read(slice json, bool create, struct arena *a, struct webauthn_answer *out,
                         struct rfd_error *error) RFD_MUST_CHECK;

struct webauthn_credential {
    slice id;
    int algorithm; /* COSE: -7 ES256, -257 RS256, -8 EdDSA */
    slice public_key;
    uint32_t counter;
};
/** §7.1 from step 10 on, but for challenge and origin: relying party, user presence and verification, the key. */
rfd_status webauthn_register(const struct webauthn_answer *answer, const char *relying_party, struct arena *a,
                             struct webauthn_credential *out, struct rfd_error *error) RFD_MUST_CHECK;
/** §7.2 from step 13 on, but for challenge and origin. `*counter` is the authenticator's. RFD_E_SIGNING. */
rfd_status webauthn_verify(const struct webauthn_answer *answer, const struct webauthn_credential *credential,
                           const char *relying_party, uint32_t *counter, struct rfd_error *error) RFD_MUST_CHECK;

#endif
