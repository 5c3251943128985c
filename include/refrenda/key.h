/* SPDX-License-Identifier: EUPL-1.2
 *
 * refrenda/key.h: what signs. A key is a private-key operation together with its certificate and chain: a PKCS#12
 * file, PEM files, a token (PKCS#11 through p11-kit), or a function of yours (an HSM behind a network, a card reader,
 * a person's own agent). The private key itself is never handed out.
 *
 * A key is loaded and checked once and may then sign any number of documents; one key may be used by several threads.
 */
#ifndef REFRENDA_KEY_H
#define REFRENDA_KEY_H

#include <refrenda/base.h>

#ifdef __cplusplus
extern "C" {
#endif

enum rfd_digest { RFD_DIGEST_DEFAULT, RFD_DIGEST_SHA256, RFD_DIGEST_SHA384, RFD_DIGEST_SHA512 };

struct rfd_key;

/** PKCS#12 (RFC 7292). `password` is UTF-8; it is not kept. RFD_E_KEY_READ, RFD_E_KEY_PASSWORD, RFD_E_KEY_WEAK. */
RFD_API rfd_status rfd_key_open_pkcs12(const char *path, rfd_slice password, struct rfd_key **out,
                                       struct rfd_error *error) RFD_MUST_CHECK;

/**
 * A private key in PEM or DER (PKCS#8 plain or encrypted, PKCS#1, SEC 1), its certificate, and optionally a file with
 * further certificates of the chain (NULL for none). RFD_E_KEY_MISMATCH when key and certificate do not belong
 * together.
 */
RFD_API rfd_status rfd_key_open_pem(const char *key_path, const char *certificate_path, const char *chain_path,
                                    rfd_slice password, struct rfd_key **out, struct rfd_error *error) RFD_MUST_CHECK;

/**
 * A token's key by RFC 7512 address ("pkcs11:token=...;object=..."), through p11-kit's modules (module-path= and
 * module-name= in the query are honoured). `pin` may be empty when the address has pin-value or pin-source.
 * Certificates of the chain on the token are used too. RFD_E_TOKEN, _TOKEN_PIN, _TOKEN_PIN_LOCKED, _TOKEN_AMBIGUOUS,
 * _TOKEN_NOT_FOUND.
 */
RFD_API rfd_status rfd_key_open_pkcs11(const char *uri, rfd_slice pin, const char *chain_path, struct rfd_key **out,
                                       struct rfd_error *error) RFD_MUST_CHECK;

/**
 * Signs for the certificate's key. `message` is the DER of the signed attributes, `digest` its digest (empty for
 * Ed25519, which signs the message). Writes an RSA signature as big as the modulus, an ECDSA signature as
 * Ecdsa-Sig-Value (RFC 3279 §2.2.3), or 64 bytes of Ed25519 into `signature` (`*length` holds its size on entry).
 */
typedef rfd_status rfd_sign_function(void *context, rfd_slice message, rfd_slice digest, bool pss, uint8_t *signature,
                                     size_t *length, struct rfd_error *error);

/** `certificates`: PEM or DER, the signer's first. `context` must outlive the key. */
RFD_API rfd_status rfd_key_open_external(rfd_slice certificates, rfd_sign_function *sign, void *context,
                                         struct rfd_key **out, struct rfd_error *error) RFD_MUST_CHECK;

/** Adds certificates (PEM or DER) to the chain that goes into signatures. */
RFD_API rfd_status rfd_key_add_chain(struct rfd_key *key, rfd_slice certificates,
                                     struct rfd_error *error) RFD_MUST_CHECK;

/** The signer's certificate as DER, valid as long as the key. */
RFD_API rfd_slice rfd_key_certificate(const struct rfd_key *key);
/** Its subject in RFC 4514 form, UTF-8; valid as long as the key. */
RFD_API const char *rfd_key_subject(const struct rfd_key *key);
/** "RSA-2048", "P-256", "Ed25519", ... */
RFD_API const char *rfd_key_kind(const struct rfd_key *key);

RFD_API void rfd_key_free(struct rfd_key *key);

#ifdef __cplusplus
}
#endif
#endif
