/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages about requests of roles: what its files share.
 */
#ifndef WEB_ACCESS_PAGES_H
#define WEB_ACCESS_PAGES_H

#include "domain/organisation/organisation.h"
#include "web/internal.h"

/* requests.c */
page_handler page_requests_show, colleagues_show;
/* request_form.c */
page_handler page_request_new, page_request_edit, page_request_save, page_request_change;
/* request_show.c */
page_handler page_request_show, page_request_text, page_request_letter, page_request_signature;
/* request_send.c */
page_handler page_request_send, page_request_cancel_ask, page_request_cancel;
/* decisions.c */
page_handler tray_show, agents_show, tray_decide, page_request_decide;
/* review.c */
page_handler review_show, review_decide;
/* history.c */
page_handler history_show;
/* permissions.c */
page_handler permissions_show;

struct access_settings access_page_settings(const struct page *page);
/** What a line of a request says: the role, in words, and its days. */
void access_put_line(const struct page *page, struct view *item, const struct access_line *line);

#endif
