/* SPDX-License-Identifier: EUPL-1.2
 *
 * Tables, and pairs, which are tables whose rows begin with their heads. A row that fits on a page is never broken; a
 * taller one goes on line by line, all its cells together, under the head row again. The head row of a page that goes
 * on is an artifact: read aloud, a table has one.
 */
#include "print/printed_internal.h"

enum { TOGETHER = 2 };
#define GUTTER 12.0
/** A column is at least so many times as wide as the space between two. */
#define GUTTER_SHARE 4
#define CELL_MINIMUM 8.0
/** Words that take more than this part of the width are broken. */
#define WORD_SHARE 3
/** The most of the width that columns of numbers may ask for when words get nothing. */
#define NUMBERS_MAXIMUM 0.7
#define HEAD_LINE       0.9
#define ROW_LINE        0.4
#define TABLE_SPACE     10.0
#define COLUMN_HEAD     "/O /Table /Scope /Column"
#define ROW_HEAD        "/O /Table /Scope /Row"

struct row_look {
    double size, leading, padding;
};
static const struct row_look head_look = {8.5, 11.5, 5};
static const struct row_look table_look = {9, 12.5, 4.5};
static const struct row_look pair_look = {9.5, 13.5, 4};

/** What a column is asked to hold. */
struct want {
    double size, most;
    bool number;
};

/** One row, laid out. */
struct row {
    struct paragraph cells[PRINTED_COLUMNS_MAXIMUM];
    const struct row_look *look;
    size_t lines; /* of the longest cell; at least one */
    bool is_head;
};
struct grid {
    const struct part_grid *part;
    const struct row_look *look;
    double x[PRINTED_COLUMNS_MAXIMUM], width[PRINTED_COLUMNS_MAXIMUM];
    struct row head;
    bool repeats; /* the head row, on each page */
    struct element table;
};

static double row_height(const struct row *r)
{
    return (double)r->lines * r->look->leading + 2 * r->look->padding;
}

/** The widest stretch of a text that should not be broken: a number is whole, else a word. */
static double widest_part(const struct shaped *text, double size, bool number)
{
    int64_t widest = 0;
    int64_t width = 0;
    if (number) return text->width * size / 1000;
    for (size_t i = 0; i < text->count; i++) {
        const struct glyph *g = &text->glyphs[i];
        width = g->text < text->text.length && text->text.data[g->text] == ' ' ? 0 : width + g->advance;
        if (width > widest) widest = width;
    }
    return (double)widest * size / 1000;
}

/** Makes a column wide enough for a text, unless that is longer than `most`: then it is to be broken anyway. */
static void widen(struct flow *f, slice text, enum font_style style, const struct want *want, double *need)
{
    struct shaped shaped;
    struct rfd_error error;
    if (text.length == 0 || memchr(text.data, '\n', text.length) != NULL || !flow_ok(f)) return;
    struct arena_mark before = arena_mark(&f->arena);
    if (fonts_shape(f->printed->fonts, style, text, &f->arena, &shaped, &error) == RFD_OK) {
        double width = widest_part(&shaped, want->size, want->number) + PRINTED_CLOSE;
        if (width > *need && width <= want->most) *need = width;
    } else {
        flow_failed(f, &error);
    }
    arena_release(&f->arena, before);
}

static double column_need(struct flow *f, const struct grid *g, size_t column, double most)
{
    const struct part_grid *part = g->part;
    struct want want = {g->look->size, most, part->columns[column].alignment == ALIGN_RIGHT};
    double need = CELL_MINIMUM;
    for (size_t i = 0; i < part->rows; i++) {
        const struct part_cell *cell = &part->cells[i * part->column_count + column];
        widen(f, cell->text, cell->style, &want, &need);
    }
    want = (struct want){head_look.size, most, false};
    if (part->has_head) widen(f, part->columns[column].title, FONT_BOLD, &want, &need);
    return need;
}

/** What each column needs at least: its widest word or number. When all together need too much, only numbers do. A
 * table below a heading is asked for twice. */
static void measure_columns(struct flow *f, const struct grid *g, double room)
{
    double all = 0;
    double numbers = 0;
    double *needs = f->needs;
    if (f->measured == g->part) return;
    for (size_t i = 0; i < g->part->column_count; i++) {
        needs[i] = column_need(f, g, i, room / WORD_SHARE);
        all += needs[i];
        numbers += g->part->columns[i].alignment == ALIGN_RIGHT ? needs[i] : CELL_MINIMUM;
    }
    for (size_t i = 0; i < g->part->column_count && all > room; i++) {
        if (g->part->columns[i].alignment != ALIGN_RIGHT || numbers > room * NUMBERS_MAXIMUM) needs[i] = CELL_MINIMUM;
    }
    f->measured = g->part;
}

