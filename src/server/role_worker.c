/* SPDX-License-Identifier: EUPL-1.2
 *
 * Jobs run in a thread of their own, so that a slow mail server keeps neither news of the supervisor nor the question
 * for health waiting. People who come back from an OpenID provider, who wait for a code, or who look somebody up in
 * the identity service, have others: they wait in front of a page. So have notices to portals, which may be slow.
 */
#include "server/role_worker.h"

#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "base/source.h"
#include "domain/schema.h"
#include "jobs/courier.h"
#include "jobs/identity_lookup.h"
#include "jobs/notifier.h"
#include "jobs/provider.h"
#include "server/health.h"
#include "server/instance.h"
#include "server/role_table.h"
#include "server/service.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST_SLEEP = 60000, PATH_SIZE = 4096, AUTHORITIES_MAXIMUM = 4 << 20 };

struct worker_role {
    struct packs *packs;
    struct zone *zone;
    struct store *store;
    struct keeper_client *keeper;
    struct keeper_client *signers[SUPERVISOR_CHILDREN];
    unsigned signer_count;
    bool has_personal;              /* its store is there */
    struct keeper_client *personal; /* NULL: no central signing here */
    struct blob_store *blobs;       /* NULL: the settings name no folder for it */
    struct jobs jobs;
    struct health health;
    struct service service;
    struct secret provider_secret;
    struct buf provider_authorities;
    struct provider_client *provider;
    struct courier *courier;
    struct notifier *notifier;
    struct secret identity_token;
    struct buf identity_authorities;
    struct identity_lookup *lookup; /* NULL: there is no identity service */
    pthread_t thread, provider_thread, courier_thread, notifier_thread, lookup_thread;
    bool runs, provider_runs, courier_runs, notifier_runs, lookup_runs;
    pthread_mutex_t lock; /* of `stopping` */
    pthread_cond_t wake;
    bool stopping;
};

static rfd_status read_password(const char *credential, struct secret *out, struct rfd_error *error)
{
    char path[PATH_SIZE];
    if (credential[0] == '\0') return RFD_OK;
    TRY(instance_credential(credential, path, sizeof path, error));
    return secret_read_file(out, path, error);
}

static rfd_status read_authorities(const char *path, struct buf *out, struct rfd_error *error)
{
    struct source *source = NULL;
    slice all;
    buf_init(out, AUTHORITIES_MAXIMUM);
    if (path[0] == '\0') return RFD_OK;
    TRY(source_open_file(path, &source, error));
    rfd_status status = source_view(source, 0, source_size(source), &all, error);
    if (status == RFD_OK) buf_put_slice(out, all);
    source_close(source);
    return status == RFD_OK ? buf_check(out, path, error) : status;
}

/** Identifies this instance on this machine, also after the worker was started again. */
static void name_node(struct worker_role *w, const char *home)
{
    char host[32] = "";
    struct stat st = {0};
    (void)gethostname(host, sizeof host - 1);
    (void)stat(home, &st);
    (void)snprintf(w->jobs.node, sizeof w->jobs.node, "%s:%llx:%llx", host, (unsigned long long)st.st_dev,
                   (unsigned long long)st.st_ino);
}

/** A node that serves pages has the log's key as little as those of the authorities. */
static bool has_authority_keys(const struct settings *settings)
{
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/authority/%s.key", settings->keys.folder, settings->keys.log_key);
    return access(path, F_OK) == 0;
}

static rfd_status prepare_waiting(struct worker_role *w, struct rfd_error *error)
{
    pthread_condattr_t attributes;
    bool good = pthread_mutex_init(&w->lock, NULL) == 0 && pthread_condattr_init(&attributes) == 0 &&
                pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&w->wake, &attributes) == 0;
    return good ? RFD_OK : error_set(error, RFD_E_INTERNAL, "no mutex");
}

rfd_status role_worker_open(struct server_role *role, struct rfd_error *error)
{
    struct worker_role *w = memory_zeroed(1, sizeof *w);
    if (w == NULL) return error_memory(error);
    role->state = w;
    TRY(prepare_waiting(w, error));
    TRY(signer_count(role->settings, &w->signer_count, error));
    w->has_personal = has_personal_store(role->settings);
    name_node(w, role->settings->home);
    w->jobs.without_keys = !has_authority_keys(role->settings);
    TRY(zone_open(role->settings->web.zone, &w->zone, error));
    TRY(read_authorities(role->settings->mail.authorities, &w->jobs.mail_authorities, error));
    TRY(read_authorities(role->settings->sso.authorities, &w->provider_authorities, error));
    TRY(read_password(role->settings->sso.secret_file, &w->provider_secret, error));
    TRY(read_authorities(role->settings->requests.identity_authorities, &w->identity_authorities, error));
    TRY(read_password(role->settings->requests.identity_token, &w->identity_token, error));
    TRY(read_password(role->settings->sms.password_file, &w->jobs.sms_password, error));
    return read_password(role->settings->mail.password_file, &w->jobs.mail_password, error);
}

