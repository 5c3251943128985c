/* SPDX-License-Identifier: EUPL-1.2
 *
 * How rows are found quickly. Neither database knows beforehand how many rows a word has, so we look, at most so far
 * that it makes a difference: what is rare is found by what makes it rare (a word, a scope, a filter), and sorted;
 * what is common turns up soon when the list is walked in its order by an index.
 */
#include "domain/list/selection.h"

#include "base/error.h"

enum { SQL_MAXIMUM = 64 << 10, LARGE = 1000000 };
/* Entries that are looked at before a search is planned; rows that may be gathered, and gone through in a walk. */
enum { EXAMINED = 10000, GLANCED = 3000, GATHERED = 30000, STEPS = 50000, FEW = 30 };
/* How long the count of a whole list, which takes as long as to walk through half of it, serves those who page through
 * it: pages may lie so many rows off as came since; they do so anyway from one page to the next. */
enum { COUNT_SECONDS = 30 };
enum { DEEP = 1000 }; /* rows into a list, from which on gathering some tens of thousands is quicker than walking */

/** Runs a statement that gives one number. */
static rfd_status number(struct selection *s, struct buf *sql, uint64_t *out, struct rfd_error *error)
{
    struct store_rows rows;
    struct selection_statement statement;
    rfd_status status = selection_finish(s, sql, &statement, error);
    if (status == RFD_OK) status = store_run(s->t, statement.sql, statement.values, statement.count, &rows, error);
    if (status == RFD_OK) *out = (uint64_t)store_cell(&rows, 0, 0)->integer;
    buf_dispose(sql);
    return status;
}

/** Whether scopes or filters leave less than the list. */
static bool is_chosen(const struct selection *s)
{
    return s->branch_count > 0 || *s->condition != '\0' || *s->leading != '\0';
}

bool selection_is_all(const struct selection *s)
{
    return !is_chosen(s) && s->word_count == 0;
}

/** Whether this names columns of one table only, by its short name: "r.state" and not "u.path". */
static bool is_of(const char *sql, const char *table, size_t length)
{
    for (const char *dot = strchr(sql, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        const char *name = dot;
        while (name > sql && ((name[-1] >= 'a' && name[-1] <= 'z') || name[-1] == '_')) name--;
        if ((size_t)(dot - name) != length || memcmp(name, table, length) != 0) return false;
    }
    return true;
}

/** What ids are found in: the one table where scopes, filters and order ask for no other. PostgreSQL reads a join's
 * rows even where it then leaves the join out; a table alone is gone through by its index. */
static const char *source(const struct selection *s)
{
    const char *count = s->definition->count;
    if (count == NULL) return s->definition->from;
    const char *table = strrchr(count, ' ') + 1;
    size_t length = strlen(table);
    bool alone = is_of(s->condition, table, length) && is_of(s->leading, table, length) &&
                 (s->sort == NULL || is_of(s->sort->sort, table, length));
    for (size_t i = 0; i < s->branch_count && alone; i++) alone = is_of(s->branches[i], table, length);
    return alone ? count : s->definition->from;
}

/* ---- Pieces ---- */

static void put_range(const struct selection_word *w, struct buf *sql)
{
    buf_print(sql, "w_.word >= $%zu AND w_.word < $%zu", w->low, w->high);
}

static void put_rows_of_word(const struct selection *s, const struct selection_word *w, struct buf *sql)
{
    buf_print(sql, "SELECT w_.id FROM %s w_ WHERE ", s->definition->words);
    put_range(w, sql);
}

/** Words from the `from`th on, each looked up for each row by its `id`. As a value, not as EXISTS: PostgreSQL would
 * make a join of that, and sort all that it finds. */
static void put_words(const struct selection *s, size_t from, const char *id, struct buf *sql)
{
    for (size_t i = from; i < s->word_count; i++) {
        buf_print(
            sql,
            " AND (SELECT 1 FROM %s o_ WHERE o_.id = %s AND o_.word >= $%zu AND o_.word < $%zu LIMIT 1) IS NOT NULL",
            s->definition->words, id, s->words[i].low, s->words[i].high);
    }
}

/** Scopes, and filters that lead no index. */
static void put_others(const struct selection *s, struct buf *sql)
{
    buf_put_text(sql, s->condition);
    for (size_t i = 0; i < s->branch_count; i++) buf_print(sql, "%s(%s)", i == 0 ? " AND (" : " OR ", s->branches[i]);
    if (s->branch_count > 0) buf_put_byte(sql, ')');
}

/** Scopes and filters, for rows that are found by something else. */
static void put_conditions(const struct selection *s, struct buf *sql)
{
    buf_put_text(sql, s->leading);
    put_others(s, sql);
}

/** The name of a column of the list's one table ("created" of "r.created"); NULL where it is anything else. */
static const char *column_of(const struct selection *s, const char *sql)
{
    const char *table = s->definition->count == NULL ? "" : strrchr(s->definition->count, ' ') + 1;
    size_t length = strlen(table);
    if (length == 0 || strncmp(sql, table, length) != 0 || sql[length] != '.') return NULL;
    const char *name = sql + length + 1;
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] == '\0' ? name : NULL;
}

