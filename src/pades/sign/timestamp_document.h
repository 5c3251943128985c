/* SPDX-License-Identifier: EUPL-1.2
 *
 * Document time stamps (ISO 32000-2 §12.8.5, EN 319 142-1 §5.4.3): an RFC 3161 token over the whole file in a signature
 * field of its own.
 */
#ifndef PADES_TIMESTAMP_DOCUMENT_H
#define PADES_TIMESTAMP_DOCUMENT_H

#include "pades/sign/sign_run.h"

/** Writes one into the run's tail, which must be empty. `field` may be NULL: the first free "Timestamp<n>". */
rfd_status timestamp_document_add(struct sign_run *run, const char *field, struct rfd_error *error) RFD_MUST_CHECK;

#endif
