/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "jws_maker.h"

#include "base/url.h"

#include <openssl/ecdsa.h>

enum { HALF = 32, SIGNATURE_MAXIMUM = 512 };

static void put_numbers(slice der, struct buf *out)
{
    uint8_t numbers[2 * HALF];
    const unsigned char *at = der.data;
    ECDSA_SIG *s = d2i_ECDSA_SIG(NULL, &at, (long)der.length);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(s), numbers, HALF), HALF);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(s), numbers + HALF, HALF), HALF);
    ECDSA_SIG_free(s);
    url_put_base64(out, slice_of(numbers, sizeof numbers));
}

static void put_signature(EVP_PKEY *key, slice message, struct buf *out)
{
    uint8_t signature[SIGNATURE_MAXIMUM];
    size_t length = sizeof signature;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(c, signature, &length, message.data, message.length), 1);
    EVP_MD_CTX_free(c);
    if (EVP_PKEY_is_a(key, "RSA"))
        url_put_base64(out, slice_of(signature, length));
    else
        put_numbers(slice_of(signature, length), out);
}

void jws_make(EVP_PKEY *key, const char *header, const char *claims, struct buf *out)
{
    struct buf signature;
    buf_reset(out);
    url_put_base64(out, slice_text(header));
    buf_put_byte(out, '.');
    url_put_base64(out, slice_text(claims));
    buf_init(&signature, 2 * SIGNATURE_MAXIMUM);
    put_signature(key, buf_slice(out), &signature);
    buf_put_byte(out, '.');
    buf_put_slice(out, buf_slice(&signature));
    buf_dispose(&signature);
}
