/* SPDX-License-Identifier: EUPL-1.2
 *
 * ECDSA by P-256 with SHA-256, of a key that is met once: nearly all requests for certificates. OpenSSL's objects are
 * kept and get one key after the other; to make and prepare them costs a fifth of verifying.
 */
#ifndef PKI_P256_VERIFIER_H
#define PKI_P256_VERIFIER_H

#include "base/slice.h"

#include <refrenda/base.h>

/** The point of a SubjectPublicKeyInfo of this kind, uncompressed, written in the one way; false: of any other. */
bool p256_point(slice spki, slice *point);
/** RFD_OK; RFD_E_KEY_ALGORITHM when the point is not on the curve; RFD_E_SIGNING when the signature is wrong. */
rfd_status p256_verify(slice point, slice digest, slice signature, struct rfd_error *error) RFD_MUST_CHECK;

#endif
