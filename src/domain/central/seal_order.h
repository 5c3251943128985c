/* SPDX-License-Identifier: EUPL-1.2
 *
 * How an entity comes to its seal: agents of the entity say who answers for it, and by which document, and sign the
 * approval: as many different ones as the profile wants, never who answers for it. Then that person makes the key with
 * a code and a PIN of their own (central_generate_seal_begin()).
 */
#ifndef DOMAIN_CENTRAL_SEAL_ORDER_H
#define DOMAIN_CENTRAL_SEAL_ORDER_H

#include "domain/central/central.h"
#include "domain/registration/registration.h"

enum { SEAL_ORDER_DAYS = 7 /* until it has to be made anew */, SEAL_BASIS_MAXIMUM = 200 /* characters */ };

struct seal_order {
    int64_t id, entity, unit; /* unit 0: none, else its name is in the seal, too; not stored but in the text */
    int64_t person;           /* who answers for it */
    int64_t agent;            /* who has signed; 0: nobody yet */
    int64_t enrolment;        /* 0: not approved yet */
    int64_t certificate;      /* of the register, the newest that was made by it; 0: none */
    slice number, profile, basis, text, signed_data;
    slice entity_name, person_name, agent_name;
    unsigned wanted; /* agents who have to sign */
    bool open;       /* neither approved nor withdrawn nor too old */
    bool withdrawn;
    bool code; /* to be asked for: signing wants a code, too, to the mobile of who answers for it; the text has it */
    rfd_time created;
};
/** The kind of certificate that seals of a country have; NULL: it has none. */
const struct pack_profile *seal_order_profile(const struct packs *packs, slice country);
/** By an agent of the entity (ACTION_REGISTRATION_ATTEND). Faults: "entity", "person", "basis". */
rfd_status seal_order_put(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, const struct seal_order *order,
                          struct faults *faults, int64_t *id, struct rfd_error *error) RFD_MUST_CHECK;
/** For agents of its entity: RFD_E_NOT_FOUND for others. */
rfd_status seal_order_see(struct transaction *t, const struct actor *actor,
                          const struct registration_settings *settings, int64_t id, rfd_time now,
                          struct seal_order *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Of the actor's entities: open ones first, the newest first of each; 200 at most. */
rfd_status seal_orders(struct transaction *t, const struct actor *actor, const struct registration_settings *settings,
                       rfd_time now, struct seal_order **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** The agent's signature of its text; with the last one that is wanted it is approved. RFD_E_FORBIDDEN for who answers
 * for the seal, RFD_E_STATE when it is not open or the same agent has signed. Fault: "signature". */
rfd_status seal_order_sign(struct transaction *t, const struct actor *actor,
                           const struct registration_settings *settings, int64_t id, slice signed_data, rfd_time now,
                           struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** Twice is once. RFD_E_STATE after it was approved. */
rfd_status seal_order_withdraw(struct transaction *t, const struct actor *actor,
                               const struct registration_settings *settings, int64_t id, rfd_time now,
                               struct rfd_error *error) RFD_MUST_CHECK;

#endif
