/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which keys, digests and signature algorithms are strong enough, and until when (EN 319 102-1 §5.2.8): one table,
 * strength.def. An algorithm is judged at the moment for which the thing made with it is proven to exist, or now.
 */
#ifndef PKI_STRENGTH_H
#define PKI_STRENGTH_H

#include "pki/certificate/certificate.h"
#include "pki/digest.h"

#define STRENGTH_NEVER  0
#define STRENGTH_NO_END 99991231

/** The first moment at which it may no longer be relied on: INT64_MAX when none is known, INT64_MIN when it never
 * might be. `detail` names the algorithm ("RSA key of 1024 bits", "SHA-1"); it may be NULL. */
rfd_time strength_end_of_digest(enum digest_id digest, char *detail, size_t size);
rfd_time strength_end_of_key(const struct certificate *c, char *detail, size_t size);
/** `algorithm` is a whole AlgorithmIdentifier. */
rfd_time strength_end_of_signature(slice algorithm, char *detail, size_t size);

/** May be relied on at `at`; `until` is only lowered to the last good moment, so start it at INT64_MAX. When false,
 * `detail` says why. */
bool strength_of_key(const struct certificate *c, rfd_time at, rfd_time *until, char *detail, size_t size);
bool strength_of_signature(slice algorithm, rfd_time at, rfd_time *until, char *detail, size_t size);
/** subjectPublicKey's algorithm is id-dsa; `parameters` tells if its parameters are there (RFC 3279 §2.3.2). */
bool strength_key_is_dsa(const struct certificate *c, bool *parameters);

/** The table, for reports and documentation; NULL behind the last. */
struct strength_row {
    const char *kind; /* "DIGEST", "RSA", ... */
    const char *name;
    int bits;
    int before; /* year * 10000 + month * 100 + day, or one of the two above */
    const char *source;
};
const struct strength_row *strength_row(size_t index);

#endif
