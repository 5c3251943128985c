/* SPDX-License-Identifier: EUPL-1.2
 *
 * One entry of a list after the other, as fast as they can be copied: used by crl_writer.c only.
 */
#ifndef PKI_CRL_ENTRY_H
#define PKI_CRL_ENTRY_H

#include "pki/authority/crl_writer.h"

/** What is remembered from one entry to the next: the calendar date written last. Entries come by the thousand from
 * the same day. */
struct crl_entry_writer {
    int64_t day; /* since 1970; INT64_MIN: none yet */
    char date[8];
    bool in_delta; /* removeFromCRL is allowed */
};
/** Appends an entry of revokedCertificates (RFC 5280 §5.1). RFD_E_ARGUMENT: a serial number that is none, a reason
 * that is not allowed, a year beyond 9999. */
rfd_status crl_entry_put(struct crl_entry_writer *w, struct buf *b, const struct crl_writer_entry *entry,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** Within the years 1 to 9999, which the calendar knows. */
bool crl_entry_is_date(rfd_time t);

#endif
