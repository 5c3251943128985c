/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was signed: one record for each certificate, in the order in which they were made. A record is on disk before
 * its certificate is handed out (journal_flush, once for all that are made in a round), so that an approval that was
 * used stays used, and whoever lost the answer gets the same certificate again: the signature is in the record.
 *
 * Files "journal-00000001", ... in the store's folder: a header, then records, which are only ever appended. Each
 * record ends with a MAC over the one before it and itself, so that nothing can be changed, left out or put in without
 * the store's key; what is cut off at the very end is what a crash may cut off, and nobody was told of it. Old files
 * are removed when they are opened, by age: afterwards the approvals in them are too old to be used.
 *
 * Every journal has sixteen random octets of its own. A store that is restored elsewhere begins a new one.
 */
#ifndef KEEPER_JOURNAL_H
#define KEEPER_JOURNAL_H

#include "base/secret.h"
#include "keeper/key_folder.h"

enum {
    JOURNAL_INSTANCE_SIZE = 16,
    JOURNAL_KEY_SIZE = 16, /* a key's id */
    JOURNAL_HASH_SIZE = 32,
    JOURNAL_SERIAL_MAXIMUM = 20,
    JOURNAL_SIGNATURE_MAXIMUM = 1024
};

struct journal_record {
    uint64_t position; /* 1, 2, 3, ... of the whole journal */
    rfd_time time;
    uint32_t partition;
    uint8_t key[JOURNAL_KEY_SIZE];
    slice serial;
    slice tbs;      /* SHA-256 of the TBSCertificate */
    slice approval; /* SHA-256 of its text; empty: issued without one */
    slice signature;
};

struct journal;

/** Opens the journal of a folder, or begins one; reads all of it. Files whose last record is older than `since` are
 * removed. `key` is borrowed. RFD_E_KEYSTORE_DAMAGED, RFD_E_IO_READ, RFD_E_IO_WRITE. */
rfd_status journal_open(const struct key_folder *folder, const struct secret *key, rfd_time since, struct journal **out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** What was not flushed is lost. Safe on NULL. */
void journal_close(struct journal *j);
const uint8_t *journal_instance(const struct journal *j);
/** When it began: what was used before, in the store that this one was restored from, it does not know. RFD_TIME_NONE
 * when that is longer ago than it remembers. */
rfd_time journal_began(const struct journal *j);

/** The record of an approval; its slices lie in `memory` (initialised by the caller), where they stay. */
rfd_status journal_find(struct journal *j, slice approval, struct buf *memory, struct journal_record *out, bool *found,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** Takes a record (its position is given here). On failure nothing may be handed out. */
rfd_status journal_add(struct journal *j, const struct journal_record *record, struct rfd_error *error) RFD_MUST_CHECK;
/** Whether records are not on disk yet. */
bool journal_waits(const struct journal *j);
/** All that was added is on disk when it returns RFD_OK. When it fails, what waited is not to be handed out, and the
 * journal is of no more use: it has to be closed and opened again. */
rfd_status journal_flush(struct journal *j, struct rfd_error *error) RFD_MUST_CHECK;
/** Has a thread wait for the disk from now on when journal_go() is called; `notify` (an eventfd, borrowed) can be read
 * each time it is done. */
rfd_status journal_write_aside(struct journal *j, int notify, struct rfd_error *error) RFD_MUST_CHECK;
/** Sends what waits on its way to the disk, and does not wait for it. False when nothing waits, something is on its way
 * already, or there is no thread: then it is for journal_flush(). */
bool journal_go(struct journal *j);
/** Whether journal_land() does not have to wait. */
bool journal_has_landed(const struct journal *j);
/** Waits for what journal_go() sent: on disk when it returns RFD_OK, else as journal_flush(). */
rfd_status journal_land(struct journal *j, struct rfd_error *error) RFD_MUST_CHECK;
/** After a flush that failed. */
bool journal_is_broken(const struct journal *j);

/** Calls `each` with every record from `position` on, the oldest first, until it sets `*more` to false. */
typedef rfd_status journal_each(void *context, const struct journal_record *record, bool *more,
                                struct rfd_error *error);
rfd_status journal_walk(struct journal *j, uint64_t position, journal_each *each, void *context,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
