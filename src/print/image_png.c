/* SPDX-License-Identifier: EUPL-1.2
 *
 * PNG through libpng, which jumps out of its own depths on errors: every use of it is a step run by guarded(). Of the
 * ancillary chunks only those that change how pixels look are read (tRNS, gAMA, sRGB).
 */
#include "print/image_internal.h"

#include "base/error.h"
#include "base/memory.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>

/* Gamma beyond these is no camera's or screen's, but an error. */
enum { GAMMA_LEAST = 10000, GAMMA_MOST = 1000000, CHUNK_MAXIMUM = 1 << 20, PNG_SIDE_MAXIMUM = 0xffff };

struct png_reader {
    png_structp png;
    png_infop info;
    slice rest;
    unsigned side_maximum;
    struct pixels pixels;
    png_bytep *rows;
    const struct image_taker *taker; /* of rows; NULL: the picture is held whole */
    bool no_memory;                  /* libpng goes on without what it thinks it can do without; we do not */
    char message[160];
    jmp_buf escape;
};

static void png_failed(png_structp png, png_const_charp message)
{
    struct png_reader *r = png_get_error_ptr(png);
    (void)snprintf(r->message, sizeof r->message, "%s", message);
    longjmp(r->escape, 1);
}

static void png_warned(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static png_voidp png_allocate(png_structp png, png_alloc_size_t size)
{
    struct png_reader *r = png_get_mem_ptr(png);
    void *memory = memory_allocate(size);
    if (memory == NULL) r->no_memory = true;
    return memory;
}

static void png_release(png_structp png, png_voidp memory)
{
    (void)png;
    memory_free(memory);
}

static void png_take(png_structp png, png_bytep to, size_t length)
{
    struct png_reader *r = png_get_io_ptr(png);
    if (length > r->rest.length) png_error(png, "the file ends too early");
    memcpy(to, r->rest.data, length);
    r->rest = slice_from(r->rest, length);
}

/** What libpng reports by jumping comes back as a status here. */
static rfd_status guarded(struct png_reader *r, void (*step)(struct png_reader *r), struct rfd_error *error)
{
    if (setjmp(r->escape) == 0)
        step(r);
    else if (!r->no_memory)
        return error_set(error, RFD_E_IMAGE, "PNG: %s", r->message);
    return r->no_memory ? error_memory(error) : RFD_OK;
}

static void step_header(struct png_reader *r)
{
    png_set_read_fn(r->png, r, png_take);
    /* All known chunks that are not needed to tell the pixels, and all unknown ones. */
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    static const png_byte needed[] = "tRNS\0gAMA\0sRGB";
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_AS_DEFAULT, needed, 3);
    png_set_user_limits(r->png, r->side_maximum, r->side_maximum);
    png_set_chunk_malloc_max(r->png, CHUNK_MAXIMUM);
    png_read_info(r->png, r->info);
}

/** Everything is brought to 8 bits each of red, green, blue and alpha, for a screen of sRGB's gamma. */
static void step_transform(struct png_reader *r)
{
    png_fixed_point gamma;
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_add_alpha(r->png, 0xff, PNG_FILLER_AFTER);
    if (png_get_gAMA_fixed(r->png, r->info, &gamma) != 0 && gamma >= GAMMA_LEAST && gamma <= GAMMA_MOST)
        png_set_gamma_fixed(r->png, PNG_DEFAULT_sRGB, gamma);
    (void)png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    if (png_get_rowbytes(r->png, r->info) != (size_t)r->pixels.width * PIXEL_BYTES)
        png_error(r->png, "an unknown kind of pixels");
}

static void step_pixels(struct png_reader *r)
{
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
}

