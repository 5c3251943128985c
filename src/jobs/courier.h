/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's part of central signing: it takes the codes that the personal keeper made (personal/protocol.h), and
 * sends them, by SMS or mail, in the person's language. A code is in this process's memory until it has left, and
 * nowhere else: not in the database, not in a log. One that no gateway took is tried again as long as its operation
 * lasts.
 */
#ifndef JOBS_COURIER_H
#define JOBS_COURIER_H

#include "jobs/jobs.h"

struct courier;
/** `jobs` has settings, passwords, database and the way to the personal keeper; borrowed. */
rfd_status courier_new(const struct jobs *jobs, struct courier **out, struct rfd_error *error) RFD_MUST_CHECK;
void courier_free(struct courier *courier);
/** Takes and sends what there is; the milliseconds until it wants to be called again. Failures go to the log. */
unsigned courier_run(struct courier *courier);

#endif
