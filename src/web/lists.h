/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the page and the file of a list share.
 */
#ifndef WEB_LISTS_H
#define WEB_LISTS_H

#include "base/clock.h"
#include "web/internal.h"

/** A value as people read it. */
slice lists_text(const struct page *page, const struct list_column *column, const struct store_value *value);
/** The whole list as a file (CSV, RFC 4180, with the mark of UTF-8, separated by semicolons), at constant memory. */
rfd_status lists_file(struct page *page, const struct page_list *list, const struct list_query *query,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** lists_text(), or what the page's list has instead. */
slice lists_cell(const struct page *page, const struct page_list *list, const struct list_column *column,
                 const struct store_value *value);
/** A field of such a file, quoted always. A text that a spreadsheet would take for a formula gets an apostrophe before
 * it (OWASP, CSV injection). */
void lists_put_field(struct buf *b, slice text, bool is_text);

#endif
