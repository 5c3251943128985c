/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/services.h"

#include "base/error.h"
#include "server/role_status.h"
#include "server/role_table.h"
#include "server/role_web.h"
#include "server/role_worker.h"
#include "web/service.h"

#include <stdio.h>

/* Keeper, signers, personal keeper and token helpers have sandboxes of their own (keeper/process_sandbox.c). */
const struct role_definition role_definitions[] = {
    {.name = ROLE_STATUS,
     .calls = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_NETWORK | SANDBOX_THREADS,
     .data = true,
     .open = role_status_open,
     .start = role_status_start,
     .peer = role_status_peer,
     .tick = role_status_tick,
     .stop = role_status_stop},
    {.name = ROLE_WORKER, /* lists go to the keeper as memory files */
     .calls = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_NETWORK | SANDBOX_THREADS | SANDBOX_MEMORY_FILES,
     .packs = true,
     .data = true,
     .blobs = true, /* files are scanned, and those that nobody recorded removed */
     .files = 1024,
     .open = role_worker_open,
     .start = role_worker_start,
     .peer = role_worker_peer,
     .tick = role_worker_tick,
     .stop = role_worker_stop},
    {.name = ROLE_WEB, /* the installation's keys stay out of swap */
     .calls = SANDBOX_READ_FILES | SANDBOX_WRITE_FILES | SANDBOX_NETWORK | SANDBOX_THREADS | SANDBOX_LOCK_MEMORY,
     .packs = true,
     .data = true,
     .blobs = true,
     .open = role_web_open,
     .start = role_web_start,
     .peer = role_web_peer,
     .tick = role_web_tick,
     .stop = role_web_stop},
    {.name = NULL},
};

const struct role_definition *role_find(const char *name)
{
    const struct role_definition *d = role_definitions;
    while (d->name != NULL && strcmp(d->name, name) != 0) d++;
    return d->name == NULL ? NULL : d;
}

unsigned role_slot(const struct role_definition *definition, unsigned index)
{
    enum { ROLES = sizeof role_definitions / sizeof *role_definitions - 1 };
    if (index == 0) return (unsigned)(definition - role_definitions);
    return ROLES + (index - 1) % (BOARD_SLOTS - ROLES);
}

/* ---- Sandboxes ---- */

/* What the C library, OpenSSL and libcurl read: names of hosts and users, processors, trusted authorities. */
static const char *const system_paths[] = {
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/gai.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/services",
    "/etc/ssl",
    "/usr/lib/ssl",
    "/usr/share/ca-certificates",
    "/run/systemd/resolve",
    "/sys/devices/system/cpu",
    "/etc/localtime",
    "/dev/urandom",
    "/run/postgresql",
    "/var/run/postgresql",
};

void role_sandbox(const struct role_definition *definition, const struct settings *settings, struct role_paths *paths,
                  struct sandbox *out)
{
    static const char sqlite[] = "sqlite:";
    size_t reads = sizeof system_paths / sizeof *system_paths;
    size_t writes = 0;
    _Static_assert(sizeof system_paths / sizeof *system_paths + 5 <= ROLE_PATHS, "ROLE_PATHS is too small");
    memset(paths, 0, sizeof *paths);
    memcpy(paths->read, system_paths, sizeof system_paths);
    if (definition->packs) paths->read[reads++] = settings->packs;
    if (definition->data && strncmp(settings->database, sqlite, sizeof sqlite - 1) == 0) {
        /* SQLite makes files beside the database. */
        (void)snprintf(paths->data, sizeof paths->data, "%s", settings->database + sizeof sqlite - 1);
        char *slash = strrchr(paths->data, '/');
        if (slash != NULL) *slash = '\0';
        paths->write[writes++] = paths->data;
    }
    if (definition->blobs) {
        paths->read[reads++] = "/usr/share/zoneinfo";
        (void)snprintf(paths->demo, sizeof paths->demo, "%s/" WEB_DEMO_ACCOUNTS, settings->home);
        if (settings->web.demo) paths->read[reads++] = paths->demo;
        if (settings->web.blobs[0] != '\0') paths->write[writes++] = settings->web.blobs;
    }
    *out = (struct sandbox){.calls = definition->calls,
                            .read_paths = paths->read,
                            .write_paths = paths->write,
                            .open_without_landlock = true,
                            .limits = {.file_size = UINT64_MAX, .files = definition->files}};
}
