/* SPDX-License-Identifier: EUPL-1.2
 *
 * Documents that must not be signed although they could be: dynamic XFA forms, certified documents that allow no
 * further signature, fields locked by an earlier signature, encrypted documents whose permissions forbid it.
 */
#ifndef PADES_REFUSE_H
#define PADES_REFUSE_H

#include "pades/sign/placement.h"

/** RFD_E_PDF_XFA, RFD_E_PDF_LOCKED by the permissions. */
rfd_status refuse_document(struct pdf_view *view, struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_PDF_CERTIFIED, RFD_E_PDF_LOCKED by an earlier signature, RFD_E_CERTIFY_LATE. Not for document time stamps,
 * which are never a change (ISO 32000-2 §12.8.2.2.2). */
rfd_status refuse_signature(struct pdf_view *view, const struct placement *p, int certify,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** For document time stamps: RFD_E_PDF_LOCKED when an earlier signature locks the value of the existing field. */
rfd_status refuse_timestamp(struct pdf_view *view, const struct placement *p, struct rfd_error *error) RFD_MUST_CHECK;

#endif
