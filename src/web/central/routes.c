/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/central/central_pages.h"

/* Fifty documents and the form around them; what one of them may be is own.c's. */
enum { UPLOAD_MAXIMUM = 256 << 20, SIGNATURES_MAXIMUM = 128 << 10 };

#define OWN ACTION_CENTRAL_SIGN
#define ONE SIGNING "/{token}"
#define KEY CENTRAL "/{credential}"

const struct page_route central_routes[] = {
    {HTTP_GET, SIGNING, "sign", OWN, 0, 0, signing_own_show},
    {HTTP_POST, SIGNING, "sign-upload", OWN, UPLOAD_MAXIMUM, PAGE_SPOOL, signing_own_send},
    {HTTP_GET, ONE, "signing", ACTION_PUBLIC, 0, 0, signing_show},
    {HTTP_GET, ONE "/documento/{place}", "signing-document", OWN, 0, 0, signing_document_send},
    {HTTP_GET, ONE "/lugar", "signing-place-ask", OWN, 0, 0, signing_place_show},
    {HTTP_POST, ONE "/lugar", "signing-place", OWN, 0, 0, signing_place_send},
    {HTTP_GET, ONE "/certificado", "signing-certificate", OWN, 0, 0, signing_choose_show},
    {HTTP_GET, ONE "/autorizar", "signing-authorise-again", OWN, 0, 0, signing_begin_again},
    {HTTP_POST, ONE "/autorizar", "signing-authorise", OWN, 0, 0, signing_begin},
    {HTTP_POST, ONE "/firma", "signing-sign", OWN, 0, 0, signing_finish},
    {HTTP_GET, ONE "/archivo", "signing-own-key", OWN, 0, 0, own_key_show},
    {HTTP_POST, ONE "/archivo/preparar", "signing-own-key-prepare", OWN, 0, 0, own_key_begin},
    {HTTP_GET, ONE "/archivo/preparado/{place}", "signing-own-key-file", OWN, 0, 0, own_key_prepared_send},
    {HTTP_POST, ONE "/archivo/firma", "signing-own-key-sign", OWN, SIGNATURES_MAXIMUM, 0, own_key_finish},
    {HTTP_GET, ONE "/resultado", "signing-result", OWN, 0, 0, signing_result_show},
    {HTTP_GET, ONE "/resultado/{place}", "signing-file", OWN, 0, 0, signing_file_send},
    {HTTP_GET, ONE "/constancia.pdf", "signing-receipt", OWN, 0, 0, signing_receipt_send},
    {HTTP_GET, ONE "/cancelar", "signing-cancel-ask", OWN, 0, 0, signing_cancel_show},
    {HTTP_POST, ONE "/cancelar", "signing-cancel", OWN, 0, 0, signing_cancel_send},
    {HTTP_GET, CENTRAL, "central", OWN, 0, 0, credentials_show},
    {HTTP_GET, CENTRAL "/nuevo", "central-new-ask", OWN, 0, 0, generate_show},
    {HTTP_POST, CENTRAL "/nuevo", "central-new", OWN, 0, 0, generate_send},
    {HTTP_POST, CENTRAL "/nuevo/hecho", "central-new-done", OWN, 0, 0, generate_finish},
    {HTTP_GET, CENTRAL "/operacion/{operation}", "central-progress", OWN, 0, 0, authorise_progress},
    {HTTP_POST, CENTRAL "/operacion/{operation}", "central-code-again", OWN, 0, 0, authorise_again},
    {HTTP_GET, KEY, "central-one", OWN, 0, 0, credential_show},
    {HTTP_GET, KEY "/registro.jsonl", "central-log", OWN, 0, 0, credential_log_send},
    {HTTP_GET, KEY "/sello/{grant}/retirar", "central-seal-ask", OWN, 0, 0, seal_withdraw_ask},
    {HTTP_POST, KEY "/sello/{grant}/retirar", "central-seal-withdraw", OWN, 0, 0, seal_withdraw_send},
    {HTTP_GET, KEY "/{change}", "central-change-ask", OWN, 0, 0, change_show},
    {HTTP_POST, KEY "/{change}", "central-change", OWN, 0, 0, change_send},
    {HTTP_POST, KEY "/{change}/hecho", "central-change-done", OWN, 0, 0, change_finish},
    {.pattern = NULL},
};
