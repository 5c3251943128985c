/* SPDX-License-Identifier: EUPL-1.2
 *
 * Appending. A batch is one transaction: the waiting certificates in the order of their ids get the next positions, the
 * tree grows by them in memory, and leaves, tiles, size and roots are stored together.
 */
#include "domain/transparency/tile.h"
#include "domain/transparency/transparency_internal.h"

#include "base/error.h"

enum { BATCH_MAXIMUM = 10000, LEAVES_MAXIMUM = 100000 };

rfd_status transparency_put(struct transaction *t, int64_t certificate, const uint8_t hash[TRANSPARENCY_HASH_SIZE],
                            struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate),
                                         store_bytes(slice_of(hash, TRANSPARENCY_HASH_SIZE))};
    return store_run(t, "INSERT INTO transparency_waiting(certificate, hash) VALUES ($1, $2)", values, 2, NULL, error);
}

/* --- The tree's row ----------------------------------------------------------------------------------------------- */

rfd_status transparency_read_tree(struct transaction *t, struct tree *out, struct rfd_error *error)
{
    struct store_rows rows;
    struct tree tree = {0};
    TRY(store_run(t, "SELECT size, roots FROM transparency_tree WHERE id = 1", NULL, 0, &rows, error));
    if (rows.count != 1) return error_set(error, RFD_E_STORE, "the log's tree is not there");
    slice roots = store_cell(&rows, 0, 1)->bytes;
    tree.size = (uint64_t)store_cell(&rows, 0, 0)->integer;
    if (roots.length != (size_t)__builtin_popcountll(tree.size) * TREE_HASH_SIZE)
        return error_set(error, RFD_E_STORE, "the log's tree is damaged");
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((tree.size >> level & 1) == 0) continue;
        memcpy(tree.roots[level], roots.data, TREE_HASH_SIZE);
        roots = slice_from(roots, TREE_HASH_SIZE);
    }
    *out = tree;
    return RFD_OK;
}

static rfd_status write_tree(struct transaction *t, const struct tree *tree, struct rfd_error *error)
{
    uint8_t roots[TREE_LEVELS][TREE_HASH_SIZE];
    size_t count = 0;
    for (unsigned level = 0; level < TREE_LEVELS; level++) {
        if ((tree->size >> level & 1) != 0) memcpy(roots[count++], tree->roots[level], TREE_HASH_SIZE);
    }
    const struct store_value values[] = {store_integer((int64_t)tree->size),
                                         store_bytes(slice_of(roots, count * TREE_HASH_SIZE))};
    return store_run(t, "UPDATE transparency_tree SET size = $1, roots = $2 WHERE id = 1", values, 2, NULL, error);
}

/* --- A batch ------------------------------------------------------------------------------------------------------ */

struct batch {
    enum store_kind kind;
    size_t limit, done;
};

/** One batch at a time. On PostgreSQL this has to be the transaction's first statement: what it sees is settled only
 * after the lock was had. SQLite has one writer anyway. */
static rfd_status lock(struct transaction *t, const struct batch *b, struct rfd_error *error)
{
    if (b->kind != STORE_POSTGRESQL) return RFD_OK;
    return store_run(t, "LOCK TABLE transparency_tree IN EXCLUSIVE MODE", NULL, 0, NULL, error);
}

static rfd_status grow(struct transaction *t, struct tree *tree, const struct store_rows *waiting,
                       struct rfd_error *error)
{
    struct tile_writer *w = arena_zeroed(store_arena(t), 1, sizeof *w);
    if (w == NULL) return arena_failed(store_arena(t), error);
    w->transaction = t;
    for (size_t i = 0; i < waiting->count; i++) {
        uint8_t leaf[TREE_HASH_SIZE];
        tree_leaf_hash(store_cell(waiting, i, 1)->bytes, leaf);
        TRY(tree_append(tree, leaf, tile_write_node, w, error));
    }
    return tile_write_end(w, error);
}

