/* SPDX-License-Identifier: EUPL-1.2
 *
 * A marker in a page's text, by Knuth, Morris and Pratt: each character of the text is looked at once. White space
 * counts neither in the text nor in the marker, so that spaces put in between letters do not hide it.
 */
#include "base/text.h"
#include "pdf/page_text.h"

enum { MARKER_MAXIMUM = 256 };

struct search {
    uint32_t marker[MARKER_MAXIMUM];
    size_t fallback[MARKER_MAXIMUM]; /* how much of the marker is still matched when the next character is another */
    size_t starts[MARKER_MAXIMUM];   /* where the characters matched last begin, as a ring */
    size_t length;
};

static bool is_space(uint32_t c)
{
    return c <= ' ' || c == 0xA0 || c == 0xAD || (c >= 0x2000 && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

static bool prepare(struct search *s, slice marker)
{
    s->length = 0;
    while (marker.length > 0) {
        uint32_t c = text_next(&marker);
        if (is_space(c)) continue;
        if (s->length == MARKER_MAXIMUM) return false;
        s->marker[s->length++] = c;
    }
    size_t matched = 0;
    for (size_t i = 0; i < s->length; i++) {
        if (i > 0) {
            while (matched > 0 && s->marker[i] != s->marker[matched]) matched = s->fallback[matched - 1];
            matched += s->marker[i] == s->marker[matched];
        }
        s->fallback[i] = matched;
    }
    return s->length > 0;
}

/** The first character that ends after `offset`. */
static size_t first_after(const struct pdf_page_text *text, size_t offset)
{
    size_t from = 0, to = text->character_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if ((size_t)text->characters[middle].offset + text->characters[middle].length <= offset)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is_blank(slice text)
{
    while (text.length > 0) {
        if (!is_space(text_next(&text))) return false;
    }
    return true;
}

/** Around the characters of text[from, to); a glyph without text of its own belongs to the one before. */
static bool box_of(const struct pdf_page_text *text, size_t from, size_t to, struct pdf_box *out)
{
    bool found = false;
    struct pdf_box box = {0, 0, 0, 0};
    for (size_t i = first_after(text, from); i < text->character_count; i++) {
        const struct pdf_character *c = &text->characters[i];
        if (c->length == 0 ? c->offset > to : c->offset >= to) break;
        if (c->length > 0 && is_blank(slice_part(text->text, c->offset, c->length))) continue;
        box = found ? pdf_box_join(box, c->box) : c->box;
        found = true;
    }
    if (found) *out = box;
    return found;
}

bool pdf_page_text_find(const struct pdf_page_text *text, slice marker, size_t nth, struct pdf_box *out)
{
    struct search s;
    slice rest = text->text;
    size_t matched = 0, count = 0;
    if (!prepare(&s, marker)) return false;
    while (rest.length > 0) {
        size_t at = text->text.length - rest.length;
        uint32_t c = text_next(&rest);
        if (is_space(c)) continue;
        s.starts[count++ % s.length] = at;
        while (matched > 0 && c != s.marker[matched]) matched = s.fallback[matched - 1];
        matched += c == s.marker[matched];
        if (matched < s.length) continue;
        if (nth-- == 0) return box_of(text, s.starts[count % s.length], text->text.length - rest.length, out);
        matched = 0; /* appearances do not overlap */
    }
    return false;
}
