/* SPDX-License-Identifier: EUPL-1.2
 *
 * EVP_PKEY_CTX may sign again and again once prepared; EdDSA goes through EVP_MD_CTX, which OpenSSL wants fresh for
 * each message and which is therefore copied from the prepared one.
 */
#include "pki/signature_pool.h"

#include "base/error.h"
#include "base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

struct signature_context {
    struct signature_algorithm algorithm;
    EVP_PKEY_CTX *key;   /* RSA and ECDSA, or */
    EVP_MD_CTX *message; /* EdDSA */
};

enum direction { SIGN, VERIFY };

void signature_pool_init(struct signature_pool *pool)
{
    *pool = (struct signature_pool){.count = 0};
    (void)pthread_mutex_init(&pool->lock, NULL);
}

static void context_free(struct signature_context *c)
{
    if (c == NULL) return;
    EVP_PKEY_CTX_free(c->key);
    EVP_MD_CTX_free(c->message);
    memory_free(c);
}

void signature_pool_dispose(struct signature_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) context_free(pool->idle[i]);
    pool->count = 0;
    (void)pthread_mutex_destroy(&pool->lock);
}

static bool same_algorithm(const struct signature_algorithm *a, const struct signature_algorithm *b)
{
    return a->scheme == b->scheme && a->digest == b->digest && a->salt_length == b->salt_length &&
           a->mgf_digest == b->mgf_digest;
}

static bool is_eddsa(const struct signature_algorithm *a)
{
    return a->scheme == SCHEME_ED25519 || a->scheme == SCHEME_ED448;
}

static bool prepare_eddsa(struct signature_context *c, EVP_PKEY *key, enum direction direction)
{
    c->message = EVP_MD_CTX_new();
    if (c->message == NULL) return false;
    if (direction == SIGN) return EVP_DigestSignInit_ex(c->message, NULL, NULL, NULL, NULL, key, NULL) == 1;
    return EVP_DigestVerifyInit_ex(c->message, NULL, NULL, NULL, NULL, key, NULL) == 1;
}

static bool prepare_rsa(const struct signature_context *c)
{
    const struct signature_algorithm *a = &c->algorithm;
    if (a->scheme == SCHEME_RSA_PKCS1) return EVP_PKEY_CTX_set_rsa_padding(c->key, RSA_PKCS1_PADDING) == 1;
    const EVP_MD *mask = digest_md(a->mgf_digest);
    return mask != NULL && EVP_PKEY_CTX_set_rsa_padding(c->key, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(c->key, mask) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(c->key, a->salt_length) == 1;
}

static bool prepare(struct signature_context *c, EVP_PKEY *key, enum direction direction)
{
    const struct signature_algorithm *a = &c->algorithm;
    if (is_eddsa(a)) return prepare_eddsa(c, key, direction);
    const EVP_MD *md = digest_md(a->digest);
    c->key = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (c->key == NULL || md == NULL) return false;
    if ((direction == SIGN ? EVP_PKEY_sign_init(c->key) : EVP_PKEY_verify_init(c->key)) != 1) return false;
    if ((a->scheme == SCHEME_RSA_PSS || a->scheme == SCHEME_RSA_PKCS1) && !prepare_rsa(c)) return false;
    return EVP_PKEY_CTX_set_signature_md(c->key, md) == 1;
}

static struct signature_context *take_idle(struct signature_pool *pool, const struct signature_algorithm *a)
{
    struct signature_context *found = NULL;
    (void)pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->count && found == NULL; i++) {
        if (!same_algorithm(&pool->idle[i]->algorithm, a)) continue;
        found = pool->idle[i];
        pool->idle[i] = pool->idle[--pool->count];
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return found;
}

bool signature_pool_lacks_memory(void)
{
    bool found = false;
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) found = true;
    }
    return found;
}

static rfd_status unusable(const struct signature_algorithm *a, struct rfd_error *error)
{
    if (signature_pool_lacks_memory()) return error_memory(error);
    return error_set(error, RFD_E_KEY_ALGORITHM, "the key cannot be used with %s", signature_algorithm_name(a));
}

static rfd_status take(struct signature_pool *pool, EVP_PKEY *key, const struct signature_algorithm *a,
                       enum direction direction, struct signature_context **out, struct rfd_error *error)
{
    struct signature_context *c = take_idle(pool, a);
    if (c == NULL) {
        c = memory_zeroed(1, sizeof *c);
        if (c == NULL) return error_memory(error);
        c->algorithm = *a;
        if (!prepare(c, key, direction)) {
            context_free(c);
            return unusable(a, error);
        }
    }
    *out = c;
    return RFD_OK;
}

static void give_back(struct signature_pool *pool, struct signature_context *c)
{
    (void)pthread_mutex_lock(&pool->lock);
    if (pool->count < SIGNATURE_POOL_SIZE) {
        pool->idle[pool->count++] = c;
        c = NULL;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    context_free(c);
}

/* A copy for one message, since a context that has finished a message may refuse a second. */
static EVP_MD_CTX *copy_of(const EVP_MD_CTX *prepared)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    if (copy != NULL && EVP_MD_CTX_copy_ex(copy, prepared) == 1) return copy;
    EVP_MD_CTX_free(copy);
    return NULL;
}

static bool run_sign(const struct signature_context *c, slice message, slice digest, uint8_t *to, size_t *length)
{
    if (c->key != NULL) return EVP_PKEY_sign(c->key, to, length, digest.data, digest.length) == 1;
    EVP_MD_CTX *copy = copy_of(c->message);
    bool good = copy != NULL && EVP_DigestSign(copy, to, length, message.data, message.length) == 1;
    EVP_MD_CTX_free(copy);
    return good;
}

static bool run_verify(const struct signature_context *c, slice message, slice digest, slice signature)
{
    if (c->key != NULL) {
        return EVP_PKEY_verify(c->key, signature.data, signature.length, digest.data, digest.length) == 1;
    }
    EVP_MD_CTX *copy = copy_of(c->message);
    bool good =
        copy != NULL && EVP_DigestVerify(copy, signature.data, signature.length, message.data, message.length) == 1;
    EVP_MD_CTX_free(copy);
    return good;
}

rfd_status signature_pool_sign(struct signature_pool *pool, struct evp_pkey_st *key,
                               const struct signature_algorithm *a, slice message, slice digest, struct buf *signature,
                               struct rfd_error *error)
{
    size_t length = (size_t)EVP_PKEY_get_size(key);
    uint8_t *to = buf_reserve(signature, length);
    if (to == NULL) return buf_check(signature, "signature", error);
    struct signature_context *c;
    TRY(take(pool, key, a, SIGN, &c, error));
    bool good = run_sign(c, message, digest, to, &length);
    if (!good) {
        context_free(c);
        if (signature_pool_lacks_memory()) return error_memory(error);
        return error_set(error, RFD_E_SIGNING, "the private key gave no signature (%s)", signature_algorithm_name(a));
    }
    give_back(pool, c);
    signature->length += length;
    return RFD_OK;
}

rfd_status signature_pool_verify(struct signature_pool *pool, struct evp_pkey_st *key,
                                 const struct signature_algorithm *a, slice message, slice digest, slice signature,
                                 struct rfd_error *error)
{
    struct signature_context *c;
    TRY(take(pool, key, a, VERIFY, &c, error));
    bool good = run_verify(c, message, digest, signature);
    if (!good) {
        context_free(c);
        if (signature_pool_lacks_memory()) return error_memory(error);
        return error_set(error, RFD_E_SIGNING, "the signature is wrong (%s)", signature_algorithm_name(a));
    }
    give_back(pool, c);
    return RFD_OK;
}
