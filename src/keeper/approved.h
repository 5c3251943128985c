/* SPDX-License-Identifier: EUPL-1.2
 *
 * Approvals as they come in a message (approval.h), and who signed them. What they are for, how old they may be, and
 * whether they were used, is for who was asked.
 */
#ifndef KEEPER_APPROVED_H
#define KEEPER_APPROVED_H

#include "keeper/registered.h"

enum { APPROVED_EARLY_SECONDS = 300 /* that an agent's clock may be ahead */ };

/** SignedData of one text; slices of the message. */
struct approved {
    struct cms signed_data[APPROVALS_MAXIMUM];
    size_t count;
    struct approval approval;
    uint8_t hash[APPROVAL_HASH_SIZE]; /* SHA-256 of the text */
};

/** Takes u32 count (1 to APPROVALS_MAXIMUM), each bytes SignedData, into a zeroed struct, which is to be disposed of
 * whatever is returned. Signatures are not looked at. RFD_E_APPROVAL, RFD_E_APPROVAL_FEW, RFD_E_PROTOCOL. */
rfd_status approved_take(struct approved *a, struct message_reader *r, struct rfd_error *error) RFD_MUST_CHECK;
void approved_dispose(struct approved *a);

/** There are at least `wanted`, each signed by somebody registered who may approve the profile `now`; two are of two
 * agents. RFD_E_APPROVAL, RFD_E_APPROVAL_FEW. */
rfd_status approved_check_signers(const struct registered_list *l, const struct approved *a, size_t wanted,
                                  rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
