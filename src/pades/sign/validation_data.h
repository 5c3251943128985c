/* SPDX-License-Identifier: EUPL-1.2
 *
 * The update that adds a document security store with all that validating a document's signatures later needs
 * (EN 319 142-1 §5.4).
 */
#ifndef PADES_VALIDATION_DATA_H
#define PADES_VALIDATION_DATA_H

#include "pades/sign/signed_items.h"

/** Gathers validation data for the signature in `only` (NULL: for all) and writes a DSS update into the tail, unless
 * everything was there already. RFD_E_REVOCATION_MISSING naming a certificate. */
rfd_status validation_data_add(struct sign_run *run, const char *only, struct rfd_error *error) RFD_MUST_CHECK;

#endif
