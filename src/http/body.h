/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request's body while it comes in: in memory, or, where the route allows, in an unnamed file that is mapped at the
 * end.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "base/buf.h"

#include <stdatomic.h>

enum { BODY_IN_MEMORY = 64 * 1024 };

/** What all bodies share. */
struct body_store {
    _Atomic uint64_t used;
    uint64_t maximum;
    int folder; /* for unnamed files; -1: none */
};

struct body {
    struct body_store *store;
    struct buf memory;
    uint64_t accounted; /* of store->used */
    uint64_t length, maximum;
    bool spool;
    int file; /* -1: none */
    void *mapped;
};

void body_init(struct body *body, struct body_store *store, uint64_t maximum, bool spool);
/** RFD_E_LIMIT: longer than the maximum. RFD_E_BUSY: all bodies together. Or what the disk says. */
rfd_status body_put(struct body *body, slice bytes, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status body_finish(struct body *body, slice *out, struct rfd_error *error) RFD_MUST_CHECK;
void body_dispose(struct body *body);

#endif
