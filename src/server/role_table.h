/* SPDX-License-Identifier: EUPL-1.2
 *
 * The server's processes, and who may speak with whom.
 *
 * They are of two programs: who holds keys shares that of the supervisor (refrendad), whose few libraries
 * (cryptography, settings) are all that a fault could be in and all that must be in memory for it; who speaks with the
 * world has one with the world's libraries (refrendad-services).
 */
#ifndef SERVER_ROLE_TABLE_H
#define SERVER_ROLE_TABLE_H

#include "ipc/supervisor.h"
#include "settings/settings.h"

#define ROLE_KEEPER   "keeper"
#define ROLE_SIGNER   "signer"
#define ROLE_PERSONAL "personal"
#define ROLE_WORKER   "worker"
#define ROLE_STATUS   "status"
#define ROLE_WEB      "web"

enum { ROLE_TABLE_MAXIMUM = SETTINGS_LIST + 8, ROLE_LINKS_MAXIMUM = SETTINGS_LIST + 8 };

/** The rows of the supervisor's table: servers before their clients. */
struct role_table {
    struct supervised_role roles[ROLE_TABLE_MAXIMUM];
    struct supervisor_link links[ROLE_LINKS_MAXIMUM];
    char names[SETTINGS_LIST][SETTINGS_NAME_SIZE + sizeof "token-"]; /* of token helpers */
};
/** What runs with these settings; `signers` as signer_count() says. The personal keeper, when its store is there. Those
 * without `run` are of the services' program (services.h), whose path the caller fills in. */
void role_table_fill(struct role_table *table, const struct settings *settings, unsigned signers, bool web);
/** The roles that a child with the supervisor's program may be (key stores and tokens), whatever the settings, with as
 * many instances as there can be; `wanted` is the one that it was started as. */
void role_table_fill_child(struct role_table *table, const char *wanted);

#endif
