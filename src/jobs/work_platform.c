/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the platform has to do by itself: requests of roles that wait too long, and what is over: sessions, links,
 * codes.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"
#include "domain/account/account.h"
#include "domain/oidc/oidc.h"
#include "jobs/work.h"

rfd_status job_access(struct jobs *jobs, struct rfd_error *error)
{
    const struct access_settings settings = access_settings_of(jobs->settings, jobs->authority.packs, jobs->zone);
    unsigned done = 0;
    return access_tick(jobs->authority.store, &settings, clock_now(), &done, error);
}

rfd_status job_sweep(struct jobs *jobs, struct rfd_error *error)
{
    TRY(account_sweep(jobs->authority.store, clock_now(), error));
    return oidc_sweep(jobs->authority.store, clock_now(), error);
}
