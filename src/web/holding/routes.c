/* SPDX-License-Identifier: EUPL-1.2 */
#include "web/holding/holding_pages.h"

#define OWN ACTION_CERTIFICATE_OWN
#define ONE HOLDINGS "/{id}"

const struct page_route holding_routes[] = {
    {HTTP_GET, HOLDINGS, "certificates", OWN, 0, 0, holdings_show},
    {HTTP_GET, HOLDINGS "/estadisticas", "certificate-statistics", ACTION_STATISTICS_SEE, 0, 0, statistics_show},
    {HTTP_GET, HOLDINGS "/renovar/{token}", "certificate-renew-link", ACTION_PUBLIC, 0, 0, holding_renew_link_show},
    {HTTP_POST, HOLDINGS "/renovar/{token}", "certificate-renew-link-send", ACTION_PUBLIC, 0, 0,
     holding_renew_link_send},
    {HTTP_GET, ONE, "certificate", OWN, 0, 0, holding_show},
    {HTTP_GET, ONE "/cadena.pem", "certificate-chain", OWN, 0, 0, holding_chain_send},
    {HTTP_GET, ONE "/comprobante.pdf", "certificate-receipt", OWN, 0, 0, holding_receipt_send},
    {HTTP_GET, ONE "/renovar", "certificate-renew", OWN, 0, 0, holding_renew},
    {HTTP_GET, ONE "/revocar", "certificate-revoke-ask", OWN, 0, 0, holding_revoke_show},
    {HTTP_POST, ONE "/revocar", "certificate-revoke", OWN, 0, 0, holding_revoke_send},
    {.pattern = NULL},
};
