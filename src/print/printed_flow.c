/* SPDX-License-Identifier: EUPL-1.2
 *
 * The walk over the parts. Space between two parts is the larger of what the one wants below and the other above, and
 * none at the top of a page. A paragraph leaves no single line behind or ahead; a heading stays with the beginning of
 * what follows.
 */
#include "print/printed_internal.h"

enum {
    TOGETHER = 2,     /* lines of a paragraph that stay together at a page's end and beginning */
    CHAIN_MAXIMUM = 4 /* headings in a row that look ahead */
};
#define LEADING       1.45
#define BULLET        SLICE("\xE2\x80\xA2")
#define BULLET_INDENT 14.0
#define ITEM_SIZE     10.0
#define ITEM_AFTER    3.0
#define LIST_AFTER    7.0
#define RULE_SPACE    10.0
#define RULE_LINE     0.5
#define BANNER_PAD    13.0
#define BANNER_SIDE   16.0
#define BANNER_RADIUS 4.0
#define BANNER_GAP    3.0
#define BANNER_SPACE  12.0

/** Headings by level. */
static const struct {
    double size, leading, before, after;
    const char *type;
} headings[] = {
    {20, 25, 24, 10, "H1"},
    {13.5, 18, 20, 6, "H2"},
    {10.5, 14.5, 14, 4, "H3"},
};
static const struct paragraph_style banner_styles[] = {{.size = 13, .leading = 17}, {.size = 9.5, .leading = 13}};

void flow_failed(struct flow *f, const struct rfd_error *error)
{
    if (flow_ok(f)) f->failure = *error;
}

/* ---- Place ---- */

double flow_page(const struct flow *f)
{
    return f->printed->top - f->printed->bottom;
}

static double gap_above(const struct flow *f, double before)
{
    if (!f->open || f->fresh) return 0;
    return f->gap > before ? f->gap : before;
}

double flow_room(const struct flow *f, double before)
{
    if (!f->open) return flow_page(f);
    return f->y - gap_above(f, before) - f->printed->bottom + PRINTED_CLOSE;
}

void flow_break(struct flow *f)
{
    if (f->open) page_close(f);
    page_open(f);
}

void flow_place(struct flow *f, double before, double height)
{
    if (!f->open || (!f->fresh && flow_room(f, before) < height)) flow_break(f);
    f->y -= gap_above(f, before);
    f->gap = 0;
    f->fresh = false;
}

void flow_rule(struct flow *f, double x, double width, double y, double line, colour stroke)
{
    canvas_begin_artifact(&f->canvas);
    canvas_line(&f->canvas, x, y, x + width, y, line, stroke);
    canvas_end_marked(&f->canvas);
}

/* ---- Text ---- */

bool flow_layout(struct flow *f, const struct span *spans, size_t count, const struct paragraph_style *style,
                 double width, struct paragraph *out)
{
    struct rfd_error error;
    if (!flow_ok(f)) return false;
    if (paragraph_layout(f->printed->fonts, &f->arena, spans, count, style, width, out, &error) != RFD_OK)
        flow_failed(f, &error);
    return flow_ok(f);
}

/** How many lines from `from` on go into `room`: all, or so many that no page has a single one. */
static size_t lines_that_fit(const struct paragraph *p, size_t from, double room)
{
    size_t left = p->count - from;
    double leading = p->height / (double)p->count;
    size_t fit = room < leading ? 0 : (size_t)(room / leading);
    if (fit >= left) return left;
    if (left - fit < TOGETHER) fit = left > TOGETHER ? left - TOGETHER : 0;
    return fit < TOGETHER ? 0 : fit;
}

/** Draws a paragraph from here on, over as many pages as it takes. */
static void draw_lines(struct flow *f, const struct paragraph *p, struct element *e, double x)
{
    double leading = p->height / (double)p->count;
    for (size_t from = 0; from < p->count && flow_ok(f);) {
        double room = flow_room(f, 0);
        size_t fit = lines_that_fit(p, from, room);
        bool top = f->y > f->printed->top - PRINTED_CLOSE;
        if (fit == 0 && !top) {
            flow_break(f);
            continue;
        }
        if (fit == 0) fit = 1; /* a page for a line or two */
        f->fresh = false;
        structure_mark(&f->structure, e, &f->canvas);
        paragraph_draw(p, &f->canvas, x, f->y, from, from + fit);
        canvas_end_marked(&f->canvas);
        f->y -= (double)fit * leading;
        from += fit;
    }
}

/** The height of the lines that must stay with what is above. */
static double beginning(const struct paragraph *p, bool keep)
{
    if (p->count == 0) return 0;
    size_t lines = keep || p->count < 2 * TOGETHER ? p->count : TOGETHER;
    return p->height / (double)p->count * (double)lines;
}

static bool layout_text(struct flow *f, const struct part *part, struct paragraph *out)
{
    const struct printed_text *t = &part->text;
    struct paragraph_style style = {t->size, t->size * LEADING, t->alignment};
    return flow_layout(f, part->spans, part->span_count, &style, f->printed->content_width - t->indent, out);
}

