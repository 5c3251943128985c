/* SPDX-License-Identifier: EUPL-1.2
 *
 * The server's processes, and who may speak with whom.
 */
#ifndef SERVER_ROLE_TABLE_H
#define SERVER_ROLE_TABLE_H

#include "server/role.h"

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
/** What runs with these settings; `signers` as signer_count() says. The personal keeper, when its store is there. */
void role_table_fill(struct role_table *table, const struct settings *settings, unsigned signers, bool web);
/** The roles that a child may be, whatever the settings, with as many instances as there can be; `wanted` is the one
 * that it was started as. */
void role_table_fill_child(struct role_table *table, const char *wanted);

/** Where on the board a process has its metrics: the first of each role has its own place; of many more, some share
 * one, and the last who wrote is seen. */
unsigned role_slot(const struct role_definition *definition, unsigned index);
/** All definitions; ends with a NULL name. */
extern const struct role_definition role_definitions[];

/** How many signers there are to be: as the settings say, else one a processor, as far as their stores are there.
 * RFD_E_SETTINGS when the settings say more than there are stores. */
rfd_status signer_count(const struct settings *settings, unsigned *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Whether there is a store of the personal keeper. */
bool has_personal_store(const struct settings *settings);

#endif
