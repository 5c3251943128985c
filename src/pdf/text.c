/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text strings (ISO 32000-2 §7.9.2.2) and PDFDocEncoding (annex D.2).
 */
#include "base/text.h"

#include "pdf/document.h"

enum { ESCAPE = 0x1B, UNDEFINED = 0xFFFD };

/* What differs from Latin-1: 18-1F and 80-A0 (hexadecimal); 7F, 9F and AD stand for nothing. */
static const uint16_t low[8] = {0x02D8, 0x02C7, 0x02C6, 0x02D9, 0x02DD, 0x02DB, 0x02DA, 0x02DC};
static const uint16_t high[33] = {
    0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039, 0x203A,    0x2212,
    0x2030, 0x201E, 0x201C, 0x201D, 0x2018, 0x2019, 0x201A, 0x2122, 0xFB01, 0xFB02,    0x0141,
    0x0152, 0x0160, 0x0178, 0x017D, 0x0131, 0x0142, 0x0153, 0x0161, 0x017E, UNDEFINED, 0x20AC,
};

static uint32_t code_point(uint8_t byte)
{
    if (byte >= 0x18 && byte <= 0x1F) return low[byte - 0x18];
    if (byte >= 0x80 && byte <= 0xA0) return high[byte - 0x80];
    return byte == 0x7F || byte == 0xAD ? UNDEFINED : byte;
}

/** §7.9.2.2.1: a language code between two escape characters is not part of the text. */
static void from_utf16(slice s, bool big_endian, struct buf *out)
{
    size_t start = 0;
    bool language = false;
    for (size_t i = 0; i + 1 < s.length; i += 2) {
        if (s.data[i + !big_endian] != 0 || s.data[i + big_endian] != ESCAPE) continue;
        if (!language) text_from_utf16(slice_part(s, start, i - start), big_endian, out);
        language = !language;
        start = i + 2;
    }
    if (!language) text_from_utf16(slice_from(s, start), big_endian, out);
}

static void from_utf8(slice s, struct buf *out)
{
    if (text_is_utf8(s)) {
        buf_put_slice(out, s);
        return;
    }
    while (s.length > 0) text_put_utf8(out, text_next(&s));
}

void pdf_text_to_utf8(slice string, struct buf *out)
{
    if (slice_starts(string, SLICE("\xFE\xFF")))
        from_utf16(slice_from(string, 2), true, out);
    else if (slice_starts(string, SLICE("\xFF\xFE"))) /* not PDF, but written */
        from_utf16(slice_from(string, 2), false, out);
    else if (slice_starts(string, SLICE("\xEF\xBB\xBF")))
        from_utf8(slice_from(string, 3), out);
    else
        for (size_t i = 0; i < string.length; i++) text_put_utf8(out, code_point(string.data[i]));
}
