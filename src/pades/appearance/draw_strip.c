/* SPDX-License-Identifier: EUPL-1.2
 *
 * A strip along a page's left margin: upright text turned to be read from below, the code at its foot. In the turned
 * space x goes up along the page and y goes to the left.
 */
#include "pades/appearance/drawing.h"

#include "base/error.h"

#include <math.h>

static const double font_largest = 8, gap = 4, thin = 0.5, second_line = 1.6;

/** A line along the side of the page's content, in the manner of the look's frame; none for the usual look. */
static void draw_edge(struct drawing *d, double length, struct area *rest)
{
    if (d->look->frame == LOOK_BAR) return;
    canvas_save(&d->canvas);
    draw_dashes(d, d->look->frame);
    canvas_line(&d->canvas, 0, thin, length, thin, 2 * thin, d->look->accent);
    if (d->look->frame == LOOK_DOUBLE)
        canvas_line(&d->canvas, 0, thin + second_line, length, thin + second_line, thin, d->look->accent);
    canvas_restore(&d->canvas);
    rest->y += second_line + 2 * thin;
    rest->height = fmax(0, rest->height - second_line - 2 * thin);
}

/** Looks that have a title say it before the text. */
static rfd_status place_title(struct drawing *d, struct area *rest)
{
    struct shaped title;
    if (d->look->where == LOOK_CAPTION) return RFD_OK;
    TRY(fonts_shape(d->stamp->fonts, FONT_BOLD, slice_text(d->title), d->arena, &title, d->error));
    double size = fmin(1.3 * font_largest, rest->height * 0.6);
    double width = fmin(rest->width * 0.3, size * title.width / 1000);
    return draw_title(d, area_take(rest, SIDE_LEFT, width, 2 * gap), size, d->look->accent);
}

rfd_status draw_strip(struct drawing *d)
{
    double thickness = d->request->width;
    double length = d->request->height;
    struct area rest = {0, 0, length, thickness};
    canvas_save(&d->canvas);
    canvas_transform(&d->canvas, 0, 1, -1, 0, thickness, 0);
    if (d->request->covers) canvas_fill_rectangle(&d->canvas, 0, 0, length, thickness, COLOUR_WHITE);
    draw_edge(d, length, &rest);
    if (d->qr.number != 0) draw_qr(d, area_take(&rest, SIDE_LEFT, fmin(rest.height, rest.width), gap));
    if (d->crest.number != 0) {
        double width =
            fmin(rest.width * 0.2, rest.height * image_width(d->stamp->crest) / image_height(d->stamp->crest));
        draw_picture(d, d->crest, d->stamp->crest, area_take(&rest, SIDE_LEFT, width, gap));
    }
    rfd_status status = place_title(d, &rest);
    if (status == RFD_OK) status = draw_lines(d, rest, ALIGN_LEFT, d->stamp->font_size > 0 ? 0 : font_largest, false);
    canvas_restore(&d->canvas);
    return status;
}
