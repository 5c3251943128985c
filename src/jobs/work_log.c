/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "domain/audit/audit.h"
#include "domain/transparency/transparency.h"
#include "jobs/work.h"

enum { ROWS_AT_ONCE = 2000 };
#define HEAD_AGE (INT64_C(3600) * RFD_SECOND) /* a head is signed anew after that, though nothing was added */

typedef rfd_status sequencer(struct store *store, size_t limit, size_t *done, struct rfd_error *error);

/** Until nothing is left. */
static rfd_status work_off(struct jobs *jobs, sequencer *sequence, struct rfd_error *error)
{
    size_t done = ROWS_AT_ONCE;
    while (done == ROWS_AT_ONCE && !atomic_load(&jobs->hurry))
        TRY(sequence(jobs->authority.store, ROWS_AT_ONCE, &done, error));
    return RFD_OK;
}

rfd_status job_audit(struct jobs *jobs, struct rfd_error *error)
{
    return work_off(jobs, audit_sequence, error);
}

rfd_status job_checkpoint(struct jobs *jobs, struct rfd_error *error)
{
    return audit_checkpoint(jobs->authority.store, jobs->authority.keeper, jobs->settings->keys.seal_key, error);
}

rfd_status job_transparency(struct jobs *jobs, struct rfd_error *error)
{
    TRY(work_off(jobs, transparency_sequence, error));
    return transparency_sign_head(jobs->authority.store, jobs->authority.keeper, jobs->settings->keys.log_key, HEAD_AGE,
                                  error);
}
