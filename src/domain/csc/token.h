/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tokens as they are stored; for exchange.c.
 */
#ifndef DOMAIN_CSC_TOKEN_H
#define DOMAIN_CSC_TOKEN_H

#include "domain/csc/csc.h"

/** As csc_token_give(), as one of a family: all that came of one code (0: of none). */
rfd_status csc_token_put(struct transaction *t, const struct csc_token *wanted, int64_t family,
                         char token[CSC_TOKEN_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
rfd_status csc_family_end(struct transaction *t, int64_t family, struct rfd_error *error) RFD_MUST_CHECK;
/** Activates what was begun; `sad` and `ends` of what comes out. Errors as central_activate(). agree.c */
rfd_status csc_take_sad(const struct central *c, const uint8_t *operation, const struct central_proofs *proofs,
                        struct csc_token *token, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether somebody may still be acted for: 0 is the portal itself. */
rfd_status csc_account_usable(struct transaction *t, int64_t account, bool *out,
                              struct rfd_error *error) RFD_MUST_CHECK;

#endif
