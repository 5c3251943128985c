/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the q and Q of a page's content pair up (ISO 32000-2 §8.4.2). They should, page by page, but often do not; who
 * adds to the content has to bring the graphics state back first.
 */
#ifndef PADES_CONTENT_DEPTH_H
#define PADES_CONTENT_DEPTH_H

#include "pdf/document.h"

struct content_depth {
    unsigned missing; /* Q without a q before it */
    unsigned left;    /* q without a Q after it, the missing ones counted as there */
};

/** Of a page's /Contents. Streams that cannot be read count as balanced; the status is for memory. */
rfd_status content_depth_of_page(struct pdf_view *view, const struct pdf_value *contents, struct content_depth *out,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Goes on counting over one more stream. RFD_E_MEMORY. */
rfd_status content_depth_add(struct content_depth *d, slice content) RFD_MUST_CHECK;

#endif
