/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a signature is validated with (validationInfo of signDoc): certificates, OCSP responses and lists of the
 * signer's path, and of who stamped its time, as they are fetched for level B-LT.
 */
#ifndef DOMAIN_CSC_VALIDATION_H
#define DOMAIN_CSC_VALIDATION_H

#include "domain/csc/csc.h"

/** DER, each once. */
struct csc_validation;
/** Of the signer, whose certificate is the first of the chain. RFD_E_REVOCATION_MISSING, RFD_E_CERTIFICATE_REVOKED. */
rfd_status csc_validation_new(const slice *chain, size_t count, struct csc_validation **out,
                              struct rfd_error *error) RFD_MUST_CHECK;
/** And of the time stamp of this CMS; one without a stamp adds nothing. What cannot be had of it is left out. */
rfd_status csc_validation_add(struct csc_validation *v, slice cms, struct rfd_error *error) RFD_MUST_CHECK;
typedef rfd_status csc_validation_take(void *context, const char *list, slice der, struct rfd_error *error);
/** Calls `take` for each: `list` is "ocsp", "crl" or "certificates". */
rfd_status csc_validation_walk(const struct csc_validation *v, csc_validation_take *take, void *context,
                               struct rfd_error *error) RFD_MUST_CHECK;
/** Safe on NULL. */
void csc_validation_free(struct csc_validation *v);

#endif
