/* SPDX-License-Identifier: EUPL-1.2
 *
 * Memory that lives and dies together: bump allocation in growing blocks, freed at once. A hard maximum bounds what
 * hostile input can make us allocate.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/slice.h"

struct arena_block;
struct arena {
    struct arena_block *blocks;
    uint8_t *next;
    size_t left;
    size_t used;
    size_t maximum;
    rfd_status status; /* why the last allocation gave NULL: RFD_E_MEMORY or RFD_E_LIMIT */
    bool wipes;        /* what is freed is overwritten first */
};

/** Allocates nothing yet. */
void arena_init(struct arena *a, size_t maximum);
/** The same, for what may hold passwords, codes and keys: what was used is wiped before it is freed. */
void arena_init_secret(struct arena *a, size_t maximum);
/** Frees every block; the arena is as after arena_init. */
void arena_dispose(struct arena *a);

/** Aligned for any type, not cleared; NULL when memory or the maximum is exhausted (see `status`). */
void *arena_allocate(struct arena *a, size_t size) __attribute__((warn_unused_result));
/** `count` cleared elements of `size` bytes, overflow-checked. */
void *arena_zeroed(struct arena *a, size_t count, size_t size) __attribute__((warn_unused_result));
/** A copy that lives as long as the arena; data is NULL when there is no memory (also for an empty input: not NULL). */
slice arena_copy(struct arena *a, slice s);
/** A zero-terminated copy, or NULL. */
char *arena_text(struct arena *a, slice s);
char *arena_print(struct arena *a, const char *format, ...) RFD_PRINTF(2, 3);
/** Fills `error` from the status and returns it. */
rfd_status arena_failed(const struct arena *a, struct rfd_error *error);

/** A point to which arena_release() goes back, freeing what came after it. */
struct arena_mark {
    struct arena_block *blocks;
    uint8_t *next;
    size_t left;
    size_t used;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark mark);

#endif
