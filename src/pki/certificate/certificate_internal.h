/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files that make up a certificate share among themselves.
 */
#ifndef PKI_CERTIFICATE_INTERNAL_H
#define PKI_CERTIFICATE_INTERNAL_H

#include "pki/certificate/certificate.h"

struct signature_pool;

/** Takes the next Extension; false at the end or when it is malformed (then the list is not empty). */
bool certificate_next_extension(slice *in, slice *oid, bool *critical, slice *value);
/** The prepared contexts that verify with the certificate's key. */
struct signature_pool *certificate_pool(const struct certificate *c);
/** False the first time that it is asked of this certificate: for most there is no second. */
bool certificate_verifies_again(const struct certificate *c);

#endif
