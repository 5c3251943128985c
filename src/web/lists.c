/* SPDX-License-Identifier: EUPL-1.2
 *
 * A list as a page: from the query of its address to what part/list reads. All that somebody has chosen is in the
 * address, so that it can be sent to others.
 */
#include "web/lists.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/number.h"

#include <stdio.h>

#define Q_SEARCH "buscar"
#define Q_SORT   "sort"
#define Q_PAGE   "pagina"
#define Q_SIZE   "filas"
#define Q_FORMAT "formato"

enum { NEIGHBOURS = 2, PAGES_SHOWN = 12, PAGE_HIGHEST = 100000000, WORD_LONGEST = 20 };
static const unsigned sizes[] = {10, 25, 50, 100};

/* ---- The query ---- */

static slice asked(const struct page *page, const char *name)
{
    return http_field_get(&page->request->query, name, 0);
}

static const struct list_column *column_of(const struct list_definition *d, slice name)
{
    for (size_t i = 0; i < d->column_count; i++)
        if (slice_is(name, d->columns[i].name)) return &d->columns[i];
    return NULL;
}

/** Addresses are typed and shortened by people: what makes no sense is as if it were not there. */
static void read_query(const struct page *page, const struct page_list *list, struct list_query *q)
{
    const struct list_definition *d = list->definition;
    uint64_t number = 0;
    if (list->fixed != NULL) *q = *list->fixed;
    q->search = http_trim(asked(page, Q_SEARCH));
    slice sort = asked(page, Q_SORT);
    bool descending = slice_starts(sort, SLICE("-"));
    const struct list_column *column = column_of(d, descending ? slice_from(sort, 1) : sort);
    if (column != NULL && column->sort != NULL) {
        q->sort = column->name;
        q->descending = descending;
    }
    q->page = number_unsigned(asked(page, Q_PAGE), PAGE_HIGHEST, &number) && number > 0 ? number : 1;
    q->size = sizes[0];
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (number_unsigned(asked(page, Q_SIZE), LIST_PAGE_LONGEST, &number) && number == sizes[i]) q->size = sizes[i];
}

static bool is_fixed(const struct list_query *q, const char *name)
{
    for (size_t i = 0; i < LIST_FILTERS; i++)
        if (q->filters[i].name != NULL && strcmp(q->filters[i].name, name) == 0) return true;
    return false;
}

/** Filters that the page sets itself win: an address cannot take them away. */
static void read_filters(const struct page *page, const struct list_definition *d, struct list_query *q)
{
    const struct list_query fixed = *q;
    size_t next = 0;
    while (next < LIST_FILTERS && q->filters[next].name != NULL) next++;
    for (size_t i = 0; i < d->filter_count && next < LIST_FILTERS; i++) {
        slice value = asked(page, d->filters[i].name);
        if (value.length == 0 || is_fixed(&fixed, d->filters[i].name)) continue;
        q->filters[next].name = d->filters[i].name;
        q->filters[next++].value = value;
    }
}

/* ---- Links ---- */

/** The list's address with another page, size or order; the first page needs no number. */
static slice link_to_page(const struct page *page, uint64_t number)
{
    char text[24] = "";
    if (number > 1) (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return page_link(page, page->request->path, Q_PAGE, slice_text(text));
}

/** Another order or size begins at the first page again. */
static slice link_with(const struct page *page, const char *name, slice value)
{
    struct http_fields all = page->request->query;
    struct http_fields without = {.items = arena_zeroed(page->arena, all.count + 1, sizeof *without.items)};
    struct http_request request = *page->request;
    struct page at = *page;
    if (without.items == NULL) return SLICE_EMPTY;
    for (size_t i = 0; i < all.count; i++) {
        if (slice_is(all.items[i].name, Q_PAGE) || slice_is(all.items[i].name, Q_FORMAT)) continue;
        without.items[without.count++] = all.items[i];
    }
    request.query = without;
    at.request = &request;
    return page_link(&at, request.path, name, value);
}

static slice link_to_size(const struct page *page, unsigned size)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%u", size);
    return link_with(page, Q_SIZE, slice_text(text));
}

