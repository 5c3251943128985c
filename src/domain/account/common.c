/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table is made when building (embed_passwords.py), from common_passwords.txt.xz: the first five octets of each
 * one's SHA-256, sorted. One good password in ten million is taken for a common one.
 */
#include "domain/account/account_internal.h"
#include "domain/account/common_table.h"

#include "pki/digest.h"

enum { LONGEST = 64 };

bool common_password(slice password)
{
    uint8_t small[LONGEST];
    uint8_t hash[TOKEN_HASH_SIZE];
    size_t low = 0;
    size_t high = common_password_count;
    if (password.length > sizeof small) return false;
    for (size_t i = 0; i < password.length; i++) {
        uint8_t c = password.data[i];
        small[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    rfd_status status = token_hash(slice_of(small, password.length), hash, NULL);
    secret_wipe(small, sizeof small);
    if (status != RFD_OK) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(hash, common_passwords + middle * COMMON_HASH_SIZE, COMMON_HASH_SIZE);
        if (order == 0) return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
