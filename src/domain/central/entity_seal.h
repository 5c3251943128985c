/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seals of entities: credentials of the personal keeper whose certificate is of a legal person, and which sign with the
 * password (PIN) alone, as there is nobody with a telephone; or, where agents say so, with a code, too, that goes to
 * who answers for it. Whether a credential is one, and how it signs, is what its agents' approval says, and the keeper
 * decides by that, not by what is asked of it (approval_is_of_entity()). Who may use one is
 * granted here, portal by portal, with an end and a daily limit; each use counts before it signs. A grant alone signs
 * nothing: the portal needs the PIN, too, which only who looks after the seal can give it.
 */
#ifndef DOMAIN_CENTRAL_ENTITY_SEAL_H
#define DOMAIN_CENTRAL_ENTITY_SEAL_H

#include "domain/central/central.h"

enum { SEAL_DAILY_MOST = 100000000 };

struct seal_grant {
    int64_t id, portal, entity;
    slice credential; /* of the personal keeper */
    slice holder;     /* serialNumber or organizationIdentifier of its certificates */
    int64_t daily;    /* signatures a day; 0: no limit */
    rfd_time ends;    /* RFD_TIME_NONE: no end */
    bool withdrawn;
    rfd_time created;
    slice portal_name, entity_name;
    int64_t used; /* today: days are those of UTC */
};
/** By who administers portals (ACTION_CENTRAL_PORTALS), for a credential that is an entity's: entity and holder are its
 * own, whatever is given. Faults: "credential", "portal", "daily", "ends". */
rfd_status seal_grant_put(struct transaction *t, const struct actor *actor, const struct seal_grant *grant,
                          struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** By who administers portals, or looks after the seal; RFD_E_NOT_FOUND for others. Twice is once. */
rfd_status seal_grant_withdraw(struct transaction *t, const struct actor *actor, int64_t id,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** For the same people. */
rfd_status seal_grant_find(struct transaction *t, const struct actor *actor, int64_t id, rfd_time now,
                           struct seal_grant *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Those in force of a portal, in the transaction's arena. */
rfd_status seal_grants_of(struct transaction *t, int64_t portal, rfd_time now, struct seal_grant **out, size_t *count,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Those in force of a seal. */
rfd_status seal_grants_of_credential(struct transaction *t, slice credential, rfd_time now, struct seal_grant **out,
                                     size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Counts `count` signatures of today: RFD_E_SLOW_DOWN over the limit, RFD_E_NOT_FOUND without a grant in force. */
rfd_status seal_grant_use(struct transaction *t, int64_t portal, slice credential, unsigned count, rfd_time now,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Seals that can be granted: certified, not revoked, not expired. */
struct seal_choice {
    int64_t entity;
    slice credential, holder, entity_name;
    slice person;   /* who looks after it */
    rfd_time until; /* of its certificate */
};
rfd_status seal_choices(struct transaction *t, const struct actor *actor, rfd_time now, struct seal_choice **out,
                        size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
extern const struct list_definition seal_grant_list; /* filter "portal" */

#endif
