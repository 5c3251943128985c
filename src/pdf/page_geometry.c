/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_geometry.h"

#include <math.h>

static const double coordinate_maximum = 1e8;
/* 200 inches times 75000 is the largest page that viewers promise; smaller units than a thousandth are mistakes. */
static const double unit_maximum = 75000, unit_minimum = 0.001;
static const struct pdf_box letter = {0, 0, 612, 792};

struct pdf_point pdf_matrix_point(const struct pdf_matrix *m, double x, double y)
{
    return (struct pdf_point){m->a * x + m->c * y + m->e, m->b * x + m->d * y + m->f};
}

struct pdf_box pdf_matrix_box(const struct pdf_matrix *m, struct pdf_box box)
{
    struct pdf_point p = pdf_matrix_point(m, box.left, box.bottom), q = pdf_matrix_point(m, box.right, box.top);
    struct pdf_point r = pdf_matrix_point(m, box.left, box.top), s = pdf_matrix_point(m, box.right, box.bottom);
    return (struct pdf_box){fmin(fmin(p.x, q.x), fmin(r.x, s.x)), fmin(fmin(p.y, q.y), fmin(r.y, s.y)),
                            fmax(fmax(p.x, q.x), fmax(r.x, s.x)), fmax(fmax(p.y, q.y), fmax(r.y, s.y))};
}

struct pdf_matrix pdf_matrix_multiply(const struct pdf_matrix *m, const struct pdf_matrix *n)
{
    return (struct pdf_matrix){
        .a = m->a * n->a + m->b * n->c,
        .b = m->a * n->b + m->b * n->d,
        .c = m->c * n->a + m->d * n->c,
        .d = m->c * n->b + m->d * n->d,
        .e = m->e * n->a + m->f * n->c + n->e,
        .f = m->e * n->b + m->f * n->d + n->f,
    };
}

static bool read_numbers(struct pdf_view *view, const struct pdf_value *array, double *to, uint32_t count)
{
    if (array->kind != PDF_ARRAY || array->count < count) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!pdf_number(pdf_item(view, array, i), &to[i]) || !(fabs(to[i]) <= coordinate_maximum)) return false;
    }
    return true;
}

bool pdf_box_read(struct pdf_view *view, const struct pdf_value *array, struct pdf_box *out)
{
    double n[4];
    if (!read_numbers(view, array, n, 4)) return false;
    *out = (struct pdf_box){fmin(n[0], n[2]), fmin(n[1], n[3]), fmax(n[0], n[2]), fmax(n[1], n[3])};
    return true;
}

bool pdf_matrix_read(struct pdf_view *view, const struct pdf_value *array, struct pdf_matrix *out)
{
    double n[6];
    if (!read_numbers(view, array, n, 6)) return false;
    *out = (struct pdf_matrix){n[0], n[1], n[2], n[3], n[4], n[5]};
    return true;
}

bool pdf_box_intersect(struct pdf_box a, struct pdf_box b, struct pdf_box *out)
{
    struct pdf_box common = {fmax(a.left, b.left), fmax(a.bottom, b.bottom), fmin(a.right, b.right),
                             fmin(a.top, b.top)};
    if (common.left >= common.right || common.bottom >= common.top) return false;
    *out = common;
    return true;
}

struct pdf_box pdf_box_join(struct pdf_box a, struct pdf_box b)
{
    return (struct pdf_box){fmin(a.left, b.left), fmin(a.bottom, b.bottom), fmax(a.right, b.right), fmax(a.top, b.top)};
}

/** §14.11.2: what is shown is the crop box within the media box; a crop box outside it is a mistake that shows all. */
static struct pdf_box shown_box(struct pdf_view *view, const struct pdf_page *page)
{
    struct pdf_box box, crop, media = letter;
    if (pdf_box_read(view, page->media_box, &box) && box.left < box.right && box.bottom < box.top) media = box;
    if (pdf_box_read(view, page->crop_box, &crop)) (void)pdf_box_intersect(crop, media, &media);
    return media;
}

/** §7.7.3.3: a multiple of 90, clockwise; negative ones are common. */
static int turn(const struct pdf_value *rotate)
{
    int64_t degrees;
    if (!pdf_integer(rotate, &degrees) || degrees % 90 != 0) return 0;
    return (int)((degrees % 360 + 360) % 360);
}

struct pdf_geometry pdf_geometry(struct pdf_view *view, const struct pdf_page *page)
{
    struct pdf_geometry g = {.box = shown_box(view, page), .rotate = turn(page->rotate), .unit = 1};
    double unit;
    if (pdf_number(pdf_get(view, page->dictionary, "UserUnit"), &unit) && unit >= unit_minimum && unit <= unit_maximum)
        g.unit = unit;
    double across = (g.box.right - g.box.left) * g.unit, up = (g.box.top - g.box.bottom) * g.unit;
    bool sideways = g.rotate % 180 != 0;
    g.width = sideways ? up : across;
    g.height = sideways ? across : up;
    return g;
}

struct pdf_matrix pdf_geometry_upright(const struct pdf_geometry *g)
{
    double s = 1 / g->unit;
    switch (g->rotate) {
    case 90: return (struct pdf_matrix){0, s, -s, 0, 0, 0};
    case 180: return (struct pdf_matrix){-s, 0, 0, -s, 0, 0};
    case 270: return (struct pdf_matrix){0, -s, s, 0, 0, 0};
    default: return (struct pdf_matrix){s, 0, 0, s, 0, 0};
    }
}

struct pdf_matrix pdf_geometry_to_user(const struct pdf_geometry *g)
{
    struct pdf_matrix m = pdf_geometry_upright(g);
    /* The corner of the box that is seen at the lower left. */
    m.e = g->rotate == 90 || g->rotate == 180 ? g->box.right : g->box.left;
    m.f = g->rotate == 180 || g->rotate == 270 ? g->box.top : g->box.bottom;
    return m;
}

struct pdf_matrix pdf_geometry_to_seen(const struct pdf_geometry *g)
{
    struct pdf_matrix m = pdf_geometry_to_user(g);
    double square = g->unit * g->unit; /* the inverse of a turn is its transpose */
    struct pdf_matrix back = {m.a * square, m.c * square, m.b * square, m.d * square, 0, 0};
    struct pdf_point corner = pdf_matrix_point(&back, m.e, m.f);
    back.e = -corner.x;
    back.f = -corner.y;
    return back;
}

struct pdf_box pdf_geometry_box_to_user(const struct pdf_geometry *g, struct pdf_box seen)
{
    struct pdf_matrix m = pdf_geometry_to_user(g);
    return pdf_matrix_box(&m, seen);
}

struct pdf_box pdf_geometry_box_to_seen(const struct pdf_geometry *g, struct pdf_box user)
{
    struct pdf_matrix m = pdf_geometry_to_seen(g);
    return pdf_matrix_box(&m, user);
}
