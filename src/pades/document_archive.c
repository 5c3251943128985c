/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "pades/document_internal.h"
#include "pdf/archive/archive.h"

static rfd_status copy_violations(struct arena *arena, const struct pdf_archive_report *report,
                                  struct rfd_archive_info *info, struct rfd_error *error)
{
    struct rfd_archive_violation *list = arena_zeroed(arena, report->count + 1, sizeof *list);
    if (list == NULL) return arena_failed(arena, error);
    for (size_t i = 0; i < report->count; i++) {
        const struct pdf_archive_violation *v = &report->violations[i];
        list[i] = (struct rfd_archive_violation){
            .rule = arena_text(arena, slice_text(pdf_archive_rule_name(v->rule))),
            .clause = v->clause,
            .message = pdf_archive_rule_message(v->rule),
            .detail = v->detail,
            .object = v->object,
        };
        if (list[i].rule == NULL) return arena_failed(arena, error);
    }
    info->violations = list;
    info->count = report->count;
    return RFD_OK;
}

rfd_status rfd_document_archive(struct rfd_document *document, int part, const struct rfd_archive_info **out,
                                struct rfd_error *error)
{
    struct arena *arena = pdf_arena(document->pdf);
    struct pdf_archive_report report;
    struct rfd_archive_info *info = arena_zeroed(arena, 1, sizeof *info);
    if (info == NULL) return arena_failed(arena, error);
    if (part < 0 || part > 3) return error_set(error, RFD_E_ARGUMENT, "ISO 19005 part %d", part);
    TRY(pdf_archive_check(&document->view, part, &report, error));
    info->part = report.part;
    info->level = report.level;
    info->complete = report.complete;
    TRY(copy_violations(arena, &report, info, error));
    *out = info;
    return RFD_OK;
}