static void put_link(struct view *view, const char *name, slice link, bool there)
{
    view_text(view, name, there ? link : SLICE_EMPTY);
}

/** The first, the last, and those around the current one; gaps in between. */
static void put_pages(const struct page *page, struct view *view, uint64_t current, uint64_t last)
{
    struct view *list = view_list(view, "pages");
    for (uint64_t n = 1; n <= last;) {
        bool near = n + NEIGHBOURS >= current && n <= current + NEIGHBOURS;
        bool shown = n == 1 || n == last || near || last <= PAGES_SHOWN;
        struct view *item = view_item(list);
        view_flag(item, "gap", !shown);
        view_flag(item, "current", n == current);
        view_number(item, "number", (int64_t)n);
        view_text(item, "link", link_to_page(page, n));
        if (shown)
            n++;
        else
            n = n < current ? current - NEIGHBOURS : last;
    }
}

static void put_paging(const struct page *page, struct view *view, const struct list_query *q,
                       const struct list_page *found)
{
    uint64_t last = found->total == 0 ? 1 : (found->total + q->size - 1) / q->size;
    uint64_t current = found->first == 0 ? 1 : (found->first - 1) / q->size + 1;
    uint64_t next = current + 1;
    bool beyond = found->endless && found->rows.count == q->size; /* nobody counted how many there are */
    if (current > last) last = current;
    put_pages(page, view, current, last);
    put_link(view, "first_link", link_to_page(page, 1), current > 1);
    put_link(view, "previous_link", link_to_page(page, current - 1), current > 1);
    put_link(view, "next_link", link_to_page(page, next), current < last || beyond);
    put_link(view, "last_link", link_to_page(page, last), current < last && !found->more);
    struct view *list = view_list(view, "sizes");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct view *item = view_item(list);
        view_number(item, "number", sizes[i]);
        view_flag(item, "current", sizes[i] == q->size);
        view_text(item, "link", link_to_size(page, sizes[i]));
    }
}

/* ---- Table ---- */

static bool is_number(const struct list_column *c)
{
    return c->kind == LIST_NUMBER || c->kind == LIST_AGE;
}

/** The column of what can be done with a row. */
static void put_options(const struct page *page, struct view *columns)
{
    struct view *item = view_item(columns);
    view_string(item, "title", page_text(page, N_("Options"))); /* es: "Opciones" */
    view_flag(item, "sortable", false);
    view_flag(item, "sorted", false);
    view_flag(item, "is_number", false);
}

static void put_columns(const struct page *page, struct view *view, const struct page_list *shown,
                        const struct list_query *q)
{
    const struct list_definition *d = shown->definition;
    const char *order = q->sort != NULL ? q->sort : d->order;
    bool descending = q->sort != NULL ? q->descending : d->order != NULL && d->order[0] == '-';
    if (order != NULL && order[0] == '-') order++;
    struct view *list = view_list(view, "columns");
    for (size_t i = 0; i < d->column_count; i++) {
        const struct list_column *c = &d->columns[i];
        if (c->kind == LIST_ID) continue;
        struct view *item = view_item(list);
        bool sorted = order != NULL && strcmp(order, c->name) == 0;
        const char *sort = arena_print(page->arena, sorted && !descending ? "-%s" : "%s", c->name);
        view_string(item, "title", page_text(page, c->title));
        view_flag(item, "sortable", c->sort != NULL);
        view_flag(item, "sorted", sorted);
        view_flag(item, "ascending", sorted && !descending);
        view_flag(item, "descending", sorted && descending);
        view_flag(item, "is_number", is_number(c));
        view_text(item, "link", link_with(page, Q_SORT, slice_text(sort == NULL ? "" : sort)));
    }
    if (shown->option != NULL) put_options(page, list);
}

