/* SPDX-License-Identifier: EUPL-1.2
 *
 * Time: one type (rfd_time, microseconds UTC), one reader of the clock, one calendar. No libc time zones: the
 * proleptic Gregorian calendar, years 0001 to 9999.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/slice.h"

/** Now, or the moment set by clock_fix (reproducible tests and --at). */
rfd_time clock_now(void);
/** Pins clock_now() in this process; RFD_TIME_NONE releases it. */
void clock_fix(rfd_time moment);
/** Processor time that this thread has used so far, for limits on work; clock_fix has no part in it. */
rfd_time clock_spent(void);

struct civil {
    int year, month, day, hour, minute, second;
};
struct civil clock_civil(rfd_time t);
/** False when a field is out of range (a second of 60 is taken as 59). */
bool clock_from_civil(const struct civil *c, rfd_time *out);

enum { CLOCK_TEXT_SIZE = 32 };
/** "2026-11-21T18:50:24Z" (whole seconds, RFC 3339); "" for RFD_TIME_NONE. Returns `text`. */
const char *clock_iso(rfd_time t, char text[CLOCK_TEXT_SIZE]);
/** RFC 3339 with Z or an offset, or a plain date (its first second). */
bool clock_parse_iso(slice text, rfd_time *out);
/** "20261121185024Z" (X.690 §11.7 GeneralizedTime), or "261121185024Z" (UTCTime) without the century. */
const char *clock_asn1(rfd_time t, bool generalized, char text[CLOCK_TEXT_SIZE]);
/** GeneralizedTime (fractions allowed) or UTCTime (RFC 5280 §4.1.2.5.1: 50-99 are 19xx), both with Z. */
bool clock_parse_asn1(slice text, bool generalized, rfd_time *out);
/** "D:20261121185024Z" (ISO 32000-2 §7.9.4). */
const char *clock_pdf(rfd_time t, char text[CLOCK_TEXT_SIZE]);
/** A PDF date with or without zone and trailing parts; a missing zone is taken as UTC. */
bool clock_parse_pdf(slice text, rfd_time *out);

#endif
