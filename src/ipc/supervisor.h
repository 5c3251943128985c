/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first process of the server: starts the others from a table, gives them their sockets, starts them again when
 * they die, and stops them in order. It holds no key, reads nothing from outside, and knows nothing of what its
 * children do.
 *
 *   - A child is this program, or the one that its role names, executed with "--child ROLE INDEX"; descriptor 3 is its
 * control channel. All else arrives over that channel: a socket for each peer that the table links it with, listening
 * sockets. When a child dies and is started again, its peers get new sockets to it, so that no half-sent message
 * survives.
 *   - A child that dies is started again after a pause that doubles from `pause_first` to `pause_longest`, and starts
 *     over once a child has lived for `steady`. One that cannot live therefore costs next to nothing.
 *   - SIGTERM or SIGINT stops the rows from the last to the first: servers stand at the top of the table and outlive
 *     their clients. A child that does not end within `patience` is killed.
 *   - systemd is told READY=1 when every child has called supervised_ready() once, and STOPPING=1.
 *
 * When the supervisor itself is killed, its children see the end of their control channels and must end
 * (supervisor_child.h). Whether a child is in its sandbox is not checked here.
 */
#ifndef IPC_SUPERVISOR_H
#define IPC_SUPERVISOR_H

#include "ipc/supervisor_child.h"

#include <sys/types.h>

enum { SUPERVISOR_CHILDREN = 64 };

struct supervisor_link {
    const char *client, *server; /* two different roles: each instance of one is linked with each of the other */
};

/** A listening socket that every instance of `role` gets. */
struct supervisor_listener {
    const char *role;
    const char *name;
    int descriptor; /* stays the caller's */
};

enum supervisor_event {
    SUPERVISOR_STARTED,
    SUPERVISOR_CHILD_READY,
    SUPERVISOR_DIED,   /* `value` as from waitpid() */
    SUPERVISOR_PAUSED, /* until the next start; `value` in milliseconds */
    SUPERVISOR_KILLED, /* outlived the patience */
    SUPERVISOR_ALL_READY,
    SUPERVISOR_STOPPING
};

/** What happened to which child, for the log; `role` is NULL for what concerns all. */
typedef void supervisor_report(void *context, enum supervisor_event event, const char *role, unsigned index, pid_t pid,
                               int value);

/** Where commands of this machine come in (supervisor_admin.h). */
struct supervisor_admin {
    int listener;             /* stays the caller's */
    uid_t user;               /* who may, beside root */
    const char *const *roles; /* which they may talk to; ends with NULL */
};

struct supervisor_options {
    const struct supervised_role *roles; /* ends with a NULL name */
    const struct supervisor_link *links; /* ends with a NULL client; may be NULL */
    const struct supervisor_listener *listeners;
    size_t listener_count;
    const struct supervisor_admin *admin;                  /* NULL: no admin socket */
    unsigned pause_first, pause_longest, steady, patience; /* milliseconds; 0: 100, 30,000, 60,000, 10,000 */
    supervisor_report *report;                             /* may be NULL */
    void *context;
};

/** Runs until SIGTERM or SIGINT, which it blocks like SIGCHLD; all children are gone when it returns. One thread.
 * RFD_E_ARGUMENT for a table that names unknown roles or has too many children, RFD_E_INTERNAL. */
rfd_status supervisor_run(const struct supervisor_options *options, struct rfd_error *error) RFD_MUST_CHECK;

#endif