/** Columns share `room`; who would get less than it needs gets that, and the others share the rest. */
static void share_room(struct grid *g, double room, const double *needs)
{
    const struct part_grid *part = g->part;
    bool settled[PRINTED_COLUMNS_MAXIMUM] = {false};
    for (bool again = true; again;) {
        double shares = 0;
        double rest = room;
        for (size_t i = 0; i < part->column_count; i++) {
            if (settled[i])
                rest -= needs[i];
            else
                shares += part->columns[i].share;
        }
        again = false;
        for (size_t i = 0; i < part->column_count; i++) {
            if (settled[i]) continue;
            g->width[i] = rest * part->columns[i].share / shares;
            if (g->width[i] >= needs[i]) continue;
            g->width[i] = needs[i];
            settled[i] = again = true;
        }
    }
}

static bool set_columns(struct flow *f, struct grid *g)
{
    double count = (double)g->part->column_count;
    double x = f->printed->left;
    double gutter = f->printed->content_width / (count * GUTTER_SHARE);
    if (gutter > GUTTER) gutter = GUTTER;
    double room = f->printed->content_width - gutter * (count - 1);
    if (room < count * CELL_MINIMUM) {
        struct rfd_error error;
        (void)error_set(&error, RFD_E_ARGUMENT, "no room for %.0f columns in a table", count);
        flow_failed(f, &error);
        return false;
    }
    measure_columns(f, g, room);
    share_room(g, room, f->needs);
    for (size_t i = 0; i < g->part->column_count; i++) {
        g->x[i] = x;
        x += g->width[i] + gutter;
    }
    return flow_ok(f);
}

static bool layout_row(struct flow *f, const struct grid *g, const struct part_cell *cells, const struct row_look *look,
                       struct row *out)
{
    out->look = look;
    out->lines = 1;
    out->is_head = false;
    for (size_t i = 0; i < g->part->column_count; i++) {
        struct span span = {cells[i].text, cells[i].style, cells[i].ink};
        struct paragraph_style style = {look->size, look->leading, g->part->columns[i].alignment};
        if (!flow_layout(f, &span, 1, &style, g->width[i], &out->cells[i])) return false;
        if (out->cells[i].count > out->lines) out->lines = out->cells[i].count;
    }
    return true;
}

static bool layout_head(struct flow *f, struct grid *g)
{
    struct part_cell cells[PRINTED_COLUMNS_MAXIMUM];
    for (size_t i = 0; i < g->part->column_count; i++)
        cells[i] = (struct part_cell){g->part->columns[i].title, FONT_BOLD, f->printed->accent};
    if (!layout_row(f, g, cells, &head_look, &g->head)) return false;
    g->head.is_head = true;
    g->repeats = row_height(&g->head) < flow_page(f) / 3;
    return true;
}

static bool layout_grid(struct flow *f, const struct part *part, struct grid *g)
{
    g->part = &part->grid;
    g->look = part->kind == PART_PAIRS ? &pair_look : &table_look;
    g->repeats = false;
    return set_columns(f, g) && (!part->grid.has_head || layout_head(f, g));
}

/** Lines [from, to) of a cell, as far as it has them. */
static void draw_cell(struct flow *f, const struct paragraph *p, double x, size_t from, size_t to)
{
    if (to > p->count) to = p->count;
    if (from < to) paragraph_draw(p, &f->canvas, x, f->y, from, to);
}

static void rule_below(struct flow *f, bool head)
{
    flow_rule(f, f->printed->left, f->printed->content_width, f->y, head ? HEAD_LINE : ROW_LINE,
              head ? f->printed->accent : PRINTED_HAIRLINE);
}

static void repeat_head(struct flow *f, const struct grid *g)
{
    canvas_begin_artifact(&f->canvas);
    f->y -= head_look.padding;
    for (size_t i = 0; i < g->part->column_count; i++) draw_cell(f, &g->head.cells[i], g->x[i], 0, g->head.lines);
    f->y -= row_height(&g->head) - head_look.padding;
    canvas_end_marked(&f->canvas);
    rule_below(f, true);
}

