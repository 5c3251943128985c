/* SPDX-License-Identifier: EUPL-1.2
 *
 * A person and a portal's request: what authorize.c and agreement.c share.
 */
#ifndef WEB_CSC_AGREEMENT_H
#define WEB_CSC_AGREEMENT_H

#include "web/csc/csc_pages.h"

/** Back to the portal with `error`, or without one with `code`, and state and iss (RFC 9207) besides. */
rfd_status agreement_back(struct page *page, const struct csc_request *request, slice portal, const char *error_code,
                          const char *description, struct rfd_error *error) RFD_MUST_CHECK;
/** The address with these parameters, in the arena; data NULL: without memory. */
slice agreement_address(struct page *page, const struct csc_request *request, const char *name, slice value,
                        const char *description);

#endif
