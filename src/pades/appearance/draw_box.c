/* SPDX-License-Identifier: EUPL-1.2
 *
 * The styles that are a box. From outside in: frame, code, title, pictures, text; each takes its part off the area
 * that is left.
 */
#include "pades/appearance/drawing.h"

#include "base/error.h"

#include <math.h>

static const double thin = 0.5, bar = 3, second_line = 1.8;
static const double qr_share = 0.42, crest_share = 0.2, image_left_share = 0.36, image_above_share = 0.46;
static const double title_column_share = 0.27, band_maximum = 13, band_share = 0.22;

/** Scales lengths of small boxes. */
static double breathe(const struct drawing *d, double length)
{
    return fmin(length, fmin(d->request->width, d->request->height) * length / 40);
}

static struct area inset(struct area a, double by)
{
    return (struct area){a.x + by, a.y + by, fmax(0, a.width - 2 * by), fmax(0, a.height - 2 * by)};
}

static void stroke(struct drawing *d, struct area a, double line)
{
    canvas_stroke_rectangle(&d->canvas, a.x, a.y, a.width, a.height, line, d->look->line);
}

/** Draws the frame and returns what it leaves. */
static struct area draw_frame(struct drawing *d, struct area box)
{
    struct area edge = inset(box, thin);
    double pad = breathe(d, 4);
    switch (d->look->frame) {
    case LOOK_BAR:
        stroke(d, edge, thin);
        canvas_fill_rectangle(&d->canvas, box.x, box.y, bar, box.height, d->look->accent);
        edge.x += bar;
        edge.width -= bar;
        break;
    case LOOK_DOUBLE:
        stroke(d, edge, 2 * thin);
        edge = inset(edge, second_line);
        stroke(d, edge, thin);
        break;
    case LOOK_DASHED:
    case LOOK_DOTTED:
        canvas_save(&d->canvas);
        draw_dashes(d, d->look->frame);
        stroke(d, edge, 2 * thin);
        canvas_restore(&d->canvas);
        break;
    }
    return inset(edge, pad);
}

static rfd_status draw_column(struct drawing *d, struct area *rest)
{
    double gap = breathe(d, 5);
    struct area column = area_take(rest, SIDE_LEFT, rest->width * title_column_share, gap);
    TRY(draw_title(d, inset(column, column.width * 0.04), fmin(20, column.height * 0.6), d->look->accent));
    canvas_line(&d->canvas, rest->x - gap / 2, rest->y, rest->x - gap / 2, rest->y + rest->height, thin, d->look->line);
    return RFD_OK;
}

/** Read from below: x goes up, y to the left. */
static rfd_status draw_band(struct drawing *d, struct area *rest)
{
    struct area band = area_take(rest, SIDE_LEFT, fmin(band_maximum, rest->width * band_share), breathe(d, 5));
    canvas_fill_rectangle(&d->canvas, band.x, band.y, band.width, band.height, d->look->accent);
    canvas_save(&d->canvas);
    canvas_transform(&d->canvas, 0, 1, -1, 0, band.x + band.width, band.y);
    struct area turned = inset((struct area){0, 0, band.height, band.width}, band.width * 0.2);
    rfd_status status = draw_title(d, turned, band.width * 0.68, COLOUR_WHITE);
    canvas_restore(&d->canvas);
    return status;
}

static rfd_status draw_head(struct drawing *d, struct area *rest)
{
    struct area head = area_take(rest, SIDE_TOP, fmin(band_maximum, rest->height * band_share), breathe(d, 3));
    canvas_fill_rectangle(&d->canvas, head.x, head.y, head.width, head.height, d->look->accent);
    return draw_title(d, inset(head, head.height * 0.2), head.height * 0.68, COLOUR_WHITE);
}

static rfd_status draw_heading(struct drawing *d, struct area *rest)
{
    switch (d->look->where) {
    case LOOK_COLUMN: return draw_column(d, rest);
    case LOOK_BAND: return draw_band(d, rest);
    case LOOK_HEAD: return draw_head(d, rest);
    case LOOK_CAPTION: break; /* with the text */
    }
    return RFD_OK;
}

/** The width that a picture takes of an area with its height, and no more than a share of it. */
static double picture_width(const struct image *image, struct area a, double share)
{
    return fmin(a.width * share, a.height * image_width(image) / image_height(image));
}

/** The code goes almost up to the frame: it brings its own quiet zone. */
static void place_qr(struct drawing *d, struct area *rest)
{
    if (d->qr.number == 0) return;
    double bleed = breathe(d, 3);
    double side = fmin(rest->height + 2 * bleed, rest->width * qr_share);
    struct area a = {rest->x + rest->width + bleed - side, rest->y + (rest->height - side) / 2, side, side};
    draw_qr(d, a);
    (void)area_take(rest, SIDE_RIGHT, side - bleed, 0);
}

static void place_pictures(struct drawing *d, struct area *rest)
{
    double gap = breathe(d, 5);
    const struct rfd_stamp *s = d->stamp;
    if (s->style == RFD_STAMP_IMAGE_LEFT)
        draw_picture(d, d->image, s->image,
                     area_take(rest, SIDE_LEFT, picture_width(s->image, *rest, image_left_share), gap));
    if (s->style == RFD_STAMP_IMAGE_ABOVE)
        draw_picture(d, d->image, s->image, area_take(rest, SIDE_TOP, rest->height * image_above_share, breathe(d, 2)));
    if (d->crest.number != 0)
        draw_picture(d, d->crest, s->crest,
                     area_take(rest, SIDE_LEFT, picture_width(s->crest, *rest, crest_share), gap));
}

/** Image only: a frame just for the looks that are not the usual one. */
static rfd_status draw_image_only(struct drawing *d, struct area box)
{
    struct area rest = box;
    if (d->look->frame != LOOK_BAR) rest = draw_frame(d, box);
    place_qr(d, &rest);
    draw_picture(d, d->image, d->stamp->image, rest);
    return RFD_OK;
}

rfd_status draw_box(struct drawing *d)
{
    struct area box = {0, 0, d->request->width, d->request->height};
    if (d->request->covers) canvas_fill_rectangle(&d->canvas, box.x, box.y, box.width, box.height, COLOUR_WHITE);
    if (d->stamp->style == RFD_STAMP_IMAGE) return draw_image_only(d, box);
    struct area rest = draw_frame(d, box);
    place_qr(d, &rest);
    TRY(draw_heading(d, &rest));
    place_pictures(d, &rest);
    bool caption = d->look->where == LOOK_CAPTION && !d->stamp->own_text;
    bool centred = d->stamp->style == RFD_STAMP_IMAGE_ABOVE && d->crest.number == 0;
    return draw_lines(d, rest, centred ? ALIGN_CENTRE : ALIGN_LEFT, 0, caption);
}
