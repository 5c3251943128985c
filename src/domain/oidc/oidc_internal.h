/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of single sign-on share.
 */
#ifndef DOMAIN_OIDC_INTERNAL_H
#define DOMAIN_OIDC_INTERNAL_H

#include "domain/oidc/oidc.h"

/** https, or http to this machine; nothing that a header or page could be broken with, no user names, no fragment. */
bool oidc_is_address(slice s);
/** SHA-256 of the client's secret; empty: it has none. */
rfd_status oidc_client_secret_hash(struct transaction *t, int64_t id, slice *out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

#endif
