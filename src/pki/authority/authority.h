/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every service of an authority needs: a signer whose private key may live in another process, and the few pieces
 * of DER that certificates, lists, answers and tokens share.
 *
 * Everything in this folder is a function of its arguments: no files, no network, no clock, no random numbers and no
 * private key of its own. Times and serial numbers are handed in; the private-key step is a callback. Structures that
 * were filled once (a responder, a stamper, a profile) are read only afterwards and may be shared by threads.
 */
#ifndef PKI_AUTHORITY_H
#define PKI_AUTHORITY_H

#include "pki/algorithm.h"
#include "pki/oid.h"

/**
 * The private-key step: appends the signature over `message` to `signature`. `digest` is its digest by `a->digest`;
 * `message` is empty when only the digest is at hand (a list that is streamed), which an Ed25519 key has to refuse.
 * Called by several threads at once. What it returns is what the caller of the authority's function gets.
 */
typedef rfd_status authority_sign(void *context, const struct signature_algorithm *a, slice message, slice digest,
                                  struct buf *signature, struct rfd_error *error);

/** Who signs. All of it is borrowed and outlives what is made with it. */
struct authority_signer {
    const struct certificate *certificate; /* of the authority, the OCSP responder or the time-stamp service */
    struct signature_algorithm algorithm;  /* by signature_algorithm_choose() */
    authority_sign *sign;
    void *context;
};

/** Signs what `b` holds from `start` on and appends AlgorithmIdentifier and BIT STRING: the last two fields of every
 * SIGNED{} (RFC 5280 §4.1, §5.1, RFC 6960 §4.2.1). Fails as the callback does, or with the buffer's status. */
rfd_status authority_put_signature(struct buf *b, size_t start, const struct authority_signer *signer,
                                   struct rfd_error *error) RFD_MUST_CHECK;
/** The signature alone, over `message`, appended to `signature`. */
rfd_status authority_sign_message(const struct authority_signer *signer, slice message, struct buf *signature,
                                  struct rfd_error *error) RFD_MUST_CHECK;

/** GeneralizedTime in whole seconds with Z, as OCSP has it also before 2050 (RFC 6960 §4.2.2.1). */
void authority_put_generalized_time(struct buf *b, rfd_time t);

/** Opens an Extension and the OCTET STRING of its value (RFC 5280 §4.1); what is written next is the value. */
struct authority_extension {
    size_t extension;
    size_t value;
};
struct authority_extension authority_open_extension(struct buf *b, enum oid_name id, bool critical);
void authority_close_extension(struct buf *b, struct authority_extension opened);

#endif