static bool layout_item(struct flow *f, const struct part *part, struct paragraph *out)
{
    static const struct paragraph_style style = {ITEM_SIZE, ITEM_SIZE * LEADING, ALIGN_LEFT};
    return flow_layout(f, part->spans, part->span_count, &style, f->printed->content_width - BULLET_INDENT, out);
}

static bool layout_heading(struct flow *f, const struct part *part, struct paragraph *out)
{
    struct paragraph_style style = {headings[part->level - 1].size, headings[part->level - 1].leading, ALIGN_LEFT};
    return flow_layout(f, part->spans, part->span_count, &style, f->printed->content_width, out);
}

static void draw_paragraph(struct flow *f, const struct part *part)
{
    struct paragraph p;
    struct element e;
    if (!layout_text(f, part, &p)) return;
    if (p.count > 0) {
        flow_place(f, part->text.before, beginning(&p, part->text.keep && p.height <= flow_page(f)));
        structure_open(&f->structure, &e, &f->structure.document, "P", NULL);
        draw_lines(f, &p, &e, f->printed->left + part->text.indent);
        structure_close(&f->structure, &e);
    }
    f->gap = part->text.after;
}

static double paragraph_minimum(struct flow *f, const struct part *part)
{
    struct paragraph p;
    if (!layout_text(f, part, &p)) return 0;
    return part->text.before + beginning(&p, part->text.keep && p.height <= flow_page(f));
}

/* ---- Lists ---- */

static void open_list(struct flow *f)
{
    if (f->list_open) return;
    structure_open(&f->structure, &f->list, &f->structure.document, "L", "/O /List /ListNumbering /Disc");
    f->list_open = true;
}

static void close_list(struct flow *f)
{
    if (!f->list_open) return;
    structure_close(&f->structure, &f->list);
    f->list_open = false;
    f->gap = LIST_AFTER;
}

static void draw_bullet(struct flow *f, struct element *item)
{
    static const struct paragraph_style style = {ITEM_SIZE, ITEM_SIZE * LEADING, ALIGN_LEFT};
    const struct span span = {BULLET, FONT_REGULAR, f->printed->accent};
    struct paragraph p;
    struct element e;
    if (!flow_layout(f, &span, 1, &style, BULLET_INDENT, &p)) return;
    structure_open(&f->structure, &e, item, "Lbl", NULL);
    structure_mark(&f->structure, &e, &f->canvas);
    paragraph_draw(&p, &f->canvas, f->printed->left + 2, f->y, 0, p.count);
    canvas_end_marked(&f->canvas);
    structure_close(&f->structure, &e);
}

static void draw_item(struct flow *f, const struct part *part)
{
    struct paragraph p;
    struct element item;
    struct element body;
    if (!layout_item(f, part, &p)) return;
    open_list(f);
    flow_place(f, ITEM_AFTER, p.count > 0 ? beginning(&p, false) : ITEM_SIZE * LEADING);
    structure_open(&f->structure, &item, &f->list, "LI", NULL);
    draw_bullet(f, &item);
    structure_open(&f->structure, &body, &item, "LBody", NULL);
    if (p.count > 0) draw_lines(f, &p, &body, f->printed->left + BULLET_INDENT);
    structure_close(&f->structure, &body);
    structure_close(&f->structure, &item);
    f->gap = ITEM_AFTER;
}

static double item_minimum(struct flow *f, const struct part *part)
{
    struct paragraph p;
    return layout_item(f, part, &p) ? beginning(&p, false) : 0;
}

/* ---- Headings ---- */

static double minimum(struct flow *f, const struct part *part, int chain);

static void note_heading(struct flow *f, const struct part *part)
{
    struct outline_entry *entry = arena_zeroed(&f->entries, 1, sizeof *entry);
    if (entry == NULL) {
        struct rfd_error error;
        (void)arena_failed(&f->entries, &error);
        flow_failed(f, &error);
        return;
    }
    entry->title = part->spans[0].text;
    entry->self = pdf_update_new(f->update);
    entry->page = f->structure.page;
    entry->y = f->y;
    entry->level = part->level;
    if (f->outline.last != NULL)
        f->outline.last->next = entry;
    else
        f->outline.first = entry;
    f->outline.last = entry;
}

/** Levels are not left out on the way down (ISO 14289-1 §7.4.2), whatever the heading looks like. */
static int nested_level(struct flow *f, int level)
{
    f->level = level <= f->level ? level : f->level + 1;
    return f->level;
}

static void draw_heading(struct flow *f, const struct part *part)
{
    struct paragraph p;
    struct element e;
    double before = headings[part->level - 1].before;
    if (!layout_heading(f, part, &p) || p.count == 0) return;
    flow_place(f, before, minimum(f, part, 0) - before);
    if (!flow_ok(f)) return;
    note_heading(f, part);
    structure_open(&f->structure, &e, &f->structure.document, headings[nested_level(f, part->level) - 1].type, NULL);
    draw_lines(f, &p, &e, f->printed->left);
    structure_close(&f->structure, &e);
    f->gap = headings[part->level - 1].after;
}