/** "SELECT id FROM ... " for each scope, joined; with `sort`, which is looked at in what comes of it. */
static void put_branches(const struct selection *s, const char *sort, struct buf *sql)
{
    for (size_t i = 0; i == 0 || i < s->branch_count; i++) {
        buf_print(sql, "%sSELECT %s", i == 0 ? "" : " UNION ", s->definition->id);
        if (sort != NULL) buf_print(sql, " AS %s, %s AS %s", column_of(s, s->definition->id), sort, column_of(s, sort));
        buf_print(sql, " FROM %s WHERE 1 = 1%s%s", source(s), s->leading, s->condition);
        if (s->branch_count > 0) buf_print(sql, " AND (%s)", s->branches[i]);
    }
}

/** The rows of several scopes, each by its index, which mostly has what they are sorted by, too: then the rows
 * themselves are not read. */
static void put_small(const struct selection *s, struct buf *sql)
{
    const struct list_definition *d = s->definition;
    bool table = s->ids_only && d->count != NULL && source(s) == d->count && column_of(s, d->id) != NULL;
    if (table && s->sort != NULL && strcmp(s->sort->sort, d->id) != 0 && column_of(s, s->sort->sort) != NULL) {
        buf_put_text(sql, " FROM (");
        put_branches(s, s->sort->sort, sql);
        buf_print(sql, ") %s WHERE 1 = 1", strrchr(d->count, ' ') + 1);
    } else {
        buf_print(sql, " FROM %s WHERE %s IN (", s->ids_only ? source(s) : d->from, d->id);
        put_branches(s, NULL, sql);
        buf_put_byte(sql, ')');
    }
    put_words(s, 0, d->id, sql);
}

/** How many words the set that drives the search is made of; the others are looked up row by row. */
static size_t words_in_set(const struct selection *s)
{
    bool both = s->word_count > 1 && s->words[0].rows > SELECTION_RARE && s->words[1].rows <= SELECTION_COMMON;
    return both ? 2 : 1;
}

static void put_by_words(const struct selection *s, struct buf *sql)
{
    size_t in_set = words_in_set(s);
    buf_print(sql, " FROM %s WHERE %s IN (", s->ids_only ? source(s) : s->definition->from, s->definition->id);
    put_rows_of_word(s, &s->words[0], sql);
    if (in_set == 2) {
        buf_put_text(sql, " INTERSECT ");
        put_rows_of_word(s, &s->words[1], sql);
    }
    buf_put_text(sql,
                 ") AND (1 = 1"); /* IS TRUE: SQLite would go through a scope by its index rather than a few rows */
    put_conditions(s, sql);
    buf_put_text(sql, ") IS TRUE");
    put_words(s, in_set, s->definition->id, sql);
}

