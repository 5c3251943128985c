/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/outbox/outbox.h"
#include "domain/transparency/transparency.h"
#include "jobs/work.h"
#include "pki/certificate/certificate.h"

enum { ARENA_MAXIMUM = 1 << 20 };
#define HOUR     (INT64_C(3600) * RFD_SECOND)
#define DAY      (24 * HOUR)
#define NOTICE   (90 * DAY) /* before an authority's end */
#define PRESSING (30 * DAY)

/* ---- Figures ---- */

static rfd_status find_next_list(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    struct authority_counts counts;
    TRY(authority_count(&jobs->authority, authority->id, &counts, error));
    if (counts.next_crl != RFD_TIME_NONE && (jobs->next_found == 0 || counts.next_crl < jobs->next_found))
        jobs->next_found = counts.next_crl;
    return RFD_OK;
}

static rfd_status measure_log(struct jobs *jobs, struct rfd_error *error)
{
    struct tree_head head;
    struct arena a;
    arena_init(&a, ARENA_MAXIMUM);
    rfd_status status = transparency_head(jobs->authority.store, &a, &head, error);
    if (status == RFD_OK) metrics_set(METRIC_LOG_SIZE, (int64_t)head.size);
    arena_dispose(&a);
    return status == RFD_E_NOT_FOUND ? RFD_OK : status;
}

rfd_status job_figures(struct jobs *jobs, struct rfd_error *error)
{
    struct outbox_counts mails = {0};
    jobs->next_found = 0;
    TRY(jobs_each_authority(jobs, find_next_list, error));
    atomic_store(&jobs->next_list, jobs->next_found);
    if (jobs->next_found != 0) metrics_set(METRIC_CRL_NEXT, (jobs->next_found - clock_now()) / RFD_SECOND);
    TRY(outbox_count(jobs->authority.store, &mails, error));
    metrics_set(METRIC_MAIL_WAITING, (int64_t)mails.waiting);
    return measure_log(jobs, error);
}

/* ---- Warnings ---- */

static rfd_status watch_certificate(const struct authority *authority, struct rfd_error *error)
{
    const struct certificate *certificate = NULL;
    TRY(certificate_parse(authority->certificate, &certificate, error));
    rfd_time left = certificate->not_after - clock_now();
    if (left < NOTICE)
        log_event(left < PRESSING ? LOG_ERROR : LOG_WARNING, "authority-ends",
                  "an authority's certificate ends soon: hold a ceremony for its successor (docs/operations.md), early "
                  "enough that what it issues now can run to its end",
                  LOG_SLICE("authority", authority->name), LOG_NUMBER("days", left / DAY));
    certificate_unref(certificate);
    return RFD_OK;
}

static rfd_status watch_lists(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    struct authority_counts counts;
    TRY(authority_count(&jobs->authority, authority->id, &counts, error));
    rfd_time late = (rfd_time)jobs->settings->authority.overlap_hours * HOUR / 2;
    if (counts.next_crl == RFD_TIME_NONE || counts.next_crl - clock_now() >= late) return RFD_OK;
    log_event(
        LOG_ERROR, "list-late",
        "a revocation list is near its end and was not made again; see why the job \"lists\" fails, or make it by "
        "\"refrenda ca crl\"",
        LOG_SLICE("authority", authority->name), LOG_NUMBER("minutes", (counts.next_crl - clock_now()) / (HOUR / 60)));
    return RFD_OK;
}

static rfd_status watch(struct jobs *jobs, const struct authority *authority, struct rfd_error *error)
{
    TRY(watch_certificate(authority, error));
    return watch_lists(jobs, authority, error);
}

rfd_status job_watch(struct jobs *jobs, struct rfd_error *error)
{
    return jobs_each_authority(jobs, watch, error);
}
