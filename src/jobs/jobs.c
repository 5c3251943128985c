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
    {"audit", SECOND, JOB_ONE, job_audit},
    {"transparency", SECOND, JOB_ONE_KEYS, job_transparency},
    {"lists", SECOND, JOB_ONE_KEYS, job_lists},
    {"mail", 2 * SECOND, JOB_EVERYWHERE, job_mail},
    {"sms", SECOND, JOB_EVERYWHERE, job_sms},
    {"scan", 3 * SECOND, JOB_ONE, job_scan},
    {"registered", 5 * SECOND, JOB_EVERYWHERE, job_registered},
    {"requests", 5 * SECOND, JOB_ONE_KEYS, job_requests},
    {"signing", MINUTE, JOB_ONE_KEYS, job_signing},
    {"checkpoint", MINUTE, JOB_ONE, job_checkpoint},
    {"expire", MINUTE, JOB_ONE, job_expire},
    {"access", MINUTE, JOB_ONE, job_access},
    {"audit-check", 5 * SECOND, JOB_ONE, job_audit_check},
    {"sweep", MINUTE, JOB_ONE, job_sweep},
    {"figures", 30 * SECOND, JOB_EVERYWHERE, job_figures},
    {"reconcile", 5 * MINUTE, JOB_KEYS, job_reconcile},
    {"renew", 10 * MINUTE, JOB_KEYS, job_renew},
    {"blobs", HOUR, JOB_ONE, job_blobs},
    {"notices", HOUR, JOB_ONE, job_notices},
    {"watch", HOUR, JOB_ONE, job_watch},
    {NULL, 0, JOB_EVERYWHERE, NULL},
};
_Static_assert(sizeof job_table / sizeof *job_table <= JOBS_MAXIMUM, "JOBS_MAXIMUM is too small");

/* Two: a node without keys may hold one, and leaves the other to who has them. It is asked for again when half of it is
 * over. */
rfd_status jobs_hold_lease(struct jobs *jobs, enum jobs_lease lease, bool *mine, struct rfd_error *error)
{
    static const char *const names[] = {[LEASE_PLATFORM] = "worker", [LEASE_AUTHORITY] = "authority"};
    int64_t now = channel_clock();
    *mine = jobs->lease_until[lease] > now + LEASE_SECONDS * SECOND / 2;
    if (*mine) return RFD_OK;
    TRY(lease_take(jobs->authority.store, names[lease], slice_text(jobs->node), LEASE_SECONDS, mine, error));
    jobs->lease_until[lease] = *mine ? now + LEASE_SECONDS * SECOND : 0;
    return RFD_OK;
}

static rfd_status is_for_me(struct jobs *jobs, enum job_where where, bool *mine, struct rfd_error *error)
{
    *mine = !jobs->without_keys || (where != JOB_KEYS && where != JOB_ONE_KEYS);
    if (!*mine || where == JOB_EVERYWHERE || where == JOB_KEYS) return RFD_OK;
    return jobs_hold_lease(jobs, where == JOB_ONE ? LEASE_PLATFORM : LEASE_AUTHORITY, mine, error);
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
    bool mine = false;
    rfd_status status = is_for_me(jobs, job->where, &mine, &error);
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
