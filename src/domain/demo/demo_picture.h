/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pictures and papers of the demonstration: plainly drawn, of nobody.
 */
#ifndef DOMAIN_DEMO_PICTURE_H
#define DOMAIN_DEMO_PICTURE_H

#include "base/buf.h"
#include "print/font.h"

enum demo_picture { DEMO_SIGNATURE, DEMO_PHOTOGRAPH };
/** Appends a PNG; another `seed`, another picture. */
rfd_status demo_picture(enum demo_picture kind, unsigned seed, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Appends a PDF of one page: a title, who it is about, and that it is invented. */
rfd_status demo_paper(struct fonts *fonts, const char *title, const char *name, const char *number, struct buf *out,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
