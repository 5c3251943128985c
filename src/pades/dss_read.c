/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/dss.h"

#include "base/error.h"

enum { ITEMS_MAXIMUM = 20000 };
#define ITEM_MAXIMUM ((size_t)64 * 1024 * 1024)

struct reader {
    struct pdf_view *view;
    struct certificate_list *certificates;
    struct revocation_store *store;
    size_t skipped;
};

typedef rfd_status take_item(struct reader *r, slice der, struct rfd_error *error);

static rfd_status take_certificate(struct reader *r, slice der, struct rfd_error *error)
{
    const struct certificate *c = NULL;
    TRY(certificate_parse(der, &c, error));
    rfd_status status = certificate_list_add(r->certificates, c, error);
    certificate_unref(c);
    return status;
}

static rfd_status take_ocsp(struct reader *r, slice der, struct rfd_error *error)
{
    return revocation_store_add(r->store, der, false, REVOCATION_FROM_DOCUMENT, error);
}

static rfd_status take_crl(struct reader *r, slice der, struct rfd_error *error)
{
    return revocation_store_add(r->store, der, true, REVOCATION_FROM_DOCUMENT, error);
}

static const struct {
    const char *key;
    take_item *take;
} lists[] = {{"Certs", take_certificate}, {"OCSPs", take_ocsp}, {"CRLs", take_crl}};

static rfd_status read_list(struct reader *r, const struct pdf_value *list, take_item *take, struct rfd_error *error)
{
    for (size_t i = 0; list->kind == PDF_ARRAY && i < list->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *stream = pdf_item(r->view, list, i);
        slice der;
        rfd_status status = RFD_E_PDF_DAMAGED;
        if (stream->kind == PDF_STREAM) status = pdf_stream_data(r->view, stream, ITEM_MAXIMUM, &der, error);
        if (status == RFD_OK) status = take(r, der, error);
        if (status == RFD_E_MEMORY) return status;
        if (status != RFD_OK) r->skipped++;
    }
    return RFD_OK;
}

rfd_status dss_read(struct pdf_view *view, struct certificate_list *certificates, struct revocation_store *store,
                    size_t *skipped, struct rfd_error *error)
{
    struct reader r = {.view = view, .certificates = certificates, .store = store};
    const struct pdf_value *dss = pdf_get(view, pdf_catalog(view), "DSS");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        TRY(read_list(&r, pdf_get(view, dss, lists[i].key), lists[i].take, error));
    if (skipped != NULL) *skipped = r.skipped;
    return pdf_view_status(view, error);
}
