/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/role_web.h"

#include "api/registration/registration.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/source.h"
#include "domain/registration/identity_service.h"
#include "domain/registration/registration.h"
#include "domain/schema.h"
#include "server/instance.h"
#include "server/languages.h"
#include "server/role_table.h"
#include "server/service.h"
#include "server/sockets.h"
#include "web/service.h"

#include <unistd.h>

/* Who issues with PostgreSQL waits for the keeper's disk and for the database: so many wait together, and share syncs.
 * With SQLite none of them waits (registration.c); what waits is who revokes. */
enum { WORKERS = 8, WAITING_WORKERS = 64 };
/* Who serves pages waits for the database, for the keeper, and for passwords (Argon2id) on the processors: so many wait
 * for disks together, and share syncs. */
enum { PAGE_WORKERS = 32, PAGE_QUEUE = 512 };

/** A listener's PEM files, read while there were rights to; what the settings do not name is NULL. */
struct pem {
    struct source *certificate, *key, *clients;
};
struct web_role {
    struct pem registration_pem, pages_pem;
    bool has_personal; /* its store is there */
    struct languages languages;
    struct packs *packs;
    struct store *store;
    struct keeper_client *keeper;
    struct keeper_client *personal;   /* NULL: no central signing here */
    struct identity_client *identity; /* NULL: there is no identity service */
    struct registration_service *registration;
    struct zone *zone;
    struct registration_settings requests; /* of the registration API */
    struct web *web;
    struct service service, pages, certificates;
};

static rfd_status open_one(const char *path, struct source **out, struct rfd_error *error)
{
    return path[0] == '\0' ? RFD_OK : source_open_file(path, out, error);
}

static rfd_status open_pem(struct pem *pem, const char *certificate, const char *key, const char *clients,
                           struct rfd_error *error)
{
    TRY(open_one(certificate, &pem->certificate, error));
    TRY(open_one(key, &pem->key, error));
    return open_one(clients, &pem->clients, error);
}

static void close_pem(struct pem *pem)
{
    source_close(pem->certificate);
    source_close_secret(pem->key);
    source_close(pem->clients);
    *pem = (struct pem){0};
}

rfd_status role_web_open(struct server_role *role, struct rfd_error *error)
{
    struct web_role *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    const struct settings *s = role->settings;
    role->state = w;
    w->has_personal = has_personal_store(s);
    TRY(languages_open(&w->languages, error));
    TRY(open_pem(&w->registration_pem, s->registration.certificate, s->registration.key, s->registration.clients,
                 error));
    return open_pem(&w->pages_pem, s->web.certificate, s->web.key, s->web.clients, error);
}

static rfd_status whole(struct source *s, slice *out, struct rfd_error *error)
{
    return s == NULL ? RFD_OK : source_view(s, 0, source_size(s), out, error);
}

static bool has_socket(const struct server_role *role, const char *name)
{
    for (size_t i = 0; i < role->listener_count; i++)
        if (strcmp(role->names[i], name) == 0) return true;
    return false;
}

static rfd_status listen_now(struct server_role *role, struct web_role *w, struct rfd_error *error)
{
    struct http_tls tls = {.demand = false}; /* who shows none is told so (401) */
    size_t count = 0;
    const struct http_route *routes = registration_routes(w->store, &count);
    struct http_options options = {.context = w->registration,
                                   .tls = &tls,
                                   .connections = role->settings->registration.connections,
                                   .workers = store_kind(w->store) == STORE_SQLITE ? WORKERS : WAITING_WORKERS};
    TRY(whole(w->registration_pem.certificate, &tls.certificate, error));
    TRY(whole(w->registration_pem.key, &tls.key, error));
    TRY(whole(w->registration_pem.clients, &tls.clients, error));
    return service_start_named(&w->service, role, SOCKET_REGISTRATION, routes, count, true, &options, error);
}

/* ---- Pages ---- */

