/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/dss.h"

#include "base/error.h"

enum { ITEMS_MAXIMUM = 20000 };
#define ITEM_MAXIMUM ((size_t)64 * 1024 * 1024)
/* What all streams may unfold to: a few kilobytes can name one and the same thousands of times. */
#define TOTAL_MAXIMUM ((size_t)256 * 1024 * 1024)
#define FAILURE_COST  ((size_t)4 * 1024 * 1024) /* of a stream that was unfolded who knows how far */

struct reader {
    struct pdf_view *view;
    struct certificate_list *certificates;
    struct revocation_store *store;
    size_t left; /* bytes that may still be unfolded */
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

static rfd_status unfold(struct reader *r, const struct pdf_value *stream, slice *out, struct rfd_error *error)
{
    size_t maximum = r->left < ITEM_MAXIMUM ? r->left : ITEM_MAXIMUM;
    if (stream->kind != PDF_STREAM) return error_set(error, RFD_E_PDF_DAMAGED, "a DSS entry is no stream");
    if (r->left == 0) return error_set(error, RFD_E_LIMIT, "DSS of more than %zu bytes", TOTAL_MAXIMUM);
    rfd_status status = pdf_stream_data(r->view, stream, maximum, out, error);
    size_t cost = status == RFD_OK ? out->length : FAILURE_COST;
    r->left -= cost < r->left ? cost : r->left;
    return status;
}

static rfd_status read_list(struct reader *r, const struct pdf_value *list, take_item *take, struct rfd_error *error)
{
    for (size_t i = 0; list->kind == PDF_ARRAY && i < list->count && i < ITEMS_MAXIMUM; i++) {
        const struct pdf_value *stream = pdf_item(r->view, list, i);
        slice der;
        rfd_status status = unfold(r, stream, &der, error);
        if (status == RFD_OK) status = take(r, der, error);
        if (status == RFD_E_MEMORY) return status;
        if (status != RFD_OK) r->skipped++;
    }
    return RFD_OK;
}

rfd_status dss_read(struct pdf_view *view, struct certificate_list *certificates, struct revocation_store *store,
                    size_t *skipped, struct rfd_error *error)
{
    struct reader r = {.view = view, .certificates = certificates, .store = store, .left = TOTAL_MAXIMUM};
    const struct pdf_value *dss = pdf_get(view, pdf_catalog(view), "DSS");
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        TRY(read_list(&r, pdf_get(view, dss, lists[i].key), lists[i].take, error));
    if (skipped != NULL) *skipped = r.skipped;
    return pdf_view_status(view, error);
}
