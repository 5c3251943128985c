/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a portal states about the documents that it hands in (personal/statement.c), looked at when they come: so that
 * its program is told what is wrong, not its person days later. This decides nothing: the personal keeper looks again,
 * with the key that it knows itself, when the person goes on to password and code.
 */
#ifndef DOMAIN_CENTRAL_PORTAL_STATEMENT_H
#define DOMAIN_CENTRAL_PORTAL_STATEMENT_H

#include "domain/central/central.h"

/** What is wrong with `wanted->statement` by this key (SubjectPublicKeyInfo; empty: the keeper knows none of the
 * portal's), of these documents, until `wanted->ends` (N_(), English); NULL: nothing. */
const char *portal_statement_fault(const struct signing *wanted, slice key, rfd_time now);

#endif
