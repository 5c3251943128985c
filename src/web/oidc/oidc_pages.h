/* SPDX-License-Identifier: EUPL-1.2
 *
 * The addresses of single sign-on. What is allowed is decided in domain/oidc.
 */
#ifndef WEB_OIDC_PAGES_H
#define WEB_OIDC_PAGES_H

#include "domain/oidc/oidc.h"
#include "http/response.h"
#include "web/web.h"

#include <jansson.h>

#define OIDC_AUTHORIZE "/oidc/autorizar"
#define OIDC_TOKEN     "/oidc/token"
#define OIDC_USERINFO  "/oidc/persona"
#define OIDC_REVOKE    "/oidc/revocar"
#define OIDC_KEYS      "/oidc/claves"
#define OIDC_LOGOUT    "/oidc/salir"
/* Ours at another provider; jobs/provider.c sends it, too. */
#define PROVIDER_RETURN "/acceso/proveedor/vuelta"

page_handler oidc_configuration, oidc_keys;                                     /* discovery.c */
page_handler oidc_authorize_page;                                               /* authorize.c */
page_handler oidc_logout_page, oidc_logout_send;                                /* logout.c */
page_handler provider_send, provider_back, provider_wait;                       /* provider_pages.c */
page_handler oidc_token_answer, oidc_person_answer, oidc_revoke_answer;         /* tokens.c */
page_handler oidc_clients, oidc_client_new, oidc_client_show, oidc_client_save; /* clients.c */

/** A parameter of the query, which may be there once; "" when it is not. RFD_E_REQUEST. */
rfd_status oidc_parameter(const struct page *page, const char *name, slice *out,
                          struct rfd_error *error) RFD_MUST_CHECK;
/** Adds it to the query of the address in `b`, unless it is empty. */
void oidc_add_parameter(struct page *page, struct buf *b, const char *name, slice value);
/** On to an address of a program's: a redirect, or a page that leads there where browsers forbid that. */
rfd_status oidc_lead_on(struct page *page, const char *title, slice address, slice program,
                        struct rfd_error *error) RFD_MUST_CHECK;
/** An array of the words of a text, a new reference. */
json_t *oidc_words(const char *values);
/** Our public key as a JWK set, a new reference. */
rfd_status oidc_key_set(struct page *page, json_t **out, struct rfd_error *error) RFD_MUST_CHECK;

/** What people know the other provider as; "" when there is none. */
slice oidc_provider_label(const struct page *page);

/** {"error": code} as RFC 6749 §5.2 wants it, and for a browser's programs never kept. */
void oidc_answer_error(struct page *page, int status, const char *code);

#endif
