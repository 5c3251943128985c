/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/token_sandbox.h"

#include "base/error.h"
#include "base/line.h"
#include "ipc/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATHS = 32, PATH_SIZE = 1024, CONFIGURATION_SIZE = 16 << 10, DESCRIPTORS = 256 };

/* Where modules of Debian and of makers of HSMs keep what they need while they work; what is not there is skipped. */
static const char *const usual_paths[] = {
    "/var/lib/softhsm", "/run/pcscd", "/opt/nfast", "/usr/safenet", "/etc/utimaco", "/dev/urandom", "/dev/null",
};

#define SOFTHSM_STANDARD "/etc/softhsm/softhsm2.conf"

static slice trim(slice s)
{
    while (s.length > 0 && (s.data[0] == ' ' || s.data[0] == '\t')) s = slice_from(s, 1);
    while (s.length > 0 && (s.data[s.length - 1] == ' ' || s.data[s.length - 1] == '\t')) s.length--;
    return s;
}

static bool find_folder(slice text, char *folder, size_t size)
{
    const slice name = SLICE("directories.tokendir");
    while (text.length > 0) {
        slice line = trim(line_next(&text));
        if (!slice_starts(line, name)) continue;
        line = trim(slice_from(line, name.length));
        if (line.length == 0 || line.data[0] != '=') continue;
        line = trim(slice_from(line, 1));
        if (line.length == 0 || line.length >= size) return false;
        memcpy(folder, line.data, line.length);
        folder[line.length] = '\0';
        return true;
    }
    return false;
}

bool token_sandbox_softhsm(const char *configuration, char *folder, size_t size)
{
    char text[CONFIGURATION_SIZE];
    int fd = open(configuration, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) (void)close(fd);
    return got > 0 && find_folder(slice_of(text, (size_t)got), folder, size);
}

rfd_status token_sandbox_enter(const struct token_helper_options *options, struct rfd_error *error)
{
    const char *paths[PATHS + 1];
    size_t count = 0;
    char softhsm[PATH_SIZE];
    const char *configuration = getenv("SOFTHSM2_CONF");
    for (size_t i = 0; i < sizeof usual_paths / sizeof *usual_paths; i++) paths[count++] = usual_paths[i];
    if (token_sandbox_softhsm(configuration == NULL ? SOFTHSM_STANDARD : configuration, softhsm, sizeof softhsm))
        paths[count++] = softhsm;
    for (size_t i = 0; options->paths != NULL && options->paths[i] != NULL; i++) {
        if (count == PATHS) return error_set(error, RFD_E_ARGUMENT, "more than %d paths of a module", (int)PATHS);
        paths[count++] = options->paths[i];
    }
    paths[count] = NULL;
    const unsigned network = options->network ? SANDBOX_NETWORK : SANDBOX_DESCRIPTORS;
    const struct sandbox sandbox = {.calls = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_THREADS |
                                             SANDBOX_LOCK_MEMORY | network,
                                    .write_paths = paths,
                                    .open_without_landlock = true,
                                    .limits = {.file_size = UINT64_MAX, .files = DESCRIPTORS}};
    return sandbox_enter(&sandbox, NULL, error);
}
