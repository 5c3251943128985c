/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the files of the log share.
 */
#ifndef DOMAIN_TRANSPARENCY_INTERNAL_H
#define DOMAIN_TRANSPARENCY_INTERNAL_H

#include "domain/transparency/transparency.h"
#include "domain/transparency/tree.h"

/** The tree as it is now. */
rfd_status transparency_read_tree(struct transaction *t, struct tree *out, struct rfd_error *error) RFD_MUST_CHECK;

#endif
