/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may do what: the policy table as it is (policy.def), which is also what is asked.
 */
#include "web/access/access_pages.h"

#include "base/error.h"

static void put_row(const struct page *page, struct view *rows, enum role role)
{
    struct view *row = view_item(rows);
    struct view *cells = view_list(row, "actions");
    const struct role_info *info = role_info(role);
    bool any = false;
    view_string(row, "role", page_text(page, info->title));
    view_flag(row, "sensitive", info->sensitive);
    view_flag(row, "everywhere", info->everywhere);
    for (unsigned i = 0; i < ACTIONS; i++) {
        enum scope scope = policy_scope(role, (enum action)i);
        if (scope == SCOPE_NONE) continue;
        struct view *cell = view_item(cells);
        view_string(cell, "action", page_text(page, action_title((enum action)i)));
        view_string(cell, "scope", page_text(page, scope_title(scope)));
        any = true;
    }
    view_flag(row, "nothing", !any);
}

static void put_conflicts(const struct page *page, struct view *list)
{
    for (unsigned a = 0; a < ROLES; a++) {
        for (unsigned b = a + 1; b < ROLES; b++) {
            const char *rule = role_conflict((enum role)a, (enum role)b, true);
            if (rule == NULL) continue;
            struct view *item = view_item(list);
            view_string(item, "a", page_text(page, role_info((enum role)a)->title));
            view_string(item, "b", page_text(page, role_info((enum role)b)->title));
            view_flag(item, "same_unit", role_conflict((enum role)a, (enum role)b, false) == NULL);
            view_string(item, "rule", page_text(page, rule));
        }
    }
}

rfd_status permissions_show(struct page *page, struct rfd_error *error)
{
    struct view *rows = view_list(page->view, "rows");
    for (unsigned i = 0; i < ROLES; i++) put_row(page, rows, (enum role)i);
    put_conflicts(page, view_list(page->view, "conflicts"));
    return page_show(page, N_("Who may do what"), "access/permissions", error);
}
