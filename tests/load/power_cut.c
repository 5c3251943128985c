/* SPDX-License-Identifier: EUPL-1.2
 *
 * A disk that forgets: preloaded (LD_PRELOAD) into the server, it keeps beside every regular file that is written a
 * second one, .FILE.durable, which gets the file's content when fsync() or fdatasync() was called, and its new name
 * when the folder was synced after a rename. What a power cut would have left at the worst moment is what is in the
 * second files.
 *
 * As on ext4 and xfs, syncing a new file also keeps its name. Calls only what the server's sandboxes allow.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4096, RENAMES = 64, BLOCK = 1 << 16 };
#define SUFFIX ".durable"
#define SHOWN  __attribute__((visibility("default")))

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FILES]; /* of descriptors that are open for writing, and of folders */
static struct {
    char from[PATH_MAX], to[PATH_MAX];
    bool used;
} renames[RENAMES];

#define REAL(name) ((__typeof__(&(name)))real(#name))

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/** `name` beside the folder that `folder` is open on; false when it is not known. */
static bool path_at(int folder, const char *name, char out[PATH_MAX])
{
    if (name[0] == '/') return snprintf(out, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD) {
        char here[PATH_MAX / 2];
        return getcwd(here, sizeof here) != NULL && snprintf(out, PATH_MAX, "%s/%s", here, name) < PATH_MAX;
    }
    if (folder < 0 || folder >= FILES || paths[folder] == NULL) return false;
    return snprintf(out, PATH_MAX, "%s/%s", paths[folder], name) < PATH_MAX;
}

static void remember(int fd, int folder, const char *name)
{
    char path[PATH_MAX];
    if (fd < 0 || fd >= FILES || strstr(name, SUFFIX) != NULL) return;
    (void)pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = path_at(folder, name, path) ? strdup(path) : NULL;
    (void)pthread_mutex_unlock(&lock);
}

/** The name of a path's second file. The dot keeps it from those who look at all files of a folder. */
static void name_durable(const char *path, char out[PATH_MAX + 16])
{
    const char *slash = strrchr(path, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - path);
    (void)snprintf(out, PATH_MAX + 16, "%.*s.%s" SUFFIX, folder, path, path + folder);
}

/** A path's second file, open for writing and locked: two processes that sync the same file copy it one after the
 * other, so that an older copy never covers a newer one. -1 when there can be none. */
static int open_durable(const char *path)
{
    char name[PATH_MAX + 16];
    name_durable(path, name);
    int fd = REAL(openat)(AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) (void)flock(fd, LOCK_EX);
    return fd;
}

