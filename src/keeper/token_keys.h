/* SPDX-License-Identifier: EUPL-1.2
 *
 * Private keys on a token, for the helper: making them, finding them again by their id, their public halves. A key that
 * the token would give out (CKA_EXTRACTABLE, or not CKA_SENSITIVE) is not used.
 */
#ifndef KEEPER_TOKEN_KEYS_H
#define KEEPER_TOKEN_KEYS_H

#include "base/secret.h"
#include "keeper/key_material.h"
#include "keeper/token_protocol.h"
#include "pki/keys/token_sign.h"

struct token_keys {
    struct token token;
    struct secret pin;
    size_t count;
    struct {
        struct token_key key;
        enum key_algorithm algorithm;
    } found[TOKEN_KEYS_MAXIMUM]; /* those that were used */
};

/** Loads the module, finds the token of this label, and logs in. `pin` is copied. Errors of token_open() and
 * token_login(). */
rfd_status token_keys_open(const char *module, const char *label, slice pin, struct token_keys *out,
                           struct rfd_error *error) RFD_MUST_CHECK;
void token_keys_close(struct token_keys *t);
/** Whether the session is still good. */
bool token_keys_alive(struct token_keys *t);

/** Errors as said in token_protocol.h. */
rfd_status token_keys_generate(struct token_keys *t, slice id, slice label, enum key_algorithm algorithm,
                               struct buf *spki, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status token_keys_public(struct token_keys *t, slice id, struct buf *spki, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status token_keys_sign(struct token_keys *t, slice id, const struct signature_algorithm *a, slice message,
                           slice digest, struct buf *signature, struct rfd_error *error) RFD_MUST_CHECK;
/** Appends id, label and SubjectPublicKeyInfo of each private key. */
rfd_status token_keys_list(struct token_keys *t, uint32_t *count, struct buf *out,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
