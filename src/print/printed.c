/* SPDX-License-Identifier: EUPL-1.2
 *
 * Taking what is to be printed: settings are checked, text is copied and cleaned, parts are put in a list. Nothing is
 * laid out before printed_finish().
 */
#include "print/printed_internal.h"

#include "base/memory.h"
#include "base/text.h"
#include "pdf/create.h"

#include <math.h>

/* A4 (ISO 216). */
#define A4_WIDTH        595.276
#define A4_HEIGHT       841.89
#define MILLIMETRE      (72 / 25.4)
#define SIDE_MINIMUM    144.0
#define SIDE_MAXIMUM    14400.0 /* ISO 19005-2 §6.1.13 */
#define LENGTH_MAXIMUM  14400.0
#define CONTENT_MINIMUM 72.0
#define SIZE_MINIMUM    1.0
#define SIZE_MAXIMUM    200.0
/** What header and footer take of the page beside the margins. */
#define FURNITURE_SPACE 12.0

static void fail(struct printed *p, const struct rfd_error *error)
{
    if (p->failure.code == RFD_OK) p->failure = *error;
}

static void fail_argument(struct printed *p, const char *what)
{
    struct rfd_error error;
    (void)error_set(&error, RFD_E_ARGUMENT, "%s", what);
    fail(p, &error);
}

static void fail_arena(struct printed *p)
{
    struct rfd_error error;
    (void)arena_failed(&p->arena, &error);
    fail(p, &error);
}

/* ---- Text ---- */

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

static bool is_clean(slice s, bool lines)
{
    for (size_t i = 0; i < s.length; i++) {
        uint8_t c = s.data[i];
        bool plain = c >= 0x20 && c != 0x7F && c != 0xC2; /* 0xC2 begins U+0080 to U+009F */
        if (!plain && !(lines && c == '\n')) return false;
    }
    return text_is_utf8(s);
}

/** Control characters become spaces, CR LF one end of line, and what is not UTF-8 U+FFFD. */
static void put_clean(struct buf *b, slice s, bool lines)
{
    while (s.length > 0) {
        uint32_t c = text_next(&s);
        if (lines && c == '\r' && s.length > 0 && s.data[0] == '\n') continue;
        if (lines && (c == '\n' || c == '\r'))
            buf_put_byte(b, '\n');
        else
            text_put_utf8(b, is_control(c) ? ' ' : c);
    }
}

/** A copy that lives as long as the document; `lines`: ends of lines are kept. */
static slice copy(struct printed *p, slice s, bool lines)
{
    struct buf clean;
    slice kept = SLICE_EMPTY;
    if (p->failure.code != RFD_OK) return SLICE_EMPTY;
    if (is_clean(s, lines)) {
        kept = arena_copy(&p->arena, s);
        if (kept.data == NULL) fail_arena(p);
        return kept;
    }
    buf_init(&clean, PRINTED_TEXT_MAXIMUM);
    put_clean(&clean, s, lines);
    struct rfd_error error;
    if (buf_check(&clean, "text", &error) != RFD_OK) {
        fail(p, &error);
    } else {
        kept = arena_copy(&p->arena, buf_slice(&clean));
        if (kept.data == NULL) fail_arena(p);
    }
    buf_dispose(&clean);
    return kept;
}

static slice copy_text(struct printed *p, const char *text, bool lines)
{
    return text == NULL ? SLICE_EMPTY : copy(p, slice_text(text), lines);
}

/** As above, for what goes into a text string of the file. */
static slice copy_entry(struct printed *p, const char *text)
{
    slice kept = copy_text(p, text, false);
    if (kept.length > PRINTED_ENTRY_MAXIMUM) fail_argument(p, "a title or alternative text is too long");
    return kept;
}

/* ---- The document ---- */

static bool is_language(slice tag)
{
    for (size_t i = 0; i < tag.length; i++) {
        uint8_t c = tag.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c != '-' || i == 0)) return false;
    }
    return tag.length <= 35; /* RFC 5646 §4.4.1 */
}

/** Metadata must be right, not made right. */
static rfd_status take_metadata(struct printed *p, const struct printed_settings *s, struct rfd_error *error)
{
    const struct {
        const char *name, *text;
        slice *to;
    } entries[] = {{"title", s->title, &p->title},
                   {"author", s->author, &p->author},
                   {"subject", s->subject, &p->subject},
                   {"language", s->language, &p->language},
                   {"producer", s->producer == NULL ? "Refrenda" : s->producer, &p->producer}};
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        if (entries[i].text == NULL) continue;
        TRY(metadata_check(entries[i].name, slice_text(entries[i].text), error));
        *entries[i].to = copy_text(p, entries[i].text, false);
    }
    if (!is_language(p->language)) return error_set(error, RFD_E_ARGUMENT, "the language is not a tag of RFC 5646");
    return RFD_OK;
}

