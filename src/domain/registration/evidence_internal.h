/* SPDX-License-Identifier: EUPL-1.2
 *
 * Inside of evidence: its rows.
 */
#ifndef DOMAIN_REGISTRATION_EVIDENCE_INTERNAL_H
#define DOMAIN_REGISTRATION_EVIDENCE_INTERNAL_H

#include "domain/registration/evidence.h"
#include "domain/registration/internal.h"

/** Rows of a query of all columns, in the transaction's arena. */
rfd_status evidence_read(struct transaction *t, const char *sql, const struct store_value *values, size_t value_count,
                         struct evidence **out, size_t *count, struct rfd_error *error) RFD_MUST_CHECK;
/** Nobody is asked. RFD_E_NOT_FOUND. */
rfd_status evidence_find(struct transaction *t, int64_t id, struct evidence *out,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** All rows of the same content. */
rfd_status evidence_of_blob(struct transaction *t, slice blob, struct evidence **out, size_t *count,
                            struct rfd_error *error) RFD_MUST_CHECK;
/** Of request `request`; `detail` NULL: there was no memory for it. */
rfd_status evidence_audit(struct transaction *t, const char *action, slice actor, int64_t request, const char *detail,
                          struct rfd_error *error) RFD_MUST_CHECK;

#endif
