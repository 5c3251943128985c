/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "pades/document_internal.h"
#include "pades/sign/lock.h"
#include "pades/sign/seed_values.h"

/** A text for the caller; "" is never copied. */
static rfd_status text_of(struct arena *arena, slice s, const char **out, struct rfd_error *error)
{
    *out = s.length == 0 ? "" : arena_text(arena, s);
    return *out == NULL ? arena_failed(arena, error) : RFD_OK;
}

static rfd_status describe_lock(struct rfd_document *document, const struct pdf_field *field, const char **out,
                                struct rfd_error *error)
{
    struct pdf_field_lock lock;
    const struct pdf_value *value = pdf_get(&document->view, field->dictionary, "Lock");
    TRY(pdf_field_lock(&document->view, value, &lock, error));
    *out = lock_text(pdf_arena(document->pdf), &lock);
    return *out == NULL ? arena_failed(pdf_arena(document->pdf), error) : RFD_OK;
}

static rfd_status describe(struct rfd_document *document, const struct pdf_field *field, struct rfd_field_info *info,
                           struct rfd_error *error)
{
    struct arena *arena = pdf_arena(document->pdf);
    TRY(text_of(arena, field->name, &info->name, error));
    TRY(text_of(arena, field->type, &info->type, error));
    info->is_signature = slice_is(field->type, "Sig");
    info->is_signed = info->is_signature && field->value->kind != PDF_NULL;
    info->object = field->reference.number;
    info->lock = info->seed_values = "";
    if (!info->is_signature) return RFD_OK;
    TRY(describe_lock(document, field, &info->lock, error));
    info->seed_values = seed_values_text(&document->view, field->dictionary);
    return RFD_OK;
}

rfd_status rfd_document_fields(struct rfd_document *document, const struct rfd_field_info **fields, size_t *count,
                               struct rfd_error *error)
{
    if (document->fields == NULL) {
        const struct pdf_field *found;
        size_t found_count = 0;
        TRY(pdf_fields(&document->view, &found, &found_count, error));
        struct rfd_field_info *list = arena_zeroed(pdf_arena(document->pdf), found_count + 1, sizeof *list);
        if (list == NULL) return arena_failed(pdf_arena(document->pdf), error);
        for (size_t i = 0; i < found_count; i++) TRY(describe(document, &found[i], &list[i], error));
        TRY(pdf_view_status(&document->view, error));
        document->fields = list;
        document->field_count = found_count;
    }
    *fields = document->fields;
    *count = document->field_count;
    return RFD_OK;
}
