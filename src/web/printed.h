/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef WEB_PRINTED_H
#define WEB_PRINTED_H

#include "domain/registration/forms.h"
#include "web/web.h"

/** Answers with a printed form, in the page's language, made when it is not there yet. Whether the person may see it
 * was asked before. `name`: of the file. */
rfd_status page_send_printed(struct page *page, enum printed_form_kind kind, int64_t subject, slice name,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
