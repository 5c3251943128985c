/* SPDX-License-Identifier: EUPL-1.2
 *
 * HarfBuzz checks ("sanitises") each table before it looks into it; the few fields that are read here by hand have
 * their lengths checked.
 */
#include "print/font_face.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#include <hb-ot.h>
#include <math.h>

enum { SCALE = 1000, GLYPHS_MAXIMUM = 65535 };

/* ---- Tables (OpenType 1.9) ---- */

static slice table_bytes(hb_blob_t *blob)
{
    unsigned length;
    const char *data = hb_blob_get_data(blob, &length);
    return slice_of(data, data == NULL ? 0 : length);
}

/** A 16-bit field of a table, or `missing` where the table is too short. */
static int field(const struct font_face *f, hb_tag_t tag, size_t at, int missing)
{
    hb_blob_t *blob = hb_face_reference_table(f->hb, tag);
    slice table = table_bytes(blob);
    int value = table.length < at + 2 ? missing : (int16_t)number_big_endian(table.data + at, 2);
    hb_blob_destroy(blob);
    return value;
}

static bool has_table(const struct font_face *f, hb_tag_t tag)
{
    hb_blob_t *blob = hb_face_reference_table(f->hb, tag);
    bool has = hb_blob_get_length(blob) > 0;
    hb_blob_destroy(blob);
    return has;
}

/** OS/2 fsType: what the font's owner allows. A font without the table says nothing. */
static rfd_status check_rights(const struct font_face *f, struct rfd_error *error)
{
    enum { FS_TYPE = 8, USAGE = 0x000F, RESTRICTED = 0x0002, NO_SUBSETTING = 0x0100, BITMAP_ONLY = 0x0200 };
    int rights = field(f, HB_TAG('O', 'S', '/', '2'), FS_TYPE, 0);
    if ((rights & USAGE) == RESTRICTED)
        return error_set(error, RFD_E_FONT, "%s: embedding is forbidden (OS/2 fsType)", f->name);
    if ((rights & (NO_SUBSETTING | BITMAP_ONLY)) != 0)
        return error_set(error, RFD_E_FONT, "%s: embedding as a subset is forbidden (OS/2 fsType)", f->name);
    return RFD_OK;
}

/** Only outlines that a CIDFontType2 can carry (ISO 32000-2 §9.7.4). */
static rfd_status check_kind(const struct font_face *f, struct rfd_error *error)
{
    static const hb_tag_t needed[] = {
        HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'), HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'),
        HB_TAG('h', 'm', 't', 'x'), HB_TAG('m', 'a', 'x', 'p'), HB_TAG('c', 'm', 'a', 'p')};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        char name[5] = "";
        hb_tag_to_string(needed[i], name);
        if (!has_table(f, needed[i]))
            return error_set(error, RFD_E_FONT, "no TrueType font: table '%s' is missing", name);
    }
    if (f->glyph_count == 0 || f->glyph_count > GLYPHS_MAXIMUM) return error_set(error, RFD_E_FONT, "no glyphs");
    return RFD_OK;
}

/** The PostScript name with only the characters that need no escape in a PDF name. */
static void read_name(struct font_face *f)
{
    char text[FONT_NAME_SIZE] = "";
    unsigned size = sizeof text, length = 0;
    (void)hb_ot_name_get_utf8(f->hb, HB_OT_NAME_ID_POSTSCRIPT_NAME, HB_LANGUAGE_INVALID, &size, text);
    for (const char *p = text; *p != '\0'; p++) {
        bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-';
        if (plain) f->name[length++] = *p;
    }
    f->name[length] = '\0';
    if (length == 0) memcpy(f->name, "Font", sizeof "Font");
}

static int metric(const struct font_face *f, hb_ot_metrics_tag_t tag)
{
    hb_position_t value;
    hb_ot_metrics_get_position_with_fallback(f->font, tag, &value);
    return value;
}

static int scaled(const struct font_face *f, int units)
{
    return units * SCALE / (int)hb_face_get_upem(f->hb);
}

static void read_metrics(struct font_face *f)
{
    enum { HEAD_BOX = 36, WEIGHT_MAXIMUM = 1000 };
    f->ascent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_ASCENDER);
    f->descent = metric(f, HB_OT_METRICS_TAG_HORIZONTAL_DESCENDER);
    f->cap_height = metric(f, HB_OT_METRICS_TAG_CAP_HEIGHT);
    f->italic_angle = (int)hb_style_get_value(f->font, HB_STYLE_TAG_SLANT_ANGLE);
    f->weight = (int)fminf(hb_style_get_value(f->font, HB_STYLE_TAG_WEIGHT), WEIGHT_MAXIMUM);
    for (size_t i = 0; i < 4; i++) f->box[i] = scaled(f, field(f, HB_TAG('h', 'e', 'a', 'd'), HEAD_BOX + 2 * i, 0));
}

/* ---- Glyphs ---- */

/**
 * Which glyphs are embedded together. Documents of one kind then share a font program (font_program.h) although
 * names, dates and numbers differ: the letters of either case that most languages use, digits with the punctuation of
 * forms, and what Spanish, Catalan and Quechua add in either case.
 */
