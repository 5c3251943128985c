/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may ask for what, with which keys.
 */
#include "keeper/operations.h"

#define ANYBODY          (KEEPER_FROM_ADMIN | KEEPER_FROM_STATUS | KEEPER_FROM_WORKER | KEEPER_FROM_WEB)
#define ALL_BUT_STATUS   (KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER | KEEPER_FROM_WEB)
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
    {KEEPER_SIGN_SEAL, "sign-seal", ALL_BUT_STATUS, KEYS_OF(SEAL), false, keeper_sign_seal},
    {KEEPER_SIGN_LOG_HEAD, "sign-log-head", KEEPER_FROM_WORKER, KEYS_OF(LOG), false, keeper_sign_log_head},
    {KEEPER_ISSUE, "issue", KEEPER_FROM_WEB | KEEPER_FROM_WORKER | KEEPER_FROM_ADMIN, KEYS_OF(CA), false, keeper_issue},
    {KEEPER_ISSUE_SERVICE, "issue-service", KEEPER_FROM_ADMIN, KEYS_OF(CA), false, keeper_issue_service},
    {KEEPER_ISSUE_AUTHORITY, "issue-authority", KEEPER_FROM_ADMIN, KEYS_OF(CA), false, keeper_issue_authority},
    {KEEPER_SIGN_CRL, "sign-crl", KEEPER_FROM_WORKER | KEEPER_FROM_ADMIN, KEYS_OF(CA), false, keeper_sign_crl},
    {KEEPER_JOURNAL, "journal", ALL_BUT_STATUS, KEYS_OF(CA), false, keeper_read_journal},
    {KEEPER_REGISTER, "register", KEEPER_FROM_ADMIN, 0, false, keeper_register},
    {KEEPER_UNREGISTER, "unregister", KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER, 0, false, keeper_unregister},
    {KEEPER_LIST_REGISTERED, "list-registered", ALL_BUT_STATUS, 0, false, keeper_list_registered},
    {KEEPER_RENEW_SERVICE, "renew-service", KEEPER_FROM_WORKER | KEEPER_FROM_ADMIN, KEYS_OF(CA), false,
     keeper_renew_service},
    {KEEPER_SIGN_CHECKPOINT, "sign-checkpoint", KEEPER_FROM_WORKER | KEEPER_FROM_ADMIN, KEYS_OF(SEAL), false,
     keeper_sign_checkpoint},
    {KEEPER_LAST_CHECKPOINT, "last-checkpoint", ALL_BUT_STATUS, 0, false, keeper_last_checkpoint},
    {KEEPER_SIGN_JWS, "sign-jws", KEEPER_FROM_WORKER | KEEPER_FROM_WEB, KEYS_OF(SEAL), false, keeper_sign_jws},
    {KEEPER_OPEN, "open", KEEPER_FROM_WORKER | KEEPER_FROM_WEB, KEYS_OF(OPENING), false, keeper_open},
    {KEEPER_NEW_BLOB_KEY, "new-blob-key", KEEPER_FROM_ADMIN | KEEPER_FROM_WORKER | KEEPER_FROM_WEB, KEYS_OF(WRAPPING),
     false, keeper_new_blob_key},
    {KEEPER_UNWRAP_BLOB_KEY, "unwrap-blob-key", KEEPER_FROM_WORKER | KEEPER_FROM_WEB, KEYS_OF(WRAPPING), false,
     keeper_unwrap_blob_key},
    {KEEPER_CERTIFY_SERVICE, "certify-service", KEEPER_FROM_WORKER, KEYS_OF(OCSP) | KEYS_OF(TSA), false,
     keeper_certify_key},
};

const struct keeper_row *keeper_row_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].operation == type) return &rows[i];
    }
    return NULL;
}
