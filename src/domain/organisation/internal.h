/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the organisation: what several of its files need.
 */
#ifndef DOMAIN_ORGANISATION_INTERNAL_H
#define DOMAIN_ORGANISATION_INTERNAL_H

#include "base/i18n.h"
#include "domain/organisation/record.h"

#include <stddef.h>

/** Takes the next word off a text with blanks between; false: there is none. */
bool organisation_next_word(slice *text, slice *word);
/** "example.gob.pe": labels of letters, digits and hyphens (RFC 1123 §2.1), two at least. */
bool organisation_is_domain(slice text);

/** record_hold(), and RFD_E_STATE when it is closed. */
rfd_status organisation_hold(struct transaction *t, const struct record *r, int64_t id,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_STATE when the query, of the one parameter id, gives a row; the error tells its text. */
rfd_status organisation_blocked(struct transaction *t, const char *sql, const char *kind, int64_t id,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Closes once; a second time is RFD_E_STATE. */
rfd_status organisation_close(struct transaction *t, const struct actor *actor, const struct record *r, int64_t id,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** May the actor do this to something of the unit? */
rfd_status organisation_check_unit(const struct actor *actor, enum action action, const struct unit *unit,
                                   struct rfd_error *error) RFD_MUST_CHECK;

/* Words of lists that other rows' names are in. */
rfd_status position_index_unit(struct transaction *t, int64_t unit, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status appointment_index_person(struct transaction *t, int64_t person, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status appointment_index_position(struct transaction *t, int64_t position, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status departure_index_person(struct transaction *t, int64_t person, struct rfd_error *error) RFD_MUST_CHECK;

/** Faults where the actor may not change how somebody with an account is reached. */
rfd_status person_check_reach(struct transaction *t, const struct actor *actor, const struct person *p,
                              const struct person *before, struct faults *faults,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Tells the old address of another one, and ends the links that were sent to it. */
rfd_status person_tell_reach(struct transaction *t, const struct person *p, const struct person *before,
                             struct rfd_error *error) RFD_MUST_CHECK;

extern const struct record departure_record;
/** Mails the head who decides. */
rfd_status departure_tell_head(struct transaction *t, const struct departure *d, const struct person *leaver,
                               const struct unit *unit, const struct zone *zone,
                               struct rfd_error *error) RFD_MUST_CHECK;
/* As the functions without "now" and "leave", for who has been checked already. */
rfd_status appointment_end_now(struct transaction *t, const struct actor *actor, int64_t id, rfd_time moment,
                               struct rfd_error *error) RFD_MUST_CHECK;
rfd_status support_group_leave(struct transaction *t, const struct actor *actor, int64_t group, int64_t person,
                               struct rfd_error *error) RFD_MUST_CHECK;

#endif
