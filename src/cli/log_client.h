/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking a transparency log somewhere in the world. What comes back is read and bounded, and not believed.
 */
#ifndef CLI_LOG_CLIENT_H
#define CLI_LOG_CLIENT_H

#include "domain/transparency/transparency.h"

enum { LOG_LEAVES_AT_ONCE = 10000 };

/** `url` is the service's ("http://ca.example"), with or without "/log/v1". RFD_E_NETWORK, RFD_E_PROTOCOL, ... */
rfd_status log_client_head(const char *url, struct arena *a, struct tree_head *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** SubjectPublicKeyInfo, in `a`. */
rfd_status log_client_key(const char *url, struct arena *a, slice *spki, struct rfd_error *error) RFD_MUST_CHECK;
/** Appends leaves from `from` on, at least one and at most `count` (and LOG_LEAVES_AT_ONCE). RFD_E_NOT_FOUND when the
 * log has none there. */
rfd_status log_client_leaves(const char *url, uint64_t from, uint64_t count, struct buf *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_NOT_FOUND when the log says that it does not have the certificate. */
rfd_status log_client_inclusion(const char *url, const uint8_t hash[TRANSPARENCY_HASH_SIZE], uint64_t size,
                                struct tree_proof *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status log_client_consistency(const char *url, uint64_t from, uint64_t to, struct tree_proof *out,
                                  struct rfd_error *error) RFD_MUST_CHECK;

/** The public key of a file with a certificate or a public key, PEM or DER; SubjectPublicKeyInfo in `a`. */
rfd_status log_client_read_key(slice file, struct arena *a, slice *spki, struct rfd_error *error) RFD_MUST_CHECK;

#endif
