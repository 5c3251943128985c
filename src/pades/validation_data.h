/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signatures of a document as the extension of their level sees them, and the update that adds a document security
 * store with all that validating them later needs (EN 319 142-1 §5.4).
 */
#ifndef PADES_VALIDATION_DATA_H
#define PADES_VALIDATION_DATA_H

#include "pades/sign_run.h"
#include "pki/timestamp.h"

/** One signature or document time stamp. */
struct signed_item {
    slice field;
    struct pdf_signature signature;
    bool parsed; /* `cms` holds something */
    struct cms cms;
    rfd_time proven; /* when it certainly existed: its own time stamp, or a later document time stamp */
};
struct signed_items {
    struct signed_item *items; /* in the document's arena */
    size_t count;
};
/** All signatures of the run's document. A CMS that cannot be read leaves `parsed` false. Dispose before the document
 * closes. */
rfd_status signed_items_read(struct sign_run *run, struct signed_items *out, struct rfd_error *error) RFD_MUST_CHECK;
void signed_items_dispose(struct signed_items *items);

/** Gathers validation data for the signature in `only` (NULL: for all) and writes a DSS update into the tail, unless
 * everything was there already. RFD_E_REVOCATION_MISSING naming a certificate. */
rfd_status validation_data_add(struct sign_run *run, const char *only, struct rfd_error *error) RFD_MUST_CHECK;

#endif
