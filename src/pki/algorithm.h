/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signature algorithms: how an AlgorithmIdentifier, a digest and a key go together (RFC 4055, 5754, 5758, 8410, 8419),
 * and one function that verifies. Pairs that do not belong together are refused.
 */
#ifndef PKI_ALGORITHM_H
#define PKI_ALGORITHM_H

#include "pki/certificate/certificate.h"
#include "pki/digest.h"

struct evp_pkey_st;

enum signature_scheme { SCHEME_NONE, SCHEME_RSA_PKCS1, SCHEME_RSA_PSS, SCHEME_ECDSA, SCHEME_ED25519, SCHEME_ED448 };

struct signature_algorithm {
    enum signature_scheme scheme;
    enum digest_id digest; /* Ed25519: DIGEST_SHA512 (RFC 8419 §2.3), Ed448: SHAKE256 */
    int salt_length;       /* PSS */
    enum digest_id mgf_digest;
};

/** What to sign with: the scheme from the key (`pss` chooses PSS for an RSA key), the digest by `wanted` or by the
 * key's strength (P-384 → SHA-384, P-521 and Ed25519 → SHA-512, else SHA-256). RFD_E_KEY_WEAK, RFD_E_KEY_ALGORITHM. */
rfd_status signature_algorithm_choose(const struct certificate *signer, enum digest_id wanted, bool pss,
                                      struct signature_algorithm *out, struct rfd_error *error) RFD_MUST_CHECK;
/** As a DER AlgorithmIdentifier. */
void signature_algorithm_put(struct buf *b, const struct signature_algorithm *a);
/** From a DER AlgorithmIdentifier; for rsaEncryption and id-ecPublicKey-style plain identifiers the digest is `digest`
 * (the SignerInfo's). RFD_E_KEY_ALGORITHM. */
rfd_status signature_algorithm_read(slice algorithm, enum digest_id digest, struct signature_algorithm *out,
                                    struct rfd_error *error) RFD_MUST_CHECK;
/** Whether it is an algorithm of this kind of key; one of another kind proves nothing. */
bool signature_algorithm_fits(const struct signature_algorithm *a, const struct evp_pkey_st *key);
/** "RSA-PSS with SHA-256" ... for reports. */
const char *signature_algorithm_name(const struct signature_algorithm *a);
/** Largest signature of the key in bytes. */
size_t signature_size_maximum(const struct certificate *signer);

/** RFD_OK when `signature` over `message` is right; RFD_E_SIGNING when it is not. */
rfd_status signature_verify(const struct signature_algorithm *a, const struct certificate *signer, slice message,
                            slice signature, struct rfd_error *error) RFD_MUST_CHECK;
/** The same when only the digest of the message is at hand (not for Ed25519/Ed448). */
rfd_status signature_verify_digest(const struct signature_algorithm *a, const struct certificate *signer, slice digest,
                                   slice signature, struct rfd_error *error) RFD_MUST_CHECK;

#endif
