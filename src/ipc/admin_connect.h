/* SPDX-License-Identifier: EUPL-1.2
 *
 * The way of a command to a running server's keeper or signers, through the admin socket of its instance
 * (supervisor_admin.h).
 */
#ifndef IPC_ADMIN_CONNECT_H
#define IPC_ADMIN_CONNECT_H

#include "ipc/channel.h"

#define ADMIN_FOLDER "run"
#define ADMIN_SOCKET "admin.sock"

/**
 * Connects to the role ("keeper", "signer") of the server that runs for the instance in folder `home`. `*out` is a
 * connected socket for keeper_client_connect(). RFD_E_PEER_GONE when no server runs there, RFD_E_BUSY when the child is
 * just being started again (try once more after a moment), RFD_E_DEADLINE when the server says nothing, RFD_E_FORBIDDEN when this user or role may not, RFD_E_NOT_FOUND when
 * there is no such child.
 */
rfd_status admin_connect(const char *home, const char *role, unsigned index, int *out,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** Opens the admin socket of an instance for its server; what an earlier run left behind is removed. The folder must
 * be there. RFD_E_IO_WRITE. */
rfd_status admin_listen(const char *home, int *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
