/* SPDX-License-Identifier: EUPL-1.2
 *
 * The file: "RFDTPM01" and, each after its length, the public and the private part as tpm2_create writes them. The
 * private part is encrypted by the TPM. Tools hand each other what they have in files of a folder of their own; nothing
 * in these is secret (contexts are protected by the TPM); the octets themselves go through sockets.
 */
#include "keeper/master_tpm.h"

#include "base/error.h"
#include "ipc/message.h"
#include "keeper/run_tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TPM_MAGIC SLICE("RFDTPM01")

enum { OCTETS = 32, PART_MAXIMUM = 2048, FILE_MAXIMUM = 2 * PART_MAXIMUM + 64, PATH_SIZE = 4096, NAME_SIZE = 64 };

/* ---- Files ---- */

static rfd_status read_file(const char *path, struct buf *out, struct rfd_error *error)
{
    uint8_t bytes[FILE_MAXIMUM];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    int code = errno;
    if (fd >= 0) (void)close(fd);
    if (got < 0) return error_errno(error, RFD_E_IO_READ, code, "%s", path);
    buf_put(out, bytes, (size_t)got);
    return buf_check(out, path, error);
}

/** A new file, on disk when this returns. */
static rfd_status write_file(const char *path, slice content, struct rfd_error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return error_errno(error, errno == EEXIST ? RFD_E_EXISTS : RFD_E_IO_WRITE, errno, "%s", path);
    bool good = write(fd, content.data, content.length) == (ssize_t)content.length && fsync(fd) == 0;
    int code = errno;
    (void)close(fd);
    if (good) return RFD_OK;
    (void)unlink(path);
    return error_errno(error, RFD_E_IO_WRITE, code, "%s", path);
}

/* ---- Tools ---- */

/** The folder of the tools' files. */
struct work {
    char folder[NAME_SIZE];
    char primary[NAME_SIZE + 16], sealed[NAME_SIZE + 16], public_part[NAME_SIZE + 16], private_part[NAME_SIZE + 16];
};

static rfd_status begin_work(struct work *w, struct rfd_error *error)
{
    (void)snprintf(w->folder, sizeof w->folder, "/tmp/refrenda-tpm.XXXXXX");
    if (mkdtemp(w->folder) == NULL) return error_errno(error, RFD_E_IO_WRITE, errno, "%s", w->folder);
    (void)snprintf(w->primary, sizeof w->primary, "%s/primary", w->folder);
    (void)snprintf(w->sealed, sizeof w->sealed, "%s/sealed", w->folder);
    (void)snprintf(w->public_part, sizeof w->public_part, "%s/public", w->folder);
    (void)snprintf(w->private_part, sizeof w->private_part, "%s/private", w->folder);
    return RFD_OK;
}

static void end_work(const struct work *w)
{
    (void)unlink(w->primary);
    (void)unlink(w->sealed);
    (void)unlink(w->public_part);
    (void)unlink(w->private_part);
    (void)rmdir(w->folder);
}

/** A TPM without a resource manager has room for three objects, and tools leave theirs there. */
static rfd_status run(const char *const *arguments, slice input, struct buf *output, struct rfd_error *error)
{
    static const char *const flush[] = {"tpm2_flushcontext", "-Q", "-t", NULL};
    rfd_status status = run_tool(flush, SLICE_EMPTY, NULL, error);
    if (status == RFD_OK) status = run_tool(arguments, input, output, error);
    return status == RFD_OK || status == RFD_E_MEMORY ? status : error_wrap(error, RFD_E_KEYSTORE_MASTER, "TPM");
}

/** The same key each time, derived by the TPM from its own seed. */
static rfd_status make_primary(const struct work *w, struct rfd_error *error)
{
    const char *const arguments[] = {"tpm2_createprimary", "-Q", "-C", "o", "-g", "sha256", "-G", "ecc", "-c",
                                     w->primary,           NULL};
    return run(arguments, SLICE_EMPTY, NULL, error);
}

static rfd_status seal(const struct work *w, slice octets, struct buf *file, struct rfd_error *error)
{
    const char *const arguments[] = {"tpm2_create", "-Q",           "-C", w->primary,      "-i", "-",
                                     "-u",          w->public_part, "-r", w->private_part, NULL};
    struct buf part;
    rfd_status status;
    buf_init(&part, PART_MAXIMUM);
    TRY_OUT(make_primary(w, error));
    TRY_OUT(run(arguments, octets, NULL, error));
    buf_put_slice(file, TPM_MAGIC);
    TRY_OUT(read_file(w->public_part, &part, error));
    message_put_bytes(file, buf_slice(&part));
    buf_reset(&part);
    TRY_OUT(read_file(w->private_part, &part, error));
    message_put_bytes(file, buf_slice(&part));
    status = buf_check(file, MASTER_TPM_FILE, error);
out:
    buf_dispose(&part);
    return status;
}

