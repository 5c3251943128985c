/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tree in the database. Of its perfect nodes only those of every eighth level are kept, 256 in a row ("tile"): with
 * ten million leaves a proof reads four rows and joins the nodes between from them.
 */
#ifndef DOMAIN_TRANSPARENCY_TILE_H
#define DOMAIN_TRANSPARENCY_TILE_H

#include "domain/transparency/tree.h"
#include "store/store.h"

enum { TILE_HEIGHT = 8, TILE_WIDTH = 1 << TILE_HEIGHT, TILE_STRATA = TREE_LEVELS / TILE_HEIGHT };

struct tile {
    unsigned level; /* a multiple of TILE_HEIGHT */
    uint64_t number;
    size_t count; /* nodes; 0: none is loaded */
    uint8_t hashes[TILE_WIDTH][TREE_HASH_SIZE];
};

/** Reads perfect nodes; the last tile that was read stays, since a proof's next node is mostly beside it. */
struct tile_reader {
    struct transaction *transaction;
    struct tile tile;
};
/** As tree_source.read; `context` is a struct tile_reader. RFD_E_STORE when the node is not there. */
rfd_status tile_read_node(void *context, unsigned level, uint64_t index, uint8_t out[TREE_HASH_SIZE],
                          struct rfd_error *error);

/** Writes what a growing tree makes: of each stratum, the tile at the border. */
struct tile_writer {
    struct transaction *transaction;
    struct tile tiles[TILE_STRATA];
};
/** As tree_made; `context` is a struct tile_writer. */
rfd_status tile_write_node(void *context, unsigned level, uint64_t index, const uint8_t hash[TREE_HASH_SIZE],
                           struct rfd_error *error);
/** Stores the tiles that are not full yet. */
rfd_status tile_write_end(struct tile_writer *w, struct rfd_error *error) RFD_MUST_CHECK;

#endif
