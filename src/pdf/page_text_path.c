/* SPDX-License-Identifier: EUPL-1.2
 *
 * Paths (ISO 32000-2 §8.5) as boxes. A filled path is a box for each subpath; a stroked one a box for each segment, so
 * that the frame around an empty area does not make the area look full. Curves are the box of their control points.
 */
#include "pdf/page_text_reader.h"

#include <math.h>

/** What covers this share of the page's width and height is its background. */
static const double whole = 0.98;
static const double thinnest = 0.2; /* hairlines are painted, too (§8.4.3.2) */

static struct pdf_box widen(struct pdf_box b, double by)
{
    return (struct pdf_box){b.left - by, b.bottom - by, b.right + by, b.top + by};
}

static bool is_finite(struct pdf_box b)
{
    return isfinite(b.left) && isfinite(b.bottom) && isfinite(b.right) && isfinite(b.top);
}

void page_text_path_add_box(struct page_reader *r, struct pdf_box box)
{
    if (!is_finite(box) || !is_finite(r->state.clip)) {
        r->work.complete = false;
        return;
    }
    if (box.right - box.left < thinnest || box.top - box.bottom < thinnest) box = widen(box, thinnest / 2);
    if (!pdf_box_intersect(box, r->state.clip, &box)) return;
    double width = r->page.right - r->page.left, height = r->page.top - r->page.bottom;
    if (box.right - box.left >= width * whole && box.top - box.bottom >= height * whole) return;
    buf_put(&r->boxes, &box, sizeof box);
}

void page_text_path_add_image(struct page_reader *r)
{
    page_text_path_add_box(r, pdf_matrix_box(&r->state.ctm, (struct pdf_box){0, 0, 1, 1}));
}

/* ---- construction ---- */

static void add_piece(struct pdf_box *pieces, size_t *count, struct pdf_box box)
{
    if (*count == PAGE_TEXT_PIECES)
        pieces[*count - 1] = pdf_box_join(pieces[*count - 1], box);
    else
        pieces[(*count)++] = box;
}

static struct pdf_box box_at(const struct page_reader *r, double x, double y)
{
    struct pdf_point p = pdf_matrix_point(&r->state.ctm, x, y);
    return (struct pdf_box){p.x, p.y, p.x, p.y};
}

static void begin_subpath(struct page_reader *r, double x, double y)
{
    r->path.start = r->path.current = (struct pdf_point){x, y};
    r->path.has_current = true;
    r->path.in_subpath = false;
}

/** A segment through `count` points given as x and y, the last of which becomes the current one. */
static void draw(struct page_reader *r, const double *n, size_t count)
{
    struct page_path *p = &r->path;
    if (!p->has_current) begin_subpath(r, n[0], n[1]);
    struct pdf_box box = box_at(r, p->current.x, p->current.y);
    for (size_t i = 0; i < count; i++) box = pdf_box_join(box, box_at(r, n[2 * i], n[2 * i + 1]));
    add_piece(p->segments, &p->segment_count, box);
    if (p->in_subpath)
        p->subpaths[p->subpath_count - 1] = pdf_box_join(p->subpaths[p->subpath_count - 1], box);
    else
        add_piece(p->subpaths, &p->subpath_count, box);
    p->in_subpath = true;
    p->current = (struct pdf_point){n[2 * count - 2], n[2 * count - 1]};
}

static void move(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    begin_subpath(r, n[0], n[1]);
}

static void line(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    draw(r, n, 1);
}

static void curve(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    draw(r, n, 3);
}

static void short_curve(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    draw(r, n, 2);
}

static void close_subpath(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    double back[2] = {r->path.start.x, r->path.start.y};
    if (r->path.in_subpath) draw(r, back, 1);
    r->path.in_subpath = false;
}

static void rectangle(struct page_reader *r, const double *n, const struct content_operation *o)
{
    const double corners[3][2] = {{n[0] + n[2], n[1]}, {n[0] + n[2], n[1] + n[3]}, {n[0], n[1] + n[3]}};
    begin_subpath(r, n[0], n[1]);
    for (size_t i = 0; i < 3; i++) draw(r, corners[i], 1);
    close_subpath(r, n, o);
}

/* ---- painting ---- */

static void add_pieces(struct page_reader *r, const struct pdf_box *pieces, size_t count, double by)
{
    for (size_t i = 0; i < count; i++) page_text_path_add_box(r, widen(pieces[i], by));
}

/** §8.5.4: what is painted after this is within the path (here: within the box around it). */
static void clip(struct page_reader *r)
{
    const struct page_path *p = &r->path;
    if (!p->clips || p->subpath_count == 0) return;
    struct pdf_box all = p->subpaths[0];
    for (size_t i = 1; i < p->subpath_count; i++) all = pdf_box_join(all, p->subpaths[i]);
    if (!pdf_box_intersect(r->state.clip, all, &r->state.clip)) r->state.clip = (struct pdf_box){0, 0, 0, 0};
}

static void paint(struct page_reader *r, bool fills, bool strokes)
{
    const struct pdf_matrix *m = &r->state.ctm;
    struct page_path *p = &r->path;
    double half = sqrt(fabs(m->a * m->d - m->b * m->c)) * r->state.line_width / 2;
    fills = fills && !r->state.fill.white;
    strokes = strokes && !r->state.stroke.white;
    if (fills)
        add_pieces(r, p->subpaths, p->subpath_count, strokes ? half : 0);
    else if (strokes)
        add_pieces(r, p->segments, p->segment_count, half);
    clip(r);
    p->has_current = p->in_subpath = p->clips = false;
    p->subpath_count = p->segment_count = 0;
}

static void end(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    paint(r, false, false);
}

static void fill(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    paint(r, true, false);
}

static void stroke(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    paint(r, false, true);
}

static void fill_and_stroke(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    paint(r, true, true);
}

static void close_and_stroke(struct page_reader *r, const double *n, const struct content_operation *o)
{
    close_subpath(r, n, o);
    paint(r, false, true);
}

static void close_fill_and_stroke(struct page_reader *r, const double *n, const struct content_operation *o)
{
    close_subpath(r, n, o);
    paint(r, true, true);
}

static void set_clip(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    r->path.clips = true;
}

/** §8.7.4.2: a shading fills the clip. */
static void shade(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    page_text_path_add_box(r, r->state.clip);
}

const struct page_operator page_text_path_operators[] = {
    {"m", 2, move},
    {"l", 2, line},
    {"c", 6, curve},
    {"v", 4, short_curve},
    {"y", 4, short_curve},
    {"h", 0, close_subpath},
    {"re", 4, rectangle},
    {"f", 0, fill},
    {"F", 0, fill},
    {"f*", 0, fill},
    {"S", 0, stroke},
    {"s", 0, close_and_stroke},
    {"B", 0, fill_and_stroke},
    {"B*", 0, fill_and_stroke},
    {"b", 0, close_fill_and_stroke},
    {"b*", 0, close_fill_and_stroke},
    {"n", 0, end},
    {"W", 0, set_clip},
    {"W*", 0, set_clip},
    {"sh", 0, shade},
    {"", 0, NULL},
};
