/* SPDX-License-Identifier: EUPL-1.2
 *
 * A backup's file: records, encrypted piece by piece so that its size needs no memory.
 *
 *   "RFDSTA01", the master record (keeper/master.h) of a key that is this file's alone, then pieces: 4 octets of
 *   length, and the piece sealed (keeper/seal.h) with its number and whether it is the last
 *
 * Pieces that were altered, left out, put in another order, or cut off at the end are RFD_E_KEYSTORE_DAMAGED. A record
 * is 4 octets of length and its octets; it may go over pieces.
 */
#ifndef DOMAIN_STATE_STREAM_H
#define DOMAIN_STATE_STREAM_H

#include "keeper/master.h"

enum { STATE_RECORD_MAXIMUM = 64 << 20 };

struct state_writer;
rfd_status state_writer_open(const char *path, bool replace, const struct master *master, struct state_writer **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
rfd_status state_writer_put(struct state_writer *w, slice record, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes the last piece; the file is there when this returns RFD_OK. Frees `w` in any case. */
rfd_status state_writer_finish(struct state_writer *w, struct rfd_error *error) RFD_MUST_CHECK;
/** Nothing is left. Safe on NULL. */
void state_writer_abandon(struct state_writer *w);

struct state_reader;
/** What has to be given to open it; 0: it is no backup. RFD_E_IO_READ. */
rfd_status state_reader_kind(const char *path, enum master_kind *out, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_KEYSTORE_MASTER. */
rfd_status state_reader_open(const char *path, const struct master *master, struct state_reader **out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** The next record, valid until the next call; `*more` false after the last. */
rfd_status state_reader_next(struct state_reader *r, slice *record, bool *more, struct rfd_error *error) RFD_MUST_CHECK;
/** To the first record again. */
void state_reader_rewind(struct state_reader *r);
void state_reader_close(struct state_reader *r);

#endif
