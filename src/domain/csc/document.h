/* SPDX-License-Identifier: EUPL-1.2
 *
 * What signDoc and timestamp of the CSC API answer with: the CMS of a document or of its digest, and time stamps; and
 * the chain of a certificate. What is signed for a document is the keeper's to say (csc_sign_documents() of csc.h).
 */
#ifndef DOMAIN_CSC_DOCUMENT_H
#define DOMAIN_CSC_DOCUMENT_H

#include "domain/csc/csc.h"

enum { CSC_CHAIN_MAXIMUM = 8 };

struct csc_document {
    const slice *chain; /* DER, the signer's first */
    size_t chain_count;
    enum digest_id digest;
    slice document_digest;
    rfd_time time;       /* in the signed attributes; RFD_TIME_NONE: none (PAdES) */
    slice signature;     /* by csc_sign_documents() */
    slice content;       /* travels inside; data NULL: detached */
    const char *service; /* of time stamps, for level B-T; NULL: B-B */
};
/** Appends the ContentInfo. A signature that is not of it gets none: RFD_E_SIGNING. */
rfd_status csc_document_join(const struct csc_document *document, struct buf *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Certificate and chain by its number in the register, the holder's first, DER in `a`. RFD_E_NOT_FOUND. */
rfd_status csc_chain(struct transaction *t, int64_t registered, struct arena *a, slice out[static CSC_CHAIN_MAXIMUM],
                     size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** A token over `hash` by that service, in `a`; `nonce` may be empty. RFD_E_NETWORK, RFD_E_TSP_REFUSED, RFD_E_TSP. */
rfd_status csc_stamp(const char *service, enum digest_id digest, slice hash, slice nonce, struct arena *a, slice *out,
                     struct rfd_error *error) RFD_MUST_CHECK;

#endif
