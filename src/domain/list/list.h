/* SPDX-License-Identifier: EUPL-1.2
 *
 * Lists of things: searched, sorted, in pages, only what the actor may see; within 100 ms over a million rows. A list
 * is a static description, which the module whose tables it reads exports; a query is what somebody asked for.
 *
 * Searching: each list that is searched has a table WORDS(word text, id integer, PRIMARY KEY (word, id)) with the
 * normalised words (list_words) of each row, and an index on (id). A query's words (the first eight of them) each have
 * to be the beginning of one of a row's. Words, paths and what is sorted by are compared by octets, as {text} is on
 * both databases.
 *
 * Pages: the whole list can be paged through to its end; of what filters or scopes have chosen, LIST_COUNTED rows; of
 * what words have found, LIST_FOUND, or fewer (thirty at least) where going through more would take too long. Filters
 * that leave few rows of many need an index.
 */
#ifndef DOMAIN_LIST_H
#define DOMAIN_LIST_H

#include "domain/access/actor.h"

enum { LIST_COLUMNS = 24, LIST_FILTERS = 12, LIST_PAGE = 10, LIST_PAGE_LONGEST = 100 };
enum { LIST_COUNTED = 10000, LIST_FOUND = 2000 };

enum list_kind {
    LIST_TEXT,
    LIST_NUMBER,
    LIST_TIME,
    LIST_DAY,
    LIST_AGE, /* a moment, shown as the whole days since then */
    LIST_FLAG,
    LIST_ID /* not shown */
};
struct list_column {
    const char *name;  /* in addresses: "sort=name" */
    const char *title; /* N_(), English */
    const char *sql;   /* expression over the list's tables */
    enum list_kind kind;
    /** What it is sorted by, with an index that has it and the id; NULL: not sorted by this. */
    const char *sort;
    /** Of texts that are names of a state or kind: its words for people (N_()); NULL: as it stands. */
    const char *(*words)(slice value);
    /** Whether that state is "good", "warn", "bad" or "neutral"; NULL: it is no state. */
    const char *(*tone)(slice value);
};
struct list_filter {
    const char *name; /* in addresses: "state=sent" */
    const char *sql;  /* condition with one $?: "r.state = $?" */
    enum list_kind kind;
};
struct list_definition {
    const char *name;  /* also of the CSV file */
    const char *from;  /* "person p LEFT JOIN unit u ON u.id = p.unit" */
    const char *id;    /* "p.id": unique, orders rows that are equal otherwise */
    const char *where; /* NULL: all */
    const char *words; /* "person_word"; NULL: not searched */
    /** The one table, named as in `from`, of which each row is one of the list (with `where`), and that has what it is
     * sorted by: "person p". Names of columns begin with the table's. NULL: there is none. */
    const char *count;
    const struct list_column *columns;
    size_t column_count;
    const struct list_filter *filters;
    size_t filter_count;
    const char *order; /* name of the column that it is sorted by at first; "-name": from the last to the first */
    /** `from` begins with the list's own rows ("(SELECT * FROM request WHERE way = 'online') r"), and each order has an
     * index for these: scopes and filters are looked at row by row while the list is walked. */
    bool walked;
    /** Of a walked list, names of filters with a blank after each ("taker state "): each order has an index that begins
     * with such a filter's column, and what the first of them that is asked for leaves is walked alone. NULL: none. */
    const char *leading;
    /** Who sees what: an actor's scopes for this action, against these expressions (NULL: has none). ACTION_NONE: the
     * caller has checked. "+" before one keeps SQLite from its index; PostgreSQL, which would then think that few rows
     * have it, gets it without. */
    enum action action;
    const char *scope_person, *scope_entity, *scope_unit, *scope_path;
    /** `scope_unit` is a unit's id, and those below one's own are looked up by their paths: instead of `scope_path`,
     * and without joining them to each row. */
    bool scope_tree;
    /** Of rows that are of no unit: their entity, in which whoever has a role with the action in any unit sees them
     * ("r.unit IS NULL AND r.entity"); NULL: there are none. */
    const char *scope_shared;
};
struct list_query {
    slice search;
    const char *sort; /* a column's name; NULL: the definition's */
    bool descending;
    uint64_t page; /* from 1 */
    unsigned size; /* rows of a page; 0: LIST_PAGE */
    struct {
        const char *name;
        slice value; /* empty: not asked for */
    } filters[LIST_FILTERS];
};
/** One more filter, which the caller sets itself; there is room for it. */
static inline void list_fix(struct list_query *query, const char *name, slice value)
{
    size_t i = 0;
    while (i < LIST_FILTERS - 1 && query->filters[i].name != NULL) i++;
    query->filters[i].name = name;
    query->filters[i].value = value;
}
static inline void list_fix_number(struct list_query *query, struct arena *a, const char *name, int64_t value)
{
    const char *text = arena_print(a, "%lld", (long long)value);
    /* Without memory the filter must not go missing: one that nothing passes. */
    list_fix(query, name, text == NULL ? SLICE("-1") : slice_text(text));
}
struct list_page {
    struct store_rows rows; /* the columns in their order, then the id */
    uint64_t first;         /* number of the first row, from 1; 0: none */
    uint64_t total;
    bool more;    /* there are, or may be, more than `total`: nobody counted them */
    bool endless; /* and they can be paged to */
};
/** Rows live in the transaction's arena. RFD_E_REQUEST for an unknown sort or filter, or a filter's value that is none
 * (numbers; "true", "false", "1", "0"; moments as numbers or RFC 3339); RFD_E_FORBIDDEN, RFD_E_UNAUTHORISED. A page
 * beyond the last one gives the last. Where `query` sorts by nothing, its direction is the definition's, too. */
rfd_status list_read(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                     const struct actor *actor, struct list_page *out, struct rfd_error *error) RFD_MUST_CHECK;
/** How many rows filters leave of what the actor sees, up to one more than `most`. Nothing is searched, and each scope
 * needs an index of its own together with the filters. */
rfd_status list_count(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                      const struct actor *actor, uint64_t most, uint64_t *count,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** All rows that the query finds, in its order, for exports. */
rfd_status list_each(struct transaction *t, const struct list_definition *definition, const struct list_query *query,
                     const struct actor *actor, store_row *row, void *context, struct rfd_error *error) RFD_MUST_CHECK;

enum { LIST_WORDS = 24, LIST_WORD_SIZE = 48 };
struct list_words {
    char words[LIST_WORDS][LIST_WORD_SIZE];
    size_t count;
};
/** Small letters without accents (ñ stays ñ), letters and digits only, each once; at most so many. */
void list_words(const slice *texts, size_t count, struct list_words *out);
/** Replaces the words of a row of `table`. */
rfd_status list_index(struct transaction *t, const char *table, int64_t id, const slice *texts, size_t count,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
