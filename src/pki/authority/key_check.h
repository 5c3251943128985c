/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a public key may go into a certificate: of an allowed kind, in the one encoding that is copied into it as it
 * is, and without the marks of keys that are known to be broken. Whether somebody else has the same key, or it is on a
 * list of published ones, is for the caller to look up.
 */
#ifndef PKI_KEY_CHECK_H
#define PKI_KEY_CHECK_H

#include "pki/certificate/certificate.h"

enum key_kind {
    KEY_KIND_RSA = 1 << 0,
    KEY_KIND_P256 = 1 << 1,
    KEY_KIND_P384 = 1 << 2,
    KEY_KIND_P521 = 1 << 3,
    KEY_KIND_ED25519 = 1 << 4
};
struct key_rules {
    unsigned kinds;                         /* enum key_kind, or'ed */
    int rsa_bits_minimum, rsa_bits_maximum; /* of the modulus */
};
/** RSA of 2,048 to 4,096 bits and the NIST curves. */
#define KEY_RULES_USUAL ((struct key_rules){KEY_KIND_RSA | KEY_KIND_P256 | KEY_KIND_P384 | KEY_KIND_P521, 2048, 4096})

/**
 * Checks a SubjectPublicKeyInfo and makes OpenSSL's key of it (free with EVP_PKEY_free), which the proof of possession
 * needs anyway. With `key` NULL none is made, and only what costs next to nothing is looked at: encoding, size and
 * exponent, neither factors nor whether a point lies on its curve. RFD_E_DER: not in
 * DER, or not as RFC 3279 §2.3.1, RFC 5480 §2.1 and RFC 8410 §3 write it; RFD_E_KEY_ALGORITHM: a kind or curve that the
 * rules do not allow, a point that is compressed or not on its curve; RFD_E_KEY_WEAK: RSA with a size outside the
 * rules, an exponent that is even, below 65,537 or above 256 bits, a modulus that is even, has a factor below 1,000,
 * has two factors so close that Fermat finds them within 110 steps, or bears the mark of CVE-2017-15361; an Ed25519
 * point of small order.
 */
rfd_status key_check(slice spki, const struct key_rules *rules, struct evp_pkey_st **key,
                     struct rfd_error *error) RFD_MUST_CHECK;

/** All that key_check() looks at, but OpenSSL's key is not made: a point is put into its curve's equation. */
rfd_status key_check_thoroughly(slice spki, const struct key_rules *rules, struct rfd_error *error) RFD_MUST_CHECK;

#endif
