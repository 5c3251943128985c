/* SPDX-License-Identifier: EUPL-1.2
 *
 * Printed forms of the desk: who may see the certificate, or the request to revoke it, may print them.
 */
#include "web/printed.h"

#include "base/error.h"
#include "web/desk/desk_pages.h"

struct printing {
    struct page *page;
    int64_t id;
    struct registration_settings settings;
    struct holding holding;
    struct request request;
    struct revocation revocation;
};

static rfd_status load_certificate(struct transaction *t, void *context, struct rfd_error *error)
{
    struct printing *p = context;
    return holding_find(t, &p->page->actor, &p->settings, p->id, &p->holding, error);
}

/** Formato de Aceptación de Responsabilidad del Uso de la Firma Electrónica. */
rfd_status desk_printed_acceptance(struct page *page, struct rfd_error *error)
{
    struct printing p = {.page = page, .settings = page_registration(page)};
    TRY(page_id(page, "id", &p.id, error));
    TRY(page_read(page, load_certificate, &p, error));
    return page_send_printed(page, PRINTED_ACCEPTANCE, p.id, SLICE("formato-de-aceptacion.pdf"), error);
}

static rfd_status load_revocation(struct transaction *t, void *context, struct rfd_error *error)
{
    struct printing *p = context;
    TRY(desk_request(p->page, t, p->id, &p->request, error));
    if (p->request.way != WAY_REVOCATION) return error_set(error, RFD_E_NOT_FOUND, NULL);
    TRY(revocation_find(t, p->id, &p->revocation, error));
    if (p->revocation.revoked == RFD_TIME_NONE) return error_set(error, RFD_E_NOT_FOUND, "not revoked yet");
    return RFD_OK;
}

/** Comprobante de Revocación. */
rfd_status desk_printed_receipt(struct page *page, struct rfd_error *error)
{
    struct printing p = {.page = page};
    TRY(page_id(page, "id", &p.id, error));
    TRY(page_read(page, load_revocation, &p, error));
    return page_send_printed(page, PRINTED_REVOCATION, p.id, SLICE("comprobante-de-revocacion.pdf"), error);
}
