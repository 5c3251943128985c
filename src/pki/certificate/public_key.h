/* SPDX-License-Identifier: EUPL-1.2
 *
 * SubjectPublicKeyInfo: what kind of key it is, and OpenSSL's object for it. RSA and the NIST curves are imported from
 * their numbers, which takes a quarter of the time of OpenSSL's own decoder.
 */
#ifndef PKI_PUBLIC_KEY_H
#define PKI_PUBLIC_KEY_H

#include "pki/certificate/certificate.h"

/** Fills key_bits, key_type, key_bits_size and curve from spki. RFD_E_DER. */
rfd_status public_key_describe(struct certificate *c, struct rfd_error *error) RFD_MUST_CHECK;
/** A new EVP_PKEY, or NULL when OpenSSL does not take the key (a point off its curve, an unknown algorithm). */
struct evp_pkey_st *public_key_make(const struct certificate *c);

#endif
