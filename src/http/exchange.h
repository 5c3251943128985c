/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request and its answer, from the end of the first line until the answer is sent. Everything of it, itself included,
 * is in its arena.
 *
 *   NEW ──► BODY ──► WORK ──► READY ──► sent      libmicrohttpd calls exchange_step() at each arrow; in WORK the
 *     └───────┴────────────────▲                  connection rests until a thread of the pool, or whoever took it by
 *                                                 http_request_later(), has filled the response
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/body.h"
#include "http/connection.h"
#include "http/pool.h"
#include "http/response.h"
#include "http/tls.h"

#include <microhttpd.h>

/** The options with their defaults filled in, and what all threads share. */
struct http_listener {
    struct http_options options;
    struct http_network *proxies;
    struct connections connections;
    struct body_store bodies;
    struct pool pool;
    struct tls *tls; /* NULL: none */
    struct MHD_Daemon *daemon;
    int *sockets;
    size_t socket_count;
    int wake; /* an eventfd that ends the front */
    pthread_t front;
    bool front_runs;
    atomic_bool stopping;
    atomic_bool cutting; /* nobody may rest any more */
    atomic_uint resting; /* taken by http_request_later(), neither answered nor cut */
    atomic_uint holders; /* of this memory: its owner, and those who owe an answer to what was cut */
    _Atomic uint64_t next_id;
};

enum stage { STAGE_NEW, STAGE_BODY, STAGE_WORK, STAGE_READY, STAGE_CUT };

struct exchange {
    struct pool_item item; /* first: the pool's pointer is ours */
    struct arena arena;
    struct http_listener *listener;
    struct MHD_Connection *mhd;
    struct connection *connection;
    enum stage stage;
    bool refused;        /* the response is there before the body: that is thrown away */
    bool rests;          /* was taken by http_request_later() */
    atomic_uint holders; /* libmicrohttpd, and who owes the answer */
    uint64_t discarded;
    struct body body;
    struct http_request request;
    struct http_response response;
    slice target;           /* as it came, a copy */
    const uint8_t *came_at; /* where libmicrohttpd has the target: only compared */
    int64_t started;        /* connection_now_exactly(), when somebody wants to know */
    int64_t body_started;
    uint64_t answer_bytes;
    int sent_status;
};

/** NULL: no memory. `target` is copied. */
struct exchange *exchange_new(struct http_listener *listener, struct MHD_Connection *mhd, struct connection *connection,
                              slice target);
/** It goes with the last who holds it. */
void exchange_release(struct exchange *x);
/** `status`: 0, or another than the error's own. */
void exchange_problem(struct exchange *x, int status, const struct rfd_error *error);
/** RFC 9112: version, framing, Host; collects the headers. The error's own status unless `status` is set. */
rfd_status exchange_check(struct exchange *x, slice method, slice version, int *status,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** What libmicrohttpd's access handler does. */
enum MHD_Result exchange_step(struct exchange *x, slice method, slice version, slice upload, bool *consumed);
/** Hands the response to libmicrohttpd. */
enum MHD_Result exchange_send(struct exchange *x);
/** The pool's work. */
void exchange_work(struct pool_item *item);
void exchange_count(const struct http_listener *listener, enum http_event event);

/** later.c: cuts the connections that rest, after their time is over. */
void later_stop(struct http_listener *listener);
/** listener.c: the memory goes with the last who holds it. */
void listener_release(struct http_listener *listener);

/** prepared.c: what is sent for 200, and for 304. */
struct MHD_Response *prepared_full(const struct http_prepared *prepared);
struct MHD_Response *prepared_unchanged(struct http_prepared *prepared); /* NULL: there is no memory */
slice prepared_etag(const struct http_prepared *prepared);
rfd_time prepared_last_modified(const struct http_prepared *prepared);
size_t prepared_length(const struct http_prepared *prepared);

/** condition.c: whether the client has this representation already (RFC 9110 §13.2.2). */
bool http_unchanged(const struct http_request *request, slice etag, rfd_time last_modified);

#endif