static rfd_status listen_for_pages(struct server_role *role, struct web_role *w, bool certificates,
                                   struct service *service, struct rfd_error *error)
{
    const struct settings *s = role->settings;
    struct http_tls tls = {.demand = false};
    /* People may be called to http://localhost while certificates need TLS beside it. */
    bool encrypted = w->pages_pem.certificate != NULL && (certificates || strncmp(s->web.url, "https:", 6) == 0);
    size_t count = 0;
    const struct http_route *routes = web_http_routes(w->web, certificates, &count);
    struct http_options options = {.context = w->web,
                                   .tls = encrypted ? &tls : NULL,
                                   .connections = s->web.connections,
                                   .workers = PAGE_WORKERS,
                                   .queue = PAGE_QUEUE,
                                   .spool_folder = s->web.blobs,
                                   .proxies = s->web.proxies.items,
                                   .proxy_count = s->web.proxies.count,
                                   .languages = (const struct rfd_language *const *)w->languages.items,
                                   .language_count = LANGUAGES,
                                   .problem = web_problem};
    TRY(whole(w->pages_pem.certificate, &tls.certificate, error));
    TRY(whole(w->pages_pem.key, &tls.key, error));
    if (certificates) TRY(whole(w->pages_pem.clients, &tls.clients, error));
    return service_start_named(service, role, certificates ? SOCKET_CERTIFICATES : SOCKET_WEB, routes, count, true,
                               &options, error);
}

static rfd_status serve_pages(struct server_role *role, struct web_role *w, struct rfd_error *error)
{
    const struct web_options options = {.settings = role->settings,
                                        .store = w->store,
                                        .keeper = w->keeper,
                                        .personal = w->personal,
                                        .packs = w->packs,
                                        .identity = w->identity,
                                        .languages = (const struct rfd_language *const *)w->languages.items,
                                        .language_count = LANGUAGES};
    TRY(web_new(&options, &w->web, error));
    if (has_socket(role, SOCKET_CERTIFICATES)) TRY(listen_for_pages(role, w, true, &w->certificates, error));
    return listen_for_pages(role, w, false, &w->pages, error);
}

rfd_status role_web_start(struct server_role *role, struct rfd_error *error)
{
    struct web_role *w = role->state;
    const struct store_options database = {.address = role->settings->database};
    TRY(packs_open(role->settings->packs, &w->packs, error));
    TRY(domain_open_store(&database, &w->store, error));
    TRY(keeper_client_new(1, &w->keeper, error));
    if (w->has_personal) TRY(keeper_client_new(1, &w->personal, error));
    if (role->settings->requests.identity_service[0] != '\0') TRY(identity_client_new(&w->identity, error));
    /* Of several processes the first serves registration clients. */
    if (has_socket(role, SOCKET_REGISTRATION) && role->self->index == 0) {
        TRY(registration_new(w->store, w->keeper, w->packs, &w->registration, error));
        TRY(zone_open(role->settings->web.zone, &w->zone, error));
        w->requests = registration_settings_of(role->settings, w->packs, w->zone);
        registration_serve_requests(w->registration, &w->requests);
        TRY(listen_now(role, w, error));
    }
    if (has_socket(role, SOCKET_WEB)) TRY(serve_pages(role, w, error));
    close_pem(&w->registration_pem);
    close_pem(&w->pages_pem);
    return RFD_OK;
}

rfd_status role_web_peer(struct server_role *role, const struct supervised_news *news, struct rfd_error *error)
{
    struct web_role *w = role->state;
    if (strcmp(news->name, ROLE_KEEPER) == 0) return keeper_client_connect(w->keeper, 0, news->descriptor, error);
    if (strcmp(news->name, ROLE_PERSONAL) == 0 && w->personal != NULL)
        return keeper_client_connect(w->personal, 0, news->descriptor, error);
    if (strcmp(news->name, ROLE_WORKER) == 0 && w->identity != NULL)
        return identity_client_connect(w->identity, news->descriptor, error);
    (void)close(news->descriptor);
    return RFD_OK;
}

void role_web_tick(struct server_role *role)
{
    const struct web_role *w = role->state;
    metrics_set(METRIC_KEEPER_READY, keeper_client_ready(w->keeper));
}

void role_web_stop(struct server_role *role)
{
    struct web_role *w = role->state;
    if (w == NULL) return;
    service_stop(&w->certificates);
    service_stop(&w->pages);
    service_stop(&w->service);
    web_free(w->web);
    identity_client_free(w->identity);
    keeper_client_free(w->keeper);
    keeper_client_free(w->personal);
    store_close(w->store);
    zone_close(w->zone);
    registration_free(w->registration); /* whoever is still told of an answer looks at it */
    packs_close(w->packs);
    close_pem(&w->registration_pem);
    close_pem(&w->pages_pem);
    languages_close(&w->languages);
    memory_free(w);
}
