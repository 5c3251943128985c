/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that wait for their signature, in a folder of their owner's alone. What is in them is looked at again before
 * anything is signed or kept: a file that somebody else has changed is of no use to anybody.
 */
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/source.h"
#include "domain/account/token.h"
#include "domain/central/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPOOL_PREFIX "signing-"
enum {
    RANDOM_SIZE = 16,
    UNUSED_SECONDS = 3600,
    SWEEP_ALL = 1000, /* so many files are looked at each minute */
    FILES_MOST = 1 << 20,
    FILE_SIZE = 64 /* with names no longer than this */
};

rfd_status spool_name(char name[SPOOL_NAME_SIZE], struct rfd_error *error)
{
    uint8_t random[RANDOM_SIZE];
    char digits[2 * RANDOM_SIZE + 1] = "";
    TRY(token_random(random, sizeof random, error));
    number_to_hex(slice_of(random, sizeof random), false, (uint8_t *)digits);
    (void)snprintf(name, SPOOL_NAME_SIZE, SPOOL_PREFIX "%s", digits);
    return RFD_OK;
}

static bool is_name(slice name)
{
    if (name.length != sizeof SPOOL_PREFIX - 1 + 2 * RANDOM_SIZE || !slice_starts(name, SLICE(SPOOL_PREFIX)))
        return false;
    for (size_t i = sizeof SPOOL_PREFIX - 1; i < name.length; i++) {
        if (number_hex_digit(name.data[i]) < 0) return false;
    }
    return true;
}

/** A name comes out of the database: it leads nowhere else. */
const char *spool_path(const struct central *c, slice name, struct arena *a)
{
    return is_name(name) ? arena_print(a, "%s/%.*s", c->spool, (int)name.length, (const char *)name.data) : NULL;
}

void spool_remove(const struct central *c, slice name)
{
    struct arena a;
    arena_init(&a, 1 << 16);
    const char *path = spool_path(c, name, &a);
    if (path != NULL) (void)unlink(path);
    arena_dispose(&a);
}

/* ---- From a blob ---- */

struct filling {
    int file;
    const char *path;
    struct digest *digest;
};

static rfd_status write_octets(const struct filling *f, slice piece, struct rfd_error *error)
{
    while (piece.length > 0) {
        ssize_t written = write(f->file, piece.data, piece.length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
        piece = slice_from(piece, (size_t)written);
    }
    return RFD_OK;
}

static rfd_status write_piece(void *context, slice piece, struct rfd_error *error)
{
    const struct filling *f = context;
    TRY(digest_add(f->digest, piece, error));
    return write_octets(f, piece, error);
}

static rfd_status fill(const struct central *c, const struct blob *blob, struct filling *f, struct rfd_error *error)
{
    uint8_t hash[OPERATION_HASH_SIZE];
    char id[BLOB_ID_SIZE] = "";
    TRY(digest_start(DIGEST_SHA256, &f->digest, error));
    TRY(blob_read(c->blobs, blob, write_piece, f, error));
    TRY(digest_finish(f->digest, hash, error));
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)id);
    if (strcmp(id, blob->id) != 0)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "the document %s has another content", blob->id);
    return RFD_OK;
}

static rfd_status open_file(struct filling *f, struct rfd_error *error)
{
    f->file = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    return f->file < 0 ? error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path) : RFD_OK;
}

static rfd_status close_file(struct filling *f, rfd_status status, struct rfd_error *error)
{
    if (close(f->file) != 0 && status == RFD_OK) status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
    digest_free(f->digest);
    if (status != RFD_OK) (void)unlink(f->path);
    return status;
}

struct finding {
    slice id;
    struct arena *a;
    struct blob blob;
};

static rfd_status find_blob(struct transaction *t, void *context, struct rfd_error *error)
{
    struct finding *f = context;
    TRY(blob_find(t, f->id, &f->blob, error));
    TRY(store_keep(f->a, &f->blob.type, error));
    return store_keep(f->a, &f->blob.wrapped, error);
}

rfd_status spool_put_blob(const struct central *c, slice id, struct arena *a, const char *path, struct rfd_error *error)
{
    struct finding finding = {.id = id, .a = a};
    struct filling f = {.path = path};
    TRY(store_look(c->store, find_blob, &finding, error));
    TRY(open_file(&f, error));
    return close_file(&f, fill(c, &finding.blob, &f, error), error);
}

rfd_status spool_put(slice octets, const char *path, struct rfd_error *error)
{
    struct filling f = {.path = path};
    TRY(open_file(&f, error));
    return close_file(&f, write_octets(&f, octets, error), error);
}

/* ---- To a blob ---- */

static rfd_status add_to_blob(void *context, slice piece, struct rfd_error *error)
{
    return blob_write(context, piece, error);
}

