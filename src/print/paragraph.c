/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each span is shaped once; what is laid out are its clusters, as one row of atoms over all spans. Lines are filled
 * greedily and cut the row; pieces are the stretches of a line that lie in one span. Where a span has words from right
 * to left, its atoms are put back into reading order, and what lies on one line is shaped once more for its visual
 * order.
 */
#include "print/paragraph.h"

#include "base/error.h"
#include "base/text.h"
#include "print/fonts.h"

enum { ZERO_WIDTH_SPACE = 0x200B, HYPHEN = 0x2010, EN_DASH = 0x2013, EM_DASH = 0x2014 };

/** A cluster, or the end of a line. */
struct atom {
    uint32_t segment;
    uint32_t from, to;  /* glyphs */
    uint32_t text, end; /* bytes of the segment's text */
    int64_t width;      /* thousandths */
    bool blank, newline;
    bool breaks; /* a line may end after it */
};

/** A part of a span between line ends. */
struct segment {
    struct shaped text;
    enum font_style style;
    colour fill;
    bool ends_line;
};

struct layout {
    struct fonts *fonts;
    struct arena *arena;
    double size, width;
    enum alignment alignment;
    struct segment *segments;
    size_t segment_count;
    struct atom *atoms;
    size_t atom_count;
    struct paragraph_line *lines;
    size_t line_count, missing;
    double widest;
};

/* ---- Atoms ---- */

static size_t count_segments(const struct span *spans, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n++;
        for (size_t j = 0; j < spans[i].text.length; j++) n += spans[i].text.data[j] == '\n';
    }
    return n;
}

/**
 * Whether a line may end behind bytes [from, end) of a text: a small part of UAX #14. Hyphens and slashes let it only
 * between letters (LB13, LB25), so that dates and numbers stay whole; a no-break space never does.
 */
