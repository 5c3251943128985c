/* SPDX-License-Identifier: EUPL-1.2
 *
 * From --stamp and its companions to a stamp and its place.
 */
#ifndef CLI_STAMP_H
#define CLI_STAMP_H

#include "cli/options.h"

struct stamp_request {
    struct rfd_stamp *stamp; /* NULL: an invisible signature */
    struct rfd_place place;
    struct rfd_language *language;
};

/** What --stamp and the options beside it say; {0} without --stamp. RFD_E_ARGUMENT for what cannot be, also for
 * companions without --stamp. */
rfd_status stamp_parse(const struct arguments *a, struct stamp_request *out, struct rfd_error *error) RFD_MUST_CHECK;
void stamp_dispose(struct stamp_request *request);

/** A length in millimetres, with at most three decimals: 0 to 20,000. */
bool stamp_millimetres(const char *text, size_t length, double *out);

#endif
