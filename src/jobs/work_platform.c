/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the platform has to do by itself: requests of roles that wait too long, and what is over: sessions, links,
 * codes.
 */
#include "base/clock.h"
#include "base/error.h"
#include "domain/access/access.h"
#include "domain/account/account.h"
#include "domain/central/portal_proof.h"
#include "domain/central/redirect.h"
#include "domain/csc/csc.h"
#include "domain/oidc/oidc.h"
#include "jobs/work.h"

rfd_status job_access(struct jobs *jobs, struct rfd_error *error)
{
    const struct access_settings settings = access_settings_of(jobs->settings, jobs->authority.packs, jobs->zone);
    unsigned done = 0;
    return access_tick(jobs->authority.store, &settings, clock_now(), &done, error);
}

static rfd_status sweep_portals(struct transaction *t, void *context, struct rfd_error *error)
{
    rfd_time now = clock_now();
    (void)context;
    TRY(portal_proof_sweep(t, now, error));
    return csc_sweep(t, now, error);
}

rfd_status job_sweep(struct jobs *jobs, struct rfd_error *error)
{
    TRY(account_sweep(jobs->authority.store, clock_now(), error));
    TRY(redirect_sweep(jobs->authority.store, clock_now(), error));
    TRY(oidc_sweep(jobs->authority.store, clock_now(), error));
    return store_write(jobs->authority.store, sweep_portals, NULL, error);
}
