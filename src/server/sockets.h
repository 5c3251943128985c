/* SPDX-License-Identifier: EUPL-1.2
 *
 * The listening sockets of all roles, opened by the supervisor before anything else, so that ports below 1024 are no
 * reason for a child to have rights, and clients wait in the queue while a child is started again. What systemd passes
 * under the names "status", "registration", "web", "web-certificates" and "metrics" comes before what the settings
 * name.
 */
#ifndef SERVER_SOCKETS_H
#define SERVER_SOCKETS_H

#include "ipc/supervisor.h"
#include "settings/settings.h"

#define SOCKET_REGISTRATION "registration"
#define SOCKET_WEB          "web"
#define SOCKET_CERTIFICATES "web-certificates"

enum { SOCKETS_MAXIMUM = 64, SOCKETS_BACKLOG = 4096 };

struct sockets {
    struct supervisor_listener items[SOCKETS_MAXIMUM];
    size_t count;
};

/** RFD_E_SETTINGS, RFD_E_NETWORK, RFD_E_ARGUMENT for what systemd passed under another name. */
rfd_status sockets_open(const struct settings *settings, struct sockets *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Adds one that is no listening socket, such as the board. */
void sockets_add(struct sockets *sockets, const char *role, const char *name, int descriptor);
/** How many of them a role has, under the name that is its own. */
unsigned sockets_count(const struct sockets *sockets, const char *role);
void sockets_close(struct sockets *sockets);

#endif
