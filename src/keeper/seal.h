/* SPDX-License-Identifier: EUPL-1.2
 *
 * Authenticated encryption of key material: AES-256-GCM (NIST SP 800-38D) under a key that is used for one thing
 * only, derived by HKDF-SHA-256 (RFC 5869). A fresh random salt for each encryption makes the key new each time, so
 * that nonces cannot meet.
 */
#ifndef KEEPER_SEAL_H
#define KEEPER_SEAL_H

#include "base/buf.h"

enum { SEAL_KEY_SIZE = 32, SEAL_SALT_SIZE = 32, SEAL_TAG_SIZE = 16, SEAL_OVERHEAD = SEAL_SALT_SIZE + SEAL_TAG_SIZE };

/** HKDF-SHA-256 (RFC 5869): a key for the use that `label` names. The salt may be empty. */
bool seal_derive(slice key, slice salt, slice label, uint8_t derived[SEAL_KEY_SIZE]);

/** Appends salt, ciphertext and tag. `label` names the use; `authenticated` is not written but must be the same at
 * opening; it may lie in `out` when that has room already. RFD_E_INTERNAL, RFD_E_MEMORY. */
rfd_status seal_close(slice key, slice label, slice authenticated, slice plain, struct buf *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Writes sealed.length - SEAL_OVERHEAD octets to `plain`; false (and zeros there) when key, label, authenticated or
 * sealed octets are not what they were. */
bool seal_open(slice key, slice label, slice authenticated, slice sealed, uint8_t *plain);

#endif
