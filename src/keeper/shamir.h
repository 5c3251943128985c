/* SPDX-License-Identifier: EUPL-1.2
 *
 * A secret in shares, any `needed` of which give it back while fewer say nothing about it (Shamir, How to Share a
 * Secret, 1979), octet by octet over GF(2^8) with the polynomial x^8 + x^4 + x^3 + x + 1. Arithmetic takes the same
 * time for all values and uses no tables.
 *
 * Behind the secret four octets of its SHA-256 are shared with it, so that shares that do not belong together, and too
 * few of them, are noticed with a chance of error of 1 in 2^32, and a single share still says nothing. An altered
 * share is noticed in the same way; which one it is, is not.
 */
#ifndef KEEPER_SHAMIR_H
#define KEEPER_SHAMIR_H

#include "base/secret.h"

enum {
    SHAMIR_SECRET_MAXIMUM = 256, /* octets */
    SHAMIR_SHARES_MAXIMUM = 16,
    SHAMIR_CHECK_SIZE = 4,
    SHAMIR_SHARE_MAXIMUM = SHAMIR_SECRET_MAXIMUM + SHAMIR_CHECK_SIZE
};

struct shamir_share {
    uint8_t needed; /* shares that give the secret */
    uint8_t number; /* from 1; the point at which the polynomials were taken */
    size_t length;
    uint8_t octets[SHAMIR_SHARE_MAXIMUM];
};

/** Makes `count` shares. 2 ≤ needed ≤ count ≤ SHAMIR_SHARES_MAXIMUM, 1 to SHAMIR_SECRET_MAXIMUM octets; else
 * RFD_E_ARGUMENT. The caller wipes the shares. */
rfd_status shamir_split(slice secret, unsigned needed, unsigned count, struct shamir_share *out,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** The secret from `count` shares in any order; those beyond what is needed are used, and checked, too. RFD_E_SHARES
 * when they are too few, contradict each other, occur twice, or do not belong together. */
rfd_status shamir_combine(const struct shamir_share *shares, size_t count, struct secret *out,
                          struct rfd_error *error) RFD_MUST_CHECK;

enum { SHAMIR_TEXT_SIZE = 2 * SHAMIR_SHARE_MAXIMUM + 32 };
/** One line for paper or a file: "refrenda-share-NEEDED-NUMBER-" and hexadecimal digits, the last eight of them a
 * check against slips of the pen (CRC-like, of SHA-256; it protects nothing). */
rfd_status shamir_write(const struct shamir_share *share, char text[SHAMIR_TEXT_SIZE],
                        struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_SHARES when it is no such line. */
rfd_status shamir_read(slice text, struct shamir_share *out, struct rfd_error *error) RFD_MUST_CHECK;

/** In GF(2^8); for the tests. */
uint8_t shamir_multiply(uint8_t a, uint8_t b);
uint8_t shamir_inverse(uint8_t a);

#endif
