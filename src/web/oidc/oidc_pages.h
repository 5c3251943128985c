/* SPDX-License-Identifier: EUPL-1.2
 *
 * The addresses of single sign-on. What is allowed is decided in domain/oidc.
 */
#ifndef WEB_OIDC_PAGES_H
#define WEB_OIDC_PAGES_H

#include "domain/oidc/oidc.h"
#include "http/response.h"
#include "web/web.h"

#define OIDC_AUTHORIZE "/oidc/autorizar"
#define OIDC_TOKEN     "/oidc/token"
#define OIDC_USERINFO  "/oidc/persona"
#define OIDC_REVOKE    "/oidc/revocar"
#define OIDC_KEYS      "/oidc/claves"
#define OIDC_LOGOUT    "/oidc/salir"

page_handler oidc_configuration, oidc_keys;                                     /* discovery.c */
page_handler oidc_authorize_page, oidc_logout_page;                             /* authorize.c */
page_handler oidc_token_answer, oidc_person_answer, oidc_revoke_answer;         /* tokens.c */
page_handler oidc_clients, oidc_client_new, oidc_client_show, oidc_client_save; /* clients.c */

/** {"error": code} as RFC 6749 §5.2 wants it, and for a browser's programs never kept. */
void oidc_answer_error(struct page *page, int status, const char *code);

#endif
