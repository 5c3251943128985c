/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents made by hand, object by object and section by section, to be broken in one place each; and the same
 * opened leniently and strictly. Failures are cmocka's.
 */
#ifndef TESTS_PDF_DRAFT_H
#define TESTS_PDF_DRAFT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/source.h"
#include "pdf/document.h"

enum { NUMBERS = 64, MEGABYTE = 1 << 20 };

/** A file under construction: where its objects are, and what the section that comes next must list. */
struct draft {
    struct buf b;
    uint64_t at[NUMBERS];
    bool listed[NUMBERS]; /* by an earlier section */
    uint64_t section;     /* offset of the last section */
    uint64_t shift;       /* subtracted from the offsets written */
};

struct opened {
    struct source *source;
    struct pdf_document *doc;
    rfd_status status;
    struct rfd_error error;
};

void draft_begin(struct draft *d);
void draft_object(struct draft *d, uint32_t number, const char *text);
void draft_stream(struct draft *d, uint32_t number, const char *entries, slice data);
void draft_close(struct draft *d);
/** A table of what was written since the last one, one subsection an object. */
void draft_table(struct draft *d, const char *trailer);
/** A document of one empty page: 1 catalog, 2 pages, 3 page, 4 a text. */
void draft_minimal(struct draft *d);
/** Replaces the first `from` after `offset` by `to`, of any length. */
void draft_edit(struct draft *d, size_t offset, const char *from, const char *to);
struct opened draft_open_slice(slice bytes, bool strict);
struct opened draft_open(struct draft *d, bool strict);
void draft_close_opened(struct opened *o);
struct pdf_document *draft_must_open(struct opened *o);
bool draft_only_anomaly(const struct pdf_document *doc, int anomaly);
/** Opens both ways: leniently with this one anomaly (-1 none), strictly with `strict`. Ends the draft. */
void draft_assert_opens(struct draft *d, int anomaly, rfd_status strict);
void draft_assert_fails(struct draft *d, rfd_status status);
const struct pdf_value *draft_read(struct pdf_document *doc, size_t revision, uint32_t number);
bool draft_is_text(const struct pdf_value *v, const char *text);

#endif
