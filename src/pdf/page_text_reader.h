/* SPDX-License-Identifier: EUPL-1.2
 *
 * The interpreter behind page_text.h: its state, and what its files share. Each file does one family of operators and
 * hands out a table of them. Failures that end the reading are sticky in `status`.
 */
#ifndef PDF_PAGE_TEXT_READER_H
#define PDF_PAGE_TEXT_READER_H

#include "base/buf.h"
#include "base/map.h"
#include "pdf/content.h"
#include "pdf/page_font.h"
#include "pdf/page_text.h"
#include "pdf/page_text_work.h"

enum { PAGE_TEXT_FORMS = 20, PAGE_TEXT_PIECES = 64, PAGE_TEXT_KNOWN_BITS = 7 };

/** How a colour's operands are to be read; OTHER may be anything (tints, patterns). */
enum page_colours { PAGE_GRAY, PAGE_RGB, PAGE_CMYK, PAGE_OTHER };

struct page_paint {
    enum page_colours space;
    bool white;
};

/** §8.4.1 and §9.3.1, as far as it says where something is. */
struct page_state {
    struct pdf_matrix ctm;
    struct pdf_box clip; /* around the clipping path, within the page */
    struct page_paint fill, stroke;
    double line_width;
    const struct page_font *font;
    double size, character_space, word_space, scale, leading, rise;
};

/** The path under construction, in default user space: one box a subpath, and one a segment. When there are too many,
 * the last box holds all the rest. */
struct page_path {
    struct pdf_point start, current; /* in the space of the operands */
    bool has_current, in_subpath, clips;
    struct pdf_box subpaths[PAGE_TEXT_PIECES], segments[PAGE_TEXT_PIECES];
    size_t subpath_count, segment_count;
};

/** Where the glyph before left the pen: what tells a space from kerning. */
struct page_pen {
    bool valid;
    struct pdf_point at;
    double along_x, along_y; /* unit vector */
    double em;
};

/** §14.9.4: the text that stands for all that is shown in a marked-content sequence. */
struct page_actual {
    bool active, used;
    size_t level; /* of the sequence */
    struct buf text;
};

struct page_reader;
/** An operator; `n` are its last `numbers` operands. It is passed over when they are not there. */
struct page_operator {
    char name[4];
    uint8_t numbers;
    void (*perform)(struct page_reader *r, const double *n, const struct content_operation *o);
};

struct page_reader {
    struct page_work work;
    rfd_status status;
    struct rfd_error *error;
    struct pdf_box page;
    const struct page_operator *known[1 << PAGE_TEXT_KNOWN_BITS]; /* by a hash of the name */
    struct page_state state;
    struct page_state *saved; /* by q */
    size_t saved_count, saved_room, saved_base, saved_beyond;
    const struct pdf_value *resources;
    const struct pdf_value *forms[PAGE_TEXT_FORMS]; /* being painted, the innermost last */
    size_t form_count;
    struct pdf_matrix text_matrix, line_matrix;
    struct page_path path;
    struct page_pen pen;
    size_t marked; /* levels of marked content */
    struct page_actual actual;
    struct map fonts;   /* dictionary to struct page_font */
    struct map streams; /* form to its decoded slice */
    struct buf text, characters, boxes;
};

extern const struct page_operator page_text_show_operators[], page_text_path_operators[], page_text_state_operators[],
    page_text_form_operators[]; /* ended by an empty name */

/** Interprets content with the reader's resources and state (page_text.c). */
void page_text_run(struct page_reader *r, slice bytes);
/** The resource named by an operation's last or only name operand, such as a /Font; null when there is none. */
const struct pdf_value *page_text_resource(struct page_reader *r, const char *category, const struct pdf_value *name);
/** Keeps the box of something painted: cut to the clip, unless nothing is left or it covers the whole page
 * (page_text_path.c). */
void page_text_path_add_box(struct page_reader *r, struct pdf_box box);
/** The unit square, in which images are painted (§8.9.5). */
void page_text_path_add_image(struct page_reader *r);
void page_text_fail(struct page_reader *r, rfd_status status);

#endif
