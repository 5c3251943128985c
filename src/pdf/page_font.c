/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_font.h"

#include "base/text.h"
#include "pdf/content.h"
#include "pdf/page_geometry.h"

#include <math.h>

enum { FIRST_LIGATURE = 0xFB00, LIGATURES = 7, CLEAR_PART_MAXIMUM = 1 << 16 };

static const double usual_ascent = 0.9, usual_descent = -0.22, height_maximum = 1.9;

static rfd_status read_cmap(struct page_work *w, const struct pdf_value *stream, const struct cmap **out,
                            struct rfd_error *error)
{
    struct arena *arena = &w->scratch;
    slice bytes;
    TRY(page_work_stream(w, stream, &bytes, error));
    struct cmap *map = arena_allocate(arena, sizeof *map);
    if (map == NULL) return arena_failed(arena, error);
    TRY(cmap_read(bytes, arena, map, error));
    if (!map->complete) w->complete = false;
    *out = map;
    return RFD_OK;
}

static double read_thousandth(struct page_work *w, const struct pdf_value *dictionary, const char *key,
                              double otherwise)
{
    double n;
    return pdf_number(pdf_get(&w->view, dictionary, key), &n) && fabs(n) <= 1e6 ? n / 1000 : otherwise;
}

/** Ascent and descent as fonts state them are often 0, of the wrong sign, or of another scale. */
static void read_height(struct page_work *w, const struct pdf_value *descriptor, struct page_font *font)
{
    double ascent = fabs(read_thousandth(w, descriptor, "Ascent", 0));
    double descent = -fabs(read_thousandth(w, descriptor, "Descent", 0));
    font->ascent = ascent > 0 && ascent < height_maximum ? ascent : usual_ascent;
    font->descent = descent < 0 && descent > -height_maximum ? descent : usual_descent;
}

/** §9.6.6.2: the font program's own encoding, from its clear part: "dup 65 /A put". */
static rfd_status read_program(slice program, uint32_t unicode[FONT_CODES], struct rfd_error *error)
{
    struct content content;
    struct content_operation o;
    content_init(&content, program);
    while (content_next(&content, &o) && !slice_is(o.name, "eexec")) {
        if (!slice_is(o.name, "put") || o.count < 2) continue;
        const struct pdf_value *code = &o.operands[o.count - 2], *name = &o.operands[o.count - 1];
        if (code->kind == PDF_INTEGER && code->integer >= 0 && code->integer < FONT_CODES && name->kind == PDF_NAME)
            unicode[code->integer] = page_font_glyph(name->bytes);
    }
    rfd_status status = content.status;
    content_dispose(&content);
    return status == RFD_OK ? RFD_OK : error_memory(error);
}

static rfd_status read_base(struct page_work *w, const struct pdf_value *font, const struct pdf_value *descriptor,
                            uint32_t unicode[FONT_CODES], struct rfd_error *error)
{
    const struct pdf_value *encoding = pdf_get(&w->view, font, "Encoding");
    const struct pdf_value *base = encoding->kind == PDF_NAME ? encoding : pdf_get(&w->view, encoding, "BaseEncoding");
    const struct pdf_value *program = pdf_get(&w->view, descriptor, "FontFile");
    const struct pdf_value *name = pdf_get(&w->view, font, "BaseFont");
    if (base->kind == PDF_NAME) {
        page_font_encoding(base->bytes, unicode);
    } else if (program->kind == PDF_STREAM) {
        slice bytes;
        TRY(page_work_stream(w, program, &bytes, error));
        page_font_encoding(SLICE("StandardEncoding"), unicode);
        TRY(read_program(slice_part(bytes, 0, CLEAR_PART_MAXIMUM), unicode, error));
    } else if (pdf_is_name(name, "Symbol") || pdf_is_name(name, "ZapfDingbats")) {
        memset(unicode, 0, FONT_CODES * sizeof *unicode);
    } else {
        bool true_type = pdf_is_name(pdf_get(&w->view, font, "Subtype"), "TrueType");
        page_font_encoding(true_type ? SLICE("WinAnsiEncoding") : SLICE("StandardEncoding"), unicode);
    }
    return RFD_OK;
}

