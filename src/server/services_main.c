/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrendad-services: one of the children of the server's supervisor (main.c) that hold no keys.
 */
#include "server/services.h"

#include <stdio.h>
#include <sys/prctl.h>

enum { ROLES_MAXIMUM = 8, EXIT_USAGE = 2 };

int main(int argc, char **argv)
{
    struct supervised_role roles[ROLES_MAXIMUM + 1] = {{.name = NULL}};
    (void)prctl(PR_SET_DUMPABLE, 0); /* as in main.c */
    if (!supervised_is_child(argc, argv)) {
        (void)fputs("refrendad-services: only refrendad starts this program; see refrendad(8)\n", stderr);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < ROLES_MAXIMUM && role_definitions[i].name != NULL; i++) {
        roles[i] =
            (struct supervised_role){.name = role_definitions[i].name, .count = SUPERVISOR_CHILDREN, .run = role_run};
    }
    return supervised_main(argc, argv, roles, NULL);
}
