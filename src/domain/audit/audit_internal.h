/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the audit share.
 */
#ifndef DOMAIN_AUDIT_INTERNAL_H
#define DOMAIN_AUDIT_INTERNAL_H

#include "base/buf.h"
#include "domain/audit/audit.h"

/** The name under which the keeper knows this chain. */
#define AUDIT_CHAIN "audit"

/** audit_hash() with memory that many rows share. */
rfd_status audit_hash_with(struct buf *memory, const struct audit_row *row, const uint8_t previous[AUDIT_HASH_SIZE],
                           uint8_t out[AUDIT_HASH_SIZE], struct rfd_error *error) RFD_MUST_CHECK;

struct audit_end {
    uint64_t sequence; /* of the last row; 0: none */
    uint8_t hash[AUDIT_HASH_SIZE];
};
/** As the chain's own row says. */
rfd_status audit_read_end(struct transaction *t, struct audit_end *out, struct rfd_error *error) RFD_MUST_CHECK;

enum { AUDIT_ASK_MILLISECONDS = 10000, AUDIT_ASK_MAXIMUM = 256 };

#endif
