/* SPDX-License-Identifier: EUPL-1.2
 *
 * The service's parts, put together and taken apart, and its table of routes.
 */
#include "api/status/lists.h"
#include "api/status/log.h"
#include "api/status/service.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "http/observe.h"

#include <signal.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    OCSP_BODY_MAXIMUM = 2 * RESPONDER_REQUEST_MAXIMUM, /* what is a little too long gets the protocol's own error */
    TSA_BODY_MAXIMUM = 8 * STAMPER_REQUEST_MAXIMUM,
    MEGABYTE = 1 << 20
};

int64_t status_uptime(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct status_authorities *status_authorities_now(struct status_service *s)
{
    (void)pthread_mutex_lock(&s->lock);
    struct status_authorities *now = s->authorities == NULL ? NULL : status_authorities_hold(s->authorities);
    (void)pthread_mutex_unlock(&s->lock);
    return now;
}

bool status_memory_trusted(struct status_service *s)
{
    return status_uptime() < atomic_load_explicit(&s->trusted_until, memory_order_acquire);
}

void status_complain(struct status_service *s, const char *code, const char *message, const struct rfd_error *error)
{
    int64_t now = status_uptime();
    int64_t before = atomic_load(&s->complained);
    if (before != 0 && now - before < 1000000) return;
    if (atomic_compare_exchange_strong(&s->complained, &before, now)) log_failure(LOG_WARNING, code, message, error);
}

/** No two processes ever have the same: who was taken for dead must not be mistaken for his successor. */
static void name_node(struct status_service *s, const char *beginning)
{
    uint8_t random[8] = {0};
    char host[40] = "";
    uint8_t text[2 * sizeof random];
    (void)!getrandom(random, sizeof random, 0);
    (void)gethostname(host, sizeof host - 1);
    number_to_hex(slice_of(random, sizeof random), false, text);
    (void)snprintf(s->node, sizeof s->node, "%s:%s:%ld:%.*s", beginning, host, (long)getpid(), (int)sizeof text,
                   (const char *)text);
}

rfd_status status_new(const struct settings *settings, struct store *store, struct keeper_client *signers,
                      struct status_service **out, struct rfd_error *error)
{
    struct status_service *s = memory_zeroed(1, sizeof *s);
    if (s == NULL) return error_memory(error);
    *s = (struct status_service){.settings = settings, .store = store, .signers = signers, .clock = {.chrony = -1}};
    (void)pthread_mutex_init(&s->lock, NULL);
    name_node(s, "status");
    rfd_status status = ocsp_memory_new((uint64_t)settings->status.memory_megabytes * MEGABYTE, &s->memory, error);
    if (status == RFD_OK) status = known_new(&s->known, error);
    if (status == RFD_OK) status = status_lists_new(store, &s->lists, error);
    if (status == RFD_OK) status = status_log_new(store, &s->log, error);
    if (status == RFD_OK)
        status = trusted_clock_open(&s->clock, settings->status.clock, settings->status.clock_bound_ms, error);
    if (status == RFD_OK) {
        *out = s;
        s = NULL;
    }
    status_free(s);
    return status;
}

rfd_status status_succeed(struct status_service *service, const char *name, struct rfd_error *error)
{
    char beginning[STATUS_NODE_SIZE];
    if (snprintf(beginning, sizeof beginning, "%s:", name) > STATUS_NAME_MAXIMUM)
        return error_set(error, RFD_E_ARGUMENT, "the name of a status process");
    TRY(authority_nodes_gone(service->store, slice_text(beginning), error));
    name_node(service, name);
    return RFD_OK;
}

void status_free(struct status_service *service)
{
    if (service == NULL) return;
    status_stop(service);
    ocsp_memory_free(service->memory);
    known_free(service->known);
    status_lists_free(service->lists);
    status_log_free(service->log);
    status_authorities_release(service->authorities);
    trusted_clock_close(&service->clock);
    (void)pthread_mutex_destroy(&service->lock);
    memory_free(service);
}

rfd_status status_start(struct status_service *service, struct rfd_error *error)
{
    sigset_t all;
    sigset_t before;
    if (service->follows) return error_set(error, RFD_E_ARGUMENT, "the service was started before");
    atomic_store(&service->stopping, false);
    (void)sigfillset(&all); /* signals are for other threads */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    service->follows = pthread_create(&service->follower, NULL, status_follow, service) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return service->follows ? RFD_OK : error_set(error, RFD_E_INTERNAL, "no thread to follow changes with");
}

/** The signers' answers come by a thread that the keeper's client has: all of them are waited for. */
void status_stop(struct status_service *service)
{
    enum { POLL = 5000 };
    if (!service->follows) return;
    atomic_store(&service->stopping, true);
    (void)pthread_join(service->follower, NULL);
    service->follows = false;
    atomic_store(&service->trusted_until, 0);
    while (atomic_load(&service->asked) > 0) (void)usleep(POLL);
}

const struct http_route *status_routes(size_t *count)
{
    static const struct http_route routes[] = {
        {HTTP_GET, "/ocsp/{request*}", 0, HTTP_IMMEDIATE, status_ocsp_get, "ocsp"},
        {HTTP_POST, "/ocsp", OCSP_BODY_MAXIMUM, HTTP_IMMEDIATE, status_ocsp_post, "ocsp"},
        {HTTP_POST, "/tsa", TSA_BODY_MAXIMUM, HTTP_IMMEDIATE, status_tsa_post, "tsa"},
        {HTTP_GET, "/crl/{file}", 0, 0, status_crl_get, "crl"},
        {HTTP_GET, "/ca/{file}", 0, HTTP_IMMEDIATE, status_certificate_get, "ca"},
        {HTTP_GET, "/log/v1/head", 0, 0, status_log_head_get, "log"},
        {HTTP_GET, "/log/v1/key", 0, 0, status_log_key_get, "log"},
        {HTTP_GET, "/log/v1/proof", 0, 0, status_log_proof_get, "log"},
        {HTTP_GET, "/log/v1/consistency", 0, 0, status_log_consistency_get, "log"},
        {HTTP_GET, "/log/v1/leaves", 0, 0, status_log_leaves_get, "log"},
        {HTTP_GET, "/health/live", 0, HTTP_IMMEDIATE, http_observe_live, "health"},
        {HTTP_GET, "/health/ready", 0, HTTP_IMMEDIATE, status_ready_get, "health"},
    };
    *count = sizeof routes / sizeof *routes;
    return routes;
}
