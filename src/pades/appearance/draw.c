/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/drawing.h"

#include "base/error.h"

#include <math.h>

#define INK UINT32_C(0x1d2733)
enum { ENTRIES_MAXIMUM = 16 * 1024, CONTENT_MAXIMUM = 4 << 20 };
static const double bold_factor = 1.12, caption_factor = 0.85;

/* ---- parts ---- */

struct area area_take(struct area *a, enum side side, double size, double gap)
{
    struct area taken = *a;
    double step = size + gap;
    if (side == SIDE_TOP) {
        taken.y = a->y + a->height - size;
        taken.height = size;
        a->height = fmax(0, a->height - step);
        return taken;
    }
    taken.width = size;
    if (side == SIDE_RIGHT) taken.x = a->x + a->width - size;
    if (side == SIDE_LEFT) a->x += step;
    a->width = fmax(0, a->width - step);
    return taken;
}

void draw_picture(struct drawing *d, struct pdf_reference object, const struct image *image, struct area a)
{
    double width = image_width(image);
    double height = image_height(image);
    double scale = fmin(a.width / width, a.height / height);
    if (!(scale > 0)) return; /* no place: a matrix without inverse is an error to some viewers */
    width *= scale;
    height *= scale;
    canvas_save(&d->canvas);
    canvas_transform(&d->canvas, width, 0, 0, height, a.x + (a.width - width) / 2, a.y + (a.height - height) / 2);
    canvas_xobject(&d->canvas, object);
    canvas_restore(&d->canvas);
}

void draw_qr(struct drawing *d, struct area a)
{
    double side = fmin(a.width, a.height);
    double scale = side / STAMP_QR_SIDE;
    if (!(scale > 0)) return;
    canvas_save(&d->canvas);
    canvas_transform(&d->canvas, scale, 0, 0, scale, a.x + (a.width - side) / 2, a.y + (a.height - side) / 2);
    canvas_xobject(&d->canvas, d->qr);
    canvas_restore(&d->canvas);
}

void draw_dashes(struct drawing *d, enum look_frame frame)
{
    /* ISO 32000-2 §8.4.3.6; a dash of no length with a round cap is a dot. */
    if (frame == LOOK_DASHED) buf_put_text(&d->canvas.content, "[4 2.5]0 d\n");
    if (frame == LOOK_DOTTED) buf_put_text(&d->canvas.content, "1 J[0 2.4]0 d\n");
}

rfd_status draw_lines(struct drawing *d, struct area a, enum alignment alignment, double maximum, bool caption)
{
    struct fit fit;
    size_t count = 0;
    struct fit_line *lines = arena_zeroed(d->arena, d->line_count + 1, sizeof *lines);
    if (lines == NULL) return arena_failed(d->arena, d->error);
    if (a.width <= 1 || a.height <= 1) return RFD_OK;
    if (caption)
        lines[count++] = (struct fit_line){slice_text(d->title), FONT_REGULAR, d->look->accent, caption_factor};
    for (size_t i = 0; i < d->line_count; i++) {
        bool bold = d->lines[i].bold;
        lines[count++] =
            (struct fit_line){d->lines[i].text, bold ? FONT_BOLD : FONT_REGULAR, INK, bold ? bold_factor : 1};
    }
    struct fit_request request = {.lines = lines,
                                  .count = count,
                                  .alignment = alignment,
                                  .width = a.width,
                                  .height = a.height,
                                  .size = d->stamp->font_size,
                                  .maximum = maximum,
                                  .memory = d->stamp->sizes};
    TRY(fit_text(d->stamp->fonts, d->arena, &request, &fit, d->error));
    fit_draw(&fit, &d->canvas, a.x, a.y + a.height - (a.height - fit.height) / 2);
    return RFD_OK;
}

rfd_status draw_title(struct drawing *d, struct area a, double maximum, colour fill)
{
    struct shaped title;
    struct font_metrics m = fonts_metrics(d->stamp->fonts, FONT_BOLD);
    TRY(fonts_shape(d->stamp->fonts, FONT_BOLD, slice_text(d->title), d->arena, &title, d->error));
    double size = fmin(maximum, fmin(a.width * 1000 / fmax(1, title.width), a.height * 1000 / m.cap_height));
    double x = a.x + (a.width - size * title.width / 1000) / 2;
    double y = a.y + (a.height - size * m.cap_height / 1000) / 2;
    canvas_text(&d->canvas, x, y, size, fill, &title, 0, title.count);
    return RFD_OK;
}

/* ---- objects ---- */

static void put_resources(struct buf *b, const struct canvas *c)
{
    buf_put_text(b, "/Resources");
    canvas_put_resources(c, b);
}

/** The code as a form of its own, so that a fixed one is made once for all signatures. */
static rfd_status write_qr(struct drawing *d, struct pdf_update *update, struct pdf_reference profile, slice content)
{
    struct canvas colours;
    struct buf b;
    buf_init(&b, ENTRIES_MAXIMUM);
    canvas_init(&colours, NULL, profile);
    buf_print(&b, "/Type/XObject/Subtype/Form/BBox[0 0 %d %d]/Filter/FlateDecode", STAMP_QR_SIDE, STAMP_QR_SIDE);
    put_resources(&b, &colours);
    buf_put_byte(&b, 0);
    rfd_status status = buf_check(&b, "a form's dictionary", d->error);
    if (status == RFD_OK) {
        d->qr = pdf_update_new(update);
        pdf_update_stream(update, d->qr, (const char *)b.data, content, false);
    }
    canvas_dispose(&colours);
    buf_dispose(&b);
    return status;
}

