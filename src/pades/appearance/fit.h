/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lines of text fitted into a box: the largest size of 5 to 10 points, in steps of a quarter, at which all of it is
 * there; when even the smallest is too large, the last line that fits ends in an ellipsis. Nothing leaves the box.
 */
#ifndef PADES_FIT_H
#define PADES_FIT_H

#include "print/paragraph.h"

#include <pthread.h>

struct fit_line {
    slice text;
    enum font_style style;
    colour fill;
    double factor; /* of the size */
};

/** The sizes found last, for the same text in the same box again: searching costs as much as all the rest of a
 * signature. Shared by threads. */
enum { FIT_MEMORY_SIZE = 8 };
struct fit_memory {
    pthread_mutex_t lock;
    struct {
        uint64_t key;
        double size; /* 0: not used */
    } found[FIT_MEMORY_SIZE];
    unsigned next;
};
void fit_memory_init(struct fit_memory *m);
void fit_memory_dispose(struct fit_memory *m);

struct fit_request {
    const struct fit_line *lines;
    size_t count;
    enum alignment alignment;
    double width, height;      /* points */
    double size;               /* points; 0: what fits */
    double maximum;            /* points; 0: 10 */
    struct fit_memory *memory; /* NULL: none */
};

/** A run of lines of one style, as a paragraph. */
struct fit_part {
    struct paragraph paragraph;
    size_t shown; /* lines of it */
};
struct fit {
    const struct fit_part *parts; /* in the arena */
    size_t count;
    double size;
    double width, height; /* of what is shown */
    bool cut;             /* not all of it is */
};

rfd_status fit_text(struct fonts *fonts, struct arena *arena, const struct fit_request *request, struct fit *out,
                    struct rfd_error *error) RFD_MUST_CHECK;
/** Draws it with the first line's top at `top`. */
void fit_draw(const struct fit *f, struct canvas *c, double x, double top);

#endif
