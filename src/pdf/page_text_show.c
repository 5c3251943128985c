/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text (ISO 32000-2 §9.3, §9.4). Each glyph becomes a character with a box; where the pen jumped since the glyph
 * before, a space is put between them. Invisible text (rendering mode 3) is text: scanned pages have theirs so.
 */
#include "base/text.h"
#include "pdf/page_text_reader.h"

#include <math.h>

/* In ems: more than kerning moves, less than the narrowest space between words; more than a superscript is raised. */
static const double gap_along = 0.12, gap_back = 1.0, gap_across = 0.4, same_direction = 0.9;

static struct pdf_matrix shift(double x, double y)
{
    return (struct pdf_matrix){1, 0, 0, 1, x, y};
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/** Whether the way from the pen to a glyph at `m` shows a space. */
static bool jumps(const struct page_pen *pen, const struct pdf_matrix *m, struct pdf_point along)
{
    if (!pen->valid) return false;
    double x = m->e - pen->at.x, y = m->f - pen->at.y;
    double forward = x * pen->along_x + y * pen->along_y, across = fabs(x * pen->along_y - y * pen->along_x);
    return forward > gap_along * pen->em || forward < -gap_back * pen->em || across > gap_across * pen->em ||
           along.x * pen->along_x + along.y * pen->along_y < same_direction;
}

/** Appends a glyph's text, with a space before it where one is seen and none is there. */
static slice put_text(struct page_reader *r, uint32_t code, bool space)
{
    struct buf *text = &r->text;
    size_t from = text->length;
    if (!r->actual.active)
        page_font_put_text(r->state.font, code, text);
    else if (!r->actual.used)
        buf_put_slice(text, buf_slice(&r->actual.text));
    r->actual.used = true;
    size_t length = text->length - from;
    if (!space || length == 0 || from == 0 || is_space(text->data[from - 1]) || is_space(text->data[from]))
        return slice_part(buf_slice(text), from, length);
    buf_put_byte(text, ' ');
    if (buf_status(text) != RFD_OK) return SLICE_EMPTY;
    memmove(text->data + from + 1, text->data + from, length);
    text->data[from] = ' ';
    return slice_part(buf_slice(text), from + 1, length);
}

static uint32_t only_character(slice text)
{
    uint32_t c = text.length > 0 ? text_next(&text) : 0;
    return text.length == 0 ? c : 0;
}

/** An accent painted before its letter, as TeX does it with fonts that lack accented letters: the two become one. */
static slice compose(struct page_reader *r, struct pdf_box box, slice text)
{
    struct pdf_character *last;
    if (r->characters.length < sizeof *last) return text;
    last = (struct pdf_character *)(void *)(r->characters.data + r->characters.length - sizeof *last);
    double x = (last->box.left + last->box.right) / 2, y = (last->box.bottom + last->box.top) / 2;
    if (last->offset + last->length != r->text.length - text.length || x < box.left || x > box.right ||
        y < box.bottom || y > box.top)
        return text;
    uint32_t accent = only_character(slice_part(buf_slice(&r->text), last->offset, last->length));
    uint32_t both = page_font_accented(accent, only_character(text));
    if (both == 0) return text;
    r->text.length = last->offset;
    last->length = 0;
    text_put_utf8(&r->text, both);
    return slice_from(buf_slice(&r->text), last->offset);
}

/** One glyph whose space (one em square) `m` takes to default user space. */
static void add_character(struct page_reader *r, const struct page_glyph *glyph, const struct pdf_matrix *m)
{
    const struct page_font *font = r->state.font;
    struct pdf_box em = {0, font->descent, glyph->width, font->ascent};
    if (font->vertical)
        em = (struct pdf_box){-glyph->width / 2, font->descent - font->vertical_origin, glyph->width / 2,
                              font->ascent - font->vertical_origin};
    struct pdf_box box = pdf_matrix_box(m, em);
    if (!isfinite(box.left) || !isfinite(box.bottom) || !isfinite(box.right) || !isfinite(box.top)) {
        r->work.complete = false;
        return;
    }
    struct pdf_point along = font->vertical ? (struct pdf_point){-m->c, -m->d} : (struct pdf_point){m->a, m->b};
    double length = hypot(along.x, along.y);
    along = length > 0 ? (struct pdf_point){along.x / length, along.y / length} : (struct pdf_point){1, 0};
    slice text = compose(r, box, put_text(r, glyph->code, jumps(&r->pen, m, along)));
    size_t end = r->text.length;
    struct pdf_character c = {box, (uint32_t)(end - text.length), (uint32_t)text.length};
    buf_put(&r->characters, &c, sizeof c);
    r->pen.along_x = along.x;
    r->pen.along_y = along.y;
    r->pen.em = hypot(m->c, m->d);
}

static double advance_of(const struct page_state *s, const struct page_glyph *glyph)
{
    double width = s->font->vertical ? s->font->vertical_advance : glyph->width;
    double word = glyph->length == 1 && glyph->code == ' ' ? s->word_space : 0; /* §9.3.3 */
    double advance = width * s->size + s->character_space + word;
    return s->font->vertical ? advance : advance * s->scale;
}

static void move_pen(struct page_reader *r, double advance)
{
    bool vertical = r->state.font != NULL && r->state.font->vertical;
    struct pdf_matrix move = vertical ? shift(0, advance) : shift(advance, 0);
    r->text_matrix = pdf_matrix_multiply(&move, &r->text_matrix);
}

static void show(struct page_reader *r, const struct pdf_value *string)
{
    const struct page_state *s = &r->state;
    struct page_glyph glyph;
    if (string->kind != PDF_STRING || s->font == NULL) return;
    struct pdf_matrix em = {s->size * s->scale, 0, 0, s->size, 0, s->rise};
    slice rest = string->bytes;
    while (page_font_next(s->font, &rest, &glyph)) {
        if (buf_status(&r->characters) != RFD_OK || buf_status(&r->text) != RFD_OK) r->work.steps = 0; /* full */
        if (!page_work_spend(&r->work, 1)) return;
        struct pdf_matrix to_user = pdf_matrix_multiply(&r->text_matrix, &s->ctm);
        struct pdf_matrix m = pdf_matrix_multiply(&em, &to_user);
        add_character(r, &glyph, &m);
        move_pen(r, advance_of(s, &glyph));
        to_user = pdf_matrix_multiply(&r->text_matrix, &s->ctm);
        m = pdf_matrix_multiply(&em, &to_user);
        r->pen.at = (struct pdf_point){m.e, m.f};
        r->pen.valid = true;
    }
}

static void show_string(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    if (o->count > 0) show(r, &o->operands[o->count - 1]);
}

/** §9.4.3: numbers between the strings move the pen back, in thousandths of an em. */
static void show_array(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n;
    const struct pdf_value *array = o->count > 0 ? &o->operands[o->count - 1] : &pdf_null;
    bool vertical = r->state.font != NULL && r->state.font->vertical;
    if (array->kind != PDF_ARRAY || !page_work_spend(&r->work, array->count)) return;
    for (uint32_t i = 0; i < array->count; i++) {
        double back;
        if (pdf_number(&array->items[i], &back))
            move_pen(r, -back / 1000 * r->state.size * (vertical ? 1 : r->state.scale));
        else
            show(r, &array->items[i]);
    }
}

/* ---- positions ---- */

static void begin_text(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    r->text_matrix = r->line_matrix = PDF_MATRIX_IDENTITY;
}

static void set_matrix(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    r->text_matrix = r->line_matrix = (struct pdf_matrix){n[0], n[1], n[2], n[3], n[4], n[5]};
}

static void next_line(struct page_reader *r, double x, double y)
{
    struct pdf_matrix move = shift(x, y);
    r->text_matrix = r->line_matrix = pdf_matrix_multiply(&move, &r->line_matrix);
}

static void move_line(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    next_line(r, n[0], n[1]);
}

static void move_line_and_lead(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)o;
    r->state.leading = -n[1];
    next_line(r, n[0], n[1]);
}

