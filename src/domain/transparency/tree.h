/* SPDX-License-Identifier: EUPL-1.2
 *
 * The arithmetic of Merkle trees (RFC 6962 §2.1), for the log and for those who check it: no database, no network.
 */
#ifndef DOMAIN_TRANSPARENCY_TREE_H
#define DOMAIN_TRANSPARENCY_TREE_H

#include "base/slice.h"

enum { TREE_HASH_SIZE = 32, TREE_LEVELS = 64 };
#define TREE_SIZE_MAXIMUM ((uint64_t)INT64_MAX)

/** In what follows, `leaf` is always such a hash. */
void tree_leaf_hash(slice data, uint8_t out[TREE_HASH_SIZE]);
void tree_node_hash(const uint8_t left[TREE_HASH_SIZE], const uint8_t right[TREE_HASH_SIZE],
                    uint8_t out[TREE_HASH_SIZE]);

/** A tree that only grows, as the roots of its perfect subtrees. Zeroed: empty. */
struct tree {
    uint64_t size;
    uint8_t roots[TREE_LEVELS][TREE_HASH_SIZE]; /* [level] counts where bit `level` of size is set */
};
/** `made` (may be NULL) is told of each perfect node that comes to be, leaves too. */
typedef rfd_status tree_made(void *context, unsigned level, uint64_t index, const uint8_t hash[TREE_HASH_SIZE],
                             struct rfd_error *error);
rfd_status tree_append(struct tree *tree, const uint8_t leaf[TREE_HASH_SIZE], tree_made *made, void *context,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** MTH of what is there; SHA-256 of nothing when it is empty. */
void tree_root(const struct tree *tree, uint8_t out[TREE_HASH_SIZE]);

/* ---- Making proofs ---- */

/** Where perfect nodes are read from: the one of 2^level leaves from index * 2^level on. */
struct tree_source {
    rfd_status (*read)(void *context, unsigned level, uint64_t index, uint8_t out[TREE_HASH_SIZE],
                       struct rfd_error *error);
    void *context;
};
/** The root of the first `size` leaves. */
rfd_status tree_root_of(const struct tree_source *source, uint64_t size, uint8_t out[TREE_HASH_SIZE],
                        struct rfd_error *error) RFD_MUST_CHECK;
/** PATH(index, D[size]), at most TREE_LEVELS hashes. RFD_E_ARGUMENT when the tree has no such leaf. */
rfd_status tree_inclusion(const struct tree_source *source, uint64_t index, uint64_t size,
                          uint8_t (*path)[TREE_HASH_SIZE], size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** PROOF(from, D[to]), at most TREE_LEVELS hashes; empty for `from` 0, of which RFC 6962 says nothing. RFD_E_ARGUMENT
 * when `from` is the larger one. */
rfd_status tree_consistency(const struct tree_source *source, uint64_t from, uint64_t to,
                            uint8_t (*path)[TREE_HASH_SIZE], size_t *count, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Checking proofs ---- */

/** Whether the path leads from the leaf to the root. */
bool tree_inclusion_holds(uint64_t index, uint64_t size, const uint8_t leaf[TREE_HASH_SIZE],
                          const uint8_t (*path)[TREE_HASH_SIZE], size_t count, const uint8_t root[TREE_HASH_SIZE]);
/** Whether the tree `from` is the beginning of the tree `to`. */
bool tree_consistency_holds(uint64_t from, uint64_t to, const uint8_t from_root[TREE_HASH_SIZE],
                            const uint8_t to_root[TREE_HASH_SIZE], const uint8_t (*path)[TREE_HASH_SIZE], size_t count);

#endif