/* ---- The jobs' thread ---- */

/** Sleeps; true when it is time to stop. */
static bool sleep_or_stop(struct worker_role *w, unsigned milliseconds)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += milliseconds / 1000;
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&w->lock);
    int result = 0;
    while (!w->stopping && result == 0) result = pthread_cond_timedwait(&w->wake, &w->lock, &until);
    bool stop = w->stopping;
    (void)pthread_mutex_unlock(&w->lock);
    return stop;
}

static void *run_jobs(void *context)
{
    struct worker_role *w = context;
    unsigned wait = 0;
    while (!sleep_or_stop(w, wait)) {
        wait = jobs_run(&w->jobs);
        if (wait > LONGEST_SLEEP) wait = LONGEST_SLEEP;
    }
    return NULL;
}

static void *run_provider(void *context)
{
    struct worker_role *w = context;
    unsigned wait = 0;
    while (!sleep_or_stop(w, wait)) wait = provider_client_run(w->provider);
    return NULL;
}

static void *run_courier(void *context)
{
    struct worker_role *w = context;
    unsigned wait = 0;
    while (!sleep_or_stop(w, wait)) wait = courier_run(w->courier);
    return NULL;
}

static rfd_status start_courier(struct worker_role *w, struct rfd_error *error)
{
    if (w->personal == NULL) return RFD_OK;
    TRY(courier_new(&w->jobs, &w->courier, error));
    if (pthread_create(&w->courier_thread, NULL, run_courier, w) != 0)
        return error_set(error, RFD_E_INTERNAL, "no thread");
    w->courier_runs = true;
    return RFD_OK;
}

static void *run_notifier(void *context)
{
    struct worker_role *w = context;
    unsigned wait = 0;
    while (!sleep_or_stop(w, wait)) wait = notifier_run(w->notifier);
    return NULL;
}

static rfd_status start_notifier(struct worker_role *w, struct rfd_error *error)
{
    if (w->personal == NULL) return RFD_OK;
    TRY(notifier_new(&w->jobs, &w->notifier, error));
    if (pthread_create(&w->notifier_thread, NULL, run_notifier, w) != 0)
        return error_set(error, RFD_E_INTERNAL, "no thread");
    w->notifier_runs = true;
    return RFD_OK;
}

static rfd_status start_provider(struct worker_role *w, const struct settings *settings, struct rfd_error *error)
{
    if (settings->sso.issuer[0] == '\0') return RFD_OK;
    TRY(provider_client_new(settings, w->store, secret_slice(&w->provider_secret), buf_slice(&w->provider_authorities),
                            &w->jobs.hurry, &w->provider, error));
    if (pthread_create(&w->provider_thread, NULL, run_provider, w) != 0)
        return error_set(error, RFD_E_INTERNAL, "no thread");
    w->provider_runs = true;
    return RFD_OK;
}

static void *run_lookup(void *context)
{
    identity_lookup_run(context);
    return NULL;
}

static rfd_status start_lookup(struct worker_role *w, const struct settings *settings, struct rfd_error *error)
{
    if (settings->requests.identity_service[0] == '\0') return RFD_OK;
    TRY(identity_lookup_new(settings, secret_slice(&w->identity_token), buf_slice(&w->identity_authorities),
                            &w->jobs.hurry, &w->lookup, error));
    if (pthread_create(&w->lookup_thread, NULL, run_lookup, w->lookup) != 0)
        return error_set(error, RFD_E_INTERNAL, "no thread");
    w->lookup_runs = true;
    return RFD_OK;
}

/* ---- Life ---- */

static rfd_status make_clients(struct worker_role *w, struct rfd_error *error)
{
    TRY(keeper_client_new(1, &w->keeper, error));
    if (w->has_personal) TRY(keeper_client_new(1, &w->personal, error));
    for (unsigned i = 0; i < w->signer_count; i++) TRY(keeper_client_new(1, &w->signers[i], error));
    return RFD_OK;
}

static rfd_status open_blobs(struct worker_role *w, const struct settings *settings, struct rfd_error *error)
{
    const struct blob_options options = {.folder = settings->web.blobs, .key = "wrapping", .keeper = w->keeper};
    return settings->web.blobs[0] == '\0' ? RFD_OK : blob_store_open(&options, &w->blobs, error);
}