/** Whole days since then. */
static slice age_text(const struct page *page, rfd_time moment)
{
    rfd_time now = clock_now();
    rfd_time days = now <= moment ? 0 : (now - moment) / (86400 * RFD_SECOND);
    const char *text = arena_print(page->arena, "%lld", (long long)days);
    return text == NULL ? SLICE_EMPTY : slice_text(text);
}

slice lists_text(const struct page *page, const struct list_column *column, const struct store_value *value)
{
    if (value->type == STORE_NULL) return SLICE_EMPTY;
    if (column->kind == LIST_TIME) return page_time(page, value->integer);
    if (column->kind == LIST_DAY) return page_day(page, value->integer);
    if (column->kind == LIST_AGE) return age_text(page, value->integer);
    if (column->kind == LIST_FLAG) return slice_text(page_text(page, value->integer != 0 ? N_("Yes") : N_("No")));
    if (value->type == STORE_INTEGER || value->type == STORE_BOOLEAN) {
        const char *text = arena_print(page->arena, "%lld", (long long)value->integer);
        return text == NULL ? SLICE_EMPTY : slice_text(text);
    }
    const char *words = column->words == NULL ? NULL : column->words(value->bytes);
    return words != NULL ? slice_text(page_text(page, words)) : arena_copy(page->arena, value->bytes);
}

slice lists_cell(const struct page *page, const struct page_list *list, const struct list_column *column,
                 const struct store_value *value)
{
    slice text = SLICE_EMPTY;
    if (list->text != NULL && value->type == STORE_TEXT) text = list->text(page, column, value->bytes, list->context);
    return text.length > 0 ? text : lists_text(page, column, value);
}

/** A code or number: one word that is not broken. */
static bool is_word(slice text)
{
    return text.length > 0 && text.length <= WORD_LONGEST && memchr(text.data, ' ', text.length) == NULL;
}

static void put_cell(const struct page *page, const struct page_list *list, struct view *item,
                     const struct list_column *c, const struct store_value *value, slice link)
{
    slice text = lists_cell(page, list, c, value);
    view_text(item, "text", text);
    view_text(item, "link", link);
    view_string(item, "label", page_text(page, c->title));
    view_flag(item, "is_word", c->words == NULL && is_word(text));
    view_flag(item, "is_number", is_number(c));
    view_flag(item, "is_time", c->kind == LIST_TIME || c->kind == LIST_DAY);
    view_flag(item, "is_flag", c->kind == LIST_FLAG);
    view_flag(item, "flag", c->kind == LIST_FLAG && value->integer != 0);
    view_string(item, "tone", c->tone == NULL || value->bytes.length == 0 ? "" : c->tone(value->bytes));
}

/** The row's link once more, by what it does; which row it is about is said for who does not see it. */
static void put_option(const struct page *page, struct view *item, const char *option, const char *link)
{
    view_string(item, "text", page_text(page, option));
    view_string(item, "link", link);
    view_string(item, "label", page_text(page, N_("Options")));
    view_flag(item, "is_number", false);
    view_flag(item, "is_time", false);
    view_flag(item, "is_flag", false);
    view_string(item, "tone", "");
}

/** NULL: none, also where a row has no key. */
static const char *link_of_row(const struct page *page, const struct page_list *list, const struct store_rows *rows,
                               size_t number)
{
    const struct list_definition *d = list->definition;
    int64_t id = store_cell(rows, number, d->column_count)->integer;
    if (list->link == NULL) return NULL;
    if (list->key == NULL) return arena_print(page->arena, list->link, (long long)id);
    for (size_t i = 0; i < d->column_count; i++) {
        if (strcmp(d->columns[i].name, list->key) != 0) continue;
        const char *key = arena_text(page->arena, store_cell(rows, number, i)->bytes);
        return key == NULL || key[0] == '\0' ? NULL : arena_print(page->arena, list->link, key);
    }
    return NULL;
}

