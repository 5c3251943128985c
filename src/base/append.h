/* SPDX-License-Identifier: EUPL-1.2
 *
 * Appending to a large file in place, so that a crash at any instant leaves it as it was or whole: before the first
 * byte is written, an undo file beside it ("NAME.refrenda-undo") with the old length is on disk; after the last byte is
 * on disk, it is removed. Who opens the file next calls append_recover(), which cuts off what a crash left behind.
 */
#ifndef BASE_APPEND_H
#define BASE_APPEND_H

#include "base/source.h"

/** Cuts an interrupted append off and removes the undo file; does nothing when there is none. An undo file that is not
 * ours (another content, or neither the file's owner's, root's nor the caller's), or longer than the file, is
 * RFD_E_IO_WRITE: nothing is cut on a guess. A file that another process is appending to is RFD_E_INPUT_CHANGED. */
rfd_status append_recover(const char *path, struct rfd_error *error) RFD_MUST_CHECK;

/** Appends `first` and `second` to the file, which must have `length` bytes (else RFD_E_INPUT_CHANGED). On failure the
 * old length is restored. Holds an exclusive lock (flock) meanwhile; a lock held by another is RFD_E_INPUT_CHANGED. */
rfd_status append_whole(const char *path, uint64_t length, slice first, slice second,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
