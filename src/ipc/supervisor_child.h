/* SPDX-License-Identifier: EUPL-1.2
 *
 * A supervised process from inside. The order of things in a role's function:
 *
 *   1. what needs rights: open files, lock memory, read secrets
 *   2. enter the sandbox (ipc/sandbox.h)
 *   3. supervised_ready()
 *   4. read the control channel and, from there on, peers
 *
 * The control channel speaks of peers and listeners (supervised_read); it belongs into the process's channel_server.
 * When it ends, the supervisor is gone, and the process must end too. It needs recvmsg(), thus the network's calls.
 */
#ifndef IPC_SUPERVISOR_CHILD_H
#define IPC_SUPERVISOR_CHILD_H

#include "ipc/channel.h"

struct supervised {
    const char *role;
    unsigned index; /* of `count` in the table, from 0 */
    struct channel *control;
    void *context; /* as given to supervised_main */
};

/** A kind of child. `run` is its life; what it returns is the exit status. The supervisor needs no `run`, the child no
 * `program`. */
struct supervised_role {
    const char *name;
    unsigned count;
    int (*run)(struct supervised *self);
    const char *program; /* the path of what is executed; NULL: this one, again */
};

enum { SUPERVISED_NAME_SIZE = 64 };

enum supervised_kind { SUPERVISED_PEER, SUPERVISED_LISTENER };

struct supervised_news {
    enum supervised_kind kind;
    char name[SUPERVISED_NAME_SIZE]; /* the peer's role, or the listener's name */
    unsigned index;                  /* of the peer */
    int descriptor;                  /* the caller's from now on. A peer's replaces the one that it had before */
};

/** Whether the program was started as a child: the first thing that main() asks. */
bool supervised_is_child(int argc, char *const *argv);
/** Runs the role that the arguments name and returns its exit status. Ignores SIGPIPE. */
int supervised_main(int argc, char *const *argv, const struct supervised_role *roles, void *context);

/** Tells the supervisor that this process serves. */
rfd_status supervised_ready(struct supervised *self, struct rfd_error *error) RFD_MUST_CHECK;
/** What a message of the control channel says. RFD_E_PROTOCOL. */
rfd_status supervised_read(struct message *message, struct supervised_news *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
