/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which part of ISO 19005 (PDF/A) a document claims to follow, in its XMP metadata (§6.7.11 of part 1, §6.6.4 of part
 * 2). Only what the claim is, not whether it is true.
 */
#ifndef PADES_PDFA_CLAIM_H
#define PADES_PDFA_CLAIM_H

#include "pdf/document.h"

/** 1 to 4, or 0 for none. Metadata that cannot be read claims nothing; the status is for memory. */
rfd_status pdfa_claim(struct pdf_view *view, int *part, struct rfd_error *error) RFD_MUST_CHECK;
/** The same for the XMP packet itself. */
int pdfa_claim_of(slice xmp);

#endif
