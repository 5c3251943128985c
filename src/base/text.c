/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/text.h"

#include "base/plain.h"

enum { REPLACEMENT = 0xFFFD };

/** What could steer a terminal, break a line or make text read in another order (Unicode's Bidi_Control). */
static const struct {
    uint32_t first, last;
} unprintable[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},  {0x200E, 0x200F},
                   {0x2028, 0x2029}, {0x202A, 0x202E}, {0x2066, 0x2069}};

/** Decodes at most one code point; 0 consumed means "not UTF-8". */
static size_t decode(slice s, uint32_t *out)
{
    uint8_t first = s.data[0];
    size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || s.length < length) return 0;
    uint32_t value = first & masks[length];
    for (size_t i = 1; i < length; i++) {
        if ((s.data[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (s.data[i] & 0x3F);
    }
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return 0;
    *out = value;
    return length;
}

bool text_is_utf8(slice s)
{
    while (s.length > 0) {
        uint32_t ignored;
        size_t used = decode(s, &ignored);
        if (used == 0) return false;
        s = slice_from(s, used);
    }
    return true;
}

bool text_is_ascii(slice s)
{
    for (size_t i = 0; i < s.length; i++) {
        if (s.data[i] >= 0x80) return false;
    }
    return true;
}

uint32_t text_next(slice *s)
{
    uint32_t value = REPLACEMENT;
    size_t used = decode(*s, &value);
    *s = slice_from(*s, used == 0 ? 1 : used);
    return value;
}

size_t text_characters(slice s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.length; i++) count += (s.data[i] & 0xC0) != 0x80;
    return count;
}

void text_put_utf8(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_put_byte(b, (uint8_t)c);
    } else if (c < 0x800) {
        buf_put(b, (uint8_t[]){(uint8_t)(0xC0 | c >> 6), (uint8_t)(0x80 | (c & 0x3F))}, 2);
    } else if (c < 0x10000) {
        buf_put(b,
                (uint8_t[]){(uint8_t)(0xE0 | c >> 12), (uint8_t)(0x80 | (c >> 6 & 0x3F)), (uint8_t)(0x80 | (c & 0x3F))},
                3);
    } else {
        buf_put(b,
                (uint8_t[]){(uint8_t)(0xF0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 0x3F)),
                            (uint8_t)(0x80 | (c >> 6 & 0x3F)), (uint8_t)(0x80 | (c & 0x3F))},
                4);
    }
}

void text_from_latin1(slice s, struct buf *out)
{
    for (size_t i = 0; i < s.length; i++) text_put_utf8(out, s.data[i]);
}

static uint32_t unit16(slice s, size_t at, bool big_endian)
{
    return big_endian ? (uint32_t)s.data[at] << 8 | s.data[at + 1] : (uint32_t)s.data[at + 1] << 8 | s.data[at];
}

void text_from_utf16(slice s, bool big_endian, struct buf *out)
{
    for (size_t i = 0; i + 1 < s.length; i += 2) {
        uint32_t unit = unit16(s, i, big_endian);
        if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < s.length) {
            uint32_t low = unit16(s, i + 2, big_endian);
            if (low >= 0xDC00 && low < 0xE000) {
                text_put_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                i += 2;
                continue;
            }
        }
        text_put_utf8(out, unit >= 0xD800 && unit < 0xE000 ? REPLACEMENT : unit);
    }
}

void text_from_utf32_be(slice s, struct buf *out)
{
    for (size_t i = 0; i + 3 < s.length; i += 4) {
        uint32_t c =
            (uint32_t)s.data[i] << 24 | (uint32_t)s.data[i + 1] << 16 | (uint32_t)s.data[i + 2] << 8 | s.data[i + 3];
        text_put_utf8(out, c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? REPLACEMENT : c);
    }
}

static void put_unit16(struct buf *out, uint32_t unit)
{
    buf_put(out, (uint8_t[]){(uint8_t)(unit >> 8), (uint8_t)unit}, 2);
}

void text_to_utf16_be(slice utf8, struct buf *out)
{
    while (utf8.length > 0) {
        uint32_t c = text_next(&utf8);
        if (c >= 0x10000) {
            put_unit16(out, 0xD800 + ((c - 0x10000) >> 10));
            put_unit16(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            put_unit16(out, c);
        }
    }
}

static bool is_printable(uint32_t c)
{
    for (size_t i = 0; i < sizeof unprintable / sizeof *unprintable; i++) {
        if (c >= unprintable[i].first && c <= unprintable[i].last) return false;
    }
    return true;
}

bool text_is_printable(slice s)
{
    s = slice_from(s, plain_length(s));
    if (!text_is_utf8(s)) return false;
    while (s.length > 0) {
        if (!is_printable(text_next(&s))) return false;
    }
    return true;
}

void text_put_printable(struct buf *b, slice s)
{
    while (s.length > 0) {
        uint32_t c = text_next(&s);
        text_put_utf8(b, is_printable(c) ? c : REPLACEMENT);
    }
}

static const char *markup_entity(uint8_t c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void text_put_markup(struct buf *b, slice s)
{
    size_t from = 0; /* what is not written yet */
    for (size_t i = 0; i < s.length; i++) {
        const char *entity = markup_entity(s.data[i]);
        if (entity == NULL) continue;
        buf_put(b, s.data + from, i - from);
        buf_put_text(b, entity);
        from = i + 1;
    }
    if (from < s.length) buf_put(b, s.data + from, s.length - from);
}
