/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_table.h"

#include "base/error.h"
#include "keeper/process.h"
#include "server/role_keeper.h"
#include "server/role_personal.h"
#include "server/role_status.h"
#include "server/role_token.h"
#include "server/role_web.h"
#include "server/role_worker.h"
#include "web/service.h"

#include <stdio.h>
#include <sys/sysinfo.h>
#include <unistd.h>

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

/* ---- The supervisor's table ---- */

static void add_role(struct role_table *t, const char *name, unsigned count, int (*run)(struct supervised *self))
{
    size_t i = 0;
    while (t->roles[i].name != NULL) i++;
    t->roles[i] = (struct supervised_role){name, count, run};
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

static void add_others(struct role_table *t, unsigned signers, bool personal, unsigned web)
{
    add_role(t, ROLE_KEEPER, 1, role_keeper_run);
    if (signers > 0) add_role(t, ROLE_SIGNER, signers, role_keeper_run);
    if (personal) add_role(t, ROLE_PERSONAL, 1, role_personal_run);
    add_role(t, ROLE_WORKER, 1, role_run);
    add_role(t, ROLE_STATUS, 1, role_run);
    if (web > 0) add_role(t, ROLE_WEB, web, role_run);
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
    add_others(table, signers, has_personal_store(settings), web ? processes : 0);
    if (web && settings->requests.identity_service[0] != '\0') add_link(table, ROLE_WEB, ROLE_WORKER);
}

void role_table_fill_child(struct role_table *table, const char *wanted)
{
    memset(table, 0, sizeof *table);
    if (strncmp(wanted, KEEPER_TOKEN_ROLE, sizeof KEEPER_TOKEN_ROLE - 1) == 0)
        add_role(table, wanted, 1, role_token_run);
    else
        add_others(table, SUPERVISOR_CHILDREN, true, SUPERVISOR_CHILDREN);
}

bool has_personal_store(const struct settings *settings)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/" ROLE_PERSONAL "/" MASTER_NAME, settings->keys.folder);
    return access(path, F_OK) == 0;
}

rfd_status signer_count(const struct settings *settings, unsigned *out, struct rfd_error *error)
{
    unsigned wanted = settings->keys.signers;
    unsigned limit = wanted != 0 ? wanted : (unsigned)get_nprocs();
    unsigned there = 0;
    for (; there < limit; there++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/signer-%u/" MASTER_NAME, settings->keys.folder, there);
        if (access(path, F_OK) != 0) break;
    }
    if (there < wanted)
        return error_set(error, RFD_E_SETTINGS, "keys.signers: %u, but %s/signer-%u is no key store", wanted,
                         settings->keys.folder, there);
    *out = there;
    return RFD_OK;
}
