/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is in a list, read from the register some thousand rows at a time, in the order of serial numbers: a list of any
 * length is made in the same memory.
 */
#ifndef DOMAIN_CRL_ENTRIES_H
#define DOMAIN_CRL_ENTRIES_H

#include "domain/authority/register.h"
#include "pki/authority/crl_writer.h"

struct crl_entries {
    struct transaction *t;
    int64_t authority;
    uint32_t partition;
    bool delta;
    int64_t base;         /* of a delta: the last change that its base has */
    rfd_time this_update; /* of a delta: when releases are said to have happened */
    /* How far it came. */
    struct store_rows rows;
    size_t next;
    bool begun;
    uint8_t serial[REGISTER_SERIAL_MAXIMUM]; /* of the last row */
    size_t serial_length;
    struct arena_mark mark;
};
/** crl_next_entry() of a struct crl_entries. */
rfd_status crl_entries_next(void *context, struct crl_writer_entry *entry, bool *more,
                            struct rfd_error *error) RFD_MUST_CHECK;

#endif
