/* SPDX-License-Identifier: EUPL-1.2
 *
 * Programs that ask, and how they say who they are: a name and a secret (Basic), a token (Bearer), a signed assertion,
 * the certificate of their connection. Whether it is right is the domain's to find out.
 */
#ifndef WEB_PROGRAM_H
#define WEB_PROGRAM_H

#include "domain/central/portal_proof.h"
#include "web/web.h"

#define PROGRAM_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" /* RFC 7523 §2.2 */

/** Name and secret of an Authorization header; false when there is none, or it is not Basic. */
bool program_basic(struct page *page, slice *name, slice *secret);
/** The token of an Authorization header; empty when there is none, or it is not Bearer (RFC 6750 §2.1). */
slice program_bearer(const struct page *page);
/** One field of a body; sent twice, it counts as missing. */
slice program_field(const struct http_fields *form, const char *name);

/** What came of the proofs of portals: Basic, fields `client_id`, `client_secret`, `client_assertion`, and the
 * certificate of the connection. `endpoint` is this address as the world calls it. RFD_E_REQUEST when the request tries
 * more than one way (RFC 6749 §2.3), or an assertion of an unknown type. */
rfd_status program_proof(struct page *page, const struct http_fields *form, const char *issuer, const char *endpoint,
                         struct portal_proof *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Where the listener for certificates is, as the world calls it: "https://firma.example:8443"; NULL: nowhere. */
const char *program_certificate_base(const struct page *page);

#endif
