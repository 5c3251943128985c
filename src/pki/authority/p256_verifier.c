/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/authority/p256_verifier.h"

#include "base/error.h"
#include "pki/digest.h"
#include "pki/signature_pool.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <pthread.h>

enum { POINT_SIZE = 65, IDLE_MAXIMUM = 32 };

struct verifier {
    EVP_PKEY *key;
    EVP_PKEY_CTX *context; /* looks at whatever point `key` has */
};

static struct verifier idle[IDLE_MAXIMUM];
static size_t idle_count;
static pthread_mutex_t idle_lock = PTHREAD_MUTEX_INITIALIZER;

bool p256_point(slice spki, slice *point)
{
    static const uint8_t start[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    if (spki.length != sizeof start - 1 + POINT_SIZE || !slice_starts(spki, slice_of(start, sizeof start)))
        return false;
    *point = slice_from(spki, sizeof start - 1);
    return true;
}

/** A key with a curve and no point yet. */
static EVP_PKEY *make_key(void)
{
    char group[] = "P-256";
    EVP_PKEY *key = NULL;
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEY_PARAMETERS, parameters) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

static void dispose(struct verifier *v)
{
    EVP_PKEY_CTX_free(v->context);
    EVP_PKEY_free(v->key);
    *v = (struct verifier){.key = NULL};
}

static void take(struct verifier *v)
{
    (void)pthread_mutex_lock(&idle_lock);
    *v = idle_count > 0 ? idle[--idle_count] : (struct verifier){.key = NULL};
    (void)pthread_mutex_unlock(&idle_lock);
    if (v->key == NULL) v->key = make_key();
}

static void give_back(struct verifier *v)
{
    (void)pthread_mutex_lock(&idle_lock);
    bool room = idle_count < IDLE_MAXIMUM;
    if (room) idle[idle_count++] = *v;
    (void)pthread_mutex_unlock(&idle_lock);
    if (!room) dispose(v);
}

/** With the point in the key, since OpenSSL prepares nothing for a key that has none. */
static bool prepare(struct verifier *v)
{
    if (v->context != NULL) return true;
    v->context = EVP_PKEY_CTX_new_from_pkey(NULL, v->key, NULL);
    return v->context != NULL && EVP_PKEY_verify_init(v->context) == 1 &&
           EVP_PKEY_CTX_set_signature_md(v->context, digest_md(DIGEST_SHA256)) == 1;
}

/** To take the octets of a point (SEC 1 §2.3.4) checks the range of its coordinates and the equation. */
static rfd_status verify(struct verifier *v, slice point, slice digest, slice signature, struct rfd_error *error)
{
    if (v->key == NULL) return error_memory(error);
    if (EVP_PKEY_set1_encoded_public_key(v->key, point.data, point.length) != 1) {
        if (signature_pool_lacks_memory()) return error_memory(error);
        return error_set(error, RFD_E_KEY_ALGORITHM, "the key is none: its point is not on the curve");
    }
    if (!prepare(v)) return error_memory(error);
    if (EVP_PKEY_verify(v->context, signature.data, signature.length, digest.data, digest.length) == 1) return RFD_OK;
    if (signature_pool_lacks_memory()) return error_memory(error);
    return error_set(error, RFD_E_SIGNING, "the signature is wrong");
}

rfd_status p256_verify(slice point, slice digest, slice signature, struct rfd_error *error)
{
    struct verifier v;
    take(&v);
    rfd_status status = verify(&v, point, digest, signature, error);
    if (status == RFD_OK)
        give_back(&v);
    else
        dispose(&v); /* what a failure left in it matters to nobody */
    return status;
}
