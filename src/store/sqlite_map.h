/* SPDX-License-Identifier: EUPL-1.2
 *
 * How long SQLite's tables stay mapped. A connection that sees another one's commit takes its mapping of the file down,
 * and with it all that the processor knows of the pages, and maps the file again: for who looks up a row between two
 * commits, that is most of the work. The mapping is good as long as the file has the same size: it is the file itself,
 * and of a page that is in the log, nobody asks it.
 */
#ifndef STORE_SQLITE_MAP_H
#define STORE_SQLITE_MAP_H

#include <sqlite3.h>

struct sqlite_map {
    sqlite3_io_methods methods; /* first: the file points here. Of this file: the usual ones but for the one that takes
                                   a mapping down */
    int (*usual)(sqlite3_file *file, sqlite3_int64 at, void *page);
    sqlite3_int64 size; /* of the file when its mapping was last taken down */
};

/** Has the mapping of a file of tables, just opened, stay. `m` lives as long as the file is open. */
void sqlite_map_keep(sqlite3_file *file, struct sqlite_map *m);

#endif
