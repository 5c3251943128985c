/* SPDX-License-Identifier: EUPL-1.2
 *
 * One-time passwords computed from a secret and the time: HOTP (RFC 4226) and TOTP (RFC 6238), by which authenticator
 * apps make their codes: SHA-1, 30 seconds, 6 digits. SHA-1 is what they all know; HMAC does not need it to resist
 * collisions.
 */
#ifndef DOMAIN_ACCOUNT_ONE_TIME_H
#define DOMAIN_ACCOUNT_ONE_TIME_H

#include "base/slice.h"

enum { ONE_TIME_STEP = 30, ONE_TIME_SKEW = 1 };
enum one_time_digest { ONE_TIME_SHA1, ONE_TIME_SHA256, ONE_TIME_SHA512 };

/** RFC 4226 §5.3 with 6 to 8 digits; `text` gets digits and a zero. */
rfd_status one_time_code(enum one_time_digest digest, slice secret, uint64_t counter, unsigned digits, char text[9],
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The step of `now`, or one before or after, whose code this is, and which is later than `last`; 0: none. All are
 * computed and compared whatever comes out. */
rfd_status one_time_find(slice secret, slice code, rfd_time now, uint64_t last, uint64_t *step,
                         struct rfd_error *error) RFD_MUST_CHECK;

#endif
