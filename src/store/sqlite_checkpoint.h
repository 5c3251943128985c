/* SPDX-License-Identifier: EUPL-1.2
 *
 * Copying SQLite's log into the tables without holding up those who write. A long log is copied while they go on, by a
 * thread of its own; what came meanwhile, again; and when little is left, the writer itself copies that between two
 * commits, so that the log may begin anew.
 */
#ifndef STORE_SQLITE_CHECKPOINT_H
#define STORE_SQLITE_CHECKPOINT_H

#include "store/sqlite_connection.h"

#include <pthread.h>

/* Each some 4 KB: as many as let the random pages, which each certificate changes, be written once for several of them.
 */
enum { CHECKPOINT_PAGES = 64000 };

enum checkpoint_state { CHECKPOINT_IDLE, CHECKPOINT_WANTED, CHECKPOINT_LITTLE_LEFT };

struct sqlite_checkpoint {
    const char *path;
    int pages;                           /* of the log before it is copied; 0: CHECKPOINT_PAGES */
    struct sqlite_connection connection; /* opened when it is first needed */
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    enum checkpoint_state state;
    bool closing, running;
    pthread_t thread;
};

/** Zeroed but for `pages`, begins to see to the log of all that `writer` commits, in whatever thread it does; `path` is
 * its file's and stays. Where no thread can be had, the writer copies the whole log. */
void sqlite_checkpoint_begin(struct sqlite_checkpoint *c, const char *path, struct sqlite_connection *writer);
/** When nothing is committed any more, before `writer` is closed. Zeroed: nothing. */
void sqlite_checkpoint_end(struct sqlite_checkpoint *c);

#endif
