/* SPDX-License-Identifier: EUPL-1.2
 *
 * Digests over byte ranges of a source, each byte hashed once for each algorithm however many signatures cover it: all
 * wanted ranges are registered first, then one pass over the file forks the running digest at every boundary.
 */
#ifndef PADES_RANGES_H
#define PADES_RANGES_H

#include "base/source.h"
#include "pki/digest.h"

struct ranges;
rfd_status ranges_new(struct source *source, struct ranges **out, struct rfd_error *error) RFD_MUST_CHECK;
void ranges_free(struct ranges *r);

/** Wants the digest of [first, first+first_length) followed by [second, second+second_length); first must be 0 to
 * share work. Returns a handle through `out`. */
rfd_status ranges_add(struct ranges *r, enum digest_id id, const int64_t byte_range[4], size_t *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Hashes everything registered; afterwards ranges_digest() gives the results. May be called again after more adds.
 * Second ranges of more than 16 times the file (and 64 MiB) in all are left out: their digests stay empty. */
rfd_status ranges_run(struct ranges *r, struct rfd_error *error) RFD_MUST_CHECK;
slice ranges_digest(const struct ranges *r, size_t handle);

#endif
