/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines shaped before: labels come back in every stamp and table, and one text is measured for several sizes. Each line
 * has one place, where a later one displaces it. Not locked: its owner does.
 */
#ifndef PRINT_FONT_LINES_H
#define PRINT_FONT_LINES_H

#include "print/font.h"

enum { FONT_LINES_COUNT = 256 };

struct font_line_key {
    slice text;
    enum font_style style;
    int base; /* as fonts_shape_line() takes it */
};

struct font_lines {
    struct font_line {
        struct font_line_key key; /* its text is owned */
        struct shaped shaped;     /* its glyphs are */
    } lines[FONT_LINES_COUNT];
};

/** A copy of a line in `arena`; false when it is not there (or not to be had: then shaping will say why). */
bool font_lines_find(const struct font_lines *lines, const struct font_line_key *key, struct arena *arena,
                     struct shaped *out);
/** Keeps a short line, if there is memory. */
void font_lines_keep(struct font_lines *lines, const struct font_line_key *key, const struct shaped *shaped);
void font_lines_dispose(struct font_lines *lines);

#endif
