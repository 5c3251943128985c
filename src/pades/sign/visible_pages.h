/* SPDX-License-Identifier: EUPL-1.2
 *
 * The stamp's picture on all pages but the widget's, as page content. The page's own content is put between q and Q,
 * its streams untouched; its resources are copied, also inherited ones, so that no other page is touched.
 */
#ifndef PADES_VISIBLE_PAGES_H
#define PADES_VISIBLE_PAGES_H

#include "pades/sign/visible.h"

/** `form` was drawn `width` points wide with the matrix `turn`. */
rfd_status visible_pages_write(struct sign_run *run, struct pdf_update *update, struct pdf_reference form,
                               struct pdf_matrix turn, double width, struct rfd_error *error) RFD_MUST_CHECK;

#endif
