/* SPDX-License-Identifier: EUPL-1.2 */
#include "print/image_internal.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "print/image_jpeg_codes.h"

#include <setjmp.h>

enum { QUALITY = 88, PIECE = 1 << 15 };
/** Far above what 4096 x 4096 pixels come to at this quality. */
#define OUTPUT_MAXIMUM ((size_t)1 << 26)

struct jpeg_writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    const uint8_t *rgb;
    unsigned width, height;
    bool subsample;
    struct buf out;
    uint8_t piece[PIECE];
};

static void jpeg_failed(j_common_ptr jpeg)
{
    struct jpeg_writer *w = jpeg->client_data;
    longjmp(w->escape, 1);
}

static void jpeg_warned(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void start_piece(j_compress_ptr jpeg)
{
    struct jpeg_writer *w = jpeg->client_data;
    w->destination.next_output_byte = w->piece;
    w->destination.free_in_buffer = PIECE;
}

static boolean put_piece(j_compress_ptr jpeg)
{
    struct jpeg_writer *w = jpeg->client_data;
    buf_put(&w->out, w->piece, PIECE);
    start_piece(jpeg);
    return TRUE;
}

static void put_last_piece(j_compress_ptr jpeg)
{
    struct jpeg_writer *w = jpeg->client_data;
    buf_put(&w->out, w->piece, PIECE - w->destination.free_in_buffer);
}

static void configure(struct jpeg_writer *w)
{
    w->jpeg.image_width = w->width;
    w->jpeg.image_height = w->height;
    w->jpeg.input_components = 3;
    w->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    jpeg_set_quality(&w->jpeg, QUALITY, TRUE);
    w->jpeg.optimize_coding = TRUE;
    if (w->subsample) return;
    w->jpeg.comp_info[0].h_samp_factor = 1;
    w->jpeg.comp_info[0].v_samp_factor = 1;
}

static void encode(struct jpeg_writer *w)
{
    jpeg_create_compress(&w->jpeg);
    w->jpeg.client_data = w;
    w->destination.init_destination = start_piece;
    w->destination.empty_output_buffer = put_piece;
    w->destination.term_destination = put_last_piece;
    w->jpeg.dest = &w->destination;
    configure(w);
    jpeg_start_compress(&w->jpeg, TRUE);
    while (w->jpeg.next_scanline < w->height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(w->rgb + (size_t)w->jpeg.next_scanline * w->width * 3);
        (void)jpeg_write_scanlines(&w->jpeg, &row, 1);
    }
    jpeg_finish_compress(&w->jpeg);
}

static rfd_status guarded(struct jpeg_writer *w, struct rfd_error *error)
{
    char message[JMSG_LENGTH_MAX];
    if (setjmp(w->escape) == 0) {
        encode(w);
        return buf_check(&w->out, "JPEG", error);
    }
    if (w->errors.msg_code == JERR_OUT_OF_MEMORY) return error_memory(error);
    w->errors.format_message((j_common_ptr)&w->jpeg, message);
    return error_set(error, RFD_E_INTERNAL, "writing JPEG: %s", message);
}

rfd_status image_jpeg_encode(const uint8_t *rgb, unsigned width, unsigned height, bool subsample, rfd_bytes *out,
                             struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct jpeg_writer *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    *w = (struct jpeg_writer){.rgb = rgb, .width = width, .height = height, .subsample = subsample};
    buf_init(&w->out, OUTPUT_MAXIMUM);
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->jpeg.client_data = w;
    w->errors.error_exit = jpeg_failed;
    w->errors.emit_message = jpeg_warned;
    TRY_OUT(guarded(w, error));
    TRY_OUT(buf_take(&w->out, out, error));
out:
    jpeg_destroy_compress(&w->jpeg);
    buf_dispose(&w->out);
    memory_free(w);
    return status;
}
