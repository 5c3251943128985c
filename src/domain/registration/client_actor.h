/* SPDX-License-Identifier: EUPL-1.2
 *
 * Programs of other systems (registration clients, domain/authority) act for an account of the platform, where they
 * were given one: they may what its person may, by the one table of policies, and nothing else. One without an account
 * may ask for certificates with signed approvals, as ever, and see its own.
 */
#ifndef DOMAIN_CLIENT_ACTOR_H
#define DOMAIN_CLIENT_ACTOR_H

#include "domain/access/actor.h"

/** Who the client is to the platform, in the transaction's arena. RFD_E_FORBIDDEN when it acts for nobody, or the
 * account is not open. */
rfd_status client_actor(struct transaction *t, int64_t client, rfd_time now, struct actor *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** From now on `client` (a name) acts for the account of this code; empty: for nobody. RFD_E_NOT_FOUND. */
rfd_status client_act_for(struct transaction *t, slice who, slice client, slice account,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
