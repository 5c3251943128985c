/* SPDX-License-Identifier: EUPL-1.2
 *
 * A visible widget's place in the structure tree of a tagged document (ISO 32000-2 §14.7.5.4, ISO 14289-1 §7.18.1): a
 * Form element with an object reference to it, and an entry of the parent tree that leads back.
 */
#ifndef PADES_PLACEMENT_STRUCTURE_H
#define PADES_PLACEMENT_STRUCTURE_H

#include "pdf/update.h"

/** Writes both for the widget `field` on `page`. `*key` is its /StructParent, or -1 for a document that is not tagged
 * or whose tree has an odd form: then nothing is written. */
rfd_status placement_structure_write(struct pdf_update *update, struct pdf_view *view, const struct pdf_page *page,
                                     struct pdf_reference field, int64_t *key, struct rfd_error *error) RFD_MUST_CHECK;

#endif
