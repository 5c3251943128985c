/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/portals/portal_pages.h"

/* Fifty documents and the operation around them (web/central/routes.c); a form with a key and a certificate. */
enum { UPLOAD_MAXIMUM = 256 << 20, FORM_MAXIMUM = 128 << 10, PROGRAM = PAGE_NO_SESSION | PAGE_NO_CSRF | PAGE_BOTH };

#define EDIT    ACTION_CENTRAL_PORTALS
#define PORTAL  PORTALS "/{id}"
#define ONE     OPERATIONS "/{id}"
#define NOTICES PORTAL "/avisos"
#define SEALS   PORTAL "/sellos"

const struct page_route portal_routes[] = {
    {HTTP_POST, OPERATIONS, "firmas-new", ACTION_PUBLIC, UPLOAD_MAXIMUM, PROGRAM | PAGE_SPOOL, api_operation_new},
    {HTTP_GET, ONE, "firmas-one", ACTION_PUBLIC, 0, PROGRAM, api_operation_show},
    {HTTP_DELETE, ONE, "firmas-cancel", ACTION_PUBLIC, 1, PROGRAM, api_operation_cancel},
    {HTTP_GET, ONE "/documentos/{n}", "firmas-document", ACTION_PUBLIC, 0, PROGRAM, api_operation_file},
    {HTTP_GET, ONE "/constancia", "firmas-receipt", ACTION_PUBLIC, 0, PROGRAM, api_operation_receipt},
    {HTTP_GET, OPENAPI_PATH, "firmas-openapi", ACTION_PUBLIC, 0, PROGRAM | PAGE_QUICK, api_description},
    {HTTP_GET, PORTALS, "portals", EDIT, 0, 0, portals_show},
    {HTTP_GET, PORTALS "/nuevo", "portal-new", EDIT, 0, 0, portal_new},
    {HTTP_POST, PORTALS "/nuevo", "portal-add", EDIT, FORM_MAXIMUM, 0, portal_save},
    {HTTP_GET, PORTAL, "portal", EDIT, 0, 0, portal_show},
    {HTTP_GET, PORTAL "/clave.pem", "portal-key", EDIT, 0, 0, portal_key_send},
    {HTTP_GET, PORTAL "/editar", "portal-edit", EDIT, 0, 0, portal_edit},
    {HTTP_POST, PORTAL "/editar", "portal-save", EDIT, FORM_MAXIMUM, 0, portal_save},
    {HTTP_GET, PORTAL "/cerrar", "portal-close-ask", EDIT, 0, 0, portal_close_ask},
    {HTTP_POST, PORTAL "/cerrar", "portal-close", EDIT, 0, 0, portal_close_send},
    {HTTP_GET, PORTAL "/operaciones", "portal-operations", EDIT, 0, 0, portal_operations_show},
    {HTTP_GET, NOTICES, "portal-notices", EDIT, 0, 0, notices_show},
    {HTTP_GET, NOTICES "/{notice}", "portal-notice", EDIT, 0, 0, notice_show},
    {HTTP_POST, NOTICES "/{notice}", "portal-notice-again", EDIT, 0, 0, notice_again},
    {HTTP_GET, SEALS, "portal-seals", EDIT, 0, 0, portal_seals_show},
    {HTTP_GET, SEALS "/nuevo", "portal-seal-new", EDIT, 0, 0, portal_seal_new},
    {HTTP_POST, SEALS "/nuevo", "portal-seal-grant", EDIT, 0, 0, portal_seal_grant},
    {HTTP_GET, SEALS "/{grant}/retirar", "portal-seal-ask", EDIT, 0, 0, portal_seal_ask},
    {HTTP_POST, SEALS "/{grant}/retirar", "portal-seal-withdraw", EDIT, 0, 0, portal_seal_withdraw},
    {.pattern = NULL},
};
