/* SPDX-License-Identifier: EUPL-1.2
 *
 * The thread that waits for the disk while the keeper works on. It has one piece at a time, and nothing of its own: the
 * octets are the journal's, who leaves them alone until the piece is done. It is started inside the sandbox, which
 * holds for it, too.
 */
#ifndef KEEPER_JOURNAL_WRITER_H
#define KEEPER_JOURNAL_WRITER_H

#include "base/slice.h"

/** All octets at `at`, and on disk; 0 or what went wrong (errno). */
int journal_write_out(int descriptor, slice bytes, uint64_t at);

struct journal_writer;

/** `notify` (an eventfd, borrowed) can be read when a piece is done. */
rfd_status journal_writer_start(int notify, struct journal_writer **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Waits for what it writes. Safe on NULL. */
void journal_writer_stop(struct journal_writer *w);
/** The next piece; the one before is done. */
void journal_writer_go(struct journal_writer *w, int descriptor, slice bytes, uint64_t at);
bool journal_writer_is_done(const struct journal_writer *w);
/** Waits for it: 0 or what went wrong (errno). */
int journal_writer_wait(struct journal_writer *w);

#endif
