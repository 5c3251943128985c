/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/issue/demo_files.h"

#include "base/error.h"
#include "base/output.h"
#include "pki/certificate/pem.h"
#include "pki/keys/pkcs12_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_MAXIMUM = 4096, FILE_MAXIMUM = 1 << 20, OWNER_ONLY = 0600 };

static bool is_empty(DIR *dir)
{
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) return false;
    }
    return true;
}

rfd_status demo_folder(const char *path, bool replace, struct rfd_error *error)
{
    if (mkdir(path, 0755) == 0) return RFD_OK;
    if (errno != EEXIST) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    DIR *dir = opendir(path);
    if (dir == NULL) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    bool empty = is_empty(dir);
    (void)closedir(dir);
    if (empty || replace) return RFD_OK;
    return error_set(error, RFD_E_EXISTS, "%s: the folder is not empty", path);
}

static rfd_status write_all(int fd, const char *path, slice bytes, struct rfd_error *error)
{
    while (bytes.length > 0) {
        ssize_t written = write(fd, bytes.data, bytes.length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
        bytes = slice_from(bytes, (size_t)written);
    }
    if (fsync(fd) != 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    return RFD_OK;
}

/* Made anew with its permissions, so that no moment and no older file leaves the key readable to others. */
static rfd_status write_private(const char *path, slice bytes, struct rfd_error *error)
{
    if (unlink(path) != 0 && errno != ENOENT) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, OWNER_ONLY);
    if (fd < 0) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", path);
    rfd_status status = write_all(fd, path, bytes, error);
    (void)close(fd);
    if (status != RFD_OK) (void)unlink(path);
    return status;
}

rfd_status demo_write(const char *folder, const char *name, const char *suffix, slice bytes, bool private_file,
                      struct rfd_error *error)
{
    char path[PATH_MAXIMUM];
    int length = snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(error, RFD_E_ARGUMENT, "the folder's path is too long");
    if (private_file) return write_private(path, bytes, error);
    return output_whole(path, true, bytes, error);
}

rfd_status demo_write_key(const char *folder, const char *name, struct evp_pkey_st *key, struct rfd_error *error)
{
    struct buf pem;
    uint8_t *der = NULL;
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    int length = info == NULL ? 0 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    rfd_status status;
    buf_init_secret(&pem, FILE_MAXIMUM);
    if (length <= 0) {
        ERR_clear_error();
        status = error_memory(error);
        goto out;
    }
    pem_put(&pem, "PRIVATE KEY", slice_of(der, (size_t)length));
    TRY_OUT(buf_check(&pem, "key file", error));
    status = demo_write(folder, name, ".key", buf_slice(&pem), true, error);
out:
    buf_dispose(&pem);
    if (length > 0) OPENSSL_clear_free(der, (size_t)length);
    PKCS8_PRIV_KEY_INFO_free(info);
    return status;
}

rfd_status demo_write_certificate(const char *folder, const char *name, const struct certificate *c,
                                  struct rfd_error *error)
{
    struct buf pem;
    buf_init(&pem, FILE_MAXIMUM);
    pem_put(&pem, "CERTIFICATE", c->der);
    rfd_status status = buf_check(&pem, "certificate file", error);
    if (status == RFD_OK) status = demo_write(folder, name, ".pem", buf_slice(&pem), false, error);
    buf_dispose(&pem);
    return status;
}

rfd_status demo_write_pkcs12(const char *folder, const char *name, const char *password, const char *friendly_name,
                             struct evp_pkey_st *key, const struct certificate *c,
                             const struct certificate *const *chain, size_t count, struct rfd_error *error)
{
    const struct pkcs12_content content = {key, c, chain, count, password, friendly_name, false};
    struct buf file;
    buf_init_secret(&file, FILE_MAXIMUM);
    rfd_status status = pkcs12_write(&content, &file, error);
    if (status == RFD_OK) status = demo_write(folder, name, ".p12", buf_slice(&file), true, error);
    buf_dispose(&file);
    return status;
}
