/* SPDX-License-Identifier: EUPL-1.2
 *
 * PDFDocEncoding is Latin-1 but for two runs of bytes. Their characters are not listed a second time here: they are
 * what pdf_text_to_utf8() reads from those bytes.
 */
#include "pdf/pdfdoc.h"

#include "base/text.h"
#include "pdf/document.h"

enum { REPLACEMENT = 0xFFFD };

/** The bytes whose meaning is not Latin-1's. */
static const uint8_t special[] = {0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85,
                                  0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x93,
                                  0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0xA0};

static bool same_as_latin1(uint32_t c)
{
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c < 0x7F || (c > 0xA0 && c <= 0xFF && c != 0xAD);
}

static int special_byte(uint32_t c)
{
    struct buf decoded;
    int found = -1;
    buf_init(&decoded, 4 * sizeof special);
    pdf_text_to_utf8(slice_of(special, sizeof special), &decoded);
    slice rest = buf_slice(&decoded);
    for (size_t i = 0; i < sizeof special && rest.length > 0 && found < 0; i++) {
        if (text_next(&rest) == c) found = special[i];
    }
    buf_dispose(&decoded);
    return found;
}

bool pdfdoc_from_utf8(slice utf8, struct buf *out)
{
    size_t before = out->length;
    while (utf8.length > 0) {
        uint32_t c = text_next(&utf8);
        int byte = same_as_latin1(c) ? (int)c : c == REPLACEMENT ? -1 : special_byte(c);
        if (byte < 0) {
            out->length = before;
            return false;
        }
        buf_put_byte(out, (uint8_t)byte);
    }
    return true;
}

/** §7.9.2.2: these beginnings announce UTF-16BE, UTF-16LE (common, though not standard) and UTF-8. */
static bool looks_marked(slice s)
{
    return slice_starts(s, SLICE("\xFE\xFF")) || slice_starts(s, SLICE("\xFF\xFE")) ||
           slice_starts(s, SLICE("\xEF\xBB\xBF"));
}

void pdfdoc_text_string(slice utf8, struct buf *out)
{
    size_t before = out->length;
    if (pdfdoc_from_utf8(utf8, out)) {
        if (out->length == before || !looks_marked(slice_of(out->data + before, out->length - before))) return;
        out->length = before;
    }
    buf_put_text(out, "\xFE\xFF");
    text_to_utf16_be(utf8, out);
}
