/* SPDX-License-Identifier: EUPL-1.2
 *
 * What supervisor and children agree on without speaking: the environment that children inherit, the user they become.
 */
#ifndef SERVER_INSTANCE_H
#define SERVER_INSTANCE_H

#include "settings/settings.h"

#define INSTANCE_HOME     "REFRENDAD_HOME"    /* the folder of refrenda.yaml */
#define INSTANCE_LOG      "REFRENDAD_LOG"     /* "text", "json": wins over the settings */
#define INSTANCE_SOCKETS  "REFRENDAD_SOCKETS" /* "status=2 registration=1": how many each role gets */
#define INSTANCE_LIFE     "REFRENDAD_LIFE"    /* a word that no other run of a supervisor has */
#define INSTANCE_SETTINGS "refrenda.yaml"

/** Settings of the instance in `home`, or in $REFRENDAD_HOME when it is NULL. */
rfd_status instance_settings(const char *home, struct settings **out, struct rfd_error *error) RFD_MUST_CHECK;
/** To standard error, as the settings or the environment say; `settings` may be NULL. */
void instance_log(const struct settings *settings, const char *process);
/** How many sockets of that name the supervisor has. */
unsigned instance_socket_count(const char *name);

/** Who the processes are: settings.user when this process is root, else its own user. RFD_E_SETTINGS when there is no
 * such user. */
rfd_status instance_user(const struct settings *settings, unsigned *user, unsigned *group,
                         struct rfd_error *error) RFD_MUST_CHECK;
/**
 * Gives up root: the process becomes settings.user, with its groups. When the settings name none, it stays user 0
 * without a single capability, as in containers and tests where the files are root's: it can then do what the owner of
 * these files can, and nothing that only root can.
 */
rfd_status instance_drop_rights(const struct settings *settings, struct rfd_error *error) RFD_MUST_CHECK;

/** How many signers there are to be: as the settings say, else one a processor, as far as their stores are there.
 * RFD_E_SETTINGS when the settings say more than there are stores. */
rfd_status signer_count(const struct settings *settings, unsigned *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Whether there is a store of the personal keeper. */
bool has_personal_store(const struct settings *settings);

/** Where a credential is: the path itself, or a name in $CREDENTIALS_DIRECTORY. RFD_E_SETTINGS when there is no such
 * folder. */
rfd_status instance_credential(const char *name, char *path, size_t size, struct rfd_error *error) RFD_MUST_CHECK;

#endif
