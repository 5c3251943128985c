/* SPDX-License-Identifier: EUPL-1.2
 *
 * For the tests of printed documents: one that is begun, filled by the test, and finished into a file that our own
 * reader and other people's programs look at. What fails ends the test.
 */
#ifndef TESTS_PAPER_H
#define TESTS_PAPER_H

#include "pdf_support.h"
#include "print/printed.h"

struct paper {
    struct printed *printed;
    struct support_document file; /* opened strictly */
    struct pdf_view view;
    size_t pages;
    struct buf text; /* of all pages, each zero-terminated */
    bool extracted;
    struct buf answer; /* of the program asked last, zero-terminated */
};

/** For cmocka_run_group_tests: the fonts that all tests share. */
int paper_setup(void **state);
int paper_teardown(void **state);
struct fonts *paper_fonts(void);

/** A page of 300 x 300 points with margins of 30, a title and a language; the settings may be changed. */
struct printed_settings paper_settings(void);
/** NULL: paper_settings(). */
void paper_begin(struct paper *p, const struct printed_settings *settings);
/** Finishes and opens. */
void paper_finish(struct paper *p);
/** Finishes, expecting this to fail; frees. */
void paper_fails(struct paper *p, rfd_status status);
void paper_close(struct paper *p);

/** What pdftotext finds on a page (from 1). Skips the test when there is no pdftotext. */
const char *paper_text(struct paper *p, size_t page);
bool paper_has(struct paper *p, size_t page, const char *text);
/** The page that this is on, 0: none. */
size_t paper_find(struct paper *p, const char *text);
/** Runs `program` with `option` (may be NULL) on the file and an output file, which is what is returned. */
const char *paper_ask(struct paper *p, const char *program, const char *option);
/** The file's path, for other programs. */
const char *paper_path(struct paper *p);

#endif
