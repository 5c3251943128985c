/* SPDX-License-Identifier: EUPL-1.2
 *
 * HMAC-SHA-256 (RFC 2104) with a key that never leaves its locked page but into the hash.
 */
#ifndef KEEPER_MAC_H
#define KEEPER_MAC_H

#include "base/secret.h"

enum { MAC_SIZE = 32 };

/** Over `first`, then `second`. RFD_E_INTERNAL, RFD_E_MEMORY. */
rfd_status mac_of(const struct secret *key, slice first, slice second, uint8_t mac[MAC_SIZE],
                  struct rfd_error *error) RFD_MUST_CHECK;

#endif
