/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/zone.h"
#include "cli/platform.h"
#include "domain/demo/demo.h"

#define ACCOUNTS "demo-accounts.csv"

int demo_fill_command(const struct arguments *a)
{
    struct rfd_error error = RFD_ERROR_INIT;
    struct ca_home home = {.live = false};
    struct zone *zone = NULL;
    rfd_status status = ca_home_open(a, CA_HOME_STORE, &home, &error);
    if (status == RFD_OK) status = zone_open(home.settings->web.zone, &zone, &error);
    if (status == RFD_OK) {
        const struct settings *s = home.settings;
        const char *path = arena_print(&home.arena, "%s/" ACCOUNTS, s->home);
        const struct account_settings account = platform_account_settings(s);
        const struct access_settings access = access_settings_of(s, home.packs, zone);
        const struct demo_options options = {
            .store = home.store, .packs = home.packs, .account = &account, .access = &access, .accounts = path};
        status = path == NULL ? arena_failed(&home.arena, &error) : demo_fill(&options, &error);
        if (status == RFD_OK && !a->quiet) (void)printf("%s: %s\n", tr(N_("The accounts and their password")), path);
    }
    zone_close(zone);
    ca_home_close(&home);
    return status == RFD_OK ? 0 : ca_exit(NULL, &error);
}
