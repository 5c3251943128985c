/* SPDX-License-Identifier: EUPL-1.2
 *
 * The input is a font file: loaded as the only face, lines of several scripts are shaped with it, laid out, drawn and
 * embedded. What loads must give a PDF, or say that the font is bad.
 */
#include "base/memory.h"
#include "pdf/create.h"
#include "print/fonts.h"
#include "print/paragraph.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const lines[] = {
    "José Ñandú g̃ ffi l·l AVA 0123456789 (a/b) qʼ",
    "שְלום abc مَرحبا لا 12",
    "क्षि น้ำ 漢",
};

static void draw(struct fonts *fonts, struct pdf_update *update, struct font_use *use)
{
    struct canvas canvas;
    struct arena arena;
    struct paragraph p;
    const struct paragraph_style style = {.size = 10, .alignment = ALIGN_JUSTIFY};
    struct pdf_reference root = pdf_update_new(update);
    slice file;
    arena_init(&arena, (size_t)16 << 20);
    canvas_init(&canvas, use, (struct pdf_reference){0});
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const struct span span = {slice_text(lines[i]), FONT_REGULAR, COLOUR_BLACK};
        if (paragraph_layout(fonts, &arena, &span, 1, &style, 50, &p, NULL) == RFD_OK)
            paragraph_draw(&p, &canvas, 0, 0, 0, p.count);
    }
    if (canvas_check(&canvas, NULL) == RFD_OK && font_use_write(use, NULL) == RFD_OK) {
        buf_put_text(pdf_update_object(update, root), "<<>>");
        pdf_update_end(update);
        if (pdf_create_finish(update, root, (struct pdf_reference){0}, &file, NULL) != RFD_OK) abort();
    }
    canvas_dispose(&canvas);
    arena_dispose(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fonts *fonts = memory_zeroed(1, sizeof *fonts);
    struct pdf_update *update = NULL;
    struct font_use *use = NULL;
    if (fonts == NULL || pthread_mutex_init(&fonts->lock, NULL) != 0) abort();
    if (font_face_load(&fonts->faces[0], slice_of(data, size), NULL, NULL) == RFD_OK) {
        fonts->count = 1;
        if (pdf_create_begin(&update, NULL) != RFD_OK || font_use_new(fonts, update, &use, NULL) != RFD_OK) abort();
        draw(fonts, update, use);
    }
    font_use_free(use);
    pdf_update_free(update);
    fonts_free(fonts);
    return 0;
}
