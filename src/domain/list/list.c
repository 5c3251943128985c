/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages of lists. A page's ids are found first, by indexes alone where there are such; then the rows of these ids.
 */
#include "domain/list/list.h"

#include "base/error.h"
#include "domain/list/selection.h"

enum { SQL_MAXIMUM = 128 << 10 };

static void put_columns(const struct list_definition *d, struct buf *sql)
{
    buf_put_text(sql, "SELECT ");
    for (size_t i = 0; i < d->column_count; i++) buf_print(sql, "%s, ", d->columns[i].sql);
    buf_put_text(sql, d->id);
}

/** Where a page lies. */
struct place {
    uint64_t offset, size, total;
    bool all_counted; /* `total` is exact, and rows can be found from the end */
};

/** A place in the second half is sooner reached from the end. */
static rfd_status read_rows(struct selection *s, const struct place *place, struct store_rows *rows,
                            struct rfd_error *error)
{
    const struct list_definition *d = s->definition;
    bool reversed = place->all_counted && place->offset > place->total / 2;
    uint64_t count = place->total - place->offset < place->size ? place->total - place->offset : place->size;
    uint64_t offset = reversed ? place->total - place->offset - count : place->offset;
    size_t limit;
    size_t skip;
    struct buf sql;
    struct selection_statement statement;
    TRY(selection_bind(s, store_integer((int64_t)count), &limit, error));
    TRY(selection_bind(s, store_integer((int64_t)offset), &skip, error));
    buf_init(&sql, SQL_MAXIMUM);
    put_columns(d, &sql);
    buf_print(&sql, " FROM %s WHERE %s IN (SELECT %s", d->from, d->id, d->id);
    selection_put(s, &sql);
    selection_put_order(s, reversed, &sql);
    buf_print(&sql, " LIMIT $%zu OFFSET $%zu)", limit, skip);
    selection_put_order(s, false, &sql);
    rfd_status status = selection_finish(s, &sql, &statement, error);
    if (status == RFD_OK) status = store_run(s->t, statement.sql, statement.values, statement.count, rows, error);
    buf_dispose(&sql);
    return status;
}

static uint64_t page_size(const struct list_query *query)
{
    unsigned size = query->size == 0 ? LIST_PAGE : query->size;
    return size > LIST_PAGE_LONGEST ? LIST_PAGE_LONGEST : size;
}

/** The page that is asked for, or the last one. Beyond what is counted, only the whole list is gone through. */
static rfd_status find_place(struct selection *s, uint64_t page, struct place *place, bool *more,
                             struct rfd_error *error)
{
    uint64_t index = page == 0 ? 0 : page - 1;
    TRY(selection_count(s, error));
    place->total = s->counted;
    *more = s->more;
    if (*more && selection_is_all(s) && index >= LIST_COUNTED / place->size) {
        TRY(selection_count_all(s, &place->total, error));
        place->all_counted = true;
        *more = false;
    }
    uint64_t last = place->total == 0 ? 0 : (place->total - 1) / place->size;
    place->offset = (index < last ? index : last) * place->size;
    return RFD_OK;
}

rfd_status list_read(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                     const struct actor *actor, struct list_page *out, struct rfd_error *error)
{
    struct selection s = {.t = t, .definition = definition, .ids_only = true};
    struct place place = {.size = page_size(query)};
    struct list_page page = {.total = 0};
    TRY(selection_prepare(&s, query, actor, error));
    if (!s.nothing) {
        uint64_t deepest = query->page < LIST_COUNTED ? query->page * place.size : LIST_COUNTED;
        TRY(selection_choose(&s, deepest < LIST_COUNTED ? deepest : LIST_COUNTED, error));
        TRY(find_place(&s, query->page, &place, &page.more, error));
    }
    if (place.total > 0) TRY(read_rows(&s, &place, &page.rows, error));
    page.total = place.total;
    page.endless = page.more && selection_is_all(&s);
    page.first = page.rows.count == 0 ? 0 : place.offset + 1;
    *out = page;
    return RFD_OK;
}

rfd_status list_count(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                      const struct actor *actor, uint64_t most, uint64_t *count, struct rfd_error *error)
{
    struct selection s = {.t = t, .definition = definition, .ids_only = true};
    uint64_t found = 0;
    TRY(selection_prepare(&s, query, actor, error));
    if (!s.nothing) TRY(selection_count_branches(&s, most, &found, error));
    *count = found;
    return RFD_OK;
}

rfd_status list_each(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                     const struct actor *actor, store_row *row, void *context, struct rfd_error *error)
{
    struct selection s = {.t = t, .definition = definition};
    TRY(selection_prepare(&s, query, actor, error));
    if (s.nothing) return RFD_OK;
    TRY(selection_choose(&s, LIST_COUNTED, error));
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    put_columns(definition, &sql);
    selection_put(&s, &sql);
    selection_put_order(&s, false, &sql);
    struct selection_statement statement;
    rfd_status status = selection_finish(&s, &sql, &statement, error);
    if (status == RFD_OK) status = store_each(t, statement.sql, statement.values, statement.count, row, context, error);
    buf_dispose(&sql);
    return status;
}
