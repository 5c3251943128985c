/* SPDX-License-Identifier: EUPL-1.2 */
#include "http/observe.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/metrics.h"
#include "http/response.h"

enum { METRICS_LONGEST = 1 << 20 };

rfd_status http_metrics_handler(struct http_request *request, struct http_response *response, void *context,
                                struct rfd_error *error)
{
    const struct http_observed *observed = context;
    struct buf text;
    buf_init(&text, METRICS_LONGEST);
    metrics_write(observed->process, &text);
    rfd_status status = buf_check(&text, "the metrics", error);
    slice copy = status == RFD_OK ? arena_copy(request->arena, buf_slice(&text)) : SLICE_EMPTY;
    buf_dispose(&text);
    if (status != RFD_OK) return status;
    if (copy.data == NULL) return arena_failed(request->arena, error);
    http_response_cache(response, HTTP_NO_STORE, 0);
    http_response_body(response, "application/openmetrics-text; version=1.0.0; charset=utf-8", copy);
    return RFD_OK;
}

static void say(struct http_response *response, int status, slice text)
{
    response->status = status;
    http_response_cache(response, HTTP_NO_STORE, 0);
    http_response_body(response, "text/plain; charset=utf-8", text);
}

rfd_status http_live_handler(struct http_request *request, struct http_response *response, void *context,
                             struct rfd_error *error)
{
    (void)request;
    (void)context;
    (void)error;
    say(response, 200, SLICE("alive\n"));
    return RFD_OK;
}

rfd_status http_ready_handler(struct http_request *request, struct http_response *response, void *context,
                              struct rfd_error *error)
{
    const struct http_observed *observed = context;
    const char *why = "not ready";
    if (observed->ready == NULL || observed->ready(observed->context, &why)) {
        say(response, 200, SLICE("ready\n"));
        return RFD_OK;
    }
    const char *text = arena_print(request->arena, "%s\n", why);
    if (text == NULL) return arena_failed(request->arena, error);
    say(response, 503, slice_text(text));
    return RFD_OK;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/metrics", 0, HTTP_IMMEDIATE, http_metrics_handler, "metrics"},
    {HTTP_GET, "/health/live", 0, HTTP_IMMEDIATE, http_live_handler, "live"},
    {HTTP_GET, "/health/ready", 0, HTTP_IMMEDIATE, http_ready_handler, "ready"},
};

struct http_observer {
    struct http_observed observed;
    struct http_router *router;
    struct http_listener *listener;
};

rfd_status http_observer_start(const char *const *addresses, size_t count, const struct http_observed *observed,
                               struct http_observer **out, struct rfd_error *error)
{
    rfd_status status = RFD_OK;
    struct http_observer *observer = memory_zeroed(1, sizeof *observer);
    if (observer == NULL) return error_memory(error);
    observer->observed = *observed;
    TRY_OUT(http_router_new(routes, sizeof routes / sizeof *routes, &observer->router, error));
    const struct http_options options = {
        .addresses = addresses,
        .address_count = count,
        .router = observer->router,
        .context = &observer->observed,
        .threads = 1,
        .workers = 1,
        .connections = 64,
    };
    TRY_OUT(http_listener_start(&options, &observer->listener, error));
    *out = observer;
    observer = NULL;
out:
    http_observer_stop(observer);
    return status;
}

uint16_t http_observer_port(const struct http_observer *observer)
{
    return http_listener_port(observer->listener, 0);
}

void http_observer_stop(struct http_observer *observer)
{
    if (observer == NULL) return;
    http_listener_stop(observer->listener, 1);
    http_router_free(observer->router);
    memory_free(observer);
}

void http_observe_request(void *context, const struct http_log *log)
{
    const struct http_request *r = log->request;
    char client[HTTP_NETWORK_SIZE];
    (void)context;
    if (log->status >= 100 && log->status < 600) {
        metrics_add_row(METRIC_HTTP_REQUESTS, (unsigned)log->status / 100 - 1, 1);
        metrics_time(METRIC_HTTP_TIME, log->duration);
    }
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