static rfd_status prepare_qr(struct drawing *d, struct pdf_update *update, struct pdf_reference profile,
                             const slice *values)
{
    const struct template_text *lines;
    struct buf content;
    size_t count = 0;
    if (!d->stamp->has_qr) return RFD_OK;
    if (d->stamp->qr_fixed.length > 0) return write_qr(d, update, profile, buf_slice(&d->stamp->qr_fixed));
    TRY(template_fill(&d->stamp->qr_text, values, d->arena, &lines, &count, d->error));
    if (count == 0 || lines[0].text.length == 0) return RFD_OK;
    buf_init(&content, CONTENT_MAXIMUM);
    rfd_status status = stamp_qr_content(lines[0].text, &content, d->error);
    if (status == RFD_OK) status = write_qr(d, update, profile, buf_slice(&content));
    buf_dispose(&content);
    return status;
}

static rfd_status prepare_picture(struct drawing *d, struct pdf_update *update, struct pdf_reference profile,
                                  const struct image *image, struct pdf_reference *out)
{
    if (image == NULL) return RFD_OK;
    return image_write(image, update, profile, d->request->opaque, out, d->error);
}

static bool is_identity(const struct pdf_matrix *m)
{
    const double off = fabs(m->a - 1) + fabs(m->b) + fabs(m->c) + fabs(m->d - 1) + fabs(m->e) + fabs(m->f);
    return off < 1e-9;
}

static rfd_status write_form(struct drawing *d, struct pdf_update *update, struct pdf_reference form)
{
    struct buf b;
    const struct pdf_matrix *m = &d->request->matrix;
    const double numbers[] = {m->a, m->b, m->c, m->d, m->e, m->f};
    TRY(canvas_check(&d->canvas, d->error));
    buf_init(&b, ENTRIES_MAXIMUM);
    buf_put_text(&b, "/Type/XObject/Subtype/Form/BBox[0 0 ");
    canvas_put_number(&b, d->request->width);
    buf_put_byte(&b, ' ');
    canvas_put_number(&b, d->request->height);
    buf_put_byte(&b, ']');
    if (!is_identity(m)) buf_put_text(&b, "/Matrix[");
    for (size_t i = 0; !is_identity(m) && i < sizeof numbers / sizeof *numbers; i++) {
        if (i > 0) buf_put_byte(&b, ' ');
        canvas_put_number(&b, numbers[i]);
    }
    if (!is_identity(m)) buf_put_byte(&b, ']');
    put_resources(&b, &d->canvas);
    buf_put_byte(&b, 0);
    rfd_status status = buf_check(&b, "a form's dictionary", d->error);
    if (status == RFD_OK) pdf_update_stream(update, form, (const char *)b.data, buf_slice(&d->canvas.content), true);
    buf_dispose(&b);
    return status;
}

static rfd_status draw_content(struct drawing *d)
{
    canvas_clip(&d->canvas, 0, 0, d->request->width, d->request->height);
    return d->stamp->style == RFD_STAMP_STRIP ? draw_strip(d) : draw_box(d);
}

static rfd_status draw_all(struct drawing *d, struct pdf_update *update, struct font_use *fonts, const slice *values,
                           struct pdf_reference form)
{
    struct pdf_reference profile = colour_write_profile(update);
    TRY(prepare_qr(d, update, profile, values));
    TRY(prepare_picture(d, update, profile, d->stamp->image, &d->image));
    TRY(prepare_picture(d, update, profile, d->stamp->crest, &d->crest));
    canvas_init(&d->canvas, fonts, profile);
    rfd_status status = draw_content(d);
    if (status == RFD_OK) status = write_form(d, update, form);
    canvas_dispose(&d->canvas);
    return status;
}

static rfd_status fill_texts(struct drawing *d, enum rfd_stamp_look look, const slice *values, slice *alternate)
{
    const struct template_text *lines;
    size_t count = 0;
    d->look = look_of(look);
    d->title = d->stamp->titles[look];
    TRY(template_fill(&d->stamp->text, values, d->arena, &d->lines, &d->line_count, d->error));
    TRY(template_fill(&d->stamp->alternate, values, d->arena, &lines, &count, d->error));
    *alternate = count > 0 ? lines[0].text : SLICE_EMPTY;
    return RFD_OK;
}

rfd_status draw_stamp(const struct draw_request *request, struct pdf_update *update, struct arena *arena,
                      struct pdf_reference *form, slice *alternate, struct rfd_error *error)
{
    struct drawing d = {.request = request, .stamp = request->stamp, .arena = arena, .error = error};
    slice values[TEMPLATE_WORD_COUNT] = {0};
    slice text = SLICE_EMPTY;
    struct font_use *fonts = NULL;
    rfd_status status = RFD_OK;
    TRY(values_read(d.stamp, request->signer, arena, values, error));
    TRY(fill_texts(&d, stamp_look(d.stamp, request->signer->endorses), values, &text));
    TRY(font_use_new(d.stamp->fonts, update, &fonts, error));
    struct pdf_reference object = pdf_update_new(update);
    TRY_OUT(draw_all(&d, update, fonts, values, object));
    TRY_OUT(font_use_write(fonts, error));
    *form = object;
    *alternate = text;
out:
    font_use_free(fonts);
    return status;
}
