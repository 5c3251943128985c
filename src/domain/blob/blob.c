/* SPDX-License-Identifier: EUPL-1.2
 *
 * Blobs in the database, the store's folder, and reading.
 *
 *   FOLDER/ab/abcdef...   complete files, by their ids
 *   FOLDER/new/...        what is being written
 */
#include "domain/blob/blob.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/secret.h"
#include "domain/blob/pieces.h"
#include "pki/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_DIGITS = BLOB_ID_SIZE - 1, HASH = ID_DIGITS / 2 };

/* ---- The folder ---- */

static rfd_status make_folder(const char *path, struct rfd_error *error)
{
    if (mkdir(path, S_IRWXU) == 0 || errno == EEXIST) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
}

rfd_status blob_store_open(const struct blob_options *options, struct blob_store **out, struct rfd_error *error)
{
    char path[BLOB_PATH];
    struct blob_store *store = memory_zeroed(1, sizeof *store);
    if (store == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    *store = (struct blob_store){*options, memory_text(options->folder), memory_text(options->key)};
    store->options.folder = store->folder;
    store->options.key = store->key;
    if (store->folder == NULL || store->key == NULL) {
        status = error_memory(error);
        goto out;
    }
    if (snprintf(path, sizeof path, "%s/new", store->folder) > BLOB_PATH - ID_DIGITS) {
        status = error_set(error, RFD_E_ARGUMENT, "the name of the folder of blobs is too long");
        goto out;
    }
    TRY_OUT(make_folder(store->folder, error));
    TRY_OUT(make_folder(path, error));
    *out = store;
    store = NULL;
out:
    blob_store_close(store);
    return status;
}

void blob_store_close(struct blob_store *store)
{
    if (store == NULL) return;
    memory_free(store->folder);
    memory_free(store->key);
    memory_free(store);
}

bool blob_is_id(slice id)
{
    if (id.length != ID_DIGITS) return false;
    for (size_t i = 0; i < id.length; i++)
        if (!((id.data[i] >= '0' && id.data[i] <= '9') || (id.data[i] >= 'a' && id.data[i] <= 'f'))) return false;
    return true;
}

rfd_status blob_path(const struct blob_store *store, slice id, char path[BLOB_PATH], struct rfd_error *error)
{
    if (!blob_is_id(id)) return error_set(error, RFD_E_ARGUMENT, "not the id of a blob");
    (void)snprintf(path, BLOB_PATH, "%s/%.2s/%.*s", store->folder, (const char *)id.data, ID_DIGITS,
                   (const char *)id.data);
    return RFD_OK;
}

/* ---- The database ---- */

rfd_status blob_record(struct transaction *t, const struct blob *blob, struct rfd_error *error)
{
    const struct store_value values[] = {store_text(slice_text(blob->id)), store_integer((int64_t)blob->size),
                                         store_text(blob->type), store_bytes(blob->wrapped),
                                         store_integer(clock_now())};
    return store_run(t,
                     "INSERT INTO blob(id, size, type, wrapped, created) VALUES ($1, $2, $3, $4, $5) "
                     "ON CONFLICT (id) DO NOTHING",
                     values, sizeof values / sizeof *values, NULL, error);
}

rfd_status blob_find(struct transaction *t, slice id, struct blob *out, struct rfd_error *error)
{
    struct store_rows rows;
    struct store_value value = store_text(id);
    if (!blob_is_id(id)) return error_set(error, RFD_E_NOT_FOUND, "no such blob");
    TRY(store_run(t, "SELECT size, type, wrapped FROM blob WHERE id = $1", &value, 1, &rows, error));
    if (rows.count == 0) return error_set(error, RFD_E_NOT_FOUND, "no such blob");
    struct blob blob = {.size = (uint64_t)store_cell(&rows, 0, 0)->integer,
                        .type = store_cell(&rows, 0, 1)->bytes,
                        .wrapped = store_cell(&rows, 0, 2)->bytes};
    memcpy(blob.id, id.data, id.length);
    *out = blob;
    return RFD_OK;
}

/* ---- Reading ---- */

struct reading {
    const struct blob *blob;
    struct pieces *pieces;
    struct digest *digest;
    FILE *file;
    uint64_t left; /* of the content */
    uint8_t sealed[BLOB_PIECE + PIECES_TAG];
    uint8_t plain[BLOB_PIECE];
};

static rfd_status damaged(const struct blob *blob, const char *what, struct rfd_error *error)
{
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "blob %s: %s", blob->id, what);
}

static rfd_status open_file(const struct blob_store *store, struct reading *r, struct rfd_error *error)
{
    char path[BLOB_PATH];
    uint8_t start[PIECES_HEAD_MOST];
    struct pieces_head head;
    uint8_t key[PIECES_KEY];
    TRY(blob_path(store, slice_text(r->blob->id), path, error));
    r->file = fopen(path, "rbe");
    if (r->file == NULL) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    size_t length = fread(start, 1, sizeof start, r->file);
    if (!pieces_head_read(slice_of(start, length), &head)) return damaged(r->blob, "no head", error);
    if (fseek(r->file, (long)head.length, SEEK_SET) != 0) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    rfd_status status = pieces_unwrap_key(&store->options, pieces_label(&head), r->blob->wrapped, key, error);
    if (status == RFD_OK) status = pieces_new(key, false, &head, &r->pieces, error);
    secret_wipe(key, sizeof key);
    return status;
}

/** All of the content has been seen: it is what the id says, and nothing follows it. */
static rfd_status check_end(struct reading *r, struct rfd_error *error)
{
    uint8_t hash[HASH];
    uint8_t id[HASH];
    TRY(digest_finish(r->digest, hash, error));
    if (!number_hex(slice_text(r->blob->id), id) || memcmp(hash, id, HASH) != 0)
        return damaged(r->blob, "another content", error);
    return fgetc(r->file) == EOF ? RFD_OK : damaged(r->blob, "longer than it was", error);
}

/** The last piece is not given before the whole content is known to be right. */
static rfd_status read_piece(struct reading *r, blob_each *each, void *context, struct rfd_error *error)
{
    bool last = r->left <= BLOB_PIECE;
    size_t size = last ? (size_t)r->left : BLOB_PIECE;
    if (fread(r->sealed, 1, size + PIECES_TAG, r->file) != size + PIECES_TAG) {
        if (ferror(r->file)) return error_errno(error, RFD_E_IO_READ, errno, "blob %s", r->blob->id);
        return damaged(r->blob, "shorter than it was", error);
    }
    TRY(pieces_open(r->pieces, slice_of(r->sealed, size + PIECES_TAG), last, r->plain, error));
    slice plain = slice_of(r->plain, size);
    TRY(digest_add(r->digest, plain, error));
    if (last) TRY(check_end(r, error));
    r->left -= size;
    return size == 0 ? RFD_OK : each(context, plain, error);
}

rfd_status blob_read(struct blob_store *store, const struct blob *blob, blob_each *each, void *context,
                     struct rfd_error *error)
{
    struct reading *r = memory_zeroed(1, sizeof *r);
    if (r == NULL) return error_memory(error);
    r->blob = blob;
    r->left = blob->size;
    rfd_status status;
    TRY_OUT(digest_start(DIGEST_SHA256, &r->digest, error));
    TRY_OUT(open_file(store, r, error));
    do TRY_OUT(read_piece(r, each, context, error));
    while (r->left > 0);
out:
    pieces_free(r->pieces);
    digest_free(r->digest);
    if (r->file != NULL) (void)fclose(r->file);
    secret_wipe(r, sizeof *r);
    memory_free(r);
    return status;
}
