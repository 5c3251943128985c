/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/key_folder.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME      "lock"
#define TEMPORARY_NAME ".writing"

enum { DIGEST = 32 };

/** What root makes belongs to the folder's owner, who the process will be in its sandbox. */
static bool give_to_owner(const struct key_folder *f, int fd)
{
    struct stat st;
    if (geteuid() != 0) return true;
    return fstat(f->descriptor, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0;
}

static rfd_status take_lock(struct key_folder *f, struct rfd_error *error)
{
    f->lock = openat(f->descriptor, LOCK_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (f->lock < 0 || !give_to_owner(f, f->lock))
        return error_errno(error, RFD_E_IO_WRITE, errno, "%s/" LOCK_NAME, f->path);
    if (flock(f->lock, LOCK_EX | LOCK_NB) == 0) return RFD_OK;
    return error_set(error, RFD_E_STORE_CONFLICT, "%s is in use by another process", f->path);
}

rfd_status key_folder_open(const char *path, bool create, struct key_folder *out, struct rfd_error *error)
{
    struct key_folder f = {.descriptor = -1, .lock = -1, .path = memory_text(path)};
    rfd_status status = RFD_OK;
    if (f.path == NULL) return error_memory(error);
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST)
        status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    if (status == RFD_OK) {
        f.descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (f.descriptor < 0) status = error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    }
    if (status == RFD_OK) status = take_lock(&f, error);
    if (status == RFD_OK && unlinkat(f.descriptor, TEMPORARY_NAME, 0) != 0 && errno != ENOENT)
        status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    if (status == RFD_OK)
        *out = f;
    else
        key_folder_close(&f);
    return status;
}

void key_folder_close(struct key_folder *f)
{
    if (f->path == NULL) return;
    if (f->descriptor >= 0) (void)close(f->descriptor);
    if (f->lock >= 0) (void)close(f->lock);
    memory_free(f->path);
    *f = (struct key_folder){0};
}

bool key_folder_has(const struct key_folder *f, const char *name)
{
    struct stat st;
    return fstatat(f->descriptor, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- Writing ---- */

static rfd_status write_all(const struct key_folder *f, int fd, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = write(fd, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

static rfd_status write_temporary(const struct key_folder *f, slice content, struct rfd_error *error)
{
    uint8_t digest[DIGEST];
    TRY(digest_of(DIGEST_SHA256, content, digest, error));
    int fd = openat(f->descriptor, TEMPORARY_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
    rfd_status status = RFD_OK;
    if (!give_to_owner(f, fd)) status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
    if (status == RFD_OK) status = write_all(f, fd, content, error);
    if (status == RFD_OK) status = write_all(f, fd, slice_of(digest, sizeof digest), error);
    if (status == RFD_OK && fsync(fd) != 0) status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", f->path);
    (void)close(fd);
    return status;
}

rfd_status key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                            struct rfd_error *error)
{
    if (content.length > KEY_FOLDER_FILE_MAXIMUM - DIGEST) return error_set(error, RFD_E_LIMIT, "%s/%s", f->path, name);
    rfd_status status = write_temporary(f, content, error);
    if (status == RFD_OK) {
        int result = renameat2(f->descriptor, TEMPORARY_NAME, f->descriptor, name, replace ? 0 : RENAME_NOREPLACE);
        if (result == 0 && fsync(f->descriptor) == 0) return RFD_OK;
        rfd_status code = errno == EEXIST ? RFD_E_EXISTS : RFD_E_IO_WRITE;
        status = error_errno(error, code, errno, "%s/%s", f->path, name);
    }
    (void)unlinkat(f->descriptor, TEMPORARY_NAME, 0);
    return status;
}

/* ---- Reading ---- */

static rfd_status read_all(const struct key_folder *f, int fd, const char *name, struct buf *out,
                           struct rfd_error *error)
{
    for (;;) {
        enum { PIECE = 4096 };
        uint8_t *to = buf_reserve(out, PIECE);
        if (to == NULL) return buf_check(out, name, error);
        ssize_t got = read(fd, to, PIECE);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s/%s", f->path, name);
        if (got == 0) return RFD_OK;
        out->length += (size_t)got;
        if (out->length > KEY_FOLDER_FILE_MAXIMUM) return error_set(error, RFD_E_LIMIT, "%s/%s", f->path, name);
    }
}

bool key_folder_undamaged(slice whole, slice *content)
{
    uint8_t digest[DIGEST];
    if (whole.data == NULL || whole.length < DIGEST) return false;
    slice before = slice_part(whole, 0, whole.length - DIGEST);
    if (digest_of(DIGEST_SHA256, before, digest, NULL) != RFD_OK) return false;
    if (memcmp(whole.data + before.length, digest, DIGEST) != 0) return false;
    *content = before;
    return true;
}

rfd_status key_folder_read(const struct key_folder *f, const char *name, struct buf *out, struct rfd_error *error)
{
    struct buf b;
    slice content = SLICE_EMPTY;
    int fd = openat(f->descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return error_errno(error, RFD_E_IO_READ, errno, "%s/%s", f->path, name);
    buf_init(&b, 2 * KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = read_all(f, fd, name, &b, error);
    (void)close(fd);
    if (status == RFD_OK && !key_folder_undamaged(buf_slice(&b), &content))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s/%s: its digest does not fit", f->path, name);
    if (status == RFD_OK) {
        buf_put_slice(out, content);
        status = buf_check(out, name, error);
    }
    buf_dispose(&b);
    return status;
}

rfd_status key_folder_walk(const struct key_folder *f, const char *suffix, key_folder_each *each, void *context,
                           struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    int fd = openat(f->descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    if (entries == NULL) {
        status = error_errno(error, RFD_E_IO_READ, errno, "%s", f->path);
        if (fd >= 0) (void)close(fd);
        return status;
    }
    for (const struct dirent *e = readdir(entries); e != NULL && status == RFD_OK; e = readdir(entries)) {
        if (e->d_name[0] == '.' || strlen(e->d_name) >= KEY_FOLDER_NAME_SIZE) continue;
        if (slice_ends(slice_text(e->d_name), slice_text(suffix))) status = each(context, e->d_name, error);
    }
    (void)closedir(entries);
    return status;
}
