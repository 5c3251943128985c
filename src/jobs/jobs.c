/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/jobs.h"

#include "base/error.h"
#include "base/log.h"
#include "domain/outbox/outbox.h"
#include "ipc/channel.h"
#include "jobs/work.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE,
    LEASE_SECONDS = 30, /* how long the others wait for a worker that died */
    FIRST_PAUSE = SECOND,
    LONGEST_PAUSE = 10 * MINUTE,
    SHARE = 1 /* a job rests at least as long as it worked */
};

/* In the order in which they run when several are due. */
const struct job job_table[] = {
    {"audit", SECOND, true, job_audit},
    {"transparency", SECOND, true, job_transparency},
    {"lists", SECOND, true, job_lists},
    {"mail", 2 * SECOND, false, job_mail},
    {"sms", SECOND, false, job_sms},
    {"registered", 5 * SECOND, true, job_registered},
    {"checkpoint", MINUTE, true, job_checkpoint},
    {"expire", MINUTE, true, job_expire},
    {"access", MINUTE, true, job_access},
    {"audit-check", 5 * SECOND, true, job_audit_check},
    {"sweep", MINUTE, true, job_sweep},
    {"figures", 30 * SECOND, false, job_figures},
    {"reconcile", 5 * MINUTE, true, job_reconcile},
    {"renew", 10 * MINUTE, true, job_renew},
    {"notices", HOUR, true, job_notices},
    {"watch", HOUR, true, job_watch},
    {NULL, 0, false, NULL},
};
_Static_assert(sizeof job_table / sizeof *job_table <= JOBS_MAXIMUM, "JOBS_MAXIMUM is too small");

/** One lease for all jobs of which there may be one only; it is asked for again when half of it is over. */
static rfd_status hold_lease(struct jobs *jobs, bool *mine, struct rfd_error *error)
{
    int64_t now = channel_clock();
    *mine = jobs->lease_until > now + LEASE_SECONDS * SECOND / 2;
    if (*mine) return RFD_OK;
    TRY(lease_take(jobs->authority.store, "worker", slice_text(jobs->node), LEASE_SECONDS, mine, error));
    jobs->lease_until = *mine ? now + LEASE_SECONDS * SECOND : 0;
    return RFD_OK;
}

static void tell_failure(const struct jobs *jobs, const struct job *job, size_t row, const struct rfd_error *error)
{
    char message[160];
    (void)snprintf(message, sizeof message, "job \"%s\" failed, %u times in a row; it is tried again", job->name,
                   jobs->state[row].failures);
    /* What lasts is told again when the count doubles, and then with each try: these are minutes apart. */
    log_failure(jobs->state[row].failures == 1 ? LOG_WARNING : LOG_ERROR, "job", message, error);
}

/** When it runs next: after its time, or after a pause that doubles with each failure in a row. */
static int64_t pause_after(unsigned failures)
{
    int64_t pause = FIRST_PAUSE;
    for (unsigned i = 1; i < failures && pause < LONGEST_PAUSE; i++) pause *= 2;
    return pause < LONGEST_PAUSE ? pause : LONGEST_PAUSE;
}

static void run_one(struct jobs *jobs, size_t row)
{
    const struct job *job = &job_table[row];
    struct rfd_error error = RFD_ERROR_INIT;
    int64_t begun = channel_clock();
    bool mine = true;
    rfd_status status = job->alone ? hold_lease(jobs, &mine, &error) : RFD_OK;
    if (status == RFD_OK && mine) status = job->work(jobs, &error);
    int64_t now = channel_clock();
    int64_t rest = (now - begun) * SHARE;
    int64_t pause = rest > job->milliseconds ? rest : job->milliseconds;
    if (status == RFD_OK) {
        if (jobs->state[row].failures > 0)
            log_event(LOG_NOTICE, "job-well", "a job that failed works again", LOG_TEXT("job", job->name));
        jobs->state[row].failures = 0;
    } else if (!atomic_load(&jobs->hurry)) {
        jobs->state[row].failures++;
        tell_failure(jobs, job, row, &error);
        if (pause_after(jobs->state[row].failures) > pause || job->milliseconds > LONGEST_PAUSE)
            pause = pause_after(jobs->state[row].failures);
    }
    jobs->state[row].due = now + pause;
}

rfd_status jobs_begin(struct jobs *jobs, struct rfd_error *error)
{
    const struct settings *s = jobs->settings;
    return outbox_house(jobs->authority.store, slice_text(s->web.name), slice_text(s->web.url), error);
}

unsigned jobs_run(struct jobs *jobs)
{
    int64_t next = INT64_MAX;
    for (size_t row = 0; job_table[row].name != NULL; row++) {
        if (atomic_load(&jobs->hurry)) return 0;
        if (jobs->state[row].due <= channel_clock()) run_one(jobs, row);
        if (jobs->state[row].due < next) next = jobs->state[row].due;
    }
    int64_t left = next - channel_clock();
    return left > 0 ? (unsigned)left : 0;
}

void jobs_hurry(struct jobs *jobs)
{
    atomic_store(&jobs->hurry, true);
}
