/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a page shows and where: its text (ISO 32000-2 §9) with a box for each character, and the boxes of everything
 * else that is painted. It answers two questions: where is this marker, and which parts of the page are empty. It is no
 * renderer: of a clip only the box around it is followed, and text is not clipped; white counts as nothing, other
 * colours and transparency are all alike; hidden layers are read; of a glyph only its advance width and the font's
 * ascent and descent are known, also in Type 3 fonts. Invisible text (rendering mode 3) is text.
 */
#ifndef PDF_PAGE_TEXT_H
#define PDF_PAGE_TEXT_H

#include "pdf/document.h"
#include "pdf/page_geometry.h"

struct pdf_character {
    struct pdf_box box;
    uint32_t offset, length; /* its UTF-8 in page_text.text; 0 when nothing tells what the glyph means, and for all but
                                the first glyph of an /ActualText */
};

struct pdf_page_text {
    slice text; /* UTF-8 in the order in which it is painted, ligatures as their letters; a space that belongs to no
                   character is put in where a gap shows one */
    const struct pdf_character *characters;
    size_t character_count;
    const struct pdf_box *boxes; /* of images, shadings and paths, within the page's box; a stroked path is a box for
                                    each segment; what covers the whole page is left out */
    size_t box_count;
    bool complete; /* false: limits were reached, or parts could not be read */
};

/** Reads a page's content and the forms in it (not its annotations) into the document's arena. What cannot be
 * understood is passed over; the status is for memory and reading. */
rfd_status pdf_page_text(struct pdf_view *view, const struct pdf_page *page, struct pdf_page_text *out,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** The box around the `nth` (from 0) appearance of `marker`, also one that is painted in several pieces or with
 * kerning; white space in the page's text between its characters, and in `marker`, is passed over. Appearances do not
 * overlap. Time is linear in the text. False when there is none, or the marker has more than 256 characters. */
bool pdf_page_text_find(const struct pdf_page_text *text, slice marker, size_t nth, struct pdf_box *out);

#endif
