/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may ask for what, with which keys.
 */
#include "keeper/operations.h"

#define ANYBODY          (KEEPER_FROM_ADMIN | KEEPER_FROM_STATUS | KEEPER_FROM_WORKER | KEEPER_FROM_WEB)
#define KEYS_OF(purpose) (1U << PURPOSE_##purpose)
#define ANY_KEY          ((1U << PURPOSE_COUNT) - 2)

static const struct keeper_row rows[] = {
    {KEEPER_HELLO, "hello", ANYBODY, 0, true, keeper_hello},
    {KEEPER_CREATE_KEY, "create-key", KEEPER_FROM_ADMIN, 0, false, keeper_create_key},
    {KEEPER_PUBLIC_KEY, "public-key", ANYBODY, ANY_KEY, false, keeper_public_key},
    {KEEPER_LIST_KEYS, "list-keys", KEEPER_FROM_ADMIN, 0, false, keeper_list_keys},
    {KEEPER_CERTIFY_KEY, "certify-key", KEEPER_FROM_ADMIN, ANY_KEY, false, keeper_certify_key},
    {KEEPER_SIGN_OCSP, "sign-ocsp", KEEPER_FROM_STATUS | KEEPER_FROM_WORKER, KEYS_OF(OCSP), false, keeper_sign_ocsp},
    {KEEPER_SIGN_TIMESTAMP, "sign-timestamp", KEEPER_FROM_STATUS, KEYS_OF(TSA), false, keeper_sign_timestamp},
    {KEEPER_SIGN_SEAL, "sign-seal", KEEPER_FROM_WORKER | KEEPER_FROM_WEB, KEYS_OF(SEAL), false, keeper_sign_seal},
    {KEEPER_SIGN_LOG_HEAD, "sign-log-head", KEEPER_FROM_WORKER, KEYS_OF(LOG), false, keeper_sign_log_head},
};

const struct keeper_row *keeper_row_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].operation == type) return &rows[i];
    }
    return NULL;
}
