/* SPDX-License-Identifier: EUPL-1.2
 *
 * How other processes ask the keeper: one object for all threads of a process. Many questions may be on their way at
 * once; a thread of its own reads the answers. When the keeper dies, all that wait get RFD_E_PEER_GONE, as does
 * whoever asks before the supervisor has brought a new socket (keeper_client_connect).
 *
 * Commands that work while no server runs use a keeper inside their own process (keeper_client_direct): the same
 * questions, the same policy, the same answers.
 */
#ifndef KEEPER_CLIENT_H
#define KEEPER_CLIENT_H

#include "keeper/keeper.h"

struct keeper_client;

/** Not connected yet. With `peers` above 1, questions go to the connected peer with the fewest of them on their way. */
rfd_status keeper_client_new(unsigned peers, struct keeper_client **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Ends the thread and hangs up. Safe on NULL. */
void keeper_client_free(struct keeper_client *client);
/** Takes over `descriptor`, the new way to the peer `index`; what waits for the old one fails. Greets. */
rfd_status keeper_client_connect(struct keeper_client *client, unsigned index, int descriptor,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Whether some peer is connected. */
bool keeper_client_ready(struct keeper_client *client);
/** A keeper in this process, asked as KEEPER_FROM_ADMIN and answered at once. Borrowed; one thread. */
rfd_status keeper_client_direct(struct keeper *keeper, struct keeper_client **out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** The same of another process's part that speaks as a keeper does: `handle` as keeper_handle(). */
typedef rfd_status keeper_direct(void *context, struct keeper_session *session, const struct message *message,
                                 struct buf *answer, struct rfd_error *error);
rfd_status keeper_client_direct_to(keeper_direct *handle, void *context, struct keeper_client **out,
                                   struct rfd_error *error) RFD_MUST_CHECK;

/** What came back; `memory` is given by the caller, initialised (or zeroed, for the longest answer that there is), and
 * keeps what `fields` reads. */
struct keeper_reply {
    struct buf memory;
    struct message_reader fields;
};
/** Wipes it: it may have been a key. */
void keeper_reply_dispose(struct keeper_reply *reply);

/** Asks and waits. What the keeper refused is returned with its status and detail. `descriptor` -1: none travels.
 * `reply` may be NULL. RFD_E_DEADLINE, RFD_E_PEER_GONE, RFD_E_BUSY when too much is on its way already. */
rfd_status keeper_client_ask(struct keeper_client *client, unsigned operation, slice body, int descriptor,
                             unsigned milliseconds, struct keeper_reply *reply, struct rfd_error *error) RFD_MUST_CHECK;

/** Called by the client's thread, once, with RFD_OK and the operation's fields, or with why there are none. Quick, and
 * never asks itself. */
typedef void keeper_answered(void *context, rfd_status status, struct message_reader *fields,
                             const struct rfd_error *error);
/** Asks and goes on; unless it fails (nothing is called then), `answered` is called, at the deadline at the latest. */
rfd_status keeper_client_send(struct keeper_client *client, unsigned operation, slice body, unsigned milliseconds,
                              keeper_answered *answered, void *context, struct rfd_error *error) RFD_MUST_CHECK;

#endif
