/* SPDX-License-Identifier: EUPL-1.2
 *
 * How a document would look with a stamp: the same steps as signing, without certificate checks and without a
 * signature.
 */
#include "base/error.h"
#include "pades/sign/refuse.h"
#include "pades/sign/sign_steps.h"
#include "pades/sign/visible.h"

static rfd_status take_whole(struct sign_run *run, rfd_bytes *out, struct rfd_error *error)
{
    slice before;
    rfd_bytes whole = {0};
    TRY(source_view(run->source, 0, source_size(run->source), &before, error));
    TRY(rfd_bytes_new(before.length + run->tail.length, &whole, error));
    memcpy(whole.data, before.data, before.length);
    if (run->tail.length > 0) memcpy(whole.data + before.length, run->tail.data, run->tail.length);
    *out = whole;
    return RFD_OK;
}

static rfd_status preview(struct sign_run *run, rfd_bytes *document, int *page, struct rfd_error *error)
{
    TRY(sign_run_document(run, error));
    TRY(refuse_document(&run->view, error));
    TRY(placement_choose(&run->place, &run->arena, run->options.field, "Signature", error));
    TRY(refuse_signature(&run->view, &run->place, run->options.certify, error));
    TRY(visible_choose(run, error));
    if (run->visible == NULL)
        return error_set(error, RFD_E_ARGUMENT, "there is nothing to be seen: no stamp, or a field without a place");
    TRY(sign_run_preview(run, error));
    TRY(take_whole(run, document, error));
    *page = (int)run->visible->spot.index + 1;
    return RFD_OK;
}

/** Uses `source` up. */
static rfd_status preview_source(struct source *source, slice certificates, const struct rfd_sign_options *options,
                                 rfd_bytes *document, int *page, struct rfd_error *error)
{
    struct sign_run run;
    struct rfd_key *own = NULL;
    rfd_status status = sign_run_begin(&run, options, error);
    run.source = source;
    if (status != RFD_OK) goto out;
    run.may_repair = true;
    TRY_OUT(sign_run_key(&run, certificates, &own, error));
    status = preview(&run, document, page, error);
out:
    sign_run_dispose(&run);
    rfd_key_free(own);
    return status;
}

rfd_status rfd_preview_file(const char *input, rfd_slice certificates, const struct rfd_sign_options *options,
                            rfd_bytes *document, int *page, struct rfd_error *error)
{
    struct source *source = NULL;
    TRY(source_open_file(input, &source, error));
    return preview_source(source, certificates, options, document, page, error);
}

rfd_status rfd_preview_memory(rfd_slice input, rfd_slice certificates, const struct rfd_sign_options *options,
                              rfd_bytes *document, int *page, struct rfd_error *error)
{
    struct source *source = NULL;
    TRY(source_open_memory(input, &source, error));
    return preview_source(source, certificates, options, document, page, error);
}
