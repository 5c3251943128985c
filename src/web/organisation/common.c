/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/organisation/organisation_pages.h"

#include "base/error.h"
#include "web/lists.h"

enum { RELATED_MAXIMUM = 50 };

static struct access_object object_of(const struct unit *unit)
{
    return (struct access_object){.entity = unit->entity, .unit = unit->id, .path = unit->path};
}

rfd_status check_see_unit(const struct page *page, const struct unit *unit, struct rfd_error *error)
{
    const struct access_object object = object_of(unit);
    return actor_check(&page->actor, ACTION_ORGANISATION_SEE, &object, error);
}

rfd_status check_see_person(struct transaction *t, const struct page *page, int64_t person, struct rfd_error *error)
{
    struct access_object home;
    TRY(person_home(t, person, &home, error));
    /* Who works nowhere is a citizen, whom everybody may enter, and appoint, who may edit any part. */
    if (home.entity == 0 && actor_may(&page->actor, ACTION_ORGANISATION_EDIT, NULL)) return RFD_OK;
    return actor_check(&page->actor, ACTION_ORGANISATION_SEE, &home, error);
}

bool may_edit_unit(const struct page *page, const struct unit *unit)
{
    const struct access_object object = object_of(unit);
    return actor_may(&page->actor, ACTION_ORGANISATION_EDIT, &object);
}

/* ---- Heads and facts ---- */

struct view *show_title(struct page *page, slice title, bool closed)
{
    view_text(page->view, "title", title);
    view_flag(page->view, "closed", closed);
    return view_list(page->view, "actions");
}

void show_action(struct page *page, struct view *actions, const char *title, const char *link, int64_t id,
                 bool secondary)
{
    struct view *item = view_item(actions);
    view_string(item, "title", page_text(page, title));
    view_string(item, "link", arena_print(page->arena, link, (long long)id));
    view_flag(item, "secondary", secondary);
}

void show_facts(struct page *page, const struct fact *facts, size_t count)
{
    struct view *list = view_list(page->view, "facts");
    for (size_t i = 0; i < count; i++) page_fact(page, list, facts[i].label, facts[i].text, facts[i].link);
}

/* ---- Small tables ---- */

struct relating {
    struct page *page;
    const struct related *related;
    struct list_query query;
    struct list_page found;
    struct view *view;
};

/* Columns that say the same in each row are left out. */
static bool is_shown(const struct relating *r, size_t column)
{
    char name[64];
    if (r->related->skip == NULL) return true;
    (void)snprintf(name, sizeof name, " %s ", r->related->definition->columns[column].name);
    return strstr(r->related->skip, name) == NULL;
}

static void put_columns(const struct relating *r)
{
    const struct list_definition *d = r->related->definition;
    struct view *columns = view_list(r->view, "columns");
    for (size_t i = 0; i < d->column_count; i++) {
        if (is_shown(r, i)) view_string(view_item(columns), "title", page_text(r->page, d->columns[i].title));
    }
}

static void put_row(const struct relating *r, size_t row, struct view *cells)
{
    const struct list_definition *d = r->related->definition;
    int64_t id = store_cell(&r->found.rows, row, d->column_count)->integer;
    bool linked = r->related->link != NULL;
    for (size_t i = 0; i < d->column_count; i++) {
        if (!is_shown(r, i)) continue;
        struct view *cell = view_item(cells);
        view_string(cell, "label", page_text(r->page, d->columns[i].title));
        view_text(cell, "text", lists_text(r->page, &d->columns[i], store_cell(&r->found.rows, row, i)));
        view_string(cell, "link", linked ? arena_print(r->page->arena, r->related->link, (long long)id) : "");
        linked = false;
    }
}

static void put_table(const struct relating *r)
{
    struct view *rows = view_list(r->view, "rows");
    put_columns(r);
    for (size_t i = 0; i < r->found.rows.count; i++) put_row(r, i, view_list(view_item(rows), "cells"));
    view_flag(r->view, "is_empty", r->found.rows.count == 0);
    view_flag(r->view, "cut", r->found.total > r->found.rows.count);
}

static rfd_status read_related(struct transaction *t, void *context, struct rfd_error *error)
{
    struct relating *r = context;
    TRY(list_read(t, r->related->definition, &r->query, &r->page->actor, &r->found, error));
    put_table(r);
    return RFD_OK;
}

rfd_status show_related(struct page *page, struct view *tables, const struct related *related, int64_t id,
                        struct rfd_error *error)
{
    struct relating r = {.page = page, .related = related, .query = {.page = 1, .size = RELATED_MAXIMUM}};
    list_fix_number(&r.query, page->arena, related->filter, id);
    r.view = view_item(tables);
    view_string(r.view, "title", page_text(page, related->title));
    view_string(r.view, "name", related->definition->name);
    view_string(r.view, "empty", page_text(page, related->empty));
    view_string(r.view, "all", related->all == NULL ? "" : arena_print(page->arena, related->all, (long long)id));
    return page_read(page, read_related, &r, error);
}

/* ---- Lists ---- */

rfd_status show_list(struct page *page, const struct list_page_row *row, struct rfd_error *error)
{
    const struct page_list list = {.definition = row->definition, .link = row->link, .empty = row->empty};
    bool done = false, may_add = row->add != NULL && actor_may(&page->actor, row->add_action, NULL);
    TRY(page_list(page, &list, &done, error));
    if (done) return RFD_OK;
    struct view *actions = show_title(page, slice_text(page_text(page, row->title)), false);
    view_string(page->view, "lead", row->lead == NULL ? "" : page_text(page, row->lead));
    if (may_add) show_action(page, actions, row->add, row->add_link, 0, false);
    return page_show(page, row->title, "organisation/list", error);
}
