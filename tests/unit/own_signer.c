/* SPDX-License-Identifier: EUPL-1.2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "own_signer.h"

#include "base/error.h"

#include <openssl/x509.h>

void own_signer_new(struct office *o, int64_t person, const char *algorithm, size_t bits, struct own_signer *out)
{
    unsigned char *spki = NULL;
    struct certificate_row row;
    struct ticket ticket;
    struct arena a;
    bool again;
    out->key =
        bits > 0 ? EVP_PKEY_Q_keygen(NULL, NULL, algorithm, bits) : EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithm);
    assert_non_null(out->key);
    int length = i2d_PUBKEY(out->key, &spki);
    assert_true(length > 0);
    ticket_new_for(&ticket, o->authority, (unsigned)person, "", slice_of(spki, (size_t)length));
    OPENSSL_free(spki);
    arena_init(&a, 1 << 20);
    WORLD_OK(authority_issue(o->domain, &ticket.order, &a, &row, &again, &error));
    buf_init(&out->der, 1 << 16);
    buf_put_slice(&out->der, row.der);
    out->registered = row.id;
    arena_dispose(&a);
    ticket_free(&ticket);
}

void own_signer_free(struct own_signer *s)
{
    EVP_PKEY_free(s->key);
    buf_dispose(&s->der);
}

slice own_signer_sign(const struct own_signer *s, struct arena *a, slice octets)
{
    uint8_t signature[OWN_KEY_SIGNATURE_MAXIMUM];
    size_t length = sizeof signature;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, s->key), 1);
    assert_int_equal(EVP_DigestSign(c, signature, &length, octets.data, octets.length), 1);
    EVP_MD_CTX_free(c);
    return arena_copy(a, slice_of(signature, length));
}
