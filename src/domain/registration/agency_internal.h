/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of agency requests: what their files share.
 */
#ifndef DOMAIN_AGENCY_INTERNAL_H
#define DOMAIN_AGENCY_INTERNAL_H

#include "base/i18n.h"
#include "domain/registration/agency.h"
#include "domain/registration/catalogue.h"
#include "domain/registration/internal.h"

/** Faults that the caller does not want to see are collected all the same. */
#define AGENCY_FAULTS(faults)                                                                                          \
    struct faults own_faults_ = {.count = 0};                                                                          \
    if ((faults) == NULL) (faults) = &own_faults_

/** The actor's own, a draft or observed, which they may still file for: RFD_E_NOT_FOUND, RFD_E_FORBIDDEN, RFD_E_STATE.
 */
rfd_status agency_to_edit(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The same of an applicant's request; `*applicant` is in it. */
rfd_status agency_applicant_to_edit(struct transaction *t, const struct actor *actor, int64_t applicant,
                                    struct request *request, struct applicant **out,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** What follows every change of an editable one: it is written where it is still as it was read. */
rfd_status agency_saved(struct transaction *t, const struct actor *actor, struct request *request,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** That its state is still as it was read, until this transaction is over: RFD_E_STATE. */
rfd_status agency_hold(struct transaction *t, const struct request *request, struct rfd_error *error) RFD_MUST_CHECK;
/** An approved one of who has it: RFD_E_STATE, RFD_E_FORBIDDEN. */
rfd_status agency_to_conclude(struct transaction *t, const struct actor *actor, int64_t id, struct request *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** An open entry of a catalogue; code empty in `out`: there is none. */
rfd_status agency_entry(struct transaction *t, const struct registration_settings *settings, slice country,
                        const char *catalogue, slice code, struct catalogue_entry *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** A fault where `code` is none of them; empty is one, too. */
rfd_status agency_check_entry(struct transaction *t, const struct registration_settings *settings, slice country,
                              const char *catalogue, slice code, struct faults *faults, const char *field,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND. */
rfd_status payment_find(struct transaction *t, int64_t id, struct payment *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
