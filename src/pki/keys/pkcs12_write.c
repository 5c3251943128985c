/* SPDX-License-Identifier: EUPL-1.2 */
#include "pki/keys/pkcs12_write.h"

#include "base/error.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

enum { ROUNDS = 100000, ROUNDS_LEGACY = 2048 };

static STACK_OF(X509) * stack_of(const struct certificate *const *chain, size_t count)
{
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; stack != NULL && i < count; i++) {
        X509 *each = certificate_x509(chain[i], NULL);
        if (each != NULL && sk_X509_push(stack, each) > 0) continue;
        sk_X509_free(stack);
        stack = NULL;
    }
    return stack;
}

static PKCS12 *make(const struct pkcs12_content *c, X509 *own, STACK_OF(X509) * chain)
{
    int cipher = c->legacy ? NID_pbe_WithSHA1And3_Key_TripleDES_CBC : NID_aes_256_cbc;
    int rounds = c->legacy ? ROUNDS_LEGACY : ROUNDS;
    PKCS12 *file = PKCS12_create(c->password, c->friendly_name, c->key, own, chain, cipher, cipher, rounds, -1, 0);
    if (file == NULL) return NULL;
    if (PKCS12_set_mac(file, c->password, -1, NULL, 0, rounds, c->legacy ? EVP_sha1() : EVP_sha256()) == 1) return file;
    PKCS12_free(file);
    return NULL;
}

rfd_status pkcs12_write(const struct pkcs12_content *content, struct buf *out, struct rfd_error *error)
{
    STACK_OF(X509) *chain = stack_of(content->chain, content->chain_count);
    X509 *own = certificate_x509(content->certificate, NULL);
    PKCS12 *file = chain == NULL || own == NULL ? NULL : make(content, own, chain);
    uint8_t *der = NULL;
    int length = file == NULL ? -1 : i2d_PKCS12(file, &der);
    if (length > 0) buf_put(out, der, (size_t)length);
    OPENSSL_free(der);
    PKCS12_free(file);
    sk_X509_free(chain);
    ERR_clear_error();
    if (length <= 0) return error_set(error, RFD_E_INTERNAL, "OpenSSL cannot make the PKCS#12 file");
    return buf_check(out, "PKCS#12", error);
}
