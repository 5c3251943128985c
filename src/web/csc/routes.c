/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/csc/csc_pages.h"

#define OWN     ACTION_CENTRAL_SIGN
#define ANYBODY ACTION_PUBLIC
#define ONE     AGREEMENT "/{request}"
#define ACCESS  ACCESSES "/{portal}"
#define META    "/.well-known/oauth-authorization-server"

const struct page_route csc_routes[] = {
    /* OAuth 2: who programs are, and what people agree to. */
    {HTTP_GET, META CSC_V1, "csc-metadata", ANYBODY, 0, PAGE_NO_SESSION, csc_metadata},
    {HTTP_GET, META CSC_V2, "csc-metadata", ANYBODY, 0, PAGE_NO_SESSION, csc_metadata},
    {HTTP_GET, CSC_V1 "/oauth2/authorize", "csc-authorize", ANYBODY, 0, 0, csc_authorize},
    {HTTP_GET, CSC_V2 "/oauth2/authorize", "csc-authorize", ANYBODY, 0, 0, csc_authorize},
    {HTTP_POST, CSC_V1 "/oauth2/pushed_authorize", "csc-push", ANYBODY, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_push_answer},
    {HTTP_POST, CSC_V2 "/oauth2/pushed_authorize", "csc-push", ANYBODY, CSC_BODY_MAXIMUM, CSC_PROGRAM, csc_push_answer},
    {HTTP_POST, CSC_V1 "/oauth2/token", "csc-token", ANYBODY, 0, CSC_PROGRAM, csc_token_answer},
    {HTTP_POST, CSC_V2 "/oauth2/token", "csc-token", ANYBODY, 0, CSC_PROGRAM, csc_token_answer},
    {HTTP_POST, CSC_V1 "/oauth2/revoke", "csc-oauth-revoke", ANYBODY, 0, CSC_PROGRAM, csc_oauth_revoke_answer},
    {HTTP_POST, CSC_V2 "/oauth2/revoke", "csc-oauth-revoke", ANYBODY, 0, CSC_PROGRAM, csc_oauth_revoke_answer},
    {HTTP_GET, ONE, "agreement", ANYBODY, 0, 0, agreement_show},
    {HTTP_POST, ONE "/permiso", "agreement-service", OWN, 0, 0, agreement_service},
    {HTTP_GET, ONE "/certificado", "agreement-again", OWN, 0, 0, agreement_again},
    {HTTP_POST, ONE "/certificado", "agreement-begin", OWN, 0, 0, agreement_begin},
    {HTTP_POST, ONE "/firma/{credential}", "agreement-sign", OWN, 0, 0, agreement_finish},
    {HTTP_POST, ONE "/cancelar", "agreement-cancel", ANYBODY, 0, 0, agreement_cancel},
    {HTTP_GET, ACCESS, "access-withdraw-ask", OWN, 0, 0, access_withdraw_show},
    {HTTP_POST, ACCESS, "access-withdraw", OWN, 0, 0, access_withdraw_send},
    {.pattern = NULL},
};
