/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/observe.h"

#include "base/log.h"
#include "base/metrics.h"
#include "http/connection.h"
#include "http/response.h"

#include <stdatomic.h>

enum { FAILURE_PAUSE = 1000 * 1000 /* microseconds between two lines about failures */ };

static void count(const struct http_log *log)
{
    if (log->status < 100 || log->status >= 600) return;
    metrics_add_row(METRIC_HTTP_REQUESTS, (unsigned)log->status / 100 - 1, 1);
    metrics_time(METRIC_HTTP_TIME, log->duration);
}

static void tell(const struct http_log *log)
{
    const struct http_request *r = log->request;
    char client[HTTP_NETWORK_SIZE];
    enum log_level level = log->status >= 500 && log->status != 503 ? LOG_WARNING : LOG_INFO;
    if (!log_wanted(level)) return;
    log_event(level, "http", log->status == 0 ? "the client went before the answer" : "answered",
              LOG_TEXT("request", r->id), LOG_TEXT("client", http_address_network_text(&r->client, client)),
              LOG_TEXT("method", http_method_name(r->method)),
              LOG_TEXT("route", r->route == NULL ? "-" : r->route->name), LOG_NUMBER("status", log->status),
              LOG_TEXT("error", rfd_status_name(log->error)), LOG_NUMBER("microseconds", log->duration),
              LOG_NUMBER("received", log->body_bytes), LOG_NUMBER("sent", log->answer_bytes),
              LOG_TEXT("complete", log->complete ? "yes" : "no"));
}

void http_observe_request(void *context, const struct http_log *log)
{
    (void)context;
    count(log);
    tell(log);
}

void http_observe_failure(void *context, const struct http_log *log)
{
    static _Atomic int64_t last_line; /* of all listeners of the process */
    (void)context;
    count(log);
    if (log->status < 500) return;
    int64_t now = connection_now();
    int64_t last = atomic_load(&last_line);
    if (now - last >= FAILURE_PAUSE && atomic_compare_exchange_strong(&last_line, &last, now)) tell(log);
}

void http_observe_event(void *context, enum http_event event)
{
    /* The order of the label's values in metrics.def, from 1; 0: not counted there. */
    static const unsigned rows[HTTP_EVENT_COUNT] = {
        [HTTP_EVENT_REFUSED_NETWORK] = 1, [HTTP_EVENT_REFUSED_FULL] = 2, [HTTP_EVENT_CUT_HEADER] = 3,
        [HTTP_EVENT_CUT_BODY] = 4,        [HTTP_EVENT_CUT_ANSWER] = 5,   [HTTP_EVENT_BUSY] = 6,
    };
    (void)context;
    if (rows[event] > 0) metrics_add_row(METRIC_HTTP_REFUSED, rows[event] - 1, 1);
}

rfd_status http_observe_live(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error)
{
    (void)request, (void)context, (void)error;
    http_response_text(response, 200, SLICE("alive\n"));
    return RFD_OK;
}
