/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reasons of revocation by their names in RFC 5280 §5.3.1, for programs and the command line.
 */
#ifndef DOMAIN_REASON_H
#define DOMAIN_REASON_H

#include "base/slice.h"

/** "keyCompromise"; "unspecified" for 0 and for what is none. */
const char *reason_name(int reason);
/** Of those that a person may give: unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation,
 * privilegeWithdrawn. False for others. */
bool reason_from_name(slice name, int *out);

#endif
