/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker's schedules, each a row of a table: name, how often, what it does, under which lease. A job that fails is
 * tried again at its next time and told to the log; it never ends the worker.
 */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "domain/authority/authority.h"
#include "settings/settings.h"

struct jobs {
    const struct settings *settings;
    struct authority_domain authority;
    struct keeper_client *signers;
    char node[64]; /* who holds the leases */
};
typedef rfd_status job_work(struct jobs *jobs, struct rfd_error *error);
struct job {
    const char *name;
    unsigned milliseconds; /* between two runs */
    bool alone;            /* under a lease: one worker of all nodes at a time */
    job_work *work;
};
/** Ends with a NULL name. */
extern const struct job job_table[];

/** Runs what is due and returns the milliseconds until the next one. */
unsigned jobs_run(struct jobs *jobs);

#endif
