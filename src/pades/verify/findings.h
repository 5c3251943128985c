/* SPDX-License-Identifier: EUPL-1.2
 *
 * A list of findings, collected in an arena.
 */
#ifndef PADES_FINDINGS_H
#define PADES_FINDINGS_H

#include "base/arena.h"
#include <refrenda/verify.h>

struct findings {
    struct arena *arena;
    struct rfd_finding *items;
    size_t count, capacity;
    rfd_status status; /* sticky: RFD_E_MEMORY or RFD_E_LIMIT */
};
void findings_init(struct findings *f, struct arena *arena);
/** `format` may be NULL for no detail. The severity comes from the table. */
void findings_add(struct findings *f, enum rfd_finding_code code, const char *format, ...) RFD_PRINTF(3, 4);
/** The same about an object of a revision (0-based index). */
void findings_add_at(struct findings *f, enum rfd_finding_code code, size_t revision, uint32_t object,
                     const char *format, ...) RFD_PRINTF(5, 6);
bool findings_has(const struct findings *f, enum rfd_finding_code code);
/** True when one of severity ERROR is there. */
bool findings_failed(const struct findings *f);
enum rfd_severity finding_severity(enum rfd_finding_code code);

#endif
