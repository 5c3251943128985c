/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_svg.h"

#include "base/text.h"
#include "print/canvas.h"

#include <math.h>

/* --- Attributes -------------------------------------------------------------------------------------------------- */

/** Tenths are finer than any screen. */
static void put_tenths(struct buf *b, double value)
{
    canvas_put_number(b, round(value * 10) / 10);
}

static void attribute(struct buf *b, const char *name, double value)
{
    buf_print(b, " %s=\"", name);
    put_tenths(b, value);
    buf_put_byte(b, '"');
}

static void paints(struct buf *b, const struct report_shape *s)
{
    buf_print(b, " class=\"f-%s", report_paint_name(s->fill));
    if (s->stroke != REPORT_PAINT_NONE) buf_print(b, " s-%s", report_paint_name(s->stroke));
    buf_put_text(b, s->bold ? " b\"" : "\"");
    if (s->stroke != REPORT_PAINT_NONE) attribute(b, "stroke-width", s->line);
}

static void close_shape(struct buf *b, const struct report_shape *s, const char *tag)
{
    if (s->text == NULL) {
        buf_put_text(b, "/>");
        return;
    }
    buf_put_text(b, "><title>");
    text_put_markup(b, slice_text(s->text));
    buf_print(b, "</title></%s>", tag);
}

/* --- Shapes ------------------------------------------------------------------------------------------------------ */

static void put_line(struct buf *b, const struct report_shape *s)
{
    buf_put_text(b, "<line");
    attribute(b, "x1", s->x);
    attribute(b, "y1", s->y);
    attribute(b, "x2", s->x + s->width);
    attribute(b, "y2", s->y + s->height);
    paints(b, s);
    close_shape(b, s, "line");
}

static void put_box(struct buf *b, const struct report_shape *s)
{
    buf_put_text(b, "<rect");
    attribute(b, "x", s->x);
    attribute(b, "y", s->y);
    attribute(b, "width", s->width);
    attribute(b, "height", s->height);
    attribute(b, "rx", s->size);
    paints(b, s);
    close_shape(b, s, "rect");
}

static void put_circle(struct buf *b, const struct report_shape *s)
{
    buf_put_text(b, "<circle");
    attribute(b, "cx", s->x);
    attribute(b, "cy", s->y);
    attribute(b, "r", s->size);
    paints(b, s);
    close_shape(b, s, "circle");
}

/** A path of moves by half the size: "M" to the first point, then relative ones. */
static void put_path(struct buf *b, const struct report_shape *s, double dx, double dy, const char *rest)
{
    buf_put_text(b, "<path d=\"M");
    put_tenths(b, s->x + dx);
    buf_put_byte(b, ' ');
    put_tenths(b, s->y + dy);
    for (const char *at = rest; *at != '\0'; at++) {
        if (*at == '+')
            put_tenths(b, s->size);
        else if (*at == '-')
            put_tenths(b, -s->size);
        else if (*at == '2')
            put_tenths(b, 2 * s->size);
        else if (*at == '3')
            put_tenths(b, -2 * s->size);
        else
            buf_put_byte(b, (uint8_t)*at);
    }
    buf_put_byte(b, '"');
    paints(b, s);
    close_shape(b, s, "path");
}

static void put_text(struct buf *b, const struct report_shape *s)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    buf_put_text(b, "<text");
    attribute(b, "x", s->x);
    attribute(b, "y", s->y);
    attribute(b, "font-size", s->size);
    buf_print(b, " text-anchor=\"%s\"", anchors[s->anchor + 1]);
    paints(b, s);
    buf_put_byte(b, '>');
    text_put_markup(b, slice_text(s->text));
    buf_put_text(b, "</text>");
}

static void put_shape(struct buf *b, const struct report_shape *s)
{
    switch (s->kind) {
    case REPORT_LINE: put_line(b, s); break;
    case REPORT_BOX: put_box(b, s); break;
    case REPORT_CIRCLE: put_circle(b, s); break;
    case REPORT_DIAMOND: put_path(b, s, 0, -s->size, "l+ + - + - -z"); break;
    case REPORT_CROSS: put_path(b, s, -s->size, -s->size, "l2 2m0 3l3 2"); break;
    case REPORT_TEXT: put_text(b, s); break;
    }
    buf_put_byte(b, '\n');
}

void report_svg_timeline(struct buf *b, const struct report_timeline *t, const char *class_name, const char *title)
{
    buf_print(b, "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%s-title\" viewBox=\"0 0 ", class_name, class_name);
    put_tenths(b, t->width);
    buf_put_byte(b, ' ');
    put_tenths(b, t->height);
    buf_print(b, "\">\n<title id=\"%s-title\">", class_name);
    text_put_markup(b, slice_text(title));
    buf_put_text(b, "</title>\n");
    for (size_t i = 0; i < t->count; i++) put_shape(b, &t->shapes[i]);
    buf_put_text(b, "</svg>\n");
}

void report_svg_mark(struct buf *b, enum report_tone tone)
{
    static const char *const strokes[] = {
        [REPORT_GOOD] = "M6.5 12.5l3.8 3.8 7.2-8.2",
        [REPORT_DOUBT] = "M12 6.2v7.3M12 17.2v.2",
        [REPORT_BAD] = "M8 8l8 8M16 8l-8 8",
        [REPORT_PLAIN] = "M12 10.6v7M12 6.8v.2",
    };
    buf_print(b,
              "<svg class=\"mark\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" "
              "stroke-width=\"2.2\" stroke-linecap=\"round\" stroke-linejoin=\"round\"><circle cx=\"12\" cy=\"12\" "
              "r=\"10.6\" stroke-width=\"1.8\"/><path d=\"%s\"/></svg>",
              strokes[tone]);
}
