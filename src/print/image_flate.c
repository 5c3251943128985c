/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two compressors side by side, fed row by row, so that a large picture is never copied whole: which of them wins
 * depends on the picture (photographs gain from predictors, drawings lose).
 */
#include "print/image_internal.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <zlib.h>

enum { PIECE = 1 << 16, FILTERS = 5, PLAIN = 0, PREDICTED = 1, WAYS = 2 };
/** What 4096 x 4096 pixels can grow to, deflate's overhead included. */
#define OUTPUT_MAXIMUM ((size_t)1 << 26)

struct compressor {
    z_stream z;
    bool open;
    struct buf out;
};

struct flate_rows {
    struct compressor ways[WAYS];
    size_t length; /* of a row */
    unsigned step;
    rfd_status status;
    uint8_t *previous; /* the row above, zeros at first */
    uint8_t *trial;    /* a filtered row: its filter's number, then the bytes */
    uint8_t *best;
};

static void *zlib_allocate(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return memory_allocate((size_t)count * size);
}

static void zlib_free(void *opaque, void *memory)
{
    (void)opaque;
    memory_free(memory);
}

static bool compressor_open(struct compressor *c)
{
    buf_init(&c->out, OUTPUT_MAXIMUM);
    c->z = (z_stream){.zalloc = zlib_allocate, .zfree = zlib_free};
    c->open = deflateInit(&c->z, Z_DEFAULT_COMPRESSION) == Z_OK;
    return c->open;
}

static rfd_status compressor_put(struct compressor *c, const uint8_t *bytes, size_t length, int flush)
{
    c->z.next_in = (z_const Bytef *)(uintptr_t)bytes;
    c->z.avail_in = (unsigned)length;
    for (int result = Z_OK; result != Z_STREAM_END && (flush == Z_FINISH || c->z.avail_in > 0);) {
        uint8_t *to = buf_reserve(&c->out, PIECE);
        if (to == NULL) return buf_status(&c->out);
        c->z.next_out = to;
        c->z.avail_out = PIECE;
        result = deflate(&c->z, flush);
        if (result != Z_OK && result != Z_STREAM_END) return RFD_E_INTERNAL;
        c->out.length += PIECE - c->z.avail_out;
    }
    return RFD_OK;
}

static void compressor_dispose(struct compressor *c)
{
    if (c->open) (void)deflateEnd(&c->z);
    buf_dispose(&c->out);
}

rfd_status flate_rows_begin(size_t row_length, unsigned step, struct flate_rows **out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct flate_rows *f = memory_zeroed(1, sizeof *f);
    if (f == NULL) return error_memory(error);
    f->length = row_length;
    f->step = step;
    f->previous = memory_zeroed(1, row_length);
    f->trial = memory_allocate(row_length + 1);
    f->best = memory_allocate(row_length + 1);
    bool open = compressor_open(&f->ways[PLAIN]) && compressor_open(&f->ways[PREDICTED]);
    if (!open || f->previous == NULL || f->trial == NULL || f->best == NULL) {
        status = error_memory(error);
        goto out;
    }
    *out = f;
    f = NULL;
out:
    flate_rows_free(f);
    return status;
}

void flate_rows_free(struct flate_rows *f)
{
    if (f == NULL) return;
    for (int way = 0; way < WAYS; way++) compressor_dispose(&f->ways[way]);
    memory_free(f->previous);
    memory_free(f->trial);
    memory_free(f->best);
    memory_free(f);
}

/** Whichever of left, above and above left is nearest to left + above - above left (PNG §9.4). */
static uint8_t paeth(int left, int above, int corner)
{
    int estimate = left + above - corner;
    int to_left = abs(estimate - left);
    int to_above = abs(estimate - above);
    int to_corner = abs(estimate - corner);
    if (to_left <= to_above && to_left <= to_corner) return (uint8_t)left;
    return (uint8_t)(to_above <= to_corner ? above : corner);
}

static uint8_t predict(int filter, uint8_t left, uint8_t above, uint8_t corner)
{
    switch (filter) {
    case 1: return left;
    case 2: return above;
    case 3: return (uint8_t)((left + above) / 2);
    case 4: return paeth(left, above, corner);
    default: return 0;
    }
}

/** Filters a row into `to`; returns how far its bytes are from zero altogether, the usual guess at its size. */
static uint64_t filter_row(const struct flate_rows *f, const uint8_t *row, int filter, uint8_t *to)
{
    uint64_t sum = 0;
    to[0] = (uint8_t)filter;
    for (size_t i = 0; i < f->length; i++) {
        uint8_t left = i < f->step ? 0 : row[i - f->step];
        uint8_t corner = i < f->step ? 0 : f->previous[i - f->step];
        uint8_t rest = (uint8_t)(row[i] - predict(filter, left, f->previous[i], corner));
        to[i + 1] = rest;
        sum += rest < 128 ? rest : 256u - rest;
    }
    return sum;
}

static void choose_filter(struct flate_rows *f, const uint8_t *row)
{
    uint64_t least = filter_row(f, row, 0, f->best);
    for (int filter = 1; filter < FILTERS && least > 0; filter++) {
        uint64_t sum = filter_row(f, row, filter, f->trial);
        if (sum >= least) continue;
        uint8_t *swap = f->best;
        f->best = f->trial;
        f->trial = swap;
        least = sum;
    }
}

void flate_rows_put(struct flate_rows *f, const uint8_t *row)
{
    if (f->status != RFD_OK) return;
    choose_filter(f, row);
    f->status = compressor_put(&f->ways[PLAIN], row, f->length, Z_NO_FLUSH);
    if (f->status == RFD_OK) f->status = compressor_put(&f->ways[PREDICTED], f->best, f->length + 1, Z_NO_FLUSH);
    memcpy(f->previous, row, f->length);
}

rfd_status flate_rows_finish(struct flate_rows *f, rfd_bytes *out, bool *predicted, struct rfd_error *error)
{
    for (int way = 0; way < WAYS && f->status == RFD_OK; way++)
        f->status = compressor_put(&f->ways[way], NULL, 0, Z_FINISH);
    if (f->status == RFD_E_MEMORY) return error_memory(error);
    if (f->status != RFD_OK) return error_set(error, f->status, "compressing a picture");
    bool wins = f->ways[PREDICTED].out.length < f->ways[PLAIN].out.length;
    TRY(buf_take(&f->ways[wins ? PREDICTED : PLAIN].out, out, error));
    *predicted = wins;
    return RFD_OK;
}
