/* SPDX-License-Identifier: EUPL-1.2
 *
 * The worker: schedules (jobs/), and the one that tells metrics and health of all processes.
 */
#ifndef SERVER_ROLE_WORKER_H
#define SERVER_ROLE_WORKER_H

#include "server/role.h"

/* See struct role_definition. */
rfd_status role_worker_open(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_worker_start(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_worker_peer(struct server_role *role, const struct supervised_news *news,
                            struct rfd_error *error) RFD_MUST_CHECK;
void role_worker_tick(struct server_role *role);
void role_worker_stop(struct server_role *role);

#endif
