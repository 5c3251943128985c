/* SPDX-License-Identifier: EUPL-1.2
 *
 * Heads of a transparency log. The last head that a key signed is on disk before its signature leaves, so that no crash
 * and no caller makes the key sign a smaller tree later, or another tree of the same size. That the larger tree
 * continues the smaller one is for the log's auditors to see (consistency proofs, RFC 6962 §2.1.2). The record is not
 * part of a backup of the store: after a restore, the first head is taken as it comes.
 */
#include "keeper/operations.h"

#include "base/error.h"

#define HEAD_MAGIC SLICE("RFDHEAD1")

enum { RECORD_MAXIMUM = 128, MICROSECONDS = 1000, VERSION_1 = 0, TREE_HASH = 1 };

static void file_name(const char *key, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s.head", key);
}

rfd_status keeper_read_head(const struct key_folder *f, const char *key, struct log_head *out, bool *found,
                            struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf record;
    struct log_head head = {.size = 0};
    file_name(key, name);
    if (!key_folder_has(f, name)) return RFD_OK;
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(f, name, &record, error);
    struct message_reader r = message_read(slice_from(buf_slice(&record), HEAD_MAGIC.length));
    head.size = message_get_u64(&r);
    head.time = message_get_i64(&r);
    slice root = message_get_bytes(&r, KEEPER_ROOT_SIZE);
    if (status == RFD_OK && (!key_folder_begins(buf_slice(&record), HEAD_MAGIC) || root.length != KEEPER_ROOT_SIZE ||
                             message_end(&r, "head", NULL) != RFD_OK))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no log head", name);
    if (status == RFD_OK) {
        memcpy(head.root, root.data, KEEPER_ROOT_SIZE);
        *out = head;
        *found = true;
    }
    buf_dispose(&record);
    return status;
}

static rfd_status write_head(const struct key_folder *f, const char *key, const struct log_head *head,
                             struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct buf record;
    file_name(key, name);
    buf_init(&record, RECORD_MAXIMUM);
    buf_put_slice(&record, HEAD_MAGIC);
    message_put_u64(&record, head->size);
    message_put_i64(&record, head->time);
    message_put_bytes(&record, slice_of(head->root, sizeof head->root));
    rfd_status status = buf_check(&record, "log head", error);
    if (status == RFD_OK) status = key_folder_write(f, name, buf_slice(&record), true, error);
    buf_dispose(&record);
    return status;
}

static rfd_status check_head(const struct keeper_key *key, const struct log_head *head, struct rfd_error *error)
{
    const struct log_head *last = &key->head;
    if (!key->has_head) return RFD_OK;
    if (head->size < last->size)
        return error_set(error, RFD_E_KEY_REFUSED, "a tree of %llu leaves after one of %llu",
                         (unsigned long long)head->size, (unsigned long long)last->size);
    if (head->size == last->size && memcmp(head->root, last->root, sizeof head->root) != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "another tree of %llu leaves", (unsigned long long)head->size);
    return RFD_OK;
}

rfd_status keeper_sign_log_head(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                                struct rfd_error *error)
{
    uint8_t bytes[64];
    struct buf content = {.data = bytes, .capacity = sizeof bytes, .maximum = sizeof bytes};
    struct log_head head = {.size = message_get_u64(r)};
    slice root = message_get_bytes(r, KEEPER_ROOT_SIZE);
    rfd_time now;
    TRY(message_end(r, "sign-log-head", error));
    if (root.length != KEEPER_ROOT_SIZE) return error_set(error, RFD_E_ARGUMENT, "root of %zu octets", root.length);
    memcpy(head.root, root.data, sizeof head.root);
    TRY(check_head(key, &head, error));
    TRY(keeper_key_time(key, &now, error));
    head.time = now / MICROSECONDS;
    TRY(keeper_key_use(k, key, now, error));
    TRY(write_head(k->store->folder, key->description->name, &head, error));
    key->head = head;
    key->has_head = true;
    message_put_u8(&content, VERSION_1);
    message_put_u8(&content, TREE_HASH);
    message_put_i64(&content, head.time);
    message_put_u64(&content, head.size);
    buf_put_slice(&content, root);
    TRY(buf_check(&content, "log head", error));
    message_put_bytes(answer, buf_slice(&content));
    return keeper_key_answer(key, buf_slice(&content), answer, error);
}
