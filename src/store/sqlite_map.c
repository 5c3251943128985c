/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/sqlite_map.h"

#include <stddef.h>

/* From which size on the mapping of a file stays: what is mapped of a smaller one is soon mapped again, and need not
 * count as the memory of a process at rest. */
enum { LARGE = 16 << 20 };

/** Given back is one page, or, without one, all that is mapped. */
static int give_back(sqlite3_file *file, sqlite3_int64 at, void *page)
{
    struct sqlite_map *m = (struct sqlite_map *)(void *)file->pMethods;
    sqlite3_int64 size = 0;
    if (page != NULL) return m->usual(file, at, page);
    if (m->methods.xFileSize(file, &size) == SQLITE_OK && size == m->size && size >= LARGE) return SQLITE_OK;
    m->size = size;
    return m->usual(file, at, page);
}

void sqlite_map_keep(sqlite3_file *file, struct sqlite_map *m)
{
    if (file->pMethods->iVersion < 3) return; /* maps nothing */
    *m = (struct sqlite_map){.methods = *file->pMethods, .usual = file->pMethods->xUnfetch, .size = -1};
    m->methods.xUnfetch = give_back;
    file->pMethods = &m->methods;
}
