/* SPDX-License-Identifier: EUPL-1.2 */
#include "pades/sign/timestamp_document.h"

#include "base/error.h"
#include "pades/sign/refuse.h"
#include "pades/sign/sign_steps.h"

/** One try with `reserve` bytes; *fits tells whether the token went in. */
static rfd_status attempt(struct sign_run *run, size_t reserve, bool *fits, struct rfd_error *error)
{
    struct signature_dictionary dictionary = {.timestamp = true, .reserve = reserve};
    struct signature_hole hole;
    uint8_t digest[DIGEST_SIZE_MAXIMUM];
    struct buf token;
    rfd_status status = RFD_OK;
    buf_init(&token, SIGN_CMS_MAXIMUM);
    TRY_OUT(sign_run_update(run, &dictionary, &hole, error));
    TRY_OUT(sign_run_digest(run, &hole, digest, error));
    TRY_OUT(sign_steps_timestamp_digest(run, slice_of(digest, digest_size(run->digest)), &token, error));
    *fits = sign_run_fill(run, &hole, buf_slice(&token));
out:
    buf_dispose(&token);
    return status;
}

rfd_status timestamp_document_add(struct sign_run *run, const char *field, struct rfd_error *error)
{
    if (run->options.tsa_url == NULL) return error_set(error, RFD_E_TSA_MISSING, NULL);
    TRY(placement_choose(&run->place, &run->arena, field, "Timestamp", error));
    TRY(refuse_timestamp(&run->view, &run->place, error));
    run->keep_original = true;
    bool fits = false;
    size_t reserve = run->token_size > 0 ? run->token_size + SIGN_TOKEN_SLACK : SIGN_TOKEN_GUESS;
    for (int i = 0; i < SIGN_ATTEMPTS && !fits; i++) {
        TRY(attempt(run, reserve, &fits, error));
        reserve = run->token_size + SIGN_TOKEN_SLACK;
    }
    return fits ? RFD_OK : error_set(error, RFD_E_CMS_SPACE, "%zu bytes", reserve);
}

static rfd_status timestamp_work(struct sign_run *run, struct rfd_error *error)
{
    TRY(sign_run_document(run, error));
    TRY(refuse_document(&run->view, error));
    TRY(timestamp_document_add(run, run->options.field, error));
    report_sign_field(run->report, run->place.name);
    return RFD_OK;
}

rfd_status rfd_timestamp_file(const char *input, const char *output, const struct rfd_sign_options *options,
                              struct rfd_sign_report **report, struct rfd_error *error)
{
    return sign_run_file("timestamp", input, output, options, timestamp_work, report, error);
}
