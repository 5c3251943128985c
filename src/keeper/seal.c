/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/seal.h"

#include "base/error.h"
#include "base/secret.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/* The derived key is used once, so its nonce may be a constant. */
static const uint8_t nonce[12];

bool seal_derive(slice key, slice salt, slice label, uint8_t derived[SEAL_KEY_SIZE])
{
    static const uint8_t no_salt[32]; /* RFC 5869 §2.2; OpenSSL wants it said */
    char hash[] = "SHA256";
    if (salt.length == 0) salt = slice_of(no_salt, sizeof no_salt);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key.data, key.length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.data, salt.length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)label.data, label.length),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool good = context != NULL && EVP_KDF_derive(context, derived, SEAL_KEY_SIZE, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    return good;
}

static bool encrypt(const uint8_t *key, slice authenticated, slice plain, uint8_t *to, uint8_t tag[SEAL_TAG_SIZE])
{
    int length = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_EncryptInit_ex2(c, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
                EVP_EncryptUpdate(c, NULL, &length, authenticated.data, (int)authenticated.length) == 1 &&
                EVP_EncryptUpdate(c, to, &length, plain.data, (int)plain.length) == 1 &&
                EVP_EncryptFinal_ex(c, to + length, &length) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE, tag) == 1;
    EVP_CIPHER_CTX_free(c);
    return good;
}

static bool decrypt(const uint8_t *key, slice authenticated, slice hidden, slice tag, uint8_t *plain)
{
    int length = 0;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = c != NULL && EVP_DecryptInit_ex2(c, EVP_aes_256_gcm(), key, nonce, NULL) == 1 &&
                EVP_DecryptUpdate(c, NULL, &length, authenticated.data, (int)authenticated.length) == 1 &&
                EVP_DecryptUpdate(c, plain, &length, hidden.data, (int)hidden.length) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE, (void *)(uintptr_t)tag.data) == 1 &&
                EVP_DecryptFinal_ex(c, plain + length, &length) == 1;
    EVP_CIPHER_CTX_free(c);
    return good;
}

rfd_status seal_close(slice key, slice label, slice authenticated, slice plain, struct buf *out,
                      struct rfd_error *error)
{
    uint8_t derived[SEAL_KEY_SIZE];
    if (plain.length > INT16_MAX || authenticated.length > INT32_MAX) return error_set(error, RFD_E_LIMIT, "seal");
    uint8_t *to = buf_reserve(out, plain.length + SEAL_OVERHEAD);
    if (to == NULL) return buf_check(out, "seal", error);
    uint8_t *hidden = to + SEAL_SALT_SIZE;
    bool good = RAND_bytes(to, SEAL_SALT_SIZE) == 1 && seal_derive(key, slice_of(to, SEAL_SALT_SIZE), label, derived) &&
                encrypt(derived, authenticated, plain, hidden, hidden + plain.length);
    secret_wipe(derived, sizeof derived);
    ERR_clear_error();
    if (!good) return error_set(error, RFD_E_INTERNAL, "encryption failed");
    out->length += plain.length + SEAL_OVERHEAD;
    return RFD_OK;
}

bool seal_open(slice key, slice label, slice authenticated, slice sealed, uint8_t *plain)
{
    uint8_t derived[SEAL_KEY_SIZE];
    if (sealed.length < SEAL_OVERHEAD || sealed.length > INT16_MAX || authenticated.length > INT32_MAX) return false;
    size_t length = sealed.length - SEAL_OVERHEAD;
    slice salt = slice_part(sealed, 0, SEAL_SALT_SIZE);
    slice hidden = slice_part(sealed, SEAL_SALT_SIZE, length);
    bool good = seal_derive(key, salt, label, derived) &&
                decrypt(derived, authenticated, hidden, slice_from(sealed, SEAL_SALT_SIZE + length), plain);
    secret_wipe(derived, sizeof derived);
    ERR_clear_error();
    if (!good) secret_wipe(plain, length);
    return good;
}
