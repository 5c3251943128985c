/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the parts of drawing a stamp share: draw.c (objects), draw_box.c (the styles that are a box), draw_strip.c.
 */
#ifndef PADES_DRAWING_H
#define PADES_DRAWING_H

#include "pades/appearance/draw.h"
#include "pades/appearance/fit.h"

struct drawing {
    const struct draw_request *request;
    const struct rfd_stamp *stamp;
    const struct look *look;
    const char *title;
    struct arena *arena;
    struct canvas canvas;
    const struct template_text *lines;
    size_t line_count;
    struct pdf_reference qr, image, crest; /* number 0: none */
    struct rfd_error *error;
};

/** x and y are the lower left corner. */
struct area {
    double x, y, width, height;
};
enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_TOP };

/** Takes a strip off an area's side, with a gap after it. */
struct area area_take(struct area *a, enum side side, double size, double gap);

rfd_status draw_box(struct drawing *d) RFD_MUST_CHECK;
rfd_status draw_strip(struct drawing *d) RFD_MUST_CHECK;

/** A picture as large as fits, in the middle. */
void draw_picture(struct drawing *d, struct pdf_reference object, const struct image *image, struct area a);
/** The code as a square in the middle. */
void draw_qr(struct drawing *d, struct area a);
/** Fitted text, upright in the middle of its height. `caption`: with the title above it. */
rfd_status draw_lines(struct drawing *d, struct area a, enum alignment alignment, double maximum,
                      bool caption) RFD_MUST_CHECK;
/** One line in bold, as large as fits but for `maximum`, in the middle of the area. */
rfd_status draw_title(struct drawing *d, struct area a, double maximum, colour fill) RFD_MUST_CHECK;
/** Dashes of a look's frame for the lines that follow, until canvas_restore(). */
void draw_dashes(struct drawing *d, enum look_frame frame);

#endif
