/* SPDX-License-Identifier: EUPL-1.2
 *
 * Random tokens of cookies and links: 256 bits as base64url (base/url.h). The database has their
 * SHA-256 only: who reads it cannot use them.
 */
#ifndef DOMAIN_ACCOUNT_TOKEN_H
#define DOMAIN_ACCOUNT_TOKEN_H

#include "base/arena.h"
#include "base/buf.h"

enum { TOKEN_TEXT_SIZE = 44, TOKEN_HASH_SIZE = 32 };

rfd_status token_random(void *to, size_t length, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status token_make(char text[TOKEN_TEXT_SIZE], uint8_t hash[TOKEN_HASH_SIZE],
                      struct rfd_error *error) RFD_MUST_CHECK;
rfd_status token_hash(slice text, uint8_t hash[TOKEN_HASH_SIZE], struct rfd_error *error) RFD_MUST_CHECK;
/** SHA-256 of both with their lengths, for counters: what is counted is not readable in the database. */
rfd_status token_hash_pair(const char *kind, slice a, slice b, uint8_t hash[TOKEN_HASH_SIZE],
                           struct rfd_error *error) RFD_MUST_CHECK;
/** HMAC-SHA-256 (RFC 2104). */
rfd_status token_mac(slice key, slice message, uint8_t mac[TOKEN_HASH_SIZE], struct rfd_error *error) RFD_MUST_CHECK;

#endif
