/* SPDX-License-Identifier: EUPL-1.2
 *
 * Octets as letters that an address can hold: base64url (RFC 4648 §5) without padding, as tokens and JOSE have it
 * (RFC 7515 §2), and percent-encoding (RFC 3986 §2.1). Percent-decoding is the HTTP server's (http/percent.h).
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/arena.h"
#include "base/buf.h"

void url_put_base64(struct buf *b, slice bytes);
/** Only its alphabet, no padding, no bits left over: one text for each value. In the arena; data is NULL when it is
 * anything else, or there is no memory. */
slice url_read_base64(slice text, struct arena *a);

/** All but the unreserved characters (RFC 3986 §2.3) and those in `plain` is escaped. */
void url_put_escaped(struct buf *b, slice text, const char *plain);

#endif
