/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pixels become the fewest bits that tell them apart: up to 256 colours (every grey picture, then) as numbers of 1, 2,
 * 4 or 8 bits in a palette, others as red, green and blue; alpha as 1, 2, 4 or 8 bits.
 */
#include "print/image_internal.h"

#include "base/error.h"
#include "base/memory.h"

/** Makes one row of samples out of one row of pixels. */
typedef void sample_row(const void *context, const uint8_t *pixels, unsigned width, unsigned bits, uint8_t *row);

static rfd_status compress(const struct pixels *p, sample_row *sample, const void *context, struct layer *layer,
                           struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct flate_rows *rows = NULL;
    size_t length = ((size_t)p->width * layer->components * layer->bits + 7) / 8;
    uint8_t *row = memory_allocate(length);
    if (row == NULL) return error_memory(error);
    TRY_OUT(flate_rows_begin(length, p->height, layer->components, &rows, error));
    for (unsigned y = 0; y < p->height; y++) {
        sample(context, p->data + (size_t)y * p->width * PIXEL_BYTES, p->width, layer->bits, row);
        flate_rows_put(rows, row);
    }
    TRY_OUT(flate_rows_finish(rows, &layer->stream, &layer->predicted, error));
out:
    flate_rows_free(rows);
    memory_free(row);
    return status;
}

/** Puts sample `x` of a row whose samples have 1, 2, 4 or 8 bits; the highest bits come first (§8.9.5.2). */
static inline void put_sample(uint8_t *row, unsigned x, unsigned bits, unsigned value)
{
    size_t bit = (size_t)x * bits;
    unsigned shift = 8 - bits - (unsigned)(bit % 8);
    if (bit % 8 == 0) row[bit / 8] = 0;
    row[bit / 8] = (uint8_t)(row[bit / 8] | value << shift);
}

static void sample_rgb(const void *context, const uint8_t *pixels, unsigned width, unsigned bits, uint8_t *row)
{
    (void)context;
    (void)bits;
    for (unsigned x = 0; x < width; x++) memcpy(row + (size_t)x * 3, pixels + (size_t)x * PIXEL_BYTES, 3);
}

static void sample_palette(const void *context, const uint8_t *pixels, unsigned width, unsigned bits, uint8_t *row)
{
    uint32_t last = pixel_color(pixels);
    unsigned index = palette_find(context, last);
    for (unsigned x = 0; x < width; x++) {
        uint32_t color = pixel_color(pixels + (size_t)x * PIXEL_BYTES);
        if (color != last) index = palette_find(context, color);
        last = color;
        put_sample(row, x, bits, index);
    }
}

static void sample_alpha(const void *context, const uint8_t *pixels, unsigned width, unsigned bits, uint8_t *row)
{
    (void)context;
    for (unsigned x = 0; x < width; x++) put_sample(row, x, bits, pixels[(size_t)x * PIXEL_BYTES + 3] >> (8 - bits));
}

static void sample_stencil(const void *context, const uint8_t *pixels, unsigned width, unsigned bits, uint8_t *row)
{
    (void)context;
    for (unsigned x = 0; x < width; x++) put_sample(row, x, bits, pixels[(size_t)x * PIXEL_BYTES + 3] == 0);
}

static unsigned bits_for(unsigned values)
{
    return values <= 2 ? 1 : values <= 4 ? 2 : values <= 16 ? 4 : 8;
}

static void copy_palette(const struct palette *palette, struct layer *layer)
{
    layer->color_count = palette->count;
    for (unsigned i = 0; i < palette->count; i++) {
        layer->palette[i * 3] = (uint8_t)(palette->colors[i] >> 16);
        layer->palette[i * 3 + 1] = (uint8_t)(palette->colors[i] >> 8);
        layer->palette[i * 3 + 2] = (uint8_t)palette->colors[i];
    }
}

rfd_status image_layer_color(const struct pixels *p, struct layer *out, struct rfd_error *error)
{
    struct palette palette;
    if (!palette_collect(&palette, p)) {
        *out = (struct layer){.bits = 8, .components = 3};
        return compress(p, sample_rgb, NULL, out, error);
    }
    *out = (struct layer){.bits = bits_for(palette.count), .components = 1};
    copy_palette(&palette, out);
    return compress(p, sample_palette, &palette, out, error);
}

/** The fewest bits that hold every alpha exactly: a value of n bits stands for value / (2^n - 1). */
static unsigned alpha_bits(const struct pixels *p)
{
    static const struct {
        unsigned bits, unit;
    } widths[] = {{1, 255}, {2, 85}, {4, 17}, {8, 1}};
    size_t count = (size_t)p->width * p->height;
    size_t choice = 0;
    for (size_t i = 0; i < count; i++) {
        while (p->data[i * PIXEL_BYTES + 3] % widths[choice].unit != 0) choice++;
    }
    return widths[choice].bits;
}

rfd_status image_layer_alpha(const struct pixels *p, struct layer *out, struct rfd_error *error)
{
    *out = (struct layer){.bits = alpha_bits(p), .components = 1};
    return compress(p, sample_alpha, NULL, out, error);
}

rfd_status image_layer_stencil(const struct pixels *p, struct layer *out, struct rfd_error *error)
{
    *out = (struct layer){.bits = 1, .components = 1};
    return compress(p, sample_stencil, NULL, out, error);
}
