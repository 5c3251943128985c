/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sqlite_checkpoint.h"

#include "base/error.h"

#include <unistd.h>

/* For so long the writer waits for those who read from the log, that it may begin anew: most are done sooner, and for
 * the others nobody shall wait. */
enum { PAUSE_MICROSECONDS = 100, PAUSES = 20 };

/* How small a part of the log is little enough for the writer, and how often to try to get there: each time less comes
 * meanwhile. */
enum { LITTLE = 64, TIMES = 8 };

/* --- The thread --------------------------------------------------------------------------------------------------- */

/** What fails here (another process is at it, the disk is full) is tried again with a later commit. */
static void copy_log(struct sqlite_checkpoint *c)
{
    int log = 0, copied = 0;
    if (c->connection.database == NULL && sqlite_connection_open(c->path, false, &c->connection, NULL) != RFD_OK)
        return;
    for (unsigned i = 0; i < TIMES; i++) {
        int before = copied;
        if (sqlite3_wal_checkpoint_v2(c->connection.database, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &copied) !=
            SQLITE_OK)
            return;
        if (log - before < c->pages / LITTLE) return; /* came while the last part was copied */
    }
}

static void *copy_logs(void *context)
{
    struct sqlite_checkpoint *c = context;
    pthread_mutex_lock(&c->lock);
    while (!c->closing) {
        if (c->state != CHECKPOINT_WANTED) {
            pthread_cond_wait(&c->wanted, &c->lock);
            continue;
        }
        pthread_mutex_unlock(&c->lock);
        copy_log(c);
        pthread_mutex_lock(&c->lock);
        c->state = CHECKPOINT_LITTLE_LEFT;
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* --- The writer --------------------------------------------------------------------------------------------------- */

static int wait_briefly(void *context, int tries)
{
    (void)context;
    if (tries >= PAUSES) return 0;
    (void)usleep(PAUSE_MICROSECONDS);
    return 1;
}

/** Copies the rest; whoever writes next begins at the start of the log. If it cannot be, with a later commit. */
static void copy_rest(sqlite3 *writer, const char *name)
{
    (void)sqlite3_busy_handler(writer, wait_briefly, NULL);
    (void)sqlite3_wal_checkpoint_v2(writer, name, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite_connection_wait(writer);
}

/** Called by SQLite after each commit with the pages that are in the log. */
static int look_at_log(void *context, sqlite3 *writer, const char *name, int pages)
{
    struct sqlite_checkpoint *c = context;
    if (pages < c->pages) return SQLITE_OK;
    pthread_mutex_lock(&c->lock);
    bool here = !c->running || c->state == CHECKPOINT_LITTLE_LEFT;
    if (here)
        c->state = CHECKPOINT_IDLE;
    else if (c->state == CHECKPOINT_IDLE) {
        c->state = CHECKPOINT_WANTED;
        pthread_cond_signal(&c->wanted);
    }
    pthread_mutex_unlock(&c->lock);
    if (here) copy_rest(writer, name);
    return SQLITE_OK;
}

void sqlite_checkpoint_begin(struct sqlite_checkpoint *c, const char *path, struct sqlite_connection *writer)
{
    c->path = path;
    if (c->pages == 0) c->pages = CHECKPOINT_PAGES;
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->wanted, NULL);
    c->running = pthread_create(&c->thread, NULL, copy_logs, c) == 0;
    (void)sqlite3_wal_hook(writer->database, look_at_log, c);
}

void sqlite_checkpoint_end(struct sqlite_checkpoint *c)
{
    if (c->path == NULL) return;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    pthread_cond_signal(&c->wanted);
    pthread_mutex_unlock(&c->lock);
    if (c->running) pthread_join(c->thread, NULL);
    sqlite_connection_close(&c->connection);
    pthread_cond_destroy(&c->wanted);
    pthread_mutex_destroy(&c->lock);
    c->path = NULL;
}
