/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_web.h"

#include "api/registration/registration.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/source.h"
#include "domain/schema.h"
#include "server/role_table.h"
#include "server/service.h"

#include <unistd.h>

/* Who issues with PostgreSQL waits for the keeper's disk and for the database: so many wait together, and share syncs.
 * With SQLite none of them waits (registration.c); what waits is who revokes. */
enum { WORKERS = 8, WAITING_WORKERS = 64 };

struct web_role {
    struct source *certificate, *key, *clients; /* PEM, read while there were rights to */
    struct packs *packs;
    struct store *store;
    struct keeper_client *keeper;
    struct registration_service *registration;
    struct service service;
};

rfd_status role_web_open(struct role *role, struct rfd_error *error)
{
    struct web_role *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    role->state = w;
    TRY(source_open_file(role->settings->registration.certificate, &w->certificate, error));
    TRY(source_open_file(role->settings->registration.key, &w->key, error));
    return source_open_file(role->settings->registration.clients, &w->clients, error);
}

static rfd_status whole(struct source *s, slice *out, struct rfd_error *error)
{
    return source_view(s, 0, source_size(s), out, error);
}

static rfd_status listen_now(struct role *role, struct web_role *w, struct rfd_error *error)
{
    struct http_tls tls = {.demand = false}; /* who shows none is told so (401) */
    size_t count = 0;
    const struct http_route *routes = registration_routes(w->store, &count);
    struct http_options options = {.context = w->registration,
                                   .tls = &tls,
                                   .connections = role->settings->registration.connections,
                                   .workers = store_kind(w->store) == STORE_SQLITE ? WORKERS : WAITING_WORKERS};
    TRY(whole(w->certificate, &tls.certificate, error));
    TRY(whole(w->key, &tls.key, error));
    TRY(whole(w->clients, &tls.clients, error));
    TRY(service_start(&w->service, role, routes, count, true, &options, error));
    source_close_secret(w->key);
    w->key = NULL;
    return RFD_OK;
}

rfd_status role_web_start(struct role *role, struct rfd_error *error)
{
    struct web_role *w = role->state;
    const struct store_options database = {.address = role->settings->database};
    TRY(packs_open(role->settings->packs, &w->packs, error));
    TRY(domain_open_store(&database, &w->store, error));
    TRY(keeper_client_new(1, &w->keeper, error));
    TRY(registration_new(w->store, w->keeper, w->packs, &w->registration, error));
    return listen_now(role, w, error);
}

rfd_status role_web_peer(struct role *role, const struct supervised_news *news, struct rfd_error *error)
{
    struct web_role *w = role->state;
    if (strcmp(news->name, ROLE_KEEPER) == 0) return keeper_client_connect(w->keeper, 0, news->descriptor, error);
    (void)close(news->descriptor);
    return RFD_OK;
}

void role_web_tick(struct role *role)
{
    const struct web_role *w = role->state;
    metrics_set(METRIC_KEEPER_READY, keeper_client_ready(w->keeper));
}

void role_web_stop(struct role *role)
{
    struct web_role *w = role->state;
    if (w == NULL) return;
    service_stop(&w->service);
    keeper_client_free(w->keeper);
    store_close(w->store);
    registration_free(w->registration); /* whoever is still told of an answer looks at it */
    packs_close(w->packs);
    source_close(w->certificate);
    source_close_secret(w->key);
    source_close(w->clients);
    memory_free(w);
}
