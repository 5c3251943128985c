/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a portal's program proves who it is, whichever interface it uses: a signed assertion with its registered key
 * (private_key_jwt: RFC 7523 §2.2, §3), its TLS client certificate (RFC 8705 §2.2, recognised by its SHA-256), or a
 * secret (RFC 6749 §2.3.1).
 */
#ifndef DOMAIN_CENTRAL_PORTAL_PROOF_H
#define DOMAIN_CENTRAL_PORTAL_PROOF_H

#include "domain/central/central.h"

enum { PORTAL_ASSERTION_SECONDS = 300 /* that an assertion may hold at most */ };

/** What came; what did not is empty. */
struct portal_proof {
    slice client;      /* client_id; an assertion's "sub" names it as well */
    slice secret;      /* by Basic, or in the form */
    slice assertion;   /* compact JWS, ES256 or RS256, by the portal's key */
    slice certificate; /* DER, of the TLS connection */
    /** Whom an assertion may be for ("aud"): the issuer, the address of the endpoint, and that of the token endpoint,
     * by which others know the server, too (RFC 9126 §2); the last may be empty. */
    slice issuer, endpoint, token_endpoint;
};
/** The portal, open and proved by exactly one of the ways that are registered for it. An assertion is good once (its
 * "jti" is kept until it ends), so the transaction writes. Takes the same time for unknown portals as for wrong
 * secrets. RFD_E_UNAUTHORISED, with the reason for the log. */
rfd_status portal_prove(struct transaction *t, const struct portal_proof *proof, struct portal *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** A new secret for a portal, shown once; the row keeps its SHA-256. */
rfd_status portal_make_secret(struct transaction *t, const struct actor *actor, int64_t portal, char secret[44],
                              struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: what is remembered of assertions that have ended. */
rfd_status portal_proof_sweep(struct transaction *t, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