/** The rows that were read become leaves, in the order in which they were read: it is the same transaction's view. */
static rfd_status move_rows(struct transaction *t, uint64_t position, const struct store_rows *waiting,
                            struct rfd_error *error)
{
    struct store_rows moved;
    int64_t last = store_cell(waiting, waiting->count - 1, 0)->integer;
    const struct store_value values[] = {store_integer((int64_t)position), store_integer(last)};
    TRY(store_run(t,
                  "INSERT INTO transparency_leaf(position, certificate, hash) "
                  "SELECT $1 + row_number() OVER (ORDER BY id) - 1, certificate, hash "
                  "FROM transparency_waiting WHERE id <= $2",
                  values, 2, &moved, error));
    if (moved.changed != waiting->count) return error_set(error, RFD_E_INTERNAL, "leaves that came meanwhile");
    return store_run(t, "DELETE FROM transparency_waiting WHERE id <= $1", values + 1, 1, NULL, error);
}

static rfd_status sequence(struct transaction *t, void *context, struct rfd_error *error)
{
    struct batch *b = context;
    struct store_rows waiting;
    struct tree tree;
    const struct store_value limit = store_integer((int64_t)b->limit);
    b->done = 0;
    TRY(lock(t, b, error));
    TRY(store_run(t, "SELECT id, hash FROM transparency_waiting ORDER BY id LIMIT $1", &limit, 1, &waiting, error));
    if (waiting.count == 0) return RFD_OK;
    TRY(transparency_read_tree(t, &tree, error));
    uint64_t position = tree.size;
    TRY(grow(t, &tree, &waiting, error));
    TRY(move_rows(t, position, &waiting, error));
    TRY(write_tree(t, &tree, error));
    b->done = waiting.count;
    return RFD_OK;
}

rfd_status transparency_sequence(struct store *store, size_t limit, size_t *done, struct rfd_error *error)
{
    struct batch b = {.kind = store_kind(store), .limit = limit > BATCH_MAXIMUM ? BATCH_MAXIMUM : limit};
    TRY(store_write(store, sequence, &b, error));
    *done = b.done;
    return RFD_OK;
}

/* --- Figures and leaves ------------------------------------------------------------------------------------------- */

static rfd_status count(struct transaction *t, void *context, struct rfd_error *error)
{
    struct transparency_counts *out = context;
    struct store_rows rows;
    TRY(store_run(t, "SELECT size, (SELECT count(*) FROM transparency_waiting) FROM transparency_tree WHERE id = 1",
                  NULL, 0, &rows, error));
    if (rows.count != 1) return error_set(error, RFD_E_STORE, "the log's tree is not there");
    out->size = (uint64_t)store_cell(&rows, 0, 0)->integer;
    out->waiting = (uint64_t)store_cell(&rows, 0, 1)->integer;
    return RFD_OK;
}

rfd_status transparency_count(struct store *store, struct transparency_counts *out, struct rfd_error *error)
{
    struct transparency_counts counts;
    TRY(store_read(store, count, &counts, error));
    *out = counts;
    return RFD_OK;
}

struct leaves {
    uint64_t from, next;
    size_t limit, begun;
    struct buf *out;
};

static rfd_status put_leaf(void *context, const struct store_value *values, size_t columns, struct rfd_error *error)
{
    struct leaves *l = context;
    (void)columns;
    if ((uint64_t)values[0].integer != l->next || values[1].bytes.length != TRANSPARENCY_HASH_SIZE)
        return error_set(error, RFD_E_STORE, "the log lacks its leaf %llu", (unsigned long long)l->next);
    buf_put_slice(l->out, values[1].bytes);
    l->next++;
    return RFD_OK;
}

static rfd_status read_leaves(struct transaction *t, void *context, struct rfd_error *error)
{
    struct leaves *l = context;
    const struct store_value values[] = {store_integer((int64_t)l->from), store_integer((int64_t)l->limit)};
    l->next = l->from;
    l->out->length = l->begun;
    return store_each(t, "SELECT position, hash FROM transparency_leaf WHERE position >= $1 ORDER BY position LIMIT $2",
                      values, 2, put_leaf, l, error);
}

rfd_status transparency_leaves(struct store *store, uint64_t from, size_t limit, struct buf *out,
                               struct rfd_error *error)
{
    struct leaves l = {
        .from = from, .limit = limit > LEAVES_MAXIMUM ? LEAVES_MAXIMUM : limit, .begun = out->length, .out = out};
    if (from > TREE_SIZE_MAXIMUM) return RFD_OK;
    TRY(store_read(store, read_leaves, &l, error));
    return buf_check(out, "leaves", error);
}
