/* SPDX-License-Identifier: EUPL-1.2
 *
 * The looks as a table: which words, which colours, which frame. Frames and the place of the title differ, so that
 * roles are told apart without colours, too.
 */
#ifndef PADES_LOOK_H
#define PADES_LOOK_H

#include "base/buf.h"
#include "base/language.h"
#include "print/colour.h"
#include <refrenda/stamp.h>

enum look_frame {
    LOOK_BAR,    /* a thin frame with a thick bar at its left */
    LOOK_DOUBLE, /* two lines */
    LOOK_DASHED, /* dashes */
    LOOK_DOTTED  /* dots */
};
enum look_title {
    LOOK_CAPTION, /* small, above the text; only with the look's own lines */
    LOOK_COLUMN,  /* large, in a column of its own, left */
    LOOK_BAND,    /* in a filled band along the left side, read from below */
    LOOK_HEAD     /* in a filled band across the top */
};

struct look {
    const char *title; /* English: the key of its translations */
    enum look_title where;
    enum look_frame frame;
    colour accent, line;
};

/** `look` is not RFD_LOOK_BY_KIND. */
const struct look *look_of(enum rfd_stamp_look look);
/** Appends the template lines in a language, the same for all looks: of boxes, or of strips. */
void look_put_text(struct buf *b, bool strip, const struct rfd_language *language);

#endif
