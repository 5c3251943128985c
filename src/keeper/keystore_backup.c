/* SPDX-License-Identifier: EUPL-1.2
 *
 * A backup: "RFDBAK01", the master record, the number of keys, and name and record of each, all as in their files;
 * SHA-256 of all that. In a restored folder the master record is written last: a store is there when it is complete.
 */
#include "keeper/keystore_internal.h"

#include "base/error.h"
#include "ipc/message.h"
#include "pki/digest.h"

#define BACKUP_MAGIC SLICE("RFDBAK01")

enum { BACKUP_MAXIMUM = 16 << 20, DIGEST = 32 };

struct backup {
    struct key_files *files;
    struct buf *keys;
    uint32_t count;
};

static rfd_status add_key(void *context, const char *name, struct rfd_error *error)
{
    struct backup *b = context;
    struct key_description d;
    struct buf record;
    char key[KEY_NAME_SIZE];
    TRY(key_files_name(name, key, error));
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(&b->files->folder, name, &record, error);
    if (status == RFD_OK)
        status = key_record_open(buf_slice(&record), secret_slice(&b->files->store_key), key, &d,
                                 b->files->scratch.data, error);
    secret_wipe(b->files->scratch.data, b->files->scratch.length);
    message_put_text(b->keys, key);
    message_put_bytes(b->keys, buf_slice(&record));
    b->count++;
    buf_dispose(&record);
    return status == RFD_OK ? buf_check(b->keys, "backup", error) : status;
}

static rfd_status put_backup(struct buf *out, slice master, const struct backup *b, struct rfd_error *error)
{
    uint8_t digest[DIGEST];
    size_t start = out->length;
    buf_put_slice(out, BACKUP_MAGIC);
    message_put_bytes(out, master);
    message_put_u32(out, b->count);
    buf_put_slice(out, buf_slice(b->keys));
    TRY(buf_check(out, "backup", error));
    TRY(digest_of(DIGEST_SHA256, slice_from(buf_slice(out), start), digest, error));
    buf_put(out, digest, sizeof digest);
    return buf_check(out, "backup", error);
}

rfd_status keystore_files_backup(struct keystore *store, struct buf *out, struct rfd_error *error)
{
    struct buf master;
    struct buf keys;
    struct backup b = {store->state, &keys, 0};
    rfd_status status = RFD_OK;
    buf_init(&master, KEY_FOLDER_FILE_MAXIMUM);
    buf_init(&keys, BACKUP_MAXIMUM);
    TRY_OUT(key_folder_read(&b.files->folder, MASTER_NAME, &master, error));
    TRY_OUT(key_folder_walk(&b.files->folder, KEY_SUFFIX, add_key, &b, error));
    status = put_backup(out, buf_slice(&master), &b, error);
out:
    buf_dispose(&master);
    buf_dispose(&keys);
    return status;
}

/* ---- Restoring ---- */

static rfd_status open_backup(slice backup, slice *master, struct message_reader *keys, uint32_t *count,
                              struct rfd_error *error)
{
    slice content = SLICE_EMPTY;
    if (backup.length > BACKUP_MAXIMUM || !key_folder_begins(backup, BACKUP_MAGIC))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "not a backup of a key store");
    if (!key_folder_undamaged(backup, &content))
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "the backup's digest does not fit");
    struct message_reader r = message_read(slice_from(content, BACKUP_MAGIC.length));
    *master = message_get_bytes(&r, KEY_FOLDER_FILE_MAXIMUM);
    *count = message_get_u32(&r);
    *keys = r;
    return RFD_OK;
}

typedef rfd_status take_key(void *context, const char *name, slice record, struct rfd_error *error);

static rfd_status each_key(struct message_reader keys, uint32_t count, take_key *take, void *context,
                           struct rfd_error *error)
{
    for (uint32_t i = 0; i < count && !keys.failed; i++) {
        char name[KEY_NAME_SIZE] = "";
        slice text = message_get_text(&keys, KEY_NAME_SIZE - 1);
        slice record = message_get_bytes(&keys, KEY_FOLDER_FILE_MAXIMUM);
        if (keys.failed || !key_name_is_good(text)) break;
        memcpy(name, text.data, text.length);
        TRY(take(context, name, record, error));
    }
    if (message_end(&keys, "backup", NULL) == RFD_OK) return RFD_OK;
    return error_set(error, RFD_E_KEYSTORE_DAMAGED, "the backup is malformed");
}

static rfd_status check_key(void *context, const char *name, slice record, struct rfd_error *error)
{
    struct key_files *f = context;
    struct key_description d;
    rfd_status status = key_record_open(record, secret_slice(&f->store_key), name, &d, f->scratch.data, error);
    secret_wipe(f->scratch.data, f->scratch.length);
    return status;
}

static rfd_status write_key(void *context, const char *name, slice record, struct rfd_error *error)
{
    struct key_files *f = context;
    char file[KEY_FOLDER_NAME_SIZE];
    (void)snprintf(file, sizeof file, "%s" KEY_SUFFIX, name);
    return key_folder_write(&f->folder, file, record, true, error);
}

rfd_status keystore_files_restore(const char *path, slice backup, const struct master *master, struct rfd_error *error)
{
    struct key_files f = {.folder = {.path = NULL}};
    struct message_reader keys;
    slice record;
    uint32_t count = 0;
    rfd_status status = RFD_OK;
    TRY(open_backup(backup, &record, &keys, &count, error));
    TRY_OUT(master_open_record(master, record, &f.store_key, error));
    TRY_OUT(key_files_take_scratch(&f, error));
    TRY_OUT(each_key(keys, count, check_key, &f, error));
    TRY_OUT(key_folder_open(path, true, &f.folder, error));
    if (key_folder_has(&f.folder, MASTER_NAME)) {
        status = error_set(error, RFD_E_EXISTS, "%s has a key store already", path);
        goto out;
    }
    TRY_OUT(each_key(keys, count, write_key, &f, error));
    status = key_folder_write(&f.folder, MASTER_NAME, record, false, error);
out:
    secret_dispose(&f.store_key);
    secret_dispose(&f.scratch);
    key_folder_close(&f.folder);
    return status;
}
