/* SPDX-License-Identifier: EUPL-1.2
 *
 * The extensions that a profile asks for: used by profile.c only.
 */
#ifndef PKI_PROFILE_EXTENSION_H
#define PKI_PROFILE_EXTENSION_H

#include "pki/authority/profile.h"

/** Appends all Extension elements; `authority_key_id` may be empty. RFD_E_ARGUMENT: an object identifier that is none,
 * names that the profile does not allow. */
rfd_status profile_put_extensions(struct buf *b, const struct profile *p, const struct profile_order *order,
                                  slice subject_key_id, slice authority_key_id, struct rfd_error *error) RFD_MUST_CHECK;

#endif
