/* SPDX-License-Identifier: EUPL-1.2
 *
 * One face: a TrueType file, checked, and what embedding and shaping ask of it again and again. Never changes once it
 * is loaded, so threads share it. Measures are thousandths of the font size.
 */
#ifndef PRINT_FONT_FACE_H
#define PRINT_FONT_FACE_H

#include "base/buf.h"

#include <hb.h>

/** Groups of glyphs that are embedded together; class 0 is none: such a glyph is embedded on its own. */
enum { FONT_NAME_SIZE = 64 };

struct font_face {
    hb_face_t *hb;
    hb_font_t *font;           /* scaled to 1000 */
    uint8_t *bytes;            /* of a file; NULL: built in */
    char name[FONT_NAME_SIZE]; /* PostScript name */
    unsigned glyph_count;
    int ascent, descent, cap_height;
    int box[4]; /* left, bottom, right, top */
    int italic_angle, weight;
    uint16_t *widths;     /* of each glyph */
    uint32_t *characters; /* the character that each glyph shows; 0: none of its own */
    uint8_t *classes;
};

/** `bytes` stay borrowed, or are `owned` (memory.h) and freed with the face or on failure. RFD_E_FONT for what is no
 * TrueType font with outlines, or may not be embedded as a subset. */
rfd_status font_face_load(struct font_face *f, slice bytes, uint8_t *owned, struct rfd_error *error) RFD_MUST_CHECK;
/** Of a zeroed or loaded face. */
void font_face_dispose(struct font_face *f);

bool font_face_has(const struct font_face *f, uint32_t character);
/** Latin ligatures have characters of their own (U+FB00 to U+FB06) but are read as their letters. */
static inline bool font_face_is_ligature(uint32_t character)
{
    return character >= 0xFB00 && character <= 0xFB06;
}

/** Appends what a glyph reads as when nothing else is said (UTF-8); false when that is nothing. */
bool font_face_put_text(const struct font_face *f, unsigned glyph, struct buf *b);

#endif
