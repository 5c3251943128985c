/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files behind font.h share: the set of faces and what is kept between documents.
 */
#ifndef PRINT_FONTS_H
#define PRINT_FONTS_H

#include "print/font.h"
#include "print/font_face.h"
#include "print/font_lines.h"
#include "print/font_program.h"

#include <pthread.h>

enum { FONT_BUFFERS_MAXIMUM = 8 };

struct fonts {
    struct font_face faces[FONT_FACES_MAXIMUM];
    size_t count;
    pthread_mutex_t lock; /* of what follows */
    struct font_programs programs;
    struct font_lines lines;
    hb_buffer_t *buffers[FONT_BUFFERS_MAXIMUM]; /* empty ones, to be used again */
    size_t buffer_count;
};

/** How lines are shaped; HarfBuzz forgets it with a buffer's contents. */
extern const hb_buffer_flags_t fonts_buffer_flags;
/** An empty buffer; may be HarfBuzz's inert one when there is no memory. */
hb_buffer_t *fonts_take_buffer(struct fonts *fonts);
void fonts_give_buffer(struct fonts *fonts, hb_buffer_t *buffer);

/** fonts_shape() with the line's direction given: 0 from left to right, 1 from right to left, -1 that of its text. */
rfd_status fonts_shape_line(struct fonts *fonts, enum font_style style, int base, slice text, struct arena *arena,
                            struct shaped *out, struct rfd_error *error) RFD_MUST_CHECK;

/** Whether a glyph is the blank between words. */
static inline bool font_is_blank(const struct shaped *text, const struct glyph *g)
{
    return g->text < text->text.length && text->text.data[g->text] == ' ';
}

/** Characters without a look of their own (Unicode's Default_Ignorable_Code_Point, those met in text). */
bool font_is_ignorable(uint32_t c);

const struct fonts *font_use_fonts(const struct font_use *use);
/** Whether what a cluster's glyphs read as (ToUnicode) is its text. `from` starts the cluster, `to` is behind it. */
bool font_use_reads_right(struct font_use *use, const struct shaped *text, size_t from, size_t to);

#endif
