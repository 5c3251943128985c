/* SPDX-License-Identifier: EUPL-1.2
 *
 * What "refrenda log verify" remembers of a log: the last head that it found good, with its signature, so that the log
 * can be held to it. A small text file; replaced whole or not at all:
 *
 *     Refrenda log state 1
 *     key: SHA-256 of the log's SubjectPublicKeyInfo, hexadecimal
 *     size: 4711
 *     timestamp: milliseconds since 1970
 *     root: hexadecimal
 *     algorithm: base64
 *     signature: base64
 */
#ifndef CLI_LOG_STATE_H
#define CLI_LOG_STATE_H

#include "domain/transparency/transparency.h"

struct log_state {
    uint8_t key[TRANSPARENCY_HASH_SIZE];
    struct tree_head head;
};
/** Slices in `a`. RFD_E_IO_READ when it is no such text. */
rfd_status log_state_parse(slice text, struct arena *a, struct log_state *out, struct rfd_error *error) RFD_MUST_CHECK;
/** `*found` false: there is no such file yet. */
rfd_status log_state_read(const char *path, struct arena *a, struct log_state *out, bool *found,
                          struct rfd_error *error) RFD_MUST_CHECK;
rfd_status log_state_write(const char *path, const struct log_state *state, struct rfd_error *error) RFD_MUST_CHECK;

#endif
