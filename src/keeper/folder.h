/* SPDX-License-Identifier: EUPL-1.2
 *
 * Small files of the keeper's folder, each there whole or not at all: written beside, synced, renamed, and the folder
 * synced. Calls only what the keeper's sandbox allows. One process uses a folder (it holds a lock on it).
 *
 * A file ends with the SHA-256 of what is before it, which tells damage from everything else; it proves nothing against
 * people.
 */
#ifndef KEEPER_FOLDER_H
#define KEEPER_FOLDER_H

#include "base/buf.h"

enum { FOLDER_FILE_MAXIMUM = 64 << 10, FOLDER_NAME_SIZE = 80 };

struct folder {
    int descriptor;
    int lock;
    char *path;
};

/** Opens (with `create`, makes, for its owner alone) and locks the folder, and removes what an interrupted write left.
 * RFD_E_IO_READ, RFD_E_IO_WRITE, RFD_E_STORE_CONFLICT when another process has it. */
rfd_status folder_open(const char *path, bool create, struct folder *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on a zeroed struct. */
void folder_close(struct folder *f);

bool folder_has(const struct folder *f, const char *name);
/** Durable when it returns. Without `replace`, an existing file is RFD_E_EXISTS. */
rfd_status folder_write(const struct folder *f, const char *name, slice content, bool replace,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Appends the content, without the digest. RFD_E_IO_READ, RFD_E_KEYSTORE_DAMAGED. */
rfd_status folder_read(const struct folder *f, const char *name, struct buf *out,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Calls `each` with every file name that ends with `suffix`, in no order, until it fails. */
typedef rfd_status folder_each(void *context, const char *name, struct rfd_error *error);
rfd_status folder_walk(const struct folder *f, const char *suffix, folder_each *each, void *context,
                       struct rfd_error *error) RFD_MUST_CHECK;

#endif
