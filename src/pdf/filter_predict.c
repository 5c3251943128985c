/* SPDX-License-Identifier: EUPL-1.2
 *
 * A PNG row is its filter's number and its bytes. Undone rows are written to the front of the same buffer, without the
 * numbers, so the row above is always the one just before.
 */
#include "pdf/filter_predict.h"

#include "base/error.h"

#include <stdlib.h>

enum { NONE = 1, TIFF = 2, PNG = 10, PNG_LAST = 15, COLORS_MAXIMUM = 64, ROW_MAXIMUM = 1 << 26 };

static uint8_t paeth(int left, int above, int corner)
{
    int estimate = left + above - corner;
    int a = abs(estimate - left);
    int b = abs(estimate - above);
    int c = abs(estimate - corner);
    int nearest = a <= b && a <= c ? left : b <= c ? above : corner;
    return (uint8_t)nearest;
}

/** Moves one row from `in` to `out` (which may overlap, `out` before `in`); `above` is NULL for the first. */
static bool png_row(unsigned filter, const uint8_t *in, uint8_t *out, const uint8_t *above, size_t length, size_t pixel)
{
    if (filter > 4) return false;
    for (size_t i = 0; i < length; i++) {
        uint8_t left = i < pixel ? 0 : out[i - pixel];
        uint8_t up = above == NULL ? 0 : above[i];
        uint8_t corner = above == NULL || i < pixel ? 0 : above[i - pixel];
        int predicted = filter == 1   ? left
                        : filter == 2 ? up
                        : filter == 3 ? (left + up) / 2
                        : filter == 4 ? paeth(left, up, corner)
                                      : 0;
        out[i] = (uint8_t)(in[i] + predicted);
    }
    return true;
}

static bool png(uint8_t *data, size_t *length, size_t row, size_t pixel)
{
    const uint8_t *in = data;
    const uint8_t *end = data + *length;
    const uint8_t *above = NULL;
    uint8_t *out = data;
    while (in < end) {
        unsigned filter = *in++;
        size_t there = (size_t)(end - in) < row ? (size_t)(end - in) : row;
        if (!png_row(filter, in, out, above, there, pixel)) return false;
        above = out;
        in += there;
        out += there;
    }
    *length = (size_t)(out - data);
    return true;
}

/** TIFF 6.0 §14: each component is the difference to the one of the pixel before. */
static void tiff_row(uint8_t *row, size_t length, const struct filter_parameters *p)
{
    size_t colors = (size_t)p->colors;
    if (p->bits_per_component == 8) {
        for (size_t i = colors; i < length; i++) row[i] = (uint8_t)(row[i] + row[i - colors]);
    } else if (p->bits_per_component == 16) {
        for (size_t i = 2 * colors; i + 1 < length; i += 2) {
            unsigned sum =
                ((unsigned)row[i] << 8 | row[i + 1]) + (unsigned)(row[i - 2 * colors] << 8 | row[i - 2 * colors + 1]);
            row[i] = (uint8_t)(sum >> 8);
            row[i + 1] = (uint8_t)sum;
        }
    } else {
        unsigned bits = (unsigned)p->bits_per_component;
        unsigned mask = (1U << bits) - 1;
        uint8_t before[COLORS_MAXIMUM] = {0};
        size_t samples = length * 8 / bits;
        for (size_t i = 0; i < samples; i++) {
            unsigned shift = 8 - bits - (unsigned)(i * bits % 8);
            uint8_t *byte = &row[i * bits / 8];
            uint8_t *last = &before[i % colors];
            *last = (uint8_t)(((unsigned)*byte >> shift) + *last) & (uint8_t)mask;
            *byte = (uint8_t)((*byte & ~(mask << shift)) | (unsigned)*last << shift);
        }
    }
}

static bool parameters_are_sane(const struct filter_parameters *p)
{
    int bits = p->bits_per_component;
    bool depth = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    return depth && p->colors >= 1 && p->colors <= COLORS_MAXIMUM && p->columns >= 1 &&
           (int64_t)p->colors * bits * p->columns <= (int64_t)ROW_MAXIMUM * 8;
}

rfd_status filter_predict(const struct filter_parameters *p, struct buf *b, size_t start, struct rfd_error *error)
{
    if (p->predictor == NONE) return RFD_OK;
    bool known = p->predictor == TIFF || (p->predictor >= PNG && p->predictor <= PNG_LAST);
    if (!known || !parameters_are_sane(p))
        return error_set(error, RFD_E_PDF_DAMAGED, "impossible predictor parameters (ISO 32000-2 §7.4.4.3)");
    if (b->length == start) return RFD_OK;
    size_t pixel_bits = (size_t)p->colors * (size_t)p->bits_per_component;
    size_t row = (pixel_bits * (size_t)p->columns + 7) / 8;
    uint8_t *data = b->data + start;
    size_t length = b->length - start;
    if (p->predictor == TIFF) {
        for (size_t at = 0; at < length; at += row) tiff_row(data + at, length - at < row ? length - at : row, p);
    } else if (!png(data, &length, row, (pixel_bits + 7) / 8)) {
        return error_set(error, RFD_E_PDF_DAMAGED, "an unknown PNG row filter (ISO 32000-2 §7.4.4.4)");
    }
    b->length = start + length;
    return RFD_OK;
}
