/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages on their way out of a socket: what was added is sent as the socket takes it. Open files wait with the place
 * in the stream that they travel with. What is gone is wiped. Belongs to one thread at a time.
 */
#ifndef IPC_OUTGOING_H
#define IPC_OUTGOING_H

#include "ipc/message.h"

enum { OUTGOING_PARCELS = 8 /* messages with open files that may wait */ };

struct outgoing_parcel {
    size_t at; /* octets before it */
    size_t count;
    int descriptors[MESSAGE_DESCRIPTORS];
};

struct outgoing {
    struct buf bytes;
    size_t sent; /* octets of `bytes` that are gone */
    size_t parcel_count;
    struct outgoing_parcel parcels[OUTGOING_PARCELS];
};

/** At most `backlog` octets may wait. */
void outgoing_init(struct outgoing *o, size_t backlog);
/** Wipes what was not sent, and closes the files that did not travel. */
void outgoing_dispose(struct outgoing *o);
/** Octets that wait. */
size_t outgoing_waiting(const struct outgoing *o);
/** Queues a message. `descriptors` (NULL when `count` is 0) stay the caller's: duplicates travel. RFD_E_LIMIT when it
 * does not fit (nothing is queued then). */
rfd_status outgoing_add(struct outgoing *o, uint16_t type, uint64_t request, slice body, const int *descriptors,
                        size_t count, struct rfd_error *error) RFD_MUST_CHECK;
/** Sends what the non-blocking socket takes. RFD_E_PEER_GONE. */
rfd_status outgoing_flush(struct outgoing *o, int fd, struct rfd_error *error) RFD_MUST_CHECK;

/** What a failure of a socket means: RFD_E_PEER_GONE, or RFD_E_INTERNAL. */
rfd_status outgoing_lost(int code, struct rfd_error *error);

#endif