static rfd_status take_geometry(struct printed *p, const struct printed_settings *s, struct rfd_error *error)
{
    p->width = s->width == 0 ? A4_WIDTH : s->width;
    p->height = s->height == 0 ? A4_HEIGHT : s->height;
    p->margin = s->margin == 0 ? PRINTED_MARGIN_DEFAULT * MILLIMETRE : s->margin;
    bool foot = s->footer != NULL || s->page_label != NULL;
    bool furniture = foot || s->header != NULL;
    bool sides = p->width >= SIDE_MINIMUM && p->width <= SIDE_MAXIMUM && p->height >= SIDE_MINIMUM &&
                 p->height <= SIDE_MAXIMUM && p->margin >= (furniture ? PRINTED_MARGIN_MINIMUM : 0);
    p->left = p->margin;
    p->content_width = p->width - 2 * p->margin;
    p->top = p->height - p->margin - (s->header != NULL ? FURNITURE_SPACE : 0);
    p->bottom = p->margin + (foot ? FURNITURE_SPACE : 0);
    if (!sides || !(p->content_width >= CONTENT_MINIMUM) || !(p->top - p->bottom >= CONTENT_MINIMUM))
        return error_set(error, RFD_E_ARGUMENT, "no room on a page of %.0f x %.0f points with margins of %.0f",
                         p->width, p->height, p->margin);
    return RFD_OK;
}

rfd_status printed_new(struct fonts *fonts, const struct printed_settings *settings, struct printed **out,
                       struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct printed *p = memory_zeroed(1, sizeof *p);
    if (p == NULL) return error_memory(error);
    arena_init(&p->arena, PRINTED_TEXT_MAXIMUM);
    p->fonts = fonts;
    p->time = settings->time;
    p->accent = settings->accent == 0 ? PRINTED_ACCENT : settings->accent;
    TRY_OUT(take_geometry(p, settings, error));
    TRY_OUT(take_metadata(p, settings, error));
    p->header = copy_text(p, settings->header, true);
    p->footer = copy_text(p, settings->footer, true);
    p->page_label = copy_text(p, settings->page_label, false);
    if (p->failure.code != RFD_OK) {
        if (error != NULL) *error = p->failure;
        status = p->failure.code;
        goto out;
    }
    *out = p;
    p = NULL;
out:
    printed_free(p);
    return status;
}

void printed_free(struct printed *p)
{
    if (p == NULL) return;
    arena_dispose(&p->arena);
    memory_free(p);
}

double printed_width(const struct printed *p)
{
    return p->content_width;
}

/* ---- Parts ---- */

/** A part at the list's end, or NULL when the document failed. */
static struct part *add(struct printed *p, enum part_kind kind)
{
    if (p->failure.code != RFD_OK) return NULL;
    struct part *part = arena_zeroed(&p->arena, 1, sizeof *part);
    if (part == NULL) {
        fail_arena(p);
        return NULL;
    }
    part->kind = kind;
    if (p->last != NULL)
        p->last->next = part;
    else
        p->first = part;
    p->last = part;
    return part;
}

static void *array(struct printed *p, size_t count, size_t size)
{
    void *made = arena_zeroed(&p->arena, count == 0 ? 1 : count, size);
    if (made == NULL) fail_arena(p);
    return made;
}

/** A length that was given, or a failure: a NaN is none either. */
static double length(struct printed *p, double value)
{
    if (value >= 0 && value <= LENGTH_MAXIMUM) return value;
    fail_argument(p, "a length is negative or too long");
    return 0;
}

static void set_spans(struct printed *p, struct part *part, const struct span *spans, size_t count)
{
    struct span *kept = array(p, count, sizeof *kept);
    if (kept == NULL) return;
    for (size_t i = 0; i < count; i++)
        kept[i] = (struct span){copy(p, spans[i].text, true), spans[i].style, spans[i].fill};
    part->spans = kept;
    part->span_count = count;
}

void printed_heading(struct printed *p, int level, const char *text)
{
    struct part *part = add(p, PART_HEADING);
    if (part == NULL) return;
    if (level < 1 || level > 3) {
        fail_argument(p, "a heading's level is not 1, 2 or 3");
        return;
    }
    struct span span = {copy_entry(p, text), FONT_BOLD, level < 3 ? p->accent : COLOUR_BLACK};
    part->level = level;
    set_spans(p, part, &span, 1);
}

void printed_paragraph(struct printed *p, const struct span *spans, size_t count, const struct printed_text *text)
{
    static const struct printed_text usual = {.after = 7};
    struct part *part = add(p, PART_PARAGRAPH);
    if (part == NULL) return;
    part->text = text == NULL ? usual : *text;
    if (part->text.size == 0) part->text.size = 10;
    (void)length(p, part->text.before);
    (void)length(p, part->text.after);
    bool fits = part->text.size >= SIZE_MINIMUM && part->text.size <= SIZE_MAXIMUM &&
                p->content_width - length(p, part->text.indent) >= part->text.size;
    if (!fits) fail_argument(p, "a paragraph's size or indent leaves no room");
    set_spans(p, part, spans, count);
}

