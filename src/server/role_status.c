/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_status.h"

#include "api/status/status.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "domain/schema.h"
#include "server/instance.h"
#include "server/role_table.h"
#include "server/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where room for more than `MANY` connections is wanted, each gets less memory for its request's head: what asks about
 * status needs no more (http/README.md). */
enum { MANY = 4096, SMALL_HEAD = 6 << 10 };

struct status_role {
    struct store *store;
    struct keeper_client *signers;
    struct status_service *status;
    struct service service;
    bool follows;
};

rfd_status role_status_open(struct server_role *role, struct rfd_error *error)
{
    struct status_role *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    role->state = s;
    return RFD_OK;
}

/** In one supervisor's life there is one process of this role and index at a time. */
static rfd_status succeed(const struct server_role *role, struct status_role *s, struct rfd_error *error)
{
    char name[40];
    const char *life = getenv(INSTANCE_LIFE);
    if (life == NULL) return RFD_OK;
    (void)snprintf(name, sizeof name, ROLE_STATUS "-%u:%s", role->self->index, life);
    return status_succeed(s->status, name, error);
}

static rfd_status listen_now(struct server_role *role, struct status_role *s, struct rfd_error *error)
{
    const struct settings *settings = role->settings;
    size_t count = 0;
    const struct http_route *routes = status_routes(&count);
    struct http_options options = {.context = s->status,
                                   .connections = settings->status.connections,
                                   .connection_memory = settings->status.connections > MANY ? SMALL_HEAD : 0,
                                   .proxies = settings->status.proxies.items,
                                   .proxy_count = settings->status.proxies.count};
    return service_start(&s->service, role, routes, count, false, &options, error);
}

rfd_status role_status_start(struct server_role *role, struct rfd_error *error)
{
    struct status_role *s = role->state;
    const struct store_options database = {.address = role->settings->database};
    TRY(domain_open_store(&database, &s->store, error));
    TRY(keeper_client_new(SUPERVISOR_CHILDREN, &s->signers, error));
    TRY(status_new(role->settings, s->store, s->signers, &s->status, error));
    TRY(succeed(role, s, error));
    TRY(status_start(s->status, error));
    s->follows = true;
    return listen_now(role, s, error);
}

rfd_status role_status_peer(struct server_role *role, const struct supervised_news *news, struct rfd_error *error)
{
    struct status_role *s = role->state;
    if (strcmp(news->name, ROLE_SIGNER) == 0)
        return keeper_client_connect(s->signers, news->index, news->descriptor, error);
    (void)close(news->descriptor);
    return RFD_OK;
}

void role_status_tick(struct server_role *role)
{
    const struct status_role *s = role->state;
    metrics_set(METRIC_KEEPER_READY, keeper_client_ready(s->signers));
}

void role_status_stop(struct server_role *role)
{
    struct status_role *s = role->state;
    if (s == NULL) return;
    service_stop(&s->service);
    if (s->follows) status_stop(s->status);
    status_free(s->status);
    keeper_client_free(s->signers);
    store_close(s->store);
    memory_free(s);
}
