/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is wrong with what somebody typed, field by field. A domain call that is given fields has a `struct faults *`;
 * with at least one fault it returns RFD_E_INVALID and has changed nothing.
 */
#ifndef DOMAIN_FAULT_H
#define DOMAIN_FAULT_H

#include "base/slice.h"

enum { FAULTS_MAXIMUM = 24 };

struct fault {
    const char *field;   /* the name that the form has for it; "" : of no field alone */
    const char *message; /* N_(), English */
};
struct faults {
    struct fault items[FAULTS_MAXIMUM]; /* what is beyond is left out */
    unsigned count;
};
/** `faults` may be NULL. */
static inline void fault_add(struct faults *faults, const char *field, const char *message)
{
    if (faults != NULL && faults->count < FAULTS_MAXIMUM)
        faults->items[faults->count++] = (struct fault){field, message};
}

#endif
