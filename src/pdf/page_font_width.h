/* SPDX-License-Identifier: EUPL-1.2
 *
 * Widths of glyphs in thousandths of the font size: /Widths of simple fonts (ISO 32000-2 §9.6.2), /W of composite ones
 * (§9.7.4.3), and of the standard 14 fonts as far as a box around text needs them.
 */
#ifndef PDF_PAGE_FONT_WIDTH_H
#define PDF_PAGE_FONT_WIDTH_H

#include "pdf/page_font_encoding.h"
#include "pdf/page_text_work.h"

struct page_font_width {
    uint32_t first, last; /* character identifiers */
    double width;
};

/** /Widths, or for a font without them what its name and the characters of its codes suggest. */
void page_font_width_simple(struct page_work *w, const struct pdf_value *font, const struct pdf_value *descriptor,
                            const uint32_t unicode[FONT_CODES], double widths[FONT_CODES]);
/** /W as ranges by `first`, in the work's arena. */
rfd_status page_font_width_ranges(struct page_work *w, const struct pdf_value *array,
                                  const struct page_font_width **ranges, size_t *count,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** False when no range holds the character. */
bool page_font_width_find(const struct page_font_width *ranges, size_t count, uint32_t character, double *width);

#endif
