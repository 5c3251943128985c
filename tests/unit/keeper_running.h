/* SPDX-License-Identifier: EUPL-1.2
 *
 * A keeper in its own process and sandbox; the program stands in for the supervisor. Failures end the program.
 */
#ifndef TESTS_KEEPER_RUNNING_H
#define TESTS_KEEPER_RUNNING_H

#include "keeper/process.h"
#include "keeper/protocol.h"

enum { RUNNING_WAIT = 60000 /* milliseconds for an answer */ };

struct running;
/** What the process is: as a role's function. */
typedef int running_be(const struct running *k, struct supervised *self);
struct running {
    running_be *be; /* NULL: a keeper */
    char store[256], packs[512];
    int audit; /* descriptor for its lines */
    pid_t pid;
    struct channel *control;
};

/** What opens the store. */
struct master running_master(void);
/** Makes a store that belongs to the user that the sandbox makes of root, and starts nothing yet. */
void running_new(struct running *k, const char *store);
void running_start(struct running *k);
/** kill -9 */
void running_kill(struct running *k);
/** Hands the process a socket of a client with this role, and closes it here. */
void running_give(struct running *k, const char *role, int descriptor);
/** A client of this role, greeted. `flags` of enum channel_flags. */
struct channel *running_greet(struct running *k, const char *role, unsigned flags);
/** The next message of a channel. */
void running_wait(struct channel *c, struct message *m);

#endif
