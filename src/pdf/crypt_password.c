/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/crypt_password.h"

#include "base/text.h"
#include "pdf/pdfdoc.h"

enum { LEGACY_MAXIMUM = 32, MODERN_MAXIMUM = 127 };

struct range {
    uint32_t first, last;
};

/** RFC 3454 table C.1.2, mapped to U+0020. */
static const struct range spaces[] = {{0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200B},
                                      {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
/** RFC 3454 table B.1, mapped to nothing. */
static const struct range ignored[] = {{0xAD, 0xAD},     {0x034F, 0x034F}, {0x1806, 0x1806}, {0x180B, 0x180D},
                                       {0x200C, 0x200D}, {0x2060, 0x2060}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
/** RFC 3454 tables C.2.1, C.2.2, C.3 to C.9, of what the mappings leave. */
static const struct range prohibited[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0x0340, 0x0341},    {0x06DD, 0x06DD},   {0x070F, 0x070F},
    {0x180E, 0x180E},   {0x200E, 0x200F},   {0x2028, 0x202E},    {0x2061, 0x2063},   {0x206A, 0x206F},
    {0x2FF0, 0x2FFB},   {0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},    {0xFFF9, 0xFFFF},   {0x1D173, 0x1D17A},
    {0xE0001, 0xE0001}, {0xE0020, 0xE007F}, {0xF0000, 0x10FFFF}, {0x1FFFE, 0x1FFFF}, {0x2FFFE, 0x2FFFF},
    {0x3FFFE, 0x3FFFF}, {0x4FFFE, 0x4FFFF}, {0x5FFFE, 0x5FFFF},  {0x6FFFE, 0x6FFFF}, {0x7FFFE, 0x7FFFF},
    {0x8FFFE, 0x8FFFF}, {0x9FFFE, 0x9FFFF}, {0xAFFFE, 0xAFFFF},  {0xBFFFE, 0xBFFFF}, {0xCFFFE, 0xCFFFF},
    {0xDFFFE, 0xDFFFF}, {0xEFFFE, 0xEFFFF}};

#define IN(table, c) in_ranges(table, sizeof(table) / sizeof *(table), c)
static bool in_ranges(const struct range *table, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= table[i].first && c <= table[i].last) return true;
    }
    return false;
}

/** False when the password holds a prohibited character (or is not UTF-8). */
static bool prepare(slice utf8, struct buf *out)
{
    if (!text_is_utf8(utf8)) return false;
    while (utf8.length > 0) {
        uint32_t c = text_next(&utf8);
        if (IN(ignored, c)) continue;
        if (IN(spaces, c)) c = ' ';
        if (IN(prohibited, c)) return false;
        text_put_utf8(out, c);
    }
    return true;
}

bool crypt_password_form(int revision, int form, slice utf8, struct buf *out)
{
    size_t maximum = revision <= 4 ? LEGACY_MAXIMUM : MODERN_MAXIMUM;
    bool converted = false;
    buf_reset(out);
    if (form == 0 && revision <= 4) converted = pdfdoc_from_utf8(utf8, out);
    if (form == 0 && revision == 6) converted = prepare(utf8, out);
    if (!converted) {
        if (form > 0 && text_is_ascii(utf8)) return false; /* the same as form 0 */
        buf_reset(out);
        buf_put_slice(out, utf8);
    }
    if (out->length > maximum) out->length = maximum;
    return form <= 1;
}
