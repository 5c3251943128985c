/* SPDX-License-Identifier: EUPL-1.2
 *
 * Fonts that text is shown with: ISO 19005-1 §6.3, 19005-2 §6.2.11. Widths are held against the font program only for
 * TrueType programs whose character identifiers are glyph numbers, which is what we and most producers of Unicode text
 * write.
 */
#include "pdf/archive/archive_internal.h"

#include "base/number.h"

enum { GLYPHS_MAXIMUM = 65536, WIDTH_TOLERANCE = 1, TAG_LENGTH = 6 };

/* --- What kind --------------------------------------------------------------------------------------------------- */

/** "ABCDEF+Name" (ISO 32000-1 §9.6.4). */
static bool is_subset(const struct pdf_value *name)
{
    if (name->kind != PDF_NAME || name->bytes.length <= TAG_LENGTH || name->bytes.data[TAG_LENGTH] != '+') return false;
    for (size_t i = 0; i < TAG_LENGTH; i++) {
        if (name->bytes.data[i] < 'A' || name->bytes.data[i] > 'Z') return false;
    }
    return true;
}

static bool is_embedded(struct archive *a, const struct pdf_value *descriptor)
{
    static const char *const programs[] = {"FontFile", "FontFile2", "FontFile3"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (pdf_get(a->view, descriptor, programs[i])->kind == PDF_STREAM) return true;
    }
    return false;
}

static void check_embedded(struct archive *a, const struct pdf_value *font, const struct pdf_value *descriptor,
                           uint32_t object)
{
    const struct pdf_value *name = pdf_get(a->view, font, "BaseFont");
    if (is_embedded(a, descriptor)) return;
    archive_add(a, PDF_ARCHIVE_FONT_EMBEDDED, object, "%.*s", name->kind == PDF_NAME ? (int)name->bytes.length : 0,
                name->kind == PDF_NAME ? (const char *)name->bytes.data : "");
}

/* --- Widths ------------------------------------------------------------------------------------------------------ */

struct program {
    slice metrics; /* hmtx */
    uint64_t units, long_metrics, glyphs;
};

static slice table_of(slice program, const char *tag)
{
    enum { DIRECTORY = 12, RECORD = 16 };
    uint64_t count = program.length < DIRECTORY ? 0 : number_big_endian(program.data + 4, 2);
    for (uint64_t i = 0; i < count; i++) {
        slice record = slice_part(program, DIRECTORY + (size_t)i * RECORD, RECORD);
        if (record.length < RECORD) break;
        if (slice_is(slice_part(record, 0, 4), tag))
            return slice_part(program, (size_t)number_big_endian(record.data + 8, 4),
                              (size_t)number_big_endian(record.data + 12, 4));
    }
    return SLICE_EMPTY;
}

static uint64_t number_in(slice table, size_t at)
{
    return table.length < at + 2 ? 0 : number_big_endian(table.data + at, 2);
}

static bool open_program(slice data, struct program *out)
{
    out->metrics = table_of(data, "hmtx");
    out->units = number_in(table_of(data, "head"), 18);
    out->long_metrics = number_in(table_of(data, "hhea"), 34);
    out->glyphs = number_in(table_of(data, "maxp"), 4);
    return out->units > 0 && out->long_metrics > 0 && out->metrics.length >= out->long_metrics * 4;
}

static bool width_is_right(const struct program *p, uint64_t glyph, double width)
{
    if (glyph >= p->glyphs) return true;
    uint64_t at = glyph < p->long_metrics ? glyph : p->long_metrics - 1;
    double real = (double)number_in(p->metrics, (size_t)at * 4) * 1000 / (double)p->units;
    return width - real <= WIDTH_TOLERANCE && real - width <= WIDTH_TOLERANCE;
}

/** /W (ISO 32000-1 §9.7.4.3): "first [w w ...]" and "first last w". True when it cannot be told. */
static bool widths_are_right(struct archive *a, const struct pdf_value *widths, const struct program *p)
{
    int64_t first;
    int64_t last;
    double width;
    for (uint32_t i = 0; i + 1 < widths->count;) {
        const struct pdf_value *second = pdf_item(a->view, widths, i + 1);
        if (!pdf_integer(pdf_item(a->view, widths, i), &first) || first < 0) return true;
        if (second->kind == PDF_ARRAY) {
            for (uint32_t k = 0; k < second->count && k < GLYPHS_MAXIMUM && archive_spend(a, 1); k++) {
                if (pdf_number(pdf_item(a->view, second, k), &width) && !width_is_right(p, (uint64_t)first + k, width))
                    return false;
            }
            i += 2;
            continue;
        }
        if (!pdf_integer(second, &last) || !pdf_number(pdf_item(a->view, widths, i + 2), &width)) return true;
        for (int64_t glyph = first; glyph <= last && glyph < GLYPHS_MAXIMUM && archive_spend(a, 1); glyph++) {
            if (!width_is_right(p, (uint64_t)glyph, width)) return false;
        }
        i += 3;
    }
    return true;
}

