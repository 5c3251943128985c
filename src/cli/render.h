/* SPDX-License-Identifier: EUPL-1.2
 *
 * Drawing pages for people to look at. The work is done by another program, refrenda-render, which locks itself into
 * a sandbox before it reads the document: whatever a hostile file does to the drawing library, this process sees a
 * picture, or an error. No shell, nothing in the arguments that is secret, a deadline for everything.
 */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "base/slice.h"

enum {
    RENDER_DPI_DEFAULT = 96,
    RENDER_DPI_MAXIMUM = 600,
    RENDER_SECONDS_DEFAULT = 20,
    RENDER_PIXELS_MAXIMUM = 40000000, /* 160 MB of canvas */
};

/**
 * The PDF is what `file` holds (when not -1), followed by `bytes`. A file alone is handed over as it is, however large
 * (its offset does not matter); with `bytes` as well, the two are first joined in an unnamed temporary file.
 */
struct render_request {
    int file; /* an open regular file, stays open; or -1 */
    slice bytes;
    slice password; /* of the document, may be empty */
    unsigned dpi;
    unsigned seconds; /* of real time, and of processor time */
};
#define RENDER_REQUEST_INIT                                                                                            \
    ((struct render_request){.file = -1, .dpi = RENDER_DPI_DEFAULT, .seconds = RENDER_SECONDS_DEFAULT})

/**
 * Draws page `page` (1 = the first) with its annotations and form fields as PNG on white.
 * RFD_E_ARGUMENT: no such page, or a resolution out of range. RFD_E_PDF_PASSWORD. RFD_E_LIMIT: the picture would have
 * more than RENDER_PIXELS_MAXIMUM pixels. RFD_E_RENDER: the program is missing, ran out of time or memory, or cannot
 * read the document; the detail says which.
 */
rfd_status render_page(const struct render_request *request, unsigned page, rfd_bytes *png,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** How many pages the drawing program counts. Errors as above. */
rfd_status render_page_count(const struct render_request *request, unsigned *pages,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
