/* SPDX-License-Identifier: EUPL-1.2
 *
 * A prepared PDF that the personal keeper signs as what people were shown: the keeper reads the document that was
 * authorised, piece by piece, then the revision that was appended to it, computes what is signed of both, and signs it
 * when the document is an authorised one. So this process cannot have another document signed; what the appended
 * revision says, the keeper does not judge.
 */
#ifndef DOMAIN_CENTRAL_REVISION_H
#define DOMAIN_CENTRAL_REVISION_H

#include "domain/central/internal.h"

struct revision {
    const char *prepared;          /* path */
    uint64_t length;               /* of the document, with which the file begins */
    uint64_t hole, hole_end, size; /* where its signature will be, and where the file ends */
};
/** Out of the session of rfd_prepare_file(). RFD_E_LIMIT when the keeper would not read so much. */
rfd_status revision_find(slice session, const char *prepared, uint64_t length, struct revision *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** By a SAD of documents (OPERATION_OF_DOCUMENTS); in `a`. RFD_E_HASH_NOT_AUTHORISED, RFD_E_ACTIVATION_ENDED;
 * RFD_E_BUSY and RFD_E_STATE while another document is read by the same SAD. */
rfd_status revision_sign(const struct central *c, slice sad, const struct revision *revision, struct arena *a,
                         slice *signature, struct rfd_error *error) RFD_MUST_CHECK;

#endif
