/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/ceremony/ceremony_internal.h"

#include "base/error.h"
#include "base/output.h"
#include "pki/certificate/pem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_MAXIMUM = 1 << 17, USER_SIZE = 4096, FOLDERS_OPEN = 16 };

rfd_status ceremony_path(const char *folder, const char *name, char path[CEREMONY_PATH_SIZE], struct rfd_error *error)
{
    int length = snprintf(path, CEREMONY_PATH_SIZE, "%s/%s", folder, name);
    if (length > 0 && length < CEREMONY_PATH_SIZE) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", folder);
}

static rfd_status check_empty(const char *path, struct rfd_error *error)
{
    DIR *folder = opendir(path);
    bool empty = true;
    if (folder == NULL) return error_errno(error, RFD_E_IO_READ, errno, "%s", path);
    for (struct dirent *entry = readdir(folder); entry != NULL && empty; entry = readdir(folder))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    (void)closedir(folder);
    return empty ? RFD_OK : error_set(error, RFD_E_EXISTS, "%s: a ceremony needs an empty folder", path);
}

rfd_status ceremony_folder(const char *path, bool existing, struct rfd_error *error)
{
    if (mkdir(path, 0700) == 0) return RFD_OK;
    if (errno == EEXIST && existing) {
        TRY(check_empty(path, error));
        if (chmod(path, 0700) != 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
        return RFD_OK;
    }
    return error_errno(error, errno == EEXIST ? RFD_E_EXISTS : RFD_E_IO_WRITE, errno, "%s", path);
}

rfd_status ceremony_take_folder(const char *given, char path[CEREMONY_PATH_SIZE], struct rfd_error *error)
{
    TRY(ceremony_folder(given, true, error));
    char *whole = realpath(given, NULL);
    int length = whole == NULL ? -1 : snprintf(path, CEREMONY_PATH_SIZE, "%s", whole);
    free(whole);
    if (length > 0 && length < CEREMONY_PATH_SIZE) return RFD_OK;
    return error_set(error, RFD_E_ARGUMENT, "%s: the path is too long", given);
}

rfd_status ceremony_write(const char *folder, const char *name, slice content, struct rfd_error *error)
{
    char path[CEREMONY_PATH_SIZE];
    TRY(ceremony_path(folder, name, path, error));
    TRY(output_whole(path, false, content, error));
    if (chmod(path, 0600) != 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    return RFD_OK;
}

rfd_status ceremony_write_pem(const char *folder, const char *name, const char *label, slice der,
                              struct rfd_error *error)
{
    struct buf pem;
    buf_init_secret(&pem, PEM_MAXIMUM);
    pem_put(&pem, label, der);
    rfd_status status = buf_check(&pem, name, error);
    if (status == RFD_OK) status = ceremony_write(folder, name, buf_slice(&pem), error);
    buf_dispose(&pem);
    return status;
}

rfd_status ceremony_write_chain(const char *folder, const char *name, const slice *ders, size_t count,
                                struct rfd_error *error)
{
    struct buf pem;
    buf_init(&pem, PEM_MAXIMUM);
    for (size_t i = 0; i < count; i++) pem_put(&pem, "CERTIFICATE", ders[i]);
    rfd_status status = buf_check(&pem, name, error);
    if (status == RFD_OK) status = ceremony_write(folder, name, buf_slice(&pem), error);
    buf_dispose(&pem);
    return status;
}

rfd_status ceremony_remove(const char *folder, const char *name, struct rfd_error *error)
{
    char path[CEREMONY_PATH_SIZE];
    TRY(ceremony_path(folder, name, path, error));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", folder);
    bool gone = unlink(path) == 0 && fsync(fd) == 0;
    int code = errno;
    (void)close(fd);
    return gone ? RFD_OK : error_errno(error, RFD_E_IO_WRITE, code, "%s", path);
}

/* ---- Whose files they are ---- */

/* nftw() has no context: what the walk of this thread is about. */
static _Thread_local struct {
    uid_t user;
    gid_t group;
    const char *but;
} giving;

static int give_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    size_t length = strlen(giving.but);
    bool is_below =
        length > 0 && strncmp(path, giving.but, length) == 0 && (path[length] == '/' || path[length] == '\0');
    return is_below ? 0 : lchown(path, giving.user, giving.group);
}

rfd_status ceremony_give(const char *folder, const char *but, const char *user, struct rfd_error *error)
{
    char memory[USER_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;
    if (geteuid() != 0 || user == NULL) return RFD_OK;
    int code = getpwnam_r(user, &entry, memory, sizeof memory, &found);
    if (found == NULL) return error_errno(error, RFD_E_PLAN, code, "there is no user %s", user);
    giving.user = entry.pw_uid;
    giving.group = entry.pw_gid;
    giving.but = but;
    if (nftw(folder, give_one, FOLDERS_OPEN, FTW_PHYS) == 0) return RFD_OK;
    return error_errno(error, RFD_E_IO_WRITE, errno, "%s: giving it to %s", folder, user);
}
