/* SPDX-License-Identifier: EUPL-1.2
 *
 * An HTTP service of a role: router and listener with this server's counters and log.
 */
#ifndef SERVER_SERVICE_H
#define SERVER_SERVICE_H

#include "http/listener.h"
#include "server/role.h"

struct service {
    struct http_router *router;
    struct http_listener *listener;
};

/** Starts a service of `routes` on the role's sockets; without any, nothing listens. Sockets, hooks and router of
 * `options` are filled in; the rest is the caller's. With `log_all`, every request is logged, else one a second of
 * those that failed. */
rfd_status service_start(struct service *service, const struct server_role *role, const struct http_route *routes,
                         size_t count, bool log_all, struct http_options *options,
                         struct rfd_error *error) RFD_MUST_CHECK;
/** The same on those sockets of the role that have this name. */
rfd_status service_start_named(struct service *service, const struct server_role *role, const char *name,
                               const struct http_route *routes, size_t count, bool log_all,
                               struct http_options *options, struct rfd_error *error) RFD_MUST_CHECK;
/** Lets requests at work end. Safe on a zeroed struct. */
void service_stop(struct service *service);

#endif
