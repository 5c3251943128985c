/* SPDX-License-Identifier: EUPL-1.2
 *
 * One end of a connected Unix stream socket that carries messages. The descriptor is the peer: who made the pair knows
 * whom it gave the other end, and nothing that the peer says about itself counts.
 *
 * A channel never blocks; its owner polls. What it holds is bounded on both sides: what came in by one message of
 * the longest kind, what goes out by the backlog. A peer that does not read its answers is not read from any more
 * until it does. Whatever is wrong with the stream (a length beyond the maximum, descriptors that were not announced)
 * ends the channel; there is no going on after garbage.
 *
 * A channel made without CHANNEL_DESCRIPTORS only uses read() and write(), for processes whose sandbox has no more;
 * open files that a peer sends to it are closed by the kernel. SIGPIPE must be ignored in the process. A channel
 * belongs to one thread.
 */
#ifndef IPC_CHANNEL_H
#define IPC_CHANNEL_H

#include "ipc/message.h"

struct channel;

enum channel_flags { CHANNEL_DESCRIPTORS = 1 };

struct channel_options {
    size_t maximum; /* octets of one message with its header; 0: MESSAGE_MAXIMUM */
    size_t backlog; /* octets that may wait to be sent; 0: four messages of the longest kind */
    unsigned flags; /* of enum channel_flags */
};

/** Takes over `fd`, which must be a connected Unix stream socket, and makes it non-blocking. On failure `fd` stays the
 * caller's. RFD_E_ARGUMENT, RFD_E_MEMORY. */
rfd_status channel_new(int fd, const struct channel_options *options, struct channel **out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Closes it, with the descriptors that arrived and were not taken. Safe on NULL. */
void channel_free(struct channel *c);

/** Milliseconds of the clock that nobody sets, for deadlines. */
int64_t channel_clock(void);

/** A connected pair of sockets, close-on-exec. */
rfd_status channel_pair(int fds[2], struct rfd_error *error) RFD_MUST_CHECK;

int channel_descriptor(const struct channel *c);
/** What to poll for now: POLLIN unless the peer leaves its answers lying, POLLOUT while something waits. */
short channel_events(const struct channel *c);

/** Reads what is there, at most one message's worth. RFD_OK also when there was nothing. RFD_E_PEER_GONE at the end of
 * the stream (what came before can still be taken), RFD_E_PROTOCOL when it is no stream of messages. */
rfd_status channel_receive(struct channel *c, struct rfd_error *error) RFD_MUST_CHECK;
/** The next whole message, true; its body is valid until the next channel_receive or channel_call, its descriptors are
 * the caller's. */
bool channel_next(struct channel *c, struct message *out);

/** Queues a message and sends what the socket takes. `descriptors` (at most MESSAGE_DESCRIPTORS, NULL when 0) stay the
 * caller's: duplicates travel. RFD_E_LIMIT when the message is too long or the backlog full (nothing is queued then),
 * RFD_E_PEER_GONE. */
rfd_status channel_send(struct channel *c, uint16_t type, uint64_t request, slice body, const int *descriptors,
                        size_t count, struct rfd_error *error) RFD_MUST_CHECK;
/** Sends what the socket takes of the backlog. RFD_E_PEER_GONE. */
rfd_status channel_flush(struct channel *c, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether channel_send only queues, for who sends several messages at once; channel_flush sends them. */
void channel_hold(struct channel *c, bool held);
/** Octets that wait to be sent. */
size_t channel_waiting(const struct channel *c);

/**
 * For clients: sends a request and waits for its answer, at most `milliseconds` in all. Answers to calls that ran out
 * of time earlier are thrown away when they come. The answer's body is valid until the next call; its descriptors are
 * the caller's. RFD_E_DEADLINE (the channel stays usable), RFD_E_PEER_GONE, RFD_E_PROTOCOL, RFD_E_LIMIT.
 */
rfd_status channel_call(struct channel *c, uint16_t type, slice body, unsigned milliseconds, struct message *answer,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