void printed_words(struct printed *p, const char *text)
{
    const struct span span = {text == NULL ? SLICE_EMPTY : slice_text(text), FONT_REGULAR, COLOUR_BLACK};
    printed_paragraph(p, &span, 1, NULL);
}

void printed_item(struct printed *p, const struct span *spans, size_t count)
{
    struct part *part = add(p, PART_ITEM);
    if (part != NULL) set_spans(p, part, spans, count);
}

void printed_banner(struct printed *p, const char *text, const char *below, colour fill, colour ink)
{
    struct part *part = add(p, PART_BANNER);
    if (part == NULL) return;
    const struct span spans[] = {{text == NULL ? SLICE_EMPTY : slice_text(text), FONT_BOLD, ink},
                                 {below == NULL ? SLICE_EMPTY : slice_text(below), FONT_REGULAR, ink}};
    part->fill = fill;
    set_spans(p, part, spans, below == NULL ? 1 : 2);
}

void printed_pairs(struct printed *p, const struct printed_pair *pairs, size_t count, double label_width)
{
    struct part *part = add(p, PART_PAIRS);
    if (part == NULL) return;
    struct part_grid *grid = &part->grid;
    double share = label_width == 0 ? p->content_width / 3 : length(p, label_width);
    grid->columns = array(p, 2, sizeof *grid->columns);
    grid->cells = count > SIZE_MAX / 2 ? NULL : array(p, 2 * count, sizeof *grid->cells);
    if (grid->columns == NULL || grid->cells == NULL) return;
    if (share >= p->content_width - CONTENT_MINIMUM / 2) fail_argument(p, "labels leave no room for values");
    grid->column_count = 2;
    grid->row_heads = true;
    grid->rows = count;
    grid->columns[0].share = share;
    grid->columns[1].share = p->content_width - share;
    for (size_t i = 0; i < count; i++) {
        grid->cells[2 * i] = (struct part_cell){copy_text(p, pairs[i].label, true), FONT_REGULAR, PRINTED_MUTED};
        grid->cells[2 * i + 1] = (struct part_cell){copy_text(p, pairs[i].value, true), FONT_REGULAR, COLOUR_BLACK};
    }
}

static void set_columns(struct printed *p, struct part_grid *grid, const struct printed_column *columns, size_t count)
{
    double shares = 0;
    grid->columns = array(p, count, sizeof *grid->columns);
    if (grid->columns == NULL) return;
    for (size_t i = 0; i < count; i++) shares += length(p, columns[i].share);
    for (size_t i = 0; i < count; i++) {
        double share = shares > 0 ? columns[i].share : 1;
        grid->columns[i] = (struct part_column){copy_text(p, columns[i].title, true), share, columns[i].alignment};
        grid->has_head |= columns[i].title != NULL;
    }
    grid->column_count = count;
}

void printed_table(struct printed *p, const struct printed_column *columns, size_t column_count,
                   const struct printed_cell *cells, size_t rows)
{
    struct part *part = add(p, PART_TABLE);
    if (part == NULL) return;
    struct part_grid *grid = &part->grid;
    if (column_count == 0 || column_count > PRINTED_COLUMNS_MAXIMUM || rows > SIZE_MAX / PRINTED_COLUMNS_MAXIMUM) {
        fail_argument(p, "a table's number of columns or rows");
        return;
    }
    set_columns(p, grid, columns, column_count);
    size_t count = rows * column_count;
    grid->cells = array(p, count, sizeof *grid->cells);
    if (grid->cells == NULL) return;
    for (size_t i = 0; i < count && p->failure.code == RFD_OK; i++)
        grid->cells[i] = (struct part_cell){copy_text(p, cells[i].text, true), cells[i].style, cells[i].ink};
    grid->rows = rows;
}

static void add_figure(struct printed *p, const struct part_figure *figure, const char *alternative)
{
    struct part *part = add(p, PART_FIGURE);
    if (part == NULL) return;
    part->figure = *figure;
    part->figure.alternative = copy_entry(p, alternative);
    if (!(length(p, figure->size) > 0)) fail_argument(p, "a picture without size");
}

void printed_image(struct printed *p, const struct image *image, double width, const char *alternative)
{
    add_figure(p, &(struct part_figure){.image = image, .size = width}, alternative);
}

void printed_qr(struct printed *p, const char *text, double side, const char *alternative)
{
    add_figure(p, &(struct part_figure){.text = copy_text(p, text, true), .size = side}, alternative);
}

void printed_drawing(struct printed *p, double height, const char *alternative, printed_draw *draw, void *context)
{
    add_figure(p, &(struct part_figure){.draw = draw, .context = context, .size = height}, alternative);
}

void printed_space(struct printed *p, double height)
{
    struct part *part = add(p, PART_SPACE);
    if (part != NULL) part->height = length(p, height);
}

void printed_rule(struct printed *p)
{
    (void)add(p, PART_RULE);
}

void printed_page_break(struct printed *p)
{
    (void)add(p, PART_PAGE_BREAK);
}
