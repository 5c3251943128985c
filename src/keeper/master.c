/* SPDX-License-Identifier: EUPL-1.2
 *
 * The file: "RFDMST01", kind (1 octet), passes, kibibytes (4 octets each), salt (16), and the sealed store key; all
 * before the last is authenticated with it.
 */
#include "keeper/master.h"

#include "base/error.h"
#include "ipc/message.h"
#include "keeper/seal.h"

#include <argon2.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#define MASTER_MAGIC SLICE("RFDMST01")
#define MASTER_LABEL SLICE("refrenda store key")

/* More than anybody sets, little enough to be refused in time. */
enum { SALT_SIZE = 16, PASSES_MOST = 64, KIBIBYTES_MOST = 1 << 20, HEADER_SIZE = 8 + 1 + 4 + 4 + SALT_SIZE };
_Static_assert(MASTER_RECORD_SIZE == HEADER_SIZE + SEAL_KEY_SIZE + SEAL_OVERHEAD, "the record's size");

rfd_status master_from_secret(enum master_kind kind, slice secret, struct master *out, struct rfd_error *error)
{
    struct master m = {.kind = kind};
    size_t least = kind == MASTER_CREDENTIAL ? MASTER_CREDENTIAL_MINIMUM : 1;
    if (secret.length < least || secret.length > MASTER_SECRET_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "master key of %zu octets", secret.length);
    TRY(secret_set(&m.secret, secret, error));
    *out = m;
    return RFD_OK;
}

static rfd_status read_credential(const char *path, struct master *out, struct rfd_error *error)
{
    uint8_t bytes[MASTER_SECRET_MAXIMUM + 1];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
    int code = errno;
    if (fd >= 0) (void)close(fd);
    if (got < 0) return error_errno(error, RFD_E_IO_READ, code, "%s", path);
    rfd_status status = master_from_secret(MASTER_CREDENTIAL, slice_of(bytes, (size_t)got), out, error);
    secret_wipe(bytes, sizeof bytes);
    return status;
}

rfd_status master_from_file(enum master_kind kind, const char *path, struct master *out, struct rfd_error *error)
{
    struct master m = {.kind = kind};
    if (kind == MASTER_CREDENTIAL) return read_credential(path, out, error);
    TRY(secret_read_file(&m.secret, path, error));
    if (m.secret.length == 0) {
        master_dispose(&m);
        return error_set(error, RFD_E_ARGUMENT, "%s: the passphrase is empty", path);
    }
    *out = m;
    return RFD_OK;
}

void master_dispose(struct master *m)
{
    secret_dispose(&m->secret);
}

/** The key that seals the store key; a credential is strong already and goes in as it is. */
static rfd_status derive(const struct master *m, unsigned passes, unsigned kibibytes, slice salt,
                         uint8_t key[SEAL_KEY_SIZE], slice *out, struct rfd_error *error)
{
    slice secret = secret_slice(&m->secret);
    if (m->kind == MASTER_CREDENTIAL) {
        *out = secret;
        return RFD_OK;
    }
    int result =
        argon2id_hash_raw(passes, kibibytes, 1, secret.data, secret.length, salt.data, salt.length, key, SEAL_KEY_SIZE);
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR) return error_memory(error);
    if (result != ARGON2_OK) return error_set(error, RFD_E_INTERNAL, "Argon2: %s", argon2_error_message(result));
    *out = slice_of(key, SEAL_KEY_SIZE);
    return RFD_OK;
}

rfd_status master_put_record(const struct master *m, slice store_key, struct buf *out, struct rfd_error *error)
{
    uint8_t key[SEAL_KEY_SIZE];
    uint8_t salt[SALT_SIZE];
    slice sealing = SLICE_EMPTY;
    unsigned passes = m->passes == 0 ? MASTER_PASSES : m->passes;
    unsigned kibibytes = m->kibibytes == 0 ? MASTER_KIBIBYTES : m->kibibytes;
    size_t start = out->length;
    if (RAND_bytes(salt, sizeof salt) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    /* At once for all, since what is authenticated must not move while the rest is written behind it. */
    (void)buf_reserve(out, HEADER_SIZE + SEAL_KEY_SIZE + SEAL_OVERHEAD);
    buf_put_slice(out, MASTER_MAGIC);
    message_put_u8(out, (uint8_t)m->kind);
    message_put_u32(out, passes);
    message_put_u32(out, kibibytes);
    buf_put(out, salt, sizeof salt);
    TRY(buf_check(out, "master key record", error));
    rfd_status status = derive(m, passes, kibibytes, slice_of(salt, sizeof salt), key, &sealing, error);
    if (status == RFD_OK)
        status = seal_close(sealing, MASTER_LABEL, slice_from(buf_slice(out), start), store_key, out, error);
    secret_wipe(key, sizeof key);
    return status;
}

rfd_status master_write(const struct key_folder *f, const struct master *m, slice store_key, bool replace,
                        struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = master_put_record(m, store_key, &b, error);
    if (status == RFD_OK) status = key_folder_write(f, MASTER_NAME, buf_slice(&b), replace, error);
    buf_dispose(&b);
    return status;
}

/* What tells a passphrase's record from a credential's is behind the magic. */
enum master_kind master_record_kind(slice record)
{
    bool whole = record.length == MASTER_RECORD_SIZE && key_folder_begins(record, MASTER_MAGIC);
    return whole ? (enum master_kind)record.data[MASTER_MAGIC.length] : 0;
}

rfd_status master_open_record(const struct master *m, slice record, struct secret *store_key, struct rfd_error *error)
{
    uint8_t key[SEAL_KEY_SIZE];
    uint8_t plain[SEAL_KEY_SIZE];
    slice sealing = SLICE_EMPTY;
    struct message_reader r = message_read(slice_from(record, MASTER_MAGIC.length));
    unsigned kind = message_get_u8(&r);
    unsigned passes = message_get_u32(&r);
    unsigned kibibytes = message_get_u32(&r);
    slice salt = slice_part(r.left, 0, SALT_SIZE);
    if (!key_folder_begins(record, MASTER_MAGIC) || record.length != MASTER_RECORD_SIZE || passes == 0 ||
        passes > PASSES_MOST || kibibytes > KIBIBYTES_MOST)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "master key record of another kind or version");
    if (kind != m->kind)
        return error_set(error, RFD_E_KEYSTORE_MASTER, "the store wants a %s",
                         kind == MASTER_PASSPHRASE ? "passphrase" : "credential");
    TRY(derive(m, passes, kibibytes, salt, key, &sealing, error));
    bool good =
        seal_open(sealing, MASTER_LABEL, slice_part(record, 0, HEADER_SIZE), slice_from(record, HEADER_SIZE), plain);
    rfd_status status = good ? secret_set(store_key, slice_of(plain, sizeof plain), error)
                             : error_set(error, RFD_E_KEYSTORE_MASTER, "not the master key of this store");
    secret_wipe(key, sizeof key);
    secret_wipe(plain, sizeof plain);
    return status;
}

rfd_status master_open(const struct key_folder *f, const struct master *m, struct secret *store_key,
                       struct rfd_error *error)
{
    struct buf b;
    buf_init(&b, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(f, MASTER_NAME, &b, error);
    if (status == RFD_OK) status = master_open_record(m, buf_slice(&b), store_key, error);
    buf_dispose(&b);
    return status;
}
