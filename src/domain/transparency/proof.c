/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/transparency/tile.h"
#include "domain/transparency/transparency_internal.h"

#include "base/error.h"

enum { INDEXED = 4 /* octets of a hash: migrations/0003-transparency.sql */ };

struct question {
    slice hash;        /* of inclusion */
    uint64_t from, to; /* `to` is the tree */
    struct tree_proof proof;
};

static rfd_status check_size(struct transaction *t, uint64_t size, struct rfd_error *error)
{
    struct tree tree;
    TRY(transparency_read_tree(t, &tree, error));
    if (size > tree.size)
        return error_set(error, RFD_E_NOT_FOUND, "the tree has %llu leaves", (unsigned long long)tree.size);
    return RFD_OK;
}

/** A certificate that is there twice is found where it came first. The index has the first octets only. */
static rfd_status find_leaf(struct transaction *t, slice hash, uint64_t *index, struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_bytes(slice_of(hash.data, INDEXED)), store_bytes(hash)};
    TRY(store_run(t,
                  "SELECT position FROM transparency_leaf WHERE substr(hash, 1, 4) = $1 AND hash = $2 "
                  "ORDER BY position LIMIT 1",
                  values, 2, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "no such certificate");
    *index = (uint64_t)store_cell(&rows, 0, 0)->integer;
    return RFD_OK;
}

static struct tile_reader *new_reader(struct transaction *t)
{
    struct tile_reader *reader = arena_zeroed(store_arena(t), 1, sizeof *reader);
    if (reader != NULL) reader->transaction = t;
    return reader;
}

static rfd_status prove_inclusion(struct transaction *t, void *context, struct rfd_error *error)
{
    struct question *q = context;
    struct tree_source source = {.read = tile_read_node, .context = new_reader(t)};
    if (source.context == NULL) return arena_failed(store_arena(t), error);
    TRY(check_size(t, q->to, error));
    TRY(find_leaf(t, q->hash, &q->proof.index, error));
    if (q->proof.index >= q->to) return error_set(error, RFD_E_NOT_FOUND, "the certificate came later");
    return tree_inclusion(&source, q->proof.index, q->to, q->proof.hashes, &q->proof.count, error);
}

rfd_status transparency_inclusion(struct store *store, const uint8_t hash[TRANSPARENCY_HASH_SIZE], uint64_t size,
                                  struct tree_proof *out, struct rfd_error *error)
{
    struct question q = {.hash = slice_of(hash, TRANSPARENCY_HASH_SIZE), .to = size};
    TRY(store_read(store, prove_inclusion, &q, error));
    *out = q.proof;
    return RFD_OK;
}

static rfd_status prove_consistency(struct transaction *t, void *context, struct rfd_error *error)
{
    struct question *q = context;
    struct tree_source source = {.read = tile_read_node, .context = new_reader(t)};
    if (source.context == NULL) return arena_failed(store_arena(t), error);
    TRY(check_size(t, q->to, error));
    return tree_consistency(&source, q->from, q->to, q->proof.hashes, &q->proof.count, error);
}

rfd_status transparency_consistency(struct store *store, uint64_t from, uint64_t to, struct tree_proof *out,
                                    struct rfd_error *error)
{
    struct question q = {.from = from, .to = to};
    TRY(store_read(store, prove_consistency, &q, error));
    *out = q.proof;
    return RFD_OK;
}
