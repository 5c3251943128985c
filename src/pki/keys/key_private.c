/* SPDX-License-Identifier: EUPL-1.2
 *
 * A private key in this process's memory, as files give it.
 */
#include "pki/keys/key_internal.h"

#include "base/error.h"
#include "base/memory.h"
#include "pki/signature_pool.h"

#include <openssl/err.h>
#include <openssl/evp.h>

struct private_key {
    EVP_PKEY *key;
    struct signature_pool pool;
};

bool private_key_matches(struct evp_pkey_st *key, const struct certificate *c)
{
    EVP_PKEY *public_key = certificate_public_key(c, NULL);
    bool matches = public_key != NULL && EVP_PKEY_eq(public_key, key) == 1;
    ERR_clear_error();
    return matches;
}

rfd_status private_key_open(const struct key_backend *backend, struct evp_pkey_st **key,
                            struct certificate_list *certificates, struct rfd_key **out, struct rfd_error *error)
{
    struct private_key *state = memory_zeroed(1, sizeof *state);
    if (state == NULL) return error_memory(error);
    state->key = *key;
    signature_pool_init(&state->pool);
    rfd_status status = key_new(backend, state, certificates, true, out, error);
    if (status != RFD_OK) {
        signature_pool_dispose(&state->pool);
        memory_free(state);
        return status;
    }
    *key = NULL;
    return RFD_OK;
}

rfd_status private_key_sign(void *state, const struct signature_algorithm *a, slice message, slice digest,
                            struct buf *signature, struct rfd_error *error)
{
    struct private_key *p = state;
    return signature_pool_sign(&p->pool, p->key, a, message, digest, signature, error);
}

void private_key_dispose(void *state)
{
    struct private_key *p = state;
    signature_pool_dispose(&p->pool);
    EVP_PKEY_free(p->key);
    memory_free(p);
}

struct evp_pkey_st *private_key_inside(void *state)
{
    const struct private_key *p = state;
    return p->key;
}
