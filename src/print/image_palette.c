/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/image_internal.h"

#include <stdlib.h>

/** The slot that holds a colour, or the free one where it belongs; at most a quarter is ever taken. */
static unsigned slot_of(const struct palette *palette, uint32_t color)
{
    unsigned slot = (unsigned)((color * UINT32_C(2654435761)) >> 22) % PALETTE_SLOTS;
    while (palette->slot_index[slot] != 0 && palette->slots[slot] != color) slot = (slot + 1) % PALETTE_SLOTS;
    return slot;
}

static bool add(struct palette *palette, uint32_t color)
{
    unsigned slot = slot_of(palette, color);
    if (palette->slot_index[slot] != 0) return true;
    if (palette->count == PALETTE_MAXIMUM) return false;
    palette->slots[slot] = color;
    palette->colors[palette->count++] = color;
    palette->slot_index[slot] = (uint16_t)palette->count;
    return true;
}

static unsigned brightness(uint32_t color)
{
    return 77 * (color >> 16) + 150 * (color >> 8 & 0xff) + 29 * (color & 0xff);
}

static int by_brightness(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    unsigned l = brightness(left);
    unsigned r = brightness(right);
    return l != r ? (l > r) - (l < r) : (left > right) - (left < right);
}

bool palette_collect(struct palette *palette, const struct pixels *p)
{
    size_t count = (size_t)p->width * p->height;
    *palette = (struct palette){0};
    for (size_t i = 0; i < count; i++) {
        const uint8_t *pixel = p->data + i * PIXEL_BYTES;
        bool repeated = i > 0 && memcmp(pixel, pixel - PIXEL_BYTES, 3) == 0;
        if (!repeated && !add(palette, pixel_color(pixel))) return false;
    }
    /* In order, so that neighbouring shades have neighbouring numbers, which predictors like. */
    qsort(palette->colors, palette->count, sizeof *palette->colors, by_brightness);
    for (unsigned i = 0; i < palette->count; i++)
        palette->slot_index[slot_of(palette, palette->colors[i])] = (uint16_t)(i + 1);
    return true;
}

unsigned palette_find(const struct palette *palette, uint32_t color)
{
    return palette->slot_index[slot_of(palette, color)] - 1u;
}
