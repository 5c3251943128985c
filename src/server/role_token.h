/* SPDX-License-Identifier: EUPL-1.2
 *
 * Helpers of PKCS#11 tokens (keeper/token_helper.h), one for each token of the settings, linked with the keeper alone.
 */
#ifndef SERVER_ROLE_TOKEN_H
#define SERVER_ROLE_TOKEN_H

#include "ipc/supervisor_child.h"

int role_token_run(struct supervised *self);

#endif