static bool breaks_after(slice text, size_t from, size_t end)
{
    uint8_t next = end < text.length ? text.data[end] : 'a';
    bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next >= 0x80;
    slice cluster = slice_part(text, from, end - from);
    while (cluster.length > 0) {
        uint32_t c = text_next(&cluster);
        if (c == ZERO_WIDTH_SPACE || c == EN_DASH || c == EM_DASH) return true;
        if (c == '-' || c == '/' || c == HYPHEN) return letter;
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    const struct atom *left = a, *right = b;
    return (left->text > right->text) - (left->text < right->text);
}

static void add_atoms(struct layout *l, uint32_t number)
{
    const struct shaped *s = &l->segments[number].text;
    struct atom *first = &l->atoms[l->atom_count];
    for (size_t i = 0, end; i < s->count; i = end) {
        const struct glyph *g = &s->glyphs[i];
        struct atom *a = &l->atoms[l->atom_count++];
        *a = (struct atom){.segment = number, .from = (uint32_t)i, .text = g->text, .end = g->text + g->text_length};
        for (end = i; end < s->count && (end == i || !s->glyphs[end].starts); end++) a->width += s->glyphs[end].advance;
        a->to = (uint32_t)end;
        a->blank = font_is_blank(s, g);
        a->breaks = a->blank || breaks_after(s->text, a->text, a->end);
    }
    if (s->reordered) qsort(first, (size_t)(&l->atoms[l->atom_count] - first), sizeof *first, by_text);
}

static rfd_status shape_span(struct layout *l, const struct span *span, struct rfd_error *error)
{
    slice rest = span->text;
    for (;;) {
        const uint8_t *end = rest.length == 0 ? NULL : memchr(rest.data, '\n', rest.length);
        struct segment *s = &l->segments[l->segment_count++];
        s->fill = span->fill;
        s->style = span->style;
        slice text = slice_part(rest, 0, end == NULL ? rest.length : (size_t)(end - rest.data));
        TRY(fonts_shape(l->fonts, span->style, text, l->arena, &s->text, error));
        l->missing += s->text.missing;
        if (end == NULL) return RFD_OK;
        rest = slice_from(rest, text.length + 1);
        s->ends_line = true;
    }
}

static rfd_status make_atoms(struct layout *l, const struct span *spans, size_t count, struct rfd_error *error)
{
    l->segments = arena_zeroed(l->arena, count_segments(spans, count), sizeof *l->segments);
    if (l->segments == NULL) return arena_failed(l->arena, error);
    size_t atoms = 0;
    for (size_t i = 0; i < count; i++) TRY(shape_span(l, &spans[i], error));
    for (size_t i = 0; i < l->segment_count; i++) atoms += l->segments[i].text.count + 1;
    l->atoms = arena_zeroed(l->arena, atoms, sizeof *l->atoms);
    if (l->atoms == NULL) return arena_failed(l->arena, error);
    for (size_t i = 0; i < l->segment_count; i++) {
        add_atoms(l, (uint32_t)i);
        if (l->segments[i].ends_line) l->atoms[l->atom_count++] = (struct atom){.newline = true};
    }
    return RFD_OK;
}

/* ---- Lines ---- */

/** Where the line that begins at atom `from` ends: behind the last atom that belongs to it. A blank that does not fit
 * hangs over the edge. */
static size_t find_end(const struct layout *l, size_t from)
{
    int64_t width = 0;
    size_t last_break = 0, i = from;
    double room = l->width * 1000 / l->size + 0.5; /* what rounding may add */
    for (; i < l->atom_count && !l->atoms[i].newline; i++) {
        const struct atom *a = &l->atoms[i];
        width += a->width;
        if ((double)width > room && !a->blank) {
            if (last_break > from) return last_break;
            return i > from ? i : i + 1;
        }
        if (a->breaks) last_break = i + 1;
    }
    return i;
}

struct row {
    size_t from, to; /* atoms without blanks at the end */
    int64_t width;
    size_t blanks;
    bool last; /* of the paragraph, or before a line end that was asked for */
};

static struct row measure(const struct layout *l, size_t from, size_t to)
{
    struct row row = {.from = from, .to = to, .last = to == l->atom_count || l->atoms[to].newline};
    while (row.to > from && l->atoms[row.to - 1].blank) row.to--;
    for (size_t i = from; i < row.to; i++) {
        row.width += l->atoms[i].width;
        row.blanks += l->atoms[i].blank;
    }
    return row;
}

static size_t count_pieces(const struct layout *l, const struct row *row)
{
    size_t n = 0;
    for (size_t i = row->from; i < row->to; i++) n += i == row->from || l->atoms[i].segment != l->atoms[i - 1].segment;
    return n;
}

static double indent(const struct layout *l, double width)
{
    switch (l->alignment) {
    case ALIGN_CENTRE: return (l->width - width) / 2;
    case ALIGN_RIGHT: return l->width - width;
    default: return 0;
    }
}

/** Atoms [from, to), which lie in one segment, as a piece at x. */
static rfd_status make_piece(const struct layout *l, size_t from, size_t to, double x, struct paragraph_piece *out,
                             struct rfd_error *error)
{
    const struct atom *first = &l->atoms[from], *last = &l->atoms[to - 1];
    const struct segment *s = &l->segments[first->segment];
    *out = (struct paragraph_piece){.text = &s->text, .from = first->from, .to = last->to, .x = x, .fill = s->fill};
    if (!s->text.reordered) return RFD_OK;
    struct shaped *again = arena_zeroed(l->arena, 1, sizeof *again);
    if (again == NULL) return arena_failed(l->arena, error);
    slice text = slice_part(s->text.text, first->text, last->end - first->text);
    TRY(fonts_shape_line(l->fonts, s->style, s->text.right_to_left, text, l->arena, again, error));
    out->text = again;
    out->from = 0;
    out->to = again->count;
    return RFD_OK;
}

/** Words are told apart by the blanks in the content, at a line's end, too (ISO 32000-2 §14.8.2.6.2): one that a line
 * was broken at is shown, though it has no part in the line's width. */
static void keep_blank(const struct layout *l, const struct row *row, struct paragraph_piece *last)
{
    const struct atom *blank = &l->atoms[row->to];
    bool kept = row->to < l->atom_count && blank->blank && blank->segment == blank[-1].segment;
    if (kept && !l->segments[blank->segment].text.reordered) last->to = blank->to;
}

static rfd_status add_line(struct layout *l, const struct row *row, struct rfd_error *error)
{
    struct paragraph_line *line = &l->lines[l->line_count++];
    struct paragraph_piece *pieces = arena_zeroed(l->arena, count_pieces(l, row), sizeof *pieces);
    if (pieces == NULL) return arena_failed(l->arena, error);
    double width = (double)row->width * l->size / 1000;
    if (l->alignment == ALIGN_JUSTIFY && !row->last && row->blanks > 0 && width < l->width) {
        line->word_space = (l->width - width) / (double)row->blanks;
        width = l->width;
    }
    double x = indent(l, width);
    for (size_t i = row->from, start = i; i < row->to; i++) {
        const struct atom *a = &l->atoms[i];
        bool ends = i + 1 == row->to || a[1].segment != a->segment;
        if (ends) {
            TRY(make_piece(l, start, i + 1, x, &pieces[line->count++], error));
            for (; start <= i; start++)
                x += (double)l->atoms[start].width * l->size / 1000 + (l->atoms[start].blank ? line->word_space : 0);
        }
    }
    if (line->count > 0) keep_blank(l, row, &pieces[line->count - 1]);
    line->pieces = pieces;
    line->width = width;
    if (width > l->widest) l->widest = width;
    return RFD_OK;
}

/** Passes over the blanks that a line was broken at, and a line end. */
static size_t next_line(const struct layout *l, size_t to)
{
    if (to < l->atom_count && l->atoms[to].newline) return to + 1;
    return to;
}

static size_t count_lines(const struct layout *l)
{
    size_t n = 0, from = 0;
    do {
        from = next_line(l, find_end(l, from));
        n++;
    } while (from < l->atom_count);
    bool open = l->atom_count > 0 && l->atoms[l->atom_count - 1].newline;
    return n + open;
}

static rfd_status make_lines(struct layout *l, struct rfd_error *error)
{
    size_t count = l->atom_count == 0 ? 0 : count_lines(l), from = 0;
    l->lines = arena_zeroed(l->arena, count, sizeof *l->lines);
    if (l->lines == NULL) return arena_failed(l->arena, error);
    while (l->line_count < count) {
        size_t to = find_end(l, from);
        struct row row = measure(l, from, to);
        TRY(add_line(l, &row, error));
        from = next_line(l, to);
    }
    return RFD_OK;
}

rfd_status paragraph_layout(struct fonts *fonts, struct arena *arena, const struct span *spans, size_t count,
                            const struct paragraph_style *style, double width, struct paragraph *out,
                            struct rfd_error *error)
{
    enum { SIZE_MAXIMUM = 10000 };
    if (!(style->size > 0 && style->size <= SIZE_MAXIMUM) || !(width >= 0 && width <= 100 * SIZE_MAXIMUM))
        return error_set(error, RFD_E_ARGUMENT, "a paragraph without size or width");
    struct layout l = {.fonts = fonts, .arena = arena, .size = style->size, .width = width};
    struct paragraph p = {.style = *style};
    l.alignment = style->alignment;
    if (!(p.style.leading > 0)) p.style.leading = 1.25 * style->size;
    TRY(make_atoms(&l, spans, count, error));
    TRY(make_lines(&l, error));
    enum font_style first = count > 0 ? spans[0].style : FONT_REGULAR;
    struct font_metrics metrics = fonts_metrics(fonts, first);
    double letters = (metrics.ascent - metrics.descent) * style->size / 1000;
    p.ascent = (p.style.leading - letters) / 2 + metrics.ascent * style->size / 1000;
    p.lines = l.lines;
    p.count = l.line_count;
    p.width = l.widest;
    p.height = (double)l.line_count * p.style.leading;
    p.missing = l.missing;
    *out = p;
    return RFD_OK;
}

void paragraph_draw(const struct paragraph *p, struct canvas *c, double x, double y, size_t from, size_t to)
{
    for (size_t i = from; i < to && i < p->count; i++) {
        const struct paragraph_line *line = &p->lines[i];
        double base = y - p->ascent - (double)(i - from) * p->style.leading;
        for (size_t j = 0; j < line->count; j++) {
            const struct paragraph_piece *piece = &line->pieces[j];
            canvas_text_spaced(c, x + piece->x, base, p->style.size, piece->fill, piece->text, piece->from, piece->to,
                               line->word_space);
        }
    }
}