/** A list's own order may have an index of its own together with a scope; of another order the walk is what is wanted,
 * and "IS TRUE" keeps a database from gathering all rows of the scope and sorting them. Filters that lead an index of
 * each order say which is walked. */
static void put_walk(const struct selection *s, struct buf *sql)
{
    const char *order = s->definition->order;
    bool own = !s->definition->walked &&
               (s->sort == NULL || (order != NULL && strcmp(s->sort->name, order + (*order == '-')) == 0));
    buf_print(sql, " FROM %s WHERE ", s->ids_only ? source(s) : s->definition->from);
    buf_print(sql, "1 = 1%s%s", s->leading, own ? "" : " AND (1 = 1");
    put_others(s, sql);
    if (!own) buf_put_text(sql, ") IS TRUE");
    put_words(s, 0, s->definition->id, sql);
}

void selection_put(const struct selection *s, struct buf *sql)
{
    const struct list_definition *d = s->definition;
    if (s->plan == SELECTION_BY_WORDS) {
        put_by_words(s, sql);
    } else if (s->plan == SELECTION_WALK) {
        put_walk(s, sql);
    } else if (s->branch_count > 1) {
        put_small(s, sql);
    } else {
        buf_print(sql, " FROM %s WHERE 1 = 1", s->ids_only ? source(s) : d->from);
        put_conditions(s, sql);
        put_words(s, 0, s->definition->id, sql);
    }
}

void selection_put_order(const struct selection *s, bool reversed, struct buf *sql)
{
    const char *direction = s->descending != reversed ? " DESC" : "";
    buf_put_text(sql, " ORDER BY ");
    if (s->sort != NULL && strcmp(s->sort->sort, s->definition->id) != 0)
        buf_print(sql, "%s%s, ", s->sort->sort, direction);
    buf_print(sql, "%s%s", s->definition->id, direction);
}

/* ---- Counting ---- */

static rfd_status count_word(struct selection *s, struct selection_word *w, struct rfd_error *error)
{
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    buf_put_text(&sql, "SELECT count(*) FROM (");
    put_rows_of_word(s, w, &sql);
    buf_print(&sql, " LIMIT %d) c_", SELECTION_COMMON + 1);
    return number(s, &sql, &w->rows, error);
}

static void put_branch(const struct selection *s, size_t i, uint64_t most, struct buf *sql)
{
    buf_print(sql, "SELECT id_ FROM (SELECT %s AS id_ FROM %s WHERE 1 = 1%s%s", s->definition->id, source(s),
              s->leading, s->condition);
    if (s->branch_count > 0) buf_print(sql, " AND (%s)", s->branches[i]);
    buf_print(sql, " LIMIT %llu) b_", (unsigned long long)most + 1);
}

/** The branches `from` up to `to`, what is in several of them counted once. */
static rfd_status count_some(struct selection *s, size_t from, size_t to, uint64_t most, uint64_t *count,
                             struct rfd_error *error)
{
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    buf_put_text(&sql, "SELECT count(*) FROM (");
    for (size_t i = from; i < to; i++) {
        if (i > from) buf_put_text(&sql, " UNION ");
        put_branch(s, i, most, &sql);
    }
    buf_put_text(&sql, ") c_");
    return number(s, &sql, count, error);
}

/** Often one of the scopes alone has more than anybody wants to know; what is in none or one of them is not joined. */
rfd_status selection_count_branches(struct selection *s, uint64_t most, uint64_t *count, struct rfd_error *error)
{
    uint64_t sum = 0;
    uint64_t largest = 0;
    size_t filled = 0;
    for (size_t i = 0; (i == 0 || i < s->branch_count) && largest <= most; i++) {
        uint64_t rows;
        TRY(count_some(s, i, i + 1, most, &rows, error));
        sum += rows;
        filled += rows > 0;
        if (rows > largest) largest = rows;
    }
    if (filled > 1 && largest <= most) TRY(count_some(s, 0, s->branch_count, most, &sum, error));
    *count = sum > most ? most + 1 : sum;
    return RFD_OK;
}

