/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef DOMAIN_REGISTRATION_SUBJECT_H
#define DOMAIN_REGISTRATION_SUBJECT_H

#include "domain/registration/internal.h"
#include "keeper/approval.h"

/** Fills in subject and subject_count. `*why` is N_() when the profile wants what the applicant does not have. */
rfd_status applicant_subject(struct transaction *t, const struct packs *packs, const struct request *request,
                             const struct applicant *applicant, struct approval *out, const char **why,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
