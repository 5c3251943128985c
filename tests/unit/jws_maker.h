/* SPDX-License-Identifier: EUPL-1.2
 *
 * Compact JWS as portals make them: ES256 for keys of P-256, RS256 for RSA. What the header says is not looked at.
 */
#ifndef TESTS_JWS_MAKER_H
#define TESTS_JWS_MAKER_H

#include "base/buf.h"

#include <openssl/evp.h>

#define JWS_STATEMENT_ES256 "{\"alg\":\"ES256\",\"typ\":\"documents+jwt\"}"
#define JWS_STATEMENT_RS256 "{\"alg\":\"RS256\",\"typ\":\"documents+jwt\"}"

/** Into `out`, which is emptied first. Failures end the test. */
void jws_make(EVP_PKEY *key, const char *header, const char *claims, struct buf *out);

#endif
