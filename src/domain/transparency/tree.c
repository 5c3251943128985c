/* SPDX-License-Identifier: EUPL-1.2
 *
 * Growing a tree, and checking what somebody else says about one (RFC 9162 §2.1.3.2 and §2.1.4.2 write the checks of
 * RFC 6962's trees out as algorithms).
 */
#include "domain/transparency/tree.h"

#include "base/error.h"
#include "pki/digest.h"

enum { LEAF = 0, NODE = 1, NODE_SIZE = 1 + 2 * TREE_HASH_SIZE, LEAF_SHORT = 256 };

/** There is no tree without SHA-256, and a wrong hash must never pass for one: without memory the process ends. */
static void hash_of(slice bytes, uint8_t out[TREE_HASH_SIZE])
{
    if (digest_of(DIGEST_SHA256, bytes, out, NULL) != RFD_OK) abort();
}

void tree_leaf_hash(slice data, uint8_t out[TREE_HASH_SIZE])
{
    uint8_t bytes[LEAF_SHORT];
    struct buf long_leaf;
    bytes[0] = LEAF;
    if (data.length < sizeof bytes) {
        if (data.length > 0) memcpy(bytes + 1, data.data, data.length);
        hash_of(slice_of(bytes, 1 + data.length), out);
        return;
    }
    buf_init(&long_leaf, data.length + 1);
    buf_put_byte(&long_leaf, LEAF);
    buf_put_slice(&long_leaf, data);
    if (buf_status(&long_leaf) != RFD_OK) abort();
    hash_of(buf_slice(&long_leaf), out);
    buf_dispose(&long_leaf);
}

void tree_node_hash(const uint8_t left[TREE_HASH_SIZE], const uint8_t right[TREE_HASH_SIZE],
                    uint8_t out[TREE_HASH_SIZE])
{
    uint8_t bytes[NODE_SIZE] = {NODE};
    memcpy(bytes + 1, left, TREE_HASH_SIZE);
    memcpy(bytes + 1 + TREE_HASH_SIZE, right, TREE_HASH_SIZE);
    hash_of(slice_of(bytes, sizeof bytes), out);
}

rfd_status tree_append(struct tree *tree, const uint8_t leaf[TREE_HASH_SIZE], tree_made *made, void *context,
                       struct rfd_error *error)
{
    uint8_t hash[TREE_HASH_SIZE];
    unsigned level = 0;
    if (tree->size >= TREE_SIZE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "a tree of 2^63 leaves");
    memcpy(hash, leaf, sizeof hash);
    for (uint64_t index = tree->size;; index >>= 1, level++) {
        if (made != NULL) TRY(made(context, level, index, hash, error));
        if ((index & 1) == 0) break;
        tree_node_hash(tree->roots[level], hash, hash);
    }
    memcpy(tree->roots[level], hash, sizeof hash);
    tree->size++;
    return RFD_OK;
}

void tree_root(const struct tree *tree, uint8_t out[TREE_HASH_SIZE])
{
    bool begun = false;
    hash_of(SLICE_EMPTY, out);
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0) continue;
        if (begun)
            tree_node_hash(tree->roots[level], out, out);
        else
            memcpy(out, tree->roots[level], TREE_HASH_SIZE);
        begun = true;
    }
}

static bool same(const uint8_t a[TREE_HASH_SIZE], const uint8_t b[TREE_HASH_SIZE])
{
    return memcmp(a, b, TREE_HASH_SIZE) == 0;
}

/** Where a check stands: a node at the end of the smaller tree's path, and one at the end of the larger tree's. */
struct climb {
    uint64_t node, last;
};

static void climb(struct climb *c)
{
    c->node >>= 1;
    c->last >>= 1;
}

/** After a node at the right border was joined with its left sibling: up to where it is itself a right child. */
static void climb_border(struct climb *c)
{
    while ((c->node & 1) == 0 && c->node != 0) climb(c);
}

bool tree_inclusion_holds(uint64_t index, uint64_t size, const uint8_t leaf[TREE_HASH_SIZE],
                          const uint8_t (*path)[TREE_HASH_SIZE], size_t count, const uint8_t root[TREE_HASH_SIZE])
{
    struct climb c = {.node = index, .last = size - 1};
    uint8_t hash[TREE_HASH_SIZE];
    if (index >= size) return false;
    memcpy(hash, leaf, sizeof hash);
    for (size_t i = 0; i < count; i++) {
        if (c.last == 0) return false;
        if ((c.node & 1) != 0 || c.node == c.last) {
            tree_node_hash(path[i], hash, hash);
            climb_border(&c);
        } else {
            tree_node_hash(hash, path[i], hash);
        }
        climb(&c);
    }
    return c.last == 0 && same(hash, root);
}

bool tree_consistency_holds(uint64_t from, uint64_t to, const uint8_t from_root[TREE_HASH_SIZE],
                            const uint8_t to_root[TREE_HASH_SIZE], const uint8_t (*path)[TREE_HASH_SIZE], size_t count)
{
    struct climb c = {.node = from - 1, .last = to - 1};
    uint8_t small[TREE_HASH_SIZE];
    uint8_t large[TREE_HASH_SIZE];
    if (from > to) return false;
    if (from == to) return count == 0 && same(from_root, to_root);
    if (from == 0) return count == 0;      /* nothing is the beginning of everything */
    bool whole = (from & (from - 1)) == 0; /* a perfect tree is its own first node, and is left out */
    if (!whole && count == 0) return false;
    const uint8_t *first = whole ? from_root : path[0];
    memcpy(small, first, sizeof small);
    memcpy(large, first, sizeof large);
    while ((c.node & 1) != 0) climb(&c);
    for (size_t i = whole ? 0 : 1; i < count; i++) {
        if (c.last == 0) return false;
        if ((c.node & 1) != 0 || c.node == c.last) {
            tree_node_hash(path[i], small, small);
            tree_node_hash(path[i], large, large);
            climb_border(&c);
        } else {
            tree_node_hash(large, path[i], large);
        }
        climb(&c);
    }
    return c.last == 0 && same(small, from_root) && same(large, to_root);
}
