/* SPDX-License-Identifier: EUPL-1.2
 *
 * What reading one page may cost, and what becomes of failures on the way: a lack of memory or a read error ends it, a
 * damaged part is left out and noted in `complete`.
 */
#ifndef PDF_PAGE_TEXT_WORK_H
#define PDF_PAGE_TEXT_WORK_H

#include "base/error.h"
#include "pdf/document.h"

struct page_work {
    struct pdf_view view; /* of its own: a damaged object in it must not end the caller's */
    size_t bytes;         /* of decoded streams, and of content each time it runs, that may still come */
    uint64_t steps;       /* operators, entries compared, glyphs */
    bool complete;
    struct arena scratch; /* of fonts; what a page needs should not stay with the document */
};

void page_work_begin(struct page_work *w, const struct pdf_view *view);
void page_work_end(struct page_work *w);
/** Takes steps; false when they are used up. */
static inline bool page_work_spend(struct page_work *w, uint64_t steps)
{
    if (steps <= w->steps) {
        w->steps -= steps;
        return true;
    }
    w->steps = 0;
    w->complete = false;
    return false;
}
/** Takes bytes; false when they are used up. */
bool page_work_spend_bytes(struct page_work *w, size_t bytes);

/** Looks at the view: a failure that is the input's is noted and forgotten, any other returned. */
rfd_status page_work_settle(struct page_work *w, struct rfd_error *error) RFD_MUST_CHECK;
/** The decoded data of a stream; empty, and noted, when it is no stream, damaged or too long. */
rfd_status page_work_stream(struct page_work *w, const struct pdf_value *stream, slice *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** pdf_get, paid for by the size of the dictionary: content can ask for the same entry a million times. */
const struct pdf_value *page_work_get(struct page_work *w, const struct pdf_value *dictionary, slice key);

#endif
