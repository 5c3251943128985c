/* SPDX-License-Identifier: EUPL-1.2
 *
 * Requests as they are stored; for agree.c.
 */
#ifndef DOMAIN_CSC_REQUEST_H
#define DOMAIN_CSC_REQUEST_H

#include "domain/csc/csc.h"

struct csc_request_row {
    struct csc_request r;
    int64_t account; /* who took it; 0: nobody yet */
    slice chosen;    /* credential of what was begun last */
    slice operation; /* its number with the personal keeper; empty: nothing was begun */
};
/** RFD_E_NOT_FOUND when its time is over. */
rfd_status csc_request_load(struct transaction *t, int64_t id, struct csc_request_row *out,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** This was begun with the personal keeper, by who took the request: RFD_E_NOT_FOUND. */
rfd_status csc_request_begun(struct transaction *t, const struct actor *actor, int64_t id, slice credential,
                             slice operation, struct rfd_error *error) RFD_MUST_CHECK;
/** Once, by who took it, where this operation was begun last (empty: none): RFD_E_ACTIVATION_ENDED. */
rfd_status csc_request_end(struct transaction *t, const struct actor *actor, int64_t id, slice operation,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
