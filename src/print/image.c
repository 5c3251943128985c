/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/image_internal.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"

static const uint8_t png_start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
static const uint8_t jpeg_start[] = {0xff, 0xd8, 0xff};

rfd_status image_check_size(uint64_t width, uint64_t height, struct rfd_error *error)
{
    if (width >= 1 && height >= 1 && width <= IMAGE_SIDE_MAXIMUM && height <= IMAGE_SIDE_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_IMAGE, "%llu x %llu pixels; at most %d x %d", (unsigned long long)width,
                     (unsigned long long)height, IMAGE_SIDE_MAXIMUM, IMAGE_SIDE_MAXIMUM);
}

/** A picture with alpha is laid out twice: for a soft mask, and on white for a stencil. */
static rfd_status make_layers(struct pixels *p, struct image *image, struct rfd_error *error)
{
    image->width = p->width;
    image->height = p->height;
    image->has_alpha = image_alpha_any(p);
    if (image->has_alpha) image_alpha_spread(p);
    TRY(image_layer_color(p, &image->color, error));
    if (!image->has_alpha) return RFD_OK;
    TRY(image_layer_alpha(p, &image->alpha, error));
    TRY(image_layer_stencil(p, &image->stencil, error));
    image_alpha_lay_on_white(p);
    return image_layer_color(p, &image->opaque, error);
}

static rfd_status read_png(slice file, struct image *image, struct rfd_error *error)
{
    struct pixels pixels = {0};
    TRY(image_png_decode(file, &pixels, error));
    rfd_status status = make_layers(&pixels, image, error);
    memory_free(pixels.data);
    return status;
}

rfd_status image_read(slice file, struct image **out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if (file.data == NULL || file.length == 0) return error_set(error, RFD_E_IMAGE, "empty");
    if (file.length > IMAGE_FILE_MAXIMUM)
        return error_set(error, RFD_E_IMAGE, "%zu bytes; at most %d", file.length, IMAGE_FILE_MAXIMUM);
    struct image *image = memory_zeroed(1, sizeof *image);
    if (image == NULL) return error_memory(error);
    if (slice_starts(file, slice_of(png_start, sizeof png_start)))
        status = read_png(file, image, error);
    else if (slice_starts(file, slice_of(jpeg_start, sizeof jpeg_start)))
        status = image_jpeg_recode(file, image, error);
    else
        status = error_set(error, RFD_E_IMAGE, "neither PNG nor JPEG");
    if (status != RFD_OK) goto out;
    *out = image;
    image = NULL;
out:
    image_free(image);
    return status;
}

void image_free(struct image *image)
{
    if (image == NULL) return;
    memory_free(image->color.stream.data);
    memory_free(image->alpha.stream.data);
    memory_free(image->opaque.stream.data);
    memory_free(image->stencil.stream.data);
    memory_free(image);
}

unsigned image_width(const struct image *image)
{
    return image->width;
}

unsigned image_height(const struct image *image)
{
    return image->height;
}

bool image_has_alpha(const struct image *image)
{
    return image->has_alpha;
}
