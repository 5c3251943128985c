/* SPDX-License-Identifier: EUPL-1.2
 *
 * The agent's side of an approval: signing its text.
 */
#ifndef KEEPER_APPROVAL_SIGN_H
#define KEEPER_APPROVAL_SIGN_H

#include "keeper/approval.h"

struct rfd_key;

/** Appends the SignedData that approval.h describes, of a text made by approval_write(). As the key refuses. */
rfd_status approval_sign(struct rfd_key *key, slice text, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
