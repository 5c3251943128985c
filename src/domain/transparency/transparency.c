/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/transparency/transparency.h"

#include "base/error.h"

rfd_status transparency_put(struct transaction *t, int64_t certificate, const uint8_t hash[TRANSPARENCY_HASH_SIZE],
                            struct rfd_error *error)
{
    const struct store_value values[] = {store_integer(certificate),
                                         store_bytes(slice_of(hash, TRANSPARENCY_HASH_SIZE))};
    return store_run(t, "INSERT INTO transparency_waiting(certificate, hash) VALUES ($1, $2)", values, 2, NULL, error);
}
