/* SPDX-License-Identifier: EUPL-1.2
 *
 * Portals that somebody let see their certificates, and taking that back.
 */
#include "base/error.h"
#include "web/central/central_pages.h"
#include "web/csc/csc_pages.h"

struct withdrawing {
    struct page *page;
    int64_t portal;
    bool found;
    struct csc_access access;
};

static rfd_status put_accesses(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct csc_access *all;
    size_t count;
    struct view *list = view_list(page->view, "portals");
    TRY(csc_accesses(t, &page->actor, &all, &count, error));
    view_flag(page->view, "with_portals", count > 0);
    for (size_t i = 0; i < count; i++) {
        struct view *item = view_item(list);
        view_number(item, "id", all[i].portal);
        view_text(item, "name", page_keep(page, all[i].name));
        view_text(item, "since", page_time(page, all[i].since));
        view_text(item, "until", page_day(page, all[i].ends));
    }
    return RFD_OK;
}

rfd_status accesses_put(struct page *page, struct rfd_error *error)
{
    return page_read(page, put_accesses, page, error);
}

static rfd_status find(struct transaction *t, void *context, struct rfd_error *error)
{
    struct withdrawing *w = context;
    struct csc_access *all;
    size_t count;
    TRY(csc_accesses(t, &w->page->actor, &all, &count, error));
    for (size_t i = 0; i < count; i++) {
        if (all[i].portal != w->portal) continue;
        w->access = all[i];
        w->access.name = page_keep(w->page, all[i].name);
        w->found = true;
    }
    return w->found ? RFD_OK : error_set(error, RFD_E_NOT_FOUND, "this portal may see nothing of yours");
}

rfd_status access_withdraw_show(struct page *page, struct rfd_error *error)
{
    struct withdrawing w = {.page = page};
    struct view *consequences = view_list(page->view, "consequences");
    TRY(page_id(page, "portal", &w.portal, error));
    TRY(page_read(page, find, &w, error));
    view_item_text(consequences,
                   slice_text(page_text(page, N_("It sees your certificates no more, and what it was about to sign for "
                                                 "you is not signed."))));
    view_item_text(consequences, slice_text(page_text(page, N_("Documents that are signed already stay signed."))));
    view_item_text(consequences, slice_text(page_text(page, N_("If you go there again, it may ask you again."))));
    view_string(page->view, "title", page_text(page, N_("Take back this portal's access?")));
    view_text(page->view, "text", w.access.name);
    view_string(page->view, "action", page_text(page, N_("Take it back")));
    view_string(page->view, "back", CENTRAL);
    view_flag(page->view, "danger", true);
    view_text(page->view, "csrf", csrf_token(page));
    return page_show(page, N_("Take back this portal's access?"), "central/cancel", error);
}

static rfd_status withdraw(struct transaction *t, void *context, struct rfd_error *error)
{
    const struct withdrawing *w = context;
    return csc_access_end(t, &w->page->actor, w->portal, error);
}

rfd_status access_withdraw_send(struct page *page, struct rfd_error *error)
{
    struct withdrawing w = {.page = page};
    TRY(page_id(page, "portal", &w.portal, error));
    TRY(page_write(page, withdraw, &w, error));
    return page_redirect(page, N_("The portal sees your certificates no more"), error, CENTRAL);
}
