/* SPDX-License-Identifier: EUPL-1.2
 *
 * The arithmetic of Merkle trees (RFC 6962 §2.1), for the log and for those who check it: no database, no network.
 */
#ifndef DOMAIN_TRANSPARENCY_TREE_H
#define DOMAIN_TRANSPARENCY_TREE_H

#include "base/slice.h"

enum { TREE_HASH_SIZE = 32, TREE_LEVELS = 64 };

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

/** Whether the path leads from the leaf to the root. */
bool tree_inclusion_holds(uint64_t index, uint64_t size, const uint8_t leaf[TREE_HASH_SIZE],
                          const uint8_t (*path)[TREE_HASH_SIZE], size_t count, const uint8_t root[TREE_HASH_SIZE]);
/** Whether the tree `from` is the beginning of the tree `to`. */
bool tree_consistency_holds(uint64_t from, uint64_t to, const uint8_t from_root[TREE_HASH_SIZE],
                            const uint8_t to_root[TREE_HASH_SIZE], const uint8_t (*path)[TREE_HASH_SIZE],
                            size_t count);

#endif
