/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures, codes and drawings: figures of the structure (ISO 32000-2 §14.8.4.8.5) with a text in their place and the
 * box that they fill (§14.8.5.4.3), or artifacts when they say nothing. What is larger than a page is made smaller.
 */
#include "print/printed_internal.h"

#define FIGURE_SPACE 10.0
/** Modules around a code; they stand in the margin, so that what is seen begins where text does. */
enum { QUIET_ZONE = 4 };

/** Where and how large. */
struct box {
    double x, y, width, height;
    double scale; /* of what was asked for */
};

static struct box measure(const struct flow *f, const struct part_figure *figure)
{
    double across = f->printed->content_width;
    double page = flow_page(f);
    struct box b = {.x = f->printed->left, .width = figure->size, .height = figure->size, .scale = 1};
    if (figure->draw != NULL)
        b.width = across;
    else if (figure->image != NULL)
        b.height = figure->size * image_height(figure->image) / image_width(figure->image);
    if (b.width > across) b.scale = across / b.width;
    if (b.height * b.scale > page) b.scale = page / b.height;
    return b;
}

double flow_figure_height(const struct flow *f, const struct part_figure *figure)
{
    struct box b = measure(f, figure);
    return FIGURE_SPACE + b.height * b.scale;
}

static rfd_status image_object(struct flow *f, const struct image *image, struct pdf_reference *out,
                               struct rfd_error *error)
{
    size_t written = f->image_count < FLOW_IMAGES ? f->image_count : FLOW_IMAGES;
    for (size_t i = 0; i < written; i++) {
        if (f->images[i].image != image) continue;
        *out = f->images[i].object;
        return RFD_OK;
    }
    TRY(image_write(image, f->update, f->profile, false, out, error));
    f->images[f->image_count % FLOW_IMAGES].image = image;
    f->images[f->image_count % FLOW_IMAGES].object = *out;
    f->image_count++;
    return RFD_OK;
}

static rfd_status draw_code(struct flow *f, const struct part_figure *figure, const struct box *b,
                            struct rfd_error *error)
{
    struct qr *qr = NULL;
    TRY(qr_new(figure->text, &qr, error));
    double side = b->width * b->scale;
    double quiet = side * QUIET_ZONE / (qr_modules(qr) + 2 * QUIET_ZONE);
    if (quiet > f->printed->margin) quiet = 0;
    qr_draw(qr, &f->canvas, b->x - quiet, b->y, side);
    qr_free(qr);
    return RFD_OK;
}

static rfd_status draw_content(struct flow *f, const struct part_figure *figure, struct pdf_reference image,
                               const struct box *b, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if (figure->draw == NULL && figure->image == NULL) return draw_code(f, figure, b, error);
    canvas_save(&f->canvas);
    if (figure->image != NULL) {
        canvas_transform(&f->canvas, b->width * b->scale, 0, 0, b->height * b->scale, b->x, b->y);
        canvas_xobject(&f->canvas, image);
    } else {
        canvas_transform(&f->canvas, b->scale, 0, 0, b->scale, b->x, b->y);
        status = figure->draw(figure->context, &f->canvas, b->width, b->height, error);
    }
    canvas_restore(&f->canvas);
    return status;
}

/** The box in the page's space, for readers that show the text in the picture's place. */
static const char *attributes(struct flow *f, const struct box *b)
{
    struct buf text;
    const double corners[] = {b->x, b->y, b->x + b->width * b->scale, b->y + b->height * b->scale};
    buf_init(&text, 1024);
    buf_put_text(&text, "/O /Layout /Placement /Block /BBox [");
    for (size_t i = 0; i < 4; i++) {
        if (i > 0) buf_put_byte(&text, ' ');
        canvas_put_number(&text, corners[i]);
    }
    buf_put_byte(&text, ']');
    struct rfd_error error;
    const char *kept = arena_text(&f->arena, buf_slice(&text));
    if (kept == NULL && arena_failed(&f->arena, &error) != RFD_OK) flow_failed(f, &error);
    if (buf_check(&text, "attributes", &error) != RFD_OK) flow_failed(f, &error);
    buf_dispose(&text);
    return kept;
}

void flow_figure(struct flow *f, const struct part *part)
{
    const struct part_figure *figure = &part->figure;
    struct box b = measure(f, figure);
    struct pdf_reference image = {0};
    struct element e;
    struct rfd_error error;
    bool speaks = figure->alternative.length > 0;
    if (figure->image != NULL && image_object(f, figure->image, &image, &error) != RFD_OK) {
        flow_failed(f, &error);
        return;
    }
    if (f->open && f->canvas.image_count >= CANVAS_IMAGES_MAXIMUM) flow_break(f);
    flow_place(f, FIGURE_SPACE, b.height * b.scale);
    f->y -= b.height * b.scale;
    b.y = f->y;
    if (speaks) {
        structure_open(&f->structure, &e, &f->structure.document, "Figure", attributes(f, &b));
        e.alternative = figure->alternative;
        structure_mark(&f->structure, &e, &f->canvas);
    } else {
        canvas_begin_artifact(&f->canvas);
    }
    if (draw_content(f, figure, image, &b, &error) != RFD_OK) flow_failed(f, &error);
    canvas_end_marked(&f->canvas);
    if (speaks) structure_close(&f->structure, &e);
    f->gap = FIGURE_SPACE;
}
