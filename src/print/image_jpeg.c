/* SPDX-License-Identifier: EUPL-1.2
 *
 * JPEG for a PDF: decoded (image_jpeg_rows.c), turned upright, and encoded anew (image_jpeg_encode.c).
 */
#include "print/image_internal.h"

#include "base/error.h"
#include "base/memory.h"

struct recoding {
    struct image_head head;
    uint8_t *rgb;
    size_t filled;
};

static rfd_status begin_pixels(void *context, const struct image_head *head, struct rfd_error *error)
{
    struct recoding *r = context;
    TRY(image_check_size(head->width, head->height, error));
    r->head = *head;
    r->rgb = memory_zeroed(head->height, (size_t)head->width * head->channels);
    return r->rgb == NULL ? error_memory(error) : RFD_OK;
}

static void take_row(void *context, const uint8_t *row)
{
    struct recoding *r = context;
    size_t length = (size_t)r->head.width * r->head.channels;
    memcpy(r->rgb + r->filled, row, length);
    r->filled += length;
}

/** What has to be done for each Exif orientation, in this order: exchange x and y, then mirror. */
static const struct turn {
    bool transpose, flip_x, flip_y;
} turns[] = {
    [1] = {false, false, false}, [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false},  [6] = {true, true, false},  [7] = {true, true, true},  [8] = {true, false, true},
};

/** `width` and `height` are those of the result. */
static void turn_pixels(const uint8_t *from, const struct turn *turn, unsigned width, unsigned height, uint8_t *to)
{
    for (unsigned y = 0; y < height; y++) {
        unsigned row = turn->flip_y ? height - 1 - y : y;
        for (unsigned x = 0; x < width; x++, to += 3) {
            unsigned column = turn->flip_x ? width - 1 - x : x;
            size_t at = turn->transpose ? (size_t)column * height + row : (size_t)row * width + column;
            memcpy(to, from + at * 3, 3);
        }
    }
}

static rfd_status turn_upright(struct recoding *r, struct image *out, struct rfd_error *error)
{
    const struct turn *turn = &turns[r->head.orientation];
    out->width = turn->transpose ? r->head.height : r->head.width;
    out->height = turn->transpose ? r->head.width : r->head.height;
    if (!turn->transpose && !turn->flip_x && !turn->flip_y) return RFD_OK;
    uint8_t *turned = memory_allocate((size_t)out->width * out->height * 3);
    if (turned == NULL) return error_memory(error);
    turn_pixels(r->rgb, turn, out->width, out->height, turned);
    memory_free(r->rgb);
    r->rgb = turned;
    return RFD_OK;
}

rfd_status image_jpeg_recode(slice file, struct image *out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct recoding r = {.rgb = NULL};
    const struct image_taker taker = {begin_pixels, take_row, &r};
    TRY_OUT(image_jpeg_rows(file, &taker, NULL, error));
    TRY_OUT(turn_upright(&r, out, error));
    out->color = (struct layer){.bits = 8, .components = 3, .jpeg = true};
    TRY_OUT(image_jpeg_encode(r.rgb, out->width, out->height, r.head.subsampled, &out->color.stream, error));
out:
    memory_free(r.rgb);
    return status;
}