/** §9.6.5.1: numbers say where the names that follow begin. Each code's last name counts and is looked up once. */
static void read_differences(struct page_work *w, const struct pdf_value *font, uint32_t unicode[FONT_CODES])
{
    const struct pdf_value *array = pdf_get(&w->view, pdf_get(&w->view, font, "Encoding"), "Differences");
    const struct pdf_value *names[FONT_CODES] = {NULL};
    int64_t code = 0;
    if (array->kind != PDF_ARRAY || !page_work_spend(w, array->count)) return;
    for (uint32_t i = 0; i < array->count; i++) {
        const struct pdf_value *item = pdf_item(&w->view, array, i);
        if (item->kind == PDF_NAME && code >= 0 && code < FONT_CODES)
            names[code++] = item;
        else
            (void)pdf_integer(item, &code);
    }
    for (size_t i = 0; i < FONT_CODES; i++) {
        if (names[i] != NULL) unicode[i] = page_font_glyph(names[i]->bytes);
    }
}

/** §9.6.4: Type 3 widths and boxes are in the font's own glyph space. */
static void read_type3(struct page_work *w, const struct pdf_value *dictionary, struct page_font *font)
{
    struct pdf_matrix matrix = {0.001, 0, 0, 0.001, 0, 0};
    struct pdf_box box;
    (void)pdf_matrix_read(&w->view, pdf_get(&w->view, dictionary, "FontMatrix"), &matrix);
    for (size_t i = 0; i < FONT_CODES; i++) font->widths[i] *= fabs(matrix.a) * 1000;
    font->ascent = usual_ascent;
    font->descent = usual_descent;
    if (!pdf_box_read(&w->view, pdf_get(&w->view, dictionary, "FontBBox"), &box)) return;
    box = pdf_matrix_box(&matrix, box);
    if (box.top - box.bottom > 0.01 && box.top < height_maximum && box.bottom > -height_maximum) {
        font->ascent = box.top;
        font->descent = box.bottom;
    }
}

static rfd_status load_simple(struct page_work *w, const struct pdf_value *dictionary, struct page_font *font,
                              struct rfd_error *error)
{
    const struct pdf_value *descriptor = pdf_get(&w->view, dictionary, "FontDescriptor");
    TRY(read_base(w, dictionary, descriptor, font->unicode, error));
    read_differences(w, dictionary, font->unicode);
    page_font_width_simple(w, dictionary, descriptor, font->unicode, font->widths);
    for (size_t i = 0; i < FONT_CODES; i++) font->widths[i] /= 1000;
    if (pdf_is_name(pdf_get(&w->view, dictionary, "Subtype"), "Type3"))
        read_type3(w, dictionary, font);
    else
        read_height(w, descriptor, font);
    return RFD_OK;
}

/** §9.7.5.2: of the predefined CMaps only what their names tell. */
static void use_predefined(slice name, struct page_font *font)
{
    font->vertical = name.length > 2 && memcmp(name.data + name.length - 2, "-V", 2) == 0;
    font->codes_are_unicode = memmem(name.data, name.length, "-UCS2", 5) != NULL || //
                              memmem(name.data, name.length, "-UTF16", 6) != NULL;
}

