/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/report/report_timeline.h"

#include "base/clock.h"
#include "pades/report/report_axis.h"
#include "pades/report/report_measure.h"

enum { NARROW = 560, ROW_SHAPES = 32, FIXED_SHAPES = 256, YEARS_PROVEN = 100, YEARS_CLAIMED = 40, YEARS_VALID = 6 };

static const double label_size = 13;
static const double small_size = 11;
static const double bar_half = 4;
static const double mark_offset = 13; /* of the marks above and below the bar */
static const double edge = 8;

/* What is being drawn. */
struct picture {
    struct report_voice *voice;
    const struct report_row *rows;
    size_t row_count;
    rfd_time checked;
    bool narrow;
    double label_width, row_height, rows_top, rows_bottom;
    struct report_axis axis;
    struct report_shape *shapes;
    size_t count, capacity;
    double width, height;
};

const char *report_paint_name(enum report_paint paint)
{
    static const char *const names[] = {"none",    "ink",    "muted", "grid", "back",  "bar",
                                        "claimed", "proven", "now",   "good", "doubt", "bad"};
    return names[paint];
}

/* --- Shapes ------------------------------------------------------------------------------------------------------ */

static void add(struct picture *p, struct report_shape shape)
{
    if (p->count < p->capacity) p->shapes[p->count++] = shape;
}

static void line(struct picture *p, double x1, double y1, double x2, double y2, double width, enum report_paint stroke)
{
    add(p, (struct report_shape){.kind = REPORT_LINE,
                                 .stroke = stroke,
                                 .x = x1,
                                 .y = y1,
                                 .width = x2 - x1,
                                 .height = y2 - y1,
                                 .line = width});
}

static void write_at(struct picture *p, double x, double y, double size, int anchor, enum report_paint fill,
                     const char *text)
{
    add(p, (struct report_shape){
               .kind = REPORT_TEXT, .fill = fill, .x = x, .y = y, .size = size, .anchor = anchor, .text = text});
}

/** Text around x that does not leave [left, right]. */
static void write_within(struct picture *p, double x, double y, double left, double right, enum report_paint fill,
                         const char *text)
{
    double half = report_measure_width(text, small_size) / 2;
    if (x - half < left)
        write_at(p, left, y, small_size, -1, fill, text);
    else if (x + half > right)
        write_at(p, right, y, small_size, 1, fill, text);
    else
        write_at(p, x, y, small_size, 0, fill, text);
}

/* --- Axis -------------------------------------------------------------------------------------------------------- */

static void set_axis(struct picture *p)
{
    p->axis = report_axis_start(p->checked);
    for (size_t i = 0; i < p->row_count; i++) {
        const struct report_row *r = &p->rows[i];
        report_axis_include(&p->axis, r->proven, YEARS_PROVEN);
        report_axis_include(&p->axis, r->revoked, YEARS_CLAIMED);
        for (size_t k = 0; k < r->stamp_count; k++) report_axis_include(&p->axis, r->stamps[k], YEARS_PROVEN);
    }
    for (size_t i = 0; i < p->row_count; i++) report_axis_include(&p->axis, p->rows[i].claimed, YEARS_CLAIMED);
    struct report_axis inner = p->axis;
    for (size_t i = 0; i < p->row_count; i++) {
        struct report_axis one = inner; /* not from bar to bar, which could lead anywhere */
        report_axis_include(&one, p->rows[i].valid_from, YEARS_VALID);
        report_axis_include(&one, p->rows[i].valid_until, YEARS_VALID);
        report_axis_include(&p->axis, one.from, YEARS_VALID);
        report_axis_include(&p->axis, one.until, YEARS_VALID);
    }
    report_axis_finish(&p->axis, p->label_width + edge, p->width - p->label_width - 2 * edge);
}

static const char *tick_label(struct picture *p, enum report_tick_unit unit, rfd_time at)
{
    if (unit == REPORT_TICK_DAY) return report_short_day(p->voice, at);
    if (unit == REPORT_TICK_MONTH) return report_short_month(p->voice, at);
    return report_number(p->voice, (uint64_t)clock_civil(at).year);
}

static void draw_axis(struct picture *p, double y)
{
    struct report_ticks ticks;
    report_axis_ticks(&p->axis, report_measure_width("0000-00", small_size) + 14, &ticks);
    for (size_t i = 0; i < ticks.count; i++) {
        double x = report_axis_place(&p->axis, ticks.at[i], NULL);
        line(p, x, y + 6, x, p->rows_bottom, 1, REPORT_PAINT_GRID);
        write_within(p, x, y, p->label_width, p->width, REPORT_PAINT_MUTED, tick_label(p, ticks.unit, ticks.at[i]));
    }
}

/* --- Revisions --------------------------------------------------------------------------------------------------- */

