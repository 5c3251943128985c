/* SPDX-License-Identifier: EUPL-1.2 */
#include "domain/account/one_time.h"

#include "base/error.h"
#include "base/secret.h"

#include <openssl/hmac.h>

rfd_status one_time_code(enum one_time_digest digest, slice secret, uint64_t counter, unsigned digits, char text[9],
                         struct rfd_error *error)
{
    static const uint32_t powers[] = {1000000, 10000000, 100000000};
    const EVP_MD *md = digest == ONE_TIME_SHA1 ? EVP_sha1() : digest == ONE_TIME_SHA256 ? EVP_sha256() : EVP_sha512();
    uint8_t message[8];
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (digits < 6 || digits > 8) return error_set(error, RFD_E_ARGUMENT, "%u digits", digits);
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(counter >> (56 - 8 * i));
    if (HMAC(md, secret.data, (int)secret.length, message, sizeof message, mac, &length) == NULL)
        return error_set(error, RFD_E_INTERNAL, "HMAC");
    const uint8_t *at = mac + (mac[length - 1] & 0x0F);
    uint32_t number = ((uint32_t)(at[0] & 0x7F) << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | at[3];
    number %= powers[digits - 6];
    for (unsigned i = digits; i > 0; i--, number /= 10) text[i - 1] = (char)('0' + number % 10);
    text[digits] = '\0';
    secret_wipe(mac, sizeof mac);
    return RFD_OK;
}

rfd_status one_time_find(slice secret, slice code, rfd_time now, uint64_t last, uint64_t *step, struct rfd_error *error)
{
    uint64_t present = (uint64_t)(now / RFD_SECOND) / ONE_TIME_STEP;
    uint64_t found = 0;
    char text[9];
    for (uint64_t s = present - ONE_TIME_SKEW; s <= present + ONE_TIME_SKEW; s++) {
        TRY(one_time_code(ONE_TIME_SHA1, secret, s, 6, text, error));
        if (secret_equal(slice_of(text, 6), code) && s > last) found = s;
    }
    secret_wipe(text, sizeof text);
    *step = found;
    return RFD_OK;
}
