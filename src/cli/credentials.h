/* SPDX-License-Identifier: EUPL-1.2
 *
 * From options to keys, passwords and trust. Mistakes are told here; the status is for the exit code.
 */
#ifndef CLI_CREDENTIALS_H
#define CLI_CREDENTIALS_H

#include "base/secret.h"
#include "cli/options.h"

/** Opens --p12, --key/--cert or --pkcs11, asking for the password or PIN when none is named. */
rfd_status credentials_key(const struct arguments *a, struct rfd_key **out, struct rfd_error *error) RFD_MUST_CHECK;
/** The --trust paths; *out is NULL when none is given. */
rfd_status credentials_trust(const struct arguments *a, struct rfd_trust **out, struct rfd_error *error) RFD_MUST_CHECK;
/** The password of the PDF; empty when none is named. */
rfd_status credentials_document(const struct arguments *a, struct secret *out, struct rfd_error *error) RFD_MUST_CHECK;
/** --pass-file, --pass-env, or a question on the terminal. */
rfd_status credentials_password(const struct arguments *a, const char *question, struct secret *out,
                                struct rfd_error *error) RFD_MUST_CHECK;
/** RFD_E_ARGUMENT when a token's address has the PIN in it: command lines can be read by everybody (proc(5)). */
rfd_status credentials_no_pin_shown(const struct arguments *a, struct rfd_error *error) RFD_MUST_CHECK;

#endif
