/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the packs: check digits and letters, by name (identity_check.def).
 *
 * Numbers come here in capitals, with the form that the document's pattern says, one byte a character: N with tilde is
 * IDENTITY_ENYE.
 */
#ifndef PACKS_IDENTITY_CHECK_H
#define PACKS_IDENTITY_CHECK_H

#include "packs/identity.h"

enum { IDENTITY_ENYE = 0xD1 }; /* as in ISO 8859-1 */

enum identity_check_name {
#define IDENTITY_CHECK(text, function) IDENTITY_CHECK_##function,
#include "packs/identity_check.def"
#undef IDENTITY_CHECK
    IDENTITY_CHECKS
};
/** FORM (such as a day that is none), DIGIT or FINE. */
enum identity_fault identity_check(enum identity_check_name name, slice number);

#endif
