/* SPDX-License-Identifier: EUPL-1.2
 *
 * The picture of a report painted on a PDF's page.
 */
#ifndef PADES_REPORT_DRAWING_H
#define PADES_REPORT_DRAWING_H

#include "pades/report/report_timeline.h"
#include "print/canvas.h"

/** Paints the shapes scaled into a width of `width` points, the picture's top at `height`. `arena` holds shaped text.
 */
rfd_status report_drawing_paint(const struct report_timeline *t, struct canvas *c, struct fonts *fonts,
                                struct arena *arena, double width, double height,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** Ink and soft ground of a tone on paper. */
colour report_drawing_ink(enum report_tone tone);
colour report_drawing_ground(enum report_tone tone);

#endif
