/* SPDX-License-Identifier: EUPL-1.2
 *
 * OpenSSL contexts that are ready to sign or verify with one key. Preparing one costs up to half a P-256 signature, so
 * used ones are kept: a caller takes one, uses it alone, and gives it back. Any number of threads.
 */
#ifndef PKI_SIGNATURE_POOL_H
#define PKI_SIGNATURE_POOL_H

#include "pki/algorithm.h"

#include <pthread.h>

struct evp_pkey_st;
struct signature_context;

enum { SIGNATURE_POOL_SIZE = 4 };
struct signature_pool {
    pthread_mutex_t lock;
    struct signature_context *idle[SIGNATURE_POOL_SIZE];
    size_t count;
};
void signature_pool_init(struct signature_pool *pool);
void signature_pool_dispose(struct signature_pool *pool);

/** Empties OpenSSL's error queue and says whether memory was a reason. */
bool signature_pool_lacks_memory(void);

/** Appends the signature by the private key over `message` (Ed25519) or its `digest` (all others). */
rfd_status signature_pool_sign(struct signature_pool *pool, struct evp_pkey_st *key,
                               const struct signature_algorithm *a, slice message, slice digest, struct buf *signature,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_OK when the signature is right, RFD_E_SIGNING when it is not. */
rfd_status signature_pool_verify(struct signature_pool *pool, struct evp_pkey_st *key,
                                 const struct signature_algorithm *a, slice message, slice digest, slice signature,
                                 struct rfd_error *error) RFD_MUST_CHECK;

#endif
