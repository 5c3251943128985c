/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the session of a prepared document (include/refrenda/sign.h) says to who signs with a key of their own: what is
 * to be signed, with what, and whether a signature is one of that.
 */
#ifndef DOMAIN_CENTRAL_OWN_KEY_SESSION_H
#define DOMAIN_CENTRAL_OWN_KEY_SESSION_H

#include "base/arena.h"
#include "base/error.h"

struct own_key_session {
    const char *algorithm;                   /* as WebCrypto calls it */
    slice certificate;                       /* of the signer: DER */
    slice attributes, digest;                /* as of struct own_key_document */
    uint64_t size, hole_offset, hole_length; /* of the prepared file */
};
/** In `a`. RFD_E_ARGUMENT when it is no session. */
rfd_status own_key_session_read(slice session, struct arena *a, struct own_key_session *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_OK when the signature is one of the session's attributes by the session's certificate; RFD_E_SIGNING. */
rfd_status own_key_session_verify(slice session, slice signature, struct rfd_error *error) RFD_MUST_CHECK;

#endif
