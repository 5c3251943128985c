/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whether a person signed a text: a CMS SignedData (RFC 5652), with the text inside or apart, by a certificate that
 * this installation issued, that is in force, and whose identity number is the person's. That the register has exactly
 * these octets is what makes a certificate ours: nothing is taken from the signature itself.
 */
#ifndef DOMAIN_PERSON_SIGNATURE_H
#define DOMAIN_PERSON_SIGNATURE_H

#include "packs/packs.h"
#include "store/store.h"

enum { PERSON_SIGNATURE_MAXIMUM = 64 << 10 };

/** `*why` is N_() when it is not so. `certificate` (may be NULL): the register's id of the signer's, when it is. */
rfd_status person_signature_check(struct transaction *t, const struct packs *packs, int64_t person, slice text,
                                  slice signature, rfd_time now, int64_t *certificate, const char **why,
                                  struct rfd_error *error) RFD_MUST_CHECK;

#endif
