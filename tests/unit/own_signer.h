/* SPDX-License-Identifier: EUPL-1.2
 *
 * People with a certificate of their own, whose key the test has as a browser has it: what assets/script/own-key.js
 * does with it.
 */
#ifndef TESTS_OWN_SIGNER_H
#define TESTS_OWN_SIGNER_H

#include "central_world.h"
#include "domain/central/own_key.h"

#include <openssl/evp.h>

struct own_signer {
    EVP_PKEY *key;
    struct buf der; /* of the certificate */
    int64_t registered;
};
/** Issued to a person of the office; `bits` 0: `algorithm` is a curve ("P-256"), else "RSA" of so many. */
void own_signer_new(struct office *o, int64_t person, const char *algorithm, size_t bits, struct own_signer *out);
void own_signer_free(struct own_signer *s);
/** Over SHA-256, as CMS has it; in `a`. */
slice own_signer_sign(const struct own_signer *s, struct arena *a, slice octets);

#endif
