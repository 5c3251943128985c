/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_drawing.h"

#include "base/error.h"

static const double diagonal = 0.70710678118654752; /* sine and cosine of 45 degrees */

static const colour paints[REPORT_PAINT_COUNT] = {
    [REPORT_PAINT_NONE] = CANVAS_NONE, [REPORT_PAINT_INK] = 0x1b2430,    [REPORT_PAINT_MUTED] = 0x566270,
    [REPORT_PAINT_GRID] = 0xe3e8ed,    [REPORT_PAINT_BACK] = 0xffffff,   [REPORT_PAINT_BAR] = 0xbcd2ee,
    [REPORT_PAINT_CLAIMED] = 0x566270, [REPORT_PAINT_PROVEN] = 0x1d4f91, [REPORT_PAINT_NOW] = 0x6b3fa0,
    [REPORT_PAINT_GOOD] = 0x17693f,    [REPORT_PAINT_DOUBT] = 0x855000,  [REPORT_PAINT_BAD] = 0xa3182b,
};

colour report_drawing_ink(enum report_tone tone)
{
    static const colour inks[] = {
        [REPORT_GOOD] = 0x17693f, [REPORT_DOUBT] = 0x855000, [REPORT_BAD] = 0xa3182b, [REPORT_PLAIN] = 0x44505e};
    return inks[tone];
}

colour report_drawing_ground(enum report_tone tone)
{
    static const colour grounds[] = {
        [REPORT_GOOD] = 0xe6f3eb, [REPORT_DOUBT] = 0xfcf2df, [REPORT_BAD] = 0xfbeaec, [REPORT_PLAIN] = 0xedf0f3};
    return grounds[tone];
}

/* --- Shapes ------------------------------------------------------------------------------------------------------ */

struct easel {
    struct canvas *canvas;
    struct fonts *fonts;
    struct arena *arena;
    double scale, top;
};

static double down(const struct easel *e, double y)
{
    return e->top - y * e->scale;
}

static void paint_diamond(const struct easel *e, const struct report_shape *s)
{
    double side = s->size * e->scale * diagonal * 2;
    canvas_save(e->canvas);
    canvas_transform(e->canvas, diagonal, diagonal, -diagonal, diagonal, s->x * e->scale, down(e, s->y));
    canvas_fill_rectangle(e->canvas, -side / 2, -side / 2, side, side, paints[s->fill]);
    canvas_restore(e->canvas);
}

static void paint_cross(const struct easel *e, const struct report_shape *s)
{
    double x = s->x * e->scale;
    double y = down(e, s->y);
    double half = s->size * e->scale;
    canvas_line(e->canvas, x - half, y - half, x + half, y + half, s->line * e->scale, paints[s->stroke]);
    canvas_line(e->canvas, x - half, y + half, x + half, y - half, s->line * e->scale, paints[s->stroke]);
}

static rfd_status paint_text(const struct easel *e, const struct report_shape *s, struct rfd_error *error)
{
    struct shaped text;
    double size = s->size * e->scale;
    TRY(fonts_shape(e->fonts, s->bold ? FONT_BOLD : FONT_REGULAR, slice_text(s->text), e->arena, &text, error));
    double width = text.width * size / 1000;
    double x = s->x * e->scale - (s->anchor < 0 ? 0 : s->anchor == 0 ? width / 2 : width);
    canvas_text(e->canvas, x, down(e, s->y), size, paints[s->fill], &text, 0, text.count);
    return RFD_OK;
}

static rfd_status paint(const struct easel *e, const struct report_shape *s, struct rfd_error *error)
{
    double x = s->x * e->scale;
    double line = s->line * e->scale;
    switch (s->kind) {
    case REPORT_LINE:
        canvas_line(e->canvas, x, down(e, s->y), (s->x + s->width) * e->scale, down(e, s->y + s->height), line,
                    paints[s->stroke]);
        break;
    case REPORT_BOX:
        canvas_round_rectangle(e->canvas, x, down(e, s->y + s->height), s->width * e->scale, s->height * e->scale,
                               s->size * e->scale, line, paints[s->fill], paints[s->stroke]);
        break;
    case REPORT_CIRCLE:
        canvas_circle(e->canvas, x, down(e, s->y), s->size * e->scale, line, paints[s->fill], paints[s->stroke]);
        break;
    case REPORT_DIAMOND: paint_diamond(e, s); break;
    case REPORT_CROSS: paint_cross(e, s); break;
    case REPORT_TEXT: return paint_text(e, s, error);
    }
    return RFD_OK;
}

rfd_status report_drawing_paint(const struct report_timeline *t, struct canvas *c, struct fonts *fonts,
                                struct arena *arena, double width, double height, struct rfd_error *error)
{
    const struct easel e = {c, fonts, arena, width / t->width, height};
    for (size_t i = 0; i < t->count; i++) TRY(paint(&e, &t->shapes[i], error));
    return RFD_OK;
}
