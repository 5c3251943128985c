/* SPDX-License-Identifier: EUPL-1.2
 *
 * Looking at a token: which certificates it holds, under which address.
 */
#ifndef PKI_TOKEN_LIST_H
#define PKI_TOKEN_LIST_H

#include "pki/certificate/certificate.h"

/** Calls `take` for each certificate on the token that fits the address (RFC 7512), with an address that names its key.
 * `pin` may be empty: then only what the token shows without one is seen. Stops when `take` says false.
 * Errors as token_open(): several tokens are RFD_E_TOKEN_AMBIGUOUS with their names in the detail. */
typedef bool token_take(void *context, const char *uri, const struct certificate *certificate);
rfd_status token_list(const char *uri, slice pin, token_take *take, void *context,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
