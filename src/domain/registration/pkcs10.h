/* SPDX-License-Identifier: EUPL-1.2
 *
 * A PKCS#10 (RFC 2986) that somebody brings: apart from the rest, as pki's word for it is "request", too.
 */
#ifndef DOMAIN_PKCS10_H
#define DOMAIN_PKCS10_H

#include "base/arena.h"
#include "pki/authority/key_check.h"

/** Its SubjectPublicKeyInfo, in `a`, once its proof of possession was checked; `*why` is N_() when it is not good. */
rfd_status pkcs10_check(slice der, const struct key_rules *rules, struct arena *a, slice *spki, const char **why,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
