/* SPDX-License-Identifier: EUPL-1.2
 *
 * The personal keeper as a process of its own, in the keeper's sandbox (keeper/process.h) with a store of its own:
 * locked memory, no core dumps, no files but its store's, no sockets but those that come over the control channel. One
 * thread owns the channels; a pool of threads does what costs time (pool.h).
 *
 * It may be killed at any moment: what it has acknowledged is on disk, operations are begun again. A client's role is
 * what it may ask for: "admin", "worker", "web".
 */
#ifndef PERSONAL_PROCESS_H
#define PERSONAL_PROCESS_H

#include "ipc/supervisor_child.h"
#include "personal/personal.h"

struct personal_process_options {
    const char *store;    /* the folder; who has its lock is the active one */
    struct master master; /* wiped as soon as the store is open */
    int audit;            /* descriptor: one line of JSON for each operation */
    unsigned threads;     /* 0: as many as there are processors */
    struct personal_options personal;
};

enum { PERSONAL_PROCESS_CLIENTS = 64 };

/** A role's function for the supervisor's table; self->context is a struct personal_process_options. Ends when the
 * supervisor does. Exit status 0, or 1 with a line on descriptor `audit` that says why. */
int personal_process_run(struct supervised *self);

#endif
