/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of lists: what a query asks for and an actor may see, as pieces of SQL. All of it is written from the
 * definition; what somebody typed is only ever a parameter.
 */
#ifndef DOMAIN_LIST_SELECTION_H
#define DOMAIN_LIST_SELECTION_H

#include "base/buf.h"
#include "domain/list/list.h"

enum {
    SELECTION_WORDS = 8,
    SELECTION_BRANCHES = 24, /* scopes of an actor */
    SELECTION_VALUES = 60,
    SELECTION_RARE = 2000,   /* rows that a search goes through one by one without further thought */
    SELECTION_COMMON = 50000 /* a word of more rows than these is found quickly anywhere */
};

/** How rows are found. */
enum selection_plan {
    SELECTION_WALK,  /* in the order of the list, looking whether each is wanted: when many are */
    SELECTION_SMALL, /* by the scopes and filters, which leave few */
    SELECTION_BY_WORDS
};
struct selection_word {
    size_t low, high; /* numbers of its parameters */
    uint64_t rows;    /* that have it; SELECTION_COMMON + 1: or more */
};
struct selection {
    struct transaction *t;
    const struct list_definition *definition;
    const struct list_column *sort; /* NULL: by the id */
    bool descending;
    bool ids_only;         /* nothing else of the rows is looked at where they are found */
    bool nothing;          /* that can be found */
    const char *condition; /* " AND (...)": the definition's, and the filters that lead no index; or "" */
    const char *leading;   /* the filters that do; or "" */
    const char *branches[SELECTION_BRANCHES];
    size_t branch_count;                          /* 0: everything */
    struct selection_word words[SELECTION_WORDS]; /* the rarest first, once they are counted */
    size_t word_count;
    struct store_value values[SELECTION_VALUES];
    size_t value_count;
    enum selection_plan plan;
    bool has_counted;
    uint64_t counted; /* rows found, so many of them as can be shown */
    bool more;        /* there are more */
};

/** RFD_E_REQUEST, RFD_E_FORBIDDEN, RFD_E_UNAUTHORISED. */
rfd_status selection_prepare(struct selection *s, const struct list_query *query, const struct actor *actor,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** The number of the parameter that stands for it. */
rfd_status selection_bind(struct selection *s, struct store_value value, size_t *number,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** The statement, with the parameters that it mentions (and no others: PostgreSQL minds) numbered anew. In the
 * transaction's arena. */
struct selection_statement {
    const char *sql;
    struct store_value values[SELECTION_VALUES];
    size_t count;
};
rfd_status selection_finish(const struct selection *s, const struct buf *sql, struct selection_statement *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** The scopes: adds to branches. */
rfd_status selection_scopes(struct selection *s, const struct actor *actor, struct rfd_error *error) RFD_MUST_CHECK;

/** Looks how many rows words and scopes have, and decides. `rows`: how far into the list is asked for. Of words,
 * `counted` is known afterwards. */
rfd_status selection_choose(struct selection *s, uint64_t rows, struct rfd_error *error) RFD_MUST_CHECK;
/** " FROM ... WHERE ...", by the plan. */
void selection_put(const struct selection *s, struct buf *sql);
void selection_put_order(const struct selection *s, bool reversed, struct buf *sql);
/** What scopes and filters leave, up to one more than `most`: each scope by its own index, and so far only. */
rfd_status selection_count_branches(struct selection *s, uint64_t most, uint64_t *count,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** How many rows can be shown, into the selection. */
rfd_status selection_count(struct selection *s, struct rfd_error *error) RFD_MUST_CHECK;
/** Nothing is asked for but the whole list. */
bool selection_is_all(const struct selection *s);
/** How many rows the whole list has, all of them counted. */
rfd_status selection_count_all(struct selection *s, uint64_t *count, struct rfd_error *error) RFD_MUST_CHECK;

#endif
