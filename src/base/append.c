/* SPDX-License-Identifier: EUPL-1.2
 *
 * The undo file is one line, "refrenda-undo LENGTH\n". It is written under its final name with O_EXCL: one that exists
 * belongs to a crash that was not recovered from yet.
 */
#include "base/append.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNDO_MAXIMUM = 64 };
static const char undo_suffix[] = ".refrenda-undo";
static const char undo_magic[] = "refrenda-undo ";

/** An append under way. */
struct append {
    const char *path;
    char undo[PATH_MAX];
    int fd;
    bool has_undo;
};

static rfd_status fail(const struct append *a, int errno_value, struct rfd_error *error)
{
    return error_errno(error, RFD_E_IO_WRITE, errno_value, "%s", a->path);
}

/** Opens the file and takes its lock. */
static rfd_status begin(struct append *a, const char *path, int flags, struct rfd_error *error)
{
    a->path = path;
    a->has_undo = false;
    a->fd = open(path, flags | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    if (a->fd < 0) return fail(a, errno, error);
    int length = snprintf(a->undo, sizeof a->undo, "%s%s", path, undo_suffix);
    if (length < 0 || (size_t)length >= sizeof a->undo) return fail(a, ENAMETOOLONG, error);
    if (flock(a->fd, LOCK_EX | LOCK_NB) == 0) return RFD_OK;
    return error_set(error, RFD_E_INPUT_CHANGED, "%s: another process is appending to it", path);
}

/** The folder's entry of the undo file must be as durable as its bytes. */
static rfd_status sync_folder(const struct append *a, struct rfd_error *error)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", a->undo);
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof folder, ".");
    else
        slash[slash == folder] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(a, errno, error);
    int result = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    (void)close(fd);
    return result == 0 ? RFD_OK : fail(a, result, error);
}

