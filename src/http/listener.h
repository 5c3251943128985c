/* SPDX-License-Identifier: EUPL-1.2
 *
 * The HTTP server: sockets, threads, limits. HTTP/1.0 and 1.1 by libmicrohttpd; what it does not do is done here:
 *
 *   - deadlines that a client cannot push along by a byte now and then: headers, body, answer and idle time each have
 *     one (libmicrohttpd's time-out starts anew with every byte)
 *   - at most so many connections, and so many from one network (IPv4 /24, IPv6 /56); when all are taken, idle ones go
 *   - bodies up to the route's limit, all bodies in memory together up to the listener's
 *   - ambiguous framing (Content-Length twice or beside Transfer-Encoding, RFC 9112 §6.3) is refused, not repaired
 *
 * Threads: one that accepts and watches deadlines; some that run libmicrohttpd's event loops, and HTTP_IMMEDIATE
 * handlers; a pool for the other handlers, while their connection rests.
 *
 * What malformed requests get when libmicrohttpd itself refuses them (400, 413, 414, 431, 501, 505) is its own short
 * HTML.
 */
#ifndef HTTP_LISTENER_H
#define HTTP_LISTENER_H

#include "http/request.h"

struct http_listener;

/** What happened to connections, for counters. */
#define HTTP_EVENTS(X)                                                                                                 \
    X(OPENED, "connections taken")                                                                                     \
    X(CLOSED, "connections ended")                                                                                     \
    X(REFUSED_NETWORK, "connections refused: too many from one network")                                               \
    X(REFUSED_FULL, "times that no connection was free")                                                               \
    X(CUT_HEADER, "connections cut: headers too slow")                                                                 \
    X(CUT_BODY, "connections cut: body too slow")                                                                      \
    X(CUT_ANSWER, "connections cut: answer taken too slowly")                                                          \
    X(CUT_IDLE, "connections ended after a while without request")                                                     \
    X(BUSY, "requests refused: pool or memory full")                                                                   \
    X(PROTOCOL, "complaints of libmicrohttpd: malformed requests, broken connections")
enum http_event {
#define HTTP_EVENT_NAME(name, meaning) HTTP_EVENT_##name,
    HTTP_EVENTS(HTTP_EVENT_NAME)
#undef HTTP_EVENT_NAME
        HTTP_EVENT_COUNT
};

/** A request that has come to its end. Query, headers and body are left out on purpose: they hold people's data. */
struct http_log {
    const struct http_request *request; /* route is NULL when there was none; see its path, id, client */
    int status;                         /* 0: the client went before it was answered */
    rfd_status error;                   /* what a problem was made of, or RFD_OK */
    uint64_t body_bytes;                /* received */
    uint64_t answer_bytes;              /* of the answer's body */
    int64_t duration;                   /* in microseconds, from the end of its first line */
    bool complete;                      /* the whole answer was handed to the kernel */
};

/** TLS 1.2 and 1.3 by GnuTLS, for all addresses of a listener: asking for client certificates is a listener's, not a
 * route's. Connections that do not finish the handshake in time are cut like slow headers. Sessions are not resumed.
 * A certificate that does not lead to one of `clients`, has expired, or is not for logging in (its purposes) is not
 * seen by handlers; where one is demanded, or the key's usage forbids it, the handshake fails. Whether it was revoked
 * is not looked at. */
struct http_tls {
    slice certificate; /* PEM, with its chain */
    slice key;         /* PEM; wiped by the caller after http_listener_start */
    slice clients;     /* PEM: authorities whose certificates clients may show; empty: none is asked for */
    bool demand;       /* without one, the handshake fails */
};

struct http_options {
    const struct http_tls *tls;   /* NULL: none */
    const char *const *addresses; /* see http_address_listen() */
    size_t address_count;
    bool inherited; /* listen on what the process was given, too (http_address_inherited) */
    const struct http_router *router;
    void *context; /* of handlers and hooks */

    unsigned threads;                 /* event loops; 0: one a processor */
    unsigned workers;                 /* of the pool; 0: 4 */
    unsigned queue;                   /* requests that wait for the pool, beyond it 503; 0: 256 */
    unsigned connections;             /* 0: 4,096; lowered to what RLIMIT_NOFILE allows */
    unsigned connections_per_network; /* 0: 256; not of Unix sockets, nor of proxies */
    size_t connection_memory;         /* bounds first line and headers; 0: 16 KiB */
    size_t request_memory;            /* a request's arena without its body; 0: 16 MiB */
    uint64_t body_memory;             /* all bodies in memory at one time; 0: 256 MiB */

    unsigned header_seconds; /* from the first byte (or from accepting) to the end of the headers; 0: 10 */
    unsigned body_seconds;   /* grace, on top of what the minimum rate gives; 0: 10 */
    unsigned answer_seconds; /* the same for taking the answer; 0: 20 */
    unsigned idle_seconds;   /* between requests; 0: 30 */
    uint64_t minimum_rate;   /* bytes a second, of bodies and answers; 0: 1,024 */

    const char *spool_folder;   /* for HTTP_SPOOL; NULL: /tmp */
    const char *const *proxies; /* networks whose X-Forwarded-For is believed */
    size_t proxy_count;
    const struct rfd_language *const *languages; /* to choose from; may be none */
    size_t language_count;

    /** Called by any thread, must be quick; may be NULL. */
    void (*log)(void *context, const struct http_log *log);
    void (*count)(void *context, enum http_event event);
    /** Answers what went wrong, where no problem of RFC 9457 is wanted: pages for people. May be called on the
     * listener's threads: from memory only. */
    void (*problem)(void *context, const struct http_request *request, struct http_response *response,
                    const struct rfd_error *error);
};

/** Everything in `options` is copied, but router, context and languages, which must stay. When it returns, connections
 * are accepted. RFD_E_ARGUMENT, RFD_E_NETWORK, RFD_E_MEMORY. */
rfd_status http_listener_start(const struct http_options *options, struct http_listener **out,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** The port of the n-th address (of use where it was given as 0), 0 of a Unix socket. */
uint16_t http_listener_port(const struct http_listener *listener, size_t n);
/** Accepts no more, ends idle connections, gives those at work up to `seconds`, cuts the rest, and frees everything.
 * Waits for handlers that run. */
void http_listener_stop(struct http_listener *listener, unsigned seconds);

#endif