static rfd_status allocate_pixels(struct png_reader *r, struct rfd_error *error)
{
    r->pixels.width = png_get_image_width(r->png, r->info);
    r->pixels.height = png_get_image_height(r->png, r->info);
    TRY(image_check_size(r->pixels.width, r->pixels.height, error));
    size_t length = (size_t)r->pixels.width * PIXEL_BYTES;
    r->pixels.data = memory_zeroed(r->pixels.height, length);
    r->rows = memory_zeroed(r->pixels.height, sizeof *r->rows);
    if (r->pixels.data == NULL || r->rows == NULL) return error_memory(error);
    for (unsigned y = 0; y < r->pixels.height; y++) r->rows[y] = r->pixels.data + y * length;
    return RFD_OK;
}

static rfd_status open_reader(struct png_reader *r, struct rfd_error *error)
{
    r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, r, png_failed, png_warned, r, png_allocate, png_release);
    if (r->png != NULL) r->info = png_create_info_struct(r->png);
    return r->info == NULL ? error_memory(error) : RFD_OK;
}

static struct png_reader *new_reader(slice file, unsigned side_maximum)
{
    struct png_reader *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return NULL;
    r->rest = file;
    r->side_maximum = side_maximum;
    return r;
}

static void free_reader(struct png_reader *r)
{
    png_destroy_read_struct(&r->png, &r->info, NULL);
    memory_free(r->pixels.data);
    memory_free(r->rows);
    memory_free(r);
}

rfd_status image_png_decode(slice file, struct pixels *out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct png_reader *r = new_reader(file, IMAGE_SIDE_MAXIMUM);
    if (r == NULL) return error_memory(error);
    TRY_OUT(open_reader(r, error));
    TRY_OUT(guarded(r, step_header, error));
    TRY_OUT(allocate_pixels(r, error));
    TRY_OUT(guarded(r, step_transform, error));
    TRY_OUT(guarded(r, step_pixels, error));
    *out = r->pixels;
    r->pixels.data = NULL;
out:
    free_reader(r);
    return status;
}

/* ---- Row by row ---- */

static void step_rows(struct png_reader *r)
{
    for (unsigned y = 0; y < r->pixels.height; y++) {
        png_read_row(r->png, r->pixels.data, NULL);
        r->taker->row(r->taker->context, r->pixels.data);
    }
    png_read_end(r->png, NULL);
}

static rfd_status begin_taker(struct png_reader *r, struct rfd_error *error)
{
    r->pixels.width = png_get_image_width(r->png, r->info);
    r->pixels.height = png_get_image_height(r->png, r->info);
    const struct image_head head = {
        .width = r->pixels.width, .height = r->pixels.height, .channels = PIXEL_BYTES, .orientation = 1};
    return r->taker->begin(r->taker->context, &head, error);
}

static rfd_status give_rows(struct png_reader *r, struct rfd_error *error)
{
    r->pixels.data = memory_zeroed(r->pixels.width, PIXEL_BYTES);
    if (r->pixels.data == NULL) return error_memory(error);
    TRY(guarded(r, step_transform, error));
    return guarded(r, step_rows, error);
}

/** The rows of an interlaced picture are only there when all of it was read. */
static rfd_status give_whole(struct png_reader *r, struct rfd_error *error)
{
    TRY(allocate_pixels(r, error));
    TRY(guarded(r, step_transform, error));
    TRY(guarded(r, step_pixels, error));
    for (unsigned y = 0; y < r->pixels.height; y++) r->taker->row(r->taker->context, r->rows[y]);
    return RFD_OK;
}

rfd_status image_png_rows(slice file, const struct image_taker *taker, slice *rest, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct png_reader *r = new_reader(file, PNG_SIDE_MAXIMUM);
    if (r == NULL) return error_memory(error);
    r->taker = taker;
    TRY_OUT(open_reader(r, error));
    TRY_OUT(guarded(r, step_header, error));
    TRY_OUT(begin_taker(r, error));
    bool whole = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE;
    TRY_OUT(whole ? give_whole(r, error) : give_rows(r, error));
    if (rest != NULL) *rest = r->rest;
out:
    free_reader(r);
    return status;
}
