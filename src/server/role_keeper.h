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

/** What the process of a key store needs of the machine before it becomes the service's user, and its log of uses
 * (`name`, or keeper.log in the store), opened afterwards. `*master` is the caller's to dispose of. */
rfd_status role_key_store_prepare(const struct settings *settings, const char *name, const char *store,
                                  struct master *master, int *uses, struct rfd_error *error) RFD_MUST_CHECK;

/** What opens the instance's key stores. RFD_E_SETTINGS when the settings name neither passphrase nor credential. */
rfd_status instance_master(const struct settings *settings, struct master *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Where a credential is: the path itself, or a name in $CREDENTIALS_DIRECTORY. RFD_E_SETTINGS when there is no such
 * folder. */
rfd_status instance_credential(const char *name, char *path, size_t size, struct rfd_error *error) RFD_MUST_CHECK;

#endif