static uint8_t class_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        uint8_t class;
    } classes[] = {
        {' ', ' ', 1},   {'(', ')', 1},     {',', ':', 1},       {'A', 'Z', 2},   {'a', 'z', 3},
        {0xE0, 0xE1, 4}, {0xE7, 0xE9, 4},   {0xED, 0xED, 4},     {0xEF, 0xEF, 4}, {0xF1, 0xF3, 4},
        {0xFA, 0xFA, 4}, {0xFC, 0xFC, 4},   {0xAA, 0xAA, 4},     {0xB7, 0xB7, 4}, {0xBA, 0xBA, 4},
        {'\'', '\'', 4}, {0x2BC, 0x2BC, 4}, {0x2019, 0x2019, 4}, {0xC0, 0xC1, 5}, {0xC7, 0xC9, 5},
        {0xCD, 0xCD, 5}, {0xCF, 0xCF, 5},   {0xD1, 0xD3, 5},     {0xDA, 0xDA, 5}, {0xDC, 0xDC, 5},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (c >= classes[i].first && c <= classes[i].last) return classes[i].class;
    }
    return 0;
}

/** What each glyph shows: the lowest character that is mapped to it. */
static bool read_characters(struct font_face *f)
{
    hb_set_t *all = hb_set_create();
    hb_codepoint_t c = HB_SET_VALUE_INVALID, glyph;
    hb_face_collect_unicodes(f->hb, all);
    while (hb_set_next(all, &c)) {
        if (!hb_font_get_nominal_glyph(f->font, c, &glyph) || glyph == 0 || glyph >= f->glyph_count) continue;
        if (c == 0 || f->characters[glyph] != 0) continue;
        f->characters[glyph] = c;
        f->classes[glyph] = class_of(c);
    }
    bool good = hb_set_allocation_successful(all);
    hb_set_destroy(all);
    return good;
}

static rfd_status read_glyphs(struct font_face *f, struct rfd_error *error)
{
    f->widths = memory_zeroed(f->glyph_count, sizeof *f->widths);
    f->characters = memory_zeroed(f->glyph_count, sizeof *f->characters);
    f->classes = memory_zeroed(f->glyph_count, sizeof *f->classes);
    if (f->widths == NULL || f->characters == NULL || f->classes == NULL) return error_memory(error);
    for (unsigned i = 0; i < f->glyph_count; i++) {
        hb_position_t width = hb_font_get_glyph_h_advance(f->font, i);
        f->widths[i] = (uint16_t)(width < 0 ? 0 : width > UINT16_MAX ? UINT16_MAX : width);
    }
    return read_characters(f) ? RFD_OK : error_memory(error);
}

/* HarfBuzz reads tables when they are first asked for; afterwards threads only read. */
static rfd_status warm_up(const struct font_face *f, struct rfd_error *error)
{
    hb_buffer_t *b = hb_buffer_create();
    hb_buffer_add_utf8(b, "Aa 1.", -1, 0, -1);
    hb_buffer_set_direction(b, HB_DIRECTION_LTR);
    hb_buffer_set_script(b, HB_SCRIPT_LATIN);
    hb_shape(f->font, b, NULL, 0);
    bool good = hb_buffer_allocation_successful(b);
    hb_buffer_destroy(b);
    return good ? RFD_OK : error_memory(error);
}

static rfd_status load(struct font_face *f, slice bytes, struct rfd_error *error)
{
    if (bytes.length > UINT32_MAX / 2) return error_set(error, RFD_E_FONT, "%zu bytes", bytes.length);
    hb_blob_t *blob =
        hb_blob_create_or_fail((const char *)bytes.data, (unsigned)bytes.length, HB_MEMORY_MODE_READONLY, NULL, NULL);
    if (blob == NULL) return error_memory(error);
    f->hb = hb_face_create(blob, 0);
    hb_blob_destroy(blob);
    f->font = hb_font_create(f->hb);
    if (f->hb == hb_face_get_empty() || f->font == hb_font_get_empty()) return error_memory(error);
    f->glyph_count = hb_face_get_glyph_count(f->hb);
    hb_font_set_scale(f->font, SCALE, SCALE);
    hb_face_make_immutable(f->hb);
    hb_font_make_immutable(f->font);
    read_name(f);
    TRY(check_kind(f, error));
    TRY(check_rights(f, error));
    read_metrics(f);
    TRY(read_glyphs(f, error));
    return warm_up(f, error);
}

rfd_status font_face_load(struct font_face *f, slice bytes, uint8_t *owned, struct rfd_error *error)
{
    *f = (struct font_face){.bytes = owned};
    rfd_status status = load(f, bytes, error);
    if (status != RFD_OK) font_face_dispose(f);
    return status;
}

void font_face_dispose(struct font_face *f)
{
    hb_font_destroy(f->font);
    hb_face_destroy(f->hb);
    memory_free(f->widths);
    memory_free(f->characters);
    memory_free(f->classes);
    memory_free(f->bytes);
    *f = (struct font_face){0};
}

bool font_face_has(const struct font_face *f, uint32_t character)
{
    hb_codepoint_t glyph;
    return hb_font_get_nominal_glyph(f->font, character, &glyph) != 0 && glyph != 0 && glyph < f->glyph_count;
}

bool font_face_put_text(const struct font_face *f, unsigned glyph, struct buf *b)
{
    static const char *const ligatures[] = {"ff", "fi", "fl", "ffi", "ffl", "st", "st"};
    uint32_t c = glyph < f->glyph_count ? f->characters[glyph] : 0;
    if (font_face_is_ligature(c))
        buf_put_text(b, ligatures[c - 0xFB00]);
    else if (c != 0)
        text_put_utf8(b, c);
    return c != 0;
}