static rfd_status load_composite(struct page_work *w, const struct pdf_value *dictionary, struct page_font *font,
                                 struct rfd_error *error)
{
    const struct pdf_value *encoding = pdf_get(&w->view, dictionary, "Encoding");
    const struct pdf_value *descendant = pdf_item(&w->view, pdf_get(&w->view, dictionary, "DescendantFonts"), 0);
    const struct pdf_value *vertical = pdf_get(&w->view, descendant, "DW2");
    int64_t mode;
    if (encoding->kind == PDF_STREAM) {
        TRY(read_cmap(w, encoding, &font->encoding, error));
        font->vertical = pdf_integer(pdf_get(&w->view, encoding, "WMode"), &mode) && mode == 1;
    } else if (encoding->kind == PDF_NAME && encoding->bytes.length > 0) {
        use_predefined(encoding->bytes, font);
    }
    font->default_width = read_thousandth(w, descendant, "DW", 1);
    font->vertical_origin = 0.88;
    font->vertical_advance = -1;
    double n;
    if (pdf_number(pdf_item(&w->view, vertical, 0), &n) && fabs(n) <= 1e6) font->vertical_origin = n / 1000;
    if (pdf_number(pdf_item(&w->view, vertical, 1), &n) && fabs(n) <= 1e6) font->vertical_advance = n / 1000;
    read_height(w, pdf_get(&w->view, descendant, "FontDescriptor"), font);
    return page_font_width_ranges(w, pdf_get(&w->view, descendant, "W"), &font->ranges, &font->range_count, error);
}

rfd_status page_font_load(struct page_work *w, const struct pdf_value *dictionary, const struct page_font **out,
                          struct rfd_error *error)
{
    struct arena *arena = &w->scratch;
    struct page_font *font = arena_zeroed(arena, 1, sizeof *font);
    if (font == NULL) return arena_failed(arena, error);
    (void)page_work_spend_bytes(w, sizeof *font);
    font->composite = pdf_is_name(pdf_get(&w->view, dictionary, "Subtype"), "Type0");
    TRY(font->composite ? load_composite(w, dictionary, font, error) : load_simple(w, dictionary, font, error));
    const struct pdf_value *to_unicode = pdf_get(&w->view, dictionary, "ToUnicode");
    if (to_unicode->kind == PDF_STREAM) TRY(read_cmap(w, to_unicode, &font->to_unicode, error));
    TRY(page_work_settle(w, error));
    *out = font;
    return RFD_OK;
}

static void next_composite(const struct page_font *font, slice *string, struct page_glyph *out)
{
    static const struct cmap two_bytes = {.complete = true};
    uint32_t character;
    out->length = cmap_next(font->encoding != NULL ? font->encoding : &two_bytes, string, &out->code);
    character = out->code;
    if (font->encoding != NULL && !cmap_value(font->encoding, out->code, &character)) character = 0;
    double width;
    bool found = page_font_width_find(font->ranges, font->range_count, character, &width);
    out->width = found ? width / 1000 : font->default_width;
}

bool page_font_next(const struct page_font *font, slice *string, struct page_glyph *out)
{
    if (string->length == 0) return false;
    if (font->composite) {
        next_composite(font, string, out);
        return true;
    }
    *out = (struct page_glyph){.code = string->data[0], .length = 1, .width = font->widths[string->data[0]]};
    *string = slice_from(*string, 1);
    return true;
}

/** Replaces the ligatures after `from`: a reader looks for "firma", not for one that begins with U+FB01. */
static void split_ligatures(struct buf *out, size_t from)
{
    static const char *const letters[LIGATURES] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    uint8_t copy[512];
    slice rest = slice_of(copy, out->length - from);
    if (out->length - from < 3 || rest.length > sizeof copy ||
        memmem(out->data + from, rest.length, "\xEF\xAC", 2) == NULL)
        return;
    memcpy(copy, out->data + from, rest.length);
    out->length = from;
    while (rest.length > 0) {
        uint32_t c = text_next(&rest);
        if (c >= FIRST_LIGATURE && c < FIRST_LIGATURE + LIGATURES)
            buf_put_text(out, letters[c - FIRST_LIGATURE]);
        else
            text_put_utf8(out, c);
    }
}

void page_font_put_text(const struct page_font *font, uint32_t code, struct buf *out)
{
    size_t from = out->length;
    bool known = font->to_unicode != NULL && cmap_put_text(font->to_unicode, code, out);
    uint32_t c = font->composite ? font->codes_are_unicode ? code : 0 : code < FONT_CODES ? font->unicode[code] : 0;
    if (!known && c >= ' ' && c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000)) text_put_utf8(out, c);
    split_ligatures(out, from);
}
