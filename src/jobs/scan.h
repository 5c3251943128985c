/* SPDX-License-Identifier: EUPL-1.2
 *
 * A virus scanner: clamd, over a Unix or TCP socket, by INSTREAM (clamd(8)): the content goes to it piece by piece,
 * each with its length before it, and is never put into a file that clamd would have to be let at. One connection for
 * one content. What a scanner says is a stranger's: bounded, and only the three answers that there are are believed.
 */
#ifndef JOBS_SCAN_H
#define JOBS_SCAN_H

#include "base/slice.h"

#include <stdatomic.h>

enum { SCAN_NAME_SIZE = 200, SCAN_SECONDS = 20 };

struct scanner {
    const char *address;     /* "unix:/run/clamav/clamd.ctl", "127.0.0.1:3310", "[::1]:3310" */
    unsigned seconds;        /* for one content, all together; 0: SCAN_SECONDS */
    const atomic_bool *stop; /* ends what is under way; may be NULL */
};
struct scan;
/** RFD_E_SETTINGS for an address that is none; RFD_E_NETWORK when nobody answers there. */
rfd_status scan_begin(const struct scanner *scanner, struct scan **out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status scan_put(struct scan *scan, slice piece, struct rfd_error *error) RFD_MUST_CHECK;
/** `found` is what it is called, "" when the content is clean. RFD_E_NETWORK for any other answer. */
rfd_status scan_finish(struct scan *scan, char found[SCAN_NAME_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
void scan_end(struct scan *scan);

#endif
