/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/dss.h"

#include "base/error.h"

enum { ITEMS_MAXIMUM = 20000, ENTRIES_MAXIMUM = 400 * 1000 };
#define ITEM_MAXIMUM ((size_t)64 * 1024 * 1024)
/* What all streams may unfold to: a few kilobytes can name one and the same thousands of times. */
#define TOTAL_MAXIMUM ((size_t)256 * 1024 * 1024)
#define FAILURE_COST  ((size_t)4 * 1024 * 1024) /* of a stream that was unfolded who knows how far */

/* ISO 32000-2 tables 261 and 262. */
static const struct {
    const char *common, *of_signature;
    enum dss_kind kind;
} lists[] = {{"Certs", "Cert", DSS_CERTIFICATE}, {"OCSPs", "OCSP", DSS_OCSP}, {"CRLs", "CRL", DSS_CRL}};
enum { LISTS = sizeof lists / sizeof lists[0] };

void dss_walk_start(struct dss_walk *w, dss_take *take, void *context)
{
    *w = (struct dss_walk){
        .take = take, .context = context, .bytes_left = TOTAL_MAXIMUM, .entries_left = ENTRIES_MAXIMUM};
}

void dss_walk_dispose(struct dss_walk *w)
{
    map_dispose(&w->seen);
}

static rfd_status unfold(struct dss_walk *w, struct pdf_view *view, const struct pdf_value *stream, slice *out,
                         struct rfd_error *error)
{
    size_t maximum = w->bytes_left < ITEM_MAXIMUM ? w->bytes_left : ITEM_MAXIMUM;
    if (stream->kind != PDF_STREAM) return error_set(error, RFD_E_PDF_DAMAGED, "a DSS entry is no stream");
    if (w->bytes_left == 0) return error_set(error, RFD_E_LIMIT, "DSS of more than %zu bytes", TOTAL_MAXIMUM);
    rfd_status status = pdf_stream_data(view, stream, maximum, out, error);
    size_t cost = status == RFD_OK ? out->length : FAILURE_COST;
    w->bytes_left -= cost < w->bytes_left ? cost : w->bytes_left;
    return status;
}

static rfd_status walk_list(struct dss_walk *w, struct pdf_view *view, const struct pdf_value *list, enum dss_kind kind,
                            struct rfd_error *error)
{
    for (size_t i = 0; list->kind == PDF_ARRAY && i < list->count && i < ITEMS_MAXIMUM && w->entries_left > 0; i++) {
        const struct pdf_value *stream = pdf_item(view, list, i);
        slice der;
        w->entries_left--;
        if (map_has(&w->seen, (uint64_t)(uintptr_t)stream)) continue;
        if (map_set(&w->seen, (uint64_t)(uintptr_t)stream, kind) != RFD_OK) return error_memory(error);
        rfd_status status = unfold(w, view, stream, &der, error);
        if (status == RFD_OK) status = w->take(w->context, kind, der, error);
        if (status == RFD_E_MEMORY) return status;
        if (status != RFD_OK) w->skipped++;
    }
    return RFD_OK;
}

static rfd_status walk_vri(struct dss_walk *w, struct pdf_view *view, const struct pdf_value *vri,
                           struct rfd_error *error)
{
    for (size_t i = 0; i < LISTS; i++) {
        TRY(walk_list(w, view, pdf_get(view, vri, lists[i].of_signature), lists[i].kind, error));
    }
    return RFD_OK;
}

static const struct pdf_value *dss_of(struct pdf_view *view)
{
    return pdf_get(view, pdf_catalog(view), "DSS");
}

rfd_status dss_walk_revision(struct dss_walk *w, struct pdf_view *view, bool all_vri, struct rfd_error *error)
{
    const struct pdf_value *dss = dss_of(view);
    for (size_t i = 0; i < LISTS; i++) {
        TRY(walk_list(w, view, pdf_get(view, dss, lists[i].common), lists[i].kind, error));
    }
    const struct pdf_value *vri = all_vri ? pdf_get(view, dss, "VRI") : &pdf_null;
    const struct pdf_entry *entries = pdf_entries(vri);
    for (size_t i = 0; entries != NULL && i < vri->count && i < ITEMS_MAXIMUM && w->entries_left > 0; i++) {
        w->entries_left--;
        TRY(walk_vri(w, view, pdf_resolve(view, &entries[i].value), error));
    }
    return pdf_view_status(view, error);
}

rfd_status dss_walk_vri(struct dss_walk *w, struct pdf_view *view, slice key, bool *found, struct rfd_error *error)
{
    const struct pdf_value *all = pdf_get(view, dss_of(view), "VRI");
    const struct pdf_value *vri = pdf_resolve(view, pdf_find_entry(all, key));
    *found = pdf_entries(vri) != NULL;
    if (*found) TRY(walk_vri(w, view, vri, error));
    return pdf_view_status(view, error);
}

/* --- Into lists -------------------------------------------------------------------------------------------------- */

struct lists_to_fill {
    struct certificate_list *certificates;
    struct revocation_store *store;
};

static rfd_status fill(void *context, enum dss_kind kind, slice der, struct rfd_error *error)
{
    struct lists_to_fill *to = context;
    const struct certificate *c = NULL;
    if (kind != DSS_CERTIFICATE)
        return revocation_store_add(to->store, der, kind == DSS_CRL, REVOCATION_FROM_DOCUMENT, error);
    TRY(certificate_parse(der, &c, error));
    rfd_status status = certificate_list_add(to->certificates, c, error);
    certificate_unref(c);
    return status;
}

rfd_status dss_read(struct pdf_view *view, struct certificate_list *certificates, struct revocation_store *store,
                    size_t *skipped, struct rfd_error *error)
{
    struct lists_to_fill to = {certificates, store};
    struct dss_walk w;
    dss_walk_start(&w, fill, &to);
    rfd_status status = dss_walk_revision(&w, view, false, error);
    if (status == RFD_OK && skipped != NULL) *skipped = w.skipped;
    dss_walk_dispose(&w);
    return status;
}
