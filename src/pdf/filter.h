/* SPDX-License-Identifier: EUPL-1.2
 *
 * Stream filters (ISO 32000-2 §7.4) needed to read structure: FlateDecode and LZWDecode with predictors, ASCIIHex,
 * ASCII85, RunLength. Image filters are not decoded (RFD_E_UNSUPPORTED). At most 8 in a chain; output is bounded by
 * the buffer's maximum.
 */
#ifndef PDF_FILTER_H
#define PDF_FILTER_H

#include "base/buf.h"
#include "pdf/object.h"

struct filter_parameters { /* §7.4.4.3 table 8, defaults already filled in */
    int predictor, colors, bits_per_component, columns, early_change;
};
#define FILTER_PARAMETERS_DEFAULT ((struct filter_parameters){1, 1, 8, 1, 1})

rfd_status filter_decode(slice name, const struct filter_parameters *parameters, slice in, struct buf *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** zlib format, for what we write. */
rfd_status filter_flate_encode(slice in, struct buf *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