static void prepare_jobs(struct worker_role *w, const struct server_role *role)
{
    w->jobs.settings = role->settings;
    w->jobs.zone = w->zone;
    w->jobs.authority = (struct authority_domain){.store = w->store, .keeper = w->keeper, .packs = w->packs};
    w->jobs.personal = w->personal;
    w->jobs.signers = w->signers;
    w->jobs.signer_count = w->signer_count;
    w->jobs.blobs = w->blobs;
}

rfd_status role_worker_start(struct server_role *role, struct rfd_error *error)
{
    struct worker_role *w = role->state;
    const struct store_options database = {.address = role->settings->database};
    size_t count = 0;
    const struct http_route *routes = health_routes(&count);
    struct http_options options = {.context = &w->health, .threads = 1, .workers = 2, .connections = 64};
    TRY(packs_open(role->settings->packs, &w->packs, error));
    TRY(domain_open_store(&database, &w->store, error));
    TRY(make_clients(w, error));
    TRY(open_blobs(w, role->settings, error));
    prepare_jobs(w, role);
    TRY(jobs_begin(&w->jobs, error));
    w->health = (struct health){.board = role->board,
                                .domain = &w->jobs.authority,
                                .personal = w->personal,
                                .signers = w->signers,
                                .signer_count = w->signer_count,
                                .next_list = &w->jobs.next_list};
    TRY(service_start(&w->service, role, routes, count, false, &options, error));
    if (pthread_create(&w->thread, NULL, run_jobs, w) != 0) return error_set(error, RFD_E_INTERNAL, "no thread");
    w->runs = true;
    TRY(start_courier(w, error));
    TRY(start_notifier(w, error));
    TRY(start_provider(w, role->settings, error));
    return start_lookup(w, role->settings, error);
}

rfd_status role_worker_peer(struct server_role *role, const struct supervised_news *news, struct rfd_error *error)
{
    struct worker_role *w = role->state;
    if (strcmp(news->name, ROLE_KEEPER) == 0) return keeper_client_connect(w->keeper, 0, news->descriptor, error);
    if (strcmp(news->name, ROLE_PERSONAL) == 0 && w->personal != NULL)
        return keeper_client_connect(w->personal, 0, news->descriptor, error);
    if (strcmp(news->name, ROLE_SIGNER) == 0 && news->index < w->signer_count)
        return keeper_client_connect(w->signers[news->index], 0, news->descriptor, error);
    if (strcmp(news->name, ROLE_WEB) == 0 && w->lookup != NULL)
        return identity_lookup_connect(w->lookup, news->descriptor, error);
    (void)close(news->descriptor);
    return RFD_OK;
}

void role_worker_tick(struct server_role *role)
{
    const struct worker_role *w = role->state;
    metrics_set(METRIC_KEEPER_READY, keeper_client_ready(w->keeper));
}

void role_worker_stop(struct server_role *role)
{
    struct worker_role *w = role->state;
    if (w == NULL) return;
    service_stop(&w->service);
    if (w->lookup != NULL) identity_lookup_stop(w->lookup);
    if (w->runs) {
        (void)pthread_mutex_lock(&w->lock);
        w->stopping = true;
        (void)pthread_cond_broadcast(&w->wake);
        (void)pthread_mutex_unlock(&w->lock);
        jobs_hurry(&w->jobs);
        (void)pthread_join(w->thread, NULL);
    }
    if (w->provider_runs) (void)pthread_join(w->provider_thread, NULL);
    if (w->courier_runs) (void)pthread_join(w->courier_thread, NULL);
    if (w->notifier_runs) (void)pthread_join(w->notifier_thread, NULL);
    courier_free(w->courier);
    notifier_free(w->notifier);
    if (w->lookup_runs) (void)pthread_join(w->lookup_thread, NULL);
    provider_client_free(w->provider);
    identity_lookup_free(w->lookup);
    blob_store_close(w->blobs);
    for (unsigned i = 0; i < w->signer_count; i++) keeper_client_free(w->signers[i]);
    keeper_client_free(w->keeper);
    keeper_client_free(w->personal);
    if (w->store != NULL) store_close(w->store);
    if (w->packs != NULL) packs_close(w->packs);
    zone_close(w->zone);
    secret_dispose(&w->jobs.mail_password);
    secret_dispose(&w->jobs.sms_password);
    buf_dispose(&w->jobs.mail_authorities);
    buf_dispose(&w->provider_authorities);
    buf_dispose(&w->identity_authorities);
    secret_dispose(&w->provider_secret);
    secret_dispose(&w->identity_token);
    memory_free(w);
}
