/* SPDX-License-Identifier: EUPL-1.2
 *
 * Short secrets at rest: AES-256-GCM under the installation's key, bound to what they are of (additional data), so
 * that a row cannot be moved to another account.
 */
#ifndef DOMAIN_ACCOUNT_SEAL_SECRET_H
#define DOMAIN_ACCOUNT_SEAL_SECRET_H

#include "base/buf.h"

enum { SEAL_SECRET_NONCE = 12, SEAL_SECRET_TAG = 16, SEAL_SECRET_MAXIMUM = 64 };

/** nonce, ciphertext, tag. */
rfd_status seal_secret(slice key, slice owner, slice secret, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Into `out`; RFD_E_KEYSTORE_DAMAGED when it is not what was sealed. */
rfd_status open_secret(slice key, slice owner, slice sealed, uint8_t out[SEAL_SECRET_MAXIMUM], size_t *length,
                       struct rfd_error *error) RFD_MUST_CHECK;

#endif
