/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/transparency/tile.h"

#include "base/error.h"

static rfd_status load(struct transaction *t, unsigned level, uint64_t number, struct tile *out,
                       struct rfd_error *error)
{
    struct store_rows rows;
    const struct store_value values[] = {store_integer(level), store_integer((int64_t)number)};
    struct arena_mark mark = arena_mark(store_arena(t));
    TRY(store_run(t, "SELECT hashes FROM transparency_tile WHERE level = $1 AND number = $2", values, 2, &rows, error));
    slice hashes = rows.count == 1 ? store_cell(&rows, 0, 0)->bytes : SLICE_EMPTY;
    out->count = 0;
    if (hashes.length == 0 || hashes.length > sizeof out->hashes || hashes.length % TREE_HASH_SIZE != 0)
        return error_set(error, RFD_E_STORE, "the log's tile %u/%llu is damaged", level, (unsigned long long)number);
    memcpy(out->hashes, hashes.data, hashes.length);
    out->level = level;
    out->number = number;
    out->count = hashes.length / TREE_HASH_SIZE;
    arena_release(store_arena(t), mark);
    return RFD_OK;
}

/* --- Reading ------------------------------------------------------------------------------------------------------ */

rfd_status tile_read_node(void *context, unsigned level, uint64_t index, uint8_t out[TREE_HASH_SIZE],
                          struct rfd_error *error)
{
    struct tile_reader *r = context;
    uint8_t row[TILE_WIDTH / 2][TREE_HASH_SIZE];
    unsigned above = level % TILE_HEIGHT;
    uint64_t first = index << above; /* of the kept nodes that are below it */
    uint64_t number = first / TILE_WIDTH;
    size_t at = first % TILE_WIDTH;
    size_t width = (size_t)1 << above;
    if (r->tile.count == 0 || r->tile.level != level - above || r->tile.number != number)
        TRY(load(r->transaction, level - above, number, &r->tile, error));
    if (at + width > r->tile.count)
        return error_set(error, RFD_E_STORE, "the log lacks its node %u/%llu", level, (unsigned long long)index);
    memcpy(row, r->tile.hashes[at], width * TREE_HASH_SIZE);
    for (; width > 1; width /= 2) {
        for (size_t i = 0; i < width / 2; i++) tree_node_hash(row[2 * i], row[2 * i + 1], row[i]);
    }
    memcpy(out, row[0], TREE_HASH_SIZE);
    return RFD_OK;
}

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static rfd_status store_tile(struct transaction *t, const struct tile *tile, struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(tile->level), store_integer((int64_t)tile->number),
                                         store_bytes(slice_of(tile->hashes, tile->count * TREE_HASH_SIZE))};
    return store_run(t,
                     "INSERT INTO transparency_tile(level, number, hashes) VALUES ($1, $2, $3) "
                     "ON CONFLICT(level, number) DO UPDATE SET hashes = excluded.hashes",
                     values, 3, NULL, error);
}

/** The tile that the node `index` goes into, with the nodes before it. */
static rfd_status open_tile(struct tile_writer *w, unsigned level, uint64_t index, struct tile *tile,
                            struct rfd_error *error)
{
    size_t before = index % TILE_WIDTH;
    if (tile->count == 0 && before > 0) TRY(load(w->transaction, level, index / TILE_WIDTH, tile, error));
    tile->level = level;
    tile->number = index / TILE_WIDTH;
    if (tile->count == before) return RFD_OK;
    return error_set(error, RFD_E_STORE, "the log's tile %u/%llu has %zu nodes instead of %zu", level,
                     (unsigned long long)tile->number, tile->count, before);
}

rfd_status tile_write_node(void *context, unsigned level, uint64_t index, const uint8_t hash[TREE_HASH_SIZE],
                           struct rfd_error *error)
{
    struct tile_writer *w = context;
    if (level % TILE_HEIGHT != 0) return RFD_OK;
    struct tile *tile = &w->tiles[level / TILE_HEIGHT];
    TRY(open_tile(w, level, index, tile, error));
    memcpy(tile->hashes[tile->count++], hash, TREE_HASH_SIZE);
    if (tile->count < TILE_WIDTH) return RFD_OK;
    TRY(store_tile(w->transaction, tile, error));
    tile->count = 0;
    return RFD_OK;
}

rfd_status tile_write_end(struct tile_writer *w, struct rfd_error *error)
{
    for (size_t i = 0; i < TILE_STRATA; i++) {
        if (w->tiles[i].count > 0) TRY(store_tile(w->transaction, &w->tiles[i], error));
    }
    return RFD_OK;
}
