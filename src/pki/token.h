/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking at tokens: which certificates they hold, under which address.
 */
#ifndef PKI_TOKEN_H
#define PKI_TOKEN_H

#include "pki/certificate.h"

/** Calls `take` for each certificate on the tokens that match the address (RFC 7512; "pkcs11:" is all of them), with
 * an address that names it. `pin` may be empty: then only public objects are seen. */
typedef bool token_take(void *context, const char *uri, const struct certificate *certificate);
rfd_status token_list(const char *uri, slice pin, token_take *take, void *context, struct rfd_error *error)
    RFD_MUST_CHECK;

#endif
