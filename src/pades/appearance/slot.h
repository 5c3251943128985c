/* SPDX-License-Identifier: EUPL-1.2
 *
 * Free places on a page. The page is a grid of cells of two millimetres (more on huge pages); what is taken is counted
 * in it, and sums over all cells left of and below each corner tell in one step whether a rectangle is free:
 *
 *   taken in [left, right) x [bottom, top) = S(right, top) - S(left, top) - S(right, bottom) + S(left, bottom)
 *
 * All boxes are as seen (pdf/page_geometry.h): points from the lower left corner. Rounding is always to the safe side.
 */
#ifndef PADES_SLOT_H
#define PADES_SLOT_H

#include "pdf/page_geometry.h"

struct slot_grid;
rfd_status slot_grid_new(double width, double height, struct slot_grid **out, struct rfd_error *error) RFD_MUST_CHECK;
void slot_grid_free(struct slot_grid *g);

/** Marks a box with `gap` points around it. Before slot_grid_close(). */
void slot_grid_take(struct slot_grid *g, struct pdf_box box, double gap);
/** Makes the sums: from here on the grid can be asked. */
void slot_grid_close(struct slot_grid *g);
bool slot_grid_is_free(const struct slot_grid *g, struct pdf_box box);

/** The first free box of this size inside `area`: the lowest, and of those the leftmost. False when there is none. */
bool slot_first(const struct slot_grid *g, struct pdf_box area, double width, double height, struct pdf_box *out);
/** The free box inside `area` that is nearest to `wanted`, which may be `wanted` itself. */
bool slot_nearest(const struct slot_grid *g, struct pdf_box area, struct pdf_box wanted, struct pdf_box *out);

/** True when they share more than a hair's breadth. */
bool slot_overlap(struct pdf_box a, struct pdf_box b);
bool slot_inside(struct pdf_box box, struct pdf_box area);

#endif
