/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verifying tokens in the compact form (RFC 7515 §7.1) with keys of a JWK set (RFC 7517): RS256, ES256, ES384 and
 * nothing else. Which algorithm it may be is said by the key, not by the token alone (RFC 8725 §3.1).
 */
#ifndef DOMAIN_OIDC_JWS_H
#define DOMAIN_OIDC_JWS_H

#include "base/arena.h"

#include <jansson.h>

enum { JWS_MAXIMUM = 32 << 10, JWS_KEYS_MAXIMUM = 32 };

/** The claims, a new reference, of a token that one of the keys signed. RFD_E_NOT_FOUND: none of the keys is the one
 * that it names; RFD_E_INVALID: no such token, or its signature is not right. */
rfd_status jws_verify(slice token, const json_t *key_set, json_t **claims, struct rfd_error *error) RFD_MUST_CHECK;

/** The same by one key: SubjectPublicKeyInfo. RFD_E_INVALID. */
rfd_status jws_verify_key(slice token, slice spki, json_t **claims, struct rfd_error *error) RFD_MUST_CHECK;

#endif
