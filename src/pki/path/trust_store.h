/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of struct rfd_trust: certificates found by the canonical form of their subject, CRLs, and what is kept
 * between path buildings. Fill it first, then share it: adding while another thread uses the store is not allowed,
 * using it from many threads is.
 */
#ifndef PKI_TRUST_STORE_H
#define PKI_TRUST_STORE_H

#include "base/map.h"
#include "pki/path/path.h"

struct x509_store_st;
struct path_cache;

struct trust_entry {
    const struct certificate *certificate; /* one reference */
    bool anchor;
    size_t next; /* entry with the same subject hash + 1, 0 at the end */
};
struct rfd_trust {
    struct trust_entry *entries;
    size_t count;
    size_t capacity;
    size_t anchor_count;
    struct map by_subject; /* name_hash → index + 1 of the first */
    const struct crl **crls;
    size_t crl_count;
    size_t crl_capacity;
    struct x509_store_st *store; /* empty: it carries the settings of path_verify.c */
    struct path_cache *cache;
};

/** Index + 1 of the first certificate whose subject has this name_hash, 0 for none. Names must still be compared. */
size_t trust_first(const struct rfd_trust *trust, uint64_t subject_hash);
/** The entry that is `c` itself (by fingerprint), or NULL. */
const struct trust_entry *trust_entry_of(const struct rfd_trust *trust, const struct certificate *c);
/** Adds one certificate; one known as a helper may be raised to an anchor, never the other way. */
rfd_status trust_add(struct rfd_trust *trust, const struct certificate *c, bool anchor,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** Takes over `crl` on success. */
rfd_status trust_add_crl(struct rfd_trust *trust, const struct crl *crl, struct rfd_error *error) RFD_MUST_CHECK;

#endif
