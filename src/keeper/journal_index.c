/* SPDX-License-Identifier: EUPL-1.2
 *
 * Open addressing: who does not find his place free takes the next one. At most three of four are taken. What is
 * looked up are hashes already.
 */
#include "keeper/journal_index.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

enum { FIRST_CAPACITY = 1024 };

void journal_index_dispose(struct journal_index *x)
{
    memory_free(x->places);
    *x = (struct journal_index){0};
}

/** The place of the hash, or the free one where it would go. */
static struct journal_place *place_of(struct journal_place *places, size_t capacity, const uint8_t *hash)
{
    size_t at = number_big_endian(hash, sizeof(uint64_t)) & (capacity - 1);
    while (places[at].file != 0 && memcmp(places[at].hash, hash, JOURNAL_INDEX_HASH) != 0)
        at = (at + 1) & (capacity - 1);
    return &places[at];
}

const struct journal_place *journal_index_find(const struct journal_index *x, slice hash)
{
    if (x->count == 0) return NULL;
    const struct journal_place *p = place_of(x->places, x->capacity, hash.data);
    return p->file == 0 ? NULL : p;
}

static rfd_status grow(struct journal_index *x, struct rfd_error *error)
{
    size_t capacity = x->capacity == 0 ? FIRST_CAPACITY : 2 * x->capacity;
    struct journal_place *places = memory_zeroed(capacity, sizeof *places);
    if (places == NULL) return error_memory(error);
    for (size_t i = 0; i < x->capacity; i++) {
        if (x->places[i].file != 0) *place_of(places, capacity, x->places[i].hash) = x->places[i];
    }
    memory_free(x->places);
    x->places = places;
    x->capacity = capacity;
    return RFD_OK;
}

rfd_status journal_index_add(struct journal_index *x, slice hash, uint32_t file, uint32_t offset,
                             struct rfd_error *error)
{
    if (4 * (x->count + 1) > 3 * x->capacity) TRY(grow(x, error));
    struct journal_place *p = place_of(x->places, x->capacity, hash.data);
    if (p->file == 0) x->count++;
    memcpy(p->hash, hash.data, JOURNAL_INDEX_HASH);
    p->file = file;
    p->offset = offset;
    return RFD_OK;
}
