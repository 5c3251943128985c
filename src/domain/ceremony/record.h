/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of the record: its seal.
 */
#ifndef DOMAIN_CEREMONY_RECORD_H
#define DOMAIN_CEREMONY_RECORD_H

#include "domain/ceremony/ceremony_internal.h"

/** Signs the document with the authority's seal, shown on its last page, and writes both into the instance's folder. */
rfd_status record_seal(struct ceremony *c, slice document, struct rfd_error *error) RFD_MUST_CHECK;

#endif
