/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of blobs: made here, handed out together with their wrapped form, which is what is kept beside the blob. The
 * label says which blob it is: a wrapped key that was put beside another blob does not unwrap.
 */
#include "keeper/operations.h"

#include "base/error.h"
#include "base/secret.h"
#include "keeper/seal.h"

#include <openssl/rand.h>

enum { BLOB_KEY_SIZE = 32, WRAPPED_SIZE = BLOB_KEY_SIZE + SEAL_OVERHEAD, LABEL_MAXIMUM = 256 };

static rfd_status use(struct keeper *k, struct keeper_key *key, struct rfd_error *error)
{
    rfd_time now;
    TRY(keeper_key_time(key, &now, error));
    return keeper_key_use(k, key, now, error);
}

rfd_status keeper_new_blob_key(struct keeper *k, struct keeper_key *key, struct message_reader *r, struct buf *answer,
                               struct rfd_error *error)
{
    uint8_t blob_key[BLOB_KEY_SIZE];
    const slice plain = slice_of(blob_key, sizeof blob_key);
    struct buf wrapped;
    slice label = message_get_bytes(r, LABEL_MAXIMUM);
    TRY(message_end(r, "new-blob-key", error));
    TRY(use(k, key, error));
    if (RAND_priv_bytes(blob_key, sizeof blob_key) != 1) return error_set(error, RFD_E_INTERNAL, "no random numbers");
    buf_init(&wrapped, WRAPPED_SIZE);
    rfd_status status = stored_key_wrap(key->stored, label, plain, &wrapped, error);
    if (status == RFD_OK) {
        message_put_bytes(answer, plain);
        message_put_bytes(answer, buf_slice(&wrapped));
    }
    buf_dispose(&wrapped);
    secret_wipe(blob_key, sizeof blob_key);
    return status;
}

rfd_status keeper_unwrap_blob_key(struct keeper *k, struct keeper_key *key, struct message_reader *r,
                                  struct buf *answer, struct rfd_error *error)
{
    uint8_t blob_key[BLOB_KEY_SIZE];
    slice label = message_get_bytes(r, LABEL_MAXIMUM);
    slice wrapped = message_get_bytes(r, WRAPPED_SIZE);
    TRY(message_end(r, "unwrap-blob-key", error));
    if (wrapped.length != WRAPPED_SIZE)
        return error_set(error, RFD_E_ARGUMENT, "wrapped key of %zu octets", wrapped.length);
    TRY(use(k, key, error));
    rfd_status status = stored_key_unwrap(key->stored, label, wrapped, blob_key, error);
    if (status == RFD_OK) message_put_bytes(answer, slice_of(blob_key, sizeof blob_key));
    secret_wipe(blob_key, sizeof blob_key);
    return status;
}
