/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the printed document share. The parts are kept as they were given (printed.c); finishing is one
 * walk over them (printed_flow.c), in which each part is laid out, drawn and forgotten: only the file that grows stays
 * in memory. Page numbers need the number of pages, and are written last, as another content stream of each page
 * (printed_page.c). The structure tree is written element by element, as they end (printed_structure.c).
 */
#ifndef PRINT_PRINTED_INTERNAL_H
#define PRINT_PRINTED_INTERNAL_H

#include "base/error.h"
#include "print/printed.h"

enum {
    PRINTED_PAGES_MAXIMUM = 20000,
    PRINTED_COLUMNS_MAXIMUM = 64,
    PRINTED_TEXT_MAXIMUM = 256 << 20,  /* bytes of all that was given */
    PRINTED_FILE_MAXIMUM = 256 << 20,  /* bytes */
    PRINTED_ENTRY_MAXIMUM = 16000,     /* bytes; a text string of at most 32,767 (ISO 19005-2 §6.1.13) */
    PRINTED_OBJECTS_MAXIMUM = 8388607, /* the same clause */
    PRINTED_MARGIN_DEFAULT = 20,       /* millimetres */
    PRINTED_MARGIN_MINIMUM = 24        /* points, where header or footer stand in it */
};

/* Colours: black text, since printers make dots of anything else; one accent; greys for what may be overlooked. */
#define PRINTED_ACCENT   UINT32_C(0x1f3a5f)
#define PRINTED_MUTED    UINT32_C(0x55606e)
#define PRINTED_HAIRLINE UINT32_C(0xccd3db)

/** Lengths that are this close are equal, points. */
#define PRINTED_CLOSE 0.01

/* ---- Parts ---- */

enum part_kind {
    PART_HEADING,
    PART_PARAGRAPH,
    PART_ITEM,
    PART_BANNER,
    PART_PAIRS,
    PART_TABLE,
    PART_FIGURE,
    PART_SPACE,
    PART_RULE,
    PART_PAGE_BREAK
};

struct part_column {
    slice title;
    double share;
    enum alignment alignment;
};
struct part_cell {
    slice text;
    enum font_style style;
    colour ink;
};
/** Tables and pairs. */
struct part_grid {
    struct part_column *columns;
    size_t column_count;
    bool has_head;
    bool row_heads; /* the first cell of each row is its head */
    struct part_cell *cells;
    size_t rows;
};
/** One of image, text (a QR code) and draw. */
struct part_figure {
    const struct image *image;
    slice text;
    printed_draw *draw;
    void *context;
    double size; /* the width of an image or code, the height of a drawing */
    slice alternative;
};
struct part {
    struct part *next;
    enum part_kind kind;
    struct span *spans; /* headings, paragraphs, items; the two lines of a banner */
    size_t span_count;
    struct printed_text text;
    int level;
    double height;
    colour fill;
    struct part_grid grid;
    struct part_figure figure;
};

struct attached {
    struct attached *next;
    slice name, type, description, content;
};

struct printed {
    struct fonts *fonts;
    struct arena arena; /* all that was given */
    slice title, author, subject, language, producer, header, footer, page_label;
    rfd_time time;
    double width, height, margin;
    double left, content_width, top, bottom; /* where parts go */
    colour accent;
    struct part *first, *last;
    struct attached *attached;
    struct rfd_error failure; /* the first one */
};

/* ---- Structure (printed_structure.c) ---- */

/** A structure element (ISO 32000-2 §14.7.2) that has not ended yet. */
struct element {
    struct element *parent; /* NULL: the tree's root */
    const char *type;       /* "P" */
    const char *attributes; /* "/O /Table /Scope /Row"; NULL: none */
    slice alternative;
    struct pdf_reference self;
    struct pdf_reference page; /* of the first content */
    struct buf kids;
};
struct structure {
    struct pdf_update *update;
    struct pdf_reference root, tree;
    struct pdf_reference page;
    struct element document;
    struct buf marked;  /* elements of the page's marked content, by number */
    struct buf numbers; /* of the parent tree: "0 12 0 R 1 15 0 R" */
    unsigned marks, pages;
};

void structure_begin(struct structure *s, struct pdf_update *update);
void structure_dispose(struct structure *s);
/** `e` must stay where it is until structure_close(). */
void structure_open(struct structure *s, struct element *e, struct element *parent, const char *type,
                    const char *attributes);
/** Starts marked content that belongs to the element; ends with canvas_end_marked(). */
void structure_mark(struct structure *s, struct element *e, struct canvas *c);
/** Writes the element and makes it the next child of its parent. */
void structure_close(struct structure *s, struct element *e);
/** For an element that is never closed. */
void structure_drop(struct element *e);
/** Content marked from here on is on this page. Returns its key in the parent tree. */
unsigned structure_begin_page(struct structure *s, struct pdf_reference page);
void structure_end_page(struct structure *s);
/** Writes the tree; the reference goes into the catalog. */
struct pdf_reference structure_finish(struct structure *s);
rfd_status structure_check(const struct structure *s, struct rfd_error *error) RFD_MUST_CHECK;

