/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tables, as a list of migrations that were or are still to be applied, each in one transaction, once, in order.
 *
 * A migration is SQL for both databases: {integer}, {text}, {bytes} and {boolean} are column types, {strict} ends a
 * table; a line that ends with "-- sqlite" or "-- postgresql" is for that one only. Statements end with ';' at a line's
 * end.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

struct migration {
    int number; /* 1, 2, 3 ... */
    const char *name;
    const char *sql;
};

/** Applies what is missing of `list`. RFD_E_STORE_VERSION when the database has migrations that the list lacks, or one
 * under another name. Several nodes may do this at once. */
rfd_status store_migrate(struct store *store, const struct migration *list, size_t count,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
