/* SPDX-License-Identifier: EUPL-1.2 */
#include "render/profile.h"

enum { FILES_MAXIMUM = 64 };

/* Fonts of the system, not of users: a page looks the same whoever draws it. */
static const char *const folders[] = {
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/fontconfig",
    "/var/cache/fontconfig",
    "/etc/fonts",
    "/usr/share/poppler",
    "/usr/share/texmf/fonts",
    "/usr/share/ghostscript/fonts",
    NULL,
};

struct sandbox render_profile(uint64_t memory, unsigned seconds)
{
    return (struct sandbox){
        .calls = SANDBOX_READ_FILES,
        .read_paths = folders,
        .limits = {.memory = memory, .seconds = seconds, .files = FILES_MAXIMUM},
    };
}
