/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a PKCS#11 module may do.
 */
#ifndef KEEPER_TOKEN_SANDBOX_H
#define KEEPER_TOKEN_SANDBOX_H

#include "keeper/token_helper.h"

/** Leaves the process with what a module needs. */
rfd_status token_sandbox_enter(const struct token_helper_options *options, struct rfd_error *error) RFD_MUST_CHECK;
/** The folder of SoftHSM's tokens as its configuration names it (softhsm2.conf(5)): "directories.tokendir = ...".
 * False when it does not. */
bool token_sandbox_softhsm(const char *configuration, char *folder, size_t size);

#endif
