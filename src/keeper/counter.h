/* SPDX-License-Identifier: EUPL-1.2
 *
 * How often a key was used, and numbers that never come twice. Numbers are reserved in blocks: a block is on disk
 * before the first of it is used, so that most uses cost nothing and a crash skips numbers but repeats none. After a
 * crash the count is therefore too high, by less than a block, and never too low. Blocks grow from COUNTER_BLOCK to
 * COUNTER_BLOCK_MOST while each lasts for less than ten seconds.
 *
 * Each counter has eight random octets of its own, made with its file. A store that is restored elsewhere, without its
 * counters, makes other ones: serial numbers made of both stay unique. The file also holds the time of the last
 * reservation, below which the clock must not fall.
 */
#ifndef KEEPER_COUNTER_H
#define KEEPER_COUNTER_H

#include "keeper/key_folder.h"

enum { COUNTER_BLOCK = 1024, COUNTER_BLOCK_MOST = 1 << 18, COUNTER_SERIAL_SIZE = 17 };

struct counter {
    char file[KEY_FOLDER_NAME_SIZE];
    uint8_t instance[8];
    uint64_t value;    /* the last one that was used */
    uint64_t reserved; /* the last one that may be used without asking the disk */
    uint64_t block;    /* how many were reserved last; 0: none since it was opened */
    rfd_time floor;
};

/** The counter of the key `name`; one that does not exist begins at 0. RFD_E_KEYSTORE_DAMAGED. */
rfd_status counter_open(const struct key_folder *f, const char *name, struct counter *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** One more use, at `now`. On failure nothing may be done with the key. RFD_E_IO_WRITE, RFD_E_NO_SPACE. */
rfd_status counter_next(struct counter *c, const struct key_folder *f, rfd_time now,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** A serial number of the last use: 01, the eight octets, the count (always positive, never with a sign octet). */
void counter_serial(const struct counter *c, uint8_t serial[COUNTER_SERIAL_SIZE]);

#endif
