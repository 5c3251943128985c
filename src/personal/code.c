/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes of six digits: made here for messages, or by an authenticator app (TOTP, RFC 6238: HMAC-SHA-1, steps of 30
 * seconds).
 */
#include "personal/internal.h"

#include "base/error.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>

enum { DIGITS = PERSONAL_CODE_SIZE - 1, CODES = 1000000, STEP_SECONDS = 30, SHA1_SIZE = 20 };

rfd_status code_make(char code[PERSONAL_CODE_SIZE], struct rfd_error *error)
{
    /* The largest multiple of CODES: what is above would make some codes likelier. */
    const uint32_t fair = UINT32_MAX / CODES * CODES;
    uint32_t number;
    do {
        if (RAND_bytes((uint8_t *)&number, sizeof number) != 1)
            return error_set(error, RFD_E_INTERNAL, "no random octets");
    } while (number >= fair);
    (void)snprintf(code, PERSONAL_CODE_SIZE, "%06u", (unsigned)(number % CODES));
    secret_wipe(&number, sizeof number);
    return RFD_OK;
}

bool code_is(const char code[PERSONAL_CODE_SIZE], slice given)
{
    return code[0] != '\0' && given.length == DIGITS && secret_equal(slice_of(code, DIGITS), given);
}

bool code_totp(const uint8_t secret[PERSONAL_TOTP_SIZE], int64_t step, char code[PERSONAL_CODE_SIZE])
{
    uint8_t counter[8];
    uint8_t mac[SHA1_SIZE];
    unsigned length = sizeof mac;
    for (size_t i = 0; i < sizeof counter; i++) counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    if (HMAC(EVP_sha1(), secret, PERSONAL_TOTP_SIZE, counter, sizeof counter, mac, &length) == NULL) return false;
    const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 0x0F);
    uint32_t number = ((uint32_t)(at[0] & 0x7F) << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | at[3];
    (void)snprintf(code, PERSONAL_CODE_SIZE, "%06u", (unsigned)(number % CODES));
    return true;
}

int64_t code_totp_step(const uint8_t secret[PERSONAL_TOTP_SIZE], slice given, rfd_time now, int64_t after)
{
    int64_t found = -1;
    int64_t middle = now / RFD_SECOND / STEP_SECONDS;
    for (int64_t step = middle - 1; step <= middle + 1; step++) {
        char code[PERSONAL_CODE_SIZE];
        bool same = code_totp(secret, step, code) && code_is(code, given);
        if (same && step > after) found = step;
        secret_wipe(code, sizeof code);
    }
    return found;
}

/* ---- Addresses that are shown ---- */

enum { MOBILE_HEAD = 3, MOBILE_TAIL = 3 };

void code_put_way(struct buf *b, const struct pending *o)
{
    static const char *const ways[] = {[PERSONAL_NO_CHANNEL] = "sms", /* of a seal: asked for before, by message */
                                       [PERSONAL_SMS] = "sms",
                                       [PERSONAL_TOTP] = "app",
                                       [PERSONAL_MAIL] = "mail"};
    if ((o->proofs & PERSONAL_PROOF_CODE) == 0 || o->channel >= sizeof ways / sizeof *ways) return;
    personal_put_member(b, "code", slice_text(ways[o->channel]));
    if (o->channel == PERSONAL_MAIL) personal_put_member(b, "level", SLICE("lower"));
}

void code_mask_mobile(const char *mobile, char out[PERSONAL_ADDRESS_SIZE])
{
    size_t length = strlen(mobile);
    (void)snprintf(out, PERSONAL_ADDRESS_SIZE, "%s", mobile);
    for (size_t i = MOBILE_HEAD; length > MOBILE_TAIL && i < length - MOBILE_TAIL; i++) out[i] = '*';
}

void code_mask_mail(const char *mail, char out[PERSONAL_ADDRESS_SIZE])
{
    const char *at = strrchr(mail, '@');
    out[0] = '\0';
    if (at != NULL && at > mail) (void)snprintf(out, PERSONAL_ADDRESS_SIZE, "%c***%.240s", mail[0], at);
}
