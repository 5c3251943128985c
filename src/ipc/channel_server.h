/* SPDX-License-Identifier: EUPL-1.2
 *
 * Many channels, one thread, one poll(). Each round takes a few messages from every channel that has some, so that a
 * peer that floods delays the others by no more than a round. A channel whose peer vanished, sent garbage, or was
 * refused by the handler is closed; the others do not notice.
 *
 * Messages are handled one at a time, in the order of each channel. The handler answers with channel_send() on the
 * channel that it is given, at once or later.
 */
#ifndef IPC_CHANNEL_SERVER_H
#define IPC_CHANNEL_SERVER_H

#include "ipc/channel.h"

#include <signal.h>

struct channel_server;

enum { CHANNEL_SERVER_ROUND = 16 /* messages taken from one channel before the next has its turn */ };

struct channel_handlers {
    void *context;
    /** A message from the channel that was added with `peer`. Its descriptors are closed afterwards unless taken (set
     * to -1). What is not RFD_OK ends the channel: for offences against the protocol, not for refused requests. */
    rfd_status (*message)(void *context, void *peer, struct channel *channel, struct message *message,
                          struct rfd_error *error);
    /** The channel ends, for the reason in `why`; the last moment to use `peer`. May be NULL. */
    void (*gone)(void *context, void *peer, const struct rfd_error *why);
};

/** Room for `maximum` channels. */
rfd_status channel_server_new(const struct channel_handlers *handlers, size_t maximum, struct channel_server **out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** Closes all channels, without calling `gone`. Safe on NULL. */
void channel_server_free(struct channel_server *server);
/** Takes the channel over. RFD_E_LIMIT when there is no room; the channel stays the caller's then. May be called by
 * the handler. */
rfd_status channel_server_add(struct channel_server *server, struct channel *channel, void *peer,
                              struct rfd_error *error) RFD_MUST_CHECK;
size_t channel_server_count(const struct channel_server *server);
/** A descriptor of the caller's that ends the wait of a round when it can be read; he reads it himself. */
void channel_server_watch(struct channel_server *server, int descriptor);

/** Waits up to `milliseconds` (-1: for ever) for something to do and does one round. `mask` (may be NULL) is the
 * signal mask while waiting; a signal ends the wait with RFD_OK. */
rfd_status channel_server_round(struct channel_server *server, int milliseconds, const sigset_t *mask,
                                struct rfd_error *error) RFD_MUST_CHECK;

#endif
