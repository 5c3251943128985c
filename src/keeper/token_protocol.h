/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the keeper asks of a token helper, field by field (ipc/message.h); answers as in ipc/answer.h. A key's id is the
 * CKA_ID of its objects, and the id in its description (keystore.h). No key leaves a token, and none that could is
 * used.
 */
#ifndef KEEPER_TOKEN_PROTOCOL_H
#define KEEPER_TOKEN_PROTOCOL_H

#include "ipc/answer.h"

enum {
    TOKEN_MESSAGE_MAXIMUM = 128 << 10,
    TOKEN_INPUT_MAXIMUM = 96 << 10, /* of a message that Ed25519 signs */
    TOKEN_SIGNATURE_MAXIMUM = 1024,
    TOKEN_SPKI_MAXIMUM = 1024,
    TOKEN_KEYS_MAXIMUM = 64 /* private keys on a token */
};

enum token_question {
    /** bytes id, text label, text algorithm → bytes SubjectPublicKeyInfo. Sensitive, not extractable, for signing.
     * RFD_E_EXISTS when the token has one of this id. */
    TOKEN_GENERATE = 1,
    /** bytes id → bytes SubjectPublicKeyInfo. RFD_E_TOKEN_NOT_FOUND; RFD_E_KEY_REFUSED for a private key that could
     * leave the token. */
    TOKEN_PUBLIC_KEY = 2,
    /** bytes id, text scheme ("ecdsa", "rsa", "ed25519"), text digest's name, bytes digest, bytes message (for Ed25519,
     * else empty) → bytes signature, as in a certificate */
    TOKEN_SIGN = 3,
    /** → u32 count, and for each: bytes id, text label, bytes SubjectPublicKeyInfo or empty */
    TOKEN_LIST = 4,
};

#endif
