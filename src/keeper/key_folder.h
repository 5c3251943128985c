/* SPDX-License-Identifier: EUPL-1.2
 *
 * Small files of the keeper's folder, each there whole or not at all: written beside, synced, renamed, and the folder
 * synced. Calls only what the keeper's sandbox allows. One process uses a folder (it holds a lock on it).
 *
 * A file ends with the SHA-256 of what is before it, which tells damage from everything else; it proves nothing against
 * people.
 */
#ifndef KEEPER_KEY_FOLDER_H
#define KEEPER_KEY_FOLDER_H

#include "base/buf.h"

enum { KEY_FOLDER_FILE_MAXIMUM = 64 << 10, KEY_FOLDER_NAME_SIZE = 80 };

struct key_folder {
    int descriptor;
    int lock;
    char *path;
};

/** Opens (with `create`, makes, for its owner alone) and locks the folder, and removes what an interrupted write left.
 * RFD_E_IO_READ, RFD_E_IO_WRITE, RFD_E_STORE_CONFLICT when another process has it. */
rfd_status key_folder_open(const char *path, bool create, struct key_folder *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void key_folder_close(struct key_folder *f);

bool key_folder_has(const struct key_folder *f, const char *name);
/** Durable when it returns. Without `replace`, an existing file is RFD_E_EXISTS. */
rfd_status key_folder_write(const struct key_folder *f, const char *name, slice content, bool replace,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the content, without the digest. RFD_E_IO_READ, RFD_E_KEYSTORE_DAMAGED. */
rfd_status key_folder_read(const struct key_folder *f, const char *name, struct buf *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
/** Takes the digest at the end off. False when it is not that of what is before it. */
bool key_folder_undamaged(slice whole, slice *content);
/** Whether the content is of the kind whose files begin with `magic`. */
static inline bool key_folder_begins(slice content, slice magic)
{
    return content.data != NULL && slice_starts(content, magic);
}

/** Calls `each` with every file name that ends with `suffix`, in no order, until it fails. */
typedef rfd_status key_folder_each(void *context, const char *name, struct rfd_error *error);
rfd_status key_folder_walk(const struct key_folder *f, const char *suffix, key_folder_each *each, void *context,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
