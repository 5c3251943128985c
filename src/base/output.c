/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/output.h"

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* A temporary's name starts with the target's, cut so that it is never longer than a file name may be. */
enum { TEMPORARY_TRIES = 8, NAME_KEPT = 200, TEMPORARY_SIZE = NAME_KEPT + 32 };

struct output {
    int fd;
    int folder;
    bool replace;
    bool named; /* the temporary has a name that must be removed */
    char *path;
    char *name;      /* last component of path, points into it */
    char *temporary; /* name in the folder */
};

static rfd_status fail(const struct output *o, int errno_value, struct rfd_error *error)
{
    return error_errno(error, RFD_E_IO_WRITE, errno_value, "%s", o->path);
}

static rfd_status open_folder(struct output *o, struct rfd_error *error)
{
    char *slash = strrchr(o->path, '/');
    o->name = slash == NULL ? o->path : slash + 1;
    const char *folder = ".";
    char *copy = NULL;
    if (slash == o->path) folder = "/";
    if (slash != NULL && slash != o->path) {
        copy = memory_copy(o->path, (size_t)(slash - o->path) + 1);
        if (copy == NULL) return error_memory(error);
        copy[slash - o->path] = '\0';
        folder = copy;
    }
    o->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int why = errno;
    memory_free(copy);
    if (o->folder < 0) return fail(o, why, error);
    if (*o->name == '\0') return fail(o, EISDIR, error);
    return RFD_OK;
}

static rfd_status new_temporary_name(struct output *o, struct rfd_error *error)
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) return fail(o, errno, error);
    if (o->temporary == NULL && (o->temporary = memory_allocate(TEMPORARY_SIZE)) == NULL) return error_memory(error);
    (void)snprintf(o->temporary, TEMPORARY_SIZE, ".%.*s.%012llx.tmp", NAME_KEPT, o->name,
                   (unsigned long long)(random >> 16));
    return RFD_OK;
}

static rfd_status open_temporary(struct output *o, mode_t mode, struct rfd_error *error)
{
    /* An unnamed file gets its name through /proc, which a chroot may lack. */
    if (access("/proc/self/fd", X_OK) == 0) o->fd = openat(o->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
    if (o->fd >= 0) return RFD_OK;
    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        TRY(new_temporary_name(o, error));
        o->fd = openat(o->folder, o->temporary, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, mode);
        if (o->fd >= 0) {
            o->named = true;
            return RFD_OK;
        }
        if (errno != EEXIST) break;
    }
    return fail(o, errno, error);
}

rfd_status output_open(const char *path, bool replace, struct output **out, struct rfd_error *error)
{
    struct output *o = memory_zeroed(1, sizeof *o);
    if (o == NULL) return error_memory(error);
    rfd_status status = RFD_OK;
    struct stat existing;
    bool exists;
    o->fd = o->folder = -1;
    o->replace = replace;
    o->path = memory_text(path);
    if (o->path == NULL) {
        status = error_memory(error);
        goto out;
    }
    TRY_OUT(open_folder(o, error));
    exists = fstatat(o->folder, o->name, &existing, 0) == 0;
    if (exists) {
        if (!S_ISREG(existing.st_mode)) { /* never put a file in place of a device, pipe or folder */
            status = S_ISDIR(existing.st_mode) ? fail(o, EISDIR, error)
                                               : error_set(error, RFD_E_IO_WRITE, "%s: not a regular file", path);
            goto out;
        }
        if (!replace) {
            status = error_set(error, RFD_E_EXISTS, "%s", path);
            goto out;
        }
    }
    /* What was private stays private, from the first moment on. */
    TRY_OUT(open_temporary(o, exists ? existing.st_mode & 0777 : 0666, error));
    if (exists) (void)!fchmod(o->fd, existing.st_mode & 0777);
out:
    if (status == RFD_OK)
        *out = o;
    else
        output_abandon(o);
    return status;
}

rfd_status output_write(struct output *o, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = write(o->fd, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(o, errno, error);
        bytes = slice_from(bytes, (size_t)written);
    }
    return RFD_OK;
}

