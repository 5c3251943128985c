/* SPDX-License-Identifier: EUPL-1.2
 *
 * RC4, which OpenSSL 3 keeps in its legacy provider, for reading and extending documents encrypted before 2008.
 * Broken as a cipher; used nowhere but where ISO 32000-2 §7.6 demands it.
 */
#ifndef PDF_RC4_H
#define PDF_RC4_H

#include "base/slice.h"

struct rc4 {
    uint8_t state[256];
    uint8_t i, j;
};

/** `key` has 1 to 256 bytes. */
void rc4_start(struct rc4 *r, slice key);
/** Encrypts or decrypts; `to` may be in.data. */
void rc4_apply(struct rc4 *r, slice in, uint8_t *to);

#endif
