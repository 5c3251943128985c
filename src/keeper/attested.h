/* SPDX-License-Identifier: EUPL-1.2
 *
 * Attestations of the personal keeper as they come in KEEPER_ISSUE (attestation.h). With one, an approval whose key is
 * "central" gives a certificate for the key that it attests: for each pair of approval and key one, once.
 */
#ifndef KEEPER_ATTESTED_H
#define KEEPER_ATTESTED_H

#include "keeper/approved.h"
#include "keeper/attestation.h"

enum { ATTESTED_SECONDS = 24 * 3600 /* that an attestation holds; the journal remembers longer */ };

/** Slices of the message. */
struct attested {
    slice text, signature;
    struct attestation attestation;
    uint8_t use[APPROVAL_HASH_SIZE]; /* what is used once: SHA-256 of approval hash and key hash */
};

/** Takes what stands behind the approvals: bytes attestation, bytes signature. It is about this approval and this key,
 * or RFD_E_APPROVAL. Its signature is not looked at. */
rfd_status attested_take(struct attested *a, const struct approved *approved, slice spki, struct message_reader *r,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Signed by a personal keeper who is registered, not of the future, not too old, not before its approval, which holds
 * still; nor before `began`, the beginning of the journal. RFD_E_APPROVAL. */
rfd_status attested_check(const struct attested *a, const struct approved *approved, const struct registered_list *l,
                          rfd_time began, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
