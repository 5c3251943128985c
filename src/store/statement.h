/* SPDX-License-Identifier: EUPL-1.2
 *
 * SQL text: rewriting parameters, and a cache of prepared statements by text.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "base/buf.h"

/**
 * Appends `sql` with $n as ?n: SQLite numbers $n by first appearance, not by n. What stands in '...', "..." and
 * comments stays.
 */
void statement_for_sqlite(const char *sql, struct buf *out);

/** Prepared statements of one connection. The least recently used one makes room. Most texts are constants, at the same
 * address each time: where one was found last is remembered by its address. */
enum { STATEMENTS_KEPT = 128, STATEMENTS_REMEMBERED = 256 };
struct statement {
    char *sql;
    void *prepared;
    uint64_t hash, used;
};
struct statements {
    struct statement items[STATEMENTS_KEPT];
    uint8_t remembered[STATEMENTS_REMEMBERED]; /* index of an item, by the text's address; never more than a guess */
    size_t count;
    uint64_t clock;
};
typedef void statement_free(void *connection, void *prepared);

/** NULL when it is not there. */
void *statements_find(struct statements *s, const char *sql);
/** Keeps a statement; one that has to go for it is freed. RFD_E_MEMORY leaves `prepared` to the caller. */
rfd_status statements_keep(struct statements *s, const char *sql, void *prepared, statement_free *release,
                           void *connection, struct rfd_error *error) RFD_MUST_CHECK;
void statements_dispose(struct statements *s, statement_free *release, void *connection);

#endif
