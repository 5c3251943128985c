/* SPDX-License-Identifier: EUPL-1.2
 *
 * Checkpoints of a hash chain, such as the audit trail's: where the chain ended at a certain time, signed by a seal key
 * of the keeper, which signs no earlier end and no other hash for the same number afterwards. Whoever keeps checkpoints
 * can prove later that rows were altered, taken out, or cut off.
 *
 * What is signed is this text, lines ended by "\n"; there is exactly one text for a checkpoint. No other thing that a
 * seal key signs begins with its first octet (signed attributes: 0x31, a JWS: "e").
 *
 *     Refrenda checkpoint 1
 *     chain: audit
 *     sequence: 4711
 *     hash: 64 hexadecimal digits, lower case: SHA-256 at the row of that number
 *     time: 2026-11-22T01:02:03Z
 */
#ifndef KEEPER_CHECKPOINT_H
#define KEEPER_CHECKPOINT_H

#include "base/buf.h"
#include "pki/certificate/certificate.h"

enum { CHECKPOINT_HASH_SIZE = 32, CHECKPOINT_CHAIN_SIZE = 41, CHECKPOINT_MAXIMUM = 256 };

struct checkpoint {
    char chain[CHECKPOINT_CHAIN_SIZE]; /* lower-case letters, digits, inner hyphens */
    uint64_t sequence;                 /* 0: nothing is in the chain yet */
    uint8_t hash[CHECKPOINT_HASH_SIZE];
    rfd_time time; /* whole seconds */
};

/** Appends the text. */
void checkpoint_write(const struct checkpoint *checkpoint, struct buf *out);
/** Reads exactly that text, and nothing that checkpoint_write() would not write. RFD_E_ARGUMENT. */
rfd_status checkpoint_read(slice text, struct checkpoint *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Checks the signature, whose `algorithm` is a DER AlgorithmIdentifier, with the seal key's certificate, and reads the
 * text. Whether the certificate is to be trusted is not looked at. RFD_E_SIGNING, RFD_E_KEY_ALGORITHM,
 * RFD_E_ARGUMENT. */
rfd_status checkpoint_verify(slice text, slice algorithm, slice signature, const struct certificate *certificate,
                             struct checkpoint *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
