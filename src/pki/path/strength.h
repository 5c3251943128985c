/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which keys and signature algorithms are strong enough, and until when: one table. An algorithm is judged at the
 * moment of interest (a key) and also at the moment of issue (a signature over a certificate, list or response, since
 * a forger needs the algorithm broken when the thing is made).
 */
#ifndef PKI_STRENGTH_H
#define PKI_STRENGTH_H

#include "pki/certificate/certificate.h"

/** The last moment at which it may be relied on; `until` is only lowered, so start it at INT64_MAX. False when it may
 * not at `at`; `detail` then says why. */
bool strength_of_key(const struct certificate *c, rfd_time at, rfd_time *until, char *detail, size_t size);
/** `algorithm` is a whole AlgorithmIdentifier, `issued` when the signature was made. */
bool strength_of_signature(slice algorithm, rfd_time issued, char *detail, size_t size);
/** subjectPublicKey's algorithm is id-dsa; `parameters` tells if its parameters are there (RFC 3279 §2.3.2). */
bool strength_key_is_dsa(const struct certificate *c, bool *parameters);

#endif
