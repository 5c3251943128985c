/* SPDX-License-Identifier: EUPL-1.2
 *
 * Predictors of the Flate and LZW filters (ISO 32000-2 §7.4.4.4), undone in place. Internal to the pdf floor.
 */
#ifndef PDF_FILTER_PREDICT_H
#define PDF_FILTER_PREDICT_H

#include "pdf/filter.h"

/** Undoes the predictor on the bytes of `b` from `start`. An incomplete last row is undone as far as it goes. */
rfd_status filter_predict(const struct filter_parameters *parameters, struct buf *b, size_t start,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