static void next_page(struct flow *f, const struct grid *g)
{
    flow_break(f);
    f->fresh = false;
    if (!flow_ok(f)) return;
    if (g->repeats)
        repeat_head(f, g);
    else
        rule_below(f, false);
}

static void open_cells(struct flow *f, const struct grid *g, const struct row *r, struct element *line,
                       struct element *cells)
{
    for (size_t i = 0; i < g->part->column_count; i++) {
        bool names_row = g->part->row_heads && i == 0;
        bool head = r->is_head || names_row;
        structure_open(&f->structure, &cells[i], line, head ? "TH" : "TD",
                       !head ? NULL : (r->is_head ? COLUMN_HEAD : ROW_HEAD));
    }
}

/** How many of the row's lines go here: all; or those that fit, but not one alone. */
static size_t lines_here(const struct flow *f, const struct row *r, size_t left, bool must)
{
    double room = flow_room(f, 0) - 2 * r->look->padding;
    size_t fit = room < r->look->leading ? 0 : (size_t)(room / r->look->leading);
    if (fit >= left) return left;
    if (must) return fit == 0 ? 1 : fit;
    return fit < TOGETHER ? 0 : fit;
}

static void draw_lines(struct flow *f, const struct grid *g, const struct row *r, struct element *cells, size_t from,
                       size_t to)
{
    f->y -= r->look->padding;
    for (size_t i = 0; i < g->part->column_count; i++) {
        if (from >= r->cells[i].count) continue;
        structure_mark(&f->structure, &cells[i], &f->canvas);
        draw_cell(f, &r->cells[i], g->x[i], from, to);
        canvas_end_marked(&f->canvas);
    }
    f->y -= (double)(to - from) * r->look->leading + r->look->padding;
    rule_below(f, r->is_head);
}

static void draw_row(struct flow *f, struct grid *g, const struct row *r)
{
    struct element line;
    struct element cells[PRINTED_COLUMNS_MAXIMUM];
    double free_page = flow_page(f) - (g->repeats && !r->is_head ? row_height(&g->head) : 0);
    bool fits = row_height(r) <= free_page;
    bool moved = false;
    if (fits && flow_room(f, 0) < row_height(r)) next_page(f, g);
    structure_open(&f->structure, &line, &g->table, "TR", NULL);
    open_cells(f, g, r, &line, cells);
    for (size_t from = 0; from < r->lines && flow_ok(f);) {
        size_t here = lines_here(f, r, r->lines - from, moved);
        if (here > 0) draw_lines(f, g, r, cells, from, from + here);
        from += here;
        moved = from < r->lines;
        if (moved) next_page(f, g);
    }
    for (size_t i = 0; i < g->part->column_count; i++) structure_close(&f->structure, &cells[i]);
    structure_close(&f->structure, &line);
}

/** Head and first row, or the beginning of a first row that is taller than a page. */
static double top_height(struct flow *f, struct grid *g, struct row *r)
{
    double height = g->part->has_head ? row_height(&g->head) : 0;
    if (g->part->rows == 0 || !layout_row(f, g, g->part->cells, g->look, r)) return height;
    double whole = height + row_height(r);
    if (whole <= flow_page(f)) return whole;
    return height + 2 * g->look->padding + TOGETHER * g->look->leading;
}

double flow_grid_minimum(struct flow *f, const struct part *part)
{
    struct grid g;
    struct row r;
    return layout_grid(f, part, &g) ? TABLE_SPACE + top_height(f, &g, &r) : 0;
}

void flow_grid(struct flow *f, const struct part *part)
{
    struct grid g;
    struct row r;
    const struct part_grid *p = &part->grid;
    if ((p->rows == 0 && !p->has_head) || !layout_grid(f, part, &g)) return;
    flow_place(f, TABLE_SPACE, top_height(f, &g, &r));
    structure_open(&f->structure, &g.table, &f->structure.document, "Table", NULL);
    if (p->has_head && flow_ok(f))
        draw_row(f, &g, &g.head);
    else if (flow_ok(f))
        rule_below(f, false);
    for (size_t i = 0; i < p->rows && flow_ok(f); i++) {
        struct arena_mark before = arena_mark(&f->arena);
        if (layout_row(f, &g, p->cells + i * p->column_count, g.look, &r)) draw_row(f, &g, &r);
        arena_release(&f->arena, before);
    }
    structure_close(&f->structure, &g.table);
    f->gap = TABLE_SPACE;
}