/** A tag on top for one revision, or for a run of them whose tags would touch. */
struct tag {
    double x; /* of its tick */
    uint32_t first, last;
    const char *text;
    double left, width;
};

static void set_tag_text(struct picture *p, struct tag *t)
{
    t->text = t->first == t->last ? report_number(p->voice, t->first)
                                  : report_fill(p->voice, "%1–%2", report_number(p->voice, t->first),
                                                report_number(p->voice, t->last), NULL);
    t->width = report_measure_width(t->text, small_size) + 10;
    t->left = t->x - t->width / 2;
    if (t->left + t->width > p->width) t->left = p->width - t->width;
    if (t->left < p->label_width) t->left = p->label_width;
}

static int by_place(const void *a, const void *b)
{
    const struct tag *x = a;
    const struct tag *y = b;
    if (x->x != y->x) return x->x < y->x ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

/** The tags of all rows whose time lies within the picture, in order of place. */
static size_t collect_tags(struct picture *p, struct tag tags[REPORT_ROWS_MAXIMUM])
{
    size_t count = 0;
    for (size_t i = 0; i < p->row_count; i++) {
        const struct report_row *r = &p->rows[i];
        rfd_time at = r->proven != RFD_TIME_NONE ? r->proven : r->claimed;
        bool outside;
        if (r->revision == 0 || at == RFD_TIME_NONE) continue;
        double x = report_axis_place(&p->axis, at, &outside);
        if (outside) continue;
        tags[count] = (struct tag){.x = x, .first = r->revision, .last = r->revision};
        set_tag_text(p, &tags[count++]);
    }
    qsort(tags, count, sizeof *tags, by_place);
    return count;
}

/** Joins tags until none touches the next; a joined one can grow into its neighbour. */
static size_t join_tags(struct picture *p, struct tag *tags, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        tags[kept++] = tags[i];
        while (kept > 1 && tags[kept - 2].left + tags[kept - 2].width + 3 > tags[kept - 1].left) {
            struct tag *t = &tags[kept - 2];
            if (t[1].first < t->first) t->first = t[1].first;
            if (t[1].last > t->last) t->last = t[1].last;
            set_tag_text(p, t);
            kept--;
        }
    }
    return kept;
}

static void draw_revisions(struct picture *p, double y)
{
    struct tag tags[REPORT_ROWS_MAXIMUM];
    size_t count = join_tags(p, tags, collect_tags(p, tags));
    if (!p->narrow) write_at(p, 0, y + 4, small_size, -1, REPORT_PAINT_MUTED, report_word(p->voice, N_("Revisions")));
    for (size_t i = 0; i < count; i++) {
        const struct tag *t = &tags[i];
        line(p, t->x, y + 8, t->x, y + 18, 1, REPORT_PAINT_INK);
        add(p, (struct report_shape){.kind = REPORT_BOX,
                                     .fill = REPORT_PAINT_BACK,
                                     .stroke = REPORT_PAINT_INK,
                                     .x = t->left,
                                     .y = y - 8,
                                     .width = t->width,
                                     .height = 16,
                                     .size = 4,
                                     .line = 1});
        write_at(p, t->left + t->width / 2, y + 4, small_size, 0, REPORT_PAINT_INK, t->text);
    }
}

/* --- Rows -------------------------------------------------------------------------------------------------------- */

static const enum report_paint tone_paints[] = {
    [REPORT_GOOD] = REPORT_PAINT_GOOD,
    [REPORT_DOUBT] = REPORT_PAINT_DOUBT,
    [REPORT_BAD] = REPORT_PAINT_BAD,
    [REPORT_PLAIN] = REPORT_PAINT_MUTED,
};

/** Lines that run behind a label above its row are covered. */
static void write_label(struct picture *p, double y, double size, bool bold, enum report_paint fill, const char *text)
{
    if (p->narrow)
        add(p, (struct report_shape){.kind = REPORT_BOX,
                                     .fill = REPORT_PAINT_BACK,
                                     .x = 12,
                                     .y = y - size,
                                     .width = report_measure_width(text, size) + 4,
                                     .height = size * 1.3});
    add(p, (struct report_shape){.kind = REPORT_TEXT,
                                 .fill = fill,
                                 .x = 14,
                                 .y = y,
                                 .size = size,
                                 .anchor = -1,
                                 .bold = bold,
                                 .text = text});
}

static void draw_label(struct picture *p, const struct report_row *r, double top)
{
    double width = (p->narrow ? p->width : p->label_width - edge) - 14;
    add(p,
        (struct report_shape){.kind = REPORT_CIRCLE, .fill = tone_paints[r->tone], .x = 5, .y = top + 13, .size = 4});
    write_label(p, top + 17.5, label_size, true, REPORT_PAINT_INK,
                report_measure_fit(p->voice, r->label, label_size * 1.06, width));
    write_label(p, top + 32, small_size, false, REPORT_PAINT_MUTED,
                report_measure_fit(p->voice, r->note, small_size, width));
}

