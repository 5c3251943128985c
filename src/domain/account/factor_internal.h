/* SPDX-License-Identifier: EUPL-1.2
 *
 * What second factors have in common: whose they are, counting wrong codes, switching them on and off.
 */
#ifndef DOMAIN_ACCOUNT_FACTOR_INTERNAL_H
#define DOMAIN_ACCOUNT_FACTOR_INTERNAL_H

#include "domain/account/account_internal.h"

/** The account, when the actor may change its ways to sign in: its holder, or who manages accounts. */
rfd_status factor_own(struct transaction *t, const struct actor *actor, int64_t account, struct account *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Counts a try, until factor_forget(), unless codes are locked. */
rfd_status factor_claim(struct transaction *t, const struct account *account, bool *locked,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** It was wrong: the fifth locks for 15 minutes, the next five for 30 ... */
rfd_status factor_wrong(struct transaction *t, const struct account *account, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status factor_forget(struct transaction *t, int64_t account, struct rfd_error *error) RFD_MUST_CHECK;
/** The account uses this factor from now on, or no more: audit, and a message to its holder. */
rfd_status factor_set(struct transaction *t, const struct actor *actor, const struct account *account,
                      enum sign_in_method method, bool on, struct rfd_error *error) RFD_MUST_CHECK;
/** A code as people copy it, without blanks. */
slice factor_digits(slice code, struct arena *a);

rfd_status totp_use(struct transaction *t, const struct account_settings *settings, const struct account *account,
                    bool active, slice code, bool *right, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status code_use(struct transaction *t, const struct account_settings *settings, const struct account *account,
                    enum sign_in_method channel, slice code, bool *right, struct rfd_error *error) RFD_MUST_CHECK;

#endif
