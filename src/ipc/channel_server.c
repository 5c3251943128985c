/* SPDX-License-Identifier: EUPL-1.2
 *
 * A channel that ends during a round keeps its place until the round is over, so that places do not move while they
 * are walked; new ones are only looked at in the next round.
 */
#include "ipc/channel_server.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <poll.h>

struct served {
    struct channel *channel; /* NULL: ended in this round */
    void *peer;
    bool more; /* whole messages are left from the last round */
};

struct channel_server {
    struct channel_handlers handlers;
    struct served *served;
    struct pollfd *polled;
    size_t count;
    size_t maximum;
    int watched; /* -1: none */
};

rfd_status channel_server_new(const struct channel_handlers *handlers, size_t maximum, struct channel_server **out,
                              struct rfd_error *error)
{
    struct channel_server *server = memory_zeroed(1, sizeof *server);
    if (server == NULL) return error_memory(error);
    *server = (struct channel_server){.handlers = *handlers, .maximum = maximum, .watched = -1};
    server->served = memory_zeroed(maximum, sizeof *server->served);
    server->polled = memory_zeroed(maximum + 1, sizeof *server->polled);
    if (server->served == NULL || server->polled == NULL) {
        channel_server_free(server);
        return error_memory(error);
    }
    *out = server;
    return RFD_OK;
}

void channel_server_free(struct channel_server *server)
{
    if (server == NULL) return;
    for (size_t i = 0; i < server->count; i++) channel_free(server->served[i].channel);
    memory_free(server->served);
    memory_free(server->polled);
    memory_free(server);
}

rfd_status channel_server_add(struct channel_server *server, struct channel *channel, void *peer,
                              struct rfd_error *error)
{
    if (server->count == server->maximum) return error_set(error, RFD_E_LIMIT, "%zu channels", server->count);
    server->served[server->count++] = (struct served){.channel = channel, .peer = peer};
    return RFD_OK;
}

size_t channel_server_count(const struct channel_server *server)
{
    size_t open = 0;
    for (size_t i = 0; i < server->count; i++) open += server->served[i].channel != NULL;
    return open;
}

void channel_server_watch(struct channel_server *server, int descriptor)
{
    server->watched = descriptor;
}

/** A peer that leaves answers lying is not read from, nor are its waiting requests worked off. */
static bool is_reading(const struct served *s)
{
    return (channel_events(s->channel) & POLLIN) != 0;
}

/** At most a round's messages. */
static rfd_status handle_some(struct channel_server *server, struct served *s, int *taken, struct rfd_error *error)
{
    struct message m;
    while (*taken < CHANNEL_SERVER_ROUND && is_reading(s) && channel_next(s->channel, &m)) {
        rfd_status status = server->handlers.message(server->handlers.context, s->peer, s->channel, &m, error);
        message_close_descriptors(&m);
        TRY(status);
        *taken += 1;
    }
    return RFD_OK;
}

/** Hands over what has arrived. The answers of a round leave together, those before an offence too. */
static rfd_status hand_over(struct channel_server *server, struct served *s, struct rfd_error *error)
{
    int taken = 0;
    channel_hold(s->channel, true);
    rfd_status status = handle_some(server, s, &taken, error);
    channel_hold(s->channel, false);
    s->more = taken == CHANNEL_SERVER_ROUND || !is_reading(s);
    rfd_status sent = channel_flush(s->channel, status == RFD_OK ? error : NULL);
    return status != RFD_OK ? status : sent;
}

static rfd_status serve(struct channel_server *server, struct served *s, short events, struct rfd_error *error)
{
    rfd_status end = RFD_OK;
    if ((events & POLLOUT) != 0) TRY(channel_flush(s->channel, error));
    if (!is_reading(s))
        return (events & (POLLHUP | POLLERR)) != 0 ? error_set(error, RFD_E_PEER_GONE, "hung up") : RFD_OK;
    if (!s->more && (events & ~POLLOUT) != 0) end = channel_receive(s->channel, error);
    if (end == RFD_OK || end == RFD_E_PEER_GONE) TRY(hand_over(server, s, error));
    return s->more ? RFD_OK : end;
}

static void end_channel(struct channel_server *server, struct served *s, const struct rfd_error *why)
{
    channel_free(s->channel);
    s->channel = NULL;
    if (server->handlers.gone != NULL) server->handlers.gone(server->handlers.context, s->peer, why);
}

static void close_gaps(struct channel_server *server)
{
    size_t kept = 0;
    for (size_t i = 0; i < server->count; i++) {
        if (server->served[i].channel != NULL) server->served[kept++] = server->served[i];
    }
    server->count = kept;
}

/** Fills in what to poll for; true when some messages wait already. */
static bool prepare(struct channel_server *server)
{
    bool ready = false;
    for (size_t i = 0; i < server->count; i++) {
        short events = channel_events(server->served[i].channel);
        server->polled[i] = (struct pollfd){.fd = channel_descriptor(server->served[i].channel), .events = events};
        if (server->served[i].more && (events & POLLIN) != 0) ready = true;
    }
    server->polled[server->count] = (struct pollfd){.fd = server->watched, .events = POLLIN}; /* -1 is passed over */
    return ready;
}

rfd_status channel_server_round(struct channel_server *server, int milliseconds, const sigset_t *mask,
                                struct rfd_error *error)
{
    if (prepare(server)) milliseconds = 0;
    struct timespec wait = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    size_t count = server->count;
    int ready = ppoll(server->polled, count + 1, milliseconds < 0 ? NULL : &wait, mask);
    if (ready < 0 && errno == EINTR) return RFD_OK;
    if (ready < 0) return error_errno(error, RFD_E_INTERNAL, errno, "poll");
    for (size_t i = 0; i < count; i++) {
        struct rfd_error why = RFD_ERROR_INIT;
        struct served *s = &server->served[i];
        if (server->polled[i].revents == 0 && !s->more) continue;
        if (serve(server, s, server->polled[i].revents, &why) != RFD_OK) end_channel(server, s, &why);
    }
    close_gaps(server);
    return RFD_OK;
}
