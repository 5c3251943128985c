/* SPDX-License-Identifier: EUPL-1.2
 *
 * How often a network may try something: a bucket of tokens for each (IPv4 /24, IPv6 /56), in memory, of bounded size.
 * It holds floods off; who guesses passwords is held off by the account's own counters (domain/account).
 */
#ifndef WEB_LIMIT_H
#define WEB_LIMIT_H

#include "http/address.h"

struct limit;
/** `per_minute` in the long run, as many at once; 0: no limit. */
rfd_status limit_new(unsigned per_minute, struct limit **out, struct rfd_error *error) RFD_MUST_CHECK;
void limit_free(struct limit *limit);
/** Takes one; 0 when it was there, else seconds until there is one again. Any thread. `now` only goes forward. */
unsigned limit_take(struct limit *limit, const struct http_address *client, rfd_time now);
/** The same, but takes none. */
unsigned limit_peek(struct limit *limit, const struct http_address *client, rfd_time now);

#endif
