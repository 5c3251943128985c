/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's part of notices to portals (domain/central/webhook.h): takes those that are due, has each signed, sends
 * them, and writes down how it went. In a thread of its own, as portals may be slow.
 *
 * The signature is a detached JWS (RFC 7515 appendix F) of the body, of type "webhook+jwt", by the key of the JWK set
 * of single sign-on, in the header Refrenda-Signature.
 */
#ifndef JOBS_NOTIFIER_H
#define JOBS_NOTIFIER_H

#include "jobs/jobs.h"

struct notifier;
/** `jobs` has settings, database and keeper; borrowed. */
rfd_status notifier_new(const struct jobs *jobs, struct notifier **out, struct rfd_error *error) RFD_MUST_CHECK;
void notifier_free(struct notifier *notifier);
/** Sends what is due; the milliseconds until it wants to be called again. Failures go to the log. */
unsigned notifier_run(struct notifier *notifier);

#endif
