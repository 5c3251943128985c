/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing: into a file of its own, which gets its name only when it is complete and on disk, and only when nobody else
 * has written the same content meanwhile: link(2) does not replace. Then the file that is there already is used, with
 * the key in its head, and ours is thrown away.
 */
#include "domain/blob/blob.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/secret.h"
#include "domain/blob/pieces.h"
#include "pki/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HASH = (BLOB_ID_SIZE - 1) / 2, NAME = 16, TRIES = 8 };

struct blob_writer {
    const struct blob_store *store;
    int file;
    char path[BLOB_PATH];
    struct pieces *pieces;
    struct digest *digest;
    struct pieces_head head;
    uint64_t size;
    size_t filled; /* of `plain`: a full piece waits until more comes, because the last is marked */
    size_t sampled;
    uint8_t plain[BLOB_PIECE];
    uint8_t sealed[BLOB_PIECE + PIECES_TAG];
    uint8_t sample[PIECES_SAMPLE];
};

static rfd_status write_all(const struct blob_writer *w, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = write(w->file, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", w->path);
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

static rfd_status open_file(struct blob_writer *w, struct rfd_error *error)
{
    uint8_t random[NAME];
    char name[2 * NAME + 1] = "";
    if (RAND_bytes(random, sizeof random) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    number_to_hex(slice_of(random, sizeof random), false, (uint8_t *)name);
    (void)snprintf(w->path, sizeof w->path, "%s/new/%s", w->store->folder, name);
    w->file = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    return w->file >= 0 ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", w->path);
}

static rfd_status make_key(struct blob_writer *w, struct rfd_error *error)
{
    uint8_t label[PIECES_LABEL];
    uint8_t key[PIECES_KEY];
    uint8_t wrapped[PIECES_WRAPPED_MOST];
    size_t length;
    if (RAND_bytes(label, sizeof label) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    rfd_status status = pieces_new_key(&w->store->options, slice_of(label, sizeof label), key, wrapped, &length, error);
    if (status == RFD_OK) {
        pieces_head_write(label, slice_of(wrapped, length), &w->head);
        status = pieces_new(key, true, &w->head, &w->pieces, error);
    }
    secret_wipe(key, sizeof key);
    return status;
}

rfd_status blob_begin(struct blob_store *store, struct blob_writer **out, struct rfd_error *error)
{
    struct blob_writer *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    w->store = store;
    w->file = -1;
    rfd_status status;
    TRY_OUT(digest_start(DIGEST_SHA256, &w->digest, error));
    TRY_OUT(make_key(w, error));
    TRY_OUT(open_file(w, error));
    TRY_OUT(write_all(w, slice_of(w->head.bytes, w->head.length), error));
    *out = w;
    w = NULL;
out:
    blob_abandon(w);
    return status;
}

void blob_abandon(struct blob_writer *writer)
{
    if (writer == NULL) return;
    if (writer->file >= 0) {
        (void)close(writer->file);
        (void)unlink(writer->path);
    }
    pieces_free(writer->pieces);
    digest_free(writer->digest);
    secret_wipe(writer, sizeof *writer);
    memory_free(writer);
}

static rfd_status seal_piece(struct blob_writer *w, bool last, struct rfd_error *error)
{
    TRY(pieces_seal(w->pieces, slice_of(w->plain, w->filled), last, w->sealed, error));
    TRY(write_all(w, slice_of(w->sealed, w->filled + PIECES_TAG), error));
    w->filled = 0;
    return RFD_OK;
}

static void take_sample(struct blob_writer *w, slice piece)
{
    slice more = slice_part(piece, 0, sizeof w->sample - w->sampled);
    if (more.length > 0) memcpy(w->sample + w->sampled, more.data, more.length);
    w->sampled += more.length;
}

rfd_status blob_write(struct blob_writer *writer, slice piece, struct rfd_error *error)
{
    take_sample(writer, piece);
    writer->size += piece.length;
    TRY(digest_add(writer->digest, piece, error));
    while (piece.length > 0) {
        if (writer->filled == BLOB_PIECE) TRY(seal_piece(writer, false, error));
        slice part = slice_part(piece, 0, BLOB_PIECE - writer->filled);
        memcpy(writer->plain + writer->filled, part.data, part.length);
        writer->filled += part.length;
        piece = slice_from(piece, part.length);
    }
    return RFD_OK;
}

/* ---- Giving it its name ---- */

static rfd_status sync_folder(const char *path, struct rfd_error *error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 && fsync(folder) == 0;
    rfd_status status = good ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    if (folder >= 0) (void)close(folder);
    return status;
}

/** FOLDER/ab. A new one is on disk before files are in it. */
static rfd_status make_folder_of(const struct blob_writer *w, const char *id, char path[BLOB_PATH],
                                 struct rfd_error *error)
{
    (void)snprintf(path, BLOB_PATH, "%s/%.2s", w->store->folder, id);
    if (mkdir(path, S_IRWXU) == 0) return sync_folder(w->store->folder, error);
    return errno == EEXIST ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
}

/** The head of the file that is there. It becomes young again, so that the sweep leaves it, and is looked for once
 * more after that; `*there` is false when it has gone. */
static rfd_status use_existing(const char *path, struct pieces_head *head, bool *there, struct rfd_error *error)
{
    uint8_t start[PIECES_HEAD_MOST];
    struct stat opened;
    struct stat named;
    *there = false;
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT) return RFD_OK;
    ssize_t length = file < 0 ? -1 : pread(file, start, sizeof start, 0);
    bool good = length >= 0 && futimens(file, NULL) == 0 && fstat(file, &opened) == 0;
    rfd_status status = good ? RFD_OK : error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    if (file >= 0) (void)close(file);
    if (status != RFD_OK) return status;
    if (!pieces_head_read(slice_of(start, (size_t)length), head))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s: no head", path);
    *there = stat(path, &named) == 0 && named.st_ino == opened.st_ino;
    return RFD_OK;
}

static rfd_status give_name(struct blob_writer *w, const char *id, struct rfd_error *error)
{
    char path[BLOB_PATH];
    char folder[BLOB_PATH];
    TRY(blob_path(w->store, slice_text(id), path, error));
    TRY(make_folder_of(w, id, folder, error));
    for (int i = 0; i < TRIES; i++) {
        struct pieces_head theirs;
        bool there;
        if (link(w->path, path) == 0) return sync_folder(folder, error);
        if (errno != EEXIST) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
        TRY(use_existing(path, &theirs, &there, error));
        if (!there) continue;
        w->head = theirs;
        return sync_folder(folder, error); /* its writer may not have come to that yet */
    }
    return error_set(error, RFD_E_IO_WRITE, "%s comes and goes", path);
}

static rfd_status finish(struct blob_writer *w, struct arena *a, struct blob *out, struct rfd_error *error)
{
    uint8_t hash[HASH];
    struct blob blob = {.size = w->size, .type = pieces_type(slice_of(w->sample, w->sampled))};
    TRY(seal_piece(w, true, error));
    TRY(digest_finish(w->digest, hash, error));
    number_to_hex(slice_of(hash, sizeof hash), false, (uint8_t *)blob.id);
    if (fsync(w->file) != 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", w->path);
    TRY(give_name(w, blob.id, error));
    blob.wrapped = arena_copy(a, pieces_wrapped(&w->head));
    if (blob.wrapped.data == NULL) return arena_failed(a, error);
    *out = blob;
    return RFD_OK;
}

rfd_status blob_finish(struct blob_writer *writer, struct arena *a, struct blob *out, struct rfd_error *error)
{
    rfd_status status = finish(writer, a, out, error);
    blob_abandon(writer);
    return status;
}
