/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers that leave together. A keeper that has many questions waiting works on all of them, has their records on disk
 * with one fdatasync(), tells the audit with one write(), and only then sends what it has. Where a thread can wait for
 * the disk, the keeper works on the next questions meanwhile: there are two parts, one that is being filled and one
 * whose records are on their way.
 */
#ifndef KEEPER_BATCH_H
#define KEEPER_BATCH_H

#include "ipc/channel.h"
#include "keeper/event.h"

enum {
    BATCH_ANSWERS = 256,
    BATCH_GATHERED = 16,     /* that wait for one sync: with more, those who ask would stand still meanwhile */
    BATCH_OCTETS = 128 << 10 /* of answers; with more, no further question is taken */
};

/** One answer that waits. */
struct batch_item {
    struct channel *channel; /* NULL: gone */
    uint64_t request;
    size_t start, length; /* in the answers */
    uint16_t type;
};
struct batch_part {
    struct batch_item items[BATCH_ANSWERS];
    size_t count;
    struct buf answers;
    struct buf lines;     /* for the audit */
    struct rfd_error why; /* not RFD_OK: what it says became of their records */
};
struct batch {
    struct keeper *keeper;
    int audit; /* descriptor */
    struct batch_part parts[2];
    struct batch_part *filling;
    struct batch_part *flying; /* NULL: none */
    struct buf answer;         /* the one in work */
    size_t last;               /* answers that left together the last time */
};

void batch_init(struct batch *b, int audit);
void batch_dispose(struct batch *b);
/** The keeper's audit; `context` is the batch. */
rfd_status batch_audit(void *context, const struct keeper_event *event, struct rfd_error *error) RFD_MUST_CHECK;
/** Works on a message; its answer waits. RFD_E_PROTOCOL when the channel has to end. */
rfd_status batch_take(struct batch *b, struct keeper_session *session, struct channel *channel,
                      const struct message *message, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether batch_send() has to come before the next batch_take(). */
bool batch_is_full(const struct batch *b);
/** Answers that have not begun to leave. */
size_t batch_count(const struct batch *b);
/** For how long (milliseconds) it is worth while to wait for more questions first: the disk is waited for only once.
 * Who asks alone does not wait for others. */
int batch_gathers(const struct batch *b);
/** As batch_send(), but does not wait for the disk when a thread can; nothing while the part before is on its way. */
void batch_go(struct batch *b);
/** Sends what has arrived on the disk; false when nothing has. */
bool batch_land(struct batch *b);
/** The channel ends: its answers are thrown away. */
void batch_forget(struct batch *b, const struct channel *channel);
/** Everything on disk, told, and sent; what could not be is refused. */
void batch_send(struct batch *b);

#endif
