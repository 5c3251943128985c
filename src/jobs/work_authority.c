/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/log.h"
#include "jobs/work.h"

enum { EXPIRED_AT_ONCE = 1000, LIST_MAXIMUM = 4 << 20 };
#define HOUR (INT64_C(3600) * RFD_SECOND)

rfd_status jobs_each_authority(struct jobs *jobs, each_authority *each, struct rfd_error *error)
{
    struct arena a;
    struct authority_list list = {0};
    arena_init(&a, LIST_MAXIMUM);
    rfd_status status = authority_list(&jobs->authority, &a, &list, error);
    for (size_t i = 0; i < list.count && !atomic_load(&jobs->hurry); i++) {
        struct rfd_error one = RFD_ERROR_INIT;
        if (list.items[i].key.length == 0) continue; /* off line: its key is not here */
        rfd_status result = each(jobs, &list.items[i], &one);
        if (result == RFD_OK || status != RFD_OK) continue;
        status = result;
        if (error != NULL) *error = one;
    }
    arena_dispose(&a);
    return status;
}

rfd_status job_expire(struct jobs *jobs, struct rfd_error *error)
{
    size_t done = EXPIRED_AT_ONCE;
    while (done == EXPIRED_AT_ONCE && !atomic_load(&jobs->hurry))
        TRY(authority_expire(&jobs->authority, EXPIRED_AT_ONCE, &done, error));
    return RFD_OK;
}

static rfd_status make_lists(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    size_t made = 0;
    rfd_time overlap = (rfd_time)jobs->settings->authority.overlap_hours * HOUR;
    TRY(authority_make_crls(&jobs->authority, authority->id, overlap, true, &made, error));
    if (made > 0)
        log_event(LOG_INFO, "lists", "revocation lists made", LOG_SLICE("authority", authority->name),
                  LOG_NUMBER("lists", made));
    return RFD_OK;
}

rfd_status job_lists(struct jobs *jobs, struct rfd_error *error)
{
    return jobs_each_authority(jobs, make_lists, error);
}

static rfd_status reconcile(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    size_t found = 0;
    TRY(authority_reconcile(&jobs->authority, authority->id, &found, error));
    if (found > 0)
        log_event(LOG_WARNING, "lost-certificates",
                  "certificates that were signed and never handed out have been entered as revoked; see \"refrenda "
                  "audit list\" for them, and why the process that asked for them ended",
                  LOG_SLICE("authority", authority->name), LOG_NUMBER("certificates", found));
    return RFD_OK;
}

rfd_status job_reconcile(struct jobs *jobs, struct rfd_error *error)
{
    return jobs_each_authority(jobs, reconcile, error);
}

rfd_status job_notices(struct jobs *jobs, struct rfd_error *error)
{
    size_t done = 0;
    return authority_put_notices(&jobs->authority, slice_text(jobs->settings->mail.operator_mail), &done, error);
}
