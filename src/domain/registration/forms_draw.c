/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/registration/forms_draw.h"

#include "base/error.h"

static const colour ink = 0x1b2430, muted = 0x44505e, rule = 0x8793a1, ground = 0xf1f4f7;

/** A paragraph with its top at `*y`, which goes down by its height. */
static rfd_status put_text(struct fonts *fonts, struct arena *a, struct canvas *c, const struct span *span,
                           const struct paragraph_style *style, double x, double *y, double width,
                           struct rfd_error *error)
{
    struct paragraph p;
    TRY(paragraph_layout(fonts, a, span, 1, style, width, &p, error));
    paragraph_draw(&p, c, x, *y, 0, p.count);
    *y -= p.height;
    return RFD_OK;
}

/* ---- Lines to sign on ---- */

rfd_status form_lines_draw(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    enum { GAP = 28, SPACE = 46 };
    static const struct paragraph_style small = {.size = 8.5};
    const struct form_lines *l = context;
    double each = (width - GAP) / 2;
    for (unsigned i = 0; i < l->count; i++) {
        double x = i * (each + GAP);
        double y = height - SPACE;
        const struct span role = {slice_text(l->places[i].role), FONT_REGULAR, muted};
        const struct span name = {slice_text(l->places[i].name), FONT_BOLD, ink};
        canvas_line(c, x, y, x + each, y, 0.75, rule);
        y -= 4;
        TRY(put_text(l->fonts, l->arena, c, &role, &small, x, &y, each, error));
        if (name.text.length > 0) TRY(put_text(l->fonts, l->arena, c, &name, &small, x, &y, each, error));
    }
    return RFD_OK;
}

/* ---- Code and QR ---- */

rfd_status form_panel_draw(void *context, struct canvas *c, double width, double height, struct rfd_error *error)
{
    enum { INSET = 6, BETWEEN = 14 };
    static const struct paragraph_style small = {.size = 8.5}, large = {.size = 14, .leading = 19};
    const struct form_panel *p = context;
    const struct span title = {slice_text(p->title), FONT_REGULAR, muted}, code = {slice_text(p->code), FONT_BOLD, ink},
                      where = {slice_text(p->where), FONT_REGULAR, ink},
                      seal = {slice_text(p->seal), FONT_REGULAR, muted};
    double side = height - 2 * INSET;
    double x = side + INSET + BETWEEN;
    double y = height - INSET - 1;
    struct qr *qr = NULL;
    TRY(qr_new(slice_text(p->link), &qr, error));
    canvas_round_rectangle(c, 0, 0, width, height, 4, 0, ground, CANVAS_NONE);
    qr_draw(qr, c, INSET, INSET, side);
    qr_free(qr);
    TRY(put_text(p->fonts, p->arena, c, &title, &small, x, &y, width - x - INSET, error));
    TRY(put_text(p->fonts, p->arena, c, &code, &large, x, &y, width - x - INSET, error));
    y -= 3;
    TRY(put_text(p->fonts, p->arena, c, &where, &small, x, &y, width - x - INSET, error));
    return put_text(p->fonts, p->arena, c, &seal, &small, x, &y, width - x - INSET, error);
}
