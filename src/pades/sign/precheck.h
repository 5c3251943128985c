/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is checked about the signer's certificate before its key is used, each result kept as evidence in the report.
 * Wrong usage, a weak key, an expired, not yet valid or revoked certificate always stop the signing; what could not be
 * found out is a warning, and an error when the caller requires trust.
 */
#ifndef PADES_PRECHECK_H
#define PADES_PRECHECK_H

#include "pki/algorithm.h"
#include "pki/keys/key.h"
#include "pades/sign/evidence.h"
#include "pades/sign/report_sign.h"

/** Checks the key's certificate at `now` and chooses what to sign with. `path` gets the path when one was built (also
 * a faulty one); dispose it. */
rfd_status precheck_signer(const struct rfd_sign_options *options, const struct rfd_key *key, rfd_time now,
                           struct rfd_sign_report *report, struct signature_algorithm *algorithm, struct path *path,
                           struct rfd_error *error) RFD_MUST_CHECK;

#endif
