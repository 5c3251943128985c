/* SPDX-License-Identifier: EUPL-1.2
 *
 * Argon2id (RFC 9106) in memory that stays from one hash to the next, in large pages where the system has them: to map
 * and clear it costs a tenth of the work. It is never in a core dump.
 */
#ifndef KEEPER_ARGON_H
#define KEEPER_ARGON_H

#include "base/buf.h"

/** Memory of one hash; zeroed: none is mapped. One thread at a time uses it. */
struct argon_block {
    uint8_t *memory;
    size_t size;
};
/** Gives it back; it is empty then. */
void argon_block_free(struct argon_block *block);

struct argon_costs {
    uint32_t kib, passes, lanes; /* memory in KiB; the caller bounds all three */
};
/** Writes `length` octets. `block` is what an earlier hash has left, or empty; it keeps the memory, which is wiped.
 * RFD_E_MEMORY, RFD_E_INTERNAL for costs that Argon2id does not allow. */
rfd_status argon_hash(const struct argon_costs *costs, slice password, slice salt, struct argon_block *block,
                      uint8_t *hash, size_t length, struct rfd_error *error) RFD_MUST_CHECK;

#endif
