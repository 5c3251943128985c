/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files about certificates of people, their revocation and their mails share.
 */
#ifndef DOMAIN_HOLDING_INTERNAL_H
#define DOMAIN_HOLDING_INTERNAL_H

#include "domain/registration/internal.h"

/* ---- holding.c ---- */

/** Whoever asks. RFD_E_NOT_FOUND also for certificates of services. */
rfd_status holding_load(struct transaction *t, const struct registration_settings *settings, int64_t certificate,
                        struct holding *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status holding_is_own(struct transaction *t, const struct actor *actor, const struct packs *packs,
                          int64_t certificate, bool *out, struct rfd_error *error) RFD_MUST_CHECK;
/** For the policy table. */
rfd_status holding_object(struct transaction *t, const struct holding *holding, struct access_object *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status holding_check_actor(struct transaction *t, const struct actor *actor, enum action action,
                               const struct holding *holding, struct rfd_error *error) RFD_MUST_CHECK;
/** Whose catalogues are asked: the profile's country, or the installation's. */
const char *holding_country(const struct registration_settings *settings, const struct certificate_row *row);

/* ---- holding_enter.c ---- */

/** A serial number in hexadecimal, in the arena; data is NULL without memory. */
slice holding_serial(slice serial, struct arena *a);

/* ---- revoke_order.c: what is ordered, and by whom ---- */

struct revoke_reason {
    slice code;
    slice title; /* for lists, in Spanish as the catalogue always has it */
    int rfc;     /* RFC 5280 §5.3.1 */
};
/** Number, reason, and of an agent (not the holder, not the system) the signature; all that is wrong goes into the
 * faults. `*signer`: the certificate of the signature, by its number in the register; 0: nobody signed. */
rfd_status revoke_check_order(struct transaction *t, const struct actor *actor,
                              const struct registration_settings *settings, const struct holding *holding,
                              const struct revocation_order *order, bool is_signed, struct revoke_reason *reason,
                              int64_t *signer, struct faults *faults, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether two have to decide: as many as its profile wants to issue it. */
bool revoke_needs_two(const struct registration_settings *settings, const struct holding *holding);

/* ---- revoke_carry.c: from the order to the receipt ---- */

/** What there is of a certificate that was not rejected; request 0: nothing. */
struct revoke_row {
    int64_t request, requester, agent;
    enum request_state state;
    bool begun;
};
rfd_status revoke_row_of(struct transaction *t, int64_t certificate, struct revoke_row *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Enters a request to revoke; `signer` as above. With `begin` it is ordered at once: then revoke_carry_out(). */
struct revoke_entry {
    const struct actor *actor;
    const struct registration_settings *settings;
    const struct holding *holding;
    const struct revocation_order *order;
    const struct revoke_reason *reason;
    int64_t signer;
    bool begin;
};
rfd_status revoke_enter(struct transaction *t, const struct revoke_entry *entry, struct request *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Orders one that was asked for. RFD_E_STATE when somebody else did meanwhile. */
rfd_status revoke_begin(struct transaction *t, const struct revoke_entry *entry, int64_t request,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Revokes what was ordered, and tells; may be called again, by anybody. Outside of a transaction. */
rfd_status revoke_carry_out(struct authority_domain *authority, const struct actor *actor,
                            const struct registration_settings *settings, int64_t request,
                            struct rfd_error *error) RFD_MUST_CHECK;

#endif
