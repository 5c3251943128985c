/* SPDX-License-Identifier: EUPL-1.2
 *
 * A transparency log with a database, a keeper that signs (fake_keeper.h), and its handlers on a port of loopback.
 */
#ifndef TESTS_LOG_SERVER_H
#define TESTS_LOG_SERVER_H

#include "http/listener.h"
#include "store/store.h"

struct log_server {
    struct store *store;
    struct http_listener *listener;
    struct http_router *router;
    void *service; /* struct status_service */
    char url[64];
    uint16_t port;
};
struct log_server *log_server_start(struct store *store);
/** Forgets the head that is kept. */
void log_server_forget(struct log_server *server);
void log_server_stop(struct log_server *server);

/** Puts the hashes of `from` to before `to` into the log, has the head signed as of `time`. */
void log_server_grow(struct log_server *server, uint64_t from, uint64_t to, rfd_time time);
/** Puts one certificate's hash; it is in the log with the next log_server_grow(). */
void log_server_put(struct log_server *server, const uint8_t hash[32]);
/** The hash of the n-th certificate of log_server_grow(). */
void log_server_hash(uint64_t n, uint8_t out[32]);

#endif
