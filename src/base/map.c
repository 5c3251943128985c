/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/map.h"

#include "base/memory.h"

#include <string.h>

enum { FIRST_CAPACITY = 16 };

static size_t slot_of(const struct map *m, uint64_t key)
{
    uint64_t h = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (size_t)(h >> 20) & (m->capacity - 1);
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
