/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rewriting a damaged document into a clean one with libqpdf, for signing only and only when asked: never for a
 * document that carries a signature, never for validation.
 */
#ifndef PADES_REPAIR_H
#define PADES_REPAIR_H

#include "base/source.h"

/** True when the raw bytes hold a /ByteRange, which every signature has in the clear. */
rfd_status repair_looks_signed(struct source *source, bool *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The rewritten document. RFD_E_PDF_DAMAGED when libqpdf cannot either, RFD_E_PDF_SIGNED_DAMAGED, RFD_E_PDF_PASSWORD.
 */
rfd_status repair_source(struct source *source, slice password, rfd_bytes *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
