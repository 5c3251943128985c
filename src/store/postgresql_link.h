/* SPDX-License-Identifier: EUPL-1.2
 *
 * A connection to PostgreSQL that never waits for ever: neither for a machine that is gone, nor for a server that has
 * stopped, nor for a commit that a synchronous standby does not confirm. What is given up is cut off, so that all that
 * follows fails as on any broken connection.
 */
#ifndef STORE_POSTGRESQL_LINK_H
#define STORE_POSTGRESQL_LINK_H

#include "base/slice.h"

#include <libpq-fe.h>

enum {
    LINK_SILENCE_SECONDS = 120, /* a statement that says nothing for so long */
    LINK_COMMIT_SECONDS = 20    /* a standby that does not confirm */
};

/** Connects. Of several hosts in the address, one after the other is tried; limits that the address gives itself hold.
 * What the server remarks goes to `notice`. Never NULL but without memory. */
PGconn *link_connect(const char *address, PQnoticeReceiver notice, void *context);
/** PQgetResult(), for so many seconds without a word from the server at most. */
PGresult *link_result(PGconn *link, unsigned seconds);
/** Runs one statement, to its end; the first failure when there is one. NULL: without memory, or the link is broken. */
PGresult *link_run(PGconn *link, const char *sql, unsigned seconds);
/** What PQsendPrepare() and its like have begun, in the same way. */
PGresult *link_finish(PGconn *link, unsigned seconds);

#endif
