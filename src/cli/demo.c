/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/zone.h"
#include "cli/credentials.h"
#include "cli/platform.h"
#include "domain/blob/blob.h"
#include "domain/demo/demo.h"

#define ACCOUNTS "demo-accounts.csv"

static rfd_status fill(struct ca_home *home, const struct zone *zone, struct blob_store *blobs, struct rfd_key *agent,
                       const char *path, struct rfd_error *error)
{
    const struct settings *s = home->settings;
    const struct account_settings account = platform_account_settings(s);
    const struct access_settings access = access_settings_of(s, home->packs, zone);
    const struct registration_settings registration = registration_settings_of(s, home->packs, zone);
    const struct demo_options options = {.store = home->store,
                                         .packs = home->packs,
                                         .account = &account,
                                         .access = &access,
                                         .registration = &registration,
                                         .blobs = blobs,
                                         .agent = agent,
                                         .accounts = path};
    return demo_fill(&options, error);
}

int demo_fill_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct zone *zone = NULL;
    struct blob_store *blobs = NULL;
    struct rfd_key *agent = NULL;
    const char *path = NULL;
    rfd_status status = ca_home_open(a, CA_HOME_STORE | CA_HOME_KEEPER, &home, &error);
    if (status == RFD_OK) status = zone_open(home.settings->web.zone, &zone, &error);
    if (status == RFD_OK && a->p12 != NULL) status = credentials_key(a, &agent, &error);
    if (status == RFD_OK) {
        const struct blob_options where = {
            .folder = home.settings->web.blobs, .key = "wrapping", .keeper = home.keeper};
        status = blob_store_open(&where, &blobs, &error);
    }
    if (status == RFD_OK) {
        path = arena_print(&home.arena, "%s/" ACCOUNTS, home.settings->home);
        status = path == NULL ? arena_failed(&home.arena, &error) : fill(&home, zone, blobs, agent, path, &error);
    }
    if (status == RFD_OK && !a->quiet) (void)printf("%s: %s\n", tr(N_("The accounts and their password")), path);
    rfd_key_free(agent);
    blob_store_close(blobs);
    zone_close(zone);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}