static double heading_minimum(struct flow *f, const struct part *part, int chain)
{
    struct paragraph p;
    if (!layout_heading(f, part, &p)) return 0;
    double height = headings[part->level - 1].before + p.height;
    if (part->next == NULL || chain >= CHAIN_MAXIMUM) return height;
    double with_next = height + headings[part->level - 1].after + minimum(f, part->next, chain + 1);
    return with_next <= flow_page(f) ? with_next : height;
}

/* ---- Banners and the rest ---- */

struct banner {
    struct paragraph lines[2];
    size_t count;
    double height;
};

static bool layout_banner(struct flow *f, const struct part *part, struct banner *b)
{
    double width = f->printed->content_width - 2 * BANNER_SIDE;
    b->count = part->span_count;
    b->height = 2 * BANNER_PAD + (b->count > 1 ? BANNER_GAP : 0);
    for (size_t i = 0; i < b->count; i++) {
        if (!flow_layout(f, &part->spans[i], 1, &banner_styles[i], width, &b->lines[i])) return false;
        b->height += b->lines[i].height;
    }
    return true;
}

static void draw_banner_line(struct flow *f, const struct paragraph *p, double x)
{
    struct element e;
    if (p->count == 0) return;
    structure_open(&f->structure, &e, &f->structure.document, "P", NULL);
    draw_lines(f, p, &e, x);
    structure_close(&f->structure, &e);
}

/** A banner taller than a page keeps its words and loses its box. */
static void draw_banner(struct flow *f, const struct part *part)
{
    struct banner b = {0};
    const struct printed *p = f->printed;
    struct part plain = *part;
    if (!layout_banner(f, part, &b)) return;
    if (b.height > flow_page(f)) {
        for (size_t i = 0; i < plain.span_count; i++) plain.spans[i].fill = COLOUR_BLACK;
        plain.text.size = ITEM_SIZE;
        draw_paragraph(f, &plain);
        return;
    }
    flow_place(f, BANNER_SPACE, b.height);
    canvas_begin_artifact(&f->canvas);
    canvas_round_rectangle(&f->canvas, p->left, f->y - b.height, p->content_width, b.height, BANNER_RADIUS, 0,
                           part->fill, CANVAS_NONE);
    canvas_end_marked(&f->canvas);
    f->y -= BANNER_PAD;
    for (size_t i = 0; i < b.count; i++) {
        draw_banner_line(f, &b.lines[i], p->left + BANNER_SIDE);
        if (i + 1 < b.count) f->y -= BANNER_GAP;
    }
    f->y -= BANNER_PAD;
    f->gap = BANNER_SPACE;
}

static double banner_minimum(struct flow *f, const struct part *part)
{
    struct banner b = {0};
    return layout_banner(f, part, &b) ? BANNER_SPACE + b.height : 0;
}

static void draw_rule(struct flow *f)
{
    flow_place(f, RULE_SPACE, RULE_LINE);
    flow_rule(f, f->printed->left, f->printed->content_width, f->y, RULE_LINE, PRINTED_HAIRLINE);
    f->gap = RULE_SPACE;
}

/** The height that must be free below a heading for the part to begin there, with the space above it. */
static double minimum(struct flow *f, const struct part *part, int chain)
{
    double height = 0;
    struct arena_mark before = arena_mark(&f->arena);
    switch (part->kind) {
    case PART_HEADING: height = heading_minimum(f, part, chain); break;
    case PART_PARAGRAPH: height = paragraph_minimum(f, part); break;
    case PART_ITEM: height = item_minimum(f, part); break;
    case PART_BANNER: height = banner_minimum(f, part); break;
    case PART_PAIRS:
    case PART_TABLE: height = flow_grid_minimum(f, part); break;
    case PART_FIGURE: height = flow_figure_height(f, &part->figure); break;
    case PART_SPACE: height = part->height; break;
    case PART_RULE: height = RULE_SPACE; break;
    case PART_PAGE_BREAK: break;
    }
    arena_release(&f->arena, before);
    return height;
}

static void draw(struct flow *f, const struct part *part)
{
    if (part->kind != PART_ITEM) close_list(f);
    switch (part->kind) {
    case PART_HEADING: draw_heading(f, part); break;
    case PART_PARAGRAPH: draw_paragraph(f, part); break;
    case PART_ITEM: draw_item(f, part); break;
    case PART_BANNER: draw_banner(f, part); break;
    case PART_PAIRS:
    case PART_TABLE: flow_grid(f, part); break;
    case PART_FIGURE: flow_figure(f, part); break;
    case PART_SPACE: f->gap += part->height; break;
    case PART_RULE: draw_rule(f); break;
    case PART_PAGE_BREAK:
        if (f->open) page_close(f);
        break;
    }
}

void flow_run(struct flow *f)
{
    page_begin(f);
    for (const struct part *part = f->printed->first; part != NULL && flow_ok(f); part = part->next) {
        struct arena_mark before = arena_mark(&f->arena);
        draw(f, part);
        arena_release(&f->arena, before);
    }
    close_list(f);
    if (f->pages.count == 0 && !f->open && flow_ok(f)) page_open(f);
    if (f->open) page_close(f);
}
