/* SPDX-License-Identifier: EUPL-1.2
 *
 * One connection to a file of SQLite.
 */
#ifndef STORE_SQLITE_CONNECTION_H
#define STORE_SQLITE_CONNECTION_H

#include "store/statement.h"
#include "store/store_internal.h"

#include <sqlite3.h>

struct sqlite_connection {
    sqlite3 *database;
    struct statements statements;
};

/** Write-ahead log, each commit synced; `writes` false refuses changes. */
rfd_status sqlite_connection_open(const char *path, bool writes, struct sqlite_connection *out,
                                  struct rfd_error *error) RFD_MUST_CHECK;
void sqlite_connection_close(struct sqlite_connection *c);
rfd_status sqlite_connection_run(struct sqlite_connection *c, const char *sql, const struct store_value *values,
                                 size_t count, store_row *row, void *context, uint64_t *changed,
                                 struct rfd_error *error) RFD_MUST_CHECK;
/** Has it wait for other processes' transactions; as it does when it was opened. */
void sqlite_connection_wait(sqlite3 *database);
/** A statement without parameters or rows. */
rfd_status sqlite_connection_do(struct sqlite_connection *c, const char *sql, struct rfd_error *error) RFD_MUST_CHECK;

#endif
