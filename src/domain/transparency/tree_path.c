/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which nodes a proof is made of (RFC 6962 §2.1.1 and §2.1.2), without their recursion: both walk down from the root
 * and put the siblings that they leave aside into the proof, the deepest first.
 */
#include "domain/transparency/tree.h"

#include "base/error.h"

/** A part of the tree: the leaves from `begin` to before `end`. */
struct range {
    uint64_t begin, end;
};

/** The largest power of two below n, which is at least 2: where RFC 6962 §2.1 divides a tree. */
static uint64_t split_of(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

static unsigned level_of(uint64_t n)
{
    return (unsigned)__builtin_ctzll(n);
}

/** MTH of a range that begins where a subtree of its size may: the perfect subtrees it consists of, joined from the
 * right. */
static rfd_status range_root(const struct tree_source *source, struct range r, uint8_t out[TREE_HASH_SIZE],
                             struct rfd_error *error)
{
    uint8_t hash[TREE_HASH_SIZE];
    uint8_t left[TREE_HASH_SIZE];
    uint64_t count = r.end - r.begin;
    uint64_t end = r.end;
    bool begun = false;
    for (; count != 0; count &= count - 1) {
        unsigned level = level_of(count);
        uint64_t begin = end - ((uint64_t)1 << level);
        TRY(source->read(source->context, level, begin >> level, begun ? left : hash, error));
        if (begun) tree_node_hash(left, hash, hash);
        begun = true;
        end = begin;
    }
    memcpy(out, hash, sizeof hash);
    return RFD_OK;
}

rfd_status tree_root_of(const struct tree_source *source, uint64_t size, uint8_t out[TREE_HASH_SIZE],
                        struct rfd_error *error)
{
    static const struct tree empty = {0};
    if (size > 0) return range_root(source, (struct range){0, size}, out, error);
    tree_root(&empty, out);
    return RFD_OK;
}

/** The ranges that a walk left aside, from the root down. */
struct walk {
    struct range left[TREE_LEVELS + 1];
    size_t count;
};

static rfd_status finish(const struct tree_source *source, const struct walk *w, uint8_t (*path)[TREE_HASH_SIZE],
                         size_t *count, struct rfd_error *error)
{
    for (size_t i = 0; i < w->count; i++) TRY(range_root(source, w->left[w->count - 1 - i], path[i], error));
    *count = w->count;
    return RFD_OK;
}

rfd_status tree_inclusion(const struct tree_source *source, uint64_t index, uint64_t size,
                          uint8_t (*path)[TREE_HASH_SIZE], size_t *count, struct rfd_error *error)
{
    struct walk w = {.count = 0};
    struct range r = {0, size};
    if (index >= size || size > TREE_SIZE_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "no such leaf");
    while (r.end - r.begin > 1) {
        uint64_t middle = r.begin + split_of(r.end - r.begin);
        bool left = index < middle;
        w.left[w.count++] = left ? (struct range){middle, r.end} : (struct range){r.begin, middle};
        r = left ? (struct range){r.begin, middle} : (struct range){middle, r.end};
    }
    return finish(source, &w, path, count, error);
}

rfd_status tree_consistency(const struct tree_source *source, uint64_t from, uint64_t to,
                            uint8_t (*path)[TREE_HASH_SIZE], size_t *count, struct rfd_error *error)
{
    struct walk w = {.count = 0};
    struct range r = {0, to};
    if (from > to || to > TREE_SIZE_MAXIMUM) return error_set(error, RFD_E_ARGUMENT, "no such trees");
    if (from == 0) r.end = 0;
    while (r.end != from) {
        uint64_t middle = r.begin + split_of(r.end - r.begin);
        bool left = from <= middle;
        w.left[w.count++] = left ? (struct range){middle, r.end} : (struct range){r.begin, middle};
        r = left ? (struct range){r.begin, middle} : (struct range){middle, r.end};
    }
    if (r.begin > 0) w.left[w.count++] = r; /* else it is the smaller tree itself, whose root is known */
    return finish(source, &w, path, count, error);
}
