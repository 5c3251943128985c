/* SPDX-License-Identifier: EUPL-1.2
 *
 * libmicrohttpd could accept by itself; then nobody could refuse a network before memory is spent on it, one daemon
 * could not serve several sockets, and the table of connections would learn of descriptors too late.
 */
#include "http/front.h"

#include "base/memory.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { WATCH_MILLISECONDS = 250, ACCEPT_BATCH = 64, MOST_SOCKETS = 64 };

void front_watch(struct http_listener *listener, enum cut cut)
{
    struct cuts cuts = {{0}};
    int64_t header = (int64_t)listener->options.header_seconds * 1000000;
    connections_watch(&listener->connections, cut, header, &cuts);
    for (unsigned i = 0; i < HTTP_EVENT_COUNT; i++)
        for (unsigned n = 0; n < cuts.events[i]; n++) exchange_count(listener, (enum http_event)i);
}

static bool is_proxy(const struct http_listener *listener, const struct http_address *peer)
{
    for (size_t i = 0; i < listener->options.proxy_count; i++)
        if (http_network_has(&listener->proxies[i], peer)) return true;
    return false;
}

static void welcome(struct http_listener *listener, int fd, const struct sockaddr_storage *from, socklen_t length)
{
    struct http_address peer;
    enum http_event why;
    http_address_of_socket(from, &peer);
    unsigned per_network = is_proxy(listener, &peer) ? 0 : listener->options.connections_per_network;
    if (connections_add(&listener->connections, fd, &peer, per_network, &why) == NULL) {
        exchange_count(listener, why);
        (void)close(fd);
        return;
    }
    /* A failure closes the socket; its row goes when the number comes again. It cannot be cut meanwhile: not started.
     */
    (void)MHD_add_connection(listener->daemon, fd, (const struct sockaddr *)from, length);
}

/** False when accepting makes no sense for a moment. */
static bool accept_some(struct http_listener *listener, int socket)
{
    for (int i = 0; i < ACCEPT_BATCH; i++) {
        struct sockaddr_storage from = {0};
        socklen_t length = sizeof from;
        if (atomic_load(&listener->connections.open) >= listener->options.connections) return false;
        int fd = accept4(socket, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            welcome(listener, fd, &from, length);
        else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            return false;
        else if (errno != ECONNABORTED && errno != EINTR)
            break;
    }
    return true;
}

/** All connections are taken: idle ones make room, and who waits outside waits a little. */
static void make_room(struct http_listener *listener)
{
    exchange_count(listener, HTTP_EVENT_REFUSED_FULL);
    front_watch(listener, CUT_IDLE_TOO);
    (void)usleep(20000);
}

void *front_run(void *context)
{
    struct http_listener *listener = context;
    struct pollfd polled[MOST_SOCKETS + 2];
    size_t count = listener->socket_count;
    int64_t next_watch = connection_now();
    for (size_t i = 0; i < count; i++) polled[i] = (struct pollfd){.fd = listener->sockets[i], .events = POLLIN};
    polled[count] = (struct pollfd){.fd = listener->wake, .events = POLLIN};
    polled[count + 1] = (struct pollfd){.fd = listener->tls == NULL ? -1 : listener->tls->waiting, .events = POLLIN};
    for (;;) {
        int ready = poll(polled, count + 2, WATCH_MILLISECONDS);
        bool room = true;
        if (ready > 0 && polled[count].revents != 0) return NULL;
        for (size_t i = 0; ready > 0 && i < count; i++)
            if (polled[i].revents != 0) room = accept_some(listener, polled[i].fd) && room;
        if (ready > 0 && polled[count + 1].revents != 0) tls_wake(listener->tls);
        if (!room) make_room(listener);
        if (connection_now() < next_watch) continue;
        front_watch(listener, CUT_LATE);
        next_watch = connection_now() + WATCH_MILLISECONDS * 1000;
    }
}
