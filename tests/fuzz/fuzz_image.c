/* SPDX-License-Identifier: EUPL-1.2
 *
 * The input is a PNG or JPEG file: looked at row by row, read, and what was read is written into a PDF both ways.
 * Libraries that jump out of errors must leave nothing behind.
 */
#include "base/memory.h"
#include "pdf/create.h"
#include "print/image.h"
#include "print/sharpness.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_both(const struct image *image)
{
    struct pdf_update *u = NULL;
    if (pdf_create_begin(&u, NULL) != RFD_OK) return;
    struct pdf_reference profile = pdf_update_new(u);
    struct pdf_reference picture = {0};
    for (int opaque = 0; opaque < 2; opaque++) {
        if (image_write(image, u, profile, opaque == 1, &picture, NULL) == RFD_OK && picture.number == 0) abort();
    }
    pdf_update_free(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image *image = NULL;
    struct sharpness sharpness;
    if (sharpness_read(slice_of(data, size), &sharpness, NULL) == RFD_OK && sharpness.width == 0) abort();
    if (image_read(slice_of(data, size), &image, NULL) != RFD_OK) return 0;
    if (image_width(image) == 0 || image_height(image) > IMAGE_SIDE_MAXIMUM) abort();
    write_both(image);
    image_free(image);
    return 0;
}
