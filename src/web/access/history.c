/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who had which role, on any day (`fecha`), of everybody or of one person (`person`).
 */
#include "web/access/access_pages.h"

#include "base/clock.h"
#include "base/error.h"

rfd_status history_show(struct page *page, struct rfd_error *error)
{
    struct list_query fixed = {.sort = NULL};
    const struct page_list list = {
        .definition = &role_history_list, .empty = N_("Nobody whom you may see had a role then."), .fixed = &fixed};
    slice asked = http_field_get(&page->request->query, "fecha", 0);
    rfd_time first, after;
    bool done = false;
    /* The roles of a day are those that were in force at some instant of it. */
    bool dated = moment_read_day(page, asked, &first, &after);
    if (dated) {
        list_fix_number(&fixed, page->arena, "started", after - 1);
        list_fix_number(&fixed, page->arena, "not-ended", first);
        view_text(page->view, "day", page_day(page, first));
    }
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    view_text(page->view, "date", dated ? asked : SLICE_EMPTY);
    view_text(page->view, "person", http_field_get(&page->request->query, "person", 0));
    view_text(page->view, "search", http_field_get(&page->request->query, "buscar", 0));
    view_flag(page->view, "wrong_date", asked.length > 0 && !dated);
    return page_show(page, N_("History of roles"), "access/history", error);
}
