/* SPDX-License-Identifier: EUPL-1.2
 *
 * A file system for SQLite that is its usual one but for the log's file (and how long that of the tables stays mapped:
 * sqlite_map.h). What was written and is not in the file yet is
 * one stretch, `gathered`, from offset `at` on. Everything but writing on at its end writes it out first: so reading
 * gives what was written, syncing makes it durable, and whoever else reads the file (other connections, which look only
 * at what the index of the log, changed after the sync, tells them of) misses nothing.
 */
#include "store/sqlite_log.h"
#include "store/sqlite_map.h"

#include "base/memory.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* SQLite's own file writes less than 128 KiB at a time. */
enum { GATHERED_MAXIMUM = 124 << 10 };
#define NAME "refrenda"

struct log_file {
    sqlite3_file base;
    uint8_t *gathered; /* NULL before the first write */
    size_t length;
    sqlite3_int64 at;
    sqlite3_file *real; /* behind this struct */
};

/* Set once, before the first file is opened. */
static sqlite3_vfs file_system;
static sqlite3_vfs *usual;

/* --- Writing ------------------------------------------------------------------------------------------------------ */

static int write_out(struct log_file *f)
{
    if (f->length == 0) return SQLITE_OK;
    int code = f->real->pMethods->xWrite(f->real, f->gathered, (int)f->length, f->at);
    if (code == SQLITE_OK) f->length = 0;
    return code;
}

static int write_log(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    struct log_file *f = (struct log_file *)file;
    if (f->gathered == NULL) f->gathered = memory_allocate(GATHERED_MAXIMUM);
    bool goes_on = f->length == 0 || at == f->at + (sqlite3_int64)f->length;
    if (f->gathered == NULL || !goes_on || f->length + (size_t)count > GATHERED_MAXIMUM) {
        int code = write_out(f);
        if (code != SQLITE_OK) return code;
    }
    if (f->gathered == NULL || (size_t)count > GATHERED_MAXIMUM)
        return f->real->pMethods->xWrite(f->real, bytes, count, at);
    if (f->length == 0) f->at = at;
    memcpy(f->gathered + f->length, bytes, (size_t)count);
    f->length += (size_t)count;
    return SQLITE_OK;
}

/* --- Everything else ---------------------------------------------------------------------------------------------- */

static int close_log(sqlite3_file *file)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    int closed = f->real->pMethods->xClose(f->real);
    memory_free(f->gathered);
    f->gathered = NULL;
    return code == SQLITE_OK ? closed : code;
}

static int read_log(sqlite3_file *file, void *to, int count, sqlite3_int64 at)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    return code == SQLITE_OK ? f->real->pMethods->xRead(f->real, to, count, at) : code;
}

static int truncate_log(sqlite3_file *file, sqlite3_int64 size)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    return code == SQLITE_OK ? f->real->pMethods->xTruncate(f->real, size) : code;
}

static int sync_log(sqlite3_file *file, int flags)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    return code == SQLITE_OK ? f->real->pMethods->xSync(f->real, flags) : code;
}

static int size_of_log(sqlite3_file *file, sqlite3_int64 *size)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    return code == SQLITE_OK ? f->real->pMethods->xFileSize(f->real, size) : code;
}

static int lock_log(sqlite3_file *file, int lock)
{
    struct log_file *f = (struct log_file *)file;
    return f->real->pMethods->xLock(f->real, lock);
}

static int unlock_log(sqlite3_file *file, int lock)
{
    struct log_file *f = (struct log_file *)file;
    return f->real->pMethods->xUnlock(f->real, lock);
}

static int is_reserved(sqlite3_file *file, int *result)
{
    struct log_file *f = (struct log_file *)file;
    return f->real->pMethods->xCheckReservedLock(f->real, result);
}

static int control_log(sqlite3_file *file, int operation, void *argument)
{
    struct log_file *f = (struct log_file *)file;
    int code = write_out(f);
    return code == SQLITE_OK ? f->real->pMethods->xFileControl(f->real, operation, argument) : code;
}

static int sector_size(sqlite3_file *file)
{
    struct log_file *f = (struct log_file *)file;
    return f->real->pMethods->xSectorSize(f->real);
}

static int characteristics(sqlite3_file *file)
{
    struct log_file *f = (struct log_file *)file;
    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_log,
    .xRead = read_log,
    .xWrite = write_log,
    .xTruncate = truncate_log,
    .xSync = sync_log,
    .xFileSize = size_of_log,
    .xLock = lock_log,
    .xUnlock = unlock_log,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control_log,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

/* --- The file system ---------------------------------------------------------------------------------------------- */

static size_t usual_size(void)
{
    return ((size_t)usual->szOsFile + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
}

static int open_usual(const char *name, sqlite3_file *file, int flags, int *out)
{
    int code = usual->xOpen(usual, name, file, flags, out);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0)
        sqlite_map_keep(file, (struct sqlite_map *)(void *)((uint8_t *)file + usual_size())); /* behind it */
    return code;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct log_file *f = (struct log_file *)file;
    if ((flags & SQLITE_OPEN_WAL) == 0) return open_usual(name, file, flags, out);
    *f = (struct log_file){.real = (sqlite3_file *)(f + 1)};
    int code = usual->xOpen(usual, name, f->real, flags, out);
    if (code == SQLITE_OK) f->base.pMethods = &methods;
    return code;
}

static void make(void)
{
    usual = sqlite3_vfs_find(NULL);
    if (usual == NULL) return;
    file_system = *usual;
    file_system.zName = NAME;
    file_system.pNext = NULL;
    size_t more =
        sizeof(struct log_file) > sizeof(struct sqlite_map) ? sizeof(struct log_file) : sizeof(struct sqlite_map);
    file_system.szOsFile = (int)(usual_size() + more);
    file_system.xOpen = open_file;
    if (sqlite3_vfs_register(&file_system, 0) != SQLITE_OK) file_system.zName = NULL;
}

const char *sqlite_log_system(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make);
    return file_system.zName;
}
