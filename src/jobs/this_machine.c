/* SPDX-License-Identifier: EUPL-1.2 */
#include "jobs/this_machine.h"

#include <stddef.h>
#include <string.h>

bool is_this_machine(const char *address)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(address, "://");
    if (host == NULL) return false;
    host += 3;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t length = strlen(names[i]);
        bool ends = host[0] != '\0' && strncmp(host, names[i], length) == 0 &&
                    (host[length] == ':' || host[length] == '/' || host[length] == '\0');
        if (ends) return true;
    }
    return false;
}
