/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text objects (ISO 32000-2 §9.4): glyphs by number, two bytes each, in TJ arrays that move the pen by what shaping
 * says differently from the glyphs' own widths.
 */
#include "print/fonts.h"
#include "print/canvas.h"

#include "base/text.h"

struct pen {
    struct canvas *canvas;
    struct buf *b;
    const struct shaped *text;
    double size;
    double word_space; /* thousandths */
    int face;          /* -1: none yet */
    int32_t rise;
    bool array, string; /* what is open: "[", "<" */
    double move;        /* of the pen, thousandths, before the next glyph */
};

static void close_string(struct pen *p)
{
    if (p->string) buf_put_byte(p->b, '>');
    p->string = false;
}

static void close_array(struct pen *p)
{
    close_string(p);
    if (p->array) buf_put_text(p->b, "]TJ\n");
    p->array = false;
}

static void open_array(struct pen *p)
{
    if (!p->array) buf_put_byte(p->b, '[');
    p->array = true;
}

static void set_face(struct pen *p, int face)
{
    if (p->face == face) return;
    close_array(p);
    buf_put_text(p->b, "/F");
    buf_put_unsigned(p->b, (unsigned)face);
    buf_put_byte(p->b, ' ');
    canvas_put_number(p->b, p->size);
    buf_put_text(p->b, " Tf\n");
    p->face = face;
}

static void set_rise(struct pen *p, int32_t rise)
{
    if (p->rise == rise) return;
    close_array(p);
    canvas_put_number(p->b, rise * p->size / 1000);
    buf_put_text(p->b, " Ts\n");
    p->rise = rise;
}

/** TJ numbers are subtracted from the pen's place. */
static void make_move(struct pen *p)
{
    if (p->move == 0) return;
    close_string(p);
    open_array(p);
    canvas_put_number(p->b, -p->move);
    p->move = 0;
}

static void put_glyph(struct pen *p, const struct glyph *g, const struct font_face *f)
{
    static const char digits[] = "0123456789ABCDEF";
    set_face(p, g->face);
    set_rise(p, g->y);
    p->move += g->x;
    make_move(p);
    open_array(p);
    if (!p->string) buf_put_byte(p->b, '<');
    p->string = true;
    const char code[] = {digits[g->id >> 12], digits[g->id >> 8 & 15], digits[g->id >> 4 & 15], digits[g->id & 15]};
    buf_put(p->b, code, sizeof code);
    p->move += g->advance - g->x - f->widths[g->id];
}

/** §14.9.4: what a reader shall take the glyphs for when their own characters say something else. */
static void begin_actual_text(struct pen *p, const struct glyph *g)
{
    struct buf utf16;
    buf_init(&utf16, UINT32_MAX);
    text_to_utf16_be(slice_part(p->text->text, g->text, g->text_length), &utf16);
    close_array(p);
    buf_put_text(p->b, "/Span<</ActualText<FEFF");
    buf_put_hex(p->b, buf_slice(&utf16), true);
    buf_put_text(p->b, ">>>BDC\n");
    if (utf16.status != RFD_OK) p->b->status = utf16.status;
    buf_dispose(&utf16);
}

static void put_cluster(struct pen *p, const struct fonts *fonts, size_t from, size_t to)
{
    const struct glyph *g = &p->text->glyphs[from];
    bool right = font_use_reads_right(p->canvas->fonts, p->text, from, to);
    if (!right) begin_actual_text(p, g);
    for (size_t i = from; i < to; i++) put_glyph(p, &p->text->glyphs[i], &fonts->faces[p->text->glyphs[i].face]);
    if (!right) {
        close_array(p);
        buf_put_text(p->b, "EMC\n");
    }
    if (font_is_blank(p->text, g)) p->move += p->word_space;
}

void canvas_text_spaced(struct canvas *c, double x, double y, double size, colour fill, const struct shaped *text,
                        size_t from, size_t to, double word_space)
{
    if (to > text->count) to = text->count;
    if (from >= to || size <= 0) return;
    struct pen p = {.canvas = c, .b = &c->content, .text = text, .size = size, .face = -1};
    p.word_space = word_space * 1000 / size;
    font_use_add(c->fonts, text, from, to);
    c->text_used = true;
    canvas_set_fill(c, fill);
    buf_put_text(p.b, "BT\n");
    canvas_put_number(p.b, x);
    buf_put_byte(p.b, ' ');
    canvas_put_number(p.b, y);
    buf_put_text(p.b, " Td\n");
    for (size_t i = from, end; i < to; i = end) {
        for (end = i + 1; end < to && !text->glyphs[end].starts; end++) continue;
        put_cluster(&p, font_use_fonts(c->fonts), i, end);
    }
    close_array(&p);
    set_rise(&p, 0);
    buf_put_text(p.b, "ET\n");
}

void canvas_text(struct canvas *c, double x, double y, double size, colour fill, const struct shaped *text, size_t from,
                 size_t to)
{
    canvas_text_spaced(c, x, y, size, fill, text, from, to, 0);
}
