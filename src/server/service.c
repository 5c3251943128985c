/* SPDX-License-Identifier: EUPL-1.2 */
#include "server/service.h"

#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"

#include <stdatomic.h>

enum { COMPLAINT_PAUSE = 1000 /* milliseconds between two lines about failed requests */ };

/* METRIC_HTTP_REFUSED's labels: network|full|header|body|answer|busy. */
static void count_event(void *context, enum http_event event)
{
    static const int rows[HTTP_EVENT_COUNT] = {
        [HTTP_EVENT_REFUSED_NETWORK] = 1, [HTTP_EVENT_REFUSED_FULL] = 2, [HTTP_EVENT_CUT_HEADER] = 3,
        [HTTP_EVENT_CUT_BODY] = 4,        [HTTP_EVENT_CUT_ANSWER] = 5,   [HTTP_EVENT_BUSY] = 6};
    (void)context;
    if (rows[event] > 0) metrics_add_row(METRIC_HTTP_REFUSED, (unsigned)rows[event] - 1, 1);
}

static void log_line(enum log_level level, const struct http_log *entry)
{
    char client[HTTP_ADDRESS_SIZE];
    const struct http_request *r = entry->request;
    log_event(level, "http", level == LOG_WARNING ? "a request failed; the error says on what" : "request",
              LOG_TEXT("route", r->route == NULL ? "-" : r->route->name), LOG_TEXT("request", r->id),
              LOG_TEXT("client", http_address_text(&r->client, client)), LOG_NUMBER("status", entry->status),
              LOG_TEXT("error", entry->error == RFD_OK ? "" : rfd_status_name(entry->error)),
              LOG_NUMBER("microseconds", entry->duration));
}

static void measure(const struct http_log *entry)
{
    if (entry->status >= 100 && entry->status < 600)
        metrics_add_row(METRIC_HTTP_REQUESTS, (unsigned)entry->status / 100 - 1, 1);
    metrics_time(METRIC_HTTP_TIME, entry->duration);
}

static void log_every(void *context, const struct http_log *entry)
{
    (void)context;
    measure(entry);
    log_line(entry->status >= 500 ? LOG_WARNING : LOG_INFO, entry);
}

/** What the internet sends would fill any log; one line a second tells that something is wrong. */
static void log_failed(void *context, const struct http_log *entry)
{
    static _Atomic int64_t last_line;
    (void)context;
    measure(entry);
    if (entry->status < 500) return;
    int64_t now = channel_clock();
    int64_t last = atomic_load(&last_line);
    if (now - last >= COMPLAINT_PAUSE && atomic_compare_exchange_strong(&last_line, &last, now))
        log_line(LOG_WARNING, entry);
}

rfd_status service_start(struct service *service, const struct role *role, const struct http_route *routes,
                         size_t count, bool log_all, struct http_options *options, struct rfd_error *error)
{
    if (role->listener_count == 0) return RFD_OK;
    TRY(http_router_new(routes, count, &service->router, error));
    options->addresses = role->listen;
    options->address_count = role->listener_count;
    options->router = service->router;
    options->log = log_all ? log_every : log_failed;
    options->count = count_event;
    return http_listener_start(options, &service->listener, error);
}

void service_stop(struct service *service)
{
    if (service->listener != NULL) http_listener_stop(service->listener, ROLE_STOP_SECONDS);
    http_router_free(service->router);
    *service = (struct service){0};
}
