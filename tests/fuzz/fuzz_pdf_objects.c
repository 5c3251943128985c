/* SPDX-License-Identifier: EUPL-1.2
 *
 * The input is a PDF: opened leniently and strictly, everything in it is read. A file that opens strictly must open
 * leniently too, as the same number of revisions.
 */
#include "../support/pdf_walk.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const uint8_t *data, size_t size, bool strict)
{
    struct source *source = NULL;
    struct pdf_document *doc = NULL;
    struct pdf_options options = {.strict = strict, .memory_maximum = (size_t)64 << 20};
    size_t revisions = 0;
    if (source_open_memory(slice_of(data, size), &source, NULL) != RFD_OK) return 0;
    if (pdf_open(source, &options, &doc, NULL) == RFD_OK) {
        revisions = pdf_revision_count(doc);
        (void)pdf_walk_document(doc);
    }
    pdf_close(doc);
    source_close(source);
    return revisions;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t strict = walk(data, size, true);
    size_t lenient = walk(data, size, false);
    if (strict != 0 && strict != lenient) abort();
    return 0;
}
