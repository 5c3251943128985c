/* SPDX-License-Identifier: EUPL-1.2
 *
 * Field locks for signing (ISO 32000-2 §12.7.5.5 and §12.8.2.4): what earlier signatures forbid, and the lock that a
 * new signature sets, made from its field's own /Lock and from what the caller asks for on top.
 */
#ifndef PADES_LOCK_H
#define PADES_LOCK_H

#include "pdf/field.h"
#include "pdf/update.h"
#include <refrenda/sign.h>

/** The stricter union of `field` (may be PDF_LOCK_NONE) and the options' lock. RFD_E_ARGUMENT when names are missing.
 */
rfd_status lock_merge(struct arena *arena, const struct pdf_field_lock *field, const struct rfd_sign_options *options,
                      struct pdf_field_lock *out, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes /Action, /Fields and /P into the dictionary that is open. */
void lock_put(struct pdf_update *update, const struct pdf_field_lock *lock);
/** "All", "Include: a, b", "Exclude: c", or "" for none; NULL when there is no memory. */
const char *lock_text(struct arena *arena, const struct pdf_field_lock *lock);

#endif
