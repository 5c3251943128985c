/* SPDX-License-Identifier: EUPL-1.2
 *
 * JPEG through libjpeg, decoded row by row to red, green and blue. The library leaves its depths by jumping: every use
 * of it is a step run by guarded().
 */
#include "print/image_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "print/image_jpeg_codes.h"

#include <setjmp.h>

/* Progressive files by usual programs have about 10 scans; each costs a pass over the whole picture. */
enum { SCANS_MAXIMUM = 50, APP1_MAXIMUM = 0xffff, CMYK_COMPONENTS = 4 };
#define WORKING_MEMORY ((long)192 << 20)

struct jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    slice file;
    const struct image_taker *taker;
    uint8_t *rgb;  /* one row */
    uint8_t *cmyk; /* one row, of pictures in inks */
    struct image_head head;
};

static void jpeg_failed(j_common_ptr jpeg)
{
    struct jpeg_reader *r = jpeg->client_data;
    longjmp(r->escape, 1);
}

/** Warnings mean that pixels are missing or guessed, unless they are on this list. */
static void jpeg_warned(j_common_ptr jpeg, int level)
{
    static const int harmless[] = {JWRN_EXTRANEOUS_DATA, JWRN_ADOBE_XFORM, JWRN_JFIF_MAJOR};
    if (level >= 0) return;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (jpeg->err->msg_code == harmless[i]) return;
    }
    jpeg->err->error_exit(jpeg);
}

static void count_scans(j_common_ptr jpeg)
{
    struct jpeg_reader *r = jpeg->client_data;
    if (r->jpeg.input_scan_number > SCANS_MAXIMUM) jpeg_failed(jpeg);
}

static rfd_status failure(struct jpeg_reader *r, struct rfd_error *error)
{
    char message[JMSG_LENGTH_MAX];
    if (r->errors.msg_code == JERR_OUT_OF_MEMORY) return error_memory(error);
    if (r->jpeg.input_scan_number > SCANS_MAXIMUM)
        return error_set(error, RFD_E_IMAGE, "JPEG: more than %d scans", SCANS_MAXIMUM);
    r->errors.format_message((j_common_ptr)&r->jpeg, message);
    return error_set(error, RFD_E_IMAGE, "JPEG: %s", message);
}

static rfd_status guarded(struct jpeg_reader *r, void (*step)(struct jpeg_reader *r), struct rfd_error *error)
{
    if (setjmp(r->escape) != 0) return failure(r, error);
    step(r);
    return RFD_OK;
}

static unsigned orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m != NULL; m = m->next) {
        unsigned orientation = image_exif_orientation(slice_of(m->data, m->data_length));
        if (orientation != 1) return orientation;
    }
    return 1;
}

/** Finer colours than the file has are not worth their bytes. */
static bool is_subsampled(const struct jpeg_decompress_struct *jpeg)
{
    if (jpeg->num_components < 3) return true;
    const jpeg_component_info *c = jpeg->comp_info;
    return c[0].h_samp_factor > c[1].h_samp_factor || c[0].v_samp_factor > c[1].v_samp_factor;
}

static void step_header(struct jpeg_reader *r)
{
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.progress = &r->progress;
    r->progress.progress_monitor = count_scans;
    r->jpeg.mem->max_memory_to_use = WORKING_MEMORY;
    jpeg_save_markers(&r->jpeg, JPEG_APP0 + 1, APP1_MAXIMUM);
    jpeg_mem_src(&r->jpeg, r->file.data, r->file.length);
    (void)jpeg_read_header(&r->jpeg, TRUE);
    bool inks = r->jpeg.jpeg_color_space == JCS_CMYK || r->jpeg.jpeg_color_space == JCS_YCCK;
    r->jpeg.out_color_space = inks ? JCS_CMYK : JCS_RGB;
    r->head = (struct image_head){.width = r->jpeg.image_width,
                                  .height = r->jpeg.image_height,
                                  .channels = 3,
                                  .orientation = orientation_of(&r->jpeg),
                                  .subsampled = is_subsampled(&r->jpeg)};
}

/** Inks to light, as screens without a profile show it. Adobe's programs store inks inverted, and say so. */
static void inks_to_rgb(const uint8_t *cmyk, unsigned width, bool inverted, uint8_t *rgb)
{
    unsigned flip = inverted ? 0 : 0xff;
    for (unsigned x = 0; x < width; x++, cmyk += CMYK_COMPONENTS, rgb += 3) {
        unsigned black = cmyk[3] ^ flip;
        for (int c = 0; c < 3; c++) rgb[c] = (uint8_t)(((cmyk[c] ^ flip) * black + 127) / 255);
    }
}

static void step_pixels(struct jpeg_reader *r)
{
    (void)jpeg_start_decompress(&r->jpeg);
    unsigned width = r->jpeg.output_width;
    while (r->jpeg.output_scanline < r->jpeg.output_height) {
        JSAMPROW to = r->cmyk != NULL ? r->cmyk : r->rgb;
        (void)jpeg_read_scanlines(&r->jpeg, &to, 1);
        if (r->cmyk != NULL) inks_to_rgb(r->cmyk, width, r->jpeg.saw_Adobe_marker, r->rgb);
        r->taker->row(r->taker->context, r->rgb);
    }
    (void)jpeg_finish_decompress(&r->jpeg);
}

static rfd_status allocate_rows(struct jpeg_reader *r, struct rfd_error *error)
{
    bool inks = r->jpeg.out_color_space == JCS_CMYK;
    r->rgb = memory_zeroed(r->head.width, 3);
    if (inks) r->cmyk = memory_zeroed(r->head.width, CMYK_COMPONENTS);
    return r->rgb == NULL || (inks && r->cmyk == NULL) ? error_memory(error) : RFD_OK;
}

rfd_status image_jpeg_rows(slice file, const struct image_taker *taker, slice *rest, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct jpeg_reader *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return error_memory(error);
    r->file = file;
    r->taker = taker;
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->jpeg.client_data = r;
    r->errors.error_exit = jpeg_failed;
    r->errors.emit_message = jpeg_warned;
    TRY_OUT(guarded(r, step_header, error));
    TRY_OUT(taker->begin(taker->context, &r->head, error));
    TRY_OUT(allocate_rows(r, error));
    TRY_OUT(guarded(r, step_pixels, error));
    if (rest != NULL) *rest = slice_from(file, file.length - r->jpeg.src->bytes_in_buffer);
out:
    jpeg_destroy_decompress(&r->jpeg);
    memory_free(r->rgb);
    memory_free(r->cmyk);
    memory_free(r);
    return status;
}
