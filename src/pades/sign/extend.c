/* SPDX-License-Identifier: EUPL-1.2
 *
 * Raising the level of signatures that are there already. Their CMS is signed and fixed, so a missing time stamp comes
 * from a document time stamp; then validation data for everything, earlier document time stamps included; then, for
 * B-LTA, a new document time stamp over all of it. Run again, the same steps renew the archive time stamp.
 */
#include "base/error.h"
#include "pades/sign/refuse.h"
#include "pades/sign/sign_steps.h"
#include "pades/sign/timestamp_document.h"
#include "pades/sign/validation_data.h"

static rfd_status prove_time(struct sign_run *run, struct rfd_error *error)
{
    struct signed_items all;
    TRY(signed_items_read(run, &all, error));
    size_t unproven = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].proven == RFD_TIME_NONE) unproven++;
    }
    signed_items_dispose(&all);
    if (unproven == 0) {
        report_sign_check(run->report, "time-proof", RFD_CHECK_PASSED, RFD_OK, "every signature has one");
        return RFD_OK;
    }
    report_sign_check(run->report, "time-proof", RFD_CHECK_WARNING, RFD_OK,
                      "%zu signatures without a time stamp of their own", unproven);
    return timestamp_document_add(run, NULL, error);
}

static rfd_status extend_work(struct sign_run *run, struct rfd_error *error)
{
    if (run->options.level == RFD_LEVEL_B_B)
        return error_set(error, RFD_E_ARGUMENT, "a signature has level B-B to begin with");
    TRY(sign_run_document(run, error));
    TRY(refuse_document(&run->view, error));
    if (run->place.signed_count == 0) return error_set(error, RFD_E_NOT_SIGNED, NULL);
    run->keep_original = true;
    TRY(prove_time(run, error));
    report_sign_level(run->report, RFD_LEVEL_B_T);
    if (run->options.level == RFD_LEVEL_B_T) return RFD_OK;
    TRY(sign_run_absorb(run, error));
    TRY(validation_data_add(run, NULL, error));
    report_sign_level(run->report, RFD_LEVEL_B_LT);
    if (run->options.level == RFD_LEVEL_B_LT) return RFD_OK;
    TRY(sign_run_absorb(run, error));
    TRY(timestamp_document_add(run, NULL, error));
    report_sign_level(run->report, RFD_LEVEL_B_LTA);
    return RFD_OK;
}

rfd_status rfd_extend_file(const char *input, const char *output, const struct rfd_sign_options *options,
                           struct rfd_sign_report **report, struct rfd_error *error)
{
    return sign_run_file("extend", input, output, options, extend_work, report, error);
}
