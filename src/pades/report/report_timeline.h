/* SPDX-License-Identifier: EUPL-1.2
 *
 * The picture of a report: what happened when, a row for each signature. It is laid out here once as plain shapes in
 * points with y growing downwards, and painted by each writer (SVG, PDF), so that both show the same.
 *
 * In a row, the bar is the certificate's time of validity; above it stands the time that the signer claims, below it
 * what time stamps prove, and a cross on it is the revocation. Revisions of the document stand on top, the time of the
 * check is a line through everything.
 */
#ifndef PADES_REPORT_TIMELINE_H
#define PADES_REPORT_TIMELINE_H

#include "pades/report/report_voice.h"
#include "pades/report/report_words.h"

enum { REPORT_ROWS_MAXIMUM = 60, REPORT_STAMPS_MAXIMUM = 8 };

struct report_row {
    const char *label, *note; /* printable */
    enum report_tone tone;
    uint32_t revision; /* 0: none */
    bool document_timestamp;
    rfd_time claimed, proven, revoked;      /* RFD_TIME_NONE */
    rfd_time valid_from, valid_until;       /* of the signer's certificate */
    rfd_time stamps[REPORT_STAMPS_MAXIMUM]; /* time stamps that are relied on */
    size_t stamp_count;
};

enum report_paint {
    REPORT_PAINT_NONE,
    REPORT_PAINT_INK,
    REPORT_PAINT_MUTED,
    REPORT_PAINT_GRID,
    REPORT_PAINT_BACK, /* of the page */
    REPORT_PAINT_BAR,
    REPORT_PAINT_CLAIMED,
    REPORT_PAINT_PROVEN,
    REPORT_PAINT_NOW,
    REPORT_PAINT_GOOD,
    REPORT_PAINT_DOUBT,
    REPORT_PAINT_BAD,
    REPORT_PAINT_COUNT
};
/** "bar", for class names. */
const char *report_paint_name(enum report_paint paint);

enum report_shape_kind {
    REPORT_LINE,    /* (x, y) to (x + width, y + height) */
    REPORT_BOX,     /* with round corners of `size` */
    REPORT_CIRCLE,  /* centre and radius `size` */
    REPORT_DIAMOND, /* centre and half diagonal `size` */
    REPORT_CROSS,   /* centre and half side `size` */
    REPORT_TEXT     /* base line at (x, y), `size` is the font's */
};
struct report_shape {
    enum report_shape_kind kind;
    enum report_paint fill, stroke;
    double x, y, width, height, size;
    double line;      /* width of the stroke */
    int anchor;       /* of text: -1 starts, 0 is centred, 1 ends at x */
    bool bold;        /* text */
    const char *text; /* or what a mark means, for who points at it; NULL: nothing */
};
struct report_timeline {
    double width, height;
    const struct report_shape *shapes;
    size_t count;
};

struct report_picture {
    const struct report_row *rows; /* all of them: they make the axis */
    size_t count;
    size_t first, last; /* those that are drawn: from first to before last */
    rfd_time checked;   /* the time of the check */
    double width;       /* below 560, labels stand above their rows */
};
/** Lays the rows out. The shapes live in the voice's arena. */
void report_timeline_layout(struct report_voice *v, const struct report_picture *picture, struct report_timeline *out);

#endif
