/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the client. A question on its way has a place in a table; the place and a number that grows make the
 * request number that the answer repeats, so that an answer finds its question at once, and one that comes too late
 * finds none.
 *
 * A link is one connection. The reader alone reads from it and frees it. Whoever sends becomes its writer when there is
 * none, and writes for the others, too, what they add meanwhile; so that many short messages leave by one write. What
 * the socket does not take is left to the reader.
 *
 * Everything is guarded by `mutex` but what the reader alone touches (a link's channel) and what the writer alone
 * touches (a link's `flying`).
 */
#ifndef KEEPER_CLIENT_INTERNAL_H
#define KEEPER_CLIENT_INTERNAL_H

#include "ipc/outgoing.h"
#include "keeper/client.h"

#include <pthread.h>

enum {
    CLIENT_PEERS = 64,
    CLIENT_QUESTIONS = 1 << 14, /* on their way at once */
    CLIENT_BACKLOG = 8 << 20,   /* octets that wait for one peer */
    CLIENT_BATCH = 64           /* answers that are looked up at once */
};

struct link {
    struct link *next;
    struct keeper_client *client;
    struct channel *channel; /* for receiving; it owns the descriptor */
    int descriptor;
    struct outgoing queued, flying;
    bool writing;      /* somebody is the writer */
    bool blocked;      /* the reader writes when the socket takes more */
    bool broken;       /* cannot be written to any more; what has come already is still read */
    bool greeted;      /* the keeper said hello */
    bool ended;        /* of no use any more; the reader frees it */
    size_t waiting;    /* questions in the table */
    size_t unanswered; /* those whose deadline passed included: the peer is still at them */
};

struct question {
    struct link *link; /* NULL: the place is free */
    uint64_t request;
    int64_t deadline; /* of channel_clock() */
    unsigned operation;
    keeper_answered *answered;
    void *context;
    uint32_t next_free;
};

struct keeper_client {
    keeper_direct *direct; /* in this process, or NULL */
    void *direct_context;
    struct keeper_session session;

    pthread_mutex_t mutex;
    pthread_t reader;
    bool has_reader;
    bool stopping;
    int wake; /* eventfd: the reader should look again */
    int64_t sleeps_until;
    struct link *links;               /* all, with those that ended */
    struct link *peers[CLIENT_PEERS]; /* NULL: not connected */
    unsigned peer_count;
    struct question *questions;
    uint32_t room;
    uint32_t first_free; /* `room` when there is none */
    uint64_t number;
};

/** client_link.c: sends what is queued unless somebody does. With the mutex, which is released meanwhile. */
void client_write(struct keeper_client *c, struct link *link);
/** Queues one question to `link`. With the mutex. RFD_E_BUSY, RFD_E_LIMIT, RFD_E_MEMORY. */
rfd_status client_post(struct keeper_client *c, struct link *link, const struct question *wanted, slice body,
                       int descriptor, struct rfd_error *error) RFD_MUST_CHECK;
/** Takes the question out of its place. With the mutex. */
struct question client_take(struct keeper_client *c, struct question *place);
/** The place of the question that `request` answers on `link`, or NULL. With the mutex. */
struct question *client_find_question(struct keeper_client *c, const struct link *link, uint64_t request);
void client_wake(struct keeper_client *c);

/** client_reader.c: the thread. */
void *client_reader_run(void *context);

#endif
