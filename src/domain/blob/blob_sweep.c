/* SPDX-License-Identifier: EUPL-1.2
 *
 * What nobody wants: files of writers that died, and blobs whose transaction never happened. A day is left for both. A
 * file is set aside before it is removed, and put back when somebody has wanted it in that very moment.
 */
#include "domain/blob/blob.h"

#include "base/clock.h"
#include "base/error.h"
#include "domain/blob/pieces.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY (86400 * RFD_SECOND)

struct sweeping {
    const struct blob_store *store;
    struct store *database;
    rfd_time before; /* files that were written since then are left alone */
    size_t removed;
};

static bool is_old(const struct sweeping *s, const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           (rfd_time)status.st_mtim.tv_sec * RFD_SECOND < s->before;
}

struct row_of {
    slice id;
    bool exists;
};
static rfd_status look_for_row(struct transaction *t, void *context, struct rfd_error *error)
{
    struct row_of *row = context;
    struct blob blob;
    rfd_status status = blob_find(t, row->id, &blob, error);
    row->exists = status == RFD_OK;
    return status == RFD_E_NOT_FOUND ? RFD_OK : status;
}

static rfd_status remove_orphan(struct sweeping *s, const char *path, const char *id, struct rfd_error *error)
{
    char aside[BLOB_PATH];
    struct row_of row = {.id = slice_text(id)};
    TRY(store_look(s->database, look_for_row, &row, error));
    if (row.exists) return RFD_OK;
    (void)snprintf(aside, sizeof aside, "%s/new/%s", s->store->folder, id);
    if (rename(path, aside) != 0)
        return errno == ENOENT ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    if (!is_old(s, aside)) {
        /* Somebody has just begun to use it: back, unless they have put their own there. */
        if (link(aside, path) != 0 && errno != EEXIST) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    } else {
        s->removed++;
    }
    return unlink(aside) == 0 ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", aside);
}

static rfd_status sweep_file(struct sweeping *s, const char *folder, const char *name, bool is_new,
                             struct rfd_error *error)
{
    char path[BLOB_PATH + 256];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= BLOB_PATH || !is_old(s, path)) return RFD_OK;
    if (!is_new) return blob_is_id(slice_text(name)) ? remove_orphan(s, path, name, error) : RFD_OK;
    if (unlink(path) == 0) s->removed++;
    return RFD_OK;
}

static rfd_status sweep_folder(struct sweeping *s, const char *name, struct rfd_error *error)
{
    char path[BLOB_PATH];
    rfd_status status = RFD_OK;
    (void)snprintf(path, sizeof path, "%s/%s", s->store->folder, name);
    DIR *folder = opendir(path);
    if (folder == NULL) return errno == ENOENT ? RFD_OK : error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    for (const struct dirent *e = readdir(folder); e != NULL && status == RFD_OK; e = readdir(folder))
        if (e->d_name[0] != '.') status = sweep_file(s, path, e->d_name, strcmp(name, "new") == 0, error);
    (void)closedir(folder);
    return status;
}

rfd_status blob_sweep(struct blob_store *store, struct store *database, rfd_time now, size_t *removed,
                      struct rfd_error *error)
{
    struct sweeping s = {store, database, now - DAY, 0};
    rfd_status status = sweep_folder(&s, "new", error);
    for (unsigned i = 0; i < 256 && status == RFD_OK; i++) {
        char name[3];
        (void)snprintf(name, sizeof name, "%02x", i);
        status = sweep_folder(&s, name, error);
    }
    if (removed != NULL) *removed = s.removed;
    return status;
}