static rfd_status write_piece(void *context, slice piece, struct rfd_error *error)
{
    return output_write(context, piece, error);
}

rfd_status output_copy(struct output *o, struct source *from, uint64_t offset, uint64_t length, struct rfd_error *error)
{
    int fd = source_descriptor(from);
    uint64_t in_file = source_original_size(from);
    while (fd >= 0 && length > 0 && offset < in_file) {
        off_t at = (off_t)offset;
        uint64_t wanted = length < in_file - offset ? length : in_file - offset;
        ssize_t copied = copy_file_range(fd, &at, o->fd, NULL, (size_t)wanted, 0);
        if (copied < 0 && errno == EINTR) continue;
        if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) return fail(o, errno, error);
        if (copied <= 0) break; /* another file system, or shrunk: the plain way says what is wrong */
        offset += (uint64_t)copied;
        length -= (uint64_t)copied;
    }
    return source_stream(from, offset, length, write_piece, o, error);
}

/** Gives the unnamed file a temporary name, the step before the rename (linkat cannot replace). */
static rfd_status give_name(struct output *o, struct rfd_error *error)
{
    char self[64];
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", o->fd);
    for (int i = 0; i < TEMPORARY_TRIES && !o->named; i++) {
        TRY(new_temporary_name(o, error));
        if (linkat(AT_FDCWD, self, o->folder, o->temporary, AT_SYMLINK_FOLLOW) == 0)
            o->named = true;
        else if (errno != EEXIST)
            break;
    }
    return o->named ? RFD_OK : fail(o, errno, error);
}

/** Without `replace` an existing file must survive even a race: link fails where rename would win. */
static rfd_status publish(struct output *o, struct rfd_error *error)
{
    if (!o->named) {
        if (!o->replace) {
            char self[64];
            (void)snprintf(self, sizeof self, "/proc/self/fd/%d", o->fd);
            if (linkat(AT_FDCWD, self, o->folder, o->name, AT_SYMLINK_FOLLOW) == 0) return RFD_OK;
            if (errno == EEXIST) return error_set(error, RFD_E_EXISTS, "%s", o->path);
        }
        TRY(give_name(o, error));
    }
    unsigned flags = o->replace ? 0 : RENAME_NOREPLACE;
    if (renameat2(o->folder, o->temporary, o->folder, o->name, flags) == 0) {
        o->named = false;
        return RFD_OK;
    }
    /* Some file systems (NFS) know no RENAME_NOREPLACE; a link does not replace either. The temporary goes later. */
    if (flags != 0 && errno == EINVAL && linkat(o->folder, o->temporary, o->folder, o->name, 0) == 0) return RFD_OK;
    if (errno == EEXIST) return error_set(error, RFD_E_EXISTS, "%s", o->path);
    return fail(o, errno, error);
}

rfd_status output_commit(struct output *o, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    if (fsync(o->fd) != 0) status = fail(o, errno, error);
    if (status == RFD_OK) status = publish(o, error);
    if (status == RFD_OK && fsync(o->folder) != 0 && errno != EINVAL) status = fail(o, errno, error);
    output_abandon(o);
    return status;
}

void output_abandon(struct output *o)
{
    if (o == NULL) return;
    if (o->named) (void)unlinkat(o->folder, o->temporary, 0);
    if (o->fd >= 0) (void)close(o->fd);
    if (o->folder >= 0) (void)close(o->folder);
    memory_free(o->temporary);
    memory_free(o->path);
    memory_free(o);
}

static rfd_status write_to_stdout(slice bytes, struct rfd_error *error)
{
    struct output standard = {.fd = STDOUT_FILENO, .path = (char[]){"standard output"}};
    return output_write(&standard, bytes, error);
}

rfd_status output_whole(const char *path, bool replace, slice bytes, struct rfd_error *error)
{
    if (strcmp(path, "-") == 0) return write_to_stdout(bytes, error);
    struct output *o = NULL;
    TRY(output_open(path, replace, &o, error));
    rfd_status status = output_write(o, bytes, error);
    if (status != RFD_OK) {
        output_abandon(o);
        return status;
    }
    return output_commit(o, error);
}
