/* SPDX-License-Identifier: EUPL-1.2
 *
 * Fonts: the built-in family (Noto Sans, SIL Open Font License) in three styles, and faces given by file for what it
 * lacks; shaping by HarfBuzz; and embedding as subsets (ISO 32000-2 §9.7, Type 0 with CIDFontType2, Identity-H,
 * ToUnicode, CIDSet).
 *
 * All measures here are thousandths of the font size. y grows upwards.
 */
#ifndef PRINT_FONT_H
#define PRINT_FONT_H

#include "base/arena.h"
#include "pdf/update.h"

enum font_style { FONT_REGULAR, FONT_BOLD, FONT_ITALIC, FONT_STYLE_COUNT };
enum { FONT_FACES_MAXIMUM = 16 };

/** A set of faces and the subsets made so far. May be used by several threads at once. */
struct fonts;
/** `files`: TrueType files, NULL-ended, tried in this order for characters that the family lacks; may be NULL.
 * RFD_E_FONT for a file that is none, or that forbids embedding (OS/2 fsType); RFD_E_IO_READ. */
rfd_status fonts_new(const char *const *files, struct fonts **out, struct rfd_error *error) RFD_MUST_CHECK;
void fonts_free(struct fonts *fonts);

/** Of the family's style, in thousandths; descent is negative. */
struct font_metrics {
    int ascent, descent, cap_height;
};
struct font_metrics fonts_metrics(const struct fonts *fonts, enum font_style style);

struct glyph {
    uint16_t id;
    uint8_t face;    /* index in the set: 0 to 2 the styles, then signs, then the files */
    bool starts;     /* first glyph of its cluster */
    int32_t advance; /* to the next glyph */
    int32_t x, y;    /* offset of this one */
    uint32_t text;   /* its cluster's first byte in the text that was shaped */
    uint32_t text_length;
};
struct shaped {
    slice text;
    const struct glyph *glyphs; /* in the arena; in visual order */
    size_t count;
    int32_t width;
    size_t missing;     /* characters that no face has: drawn as U+FFFD (PDF/A forbids to show .notdef) */
    bool reordered;     /* parts are written from right to left */
    bool right_to_left; /* the line itself is */
};
/** Shapes one line of UTF-8 (no control characters; what is not UTF-8 becomes U+FFFD). `text` is borrowed. */
rfd_status fonts_shape(struct fonts *fonts, enum font_style style, slice text, struct arena *arena, struct shaped *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

/** The glyphs that one PDF uses. Collects while content is written, then writes the font objects once. */
struct font_use;
rfd_status font_use_new(struct fonts *fonts, struct pdf_update *update, struct font_use **out,
                        struct rfd_error *error) RFD_MUST_CHECK;
void font_use_free(struct font_use *use);
/** Notes that glyphs [from, to) are shown. Sticky failure, told by font_use_write(). */
void font_use_add(struct font_use *use, const struct shaped *text, size_t from, size_t to);
/** Appends "/F0 5 0 R/F1 6 0 R" for the faces used so far: entries of a /Font resource dictionary. The font objects may
 * be written later. */
void font_use_put_resources(struct font_use *use, struct buf *b);
/** Writes all font objects. The bytes depend only on the glyphs that were added. */
rfd_status font_use_write(struct font_use *use, struct rfd_error *error) RFD_MUST_CHECK;

#endif
