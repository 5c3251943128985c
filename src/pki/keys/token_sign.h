/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing with a key on a token. Tokens do one thing at a time: one thread at a time for each session.
 */
#ifndef PKI_TOKEN_SIGN_H
#define PKI_TOKEN_SIGN_H

#include "pki/algorithm.h"
#include "pki/keys/token.h"

struct token_signing {
    struct token *token;
    const struct token_key *key;
    slice pin;             /* for keys that want it each time */
    size_t bits;           /* of an elliptic curve's order */
    size_t signature_size; /* octets of an RSA or Ed25519 signature */
};

/** Appends the signature. `digest` is the message's; Ed25519 signs the message itself. RFD_E_KEY_ALGORITHM,
 * RFD_E_TOKEN, RFD_E_SIGNING. */
rfd_status token_sign(const struct token_signing *s, const struct signature_algorithm *a, slice message, slice digest,
                      struct buf *signature, struct rfd_error *error) RFD_MUST_CHECK;

#endif
