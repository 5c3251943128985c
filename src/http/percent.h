/* SPDX-License-Identifier: EUPL-1.2
 *
 * Percent-decoding (RFC 3986 §2.1), once and strictly: a "%" that two hexadecimal digits do not follow, a zero byte, or
 * what is not UTF-8 afterwards is refused, not guessed at.
 */
#ifndef HTTP_PERCENT_H
#define HTTP_PERCENT_H

#include "base/arena.h"

enum percent_plus {
    PERCENT_PLUS_STAYS, /* in paths */
    PERCENT_PLUS_BLANK  /* in queries and forms */
};

/** Borrows from `text` when there is nothing to decode. RFD_E_REQUEST, RFD_E_LIMIT, RFD_E_MEMORY. */
rfd_status percent_decode(slice text, enum percent_plus plus, struct arena *a, slice *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/**
 * A whole path, which begins with "/". Also refused: control characters, backslashes, and, before or after decoding,
 * segments that are "." or "..".
 */
rfd_status percent_decode_path(slice path, struct arena *a, slice *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
