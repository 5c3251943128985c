/* SPDX-License-Identifier: EUPL-1.2
 *
 * A content stream (ISO 32000-2 §7.8.2) under construction and the resources that it names. Units are points, y grows
 * upwards. Failures are sticky and told by canvas_check(). Numbers are written with at most three decimals, the same
 * everywhere.
 */
#ifndef PRINT_CANVAS_H
#define PRINT_CANVAS_H

#include "print/colour.h"
#include "print/font.h"

enum { CANVAS_IMAGES_MAXIMUM = 64 };

struct canvas {
    struct buf content;
    struct font_use *fonts;                             /* borrowed; may be shared by the canvases of one PDF */
    struct pdf_reference profile;                       /* of colour_write_profile() */
    struct pdf_reference images[CANVAS_IMAGES_MAXIMUM]; /* XObjects by number: /X0, /X1 ... */
    size_t image_count;
    colour fill, stroke; /* as set last */
    bool has_fill, has_stroke;
    bool text_used;
    rfd_status status;
};

void canvas_init(struct canvas *c, struct font_use *fonts, struct pdf_reference profile);
void canvas_dispose(struct canvas *c);

void canvas_save(struct canvas *c);    /* q: fill and stroke colours are kept by the reader, too */
void canvas_restore(struct canvas *c); /* Q */
/** cm */
void canvas_transform(struct canvas *c, double a, double b, double cc, double d, double e, double f);

void canvas_fill_rectangle(struct canvas *c, double x, double y, double width, double height, colour fill);
void canvas_stroke_rectangle(struct canvas *c, double x, double y, double width, double height, double line,
                             colour stroke);
void canvas_line(struct canvas *c, double x1, double y1, double x2, double y2, double line, colour stroke);
/** Rectangle with round corners; a colour may be left out with CANVAS_NONE. */
#define CANVAS_NONE UINT32_C(0xffffffff)
void canvas_round_rectangle(struct canvas *c, double x, double y, double width, double height, double radius,
                            double line, colour fill, colour stroke);
void canvas_circle(struct canvas *c, double x, double y, double radius, double line, colour fill, colour stroke);
/** For paths written by hand into the content. */
void canvas_set_fill(struct canvas *c, colour fill);
/** Clips to a rectangle until canvas_restore(). */
void canvas_clip(struct canvas *c, double x, double y, double width, double height);

/** Glyphs [from, to) of a shaped line with its origin on the base line at (x, y). */
void canvas_text(struct canvas *c, double x, double y, double size, colour fill, const struct shaped *text, size_t from,
                 size_t to);
/** The same with `word_space` points more after each blank, for justified lines. */
void canvas_text_spaced(struct canvas *c, double x, double y, double size, colour fill, const struct shaped *text,
                        size_t from, size_t to, double word_space);
/** An XObject image or form. An image is the unit square: transform first. Forms: their own space. */
void canvas_xobject(struct canvas *c, struct pdf_reference object);

/** Marked content (§14.6): "/P <</MCID 3>> BDC"; `mcid` < 0: none. canvas_artifact: "/Artifact BMC". */
void canvas_begin_marked(struct canvas *c, const char *tag, int mcid);
void canvas_begin_artifact(struct canvas *c);
void canvas_end_marked(struct canvas *c);

/** "<</Font<<...>>/XObject<<...>>/ColorSpace<</C[/ICCBased 4 0 R]>>>>". */
void canvas_put_resources(const struct canvas *c, struct buf *b);
/** RFD_OK or what failed. */
rfd_status canvas_check(const struct canvas *c, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes it as a form XObject (§8.10) with /BBox [0 0 width height] and no group. */
void canvas_write_form(struct canvas *c, struct pdf_update *update, struct pdf_reference reference, double width,
                       double height);

/** A number as content streams want it: no exponent, at most three decimals. */
void canvas_put_number(struct buf *b, double value);

#endif
