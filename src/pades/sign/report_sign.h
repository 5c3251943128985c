/* SPDX-License-Identifier: EUPL-1.2
 *
 * The report of a signing run under construction: what was checked and done, kept as evidence (spec 1.1, "before
 * signing it checks and says so"). Every function here accepts a NULL report and then does nothing, so that a caller
 * who wants no report pays for none.
 */
#ifndef PADES_REPORT_SIGN_H
#define PADES_REPORT_SIGN_H

#include "base/arena.h"
#include <refrenda/sign.h>

/** `operation`: "sign", "timestamp", "extend" or "embed"; a literal. */
rfd_status report_sign_new(const char *operation, struct rfd_sign_report **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Adds a row. `name` is a literal; `format` may be NULL for no detail. A lack of memory only loses the row. */
void report_sign_check(struct rfd_sign_report *report, const char *name, enum rfd_check_result result, rfd_status code,
                       const char *format, ...) RFD_PRINTF(5, 6);
/** Texts are copied. */
void report_sign_field(struct rfd_sign_report *report, const char *field);
void report_sign_signer(struct rfd_sign_report *report, const char *signer, const char *algorithm);
void report_sign_level(struct rfd_sign_report *report, enum rfd_level level);
void report_sign_time(struct rfd_sign_report *report, rfd_time claimed);
/** The time of a signature or document time stamp; the last one given counts. */
void report_sign_timestamp(struct rfd_sign_report *report, rfd_time proven);
/** How the run ended; `error` may be NULL when all is well. */
void report_sign_result(struct rfd_sign_report *report, const struct rfd_error *error);

#endif
