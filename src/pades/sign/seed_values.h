/* SPDX-License-Identifier: EUPL-1.2
 *
 * Seed values of a signature field (ISO 32000-2 §12.7.5.5, tables 237 and 238): what its author demands of the
 * signature. Where a demand can be met by choosing (digest, level, certification, time-stamp address), the choice is
 * made; where it cannot, signing stops.
 */
#ifndef PADES_SEED_VALUES_H
#define PADES_SEED_VALUES_H

#include "pdf/document.h"
#include "pki/certificate/certificate.h"
#include <refrenda/sign.h>

/**
 * Holds `options` against the /SV of `field` and adapts them; texts that go into `options` live in the document's
 * arena. RFD_E_SEED_VALUE naming the demand.
 */
rfd_status seed_values_apply(struct pdf_view *view, const struct pdf_value *field, const struct certificate_list *chain,
                             struct rfd_sign_options *options, struct rfd_error *error) RFD_MUST_CHECK;
/** What a field demands, in words, in the document's arena; "" for nothing. */
const char *seed_values_text(struct pdf_view *view, const struct pdf_value *field);

#endif