static rfd_status unseal(const struct work *w, slice file, struct buf *octets, struct rfd_error *error)
{
    const char *const load[] = {"tpm2_load",     "-Q", "-C",      w->primary, "-u", w->public_part, "-r",
                                w->private_part, "-c", w->sealed, NULL};
    const char *const take[] = {"tpm2_unseal", "-c", w->sealed, NULL};
    struct message_reader r = message_read(slice_from(file, TPM_MAGIC.length));
    slice public_part = message_get_bytes(&r, PART_MAXIMUM);
    slice private_part = message_get_bytes(&r, PART_MAXIMUM);
    if (!slice_starts(file, TPM_MAGIC) || message_end(&r, MASTER_TPM_FILE, NULL) != RFD_OK)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, MASTER_TPM_FILE " is not what was written");
    TRY(write_file(w->public_part, public_part, error));
    TRY(write_file(w->private_part, private_part, error));
    TRY(make_primary(w, error));
    TRY(run(load, SLICE_EMPTY, NULL, error));
    return run(take, SLICE_EMPTY, octets, error);
}

/* ---- The master key ---- */

static void path_of(const char *folder, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/" MASTER_TPM_FILE, folder);
}

rfd_status master_tpm_make(const char *folder, struct master *out, struct rfd_error *error)
{
    uint8_t octets[OCTETS];
    char path[PATH_SIZE];
    struct work w;
    struct buf file;
    struct master m = {.kind = MASTER_CREDENTIAL};
    rfd_status status;
    path_of(folder, path);
    if (access(path, F_OK) == 0) return error_set(error, RFD_E_EXISTS, "%s", path);
    TRY(begin_work(&w, error));
    buf_init(&file, FILE_MAXIMUM);
    if (RAND_priv_bytes(octets, sizeof octets) != 1) {
        status = error_set(error, RFD_E_INTERNAL, "no random numbers");
        goto out;
    }
    TRY_OUT(seal(&w, slice_of(octets, sizeof octets), &file, error));
    TRY_OUT(master_from_secret(MASTER_CREDENTIAL, slice_of(octets, sizeof octets), &m, error));
    TRY_OUT(write_file(path, buf_slice(&file), error));
    *out = m;
    m = (struct master){.kind = MASTER_CREDENTIAL};
out:
    secret_wipe(octets, sizeof octets);
    master_dispose(&m);
    buf_dispose(&file);
    end_work(&w);
    return status;
}

rfd_status master_tpm_open(const char *folder, struct master *out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    struct work w;
    struct buf file, octets;
    rfd_status status;
    path_of(folder, path);
    TRY(begin_work(&w, error));
    buf_init(&file, FILE_MAXIMUM);
    buf_init_secret(&octets, MASTER_SECRET_MAXIMUM);
    TRY_OUT(read_file(path, &file, error));
    TRY_OUT(unseal(&w, buf_slice(&file), &octets, error));
    status = master_from_secret(MASTER_CREDENTIAL, buf_slice(&octets), out, error);
out:
    buf_dispose(&octets);
    buf_dispose(&file);
    end_work(&w);
    return status;
}

/* ---- By the settings ---- */

/** Whether some folder below `path` is a key store. */
static bool has_stores(const char *path)
{
    char file[PATH_SIZE];
    bool found = false;
    DIR *d = opendir(path);
    for (const struct dirent *e = d == NULL ? NULL : readdir(d); e != NULL && !found; e = readdir(d)) {
        (void)snprintf(file, sizeof file, "%s/%s/" MASTER_NAME, path, e->d_name);
        found = access(file, F_OK) == 0;
    }
    if (d != NULL) (void)closedir(d);
    return found;
}

rfd_status master_from_credential(const char *name, const char *folder, struct master *out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    const char *given = getenv("CREDENTIALS_DIRECTORY");
    if (strchr(name, '/') != NULL) return master_from_file(MASTER_CREDENTIAL, name, out, error);
    if (strcmp(name, MASTER_TPM) == 0) {
        path_of(folder, path);
        bool making = access(path, F_OK) != 0 && !has_stores(folder);
        return making ? master_tpm_make(folder, out, error) : master_tpm_open(folder, out, error);
    }
    if (given == NULL)
        return error_set(error, RFD_E_SETTINGS, "\"%s\" is a systemd credential, and systemd passed none", name);
    (void)snprintf(path, sizeof path, "%s/%s", given, name);
    return master_from_file(MASTER_CREDENTIAL, path, out, error);
}
