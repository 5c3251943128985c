/* SPDX-License-Identifier: EUPL-1.2 */
#include "keeper/mac.h"

#include "base/error.h"
#include "pki/digest.h"

enum { BLOCK = 64 };

/** SHA-256 over the key, filled up with zeros and XORed with `pad`, and what follows. */
static rfd_status hash(const struct secret *key, uint8_t pad, slice first, slice second, uint8_t out[MAC_SIZE],
                       struct rfd_error *error)
{
    uint8_t block[BLOCK];
    struct digest *d = NULL;
    for (size_t i = 0; i < BLOCK; i++) block[i] = (uint8_t)(pad ^ (i < key->length ? key->data[i] : 0));
    rfd_status status = digest_start(DIGEST_SHA256, &d, error);
    if (status == RFD_OK) status = digest_add(d, slice_of(block, BLOCK), error);
    if (status == RFD_OK) status = digest_add(d, first, error);
    if (status == RFD_OK) status = digest_add(d, second, error);
    if (status == RFD_OK) status = digest_finish(d, out, error);
    digest_free(d);
    secret_wipe(block, sizeof block);
    return status;
}

rfd_status mac_of(const struct secret *key, slice first, slice second, uint8_t mac[MAC_SIZE], struct rfd_error *error)
{
    uint8_t inner[MAC_SIZE];
    if (key->length > BLOCK) return error_set(error, RFD_E_INTERNAL, "a MAC's key of %zu octets", key->length);
    TRY(hash(key, 0x36, first, second, inner, error));
    return hash(key, 0x5C, slice_of(inner, sizeof inner), SLICE_EMPTY, mac, error);
}