static rfd_status count_rows_of(struct selection *s, const char *from, bool all, uint64_t *count,
                                struct rfd_error *error)
{
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    if (all)
        buf_print(&sql, "SELECT count(*) FROM %s", from);
    else
        buf_print(&sql, "SELECT count(*) FROM (SELECT 1 AS one_ FROM %s LIMIT %d) c_", from, LIST_COUNTED + 1);
    return number(s, &sql, count, error);
}

rfd_status selection_count_all(struct selection *s, uint64_t *count, struct rfd_error *error)
{
    if (store_recall(s->t, s->definition, COUNT_SECONDS, count)) return RFD_OK;
    TRY(count_rows_of(s, source(s), true, count, error));
    if (*count > LIST_COUNTED) store_remember(s->t, s->definition, *count); /* few are counted at once */
    return RFD_OK;
}

/** Of the first `examined` entries of the rarest word those whose rows are wanted; a row is there once for each word of
 * its that begins so. As a value, not as a join: see put_words(). */
static void put_entries(const struct selection *s, uint64_t examined, struct buf *sql)
{
    const struct list_definition *d = s->definition;
    buf_put_text(sql, "SELECT w_.id FROM (");
    put_rows_of_word(s, &s->words[0], sql);
    buf_print(sql, " LIMIT %llu) w_ WHERE 1 = 1", (unsigned long long)examined);
    if (is_chosen(s) || d->count == NULL || d->walked) {
        buf_print(sql, " AND (SELECT 1 FROM %s WHERE %s = w_.id", source(s), d->id);
        put_conditions(s, sql);
        buf_put_text(sql, " LIMIT 1) IS NOT NULL");
    }
    put_words(s, 1, "w_.id", sql);
}

static rfd_status count_entries(struct selection *s, uint64_t examined, uint64_t *count, struct rfd_error *error)
{
    struct buf sql;
    buf_init(&sql, SQL_MAXIMUM);
    buf_put_text(&sql, "SELECT count(*) FROM (SELECT DISTINCT id FROM (");
    put_entries(s, examined, &sql);
    buf_print(&sql, ") e_ LIMIT %d) c_", LIST_FOUND + 1);
    return number(s, &sql, count, error);
}

static void set_count(struct selection *s, uint64_t count, uint64_t shown)
{
    s->more = count > shown;
    s->counted = s->more ? shown : count;
    s->has_counted = true;
}

rfd_status selection_count(struct selection *s, struct rfd_error *error)
{
    uint64_t count;
    struct buf sql;
    if (s->has_counted) return RFD_OK;
    if (selection_is_all(s)) {
        TRY(count_rows_of(s, source(s), false, &count, error));
        set_count(s, count, LIST_COUNTED);
        return RFD_OK;
    }
    uint64_t shown = s->word_count > 0 ? LIST_FOUND : LIST_COUNTED;
    buf_init(&sql, SQL_MAXIMUM);
    buf_print(&sql, "SELECT count(*) FROM (SELECT %s", s->definition->id);
    selection_put(s, &sql);
    buf_print(&sql, " LIMIT %llu) c_", (unsigned long long)shown + 1);
    TRY(number(s, &sql, &count, error));
    set_count(s, count, shown);
    return RFD_OK;
}

/* ---- Deciding ---- */

/** The rarest first. */
static void sort_words(struct selection *s)
{
    for (size_t i = 1; i < s->word_count; i++) {
        struct selection_word w = s->words[i];
        size_t k = i;
        for (; k > 0 && s->words[k - 1].rows > w.rows; k--) s->words[k] = s->words[k - 1];
        s->words[k] = w;
    }
}

