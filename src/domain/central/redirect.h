/* SPDX-License-Identifier: EUPL-1.2
 *
 * What portals' programs ask for that send their people here: their own operations, each request that makes one once.
 */
#ifndef DOMAIN_CENTRAL_REDIRECT_H
#define DOMAIN_CENTRAL_REDIRECT_H

#include "domain/central/central.h"

enum { REDIRECT_HASH_SIZE = 32, REDIRECT_NAME_MINIMUM = 8, REDIRECT_NAME_MAXIMUM = 64, REDIRECT_DAYS = 7 };

/** Who acts, for the audit: "system:portal:CLIENT". In `a`. */
rfd_status redirect_actor(const struct portal *portal, struct arena *a, struct actor *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** An operation of this portal's: RFD_E_NOT_FOUND for those of others, too. */
rfd_status redirect_find(struct transaction *t, int64_t portal, slice token, struct signing *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The operation that a request of this name (Idempotency-Key) has made within the last days; its id 0: none.
 * RFD_E_STORE_CONFLICT when that one asked for something else. From here on to the end of the transaction, other
 * requests of the portal wait. */
rfd_status redirect_seen(struct transaction *t, int64_t portal, slice name, const uint8_t hash[REDIRECT_HASH_SIZE],
                         struct signing *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status redirect_remember(struct transaction *t, int64_t portal, slice name, const uint8_t hash[REDIRECT_HASH_SIZE],
                             int64_t signing, struct rfd_error *error) RFD_MUST_CHECK;
/** Seconds until the portal's quota lets it make another one; 0: it does now. */
rfd_status redirect_wait(struct transaction *t, const struct portal *portal, rfd_time now, unsigned *seconds,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The worker's: names of requests that nobody will repeat any more. */
rfd_status redirect_sweep(struct store *store, rfd_time now, struct rfd_error *error) RFD_MUST_CHECK;

#endif
