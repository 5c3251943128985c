/* SPDX-License-Identifier: EUPL-1.2
 *
 * A new file (ISO 32000-2 §7.5.2-7.5.5): objects are written as into an update, of nothing. The same calls give the
 * same bytes.
 */
#ifndef PDF_CREATE_H
#define PDF_CREATE_H

#include "pdf/update.h"

/** A file of version 1.7 without objects yet: write them with the functions of update.h (those that take values of an
 * existing document aside), free with pdf_update_free(). */
rfd_status pdf_create_begin(struct pdf_update **out, struct rfd_error *error) RFD_MUST_CHECK;
/** Writes cross-reference and trailer; /ID is made from the content (§14.4). `info` may be {0}. */
rfd_status pdf_create_finish(struct pdf_update *u, struct pdf_reference root, struct pdf_reference info, slice *file,
                             struct rfd_error *error) RFD_MUST_CHECK;

#endif
