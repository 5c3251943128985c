/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/refuse.h"

#include "base/error.h"
#include "pdf/crypt.h"

/* ISO 32000-2 §7.6.4.2 table 22. */
enum { MAY_MODIFY = 4, MAY_ANNOTATE = 6, MAY_FILL_IN = 9 };

rfd_status refuse_document(struct pdf_view *view, struct rfd_error *error)
{
    const struct pdf_value *catalog = pdf_catalog(view);
    const struct pdf_value *rendering = pdf_get(view, catalog, "NeedsRendering");
    const struct pdf_value *xfa = pdf_get(view, pdf_get(view, catalog, "AcroForm"), "XFA");
    if (xfa->kind != PDF_NULL && rendering->kind == PDF_BOOLEAN && rendering->boolean)
        return error_set(error, RFD_E_PDF_XFA, "/NeedsRendering is true (ISO 32000-2 annex K)");
    const struct pdf_crypt *crypt = pdf_crypt(view->doc);
    if (crypt != NULL && !pdf_crypt_permits(crypt, MAY_MODIFY) && !pdf_crypt_permits(crypt, MAY_ANNOTATE) &&
        !pdf_crypt_permits(crypt, MAY_FILL_IN))
        return error_set(error, RFD_E_PDF_LOCKED,
                         "the document's permissions allow no signing; its owner password opens it fully "
                         "(ISO 32000-2 §7.6.4.2)");
    return pdf_view_status(view, error);
}

/** `is_timestamp`: a permission of 1 lets document time stamps through (ISO 32000-2 §12.8.2.2 table 257). */
static rfd_status refuse_by_lock(struct pdf_view *view, const struct pdf_field *field, const char *name,
                                 bool is_timestamp, struct rfd_error *error)
{
    struct pdf_signature signature;
    TRY(pdf_signature_read(view, field->value, field->value_reference, &signature, error));
    if (signature.fieldmdp.permission == 1 && !is_timestamp)
        return error_set(error, RFD_E_PDF_LOCKED, "the signature of field %.*s allows no changes",
                         (int)field->name.length, (const char *)field->name.data);
    if (signature.fieldmdp.action != PDF_LOCK_NONE && pdf_lock_covers(&signature.fieldmdp, slice_text(name)))
        return error_set(error, RFD_E_PDF_LOCKED, "field %s is locked by the signature of field %.*s", name,
                         (int)field->name.length, (const char *)field->name.data);
    return RFD_OK;
}

static rfd_status refuse_by_locks(struct pdf_view *view, const struct placement *p, bool is_timestamp,
                                  struct rfd_error *error)
{
    for (size_t i = 0; i < p->field_count; i++) {
        const struct pdf_field *field = &p->fields[i];
        if (slice_is(field->type, "Sig") && pdf_entries(field->value) != NULL)
            TRY(refuse_by_lock(view, field, p->name, is_timestamp, error));
    }
    return pdf_view_status(view, error);
}

rfd_status refuse_signature(struct pdf_view *view, const struct placement *p, int certify, struct rfd_error *error)
{
    struct pdf_reference certification = {0};
    if (pdf_certification(view, &certification) == 1)
        return error_set(error, RFD_E_PDF_CERTIFIED, "object %u, DocMDP permission 1 (ISO 32000-2 §12.8.2.2)",
                         (unsigned)certification.number);
    if (certify != 0 && p->signed_count > 0)
        return error_set(error, RFD_E_CERTIFY_LATE, "%zu signatures are there already", p->signed_count);
    return refuse_by_locks(view, p, false, error);
}

rfd_status refuse_timestamp(struct pdf_view *view, const struct placement *p, struct rfd_error *error)
{
    return p->field == NULL ? RFD_OK : refuse_by_locks(view, p, true, error);
}
