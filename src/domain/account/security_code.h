/* SPDX-License-Identifier: EUPL-1.2
 *
 * The security code: work that a browser does instead of a picture that a person reads (the altcha protocol: find the
 * number whose SHA-256 with the salt is the challenge). Challenges are signed, not stored; each solution counts once.
 * Without script a page waits: a growing delay takes the work's place (security_delay).
 */
#ifndef DOMAIN_SECURITY_CODE_H
#define DOMAIN_SECURITY_CODE_H

#include "base/buf.h"
#include "store/store.h"

/** JSON for the widget: {"algorithm":"SHA-256","challenge":…,"maxnumber":…,"salt":…,"signature":…}. `key`: of this
 * installation, 32 octets. */
rfd_status security_code_make(slice key, rfd_time now, struct buf *json, struct rfd_error *error) RFD_MUST_CHECK;
/** The widget's answer, base64 of JSON; false for a wrong, old, or used one. */
rfd_status security_code_check(struct transaction *t, slice key, slice answer, rfd_time now, bool *right,
                               struct rfd_error *error) RFD_MUST_CHECK;

#endif
