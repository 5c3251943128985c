/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text broken into lines. Lines break at spaces, after hyphens and slashes before a letter, and inside a word only when
 * it is longer than a whole line.
 */
#ifndef PRINT_PARAGRAPH_H
#define PRINT_PARAGRAPH_H

#include "print/canvas.h"

enum alignment { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT, ALIGN_JUSTIFY };

/** A stretch of text in one style. '\n' ends a line. */
struct span {
    slice text;
    enum font_style style;
    colour fill;
};

struct paragraph_style {
    double size;    /* points */
    double leading; /* from base line to base line, points; 0: 1.25 x size */
    enum alignment alignment;
};

struct paragraph_piece {
    const struct shaped *text;
    size_t from, to; /* glyphs */
    double x;        /* from the paragraph's left edge, points */
    colour fill;
};
struct paragraph_line {
    const struct paragraph_piece *pieces;
    size_t count;
    double width;      /* points, without a trailing space */
    double word_space; /* added to each space when justified; points */
};
struct paragraph {
    struct paragraph_style style;
    const struct paragraph_line *lines; /* in the arena */
    size_t count;
    double width;   /* of the widest line */
    double height;  /* count x leading */
    double ascent;  /* of the first base line below the top */
    size_t missing; /* characters without a glyph */
};

/** Breaks `spans` to lines of at most `width` points. */
rfd_status paragraph_layout(struct fonts *fonts, struct arena *arena, const struct span *spans, size_t count,
                            const struct paragraph_style *style, double width, struct paragraph *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Draws lines [from, to) with the first one's top at (x, y). */
void paragraph_draw(const struct paragraph *p, struct canvas *c, double x, double y, size_t from, size_t to);

#endif