/* ---- Outline (printed_outline.c) ---- */

struct outline_entry {
    struct outline_entry *next;
    slice title; /* borrowed */
    struct pdf_reference self, page;
    double y;
    int level;
};
struct outline {
    struct outline_entry *first, *last;
};
/** Writes the outline (§12.3.3) and returns its root; number 0 when there are no entries. */
struct pdf_reference outline_write(const struct outline *o, struct pdf_update *update, struct arena *arena,
                                   struct rfd_error *error);

/* ---- Pages (printed_page.c) ---- */

struct pages {
    size_t count;
    struct pdf_reference page, content; /* of the page that is open */
    struct pdf_reference root;          /* of the page tree; number 0: `node` */
    struct pdf_reference node;          /* the parent of the page that is open */
    struct buf nodes;                   /* the nodes that are written */
    struct buf kids;                    /* of `node` */
    size_t kid_count;
    struct pdf_reference furniture; /* header and footer, on each page; number 0: none */
    struct pdf_reference *labels;   /* of each page, to be written last */
    size_t label_capacity;
};

/* ---- Flow (printed_flow.c) ---- */

/** Images written last, so that a crest that is used again is written once. */
enum { FLOW_IMAGES = 8 };
struct flow {
    const struct printed *printed;
    struct pdf_update *update;
    struct font_use *fonts;
    struct pdf_reference profile;
    struct arena arena;   /* of the part that is being drawn */
    struct arena entries; /* of the outline */
    struct structure structure;
    struct outline outline;
    struct pages pages;
    struct canvas canvas; /* of the page that is open */
    bool open;
    bool fresh; /* nothing is on that page */
    double y;   /* what is free begins here */
    double gap; /* wanted below what was drawn last */
    int level;  /* of the last heading's element */
    struct element list;
    bool list_open;
    struct {
        const struct image *image;
        struct pdf_reference object;
    } images[FLOW_IMAGES];
    size_t image_count;
    const struct part_grid *measured; /* the table whose columns were measured last */
    double needs[PRINTED_COLUMNS_MAXIMUM];
    struct rfd_error failure; /* the first one */
};

static inline bool flow_ok(const struct flow *f)
{
    return f->failure.code == RFD_OK;
}
/** Keeps the first failure; drawing ends. */
void flow_failed(struct flow *f, const struct rfd_error *error);
/** Draws all parts. */
void flow_run(struct flow *f);

/** What is left between a part that wants `before` points above it and the end of the page. */
double flow_room(const struct flow *f, double before);
/** Goes to `before` points below what was drawn last (at a page's top: to the top), on a new page unless `height` fits
 * here. */
void flow_place(struct flow *f, double before, double height);
/** Goes on at the top of a new page. */
void flow_break(struct flow *f);
/** Height of an empty page. */
double flow_page(const struct flow *f);

/** paragraph_layout() in the flow's arena; characters that no face has become U+FFFD or "?", so that the file has no
 * .notdef glyph (ISO 19005-2 §6.2.11.8). False when the flow failed. */
bool flow_layout(struct flow *f, const struct span *spans, size_t count, const struct paragraph_style *style,
                 double width, struct paragraph *out);
/** A line across [x, x + width) as an artifact. */
void flow_rule(struct flow *f, double x, double width, double y, double line, colour stroke);

/** Draws a part; and the height of its beginning, which must not be torn from a heading above. */
void flow_grid(struct flow *f, const struct part *part);
double flow_grid_minimum(struct flow *f, const struct part *part);
void flow_figure(struct flow *f, const struct part *part);
double flow_figure_height(const struct flow *f, const struct part_figure *figure);

/** Writes what is the same on each page, and notes what page numbers need, so that each page's resources name it. */
void page_begin(struct flow *f);
void page_dispose(struct pages *p);
void page_open(struct flow *f);
void page_close(struct flow *f);
/** Writes the page numbers and the page tree; returns its root. */
struct pdf_reference page_finish(struct flow *f);

/* ---- Metadata (printed_metadata.c) ---- */

/** Text that may stand in metadata: UTF-8 without control characters, not too long. RFD_E_ARGUMENT. */
rfd_status metadata_check(const char *what, slice text, struct rfd_error *error) RFD_MUST_CHECK;
struct pdf_reference metadata_write_info(const struct printed *p, struct pdf_update *update);
struct pdf_reference metadata_write_xmp(const struct printed *p, struct pdf_update *update);

/* ---- Files that go along (printed_attach.c) ---- */

/** Writes them, and the entries of the catalog that name them; nothing where there are none. */
void attach_write(const struct printed *p, struct pdf_update *update, struct buf *entries);

#endif
