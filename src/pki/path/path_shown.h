/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates that OpenSSL cannot be shown as they are, in a chain that it verifies.
 */
#ifndef PKI_PATH_SHOWN_H
#define PKI_PATH_SHOWN_H

#include "pki/certificate/certificate.h"

struct x509_st;

/** What stands for chain[i], leaf first, anchor last; the caller frees it. NULL: the certificate itself, or no memory,
 * where the certificate itself leads to a fault. The signature does not fit what is shown. */
struct x509_st *path_shown(const struct certificate *const *chain, size_t count, size_t i);
/** Policy constraints of certificates without policies, which path_shown() leaves out (RFC 5280 §6.1.4 (i), §6.1.5):
 * false when a policy would be needed at or below one, `at`, which nothing can give any more. */
bool path_policy_may_be_missing(const struct certificate *const *chain, size_t count, size_t *at);

#endif
