/* SPDX-License-Identifier: EUPL-1.2
 *
 * A font as far as a reader of text needs it (ISO 32000-2 §9.5-9.10): the codes in a string, their text, their widths.
 * Glyphs are not looked at: a glyph's box is its width by the font's ascent and descent.
 */
#ifndef PDF_PAGE_FONT_H
#define PDF_PAGE_FONT_H

#include "pdf/cmap.h"
#include "pdf/page_font_width.h"

struct page_font {
    bool composite;                           /* Type0 */
    bool vertical;                            /* WMode 1 */
    bool codes_are_unicode;                   /* of a predefined CMap such as UniGB-UCS2-H */
    double ascent, descent;                   /* in text space at size 1 */
    double vertical_origin, vertical_advance; /* §9.7.4.3, /DW2 */
    double widths[FONT_CODES];                /* simple: in text space at size 1 */
    uint32_t unicode[FONT_CODES];
    const struct cmap *to_unicode; /* or NULL */
    const struct cmap *encoding;   /* composite: or NULL, when codes of two bytes are the character identifiers */
    const struct page_font_width *ranges;
    size_t range_count;
    double default_width;
};

struct page_glyph {
    uint32_t code;
    size_t length; /* bytes of the code */
    double width;  /* in text space at size 1 */
};

/** Reads a font dictionary (null: a font that is missing) into the work's arena. */
rfd_status page_font_load(struct page_work *w, const struct pdf_value *dictionary, const struct page_font **out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Takes the next glyph of a string; false at its end. */
bool page_font_next(const struct page_font *font, slice *string, struct page_glyph *out);
/** Appends a glyph's text as UTF-8, ligatures as their letters; nothing when it is unknown. */
void page_font_put_text(const struct page_font *font, uint32_t code, struct buf *out);

#endif
