/* SPDX-License-Identifier: EUPL-1.2
 *
 * The server's first process: prepares folders, sockets, the admin socket and the board, then is the supervisor until
 * it is told to stop.
 */
#ifndef SERVER_SUPERVISE_H
#define SERVER_SUPERVISE_H

#include "settings/settings.h"

/** Runs the server; when it returns, all processes are gone. RFD_E_EXISTS when one runs already for this instance. */
rfd_status supervise(const struct settings *settings, struct rfd_error *error) RFD_MUST_CHECK;

#endif
