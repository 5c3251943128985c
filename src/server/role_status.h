/* SPDX-License-Identifier: EUPL-1.2
 *
 * The public services (api/status): asks signers, never the keeper.
 */
#ifndef SERVER_ROLE_STATUS_H
#define SERVER_ROLE_STATUS_H

#include "server/role.h"

/* See struct role_definition. */
rfd_status role_status_open(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_status_start(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_status_peer(struct server_role *role, const struct supervised_news *news,
                            struct rfd_error *error) RFD_MUST_CHECK;
void role_status_tick(struct server_role *role);
void role_status_stop(struct server_role *role);

#endif
