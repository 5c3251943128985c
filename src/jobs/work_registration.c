/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests of certificates: what was approved and not issued, revocations that were begun, what agents leave alone,
 * reminders; and operations of central signing whose time is over, keys that were made and have no certificate.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/central/central.h"
#include "domain/registration/registration.h"
#include "jobs/work.h"

rfd_status job_requests(struct jobs *jobs, struct rfd_error *error)
{
    const struct registration_settings settings =
        registration_settings_of(jobs->settings, jobs->authority.packs, jobs->zone);
    unsigned done = 0;
    return request_tick(&jobs->authority, &settings, clock_now(), &done, error);
}

rfd_status job_signing(struct jobs *jobs, struct rfd_error *error)
{
    const struct central central = {.store = jobs->authority.store,
                                    .keeper = jobs->authority.keeper,
                                    .personal = jobs->personal,
                                    .blobs = jobs->blobs,
                                    .packs = jobs->authority.packs,
                                    .settings = jobs->settings,
                                    .spool = jobs->blobs == NULL ? NULL : jobs->settings->web.blobs,
                                    .zone = jobs->zone};
    return signing_tick(&central, clock_now(), error);
}
