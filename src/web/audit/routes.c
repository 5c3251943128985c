/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/audit/audit_web.h"

const struct page_route audit_routes[] = {
    {HTTP_GET, "/auditoria", "audit", ACTION_AUDIT_SEE, 0, 0, audit_rows_show},
    {HTTP_GET, "/auditoria/filas/{sequence}", "audit-row", ACTION_AUDIT_SEE, 0, 0, audit_row_show},
    {HTTP_GET, "/auditoria/verificacion", "audit-check", ACTION_AUDIT_SEE, 0, 0, audit_check_show},
    {HTTP_POST, "/auditoria/verificacion", "audit-check-want", ACTION_AUDIT_SEE, 0, 0, audit_check_ask},
    {HTTP_GET, "/auditoria/firmas", "audit-points", ACTION_AUDIT_SEE, 0, 0, audit_points_show},
    {HTTP_GET, "/auditoria/firmas/{sequence}", "audit-point", ACTION_AUDIT_SEE, 0, 0, audit_point_save},
    {.pattern = NULL},
};
