/* SPDX-License-Identifier: EUPL-1.2
 *
 * One running digest for each algorithm goes from the file's start to the last hole; at every hole it is copied, and
 * the copy goes on behind that hole to the end of its signature. What a signature covers before its hole is most of a
 * file, so nearly every byte is hashed once.
 *
 *   trunk  ──────────────┬───────────────┬──►
 *                        └─ hole ── tail └─ hole ── tail
 */
#include "pades/verify/ranges.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

enum { WANTED_MAXIMUM = 100000 };
/* Tails of true updates lie side by side. Those of thousands of signatures in one revision lie over each other, and
 * would be hashed for hours: behind this limit a digest is not made, and its signature is not intact. */
enum { TAILS_OF_FILE = 16 };
#define TAILS_LEAST (UINT64_C(64) << 20)

struct wanted {
    enum digest_id id;
    uint64_t first, first_length, second, second_length;
    bool done;
    uint8_t value[DIGEST_SIZE_MAXIMUM];
};

struct ranges {
    struct source *source;
    uint64_t tails; /* bytes behind holes that may still be hashed */
    struct wanted *items;
    size_t count, capacity;
};

rfd_status ranges_new(struct source *source, struct ranges **out, struct rfd_error *error)
{
    struct ranges *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return error_memory(error);
    r->source = source;
    *out = r;
    return RFD_OK;
}

void ranges_free(struct ranges *r)
{
    if (r == NULL) return;
    memory_free(r->items);
    memory_free(r);
}

static bool fits(uint64_t size, int64_t from, int64_t length)
{
    return from >= 0 && length >= 0 && (uint64_t)from <= size && (uint64_t)length <= size - (uint64_t)from;
}

static bool same(const struct wanted *a, const struct wanted *b)
{
    return a->id == b->id && a->first == b->first && a->first_length == b->first_length && a->second == b->second &&
           a->second_length == b->second_length;
}

static rfd_status make_room(struct ranges *r, struct rfd_error *error)
{
    if (r->count < r->capacity) return RFD_OK;
    if (r->count >= WANTED_MAXIMUM) return error_set(error, RFD_E_LIMIT, "more than %d digests", WANTED_MAXIMUM);
    size_t capacity = r->capacity == 0 ? 8 : r->capacity * 2;
    struct wanted *bigger = memory_resize(r->items, capacity * sizeof *bigger);
    if (bigger == NULL) return error_memory(error);
    r->items = bigger;
    r->capacity = capacity;
    return RFD_OK;
}

rfd_status ranges_add(struct ranges *r, enum digest_id id, const int64_t byte_range[4], size_t *out,
                      struct rfd_error *error)
{
    uint64_t size = source_size(r->source);
    if (!fits(size, byte_range[0], byte_range[1]) || !fits(size, byte_range[2], byte_range[3]))
        return error_set(error, RFD_E_PDF_DAMAGED, "a ByteRange beyond the %llu bytes of the file",
                         (unsigned long long)size);
    if (digest_size(id) == 0 || digest_size(id) > DIGEST_SIZE_MAXIMUM)
        return error_set(error, RFD_E_UNSUPPORTED, "digest algorithm");
    struct wanted w = {.id = id,
                       .first = (uint64_t)byte_range[0],
                       .first_length = (uint64_t)byte_range[1],
                       .second = (uint64_t)byte_range[2],
                       .second_length = (uint64_t)byte_range[3]};
    for (size_t i = 0; i < r->count; i++) {
        if (!same(&r->items[i], &w)) continue;
        *out = i;
        return RFD_OK;
    }
    TRY(make_room(r, error));
    *out = r->count;
    r->items[r->count++] = w;
    return RFD_OK;
}

/* ---- running ---- */

static rfd_status take_one(void *context, slice piece, struct rfd_error *error)
{
    return digest_add(context, piece, error);
}

struct trunks {
    struct digest *running[DIGEST_COUNT];
    size_t waiting[DIGEST_COUNT]; /* ranges that will still branch off */
};

static rfd_status take_all(void *context, slice piece, struct rfd_error *error)
{
    struct trunks *t = context;
    for (size_t id = 0; id < DIGEST_COUNT; id++) {
        if (t->running[id] != NULL) TRY(digest_add(t->running[id], piece, error));
    }
    return RFD_OK;
}

/** Hashes the second range behind what `d` has, and takes the result. */
static rfd_status finish(struct ranges *r, struct wanted *w, struct digest *d, struct rfd_error *error)
{
    if (w->second_length > r->tails) return RFD_OK;
    r->tails -= w->second_length;
    TRY(source_stream(r->source, w->second, w->second_length, take_one, d, error));
    TRY(digest_finish(d, w->value, error));
    w->done = true;
    return RFD_OK;
}

/** The last one that branches off takes the trunk itself. */
static rfd_status branch(struct ranges *r, struct trunks *t, struct wanted *w, struct rfd_error *error)
{
    struct digest *d;
    if (--t->waiting[w->id] == 0) {
        d = t->running[w->id];
        t->running[w->id] = NULL;
    } else {
        TRY(digest_fork(t->running[w->id], &d, error));
    }
    rfd_status status = finish(r, w, d, error);
    digest_free(d);
    return status;
}

static rfd_status run_alone(struct ranges *r, struct wanted *w, struct rfd_error *error)
{
    struct digest *d;
    TRY(digest_start(w->id, &d, error));
    rfd_status status = source_stream(r->source, w->first, w->first_length, take_one, d, error);
    if (status == RFD_OK) status = finish(r, w, d, error);
    digest_free(d);
    return status;
}

static int by_hole(const void *a, const void *b)
{
    const struct wanted *x = *(const struct wanted *const *)a;
    const struct wanted *y = *(const struct wanted *const *)b;
    return (x->first_length > y->first_length) - (x->first_length < y->first_length);
}

static rfd_status run_shared(struct ranges *r, struct wanted **order, size_t count, struct rfd_error *error)
{
    struct trunks t = {0};
    uint64_t at = 0;
    rfd_status status = RFD_OK;
    qsort(order, count, sizeof *order, by_hole);
    for (size_t i = 0; i < count; i++) {
        if (t.waiting[order[i]->id]++ == 0) TRY_OUT(digest_start(order[i]->id, &t.running[order[i]->id], error));
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t hole = order[i]->first_length;
        if (hole > at) TRY_OUT(source_stream(r->source, at, hole - at, take_all, &t, error));
        at = hole;
        TRY_OUT(branch(r, &t, order[i], error));
    }
out:
    for (size_t id = 0; id < DIGEST_COUNT; id++) digest_free(t.running[id]);
    return status;
}

rfd_status ranges_run(struct ranges *r, struct rfd_error *error)
{
    size_t count = 0;
    rfd_status status = RFD_OK;
    r->tails = TAILS_LEAST + source_size(r->source) * TAILS_OF_FILE;
    struct wanted **order = memory_zeroed(r->count + 1, sizeof *order);
    if (order == NULL) return error_memory(error);
    for (size_t i = 0; i < r->count; i++) {
        struct wanted *w = &r->items[i];
        if (w->done) continue;
        if (w->first == 0)
            order[count++] = w;
        else
            TRY_OUT(run_alone(r, w, error));
    }
    if (count > 0) status = run_shared(r, order, count, error);
out:
    memory_free(order);
    return status;
}

slice ranges_digest(const struct ranges *r, size_t handle)
{
    if (handle >= r->count || !r->items[handle].done) return SLICE_EMPTY;
    return slice_of(r->items[handle].value, digest_size(r->items[handle].id));
}
