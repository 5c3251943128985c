/* SPDX-License-Identifier: EUPL-1.2
 *
 * The start page of who is signed in: what waits for them, and where they can go.
 */
#include "web/menu.h"

#include "base/error.h"
#include "base/i18n.h"

/* What somebody else waits for. A list that must not show one's own things names the filter for it. */
static const struct tray {
    const char *title; /* N_() */
    const char *link;
    enum action action;
    const struct list_definition *list;
    const char *not_own;
} trays[] = {
    {N_("Requests of roles to decide"), "/accesos/bandeja", ACTION_ACCESS_APPROVE, &access_tray_list, "not-person"},
    {N_("Certifying agents to decide"), "/accesos/agentes", ACTION_ACCESS_AGENT_APPROVE, &access_agent_list,
     "not-person"},
    {N_("Roles to confirm"), "/accesos/revision", ACTION_ACCESS_REVIEW, &access_review_list, NULL},
};

static bool has_filter(const struct list_definition *list, const char *name)
{
    for (size_t i = 0; name != NULL && i < list->filter_count; i++)
        if (strcmp(list->filters[i].name, name) == 0) return true;
    return false;
}

static rfd_status count(struct transaction *t, struct page *page, const struct tray *tray, struct list_page *out,
                        struct rfd_error *error)
{
    struct list_query query = {.page = 1, .size = 1};
    if (has_filter(tray->list, tray->not_own)) list_fix_number(&query, page->arena, tray->not_own, page->actor.person);
    return list_read(t, tray->list, &query, &page->actor, out, error);
}

static rfd_status put_trays(struct transaction *t, void *context, struct rfd_error *error)
{
    struct page *page = context;
    struct view *list = view_list(page->view, "trays");
    bool any = false;
    for (size_t i = 0; i < sizeof trays / sizeof *trays; i++) {
        struct list_page found = {0};
        if (!web_has_page(page->web, trays[i].link) || !actor_may(&page->actor, trays[i].action, NULL)) continue;
        TRY(count(t, page, &trays[i], &found, error));
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, trays[i].title));
        view_string(item, "link", trays[i].link);
        view_number(item, "count", (int64_t)found.total);
        view_flag(item, "current", false);
        any = true;
    }
    view_flag(page->view, "has_trays", any);
    return RFD_OK;
}

/** A tile for each part of the house, with what is in it. */
static void put_tiles(struct page *page)
{
    size_t count = 0;
    const struct menu_row *rows = menu_rows(&count);
    struct view *list = view_list(page->view, "tiles");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].about == NULL || !menu_is_open(page, &rows[i])) continue;
        struct view *item = view_item(list);
        view_string(item, "title", page_text(page, rows[i].item == NULL ? rows[i].title : rows[i].item));
        view_string(item, "link", rows[i].link);
        view_string(item, "icon", rows[i].icon);
        view_string(item, "text", page_text(page, rows[i].about));
    }
}

static void put_roles(struct page *page)
{
    struct view *list = view_list(page->view, "roles");
    for (size_t i = 0; i < page->actor.role_count; i++) {
        bool again = false;
        for (size_t j = 0; j < i; j++) again = again || page->actor.roles[j].role == page->actor.roles[i].role;
        if (!again) view_item_text(list, slice_text(page_text(page, role_info(page->actor.roles[i].role)->title)));
    }
}

static rfd_status show_start(struct page *page, struct rfd_error *error)
{
    view_text(page->view, "name", page->actor.name.length > 0 ? page->actor.name : page->actor.code);
    view_text(page->view, "last_sign_in", page_time(page, page->last_sign_in));
    put_roles(page);
    put_tiles(page);
    TRY(page_read(page, put_trays, page, error));
    return page_show(page, N_("Start"), "home/start", error);
}

/** What is not there: said inside of the house to who is signed in. */
static rfd_status show_nothing(struct page *page, struct rfd_error *error)
{
    (void)page;
    return error_set(error, RFD_E_NOT_FOUND, NULL);
}

const struct page_route home_routes[] = {
    {HTTP_GET, "/", "start", ACTION_SIGNED_IN, 0, 0, show_start},
    {HTTP_GET, "/{path*}", "nothing", ACTION_PUBLIC, 0, 0, show_nothing},
    {.pattern = NULL},
};
