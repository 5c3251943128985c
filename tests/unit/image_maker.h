/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures of every kind that PNG and JPEG know, made with libpng and libjpeg from one pattern; and what each of their
 * pixels has to look like. Failures are cmocka's.
 */
#ifndef TESTS_IMAGE_MAKER_H
#define TESTS_IMAGE_MAKER_H

#include "base/buf.h"

enum { MAKER_WIDTH = 64, MAKER_HEIGHT = 48 };
enum maker_colors { MAKER_GREY, MAKER_GREY_ALPHA, MAKER_RGB, MAKER_RGBA, MAKER_PALETTE };

struct maker_png {
    const char *name;
    enum maker_colors colors;
    int depth;
    bool transparent; /* tRNS: the pattern's first colour, or the palette's first two */
    bool interlaced;
    unsigned gamma; /* gAMA chunk, times 100,000 */
};

/** Red, green, blue and alpha of the pixel as the PNG `kind` holds it (its gamma aside). */
void maker_png_pixel(const struct maker_png *kind, unsigned x, unsigned y, uint8_t rgba[4]);
void maker_png(const struct maker_png *kind, struct buf *out);
/** An RGBA picture of the caller's pixels. */
void maker_png_of(const uint8_t *rgba, unsigned width, unsigned height, struct buf *out);
/** Appends a PNG chunk with its right checksum. */
void maker_png_chunk(struct buf *out, const char *type, slice data);

enum maker_inks { MAKER_JPEG_RGB, MAKER_JPEG_GREY, MAKER_JPEG_CMYK, MAKER_JPEG_YCCK };

struct maker_jpeg {
    const char *name;
    enum maker_inks inks;
    bool progressive;
    unsigned orientation; /* Exif; 0: no such segment */
    bool little_endian;   /* the Exif segment */
    bool no_adobe;        /* inks without Adobe's marker, not inverted */
};

/** What is seen at (x, y) of the upright picture: smooth, so that JPEG keeps it. */
void maker_jpeg_pixel(const struct maker_jpeg *kind, unsigned x, unsigned y, uint8_t rgb[3]);
/** Of MAKER_WIDTH x MAKER_HEIGHT pixels when upright. */
void maker_jpeg(const struct maker_jpeg *kind, struct buf *out);

#endif
