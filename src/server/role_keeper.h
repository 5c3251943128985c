/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keeper and signers: the process of keeper/process.h, with the store of this instance.
 */
#ifndef SERVER_ROLE_KEEPER_H
#define SERVER_ROLE_KEEPER_H

#include "ipc/supervisor_child.h"
#include "keeper/master.h"
#include "settings/settings.h"

int role_keeper_run(struct supervised *self);

/** The process of a key store: what differs between keeper, signers and the personal keeper. */
enum { ROLE_STORE_SIZE = 4096 };
struct role_store {
    void *options;         /* of the process, for `run` in self->context: */
    char *store;           /* its folder, ROLE_STORE_SIZE octets, filled in by `describe` */
    struct master *master; /* what opens it */
    int *uses;             /* descriptor of its log of uses */
    /** Fills in folder and options from the settings, which live as long as the process. */
    void (*describe)(const struct supervised *self, const struct settings *settings, const struct role_store *role);
    int (*run)(struct supervised *self);
};
/** Reads settings and master key, becomes the service's user, opens the log of uses, and runs; the exit status. */
int role_store_run(struct supervised *self, const struct role_store *role);

/** What opens the instance's key stores. RFD_E_SETTINGS when the settings name neither passphrase nor credential. */
rfd_status instance_master(const struct settings *settings, struct master *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