/** Copies all of the file: what other processes wrote into it is kept by this one's sync, too. */
static void keep(int fd, const char *path)
{
    static __thread char block[BLOCK];
    bool unreadable = (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
    int from = unreadable ? REAL(openat)(AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : fd;
    int to = open_durable(path);
    off_t at = 0;
    ssize_t got = 1;
    while (got > 0) {
        got = pread(from, block, sizeof block, at);
        if (got > 0 && pwrite(to, block, (size_t)got, at) != got) break;
        at += got > 0 ? got : 0;
    }
    if (got < 0 || (got == 0 && ftruncate(to, at) != 0))
        (void)fprintf(stderr, "power_cut: %s: %s\n", path, strerror(errno));
    if (unreadable) (void)close(from);
    (void)close(to);
}

/** The renames inside a folder that was synced are for good. */
static void keep_renames(const char *folder)
{
    size_t length = strlen(folder);
    for (size_t i = 0; i < RENAMES; i++) {
        char from[PATH_MAX + 16];
        char to[PATH_MAX + 16];
        if (!renames[i].used || strncmp(renames[i].to, folder, length) != 0 || renames[i].to[length] != '/') continue;
        name_durable(renames[i].from, from);
        name_durable(renames[i].to, to);
        (void)REAL(renameat)(AT_FDCWD, from, AT_FDCWD, to);
        renames[i].used = false;
    }
}

static void synced(int fd)
{
    struct stat status;
    int saved = errno;
    (void)pthread_mutex_lock(&lock);
    const char *path = fd >= 0 && fd < FILES ? paths[fd] : NULL;
    if (path != NULL && fstat(fd, &status) == 0) {
        if (S_ISDIR(status.st_mode)) keep_renames(path);
        if (S_ISREG(status.st_mode)) keep(fd, path);
    }
    (void)pthread_mutex_unlock(&lock);
    errno = saved;
}

static void renamed(int from_folder, const char *from, int to_folder, const char *to)
{
    (void)pthread_mutex_lock(&lock);
    for (size_t i = 0; i < RENAMES; i++) {
        if (renames[i].used) continue;
        renames[i].used = path_at(from_folder, from, renames[i].from) && path_at(to_folder, to, renames[i].to);
        break;
    }
    (void)pthread_mutex_unlock(&lock);
}

/* --- What is preloaded ------------------------------------------------------------------------------------------- */

/* Each has two names where files may be large. */
#define PRELOAD_OPEN(name)                                                                                             \
    SHOWN int name(const char *path, int flags, ...)                                                                   \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        int fd = open_and_remember(AT_FDCWD, path, flags, mode_of(flags, &arguments));                                 \
        va_end(arguments);                                                                                             \
        return fd;                                                                                                     \
    }
#define PRELOAD_OPENAT(name)                                                                                           \
    SHOWN int name(int folder, const char *path, int flags, ...)                                                       \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, flags);                                                                                    \
        int fd = open_and_remember(folder, path, flags, mode_of(flags, &arguments));                                   \
        va_end(arguments);                                                                                             \
        return fd;                                                                                                     \
    }

/** The last argument, which is there only when a file may be made. */
static mode_t mode_of(int flags, va_list *arguments)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(*arguments, mode_t) : 0;
}

static int open_and_remember(int folder, const char *path, int flags, mode_t mode)
{
    int fd = REAL(openat)(folder, path, flags, mode);
    remember(fd, folder, path);
    return fd;
}

PRELOAD_OPEN(open)
PRELOAD_OPEN(open64)
PRELOAD_OPENAT(openat)
PRELOAD_OPENAT(openat64)

/* What the C library's headers make of these without a mode (_FORTIFY_SOURCE). */
SHOWN int __open_2(const char *path, int flags);
SHOWN int __open_2(const char *path, int flags)
{
    return open(path, flags);
}

SHOWN int __open64_2(const char *path, int flags);
SHOWN int __open64_2(const char *path, int flags)
{
    return open64(path, flags);
}

SHOWN int __openat_2(int folder, const char *path, int flags);
SHOWN int __openat_2(int folder, const char *path, int flags)
{
    return openat(folder, path, flags);
}

SHOWN int __openat64_2(int folder, const char *path, int flags);
SHOWN int __openat64_2(int folder, const char *path, int flags)
{
    return openat64(folder, path, flags);
}

SHOWN int fsync(int fd)
{
    int done = REAL(fsync)(fd);
    if (done == 0) synced(fd);
    return done;
}

SHOWN int fdatasync(int fd)
{
    int done = REAL(fdatasync)(fd);
    if (done == 0) synced(fd);
    return done;
}

SHOWN int rename(const char *from, const char *to)
{
    int done = REAL(rename)(from, to);
    if (done == 0) renamed(AT_FDCWD, from, AT_FDCWD, to);
    return done;
}

SHOWN int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    int done = REAL(renameat)(from_folder, from, to_folder, to);
    if (done == 0) renamed(from_folder, from, to_folder, to);
    return done;
}

SHOWN int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    int done = REAL(renameat2)(from_folder, from, to_folder, to, flags);
    if (done == 0) renamed(from_folder, from, to_folder, to);
    return done;
}
