/* SPDX-License-Identifier: EUPL-1.2
 *
 * A picture on its way: file → pixels (image_png.c) → layers (image_layer.c), or file → layer (image_jpeg.c). A layer
 * is a stream ready to be put into a PDF, with what its dictionary must say. Who only looks takes rows.
 */
#ifndef PRINT_IMAGE_INTERNAL_H
#define PRINT_IMAGE_INTERNAL_H

#include "print/image.h"

enum { PIXEL_BYTES = 4, PALETTE_MAXIMUM = 256 };

/** Red, green, blue, alpha, 8 bits each, not premultiplied; rows follow each other without gaps. */
struct pixels {
    uint8_t *data;
    unsigned width, height;
};

struct layer {
    rfd_bytes stream;
    unsigned bits;        /* of a component */
    unsigned components;  /* 3, or 1 */
    bool jpeg;            /* DCTDecode, else FlateDecode */
    bool predicted;       /* with PNG predictors (ISO 32000-2 §7.4.4.4) */
    unsigned color_count; /* of the palette; 0: none */
    uint8_t palette[PALETTE_MAXIMUM * 3];
};

struct image {
    unsigned width, height;
    bool has_alpha;
    struct layer color;   /* below the soft mask, when there is one */
    struct layer alpha;   /* the soft mask */
    struct layer opaque;  /* as `color`, laid on white */
    struct layer stencil; /* one bit a pixel, 1: not painted */
};

/** RFD_E_IMAGE unless both sides are from 1 to IMAGE_SIDE_MAXIMUM. */
rfd_status image_check_size(uint64_t width, uint64_t height, struct rfd_error *error) RFD_MUST_CHECK;

/** What is known of a picture before its pixels are; `width` and `height` as the file has them, not turned yet. */
struct image_head {
    unsigned width, height;
    unsigned channels;    /* bytes of a pixel: 3, red, green, blue; 4, and alpha */
    unsigned orientation; /* Exif's, 1 to 8 */
    bool subsampled;      /* colours are coarser than brightness */
};
/** Who takes a picture row by row, so that nobody has to hold it whole. `row` must not fail. */
struct image_taker {
    rfd_status (*begin)(void *context, const struct image_head *head, struct rfd_error *error);
    void (*row)(void *context, const uint8_t *row);
    void *context;
};

/* image_png.c */
rfd_status image_png_decode(slice file, struct pixels *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Four channels. `rest` (may be NULL): what comes after the picture's end. Interlaced ones are held whole, so they
 * must not be larger than IMAGE_SIDE_MAXIMUM. */
rfd_status image_png_rows(slice file, const struct image_taker *taker, slice *rest,
                          struct rfd_error *error) RFD_MUST_CHECK;

/* image_jpeg_rows.c, image_jpeg.c, image_jpeg_encode.c */
/** Three channels; else as image_png_rows(). */
rfd_status image_jpeg_rows(slice file, const struct image_taker *taker, slice *rest,
                           struct rfd_error *error) RFD_MUST_CHECK;
rfd_status image_jpeg_recode(slice file, struct image *out, struct rfd_error *error) RFD_MUST_CHECK;
/** `width` x `height` pixels of red, green, blue, as baseline JPEG without any application segment but JFIF's. */
rfd_status image_jpeg_encode(const uint8_t *rgb, unsigned width, unsigned height, bool subsample, rfd_bytes *out,
                             struct rfd_error *error) RFD_MUST_CHECK;

/* image_exif.c: 1 to 8; 1 (upright) for anything odd. `app1` is the content of an APP1 segment. */
unsigned image_exif_orientation(slice app1);

/* image_alpha.c */
bool image_alpha_any(const struct pixels *p);
/** Gives pixels that cannot be seen the colour of a visible neighbour: nothing hidden goes into the file, and readers
 * that scale colour and mask apart draw no fringe. */
void image_alpha_spread(struct pixels *p);
/** Lays everything on white; alpha stays as it is. */
void image_alpha_lay_on_white(struct pixels *p);

/* image_layer.c */
rfd_status image_layer_color(const struct pixels *p, struct layer *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status image_layer_alpha(const struct pixels *p, struct layer *out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status image_layer_stencil(const struct pixels *p, struct layer *out, struct rfd_error *error) RFD_MUST_CHECK;

/* image_palette.c: the colours of a picture, when there are at most 256. */
enum { PALETTE_SLOTS = 1024 };
struct palette {
    unsigned count;
    uint32_t colors[PALETTE_MAXIMUM];   /* 0xRRGGBB, dark ones first */
    uint32_t slots[PALETTE_SLOTS];      /* a hash table of colours */
    uint16_t slot_index[PALETTE_SLOTS]; /* 1 + place in `colors`; 0: free */
};
/** False when there are more than 256. */
bool palette_collect(struct palette *palette, const struct pixels *p);
unsigned palette_find(const struct palette *palette, uint32_t color);

static inline uint32_t pixel_color(const uint8_t *pixel)
{
    return (uint32_t)pixel[0] << 16 | (uint32_t)pixel[1] << 8 | pixel[2];
}

/* image_flate.c: rows of samples compressed as they are and with predictors at once, the smaller one kept. */
struct flate_rows;
/** `step`: bytes of a whole pixel, at least 1 (PNG §9.2). */
rfd_status flate_rows_begin(size_t row_length, size_t row_count, unsigned step, struct flate_rows **out,
                            struct rfd_error *error) RFD_MUST_CHECK;
void flate_rows_put(struct flate_rows *f, const uint8_t *row);
rfd_status flate_rows_finish(struct flate_rows *f, rfd_bytes *out, bool *predicted,
                             struct rfd_error *error) RFD_MUST_CHECK;
void flate_rows_free(struct flate_rows *f);

#endif
