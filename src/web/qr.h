/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef WEB_QR_H
#define WEB_QR_H

#include "web/web.h"

/** A QR code of `text` as markup (SVG) in the page's view, as `name`: drawn here, so that its text goes to nobody else.
 */
rfd_status page_qr(struct page *page, const char *name, slice text, struct rfd_error *error) RFD_MUST_CHECK;

#endif
