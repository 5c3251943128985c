/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "base/memory.h"
#include "pades/active_content.h"
#include "pades/document_internal.h"
#include "pdf/crypt.h"
#include "pdf/field.h"

rfd_status rfd_document_open(const char *path, rfd_slice password, struct rfd_document **out, struct rfd_error *error)
{
    struct rfd_document *document = memory_zeroed(1, sizeof *document);
    if (document == NULL) return error_memory(error);
    struct pdf_options options = {.password = password};
    rfd_status status = RFD_OK;
    TRY_OUT(source_open_file(path, &document->source, error));
    TRY_OUT(pdf_open(document->source, &options, &document->pdf, error));
    document->view = pdf_latest(document->pdf);
    *out = document;
    document = NULL;
out:
    rfd_document_close(document);
    return status;
}

void rfd_document_close(struct rfd_document *document)
{
    if (document == NULL) return;
    pdf_close(document->pdf);
    source_close(document->source);
    memory_free(document);
}

static const char *xref_text(enum pdf_xref_kind kind)
{
    switch (kind) {
    case PDF_XREF_STREAM: return "stream";
    case PDF_XREF_HYBRID: return "hybrid";
    case PDF_XREF_TABLE: break;
    }
    return "table";
}

static size_t count_objects(struct pdf_document *pdf, size_t revision, uint32_t size)
{
    size_t count = 0;
    for (uint32_t number = 1; number < size; number++) {
        enum pdf_entry_kind kind = pdf_locate(pdf, revision, number).kind;
        if (kind == PDF_ENTRY_OFFSET || kind == PDF_ENTRY_COMPRESSED) count++;
    }
    return count;
}

static rfd_status list_anomalies(struct rfd_document *document, struct rfd_document_info *info, struct rfd_error *error)
{
    const char **list = arena_zeroed(pdf_arena(document->pdf), PDF_ANOMALY_COUNT + 1, sizeof *list);
    if (list == NULL) return arena_failed(pdf_arena(document->pdf), error);
    size_t count = 0;
    for (int i = 0; i < PDF_ANOMALY_COUNT; i++) {
        if (pdf_has_anomaly(document->pdf, (enum pdf_anomaly)i)) list[count++] = pdf_anomaly_text((enum pdf_anomaly)i);
    }
    info->anomalies = list;
    return RFD_OK;
}

static rfd_status list_active_content(struct rfd_document *document, struct rfd_document_info *info,
                                      struct rfd_error *error)
{
    const char **list = arena_zeroed(pdf_arena(document->pdf), ACTIVE_CONTENT_MAXIMUM, sizeof *list);
    if (list == NULL) return arena_failed(pdf_arena(document->pdf), error);
    (void)active_content_find(&document->view, list);
    info->active_content = list;
    return RFD_OK;
}

static rfd_status count_signatures(struct rfd_document *document, struct rfd_document_info *info,
                                   struct rfd_error *error)
{
    const struct rfd_field_info *fields;
    size_t count = 0;
    TRY(rfd_document_fields(document, &fields, &count, error));
    for (size_t i = 0; i < count; i++) info->signatures += fields[i].is_signed;
    return RFD_OK;
}

static rfd_status inspect(struct rfd_document *document, struct rfd_document_info *info, struct rfd_error *error)
{
    struct pdf_document *pdf = document->pdf;
    info->version = pdf_version(pdf);
    info->size = source_size(document->source);
    info->revisions = pdf_revision_count(pdf);
    const struct pdf_revision *latest = pdf_revision(pdf, info->revisions - 1);
    info->xref = xref_text(latest->xref);
    info->linearised = pdf_revision(pdf, 0)->linearised;
    info->objects = count_objects(pdf, info->revisions - 1, latest->size);
    info->encryption = pdf_is_encrypted(pdf) ? pdf_crypt_name(pdf_crypt(pdf)) : "";
    TRY(pdf_page_count(&document->view, &info->pages, error));
    struct pdf_reference certification;
    info->certification = pdf_certification(&document->view, &certification);
    TRY(count_signatures(document, info, error));
    TRY(list_active_content(document, info, error));
    TRY(list_anomalies(document, info, error));
    return pdf_view_status(&document->view, error);
}

rfd_status rfd_document_inspect(struct rfd_document *document, const struct rfd_document_info **out,
                                struct rfd_error *error)
{
    if (document->info == NULL) {
        struct rfd_document_info *info = arena_zeroed(pdf_arena(document->pdf), 1, sizeof *info);
        if (info == NULL) return arena_failed(pdf_arena(document->pdf), error);
        TRY(inspect(document, info, error));
        document->info = info;
    }
    *out = document->info;
    return RFD_OK;
}
