/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a token says of a public key, as a SubjectPublicKeyInfo, and the other way round: what a token wants to know to
 * make a key.
 */
#ifndef KEEPER_TOKEN_PUBLIC_H
#define KEEPER_TOKEN_PUBLIC_H

#include "keeper/key_material.h"
#include "pki/keys/token_object.h"

/** How keys of an algorithm are made and used. */
struct token_kind {
    enum key_algorithm algorithm;
    CK_KEY_TYPE type;
    CK_MECHANISM_TYPE generate;
    slice parameters;      /* CKA_EC_PARAMS */
    size_t bits;           /* of the modulus, or of the curve's order */
    size_t signature_size; /* octets of an RSA or Ed25519 signature */
};
/** NULL for an algorithm that tokens are not asked for. */
const struct token_kind *token_kind_of(enum key_algorithm algorithm);

/** Appends the SubjectPublicKeyInfo of a public key object, and says which kind it is of. RFD_E_KEY_ALGORITHM. */
rfd_status token_put_public(struct token *t, CK_OBJECT_HANDLE object, struct buf *spki, const struct token_kind **kind,
                            struct rfd_error *error) RFD_MUST_CHECK;

#endif
