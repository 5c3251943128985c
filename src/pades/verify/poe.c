/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/verify/poe.h"

#include "base/error.h"
#include "base/memory.h"

#include <string.h>

enum { FIRST = 16 };

void poe_dispose(struct poe_set *set)
{
    memory_free(set->marks);
    memory_free(set->objects);
    map_dispose(&set->index);
    *set = (struct poe_set){0};
}

/* In the usual order, from the newest time stamp on, a mark goes to the end. */
static void insert(struct poe_set *set, const struct poe_mark *mark)
{
    size_t place = set->mark_count++;
    for (; place > 0 && set->marks[place - 1].revision < mark->revision; place--)
        set->marks[place] = set->marks[place - 1];
    set->marks[place] = *mark;
    for (size_t i = place; i < set->mark_count; i++) {
        struct poe_mark *m = &set->marks[i];
        m->earliest = i > 0 && set->marks[i - 1].earliest.time <= m->proof.time ? set->marks[i - 1].earliest : m->proof;
    }
}

rfd_status poe_add_mark(struct poe_set *set, size_t revision, const struct poe *proof, struct rfd_error *error)
{
    if (set->mark_count == set->mark_capacity) {
        size_t capacity = set->mark_capacity == 0 ? FIRST : set->mark_capacity * 2;
        struct poe_mark *bigger = memory_resize(set->marks, capacity * sizeof *bigger);
        if (bigger == NULL) return error_memory(error);
        set->marks = bigger;
        set->mark_capacity = capacity;
    }
    insert(set, &(struct poe_mark){revision, *proof, *proof});
    return RFD_OK;
}

static uint64_t key_of(const uint8_t fingerprint[32])
{
    uint64_t key;
    memcpy(&key, fingerprint, sizeof key);
    return key;
}

/* Of two objects whose fingerprints begin alike (nobody makes SHA-256 do that by chance) only the first is known. */
static struct poe_object *find(const struct poe_set *set, const uint8_t fingerprint[32])
{
    uint64_t index;
    if (!map_get(&set->index, key_of(fingerprint), &index)) return NULL;
    struct poe_object *found = &set->objects[index];
    return memcmp(found->fingerprint, fingerprint, sizeof found->fingerprint) == 0 ? found : NULL;
}

rfd_status poe_add_object(struct poe_set *set, const uint8_t fingerprint[32], size_t from, struct rfd_error *error)
{
    struct poe_object *known = find(set, fingerprint);
    if (known != NULL) {
        if (from < known->from) known->from = from;
        return RFD_OK;
    }
    if (map_has(&set->index, key_of(fingerprint))) return RFD_OK;
    if (set->object_count == set->object_capacity) {
        size_t capacity = set->object_capacity == 0 ? FIRST : set->object_capacity * 2;
        struct poe_object *bigger = memory_resize(set->objects, capacity * sizeof *bigger);
        if (bigger == NULL) return error_memory(error);
        set->objects = bigger;
        set->object_capacity = capacity;
    }
    if (map_set(&set->index, key_of(fingerprint), set->object_count) != RFD_OK) return error_memory(error);
    struct poe_object *added = &set->objects[set->object_count++];
    memcpy(added->fingerprint, fingerprint, sizeof added->fingerprint);
    added->from = from;
    return RFD_OK;
}

bool poe_from(const struct poe_set *set, size_t from, struct poe *out)
{
    size_t low = 0;
    size_t high = set->mark_count; /* the marks of `from` or later come before it */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (set->marks[middle].revision >= from)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0) return false;
    *out = set->marks[low - 1].earliest;
    return true;
}

bool poe_of(const struct poe_set *set, const uint8_t fingerprint[32], struct poe *out)
{
    const struct poe_object *object = find(set, fingerprint);
    return object != NULL && poe_from(set, object->from, out);
}
