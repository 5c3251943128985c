/* SPDX-License-Identifier: EUPL-1.2
 *
 * Checkpoints of hash chains (checkpoint.h). The record of a chain is on disk before the signature leaves, and belongs
 * to the chain, not to the key that signs: another seal key continues where the last one stopped. It is not part of a
 * backup of the store: after a restore, the first checkpoint is taken as it comes.
 */
#include "keeper/checkpoint.h"
#include "keeper/operations.h"

#include "base/error.h"

#include <stdio.h>

#define RECORD_SUFFIX ".checkpoint"

enum { CHAINS_MAXIMUM = 256 };

static void file_name(const char *chain, char name[KEY_FOLDER_NAME_SIZE])
{
    (void)snprintf(name, KEY_FOLDER_NAME_SIZE, "%s" RECORD_SUFFIX, chain);
}

/** The last checkpoint of the chain; one of number 0 without time when there is none. */
static rfd_status read_last(const struct key_folder *f, const char *chain, struct checkpoint *out,
                            struct rfd_error *error)
{
    char name[KEY_FOLDER_NAME_SIZE];
    struct checkpoint last = {.time = 0};
    struct buf record;
    file_name(chain, name);
    if (!key_folder_has(f, name)) {
        *out = last;
        return RFD_OK;
    }
    buf_init(&record, KEY_FOLDER_FILE_MAXIMUM);
    rfd_status status = key_folder_read(f, name, &record, error);
    if (status == RFD_OK &&
        (checkpoint_read(buf_slice(&record), &last, NULL) != RFD_OK || strcmp(last.chain, chain) != 0))
        status = error_set(error, RFD_E_KEYSTORE_DAMAGED, "%s is no checkpoint of this chain", name);
    if (status == RFD_OK) *out = last;
    buf_dispose(&record);
    return status;
}

static rfd_status count_chain(void *context, const char *name, struct rfd_error *error)
{
    size_t *count = context;
    (void)name;
    if (++*count < CHAINS_MAXIMUM) return RFD_OK;
    return error_set(error, RFD_E_LIMIT, "%zu chains have checkpoints", *count);
}

/** Nobody fills the disk with chains. */
static rfd_status check_room(const struct key_folder *f, const struct checkpoint *last, struct rfd_error *error)
{
    size_t count = 0;
    return last->chain[0] != '\0' ? RFD_OK : key_folder_walk(f, RECORD_SUFFIX, count_chain, &count, error);
}

static rfd_status check_order(const struct checkpoint *last, const struct checkpoint *next, struct rfd_error *error)
{
    if (last->chain[0] == '\0') return RFD_OK;
    if (next->sequence < last->sequence)
        return error_set(error, RFD_E_KEY_REFUSED, "chain %s was at %llu already", next->chain,
                         (unsigned long long)last->sequence);
    if (next->sequence == last->sequence && memcmp(next->hash, last->hash, sizeof next->hash) != 0)
        return error_set(error, RFD_E_KEY_REFUSED, "chain %s had another hash at %llu", next->chain,
                         (unsigned long long)last->sequence);
    return RFD_OK;
}

static rfd_status take_chain(struct message_reader *r, char chain[CHECKPOINT_CHAIN_SIZE], struct rfd_error *error)
{
    slice name = message_get_text(r, CHECKPOINT_CHAIN_SIZE - 1);
    if (r->failed || !key_name_is_good(name)) return error_set(error, RFD_E_ARGUMENT, "name of a chain");
    memcpy(chain, name.data, name.length);
    return RFD_OK;
}

static rfd_status take_wanted(struct message_reader *r, struct checkpoint *out, struct rfd_error *error)
{
    TRY(take_chain(r, out->chain, error));
    out->sequence = message_get_u64(r);
    slice hash = message_get_bytes(r, CHECKPOINT_HASH_SIZE);
    TRY(message_end(r, "sign-checkpoint", error));
    if (hash.length != CHECKPOINT_HASH_SIZE) return error_set(error, RFD_E_ARGUMENT, "hash of %zu octets", hash.length);
    memcpy(out->hash, hash.data, CHECKPOINT_HASH_SIZE);
    return RFD_OK;
}

rfd_status keeper_sign_checkpoint(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    const struct key_folder *f = k->store->folder;
    char name[KEY_FOLDER_NAME_SIZE];
    struct checkpoint next = {.sequence = 0};
    struct checkpoint last;
    struct buf text;
    rfd_time now;
    TRY(take_wanted(r, &next, error));
    TRY(read_last(f, next.chain, &last, error));
    TRY(check_room(f, &last, error));
    TRY(check_order(&last, &next, error));
    TRY(keeper_key_time(key, &now, error));
    next.time = now - now % RFD_SECOND;
    if (next.time < last.time) next.time = last.time;
    TRY(keeper_key_use(k, key, now, error));
    file_name(next.chain, name);
    buf_init(&text, CHECKPOINT_MAXIMUM);
    checkpoint_write(&next, &text);
    rfd_status status = buf_check(&text, "checkpoint", error);
    if (status == RFD_OK) status = key_folder_write(f, name, buf_slice(&text), true, error);
    message_put_i64(answer, next.time);
    message_put_bytes(answer, buf_slice(&text));
    if (status == RFD_OK) status = keeper_key_answer(key, buf_slice(&text), answer, error);
    buf_dispose(&text);
    return status;
}

rfd_status keeper_last_checkpoint(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    char chain[CHECKPOINT_CHAIN_SIZE] = "";
    struct checkpoint last;
    (void)key;
    TRY(take_chain(r, chain, error));
    TRY(message_end(r, "last-checkpoint", error));
    TRY(read_last(k->store->folder, chain, &last, error));
    message_put_u64(answer, last.sequence);
    message_put_bytes(answer, slice_of(last.hash, sizeof last.hash));
    message_put_i64(answer, last.time);
    return RFD_OK;
}
