/* SPDX-License-Identifier: EUPL-1.2
 *
 * How many connections each network has: IPv4 /24, IPv6 /56, which is what one customer gets. A hash table with chains,
 * its rows allocated once: there are never more networks than connections. Not thread-safe: the connection table's lock
 * is held.
 */
#ifndef HTTP_CROWD_H
#define HTTP_CROWD_H

#include "http/address.h"

struct crowd_row {
    uint64_t network;
    uint32_t count, next; /* next: 0, or 1 + its number in rows */
};
struct crowd {
    struct crowd_row *rows;
    uint32_t *heads; /* as many as mask + 1; 0, or 1 + a row's number */
    uint32_t mask, free_row;
    uint64_t seed; /* strangers choose their addresses, not their place in the table */
};

rfd_status crowd_init(struct crowd *crowd, unsigned connections, struct rfd_error *error) RFD_MUST_CHECK;
void crowd_dispose(struct crowd *crowd);
/** 0 of what is not counted (Unix sockets). */
uint64_t crowd_network(const struct http_address *address);
/** One more, when there are fewer than `maximum`. */
bool crowd_enter(struct crowd *crowd, uint64_t network, unsigned maximum);
/** One less of a network that was entered. */
void crowd_leave(struct crowd *crowd, uint64_t network);

#endif
