/* SPDX-License-Identifier: EUPL-1.2
 *
 * The journal as it lies on disk and in memory: used by journal.c and journal_load.c only.
 *
 * A file: its header, written like all small files of the folder (whole or not at all), then records:
 *
 * - u32: octets that follow
 * - u64 position, u32 octets of the file that were on disk when it was made, i64 time, u32 partition
 * - key's id, serial number, hash of the TBSCertificate, hash of the approval, signature: each bytes after their length
 * - MAC
 *
 * The MAC is over the MAC before it (of the first record: the last one of the file before) and the octets between
 * length and MAC. What a crash may tear is what was being written, after all that was on disk: a record that is wrong
 * is an alteration when a later one says that it had been on disk. In memory: where each approval's record is, and
 * where every 256th record of each file is.
 */
#ifndef KEEPER_JOURNAL_INTERNAL_H
#define KEEPER_JOURNAL_INTERNAL_H

#include "keeper/journal.h"
#include "keeper/journal_index.h"
#include "keeper/journal_writer.h"
#include "keeper/mac.h"

#define JOURNAL_MAGIC  SLICE("RFDJRN01")
#define JOURNAL_PREFIX "journal-"

enum {
    FILE_MAXIMUM = 16 << 20,   /* octets after which the next file begins */
    WAITING_MAXIMUM = 1 << 20, /* octets that may be lost, torn, at the end */
    RECORD_MAXIMUM = 2048,
    LENGTH_SIZE = 4,
    MARK_EVERY = 256,
    MARKS = 512,
    NUMBER_DIGITS = 8,
    FOLDER_DIGEST = 32 /* key_folder.h: after the header */
};

struct journal_file {
    uint32_t number;
    uint64_t first; /* position of its first record */
    uint64_t count;
    rfd_time began;
    rfd_time newest; /* when it was begun, or its last record made */
    uint32_t size;
    uint32_t marks[MARKS];
};

struct journal {
    const struct key_folder *folder;
    const struct secret *key;
    uint8_t instance[JOURNAL_INSTANCE_SIZE];
    uint8_t chain[MAC_SIZE];    /* the last MAC */
    struct journal_file *files; /* by number, without gaps; at least one */
    size_t file_count, file_capacity;
    int descriptor; /* of the last */
    struct buf waiting;
    struct buf flying;             /* what the writer has, after all that is on disk and before what waits */
    struct journal_writer *writer; /* NULL: who flushes waits himself */
    struct journal_index index;
    bool broken;
};

static inline struct journal_file *journal_last_file(const struct journal *j)
{
    return &j->files[j->file_count - 1];
}

/** Splits the first record of `bytes` into its fields and its MAC; false when it is not whole. */
bool journal_split(slice bytes, slice *fields, slice *mac);
/** Reads the fields; slices into `bytes`. */
bool journal_get_fields(slice bytes, struct journal_record *out, uint32_t *synced);
/** What the record of `file` at `offset` means for what is kept in memory. */
rfd_status journal_note(struct journal *j, struct journal_file *file, uint32_t offset, const struct journal_record *r,
                        struct rfd_error *error) RFD_MUST_CHECK;

void journal_file_name(uint32_t number, char name[KEY_FOLDER_NAME_SIZE]);
rfd_status journal_open_file(const struct journal *j, uint32_t number, int flags, int *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** From now on it is the last. */
rfd_status journal_add_file(struct journal *j, const struct journal_file *file, struct rfd_error *error) RFD_MUST_CHECK;
/** The next file, empty; from now on the last. */
rfd_status journal_begin_file(struct journal *j, uint32_t number, uint64_t first,
                              struct rfd_error *error) RFD_MUST_CHECK;

/** Reads all files of the folder, checks them, and forgets what is old; begins the first one when there is none. */
rfd_status journal_load(struct journal *j, rfd_time since, struct rfd_error *error) RFD_MUST_CHECK;

#endif
