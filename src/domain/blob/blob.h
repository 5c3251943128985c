/* SPDX-License-Identifier: EUPL-1.2
 *
 * Files that people hand in, and documents: content-addressed by SHA-256, each once, encrypted at rest (AES-256-GCM in
 * pieces, a key for each blob, wrapped by the keeper's wrapping key), at constant memory whatever their size. On disk
 * before the row commits: temporary file, sync, rename, sync of the folder. A folder that several nodes share will do.
 */
#ifndef DOMAIN_BLOB_H
#define DOMAIN_BLOB_H

#include "keeper/client.h"
#include "store/store.h"

enum { BLOB_ID_SIZE = 65, BLOB_PIECE = 64 << 10 };

struct blob_store;
struct blob_options {
    const char *folder;
    const char *key; /* the keeper's wrapping key */
    struct keeper_client *keeper;
};
rfd_status blob_store_open(const struct blob_options *options, struct blob_store **out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void blob_store_close(struct blob_store *store);

/** Writes the content to disk; `id` is the hexadecimal SHA-256. The row is the caller's transaction's (blob_record): a
 * blob without a row is swept away after a day. */
struct blob_writer;
rfd_status blob_begin(struct blob_store *store, struct blob_writer **out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status blob_write(struct blob_writer *writer, slice piece, struct rfd_error *error) RFD_MUST_CHECK;
struct blob {
    char id[BLOB_ID_SIZE];
    uint64_t size;
    slice type; /* by content: "application/pdf", "image/png", "image/jpeg", "text/csv", "application/octet-stream" */
    slice wrapped; /* the key */
};
/** Frees the writer in any case. `a` keeps the texts. */
rfd_status blob_finish(struct blob_writer *writer, struct arena *a, struct blob *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
void blob_abandon(struct blob_writer *writer);
rfd_status blob_record(struct transaction *t, const struct blob *blob, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status blob_find(struct transaction *t, slice id, struct blob *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Calls `each` piece by piece; a blob that was altered is RFD_E_KEYSTORE_DAMAGED, before the piece is given. */
typedef rfd_status blob_each(void *context, slice piece, struct rfd_error *error);
rfd_status blob_read(struct blob_store *store, const struct blob *blob, blob_each *each, void *context,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** Removes what writers that died left, and blobs without a row, when they are older than a day; how many files
 * (`removed` may be NULL). */
rfd_status blob_sweep(struct blob_store *store, struct store *database, rfd_time now, size_t *removed,
                      struct rfd_error *error) RFD_MUST_CHECK;

#endif
