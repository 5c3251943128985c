/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an authority's key may be used for, bound to the key when it is made (struct key_policy.authority): which
 * profiles, and what all of its certificates and lists say about where to ask. Not the web's to choose.
 */
#ifndef KEEPER_AUTHORITY_POLICY_H
#define KEEPER_AUTHORITY_POLICY_H

#include "base/buf.h"

enum {
    AUTHORITY_PROFILES_MAXIMUM = 32,
    AUTHORITY_PARTITIONS_MAXIMUM = 4096,
    AUTHORITY_ADDRESS_MAXIMUM = 255,
    AUTHORITY_POLICY_MAXIMUM = 8 << 10
};

struct authority_policy {
    slice profiles[AUTHORITY_PROFILES_MAXIMUM]; /* names in the packs */
    size_t profile_count;
    slice ocsp, ca_issuers;    /* addresses in certificates; empty: none */
    slice crl_point;           /* "http://crl.example/issuing-1-{partition}.crl"; without {partition}: one list */
    slice freshest;            /* where deltas are, likewise; empty: none */
    uint32_t partitions;       /* at least 1; a certificate's is fixed when it is issued */
    uint32_t crl_seconds;      /* longest time from thisUpdate to nextUpdate */
    uint32_t approval_seconds; /* how old an approval may be */
    uint8_t instance;          /* 0x01 to 0x7f: first octet of its serial numbers */
};

/** Appends the policy as fields (ipc/message.h). RFD_E_ARGUMENT for one that cannot be. */
rfd_status authority_policy_write(const struct authority_policy *policy, struct buf *out,
                                  struct rfd_error *error) RFD_MUST_CHECK;
/** Slices into `bytes`. RFD_E_ARGUMENT. */
rfd_status authority_policy_read(slice bytes, struct authority_policy *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The address of a partition's list: `pattern` with {partition} replaced. */
void authority_policy_address(slice pattern, uint32_t partition, struct buf *out);

#endif
