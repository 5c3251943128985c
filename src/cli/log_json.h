/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a log answers (api/status/log.h), read from whoever it came from: every member has to be there, once, and within
 * its bounds. Nothing is believed yet.
 */
#ifndef CLI_LOG_JSON_H
#define CLI_LOG_JSON_H

#include "domain/transparency/transparency.h"

enum { LOG_JSON_MAXIMUM = 64 << 10 };

/** Slices in `a`. RFD_E_PROTOCOL. */
rfd_status log_json_head(slice json, struct arena *a, struct tree_head *out, struct rfd_error *error) RFD_MUST_CHECK;
/** A proof of inclusion in the tree of `size` leaves. RFD_E_PROTOCOL, also when it is about another tree. */
rfd_status log_json_inclusion(slice json, uint64_t size, struct tree_proof *out,
                              struct rfd_error *error) RFD_MUST_CHECK;
rfd_status log_json_consistency(slice json, uint64_t from, uint64_t to, struct tree_proof *out,
                                struct rfd_error *error) RFD_MUST_CHECK;

#endif
