/* SPDX-License-Identifier: EUPL-1.2
 *
 * All connections in a table, each with what it is doing and until when. libmicrohttpd owns the sockets; this table
 * may only shut them down, and only between "started" and "closed", which libmicrohttpd calls before it closes a
 * descriptor: the lock that both hold keeps a number that was used again from being cut.
 */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/crowd.h"
#include "http/listener.h"

#include <pthread.h>
#include <stdatomic.h>

enum phase {
    PHASE_FREE,
    PHASE_QUEUED, /* accepted, libmicrohttpd does not have it yet */
    PHASE_HEADER,
    PHASE_BODY,
    PHASE_WORK, /* no deadline: it is the handler's turn */
    PHASE_ANSWER,
    PHASE_IDLE,
    PHASE_CUT
};
#define DEADLINE_NONE (INT64_MAX >> 4)

struct connection {
    int fd;
    struct http_address peer;
    uint64_t network;      /* 0: not counted */
    _Atomic int64_t state; /* deadline << 4 | phase: both change at once */
    int64_t idle_state;    /* the watch's own: bytes received when it first saw this idle state */
    uint64_t idle_bytes;
    void *_Atomic resting; /* the exchange that waits for its answer (later.c) */
    /* Of TLS (tls.c): */
    struct tls *tls;
    struct MHD_Connection *mhd;
    atomic_bool shakes;    /* rests in the middle of its handshake */
    bool shaken;           /* the handshake is over: a request has come */
    rfd_bytes certificate; /* that the client proved to have the key of */
    bool vouched_for;      /* an authority of clients vouches for it */
    size_t answer;         /* the length of the body of an answer of which nothing was sent yet, or 0 */
    rfd_bytes held;        /* a record that leaves with the next one */
    uint32_t next_free;
};

struct connections {
    pthread_mutex_t lock; /* of all below, but for `state` */
    struct connection *slots;
    unsigned maximum, used_slots; /* slots from used_slots on were never used */
    uint32_t free_slot;           /* 0, or 1 + a slot's number */
    atomic_uint open;
    uint32_t *by_descriptor; /* 0, or 1 + a slot's number: how libmicrohttpd's "started" finds what was accepted */
    size_t descriptors;
    struct crowd crowd;
};

rfd_status connections_init(struct connections *all, unsigned maximum, struct rfd_error *error) RFD_MUST_CHECK;
void connections_dispose(struct connections *all);

/** Puts an accepted socket into the table. NULL, and why: too many in all, or of this network (0: no limit). */
struct connection *connections_add(struct connections *all, int fd, const struct http_address *peer,
                                   unsigned per_network, enum http_event *why);
/** What was added and now has started. */
struct connection *connections_started(struct connections *all, int fd, int64_t deadline);
void connections_remove(struct connections *all, struct connection *c);

/** Microseconds of a clock that only goes forward, to about 4 ms; and exactly, for a little more time. */
int64_t connection_now(void);
int64_t connection_now_exactly(void);
void connection_set(struct connection *c, enum phase phase, int64_t deadline);
/** From idle to reading headers; does nothing when it is not idle. */
void connection_wake(struct connection *c, int64_t deadline);

/** What is to be cut, beside those whose deadline has passed. */
enum cut { CUT_LATE, CUT_IDLE_TOO, CUT_ALL };
struct cuts {
    unsigned events[HTTP_EVENT_COUNT];
};
/** Cuts, and gives idle connections whose client has begun to send `header` microseconds more. */
void connections_watch(struct connections *all, enum cut cut, int64_t header, struct cuts *cuts);

#endif
