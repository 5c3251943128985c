/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_keeper.h"

#include "base/error.h"
#include "base/log.h"
#include "keeper/master_tpm.h"
#include "keeper/process.h"
#include "server/instance.h"
#include "server/role_table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH_SIZE = ROLE_STORE_SIZE };
#define KEEPER_LOG "keeper.log" /* as commands without a server name it (keeper/local.c) */

rfd_status instance_master(const struct settings *settings, struct master *out, struct rfd_error *error)
{
    if (settings->keys.passphrase_file[0] != '\0')
        return master_from_file(MASTER_PASSPHRASE, settings->keys.passphrase_file, out, error);
    if (settings->keys.credential[0] == '\0')
        return error_set(error, RFD_E_SETTINGS, "keys: neither passphrase_file nor credential is set");
    return master_from_credential(settings->keys.credential, settings->keys.folder, out, error);
}

/** Where each use of a key is written. */
static rfd_status open_uses(const struct settings *settings, const char *name, const char *store, int *out,
                            struct rfd_error *error)
{
    char path[PATH_SIZE + 16];
    if (settings->log.keys[0] == '\0')
        (void)snprintf(path, sizeof path, "%s/" KEEPER_LOG, store);
    else
        (void)snprintf(path, sizeof path, "%s/%s.log", settings->log.keys, name);
    *out = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    return *out >= 0 ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
}

static rfd_status prepare(struct supervised *self, struct settings *settings, const char *name,
                          const struct role_store *role, struct rfd_error *error)
{
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    role->describe(self, settings, role);
    TRY(instance_master(settings, role->master, error));
    (void)setrlimit(RLIMIT_MEMLOCK, &unlimited); /* as long as root may: locked memory needs no rights later */
    TRY(instance_drop_rights(settings, error));
    return open_uses(settings, name, role->store, role->uses, error);
}

int role_store_run(struct supervised *self, const struct role_store *role)
{
    struct settings *settings = NULL;
    struct rfd_error error = RFD_ERROR_INIT;
    char name[SUPERVISED_NAME_SIZE + 16];
    int result = 1;
    (void)snprintf(name, sizeof name, "%s-%u", self->role, self->index);
    instance_log(NULL, name);
    rfd_status status = instance_settings(NULL, &settings, &error);
    if (status == RFD_OK) {
        instance_log(settings, name);
        status = prepare(self, settings, name, role, &error);
    }
    if (status == RFD_OK) {
        self->context = role->options;
        result = role->run(self);
        if (result != 0)
            log_event(LOG_ERROR, "keys", "the process of a key store ended; the last line of its log of uses says why",
                      LOG_TEXT("store", role->store));
    } else {
        log_failure(LOG_ERROR, "keys", "the key store cannot be opened; see keys in refrenda.yaml", &error);
    }
    master_dispose(role->master);
    settings_free(settings);
    return result;
}

/* ---- Keeper and signers ---- */

static void describe(const struct supervised *self, const struct settings *settings, const struct role_store *role)
{
    struct keeper_process_options *options = role->options;
    bool signer = strcmp(self->role, ROLE_SIGNER) == 0;
    if (signer)
        (void)snprintf(role->store, ROLE_STORE_SIZE, "%s/" ROLE_SIGNER "-%u", settings->keys.folder, self->index);
    else
        (void)snprintf(role->store, ROLE_STORE_SIZE, "%s/authority", settings->keys.folder);
    options->store = role->store;
    options->packs = signer ? NULL : settings->packs;
}

int role_keeper_run(struct supervised *self)
{
    struct keeper_process_options options = {0};
    char store[ROLE_STORE_SIZE];
    const struct role_store role = {.options = &options,
                                    .store = store,
                                    .master = &options.master,
                                    .uses = &options.audit,
                                    .describe = describe,
                                    .run = keeper_process_run};
    return role_store_run(self, &role);
}
