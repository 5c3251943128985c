/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_CAPACITY = 16 };

static size_t slot_of(const struct map *m, uint64_t key)
{
    /* Keys are numbers out of hostile files. The table's address, which a file's author cannot know, keeps them from
     * being chosen so that they all meet in one place. */
    uint64_t h = key ^ (uint64_t)(uintptr_t)m->entries;
    h = (h ^ h >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ h >> 27) * UINT64_C(0x94D049BB133111EB);
    size_t slot = (size_t)(h ^ h >> 31) & (m->capacity - 1);
    while (m->entries[slot].used && m->entries[slot].key != key) slot = (slot + 1) & (m->capacity - 1);
    return slot;
}

static rfd_status grow(struct map *m)
{
    struct map bigger = {.capacity = m->capacity == 0 ? FIRST_CAPACITY : m->capacity * 2, .count = m->count};
    bigger.entries = memory_zeroed(bigger.capacity, sizeof *bigger.entries);
    if (bigger.entries == NULL) return RFD_E_MEMORY;
    for (size_t i = 0; i < m->capacity; i++) {
        if (m->entries[i].used) bigger.entries[slot_of(&bigger, m->entries[i].key)] = m->entries[i];
    }
    memory_free(m->entries);
    *m = bigger;
    return RFD_OK;
}

rfd_status map_set(struct map *m, uint64_t key, uint64_t value)
{
    if ((m->count + 1) * 4 > m->capacity * 3 && grow(m) != RFD_OK) return RFD_E_MEMORY;
    struct map_entry *entry = &m->entries[slot_of(m, key)];
    m->count += !entry->used;
    *entry = (struct map_entry){key, value, true};
    return RFD_OK;
}

bool map_get(const struct map *m, uint64_t key, uint64_t *value)
{
    if (m->capacity == 0) return false;
    const struct map_entry *entry = &m->entries[slot_of(m, key)];
    if (!entry->used) return false;
    *value = entry->value;
    return true;
}

bool map_has(const struct map *m, uint64_t key)
{
    uint64_t ignored;
    return map_get(m, key, &ignored);
}

void map_clear(struct map *m)
{
    if (m->capacity > 0) memset(m->entries, 0, m->capacity * sizeof *m->entries);
    m->count = 0;
}

void map_dispose(struct map *m)
{
    memory_free(m->entries);
    *m = (struct map){0};
}
