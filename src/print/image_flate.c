/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two compressors side by side, fed row by row, so that a large picture is never copied whole: which of them wins
 * depends on the picture (photographs gain from predictors, drawings lose). In a large one the loser is let go when a
 * good part of the rows is through.
 */
#include "print/image_internal.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>
#include <zlib.h>

enum { PIECE = 1 << 16, FILTERS = 5, PLAIN = 0, PREDICTED = 1, WAYS = 2 };
/* Both ways are tried on a quarter of the rows, and on this many bytes at least. */
enum { TRIAL_SHARE = 4, TRIAL_BYTES = 2 << 20 };
/* More bytes than this are compressed in less time, which makes them somewhat longer. */
enum { QUICK_BYTES = 8 << 20, LEVEL = 6, QUICK_LEVEL = 3 };
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
    size_t trial_rows; /* still to come */
    rfd_status status;
    uint8_t *previous; /* the row above, zeros at first */
    uint8_t *trial;    /* a filtered row: its filter's number, then the bytes */
    uint8_t *best;
};

static bool compressor_open(struct compressor *c, int level)
{
    buf_init(&c->out, OUTPUT_MAXIMUM);
    c->z = (z_stream){.zalloc = memory_zalloc, .zfree = memory_zfree};
    c->open = deflateInit(&c->z, level) == Z_OK;
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
    c->open = false;
    buf_dispose(&c->out);
}

rfd_status flate_rows_begin(size_t row_length, size_t row_count, unsigned step, struct flate_rows **out,
                            struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct flate_rows *f = memory_zeroed(1, sizeof *f);
    if (f == NULL) return error_memory(error);
    f->length = row_length;
    f->step = step;
    f->trial_rows = TRIAL_BYTES / row_length;
    if (f->trial_rows < row_count / TRIAL_SHARE) f->trial_rows = row_count / TRIAL_SHARE;
    f->previous = memory_zeroed(1, row_length);
    f->trial = memory_allocate(row_length + 1);
    f->best = memory_allocate(row_length + 1);
    int level = row_length * row_count > QUICK_BYTES ? QUICK_LEVEL : LEVEL;
    bool open = compressor_open(&f->ways[PLAIN], level) && compressor_open(&f->ways[PREDICTED], level);
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

static inline __attribute__((always_inline)) uint8_t predict(int filter, uint8_t left, uint8_t above, uint8_t corner)
{
    switch (filter) {
    case 1: return left;
    case 2: return above;
    case 3: return (uint8_t)((left + above) / 2);
    case 4: return paeth(left, above, corner);
    default: return 0;
    }
}

/** Filters a row into `to`; returns how far its bytes are from zero altogether, the usual guess at its size. Inline, so
 * that each filter gets a loop of its own. */
static inline __attribute__((always_inline)) uint64_t filter_bytes(const struct flate_rows *f, const uint8_t *row,
                                                                   int filter, uint8_t *to)
{
    uint64_t sum = 0;
    const uint8_t *previous = f->previous;
    to[0] = (uint8_t)filter;
    for (size_t i = 0; i < f->length; i++) {
        bool first = i < f->step;
        uint8_t prediction =
            predict(filter, first ? 0 : row[i - f->step], previous[i], first ? 0 : previous[i - f->step]);
        uint8_t rest = (uint8_t)(row[i] - prediction);
        to[i + 1] = rest;
        sum += rest < 128 ? rest : 256u - rest;
    }
    return sum;
}

static uint64_t filter_row(const struct flate_rows *f, const uint8_t *row, int filter, uint8_t *to)
{
    switch (filter) {
    case 1: return filter_bytes(f, row, 1, to);
    case 2: return filter_bytes(f, row, 2, to);
    case 3: return filter_bytes(f, row, 3, to);
    case 4: return filter_bytes(f, row, 4, to);
    default: return filter_bytes(f, row, 0, to);
    }
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

static int winner(const struct flate_rows *f)
{
    if (!f->ways[PLAIN].open || !f->ways[PREDICTED].open) return f->ways[PLAIN].open ? PLAIN : PREDICTED;
    return f->ways[PREDICTED].out.length < f->ways[PLAIN].out.length ? PREDICTED : PLAIN;
}

void flate_rows_put(struct flate_rows *f, const uint8_t *row)
{
    if (f->status != RFD_OK) return;
    if (f->trial_rows > 0 && --f->trial_rows == 0) compressor_dispose(&f->ways[winner(f) == PLAIN ? PREDICTED : PLAIN]);
    if (f->ways[PLAIN].open) f->status = compressor_put(&f->ways[PLAIN], row, f->length, Z_NO_FLUSH);
    if (f->status != RFD_OK || !f->ways[PREDICTED].open) return;
    choose_filter(f, row);
    f->status = compressor_put(&f->ways[PREDICTED], f->best, f->length + 1, Z_NO_FLUSH);
    memcpy(f->previous, row, f->length);
}

rfd_status flate_rows_finish(struct flate_rows *f, rfd_bytes *out, bool *predicted, struct rfd_error *error)
{
    for (int way = 0; way < WAYS && f->status == RFD_OK; way++) {
        if (f->ways[way].open) f->status = compressor_put(&f->ways[way], NULL, 0, Z_FINISH);
    }
    if (f->status == RFD_E_MEMORY) return error_memory(error);
    if (f->status != RFD_OK) return error_set(error, f->status, "compressing a picture");
    int way = winner(f);
    TRY(buf_take(&f->ways[way].out, out, error));
    *predicted = way == PREDICTED;
    return RFD_OK;
}
