/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the jobs do.
 */
#ifndef JOBS_WORK_H
#define JOBS_WORK_H

#include "jobs/jobs.h"

/* work_log.c: chains audit rows and certificates that wait, and has the ends signed. */
job_work job_audit, job_checkpoint, job_transparency;
/* work_authority.c: certificates that expired; lists that are due or changed; certificates that were lost; mails about
 * what ends soon. */
job_work job_expire, job_lists, job_reconcile, job_notices;
/* work_watch.c: figures for metrics; warnings about what ends soon. */
job_work job_figures, job_watch;
/* work_renew.c: certificates of OCSP responders and time-stamp services. */
job_work job_renew;
/* work_registered.c: agents whose certificate was revoked. */
job_work job_registered;
/* work_platform.c: requests of roles that wait too long; sessions, links and codes that are over. */
job_work job_access, job_sweep;
/* work_registration.c: requests of certificates that wait for something; central signing. */
job_work job_requests, job_signing;
/* work_audit.c: whether the audit trail is whole. */
job_work job_audit_check;
/* work_scan.c: files that wait for the virus scanner; files that nobody recorded. */
job_work job_scan, job_blobs;
/* work_outbox.c: mails and SMS of the outbox. */
job_work job_mail, job_sms;

/** What sends mails and SMS as the settings say (work_outbox.c). `*sender` is for mail_sender_free(),
 * sms_sender_free(). */
struct mail_sender;
struct sms_sender;
rfd_status jobs_open_mail(const struct jobs *jobs, struct mail_sender **sender, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status jobs_open_sms(const struct jobs *jobs, struct sms_sender **sender, struct rfd_error *error) RFD_MUST_CHECK;

enum jobs_lease { LEASE_PLATFORM, LEASE_AUTHORITY };
/** Whether this worker is the one of all nodes that does what is to be done once. */
rfd_status jobs_hold_lease(struct jobs *jobs, enum jobs_lease lease, bool *mine,
                           struct rfd_error *error) RFD_MUST_CHECK;

/** Calls `each` for every authority whose key is here; the first failure is returned after all had their turn. */
typedef rfd_status each_authority(struct jobs *jobs, const struct authority *authority, struct rfd_error *error);
rfd_status jobs_each_authority(struct jobs *jobs, each_authority *each, struct rfd_error *error) RFD_MUST_CHECK;

#endif
