/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pages (web/), and the registration API (api/registration) over TLS.
 */
#ifndef SERVER_ROLE_WEB_H
#define SERVER_ROLE_WEB_H

#include "server/role.h"

/* See struct role_definition. */
rfd_status role_web_open(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_web_start(struct server_role *role, struct rfd_error *error) RFD_MUST_CHECK;
rfd_status role_web_peer(struct server_role *role, const struct supervised_news *news,
                         struct rfd_error *error) RFD_MUST_CHECK;
void role_web_tick(struct server_role *role);
void role_web_stop(struct server_role *role);

#endif
