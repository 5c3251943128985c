/* SPDX-License-Identifier: EUPL-1.2
 *
 * What authorises signatures (the keeper's SAD) on its way through the database: encrypted with AES-256-GCM under a key
 * that HKDF-SHA-256 makes of the code, and then of the token, which the database does not have; bound to all that it is
 * for, so that a row whose portal, credential or count were altered opens no more.
 */
#ifndef DOMAIN_CSC_SEAL_H
#define DOMAIN_CSC_SEAL_H

#include "domain/csc/csc.h"

enum csc_seal_kind { CSC_SEAL_CODE, CSC_SEAL_TOKEN };

/** `text` is the code or token; of `token` all that the row has is bound, and `sad` is sealed. */
rfd_status csc_seal(enum csc_seal_kind kind, slice text, const struct csc_token *token, struct buf *out,
                    struct rfd_error *error) RFD_MUST_CHECK;
/** Writes token->sad; false when anything is not what it was. */
bool csc_unseal(enum csc_seal_kind kind, slice text, slice sealed, struct csc_token *token);

#endif
