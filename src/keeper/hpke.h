/* SPDX-License-Identifier: EUPL-1.2
 *
 * Hybrid public key encryption (RFC 9180), base mode, one message: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM. Who sends is not proved; what was sent is bound to `info` and to the additional data.
 */
#ifndef KEEPER_HPKE_H
#define KEEPER_HPKE_H

#include "base/buf.h"

struct evp_pkey_st;

enum { HPKE_POINT_SIZE = 65 /* 04, x, y */, HPKE_SHARED_SIZE = 32, HPKE_TAG_SIZE = 16 };

/** ECDH with the private key that stays where it is: writes the x coordinate (RFC 9180 §7.1.3). RFD_E_ARGUMENT for
 * what is no point of the curve. */
typedef rfd_status hpke_agree(void *context, slice point, uint8_t shared[HPKE_SHARED_SIZE], struct rfd_error *error);
/** The same for a key in this process. */
rfd_status hpke_agree_with(struct evp_pkey_st *key, slice point, uint8_t shared[HPKE_SHARED_SIZE],
                           struct rfd_error *error) RFD_MUST_CHECK;

struct hpke_message {
    slice info, additional;
    slice encapsulated; /* the sender's point */
    slice sealed;       /* ciphertext and tag */
};

/** Appends what was encrypted to the key whose point is `own`. RFD_E_ARGUMENT when it was altered or is for another
 * key, info or additional data. */
rfd_status hpke_open(hpke_agree *agree, void *context, slice own, const struct hpke_message *message, struct buf *plain,
                     struct rfd_error *error) RFD_MUST_CHECK;
/** Encrypts to the holder of `recipient`: writes the encapsulated key, appends ciphertext and tag. RFD_E_ARGUMENT for
 * what is no point of the curve. */
rfd_status hpke_seal(slice recipient, slice info, slice additional, slice plain, uint8_t encapsulated[HPKE_POINT_SIZE],
                     struct buf *sealed, struct rfd_error *error) RFD_MUST_CHECK;

#endif