static void feed_line(struct page_reader *r, const double *n, const struct content_operation *o)
{
    (void)n, (void)o;
    next_line(r, 0, -r->state.leading);
}

static void feed_and_show(struct page_reader *r, const double *n, const struct content_operation *o)
{
    next_line(r, 0, -r->state.leading);
    show_string(r, n, o);
}

static void space_feed_and_show(struct page_reader *r, const double *n, const struct content_operation *o)
{
    if (o->count >= 3) {
        (void)pdf_number(&o->operands[o->count - 3], &r->state.word_space);
        (void)pdf_number(&o->operands[o->count - 2], &r->state.character_space);
    }
    feed_and_show(r, n, o);
}

/* ---- text state ---- */

#define TEXT_STATE(name, member, value)                                                                                \
    static void name(struct page_reader *r, const double *n, const struct content_operation *o)                        \
    {                                                                                                                  \
        (void)o;                                                                                                       \
        r->state.member = value;                                                                                       \
    }
TEXT_STATE(set_character_space, character_space, n[0])
TEXT_STATE(set_word_space, word_space, n[0])
TEXT_STATE(set_scale, scale, n[0] / 100)
TEXT_STATE(set_leading, leading, n[0])
TEXT_STATE(set_rise, rise, n[0])

static rfd_status load_font(struct page_reader *r, const struct pdf_value *dictionary, const struct page_font **out)
{
    uint64_t key = (uint64_t)(uintptr_t)dictionary;
    *out = map_get_pointer(&r->fonts, key);
    if (*out != NULL) return RFD_OK;
    TRY(page_font_load(&r->work, dictionary, out, r->error));
    return map_set_pointer(&r->fonts, key, *out) == RFD_OK ? RFD_OK : error_memory(r->error);
}

static void set_font(struct page_reader *r, const double *n, const struct content_operation *o)
{
    if (o->count < 2) return;
    rfd_status status = load_font(r, page_text_resource(r, "Font", &o->operands[o->count - 2]), &r->state.font);
    if (status != RFD_OK) page_text_fail(r, status);
    r->state.size = n[0];
}

const struct page_operator page_text_show_operators[] = {
    {"Tj", 0, show_string},        {"TJ", 0, show_array},   {"Td", 2, move_line},           {"Tf", 1, set_font},
    {"Tm", 6, set_matrix},         {"BT", 0, begin_text},   {"Tc", 1, set_character_space}, {"Tw", 1, set_word_space},
    {"TD", 2, move_line_and_lead}, {"T*", 0, feed_line},    {"Tz", 1, set_scale},           {"TL", 1, set_leading},
    {"Ts", 1, set_rise},           {"'", 0, feed_and_show}, {"\"", 0, space_feed_and_show}, {"", 0, NULL},
};