static void draw_validity(struct picture *p, const struct report_row *r, double y)
{
    bool before;
    bool after;
    if (r->valid_from == RFD_TIME_NONE || r->valid_until == RFD_TIME_NONE || r->valid_until < r->valid_from) return;
    double from = report_axis_place(&p->axis, r->valid_from, &before);
    double until = report_axis_place(&p->axis, r->valid_until, &after);
    if (before) from = p->axis.left - edge;
    if (after) until = p->axis.left + p->axis.width + edge;
    if (until - from < 2) until = from + 2;
    add(p, (struct report_shape){.kind = REPORT_BOX,
                                 .fill = REPORT_PAINT_BAR,
                                 .x = from,
                                 .y = y - bar_half,
                                 .width = until - from,
                                 .height = 2 * bar_half,
                                 .size = before || after ? 0 : bar_half,
                                 .text = report_say(p->voice, N_("Certificate valid from %1 to %2"),
                                                    report_day(p->voice, r->valid_from),
                                                    report_day(p->voice, r->valid_until), NULL)});
}

/** The year of a mark that stands at an edge because its time is further out. */
static void write_outside(struct picture *p, double x, double y, rfd_time at)
{
    bool early = at < p->axis.from;
    const char *year = report_number(p->voice, (uint64_t)clock_civil(at).year);
    write_at(p, early ? x + 10 : x - 10, y, small_size, early ? -1 : 1, REPORT_PAINT_MUTED,
             report_fill(p->voice, early ? "‹ %1" : "%1 ›", year, NULL));
}

/** A mark at `side` x mark_offset from the bar, with a stem to it. */
static void draw_mark(struct picture *p, enum report_shape_kind kind, double y, int side, rfd_time at,
                      enum report_paint fill, enum report_paint stroke, const char *meaning)
{
    if (at == RFD_TIME_NONE) return;
    bool outside;
    double x = report_axis_place(&p->axis, at, &outside);
    double mark = y + side * mark_offset;
    if (side != 0) line(p, x, y, x, mark, 1.5, stroke);
    add(p, (struct report_shape){.kind = kind,
                                 .fill = fill,
                                 .stroke = stroke,
                                 .x = x,
                                 .y = mark,
                                 .size = kind == REPORT_CIRCLE ? 4.5 : 6,
                                 .line = 2,
                                 .text = report_fill(p->voice, "%1: %2", meaning, report_moment(p->voice, at), NULL)});
    if (outside) write_outside(p, x, mark + 4, at);
}

static double row_top(const struct picture *p, size_t row)
{
    return p->rows_top + (double)row * p->row_height;
}

/** Where its bar is. */
static double row_middle(const struct picture *p, size_t row)
{
    return row_top(p, row) + (p->narrow ? p->row_height - 24 : p->row_height / 2);
}

static void draw_row(struct picture *p, size_t row)
{
    struct report_voice *v = p->voice;
    const struct report_row *r = &p->rows[row];
    double top = row_top(p, row);
    double y = row_middle(p, row);
    line(p, 0, top, p->width, top, 1, REPORT_PAINT_GRID);
    draw_label(p, r, p->narrow ? top : top + (p->row_height - 44) / 2);
    draw_validity(p, r, y);
    if (!r->document_timestamp)
        draw_mark(p, REPORT_CIRCLE, y, -1, r->claimed, REPORT_PAINT_BACK, REPORT_PAINT_CLAIMED,
                  report_word(v, N_("Time that the signer states")));
    for (size_t i = 0; i < r->stamp_count; i++)
        draw_mark(p, REPORT_DIAMOND, y, 1, r->stamps[i], REPORT_PAINT_PROVEN, REPORT_PAINT_PROVEN,
                  report_word(v, N_("Time stamp")));
    draw_mark(p, REPORT_DIAMOND, y, 1, r->proven, REPORT_PAINT_PROVEN, REPORT_PAINT_PROVEN,
              report_word(v, N_("Time that is proven")));
    draw_mark(p, REPORT_CROSS, y, 0, r->revoked, REPORT_PAINT_NONE, REPORT_PAINT_BAD,
              report_word(v, N_("Certificate revoked")));
}

/** A time stamp of the document proves everything above it: a line up from its mark, behind all rows. */
static void draw_proofs(struct picture *p)
{
    for (size_t i = 0; i < p->row_count; i++) {
        if (!p->rows[i].document_timestamp || p->rows[i].proven == RFD_TIME_NONE) continue;
        double x = report_axis_place(&p->axis, p->rows[i].proven, NULL);
        line(p, x, p->rows_top, x, row_middle(p, i), 1, REPORT_PAINT_PROVEN);
    }
}

