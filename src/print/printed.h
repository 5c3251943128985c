/* SPDX-License-Identifier: EUPL-1.2
 *
 * A printed document: text, tables and pictures flow over pages with header and footer. The result is PDF/A-2b
 * (ISO 19005-2) and tagged (ISO 32000-2 §14.8), and depends on nothing but what was given: no clock, no chance.
 *
 * Add parts in reading order, then finish. Failures are sticky and told by printed_finish(). All text is UTF-8 and
 * copied when it is given: control characters become spaces, '\n' ends a line, what is not UTF-8 becomes U+FFFD, and so
 * does at last what no face has. Images and the contexts of drawings are borrowed until the document is finished.
 *
 * With title and language the result also says that it keeps to PDF/UA-1 (ISO 14289-1). What no program can see is left
 * to the caller: that alternative texts say what pictures show, and that tables are tables.
 *
 * Not checked: whether a reader likes the layout. At most 20,000 pages and 256 MB, else RFD_E_LIMIT.
 */
#ifndef PRINT_PRINTED_H
#define PRINT_PRINTED_H

#include "print/image.h"
#include "print/paragraph.h"
#include "print/qr.h"

struct printed;

struct printed_settings {
    /* NULL for none; the title is also shown by viewers (§12.2 DisplayDocTitle) */
    const char *title, *author, *subject;
    const char *language;   /* RFC 5646: "es"; NULL: not said */
    const char *producer;   /* NULL: "Refrenda" */
    rfd_time time;          /* creation date; RFD_TIME_NONE: none is written */
    double width, height;   /* points; 0: A4 */
    double margin;          /* points; 0: 20 mm */
    const char *header;     /* small text above a thin line on every page; NULL: none */
    const char *footer;     /* left; NULL: none */
    const char *page_label; /* "Page %1 of %2": %1 and %2 are replaced; right; NULL: no page numbers */
    colour accent;          /* of headings and rules; 0: a dark blue */
};

/** `fonts` is borrowed and must outlive the document. RFD_E_ARGUMENT for metadata that is not UTF-8 or has control
 * characters, and for pages without room: header and footer stand in the margins and need 24 points of them. */
rfd_status printed_new(struct fonts *fonts, const struct printed_settings *settings, struct printed **out,
                       struct rfd_error *error) RFD_MUST_CHECK;
void printed_free(struct printed *p);

/** Width between the margins, points. */
double printed_width(const struct printed *p);

/** A heading of level 1 to 3; stays with what follows it. */
void printed_heading(struct printed *p, int level, const char *text);

struct printed_text {
    double size; /* points; 0: 10 */
    enum alignment alignment;
    double before, after; /* space, points */
    double indent;
    bool keep; /* all lines on one page */
};
/** `text` may be NULL: the default. */
void printed_paragraph(struct printed *p, const struct span *spans, size_t count, const struct printed_text *text);
/** One span in the regular style, default text. */
void printed_words(struct printed *p, const char *text);
/** A bulleted list item (§14.8.4.8.3: items in a row form one list). */
void printed_item(struct printed *p, const struct span *spans, size_t count);

/** A coloured box across the page with a line of bold text and a smaller line below it (may be NULL): verdicts, notes.
 */
void printed_banner(struct printed *p, const char *text, const char *below, colour fill, colour ink);

/** Pairs "label: value" in two columns; `label_width` in points, 0: a third. */
struct printed_pair {
    const char *label, *value;
};
void printed_pairs(struct printed *p, const struct printed_pair *pairs, size_t count, double label_width);

/** A table; the head row is repeated on each page; rows never break across pages unless taller than one. Columns that
 * stand right are taken for numbers, which are not broken where there is room. At most 64 columns. */
struct printed_column {
    const char *title; /* NULL in all columns: no head row */
    double share;      /* of the width, relative to the others */
    enum alignment alignment;
};
struct printed_cell {
    const char *text;
    enum font_style style;
    colour ink; /* 0 is black */
};
/** `cells`: row by row, rows x columns of them. */
void printed_table(struct printed *p, const struct printed_column *columns, size_t column_count,
                   const struct printed_cell *cells, size_t rows);

/** Picture and code, `alternative` is the text for who cannot see it (§14.9.3); NULL: it says nothing. Width in points;
 * what is larger than a page is made smaller. The modules of a code begin at the margin, its quiet zone beside it. */
void printed_image(struct printed *p, const struct image *image, double width, const char *alternative);
void printed_qr(struct printed *p, const char *text, double side, const char *alternative);

/** A drawing of one's own of the given height across the page: `draw` is called once, with the origin at its lower left
 * corner. It must not mark content; `alternative` as above. */
typedef rfd_status printed_draw(void *context, struct canvas *c, double width, double height, struct rfd_error *error);
void printed_drawing(struct printed *p, double height, const char *alternative, printed_draw *draw, void *context);

/** A file that goes along with what the pages show (§14.13), such as the data that they were made of: then the result
 * is PDF/A-3b (ISO 19005-3). `name` is a plain file name of printable ASCII, `type` a media type; all is copied. */
struct printed_attachment {
    const char *name, *type, *description; /* description may be NULL */
    slice content;
};
void printed_attach(struct printed *p, const struct printed_attachment *attachment);

void printed_space(struct printed *p, double height);
void printed_rule(struct printed *p);
void printed_page_break(struct printed *p);

/** Lays out, writes, hands out the file, to be freed by the caller. RFD_OK, what a part did wrong first, RFD_E_LIMIT,
 * RFD_E_MEMORY, or what a drawing returned. */
rfd_status printed_finish(struct printed *p, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
