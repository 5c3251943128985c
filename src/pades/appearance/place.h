/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a struct rfd_place to a rectangle on a page. Measures are millimetres on the page as it is seen; results are
 * points as seen and in default user space (pdf/page_geometry.h).
 */
#ifndef PADES_PLACE_H
#define PADES_PLACE_H

#include "pades/sign/placement.h"
#include "pdf/page_geometry.h"
#include <refrenda/stamp.h>

struct place_spot {
    size_t index; /* of the page, from 0 */
    struct pdf_page page;
    struct pdf_geometry geometry;
    struct pdf_box seen;
    bool crowded; /* no empty place was found: it lies over content */
};

/** What is to be placed, in points. */
struct place_wish {
    const struct rfd_place *place; /* checked by place_read() */
    double width, height;
    bool strip; /* along the left margin; `height` is what the page gives */
};

/** Copies by size, checks what does not depend on a document. `given` may be NULL. RFD_E_ARGUMENT. */
rfd_status place_read(const struct rfd_place *given, struct rfd_place *out, struct rfd_error *error) RFD_MUST_CHECK;

/** RFD_E_STAMP_OVERLAP, _STAMP_OUTSIDE, _STAMP_NO_ROOM, RFD_E_MARKER_MISSING, RFD_E_ARGUMENT (no such page). */
rfd_status place_find(struct pdf_view *view, const struct place_wish *wish, struct place_spot *out,
                      struct rfd_error *error) RFD_MUST_CHECK;
/** Where the picture of `first` goes on another page: as far from the corner, or at the same anchor; moved onto the
 * page when it must be, and smaller on a page that is smaller than it. */
rfd_status place_again(struct pdf_view *view, const struct place_wish *wish, const struct place_spot *first,
                       size_t index, struct place_spot *out, struct rfd_error *error) RFD_MUST_CHECK;
/** The rectangle of an existing widget. `*visible` is false when it has no area, is hidden, or is on no page. */
rfd_status place_of_widget(struct pdf_view *view, const struct pdf_field *field, struct place_spot *out, bool *visible,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
