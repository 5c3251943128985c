/* SPDX-License-Identifier: EUPL-1.2
 *
 * The admin socket: how commands on the same machine reach keeper and signers while the server runs. Who connects is
 * known from the kernel (SO_PEERCRED): root, or the service's user; others are hung up on, and so are the supervisor's
 * own children: they are the service's user, too, may make sockets, and must not become admins when somebody takes them
 * over. (They cannot start processes that would not be children of the supervisor.) The first message names a role; the
 * connection itself then goes to that child, as a peer called "admin". Nothing else is read here.
 *
 * On the wire: ADMIN_CONNECT (text role, u32 index), answered by ADMIN_CONNECT (u32 status, rfd_status). The client
 * sends nothing more before it has the answer.
 */
#ifndef IPC_SUPERVISOR_ADMIN_H
#define IPC_SUPERVISOR_ADMIN_H

#include "ipc/channel.h"

#include <poll.h>
#include <sys/types.h>

enum { ADMIN_CONNECT = 1, ADMIN_MESSAGE_MAXIMUM = 128, ADMIN_VISITORS = 8, ADMIN_PATIENCE = 5000 /* milliseconds */ };

/** Hands a connection over; `descriptor` stays the caller's. RFD_E_FORBIDDEN, RFD_E_PEER_GONE. */
typedef rfd_status admin_hand_over(void *context, slice role, uint32_t index, int descriptor);

/** Whether the process is, or was a moment ago, a child of the supervisor. */
typedef bool admin_is_own(void *context, pid_t pid);

struct admin_visitor {
    struct channel *channel; /* NULL: free */
    int64_t until;           /* channel_clock() */
};
struct admin_door {
    int listener; /* -1: there is none */
    uid_t user;   /* beside root */
    admin_hand_over *hand_over;
    admin_is_own *is_own;
    void *context;
    struct admin_visitor visitors[ADMIN_VISITORS];
};

/** Adds what to wait for; returns how many. `polled` has room for ADMIN_VISITORS + 1. */
nfds_t admin_door_poll(const struct admin_door *door, struct pollfd *polled);
/** Milliseconds until a visitor has to go, or -1. */
int admin_door_timeout(const struct admin_door *door);
/** Serves what poll() found. */
void admin_door_serve(struct admin_door *door, const struct pollfd *polled, nfds_t count);
void admin_door_close(struct admin_door *door);

#endif
