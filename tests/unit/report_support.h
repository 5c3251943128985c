/* SPDX-License-Identifier: EUPL-1.2
 *
 * Verifications made up for the tests of reports: what no file signed today could show.
 */
#ifndef TESTS_REPORT_SUPPORT_H
#define TESTS_REPORT_SUPPORT_H

#include "pades/report/report_model.h"

enum { REPORT_LONG_SIGNATURES = 12 };

/** Twelve signatures and time stamps over thirty years: valid, revoked, failed, in doubt, with absurd claims. */
struct report_source report_long(void);
/** One signature of today, valid, with a time stamp. */
struct report_source report_short(void);
/** One signature whose every text is written by an enemy. */
struct report_source report_hostile(void);
/** No signature at all. */
struct report_source report_unsigned(void);

/** Text that must never come through as it is. */
extern const char report_hostile_text[];

#endif