/** Gathering and sorting the rows of the rarest word, or walking until enough of all have come? */
static bool words_are_cheaper(const struct selection *s, uint64_t expected, uint64_t rows)
{
    return s->words[0].rows <= SELECTION_COMMON && rows * LARGE / expected > s->words[0].rows;
}

/** Some entries of the rarest word say how often all come together: where that is often, and no more are shown than
 * these have, a glance at few of them is enough. */
static rfd_status examine(struct selection *s, uint64_t *examined, uint64_t *found, struct rfd_error *error)
{
    uint64_t of_rarest = s->words[0].rows;
    *examined = GLANCED;
    if (of_rarest > GATHERED) TRY(count_entries(s, *examined, found, error));
    if (of_rarest > GATHERED && *found >= FEW) return RFD_OK;
    *examined = of_rarest < EXAMINED ? of_rarest : EXAMINED;
    return count_entries(s, *examined, found, error);
}

/** Words of which none is rare. Where all come together often, nobody counts them all, and so many are shown as a walk
 * reaches. */
static rfd_status choose_by_words(struct selection *s, uint64_t rows, struct rfd_error *error)
{
    uint64_t of_rarest = s->words[0].rows;
    uint64_t examined;
    uint64_t found;
    s->plan = SELECTION_BY_WORDS;
    if (s->word_count > 1 && s->words[1].rows <= EXAMINED) return RFD_OK; /* both sets are soon gone through */
    TRY(examine(s, &examined, &found, error));
    if (of_rarest > examined && found < FEW && is_chosen(s)) {
        uint64_t chosen;
        TRY(selection_count_branches(s, GATHERED, &chosen, error));
        s->plan = chosen <= GATHERED ? SELECTION_SMALL : SELECTION_BY_WORDS;
        if (s->plan == SELECTION_SMALL) return RFD_OK; /* fewer than there are entries */
    }
    if (of_rarest <= examined || found < FEW) {
        if (of_rarest > examined) TRY(count_entries(s, INT64_MAX, &found, error));
        set_count(s, found, LIST_FOUND);
        return RFD_OK;
    }
    uint64_t expected = of_rarest * found / examined;
    uint64_t reached = of_rarest <= GATHERED ? LIST_FOUND : STEPS * expected / LARGE;
    if (reached < LIST_PAGE_LONGEST) reached = LIST_PAGE_LONGEST;
    if (reached > found) reached = found;
    s->counted = reached > LIST_FOUND ? LIST_FOUND : reached;
    s->more = s->has_counted = true;
    if (!words_are_cheaper(s, expected, rows < s->counted ? rows : s->counted)) s->plan = SELECTION_WALK;
    return RFD_OK;
}

rfd_status selection_choose(struct selection *s, uint64_t rows, struct rfd_error *error)
{
    uint64_t reached = LIST_COUNTED + 1;
    s->plan = SELECTION_WALK;
    for (size_t i = 0; i < s->word_count; i++) TRY(count_word(s, &s->words[i], error));
    sort_words(s);
    if (s->word_count > 0 && s->words[0].rows <= SELECTION_RARE) {
        s->plan = SELECTION_BY_WORDS;
        return RFD_OK;
    }
    bool chosen = is_chosen(s);
    if (chosen) TRY(selection_count_branches(s, LIST_COUNTED, &reached, error));
    if (reached <= LIST_COUNTED) {
        s->plan = SELECTION_SMALL;
        if (s->word_count == 0) set_count(s, reached, LIST_COUNTED);
    } else if (s->word_count > 0) {
        return choose_by_words(s, rows, error);
    } else if (chosen) {
        set_count(s, reached, LIST_COUNTED);
        if (rows > DEEP) TRY(selection_count_branches(s, GATHERED, &reached, error));
        if (rows > DEEP && reached <= GATHERED) s->plan = SELECTION_SMALL;
    }
    return RFD_OK;
}
