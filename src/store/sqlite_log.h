/* SPDX-License-Identifier: EUPL-1.2
 *
 * How SQLite's write-ahead log is written. SQLite writes a page of it in two pieces, each with a system call; a commit
 * of many certificates has hundreds of pages. Here they are put together in memory and written at once when the log is
 * synced, which SQLite does before anybody may rely on them.
 */
#ifndef STORE_SQLITE_LOG_H
#define STORE_SQLITE_LOG_H

/** To be given to sqlite3_open_v2(); NULL, SQLite's own, when it cannot be had. Any thread. */
const char *sqlite_log_system(void);

#endif
