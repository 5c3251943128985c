/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where the record of an approval is: 24 octets for each, found by the first half of its hash.
 */
#ifndef KEEPER_JOURNAL_INDEX_H
#define KEEPER_JOURNAL_INDEX_H

#include "base/slice.h"

enum { JOURNAL_INDEX_HASH = 16 };

struct journal_place {
    uint8_t hash[JOURNAL_INDEX_HASH];
    uint32_t file;   /* its number, from 1; 0: the place is free */
    uint32_t offset; /* in the file */
};
struct journal_index {
    struct journal_place *places;
    size_t capacity; /* a power of two */
    size_t count;
};

void journal_index_dispose(struct journal_index *x);
/** NULL when it is not there. */
const struct journal_place *journal_index_find(const struct journal_index *x, slice hash);
/** RFD_E_MEMORY. */
rfd_status journal_index_add(struct journal_index *x, slice hash, uint32_t file, uint32_t offset,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