static rfd_status write_all(const struct append *a, int fd, slice bytes, uint64_t at, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = pwrite(fd, bytes.data, bytes.length, (off_t)at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(a, errno, error);
        at += (uint64_t)written;
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

static rfd_status write_undo(struct append *a, uint64_t length, struct rfd_error *error)
{
    char line[UNDO_MAXIMUM];
    int used = snprintf(line, sizeof line, "%s%llu\n", undo_magic, (unsigned long long)length);
    int fd = open(a->undo, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return fail(a, errno, error);
    a->has_undo = true;
    rfd_status status = write_all(a, fd, slice_of(line, (size_t)used), 0, error);
    if (status == RFD_OK && fsync(fd) != 0) status = fail(a, errno, error);
    (void)close(fd);
    return status == RFD_OK ? sync_folder(a, error) : status;
}

static rfd_status remove_undo(struct append *a, struct rfd_error *error)
{
    if (unlink(a->undo) != 0) return fail(a, errno, error);
    a->has_undo = false;
    return sync_folder(a, error);
}

/** Cuts to `length` and makes that durable. */
static rfd_status cut(const struct append *a, uint64_t length, struct rfd_error *error)
{
    if (ftruncate(a->fd, (off_t)length) != 0 || fsync(a->fd) != 0) return fail(a, errno, error);
    return RFD_OK;
}

static rfd_status length_of(const struct append *a, uint64_t *out, struct rfd_error *error)
{
    struct stat now;
    if (fstat(a->fd, &now) != 0) return fail(a, errno, error);
    if (!S_ISREG(now.st_mode)) return error_set(error, RFD_E_IO_WRITE, "%s: not a regular file", a->path);
    *out = (uint64_t)now.st_size;
    return RFD_OK;
}

/** Whoever may put files into the folder must not be able to cut other people's files with a made-up undo file. */
static bool is_ours(const struct append *a, int undo)
{
    struct stat file;
    struct stat its_undo;
    if (fstat(a->fd, &file) != 0 || fstat(undo, &its_undo) != 0 || !S_ISREG(its_undo.st_mode)) return false;
    return its_undo.st_uid == file.st_uid || its_undo.st_uid == geteuid() || its_undo.st_uid == 0;
}

static rfd_status read_undo(const struct append *a, int fd, uint64_t *length, struct rfd_error *error)
{
    char line[UNDO_MAXIMUM];
    if (!is_ours(a, fd)) return error_set(error, RFD_E_IO_WRITE, "%s: not an undo file of ours", a->undo);
    ssize_t got = pread(fd, line, sizeof line, 0);
    if (got < 0) return fail(a, errno, error);
    slice text = slice_of(line, (size_t)got);
    bool empty = text.length == 0; /* the crash came before its line was written, so before anything was appended */
    bool whole = slice_starts(text, slice_text(undo_magic)) && text.data[text.length - 1] == '\n';
    slice digits = slice_part(text, sizeof undo_magic - 1, text.length - sizeof undo_magic);
    if (!empty && (!whole || !number_unsigned(digits, INT64_MAX, length)))
        return error_set(error, RFD_E_IO_WRITE, "%s: not an undo file", a->undo);
    return empty ? length_of(a, length, error) : RFD_OK;
}

static rfd_status recover_locked(struct append *a, int undo, struct rfd_error *error)
{
    uint64_t before = 0;
    uint64_t now = 0;
    TRY(read_undo(a, undo, &before, error));
    TRY(length_of(a, &now, error));
    if (now < before)
        return error_set(error, RFD_E_IO_WRITE, "%s: the file is shorter than its undo file says", a->path);
    if (now > before) TRY(cut(a, before, error));
    return remove_undo(a, error);
}

rfd_status append_recover(const char *path, struct rfd_error *error)
{
    struct append a;
    char name[PATH_MAX];
    int length = snprintf(name, sizeof name, "%s%s", path, undo_suffix);
    if (length < 0 || (size_t)length >= sizeof name) return RFD_OK; /* no such file can exist */
    struct stat ignored;
    if (lstat(name, &ignored) != 0)
        return errno == ENOENT || errno == ENAMETOOLONG ? RFD_OK : error_errno(error, RFD_E_IO_READ, errno, "%s", name);
    rfd_status status = begin(&a, path, O_RDWR, error);
    if (status == RFD_OK) {
        /* Opened under the lock: one opened before could be of an append that has become whole since. */
        int undo = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (undo >= 0)
            status = recover_locked(&a, undo, error);
        else if (errno != ENOENT)
            status = error_errno(error, RFD_E_IO_WRITE, errno, "%s", name);
        if (undo >= 0) (void)close(undo);
    }
    if (a.fd >= 0) (void)close(a.fd);
    return status;
}

static rfd_status append_locked(struct append *a, uint64_t length, slice first, slice second, struct rfd_error *error)
{
    uint64_t now;
    TRY(length_of(a, &now, error));
    if (now != length)
        return error_set(error, RFD_E_INPUT_CHANGED, "%s: it had %llu bytes when read, now %llu", a->path,
                         (unsigned long long)length, (unsigned long long)now);
    TRY(write_undo(a, length, error));
    TRY(write_all(a, a->fd, first, length, error));
    TRY(write_all(a, a->fd, second, length + first.length, error));
    if (fsync(a->fd) != 0) return fail(a, errno, error);
    return remove_undo(a, error);
}

rfd_status append_whole(const char *path, uint64_t length, slice first, slice second, struct rfd_error *error)
{
    struct append a;
    rfd_status status = begin(&a, path, O_WRONLY, error);
    if (status == RFD_OK) status = append_locked(&a, length, first, second, error);
    /* Undo now rather than at the next opening; what fails here is left to that. */
    if (status != RFD_OK && a.has_undo && cut(&a, length, NULL) == RFD_OK) (void)!remove_undo(&a, NULL);
    if (a.fd >= 0) (void)close(a.fd);
    return status;
}
