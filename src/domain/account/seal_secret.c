/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/seal_secret.h"

#include "base/error.h"
#include "domain/account/token.h"

#include <openssl/evp.h>

static rfd_status encrypt(EVP_CIPHER_CTX *c, slice key, const uint8_t *nonce, slice owner, slice secret, uint8_t *to,
                          struct rfd_error *error)
{
    int done = 0;
    bool good = EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key.data, nonce) == 1 &&
                EVP_EncryptUpdate(c, NULL, &done, owner.data, (int)owner.length) == 1 &&
                EVP_EncryptUpdate(c, to, &done, secret.data, (int)secret.length) == 1 &&
                EVP_EncryptFinal_ex(c, to + done, &done) == 1 &&
                EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, SEAL_SECRET_TAG, to + secret.length) == 1;
    return good ? RFD_OK : error_set(error, RFD_E_INTERNAL, "AES-256-GCM");
}

rfd_status seal_secret(slice key, slice owner, slice secret, struct buf *out, struct rfd_error *error)
{
    uint8_t sealed[SEAL_SECRET_NONCE + SEAL_SECRET_MAXIMUM + SEAL_SECRET_TAG];
    if (key.length != 32 || secret.length == 0 || secret.length > SEAL_SECRET_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "a key of %zu octets, a secret of %zu", key.length, secret.length);
    TRY(token_random(sealed, SEAL_SECRET_NONCE, error));
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (c == NULL) return error_memory(error);
    rfd_status status = encrypt(c, key, sealed, owner, secret, sealed + SEAL_SECRET_NONCE, error);
    EVP_CIPHER_CTX_free(c);
    TRY(status);
    buf_put(out, sealed, SEAL_SECRET_NONCE + secret.length + SEAL_SECRET_TAG);
    return buf_check(out, "a sealed secret", error);
}

static bool decrypt(EVP_CIPHER_CTX *c, slice key, slice owner, slice sealed, uint8_t *to)
{
    int done = 0;
    int last = 0;
    size_t length = sealed.length - SEAL_SECRET_NONCE - SEAL_SECRET_TAG;
    const uint8_t *text = sealed.data + SEAL_SECRET_NONCE;
    uint8_t tag[SEAL_SECRET_TAG];
    memcpy(tag, text + length, sizeof tag);
    return EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key.data, sealed.data) == 1 &&
           EVP_DecryptUpdate(c, NULL, &done, owner.data, (int)owner.length) == 1 &&
           EVP_DecryptUpdate(c, to, &done, text, (int)length) == 1 &&
           EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1 &&
           EVP_DecryptFinal_ex(c, to + done, &last) == 1;
}

rfd_status open_secret(slice key, slice owner, slice sealed, uint8_t out[SEAL_SECRET_MAXIMUM], size_t *length,
                       struct rfd_error *error)
{
    size_t frame = SEAL_SECRET_NONCE + SEAL_SECRET_TAG;
    if (key.length != 32) return error_set(error, RFD_E_ARGUMENT, "a key of %zu octets", key.length);
    if (sealed.length <= frame || sealed.length > frame + SEAL_SECRET_MAXIMUM)
        return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a sealed secret of %zu octets", sealed.length);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    if (c == NULL) return error_memory(error);
    bool good = decrypt(c, key, owner, sealed, out);
    EVP_CIPHER_CTX_free(c);
    if (!good) return error_set(error, RFD_E_KEYSTORE_DAMAGED, "a sealed secret was altered, or is another's");
    *length = sealed.length - frame;
    return RFD_OK;
}