rfd_status spool_take_blob(const struct central *c, const char *path, struct arena *a, struct blob *out,
                           struct rfd_error *error)
{
    struct source *source = NULL;
    struct blob_writer *writer = NULL;
    rfd_status status = RFD_OK;
    TRY_OUT(source_open_file(path, &source, error));
    TRY_OUT(blob_begin(c->blobs, &writer, error));
    TRY_OUT(source_stream(source, 0, source_size(source), add_to_blob, writer, error));
    TRY_OUT(source_unchanged(source, error));
    struct blob_writer *finished = writer;
    writer = NULL;
    status = blob_finish(finished, a, out, error);
out:
    blob_abandon(writer);
    source_close(source);
    return status;
}

static rfd_status add_to_digest(void *context, slice piece, struct rfd_error *error)
{
    return digest_add(context, piece, error);
}

rfd_status spool_hash(const char *path, uint64_t length, uint8_t hash[OPERATION_HASH_SIZE], struct rfd_error *error)
{
    struct source *source = NULL;
    struct digest *digest = NULL;
    rfd_status status = RFD_OK;
    TRY_OUT(source_open_file(path, &source, error));
    if (length > source_size(source)) {
        status = error_set(error, RFD_E_INPUT_CHANGED, "%s became shorter", path);
        goto out;
    }
    TRY_OUT(digest_start(DIGEST_SHA256, &digest, error));
    TRY_OUT(source_stream(source, 0, length, add_to_digest, digest, error));
    status = digest_finish(digest, hash, error);
out:
    digest_free(digest);
    source_close(source);
    return status;
}

/* ---- Sweeping ---- */

struct wanted {
    slice name;
    bool is_wanted;
};

static rfd_status look_for(struct transaction *t, void *context, struct rfd_error *error)
{
    struct wanted *w = context;
    const struct store_value value = store_text(w->name);
    struct store_rows rows;
    TRY(store_run(t,
                  "SELECT d.id FROM signing_document d JOIN signing s ON s.id = d.signing WHERE d.prepared = $1 AND "
                  "d.prepared <> '' AND s.state IN ('waiting', 'prepared')",
                  &value, 1, &rows, error));
    w->is_wanted = rows.count > 0;
    return RFD_OK;
}

static rfd_status sweep_one(const struct central *c, int folder, const char *file, rfd_time before,
                            struct rfd_error *error)
{
    struct wanted w = {.name = slice_part(slice_text(file), 0, sizeof SPOOL_PREFIX - 1 + 2 * RANDOM_SIZE)};
    struct stat status;
    /* What the name goes on with is of files that are being written. */
    if (!is_name(w.name) || fstatat(folder, file, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode) ||
        (rfd_time)status.st_mtim.tv_sec * RFD_SECOND >= before)
        return RFD_OK;
    TRY(store_look(c->store, look_for, &w, error));
    if (!w.is_wanted) (void)unlinkat(folder, file, 0);
    return RFD_OK;
}

struct folder_list {
    char (*names)[FILE_SIZE];
    size_t count, room;
};

static rfd_status list_file(struct folder_list *l, const char *name, struct rfd_error *error)
{
    size_t length = strlen(name);
    if (strncmp(name, SPOOL_PREFIX, sizeof SPOOL_PREFIX - 1) != 0 || length >= FILE_SIZE) return RFD_OK;
    if (l->count == l->room) {
        size_t room = l->room == 0 ? SWEEP_ALL : 2 * l->room;
        char(*names)[FILE_SIZE] = memory_resize(l->names, room * sizeof *names);
        if (names == NULL) return error_memory(error);
        l->names = names;
        l->room = room;
    }
    memcpy(l->names[l->count++], name, length + 1);
    return RFD_OK;
}

static rfd_status list_folder(DIR *folder, struct folder_list *l, struct rfd_error *error)
{
    const struct dirent *entry = NULL;
    while (l->count < FILES_MOST && (entry = readdir(folder)) != NULL) TRY(list_file(l, entry->d_name, error));
    return RFD_OK;
}

/** Of many, each minute those whose random name begins with that minute's digit: however many are wanted, and come and
 * go meanwhile, all are looked at within sixteen minutes. */
static rfd_status sweep_some(const struct central *c, int folder, const struct folder_list *l, rfd_time now,
                             struct rfd_error *error)
{
    int minute = (int)(now / (60 * RFD_SECOND) % 16);
    for (size_t i = 0; i < l->count; i++) {
        int digit = number_hex_digit((uint8_t)l->names[i][sizeof SPOOL_PREFIX - 1]);
        if (l->count <= SWEEP_ALL || digit == minute)
            TRY(sweep_one(c, folder, l->names[i], now - UNUSED_SECONDS * RFD_SECOND, error));
    }
    return RFD_OK;
}

rfd_status spool_sweep(const struct central *c, rfd_time now, bool *more, struct rfd_error *error)
{
    struct folder_list list = {.count = 0};
    (void)more;
    if (c->spool == NULL) return RFD_OK;
    DIR *folder = opendir(c->spool);
    if (folder == NULL) return errno == ENOENT ? RFD_OK : error_errno(error, RFD_E_IO_READ, errno, "%s", c->spool);
    rfd_status status = list_folder(folder, &list, error);
    if (status == RFD_OK) status = sweep_some(c, dirfd(folder), &list, now, error);
    memory_free(list.names);
    (void)closedir(folder);
    return status;
}
