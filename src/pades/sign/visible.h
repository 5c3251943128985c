/* SPDX-License-Identifier: EUPL-1.2
 *
 * A signature's stamp on its way into the document: the place is chosen before anything is written, the drawing goes
 * into the update that carries the signature.
 */
#ifndef PADES_VISIBLE_H
#define PADES_VISIBLE_H

#include "pades/appearance/place.h"
#include "pades/sign/sign_run.h"

struct visible {
    struct rfd_place place;
    struct place_wish wish;
    struct place_spot spot;
    bool opaque; /* PDF/A-1 */
};

/** Chooses the place for options.stamp: run->visible and the page of a new field. Leaves run->visible NULL without a
 * stamp, and for an existing field that cannot show one. */
rfd_status visible_choose(struct sign_run *run, struct rfd_error *error) RFD_MUST_CHECK;
/** Draws it into the update and says what the widget needs; also on the other pages, when asked for. */
rfd_status visible_draw(struct sign_run *run, struct pdf_update *update, struct placement_visible *out,
                        struct rfd_error *error) RFD_MUST_CHECK;

#endif
