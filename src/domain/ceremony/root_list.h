/* SPDX-License-Identifier: EUPL-1.2
 *
 * The revocation list of a root, which is off line: what it revoked is in its last list and nowhere else, so that the
 * next one is that list's entries and the new ones.
 */
#ifndef DOMAIN_CEREMONY_ROOT_LIST_H
#define DOMAIN_CEREMONY_ROOT_LIST_H

#include "keeper/client.h"
#include "pki/certificate/certificate.h"

struct root_list {
    struct keeper_client *keeper; /* of the root's store */
    const char *key;
    const struct certificate *root;
    slice last;           /* its last list, DER; empty: the first */
    const slice *revoked; /* serial numbers (INTEGER content) that are revoked now */
    size_t revoked_count;
    int reason; /* of these (RFC 5280 §5.3.1) */
    rfd_time now;
    uint32_t seconds; /* from thisUpdate to nextUpdate */
};
/** Appends the list. RFD_E_CRL when the last one is not the root's; as the keeper refuses. */
rfd_status root_list_sign(const struct root_list *order, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
