/* SPDX-License-Identifier: EUPL-1.2
 *
 * Blocks form a list, newest first; `next`/`left` describe the free end of the newest one. Block sizes double from
 * 4 KiB to 1 MiB, so that a small document costs one malloc and a large one few.
 */
#include "base/arena.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/secret.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>

enum { FIRST_BLOCK = 4096, LARGEST_STEP = 1 << 20, ROOM = 512 };

struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t maximum)
{
    *a = (struct arena){.maximum = maximum};
}

void arena_init_secret(struct arena *a, size_t maximum)
{
    *a = (struct arena){.maximum = maximum, .wipes = true};
}

/** The newest block is used up to its free end; of older ones it is not known how far. */
static void free_down_to(struct arena *a, struct arena_block *stop)
{
    size_t unused = a->left;
    while (a->blocks != stop) {
        struct arena_block *block = a->blocks;
        a->blocks = block->older;
        if (a->wipes) secret_wipe(block->bytes, block->size - unused);
        memory_free(block);
        unused = 0;
    }
}

void arena_dispose(struct arena *a)
{
    free_down_to(a, NULL);
    *a = (struct arena){.maximum = a->maximum, .wipes = a->wipes};
}

static bool add_block(struct arena *a, size_t size)
{
    size_t block = a->blocks == NULL ? FIRST_BLOCK : a->blocks->size * 2;
    if (block > LARGEST_STEP) block = LARGEST_STEP;
    if (block < size) block = size;
    struct arena_block *b = block > SIZE_MAX - sizeof *b ? NULL : memory_allocate(sizeof *b + block);
    if (b == NULL) {
        a->status = RFD_E_MEMORY;
        return false;
    }
    b->older = a->blocks;
    b->size = block;
    a->blocks = b;
    a->next = b->bytes;
    a->left = block;
    return true;
}

void *arena_allocate(struct arena *a, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (rounded < size || rounded > a->maximum || a->used > a->maximum - rounded) {
        a->status = RFD_E_LIMIT;
        return NULL;
    }
    if (rounded == 0) rounded = alignof(max_align_t);
    if (rounded > a->left && !add_block(a, rounded)) return NULL;
    void *memory = a->next;
    a->next += rounded;
    a->left -= rounded;
    a->used += rounded;
    return memory;
}

void *arena_zeroed(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        a->status = RFD_E_LIMIT;
        return NULL;
    }
    void *memory = arena_allocate(a, total);
    if (memory != NULL) memset(memory, 0, total);
    return memory;
}

slice arena_copy(struct arena *a, slice s)
{
    uint8_t *copy = arena_allocate(a, s.length);
    if (copy == NULL) return SLICE_EMPTY;
    if (s.length > 0) memcpy(copy, s.data, s.length);
    return slice_of(copy, s.length);
}

char *arena_text(struct arena *a, slice s)
{
    char *copy = arena_allocate(a, s.length + 1);
    if (copy == NULL) return NULL;
    if (s.length > 0) memcpy(copy, s.data, s.length);
    copy[s.length] = '\0';
    return copy;
}

char *arena_print(struct arena *a, const char *format, ...)
{
    char room[ROOM]; /* most texts are printed once; and what vsnprintf() has no room for stays in a corner of its stack
                      */
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(room, sizeof room, format, args);
    va_end(args);
    size_t size = length < 0 ? 0 : (size_t)length + 1;
    char *text = length < 0 ? NULL : arena_allocate(a, size);
    if (text != NULL && size <= sizeof room)
        memcpy(text, room, size);
    else if (text != NULL)
        (void)vsnprintf(text, size, format, again);
    va_end(again);
    if (a->wipes) secret_wipe(room, size < sizeof room ? size : sizeof room);
    return text;
}

rfd_status arena_failed(const struct arena *a, struct rfd_error *error)
{
    if (a->status == RFD_E_LIMIT)
        return error_set(error, RFD_E_LIMIT, "more than %zu bytes of working memory", a->maximum);
    return error_memory(error);
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->blocks, a->next, a->left, a->used};
}

void arena_release(struct arena *a, struct arena_mark mark)
{
    /* When other blocks came after it, the mark's own was used up to a place that is not known any more. */
    size_t used = a->blocks == mark.blocks ? mark.left - a->left : mark.left;
    free_down_to(a, mark.blocks);
    if (a->wipes && used > 0) secret_wipe(mark.next, used);
    a->next = mark.next;
    a->left = mark.left;
    a->used = mark.used;
}
