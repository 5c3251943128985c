/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/error.h"
#include "pades/sign/sign_steps.h"

/** Everything after the original bytes, as one piece. With a single update that is its own buffer, uncopied. */
static rfd_status take_update(struct sign_run *run, rfd_bytes *out, struct rfd_error *error)
{
    uint64_t original = source_original_size(run->source);
    uint64_t appended = source_size(run->source) - original;
    slice earlier;
    rfd_bytes whole = {0};
    if (appended == 0) {
        *out = run->tail;
        run->tail = (rfd_bytes){0};
        return RFD_OK;
    }
    TRY(source_view(run->source, original, appended, &earlier, error));
    TRY(rfd_bytes_new(earlier.length + run->tail.length, &whole, error));
    memcpy(whole.data, earlier.data, earlier.length);
    if (run->tail.length > 0) memcpy(whole.data + earlier.length, run->tail.data, run->tail.length);
    *out = whole;
    return RFD_OK;
}

rfd_status rfd_sign_memory(rfd_slice input, const struct rfd_sign_options *options, rfd_bytes *update,
                           struct rfd_sign_report **report, struct rfd_error *error)
{
    struct sign_run run;
    struct rfd_error failure = RFD_ERROR_INIT;
    rfd_bytes result = {0};
    rfd_status status = sign_run_begin(&run, options, &failure);
    if (status != RFD_OK) goto out;
    if (report != NULL) TRY_OUT(report_sign_new("sign", &run.report, &failure));
    TRY_OUT(source_open_memory(input, &run.source, &failure));
    TRY_OUT(sign_steps_all(&run, &failure));
    TRY_OUT(take_update(&run, &result, &failure));
    *update = result;
out:
    report_sign_result(run.report, status == RFD_OK ? NULL : &failure);
    if (report != NULL) *report = run.report;
    sign_run_dispose(&run);
    if (status != RFD_OK && error != NULL) *error = failure;
    return status;
}
