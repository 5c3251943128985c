/* SPDX-License-Identifier: EUPL-1.2
 *
 * Issuers whose path was validated, so that the next of a thousand certificates of one issuer costs one signature
 * verification. An issuer is kept only when nothing in its path depends on the leaf (no name constraints, no policy
 * extension but certificatePolicies), and used only for a leaf that RFC 5280 §6 then treats like the one before; all
 * others take the long way. It is used only while every certificate of its path is at hand again (in the trust store
 * or among `extra`), so that the answer never depends on what was validated earlier.
 */
#ifndef PKI_PATH_CACHE_H
#define PKI_PATH_CACHE_H

#include "pki/path/path.h"

struct path_cache;

rfd_status path_cache_new(struct path_cache **out, struct rfd_error *error) RFD_MUST_CHECK;
void path_cache_free(struct path_cache *cache);
void path_cache_clear(struct path_cache *cache);

/** Fills `out` with a valid path and returns true, or returns false: take the long way. */
bool path_cache_use(const struct rfd_trust *trust, const struct certificate *leaf, const struct certificate_list *extra,
                    enum path_purpose purpose, rfd_time at, struct path *out);
/** Keeps the issuer part of a path found valid, whose certificates (but the leaf) vouch for it in this period. */
void path_cache_keep(const struct rfd_trust *trust, const struct path *p, rfd_time valid_from, rfd_time valid_until);

#endif
