/* SPDX-License-Identifier: EUPL-1.2
 *
 * A result file that appears whole or not at all: written to an unnamed (or temporary) file in the target's folder,
 * synced, then renamed over the target, and the folder synced. A crash at any instant leaves the old file or the new
 * one.
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include "base/source.h"

struct output;

/** Starts the file that will be `path`; without `replace`, an existing one is RFD_E_EXISTS (checked again at commit).
 * A file that is replaced hands on its permissions; a symbolic link is replaced itself. */
rfd_status output_open(const char *path, bool replace, struct output **out, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status output_write(struct output *o, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;
/** Copies [offset, offset+length) of a source, sharing blocks with its file where the file system can. */
rfd_status output_copy(struct output *o, struct source *from, uint64_t offset, uint64_t length,
                       struct rfd_error *error) RFD_MUST_CHECK;
/** Syncs, renames, syncs the folder, and frees `o`; on failure nothing is left behind and `o` is freed too. */
rfd_status output_commit(struct output *o, struct rfd_error *error) RFD_MUST_CHECK;
/** Throws everything away. Safe on NULL. */
void output_abandon(struct output *o);

/** Writes `bytes` to `path` in one go, atomically. "-" is standard output. */
rfd_status output_whole(const char *path, bool replace, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;

#endif
