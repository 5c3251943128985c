/* SPDX-License-Identifier: EUPL-1.2
 *
 * The keeper as a process of its own. It starts with the right to open its store, and gives up everything else before
 * it reads the first octet from a channel:
 *
 *   - private numbers in locked memory (OpenSSL's secure heap, struct secret); where the limit of locked memory allows,
 * all of the process (mlockall)
 *   - no core dumps, no tracing, no new privileges, no root (ipc/sandbox.h)
 *   - files: below its store's folder only (Landlock)
 *   - calls: no socket can be made, connected, bound or accepted, no descriptor sent; asking for it kills the process.
 *     Sockets come over the control channel alone
 *
 * It may be killed at any moment: what it has acknowledged is on disk. A client's role (ipc/supervisor.h) is what it
 * may ask for: "admin", "status", "worker", "web". The user that the process has in the sandbox must own the store.
 */
#ifndef KEEPER_PROCESS_H
#define KEEPER_PROCESS_H

#include "ipc/supervisor_child.h"
#include "keeper/master.h"

struct keeper_process_options {
    const char *store;    /* the folder */
    const char *packs;    /* folder of the countries' packs, read before the sandbox; NULL: none are needed (signers) */
    struct master master; /* wiped as soon as the store is open */
    int audit;            /* descriptor: one line of JSON for each operation */
};

enum { KEEPER_PROCESS_CLIENTS = 64 };

/** Peers whose role begins with this are helpers of tokens (token_helper.h); the token's name follows. */
#define KEEPER_TOKEN_ROLE "token-"

/** A role's function for the supervisor's table; self->context is a struct keeper_process_options. Ends when the
 * supervisor does. Exit status 0, or 1 with a line on descriptor `audit` that says why. */
int keeper_process_run(struct supervised *self);

#endif
