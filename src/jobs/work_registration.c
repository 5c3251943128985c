/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates: what was approved and not issued, revocations that were begun, what agents leave alone,
 * reminders.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/registration/registration.h"
#include "jobs/work.h"

rfd_status job_requests(struct jobs *jobs, struct rfd_error *error)
{
    const struct registration_settings settings =
        registration_settings_of(jobs->settings, jobs->authority.packs, jobs->zone);
    unsigned done = 0;
    return request_tick(&jobs->authority, &settings, clock_now(), &done, error);
}
