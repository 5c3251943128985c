/* SPDX-License-Identifier: EUPL-1.2
 *
 * The bytes of an input at stable addresses, without mapping somebody else's file: a file that another program
 * truncates under an mmap() kills the reader with SIGBUS. A source reserves address space of the file's size and
 * fills it by pread() in blocks, on demand; a truncated file is then a plain error, and private memory is only what
 * was looked at. Small files and memory inputs are simply whole.
 *
 *   base ──► [block 0 ][ not yet  ][ block 2 ]...[ appended bytes ]
 *
 * Pointers stay valid until source_append() or source_close(). Not thread-safe.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "base/slice.h"

struct source;
struct buf;

/** Opens a regular file; the file is not locked. */
rfd_status source_open_file(const char *path, struct source **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Reads descriptor `fd` (a pipe, standard input) to its end, at most `maximum` bytes. Does not close it. */
rfd_status source_read_fd(int fd, uint64_t maximum, struct source **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Borrows `bytes`, which must outlive the source (or its first source_append, which copies). */
rfd_status source_open_memory(slice bytes, struct source **out, struct rfd_error *error) RFD_MUST_CHECK;
void source_close(struct source *s);
/** For files with key material: the bytes that were read are wiped first. */
void source_close_secret(struct source *s);

/** Appends a whole file to `out`, and keeps no other copy. RFD_E_LIMIT when it has more than `maximum` bytes. */
rfd_status source_read_file(const char *path, size_t maximum, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

uint64_t source_size(const struct source *s);

/**
 * The `length` bytes at `offset`, read if they were not yet.
 * RFD_E_PDF_DAMAGED when the range leaves the input, RFD_E_INPUT_CHANGED when the file got shorter (whether it was
 * rewritten is source_unchanged's to say).
 */
rfd_status source_view(struct source *s, uint64_t offset, uint64_t length, slice *out,
                       struct rfd_error *error) RFD_MUST_CHECK;

/**
 * What is ready at `offset`, at least 1 byte and usually up to the end of its block (all the rest of a whole source);
 * empty at the end of input or after a read error (sticky: see source_status). For lexers that go on until they stop.
 */
slice source_ahead(struct source *s, uint64_t offset);

/** RFD_E_INPUT_CHANGED when somebody wrote to the file since it was opened (by its length and time of modification):
 * what was read earlier and what is copied now may then differ. */
rfd_status source_unchanged(const struct source *s, struct rfd_error *error) RFD_MUST_CHECK;

/** RFD_OK or the first read error met, with `error` filled. */
rfd_status source_status(const struct source *s, struct rfd_error *error);

/**
 * Calls `take` with consecutive pieces of [offset, offset + length) without keeping them in memory (for digests of
 * large files). Stops at the first failure of `take` and returns it.
 */
typedef rfd_status source_take(void *context, slice piece, struct rfd_error *error);
rfd_status source_stream(struct source *s, uint64_t offset, uint64_t length, source_take *take, void *context,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** Adds bytes after the end, in memory only. Moves what source_view returned: no document may be open on it. */
rfd_status source_append(struct source *s, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;
/** Length of the original input, before anything was appended. */
uint64_t source_original_size(const struct source *s);
/** The descriptor of a file source (for copy_file_range), or -1. */
int source_descriptor(const struct source *s);

#endif
