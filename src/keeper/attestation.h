/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the personal keeper tells the authority's keeper that it made a key under an approval whose key is "central". The
 * text, of which there is exactly one form, is
 *
 *     Refrenda attestation 1
 *     approval: 64 hexadecimal digits, lower case: SHA-256 of the approval's text
 *     key: 64 hexadecimal digits: SHA-256 of the SubjectPublicKeyInfo
 *     time: 2026-11-22T01:02:03Z
 *
 * signed with the attestation key (ECDSA with SHA-256), which the authority's keeper knows as registered
 * (KEEPER_PERSONAL). The holder's mobile had the code before it was made. An approval for a central key holds for
 * APPROVAL_CENTRAL_SECONDS and may be used for several keys, one after the other: each pair of approval and key gives
 * one certificate, once.
 */
#ifndef KEEPER_ATTESTATION_H
#define KEEPER_ATTESTATION_H

#include "keeper/approval.h"

enum { ATTESTATION_MAXIMUM = 512 /* bytes of the text */, ATTESTATION_SIGNATURE_MAXIMUM = 128 };

struct attestation {
    uint8_t approval[APPROVAL_HASH_SIZE], key[APPROVAL_HASH_SIZE];
    rfd_time time; /* whole seconds */
};

/** Appends the exact text. */
rfd_status attestation_write(const struct attestation *attestation, struct buf *out,
                             struct rfd_error *error) RFD_MUST_CHECK;
/** Reads exactly that text. RFD_E_APPROVAL. */
rfd_status attestation_read(slice text, struct attestation *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
