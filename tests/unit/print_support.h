/* SPDX-License-Identifier: EUPL-1.2
 *
 * For the tests of the print floor: one page to draw on, and what other programs make of it.
 */
#ifndef TESTS_PRINT_SUPPORT_H
#define TESTS_PRINT_SUPPORT_H

#include "pdf/create.h"
#include "pdf_support.h"
#include "print/paragraph.h"

struct print_page {
    struct pdf_update *update;
    struct font_use *use;
    struct canvas canvas;
    struct arena arena; /* for what is drawn */
    double width, height;
};

/** A page of a new file. */
rfd_status print_page_begin(struct print_page *p, struct fonts *fonts, double width, double height,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The whole file; frees what the page holds, also after a failure. */
rfd_status print_page_end(struct print_page *p, struct buf *file, struct rfd_error *error) RFD_MUST_CHECK;
void print_page_free(struct print_page *p);

/** One line of text in a style, 12 points. */
rfd_status print_line(struct print_page *p, struct fonts *fonts, enum font_style style, const char *text, double y,
                      struct rfd_error *error) RFD_MUST_CHECK;

/** What a program prints, into `out`: its exit status, or -1 when it is missing. */
int print_run(const char *const *arguments, struct buf *out);
/** The text of a PDF as pdftotext reads it; false when that is missing. */
bool print_read_text(const struct buf *file, struct buf *out);

#endif
