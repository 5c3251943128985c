/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists in the database, for the files of this folder. A list lies in pieces of one megabyte; a large one is
 * written in several transactions, so that nobody waits for all of it, and counts only when the last one is done.
 */
#ifndef DOMAIN_CRL_STORE_H
#define DOMAIN_CRL_STORE_H

#include "domain/authority/register.h"

/** Numbers of lists: 20 octets, big-endian, so that they compare as octets do. */
enum { CRL_NUMBER_SIZE = 20, CRL_PIECE_SIZE = 1 << 20 };

/** A list to be stored: its octets are the parts, one after the other. */
struct crl_new {
    int64_t authority;
    slice actor, authority_name;
    uint32_t partition;
    bool delta;
    uint8_t number[CRL_NUMBER_SIZE];
    rfd_time this_update, next_update;
    int64_t change; /* the last change of state that is in it */
    int64_t base;   /* of a delta: the complete list that it builds on; else 0 */
    uint64_t entries;
    slice parts[3];
};
/** RFD_E_STORE_CONFLICT when there is one of this number. Lists before the last two go, but for
 * that on which the last delta builds. `id`: where it is stored. */
rfd_status crl_store_put(struct store *store, const struct crl_new *list, int64_t *id,
                         struct rfd_error *error) RFD_MUST_CHECK;

/** A number without its leading zeros; at least one octet. */
slice crl_number_trimmed(const uint8_t number[CRL_NUMBER_SIZE]);

#endif
