/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/appearance/content_depth.h"

#include "base/error.h"
#include "pdf/content.h"

enum { CONTENT_MAXIMUM = 64 << 20, STREAMS_MAXIMUM = 4096, DEPTH_MAXIMUM = 1000 };

static void count(struct content_depth *d, slice word)
{
    if (word.length != 1) return;
    if (*word.data == 'q' && d->left < DEPTH_MAXIMUM) d->left++;
    if (*word.data != 'Q') return;
    if (d->left > 0)
        d->left--;
    else if (d->missing < DEPTH_MAXIMUM)
        d->missing++;
}

rfd_status content_depth_add(struct content_depth *d, slice bytes)
{
    struct content content;
    struct content_operation operation;
    content_init(&content, bytes);
    while (content_next(&content, &operation)) count(d, operation.name);
    rfd_status status = content.status;
    content_dispose(&content);
    return status;
}

static rfd_status add_stream(struct pdf_view *view, const struct pdf_value *stream, struct content_depth *d,
                             struct rfd_error *error)
{
    slice content;
    struct rfd_error ignored = RFD_ERROR_INIT;
    if (stream->kind != PDF_STREAM) return RFD_OK;
    rfd_status status = pdf_stream_data(view, stream, CONTENT_MAXIMUM, &content, &ignored);
    if (status == RFD_E_MEMORY) return error_memory(error);
    view->failure.code = RFD_OK;
    if (status == RFD_OK && content_depth_add(d, content) != RFD_OK) return error_memory(error);
    return RFD_OK;
}

rfd_status content_depth_of_page(struct pdf_view *view, const struct pdf_value *contents, struct content_depth *out,
                                 struct rfd_error *error)
{
    struct content_depth d = {0};
    const struct pdf_value *value = pdf_resolve(view, contents);
    TRY(pdf_view_status(view, error));
    if (value->kind != PDF_ARRAY) TRY(add_stream(view, value, &d, error));
    for (uint32_t i = 0; value->kind == PDF_ARRAY && i < value->count && i < STREAMS_MAXIMUM; i++)
        TRY(add_stream(view, pdf_item(view, value, i), &d, error));
    *out = d;
    return RFD_OK;
}
