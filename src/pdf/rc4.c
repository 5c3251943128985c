/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/rc4.h"

#include <assert.h>

static void swap(uint8_t *a, uint8_t *b)
{
    uint8_t kept = *a;
    *a = *b;
    *b = kept;
}

void rc4_start(struct rc4 *r, slice key)
{
    assert(key.length >= 1 && key.length <= 256);
    for (unsigned i = 0; i < 256; i++) r->state[i] = (uint8_t)i;
    uint8_t j = 0;
    for (unsigned i = 0; i < 256; i++) {
        j = (uint8_t)(j + r->state[i] + key.data[i % key.length]);
        swap(&r->state[i], &r->state[j]);
    }
    r->i = r->j = 0;
}

void rc4_apply(struct rc4 *r, slice in, uint8_t *to)
{
    for (size_t n = 0; n < in.length; n++) {
        r->i = (uint8_t)(r->i + 1);
        r->j = (uint8_t)(r->j + r->state[r->i]);
        swap(&r->state[r->i], &r->state[r->j]);
        to[n] = in.data[n] ^ r->state[(uint8_t)(r->state[r->i] + r->state[r->j])];
    }
}
