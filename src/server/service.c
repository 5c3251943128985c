/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/service.h"

#include "base/error.h"
#include "http/observe.h"

rfd_status service_start(struct service *service, const struct server_role *role, const struct http_route *routes,
                         size_t count, bool log_all, struct http_options *options, struct rfd_error *error)
{
    if (role->listener_count == 0) return RFD_OK;
    TRY(http_router_new(routes, count, &service->router, error));
    options->addresses = role->listen;
    options->address_count = role->listener_count;
    options->router = service->router;
    options->log = log_all ? http_observe_request : http_observe_failure;
    options->count = http_observe_event;
    return http_listener_start(options, &service->listener, error);
}

rfd_status service_start_named(struct service *service, const struct server_role *role, const char *name,
                               const struct http_route *routes, size_t count, bool log_all,
                               struct http_options *options, struct rfd_error *error)
{
    struct server_role named = {.listener_count = 0};
    for (size_t i = 0; i < role->listener_count; i++)
        if (strcmp(role->names[i], name) == 0) named.listen[named.listener_count++] = role->listen[i];
    return service_start(service, &named, routes, count, log_all, options, error);
}

void service_stop(struct service *service)
{
    if (service->listener != NULL) http_listener_stop(service->listener, ROLE_STOP_SECONDS);
    http_router_free(service->router);
    *service = (struct service){0};
}