static void check_widths(struct archive *a, const struct pdf_value *font, const struct pdf_value *descriptor,
                         uint32_t object)
{
    struct program program;
    slice data;
    const struct pdf_value *stream = pdf_get(a->view, descriptor, "FontFile2");
    const struct pdf_value *widths = pdf_get(a->view, font, "W");
    if (stream->kind != PDF_STREAM || widths->kind != PDF_ARRAY ||
        !pdf_is_name(pdf_get(a->view, font, "CIDToGIDMap"), "Identity") || !archive_stream(a, stream, &data) ||
        !open_program(data, &program))
        return;
    if (!widths_are_right(a, widths, &program)) archive_add(a, PDF_ARCHIVE_FONT_WIDTHS, object, NULL);
}

/* --- Unicode ----------------------------------------------------------------------------------------------------- */

/** ISO 19005-2 §6.2.11.7.2: encodings and character collections whose Unicode is known. */
static bool unicode_is_known(struct archive *a, const struct pdf_value *font, const struct pdf_value *descendant)
{
    static const char *const encodings[] = {"MacRomanEncoding", "MacExpertEncoding", "WinAnsiEncoding"};
    static const char *const collections[] = {"GB1", "CNS1", "Japan1", "Korea1"};
    const struct pdf_value *encoding = pdf_get(a->view, font, "Encoding");
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        if (pdf_is_name(encoding, encodings[i])) return true;
    }
    const struct pdf_value *ordering = pdf_get(a->view, pdf_get(a->view, descendant, "CIDSystemInfo"), "Ordering");
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++) {
        if (ordering->kind == PDF_STRING && slice_is(ordering->bytes, collections[i])) return true;
    }
    return pdf_is_name(pdf_get(a->view, font, "Subtype"), "Type1");
}

static void check_unicode(struct archive *a, const struct pdf_value *font, const struct pdf_value *descendant,
                          uint32_t object)
{
    bool demanded = a->level == 'A' || a->level == 'U';
    if (demanded && pdf_get(a->view, font, "ToUnicode")->kind != PDF_STREAM && !unicode_is_known(a, font, descendant))
        archive_add(a, PDF_ARCHIVE_FONT_UNICODE, object, NULL);
}

/* --- Fonts ------------------------------------------------------------------------------------------------------- */

static void check_composite(struct archive *a, const struct pdf_value *font, uint32_t object)
{
    const struct pdf_value *descendant = pdf_item(a->view, pdf_get(a->view, font, "DescendantFonts"), 0);
    const struct pdf_value *descriptor = pdf_get(a->view, descendant, "FontDescriptor");
    check_embedded(a, font, descriptor, object);
    check_unicode(a, font, descendant, object);
    const struct pdf_value *map = pdf_get(a->view, descendant, "CIDToGIDMap");
    bool mapped = map->kind == PDF_STREAM || pdf_is_name(map, "Identity");
    if (pdf_is_name(pdf_get(a->view, descendant, "Subtype"), "CIDFontType2") && !mapped)
        archive_add(a, PDF_ARCHIVE_FONT_CID_MAP, object, NULL);
    if (is_subset(pdf_get(a->view, descendant, "BaseFont")) &&
        pdf_get(a->view, descriptor, "CIDSet")->kind != PDF_STREAM)
        archive_add(a, PDF_ARCHIVE_FONT_CID_SET, object, NULL);
    check_widths(a, descendant, descriptor, object);
}

void archive_check_font(struct archive *a, const struct pdf_value *font, uint32_t object)
{
    const struct pdf_value *subtype = pdf_get(a->view, font, "Subtype");
    uint64_t key = (uint64_t)(uintptr_t)font;
    if (map_has(&a->fonts, key) || a->status != RFD_OK) return;
    a->status = map_set(&a->fonts, key, 1);
    if (pdf_is_name(subtype, "Type0")) {
        check_composite(a, font, object);
        return;
    }
    if (!pdf_is_name(subtype, "Type3")) check_embedded(a, font, pdf_get(a->view, font, "FontDescriptor"), object);
    check_unicode(a, font, &pdf_null, object);
}