static void put_row(const struct page *page, struct view *row, const struct page_list *list,
                    const struct store_rows *rows, size_t number)
{
    const struct list_definition *d = list->definition;
    int64_t id = store_cell(rows, number, d->column_count)->integer;
    const char *link = link_of_row(page, list, rows, number);
    struct view *cells = view_list(row, "cells");
    bool first = true;
    view_number(row, "id", id);
    for (size_t i = 0; i < d->column_count; i++) {
        if (d->columns[i].kind == LIST_ID) continue;
        slice own = first && link != NULL ? slice_text(link) : SLICE_EMPTY;
        put_cell(page, list, view_item(cells), &d->columns[i], store_cell(rows, number, i), own);
        first = false;
    }
    if (list->option != NULL && link != NULL) put_option(page, view_item(cells), list->option, link);
}

static void put_hidden(const struct page *page, struct view *view)
{
    const struct http_fields *query = &page->request->query;
    struct view *list = view_list(view, "hidden");
    for (size_t i = 0; i < query->count; i++) {
        slice name = query->items[i].name;
        bool own =
            slice_is(name, Q_SEARCH) || slice_is(name, Q_PAGE) || slice_is(name, Q_FORMAT) || slice_is(name, "lang");
        if (own) continue;
        struct view *item = view_item(list);
        view_text(item, "name", name);
        view_text(item, "value", query->items[i].value);
    }
}

static void put_list(const struct page *page, const struct page_list *list, const struct list_query *q,
                     const struct list_page *found)
{
    const struct list_definition *d = list->definition;
    struct view *view = view_object(page->view, "list");
    bool searched = q->search.length > 0;
    view_string(view, "name", d->name);
    view_flag(view, "searchable", d->words != NULL);
    view_text(view, "search", q->search);
    view_flag(view, "searched", searched);
    view_flag(view, "ticks", list->ticks);
    view_number(view, "from", (int64_t)found->first);
    view_number(view, "to", (int64_t)(found->first + found->rows.count - (found->rows.count > 0)));
    view_number(view, "total", (int64_t)found->total);
    view_flag(view, "more", found->more);
    view_flag(view, "is_empty", found->rows.count == 0);
    view_string(view, "empty",
                page_text(page, searched ? N_("Nothing was found. Try fewer words, or the beginning of a word.")
                                         : (list->empty == NULL ? N_("There is nothing here yet.") : list->empty)));
    view_text(view, "csv", page_link(page, page->request->path, Q_FORMAT, SLICE("csv")));
    put_columns(page, view, list, q);
    struct view *rows = view_list(view, "rows");
    for (size_t i = 0; i < found->rows.count; i++) put_row(page, view_item(rows), list, &found->rows, i);
    put_paging(page, view, q, found);
    put_hidden(page, view);
}

/* ---- A request ---- */

struct reading {
    struct page *page;
    const struct page_list *list;
    const struct list_query *query;
};

/** A conflict may run this twice; the list is only put where it was read to its end. */
static rfd_status read_list(struct transaction *t, void *context, struct rfd_error *error)
{
    struct reading *r = context;
    struct list_page found = {0};
    TRY(list_read(t, r->list->definition, r->query, &r->page->actor, &found, error));
    put_list(r->page, r->list, r->query, &found);
    return RFD_OK;
}

rfd_status page_list(struct page *page, const struct page_list *list, bool *done, struct rfd_error *error)
{
    struct list_query query = {0};
    struct reading r = {page, list, &query};
    read_query(page, list, &query);
    read_filters(page, list->definition, &query);
    *done = slice_is(asked(page, Q_FORMAT), "csv");
    if (*done) return lists_file(page, list, &query, error);
    return page_read(page, read_list, &r, error);
}
