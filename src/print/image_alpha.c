/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/image_internal.h"

bool image_alpha_any(const struct pixels *p)
{
    size_t count = (size_t)p->width * p->height;
    for (size_t i = 0; i < count; i++) {
        if (p->data[i * PIXEL_BYTES + 3] != 0xff) return true;
    }
    return false;
}

static uint8_t *row_of(const struct pixels *p, unsigned y)
{
    return p->data + (size_t)y * p->width * PIXEL_BYTES;
}

/** The first pixel of a row that can be seen, or NULL. */
static const uint8_t *first_visible(const uint8_t *row, unsigned width)
{
    for (unsigned x = 0; x < width; x++) {
        if (row[(size_t)x * PIXEL_BYTES + 3] != 0) return row + (size_t)x * PIXEL_BYTES;
    }
    return NULL;
}

/** Unseen pixels take the colour of the one to their left; those at the start of the row that of `color`. */
static void spread_row(uint8_t *row, unsigned width, const uint8_t *color)
{
    for (unsigned x = 0; x < width; x++) {
        uint8_t *pixel = row + (size_t)x * PIXEL_BYTES;
        if (pixel[3] != 0)
            color = pixel;
        else
            memcpy(pixel, color, 3);
    }
}

/** An empty row becomes one of another row's colours. */
static void copy_colors(uint8_t *to, const uint8_t *from, unsigned width)
{
    for (size_t i = 0; i < (size_t)width * PIXEL_BYTES; i += PIXEL_BYTES) memcpy(to + i, from + i, 3);
}

void image_alpha_spread(struct pixels *p)
{
    static const uint8_t white[3] = {0xff, 0xff, 0xff};
    unsigned first = 0;
    while (first < p->height && first_visible(row_of(p, first), p->width) == NULL) first++;
    if (first == p->height) {
        for (unsigned y = 0; y < p->height; y++) spread_row(row_of(p, y), p->width, white);
        return;
    }
    for (unsigned y = first; y < p->height; y++) {
        const uint8_t *color = first_visible(row_of(p, y), p->width);
        if (color != NULL)
            spread_row(row_of(p, y), p->width, color);
        else
            copy_colors(row_of(p, y), row_of(p, y - 1), p->width);
    }
    for (unsigned y = 0; y < first; y++) copy_colors(row_of(p, y), row_of(p, first), p->width);
}

void image_alpha_lay_on_white(struct pixels *p)
{
    size_t count = (size_t)p->width * p->height;
    for (size_t i = 0; i < count; i++) {
        uint8_t *pixel = p->data + i * PIXEL_BYTES;
        unsigned alpha = pixel[3];
        for (int c = 0; c < 3; c++) pixel[c] = (uint8_t)((pixel[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
}
