/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/access/access_pages.h"

enum { LETTER_MAXIMUM = 20 << 20, SIGNED_MAXIMUM = 1 << 20 };

#define REQUESTS "/accesos/solicitudes"
#define ONE      REQUESTS "/{id}"
const struct page_route access_routes[] = {
    {HTTP_GET, REQUESTS, "access-requests", ACTION_ACCESS_REQUEST, 0, 0, page_requests_show},
    {HTTP_GET, REQUESTS "/nueva", "access-colleagues", ACTION_ACCESS_REQUEST, 0, 0, colleagues_show},
    {HTTP_GET, REQUESTS "/nueva/{person}", "access-new", ACTION_ACCESS_REQUEST, 0, 0, page_request_new},
    {HTTP_POST, REQUESTS "/nueva/{person}", "access-save", ACTION_ACCESS_REQUEST, LETTER_MAXIMUM, PAGE_SPOOL,
     page_request_save},
    {HTTP_GET, ONE, "access-request", ACTION_ACCESS_SEE, 0, 0, page_request_show},
    {HTTP_GET, ONE "/editar", "access-edit", ACTION_ACCESS_REQUEST, 0, 0, page_request_edit},
    {HTTP_POST, ONE "/editar", "access-change", ACTION_ACCESS_REQUEST, LETTER_MAXIMUM, PAGE_SPOOL, page_request_change},
    {HTTP_POST, ONE "/enviar", "access-send", ACTION_ACCESS_REQUEST, 0, 0, page_request_send},
    {HTTP_GET, ONE "/anular", "access-cancel-ask", ACTION_ACCESS_REQUEST, 0, 0, page_request_cancel_ask},
    {HTTP_POST, ONE "/anular", "access-cancel", ACTION_ACCESS_REQUEST, 0, 0, page_request_cancel},
    {HTTP_GET, ONE "/texto", "access-text", ACTION_ACCESS_SEE, 0, 0, page_request_text},
    {HTTP_GET, ONE "/oficio", "access-letter", ACTION_ACCESS_SEE, 0, 0, page_request_letter},
    {HTTP_GET, ONE "/firma", "access-signature", ACTION_ACCESS_SEE, 0, 0, page_request_signature},
    {HTTP_POST, ONE "/decidir", "access-decide", ACTION_ACCESS_SEE, SIGNED_MAXIMUM, PAGE_SPOOL, page_request_decide},
    {HTTP_GET, "/accesos/bandeja", "access-tray", ACTION_ACCESS_APPROVE, 0, 0, tray_show},
    {HTTP_POST, "/accesos/bandeja", "access-decide-several", ACTION_ACCESS_APPROVE, 0, 0, tray_decide},
    {HTTP_GET, "/accesos/agentes", "access-agents", ACTION_ACCESS_AGENT_APPROVE, 0, 0, agents_show},
    {HTTP_GET, "/accesos/revision", "access-review", ACTION_ACCESS_REVIEW, 0, 0, review_show},
    {HTTP_POST, "/accesos/revision", "access-review-decide", ACTION_ACCESS_REVIEW, 0, 0, review_decide},
    {HTTP_GET, "/accesos/historial", "access-history", ACTION_ACCESS_SEE, 0, 0, history_show},
    {HTTP_GET, "/administracion/permisos", "permissions", ACTION_SETTINGS_SEE, 0, 0, permissions_show},
    {.pattern = NULL},
};
