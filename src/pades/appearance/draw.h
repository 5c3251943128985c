/* SPDX-License-Identifier: EUPL-1.2
 *
 * A stamp drawn as a form XObject (ISO 32000-2 §8.10, §12.5.5): one content stream with its own fonts, pictures and
 * code. No transparency group; with `opaque` (PDF/A-1) no soft masks either.
 */
#ifndef PADES_DRAW_H
#define PADES_DRAW_H

#include "pades/appearance/values.h"
#include "pdf/page_geometry.h"

struct draw_request {
    const struct rfd_stamp *stamp;
    const struct stamp_signer *signer;
    double width, height;     /* of the box, in points as seen */
    struct pdf_matrix matrix; /* turns it for its page */
    bool opaque;
    bool covers; /* white below, to hide the marker that it is laid over */
};

/** Writes all objects. `alternate` gets the text for who cannot see it, in `arena`. */
rfd_status draw_stamp(const struct draw_request *request, struct pdf_update *update, struct arena *arena,
                      struct pdf_reference *form, slice *alternate, struct rfd_error *error) RFD_MUST_CHECK;

#endif
