/* SPDX-License-Identifier: EUPL-1.2
 *
 * A map from 64-bit numbers to pointers or numbers: open addressing, grows by doubling, never deletes single entries.
 * Used for object caches and visited sets.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <refrenda/base.h>

struct map_entry {
    uint64_t key;
    uint64_t value;
    bool used;
};
struct map {
    struct map_entry *entries;
    size_t count;
    size_t capacity; /* 0 or a power of two */
};

/** A zeroed struct is an empty map. */
void map_dispose(struct map *m);
void map_clear(struct map *m);
/** Sets or replaces. RFD_E_MEMORY on failure, the map unchanged. */
rfd_status map_set(struct map *m, uint64_t key, uint64_t value) RFD_MUST_CHECK;
bool map_get(const struct map *m, uint64_t key, uint64_t *value);
bool map_has(const struct map *m, uint64_t key);

static inline rfd_status map_set_pointer(struct map *m, uint64_t key, const void *value)
{
    return map_set(m, key, (uint64_t)(uintptr_t)value);
}

static inline void *map_get_pointer(const struct map *m, uint64_t key)
{
    uint64_t value;
    return map_get(m, key, &value) ? (void *)(uintptr_t)value : NULL;
}

#endif
