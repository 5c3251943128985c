/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a TBSCertList (RFC 5280 §5.1.2) may be signed by an authority's key. It must be exactly one, in DER, of
 * version 2, and
 *
 *   - name this authority as the issuer, and its key as the one that signs
 *   - be made now, and hold no longer than the key's policy says
 *   - be numbered, and be of one partition, or of all when the policy has no partitions
 *   - have only entries and extensions that are known here, each in its one form
 *
 * Which list it is and its number are handed out: that numbers never go back is for the caller to see. Whether what is
 * listed is true, complete or there twice is not checked: the keeper has no register of certificates.
 */
#ifndef KEEPER_CRL_CHECK_H
#define KEEPER_CRL_CHECK_H

#include "keeper/authority_policy.h"

enum { CRL_CHECK_NUMBER_MAXIMUM = 20, CRL_CHECK_SKEW = 300, CRL_CHECK_BACKDATED = 3600 /* seconds */ };

struct crl_rule {
    slice issuer;    /* the authority's Name */
    slice key_id;    /* its subjectKeyIdentifier */
    slice algorithm; /* AlgorithmIdentifier, whole */
    const struct authority_policy *policy;
};
struct crl_facts {
    uint32_t partition; /* 0 without partitions */
    bool delta;
    slice number, base; /* INTEGER contents; `base` of a delta */
    uint64_t entries;
};
/** RFD_E_DER when it is malformed, RFD_E_KEY_REFUSED naming what the policy forbids. */
rfd_status crl_check(const struct crl_rule *rule, slice tbs, rfd_time now, struct crl_facts *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

#endif
