/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/oidc/oidc_pages.h"

const struct page_route oidc_routes[] = {
    {HTTP_GET, "/.well-known/openid-configuration", "oidc-configuration", ACTION_PUBLIC, 0, PAGE_NO_SESSION,
     oidc_configuration},
    {HTTP_GET, OIDC_KEYS, "oidc-keys", ACTION_PUBLIC, 0, PAGE_NO_SESSION, oidc_keys},
    {HTTP_GET, OIDC_AUTHORIZE, "oidc-authorize", ACTION_PUBLIC, 0, 0, oidc_authorize_page},
    {HTTP_POST, OIDC_TOKEN, "oidc-token", ACTION_PUBLIC, 16384, PAGE_NO_SESSION | PAGE_NO_CSRF, oidc_token_answer},
    {HTTP_GET, OIDC_USERINFO, "oidc-person", ACTION_PUBLIC, 0, PAGE_NO_SESSION, oidc_person_answer},
    {HTTP_POST, OIDC_USERINFO, "oidc-person", ACTION_PUBLIC, 4096, PAGE_NO_SESSION | PAGE_NO_CSRF, oidc_person_answer},
    {HTTP_POST, OIDC_REVOKE, "oidc-revoke", ACTION_PUBLIC, 4096, PAGE_NO_SESSION | PAGE_NO_CSRF, oidc_revoke_answer},
    {HTTP_GET, OIDC_LOGOUT, "oidc-logout", ACTION_PUBLIC, 0, 0, oidc_logout_page},
    {HTTP_POST, OIDC_LOGOUT "/ahora", "oidc-logout-send", ACTION_PUBLIC, 0, 0, oidc_logout_send},
    {HTTP_POST, "/acceso/proveedor", "provider-send", ACTION_PUBLIC, 0, 0, provider_send},
    {HTTP_GET, PROVIDER_RETURN, "provider-back", ACTION_PUBLIC, 0, 0, provider_back},
    {HTTP_GET, "/acceso/proveedor/espera", "provider-wait", ACTION_PUBLIC, 0, 0, provider_wait},
    {HTTP_GET, "/administracion/programas", "sso-clients", ACTION_CLIENTS_EDIT, 0, 0, oidc_clients},
    {HTTP_GET, "/administracion/programas/nuevo", "sso-client-new", ACTION_CLIENTS_EDIT, 0, 0, oidc_client_new},
    {HTTP_POST, "/administracion/programas/nuevo", "sso-client-add", ACTION_CLIENTS_EDIT, 0, 0, oidc_client_save},
    {HTTP_GET, "/administracion/programas/{id}", "sso-client", ACTION_CLIENTS_EDIT, 0, 0, oidc_client_show},
    {HTTP_POST, "/administracion/programas/{id}", "sso-client-save", ACTION_CLIENTS_EDIT, 0, 0, oidc_client_save},
    {.pattern = NULL},
};
