/* SPDX-License-Identifier: EUPL-1.2 */
#include "pdf/page_text_work.h"

enum { BYTES_MAXIMUM = 64 << 20, STEPS_MAXIMUM = 50 * 1000 * 1000, ENTRIES_A_STEP = 4, SCRATCH_MAXIMUM = 512 << 20 };

void page_work_begin(struct page_work *w, const struct pdf_view *view)
{
    *w = (struct page_work){
        .view = pdf_view(view->doc, view->revision), .bytes = BYTES_MAXIMUM, .steps = STEPS_MAXIMUM, .complete = true};
    arena_init(&w->scratch, SCRATCH_MAXIMUM);
}

void page_work_end(struct page_work *w)
{
    arena_dispose(&w->scratch);
}

bool page_work_spend_bytes(struct page_work *w, size_t bytes)
{
    if (bytes <= w->bytes) {
        w->bytes -= bytes;
        return true;
    }
    w->complete = false;
    return false;
}

/** Whether a failure says something about the input only. */
static bool is_inputs(rfd_status code)
{
    return rfd_status_class(code) == RFD_CLASS_INPUT;
}

rfd_status page_work_settle(struct page_work *w, struct rfd_error *error)
{
    if (w->view.failure.code == RFD_OK) return RFD_OK;
    if (!is_inputs(w->view.failure.code)) return pdf_view_status(&w->view, error);
    error_clear(&w->view.failure);
    w->complete = false;
    return RFD_OK;
}

rfd_status page_work_stream(struct page_work *w, const struct pdf_value *stream, slice *out, struct rfd_error *error)
{
    slice data = SLICE_EMPTY;
    TRY(page_work_settle(w, error));
    if (stream->kind != PDF_STREAM) {
        w->complete = false;
        *out = SLICE_EMPTY;
        return RFD_OK;
    }
    rfd_status status = pdf_stream_data(&w->view, stream, w->bytes, &data, error);
    if (status != RFD_OK) {
        if (!is_inputs(status)) return status;
        error_clear(error);
        error_clear(&w->view.failure);
        w->complete = false;
        data = SLICE_EMPTY;
    }
    *out = page_work_spend_bytes(w, data.length) ? data : SLICE_EMPTY;
    return RFD_OK;
}

const struct pdf_value *page_work_get(struct page_work *w, const struct pdf_value *dictionary, slice key)
{
    dictionary = pdf_resolve(&w->view, dictionary);
    if (!page_work_spend(w, 1 + dictionary->count / ENTRIES_A_STEP)) return &pdf_null;
    return pdf_resolve(&w->view, pdf_find_entry(dictionary, key));
}
