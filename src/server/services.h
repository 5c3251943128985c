/* SPDX-License-Identifier: EUPL-1.2
 *
 * The processes that speak with the world: worker, status and web, with what each may (role.h). They are one program,
 * refrendad-services, which only the supervisor starts (role_table.h says why there are two).
 */
#ifndef SERVER_SERVICES_H
#define SERVER_SERVICES_H

#include "server/role.h"

/** All definitions; ends with a NULL name. */
extern const struct role_definition role_definitions[];
/** NULL when there is none of this name. */
const struct role_definition *role_find(const char *name);
/** Where on the board a process has its metrics: the first of each role has its own place; of many more, some share
 * one, and the last who wrote is seen. */
unsigned role_slot(const struct role_definition *definition, unsigned index);

/** What the sandbox of a role is, for role_run() and for the tests. The paths are in `paths`, which the caller keeps.
 */
struct role_paths {
    const char *read[ROLE_PATHS], *write[ROLE_PATHS];
    char data[4096], demo[4096];
};
void role_sandbox(const struct role_definition *definition, const struct settings *settings, struct role_paths *paths,
                  struct sandbox *out);

#endif
