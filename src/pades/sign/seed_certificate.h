/* SPDX-License-Identifier: EUPL-1.2
 *
 * The certificate seed value dictionary (ISO 32000-2 §12.7.5.5 table 238): which certificates may sign here.
 */
#ifndef PADES_SEED_CERTIFICATE_H
#define PADES_SEED_CERTIFICATE_H

#include "pdf/document.h"
#include "pki/certificate/certificate.h"

/** `chain`: the signer's certificate first. RFD_E_SEED_VALUE naming the demand that is not met. */
rfd_status seed_certificate_check(struct pdf_view *view, const struct pdf_value *seed,
                                  const struct certificate_list *chain, struct rfd_error *error) RFD_MUST_CHECK;

#endif