static void draw_check(struct picture *p, double y)
{
    double x = report_axis_place(&p->axis, p->checked, NULL);
    line(p, x, p->rows_top, x, p->rows_bottom + 6, 1.5, REPORT_PAINT_NOW);
    write_within(p, x, y, p->label_width, p->width, REPORT_PAINT_NOW,
                 report_say(p->voice, N_("This check: %1"), report_short_day(p->voice, p->checked), NULL));
}

/* --- Legend ------------------------------------------------------------------------------------------------------ */

struct legend_entry {
    enum report_shape_kind kind;
    enum report_paint fill, stroke;
    const char *text;
    bool used;
};

static void draw_legend_mark(struct picture *p, const struct legend_entry *e, double x, double y)
{
    bool box = e->kind == REPORT_BOX;
    add(p, (struct report_shape){.kind = e->kind,
                                 .fill = e->fill,
                                 .stroke = e->stroke,
                                 .x = box ? x : x + 8,
                                 .y = box ? y - 4 : y,
                                 .width = 18,
                                 .height = 8,
                                 .size = box                        ? 4
                                         : e->kind == REPORT_CIRCLE ? 4.5
                                                                    : 6,
                                 .line = box ? 0 : 2});
}

/** Entries one after another, in as many lines as they need; returns the y below them. */
static double draw_legend(struct picture *p, double y)
{
    bool claimed = false;
    bool proven = false;
    bool revoked = false;
    bool certificate = false;
    for (size_t i = 0; i < p->row_count; i++) {
        const struct report_row *r = &p->rows[i];
        claimed |= r->claimed != RFD_TIME_NONE && !r->document_timestamp;
        proven |= r->proven != RFD_TIME_NONE || r->stamp_count > 0;
        revoked |= r->revoked != RFD_TIME_NONE;
        certificate |= r->valid_from != RFD_TIME_NONE;
    }
    const struct legend_entry entries[] = {
        {REPORT_CIRCLE, REPORT_PAINT_BACK, REPORT_PAINT_CLAIMED, N_("Time that the signer states"), claimed},
        {REPORT_DIAMOND, REPORT_PAINT_PROVEN, REPORT_PAINT_PROVEN, N_("Time that a time stamp proves"), proven},
        {REPORT_BOX, REPORT_PAINT_BAR, REPORT_PAINT_NONE, N_("Certificate valid"), certificate},
        {REPORT_CROSS, REPORT_PAINT_NONE, REPORT_PAINT_BAD, N_("Certificate revoked"), revoked},
    };
    double x = 0;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (!entries[i].used) continue;
        const char *text = report_word(p->voice, entries[i].text);
        double width = 26 + report_measure_width(text, small_size) + 12;
        if (x > 0 && x + width > p->width) {
            x = 0;
            y += 20;
        }
        draw_legend_mark(p, &entries[i], x, y - 4);
        write_at(p, x + 24, y, small_size, -1, REPORT_PAINT_MUTED, text);
        x += width;
    }
    return y + 8;
}

/* --- The whole --------------------------------------------------------------------------------------------------- */

void report_timeline_layout(struct report_voice *v, const struct report_picture *picture, struct report_timeline *out)
{
    size_t last = picture->last < picture->count ? picture->last : picture->count;
    size_t drawn = picture->first < last ? last - picture->first : 0;
    if (drawn > REPORT_ROWS_MAXIMUM) drawn = REPORT_ROWS_MAXIMUM;
    struct picture p = {.voice = v, .rows = picture->rows, .row_count = picture->count, .checked = picture->checked};
    p.width = picture->width;
    p.narrow = p.width < NARROW;
    p.label_width = p.narrow ? 0 : p.width * 0.25;
    p.row_height = p.narrow ? 86 : 48;
    p.rows_top = 50;
    p.rows_bottom = p.rows_top + (double)drawn * p.row_height;
    p.capacity = FIXED_SHAPES + drawn * ROW_SHAPES;
    p.shapes = arena_zeroed(v->arena, p.capacity, sizeof *p.shapes);
    *out = (struct report_timeline){.width = p.width};
    if (p.shapes == NULL) {
        v->failed = true;
        return;
    }
    set_axis(&p);
    p.rows += picture->first;
    p.row_count = drawn;
    draw_axis(&p, 12);
    draw_check(&p, p.rows_bottom + 18);
    draw_proofs(&p);
    for (size_t i = 0; i < drawn; i++) draw_row(&p, i);
    line(&p, 0, p.rows_bottom, p.width, p.rows_bottom, 1, REPORT_PAINT_GRID);
    draw_revisions(&p, 32);
    out->height = draw_legend(&p, p.rows_bottom + 46);
    out->shapes = p.shapes;
    out->count = p.count;
}
