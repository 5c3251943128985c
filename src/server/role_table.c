/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_table.h"

#include "base/error.h"
#include "keeper/process.h"
#include "server/instance.h"
#include "server/role_keeper.h"
#include "server/role_personal.h"
#include "server/role_token.h"

#include <stdio.h>

/** `run` is NULL for what the services' program runs. */
static void add_role(struct role_table *t, const char *name, unsigned count, int (*run)(struct supervised *self))
{
    size_t i = 0;
    while (t->roles[i].name != NULL) i++;
    t->roles[i] = (struct supervised_role){.name = name, .count = count, .run = run};
}

static void add_link(struct role_table *t, const char *client, const char *server)
{
    size_t i = 0;
    while (t->links[i].client != NULL) i++;
    t->links[i] = (struct supervisor_link){client, server};
}

/** Helpers of tokens. Whoever is linked with one may have every key of the token sign: not signers, which work for the
 * internet. */
static void add_tokens(struct role_table *t, const struct settings *settings)
{
    for (unsigned i = 0; i < settings->keys.token_count; i++) {
        (void)snprintf(t->names[i], sizeof t->names[i], KEEPER_TOKEN_ROLE "%s", settings->keys.tokens[i].name);
        add_role(t, t->names[i], 1, role_token_run);
        add_link(t, ROLE_KEEPER, t->names[i]);
    }
}

static void add_stores(struct role_table *t, unsigned signers, bool personal)
{
    add_role(t, ROLE_KEEPER, 1, role_keeper_run);
    if (signers > 0) add_role(t, ROLE_SIGNER, signers, role_keeper_run);
    if (personal) add_role(t, ROLE_PERSONAL, 1, role_personal_run);
}

static void add_services(struct role_table *t, unsigned signers, bool personal, unsigned web)
{
    add_role(t, ROLE_WORKER, 1, NULL);
    add_role(t, ROLE_STATUS, 1, NULL);
    if (web > 0) add_role(t, ROLE_WEB, web, NULL);
    add_link(t, ROLE_WORKER, ROLE_KEEPER);
    if (signers > 0) add_link(t, ROLE_WORKER, ROLE_SIGNER);
    if (signers > 0) add_link(t, ROLE_STATUS, ROLE_SIGNER);
    if (personal) add_link(t, ROLE_WORKER, ROLE_PERSONAL);
    if (web > 0) add_link(t, ROLE_WEB, ROLE_KEEPER);
    if (web > 0 && personal) add_link(t, ROLE_WEB, ROLE_PERSONAL);
}

void role_table_fill(struct role_table *table, const struct settings *settings, unsigned signers, bool web)
{
    memset(table, 0, sizeof *table);
    add_tokens(table, settings);
    unsigned processes = settings->web.processes > 1 ? settings->web.processes : 1;
    add_stores(table, signers, has_personal_store(settings));
    add_services(table, signers, has_personal_store(settings), web ? processes : 0);
    if (web && settings->requests.identity_service[0] != '\0') add_link(table, ROLE_WEB, ROLE_WORKER);
}

void role_table_fill_child(struct role_table *table, const char *wanted)
{
    memset(table, 0, sizeof *table);
    if (strncmp(wanted, KEEPER_TOKEN_ROLE, sizeof KEEPER_TOKEN_ROLE - 1) == 0)
        add_role(table, wanted, 1, role_token_run);
    else
        add_stores(table, SUPERVISOR_CHILDREN, true);
}
